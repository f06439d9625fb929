"""Bodies of requests on their way in: a little at a time, and of all who have no account together only so much.

What a client sends is kept until all of it is there. Who has no account can be anybody, from anywhere, as often as
there are connections: their bodies share a bound, beyond the first bytes, which a log-in or a question needs. Forms are
taken apart on the event loop as they come; a piece is what it can do at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from registry.web.failures import Refused
from registry.web.viewing import viewer_of

PIECE: Final = 16 * 1024  # bytes
SMALL: Final = 64 * 1024  # bytes of a body that are not counted
TOGETHER: Final = 64 * 1024 * 1024  # bytes of all bodies of those without an account, in one process
MESSAGE: Final = 1024 * 1024  # bytes of a WebSocket's message: a question with its variables is shorter
_MIB: Final = TOGETHER >> 20


class Holding:
    """How many bytes are held for all that share a bound."""

    def __init__(self) -> None:
        self.bytes = 0

    def changed(self, before: int, after: int) -> bool:
        """Count that a body was of one length and is of another. Whether there is room for it."""
        more = max(0, after - SMALL) - max(0, before - SMALL)
        self.bytes += more
        return more <= 0 or self.bytes <= TOGETHER


class BoundedBodies:
    """ASGI middleware: gives the application bodies in pieces, and refuses what is too much."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._holding = app, Holding()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        viewer = viewer_of(scope)
        counted = viewer.account is None and not viewer.open
        size, pieces = 0, deque[Message]()

        async def receiving() -> Message:
            nonlocal size
            if pieces:
                await asyncio.sleep(0)  # others are answered meanwhile
                return pieces.popleft()
            message = await receive()
            body: bytes = message.get("body", b"")
            if counted and body:
                before, size = size, size + len(body)
                if not self._holding.changed(before, size):
                    raise _too_much()
            if len(body) <= PIECE:
                return message
            last = len(body) - PIECE
            for start in range(0, len(body), PIECE):
                more = start < last or message.get("more_body", False)
                pieces.append({**message, "body": body[start : start + PIECE], "more_body": more})
            return pieces.popleft()

        try:
            await self._app(scope, receiving, send)
        finally:
            self._holding.changed(size, 0)


class BoundedSocket(WebSocketsSansIOProtocol):
    """A WebSocket of uvicorn's, which ends where all of them together hold too much of what has not come whole."""

    holding: Final = Holding()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._held = 0

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a message."""
        super().data_received(data)
        before, self._held = self._held, len(self.conn.reader.buffer) + sum(map(len, self.frames))
        if not self.holding.changed(before, self._held):
            self.conn.fail(1013, "Too much at once")  # try again later
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def handle_parser_exception(self) -> None:
        """Let go of who sends what is none. Before the handshake is answered there is nobody to say so to."""
        if self.conn.close_sent is not None:
            super().handle_parser_exception()
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self.close_sent = True
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.holding.changed(self._held, 0)
        self._held = 0
        super().connection_lost(exc)


def _too_much() -> Refused:
    return Refused(
        "overloaded",
        f"没有账号的人正在发送的内容合计超过 {_MIB} MiB，请稍后再发；登录后不受此限。",
        f"Those without an account are sending more than {_MIB} MiB in all: send it later, or log in.",
        headers={"Retry-After": "30", "Connection": "close"},
    )
