"""A visitor of the pages with a browser's cookies, who fills in forms as they are shown; in process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher

from registry.access import passwords
from tests.support.api_client import Api

HTML = {"accept": "text/html", "accept-language": "zh"}
PASSWORD = "三只山羊慢慢走过独木桥"  # of every account that tests make, unless they say otherwise


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Passwords are hashed by argon2id still, but with parameters that cost nothing."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "hasher", lambda: quick)
        yield


class Visitor:
    """Somebody at an address, on this machine or elsewhere."""

    def __init__(self, api: Api, base: str = "http://localhost", address: str = "127.0.0.1", **headers: str) -> None:
        self._api = api
        transport = httpx.ASGITransport(api.app, client=(address, 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=base, headers=HTML | headers)
        self.page = ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._kept(self._api.runner.run(self.client.get(path, headers=headers)))

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Send a form with the token that the last page has."""
        token = re.search(r'name="token" value="([^"]+)"', self.page)
        files = {name: (None, value) for name, value in ({"token": token[1] if token else ""} | fields).items()}
        return self._kept(self._api.runner.run(self.client.post(path, files=files, headers=headers)))

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self._api.runner.run(self.client.request(method, path, **request))

    def ask(self, query: str, **headers: str) -> Any:
        headers = {"accept": "application/json"} | headers
        return self.send("POST", "/graphql", json={"query": query}, headers=headers).json()

    def log_in(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        self.get("/login")
        return self.post("/login", name=name, password=password, **more)

    def note(self) -> str:
        """What the last page says of what was sent."""
        shown = re.search(r'<p class="note" id="(?:note|done)"[^>]*>(.*?)</p>', self.page, re.DOTALL)
        return unescape(shown[1]) if shown else ""

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.client.cookies.jar}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = answer.text
        return answer
