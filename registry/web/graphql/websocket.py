"""GraphQL over WebSocket by the protocol graphql-transport-ws: subscriptions, and whatever else is asked.

The protocol and its close codes: github.com/enisdenjo/graphql-ws, PROTOCOL.md. Errors of an operation
are those of HTTP, with code, sentences and hint.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import orjson

from registry.web.problems import presented, problem

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
# The answers to an operation: (query, variables, operation name) -> `data`, `errors` or both, once or again and again.
Answers = Callable[[str, dict[str, Any], str | None], AsyncIterator[dict[str, Any]]]

PROTOCOL: Final = "graphql-transport-ws"
PATIENCE: Final = 10.0  # seconds within which a client says connection_init
SLOW: Final = 60.0  # seconds that a client may take for one message
OPERATIONS: Final = 50  # at once on one connection


class Closed(Exception):
    """The protocol wants the connection closed, with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve(answers: Answers, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection until either side ends it."""
    if (await receive())["type"] != "websocket.connect":
        return
    if scope["path"] != "/graphql" or not _from_here(scope):
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
        return
    if PROTOCOL not in scope["subprotocols"]:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 4406, "reason": "Subprotocol not acceptable"})
        return
    await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
    talk = Talk(answers, send)
    try:
        await talk.listen(receive)
    except Closed as closed:
        await send({"type": "websocket.close", "code": closed.code, "reason": closed.reason})
    finally:
        await talk.end()


def _from_here(scope: Scope) -> bool:
    """Pages of other sites may open a WebSocket, and no browser asks whether they may: their Origin tells."""
    headers: dict[bytes, str] = {name: value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin).netloc == headers.get(b"host")


class Talk:
    """One connection: what was said so far, and the operations under way by their ids."""

    def __init__(self, answers: Answers, send: Send) -> None:
        self._answers = answers
        self._send = send
        self._acknowledged = False
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def listen(self, receive: Receive) -> None:
        """Take messages until the client leaves or one of its operations cannot go on. Raises Closed."""
        first = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                async with asyncio.timeout_at(None if self._acknowledged else first):
                    event = await receive()
            except TimeoutError:
                raise Closed(4408, "Connection initialisation timeout") from None
            if event["type"] == "websocket.disconnect":
                return
            await self._take(_message(event))

    async def end(self) -> None:
        """Stop what is under way."""
        under_way = list(self._operations.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "connection_init":
            if self._acknowledged:
                raise Closed(4429, "Too many initialisation requests")
            self._acknowledged = True
            await self._say({"type": "connection_ack"})
        elif kind == "ping":
            await self._say({"type": "pong"})
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "complete":
            task = self._operations.pop(str(message.get("id")), None)
            if task is not None:
                task.cancel()
        elif kind != "pong":
            raise Closed(4400, "Invalid message")

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise Closed(4401, "Unauthorized")
        key, payload = message.get("id"), _object(message.get("payload"))
        query = payload.get("query")
        name: Any = payload.get("operationName")
        variables: Any = payload.get("variables") or {}
        right = isinstance(variables, dict) and (name is None or isinstance(name, str))
        if not isinstance(key, str) or not key or not isinstance(query, str) or not right:
            raise Closed(4400, "Invalid message")
        if key in self._operations:
            raise Closed(4409, f"Subscriber for {key[:80]} already exists")
        if len(self._operations) >= OPERATIONS:
            zh, en = (
                f"一个连接同时最多 {OPERATIONS} 个操作。",
                f"At most {OPERATIONS} operations at once on a connection.",
            )
            await self._say({"id": key, "type": "error", "payload": [presented(problem("too-costly", zh, en))]})
            return
        task = asyncio.create_task(self._operate(key, query, cast("dict[str, Any]", variables), name))
        self._operations[key] = task

    async def _operate(self, key: str, query: str, variables: dict[str, Any], name: str | None) -> None:
        """Tell the answers of an operation, one after the other."""
        try:
            async for answer in self._answers(query, variables, name):
                if "data" not in answer:
                    self._operations.pop(key, None)
                    await self._say({"id": key, "type": "error", "payload": answer["errors"]})
                    return
                await self._say({"id": key, "type": "next", "payload": answer})
            self._operations.pop(key, None)
            await self._say({"id": key, "type": "complete"})
        except TimeoutError:  # the client does not read: it may come back and go on where it was
            await self._send({"type": "websocket.close", "code": 1013, "reason": "Too slow"})
        except OSError:  # the client has left
            return
        finally:
            if self._operations.get(key) is asyncio.current_task():
                del self._operations[key]

    async def _say(self, message: dict[str, Any]) -> None:
        async with asyncio.timeout(SLOW):  # waits where the client does not keep up
            await self._send({"type": "websocket.send", "text": orjson.dumps(message).decode()})


def _message(event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _object(orjson.loads(event.get("text") or ""))
    except orjson.JSONDecodeError:
        raise Closed(4400, "Invalid message") from None


def _object(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Closed(4400, "Invalid message")
    return cast("dict[str, Any]", given)
