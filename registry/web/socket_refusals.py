"""A WebSocket's handshake answered like a request that cannot be answered: with a status and a code."""

from __future__ import annotations

import orjson
from starlette.types import Scope, Send
from uvicorn.protocols.utils import ClientDisconnected

from registry.telemetry import requests
from registry.web.problems import presented, problem


def request_id_header(scope: Scope) -> tuple[bytes, bytes]:
    """The id that every answer has; where nothing that is observed has given one yet, the proxy's or a new one."""
    under_way = requests.current()
    if under_way is not None:
        return requests.HEADER, under_way.id.encode()
    given = next((value for name, value in scope["headers"] if name == requests.HEADER), None)
    return requests.HEADER, requests.request_id(given).encode()


async def refuse_socket(scope: Scope, send: Send, status: int, code: str, zh: str, en: str, *, wait: int = 0) -> None:
    """Refuse the handshake. `wait`: the seconds until it may be tried again, where that is known."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        return await send({"type": "websocket.close", "code": 1008})
    body = orjson.dumps({"errors": [presented(problem(code, zh, en))]})
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        request_id_header(scope),
        *([(b"retry-after", str(wait).encode())] if wait else []),
    ]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
    raise ClientDisconnected  # else uvicorn logs that the handshake was not completed
