"""The API in process: the ASGI application over a test's database, asked through httpx."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from registry.web import application


@dataclass(frozen=True)
class Api:
    """The application, and a client of it."""

    client: httpx.AsyncClient
    runner: asyncio.Runner
    app: Any

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **request))

    def settled(self, answer: httpx.Response, **request: Any) -> httpx.Response:
        """Where a form's answer leads in the end, once what it began in the background is done."""
        while answer.status_code == 303:
            address = answer.headers["location"]
            answer = self.send("GET", address, **request)
            while address.startswith("/work/") and answer.status_code == 200 and "<progress" in answer.text:
                answer = self.send("GET", address, **request)
        return answer

    def post(self, query: str, **variables: Any) -> httpx.Response:
        return self.send("POST", "/graphql", json={"query": query, "variables": variables})

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an answer that has no errors."""
        answer = self.post(query, **variables).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """The extensions of the one error that a question gets; every error has what a client needs."""
        response = self.post(query, **variables)
        assert response.status_code < 500, response.text
        (error,) = response.json()["errors"]
        extensions = error["extensions"]
        assert error["message"]
        assert all(extensions["message"][language] for language in ("zh", "en"))
        assert all(extensions["hint"][language] for language in ("zh", "en"))
        return extensions


@contextmanager
def api(url: str) -> Iterator[Api]:
    """The application over this database, with its lifespan: closed at the end."""
    app = application(url)
    with asyncio.Runner() as runner:
        to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

        async def start() -> asyncio.Task[None]:
            to_app.put_nowait({"type": "lifespan.startup"})
            task = asyncio.ensure_future(app({"type": "lifespan"}, to_app.get, from_app.put))
            assert (await from_app.get())["type"] == "lifespan.startup.complete"
            return task

        async def stop(task: asyncio.Task[None], client: httpx.AsyncClient) -> None:
            await client.aclose()
            to_app.put_nowait({"type": "lifespan.shutdown"})
            await task

        task = runner.run(start())
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://registry")
        try:
            yield Api(client, runner, app)
        finally:
            runner.run(stop(task, client))
