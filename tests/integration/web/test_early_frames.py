"""Frames that come before the handshake is answered: what is none ends the connection, and nothing is raised."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.server import ServerState

from registry.web.bodies import BoundedSocket

HEAD: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Wire(asyncio.Transport):
    """What is written to a client, and whether the connection is closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def test_a_frame_that_is_none_before_the_handshake_is_answered_ends_the_connection() -> None:
    heard: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while not heard or heard[-1] != "websocket.disconnect":
            heard.append((await receive())["type"])

    async def run() -> Wire:
        config = uvicorn.Config(application, lifespan="off", log_config=None)
        config.load()
        wire = Wire()
        socket = BoundedSocket(config, ServerState(), {})
        socket.connection_made(wire)
        socket.data_received(HEAD)
        socket.data_received(b"\xff\xff")
        async with asyncio.timeout(10):
            while "websocket.disconnect" not in heard:
                await asyncio.sleep(0)
        return wire

    assert asyncio.run(run()).closed
    assert heard == ["websocket.connect", "websocket.disconnect"]
