"""One request to the application in the same event loop; a feed is read up to its first page, all there is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message


class Answered(NamedTuple):
    """What was answered: a status, headers, the body as far as it was read."""

    status: int
    headers: Headers
    body: bytes


async def answer_to(app: ASGIApp, method: str, address: str, headers: Mapping[str, str], body: bytes = b"") -> Answered:
    """The answer to a request. Of a feed, whose first message says where it begins, what comes with the second."""
    path, _, query = address.partition("?")
    scope = _scope("http", path, query, headers) | {"method": method, "scheme": "http"}
    came: list[Message] = []
    enough = asyncio.Event()
    request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if request:
            return request.pop()
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        came.append(message)
        if len(came) > 2 or not message.get("more_body", True):
            enough.set()

    await app(scope, receive, send)
    start = came[0]
    text = b"".join(message.get("body", b"") for message in came[1:])
    return Answered(start["status"], Headers(raw=start["headers"]), text)


async def let_in(app: ASGIApp, path: str, headers: Mapping[str, str], subprotocol: str) -> bool:
    """Whether a WebSocket is accepted."""
    scope = _scope("websocket", path, "", headers) | {"scheme": "ws", "subprotocols": [subprotocol]}
    sent: list[Message] = []
    coming: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["type"] == "websocket.accept"


def _scope(kind: str, path: str, query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    given = {"host": "localhost", **headers}
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "path": unquote(path),
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("registry", 80),
    }
