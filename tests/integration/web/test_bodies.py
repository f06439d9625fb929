"""Bodies on their way in: in pieces, and of all those without an account only so much at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.types import Message, Receive, Scope, Send
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from registry.access.viewer import OPEN, Viewer
from registry.web import bodies
from registry.web.bodies import PIECE, SMALL, TOGETHER, BoundedBodies
from registry.web.failures import STATUS, Refused
from registry.web.viewing import set_viewer
from tests.support.live_server import live_server
from tests.support.websocket_client import subscribe, talk
from tools.waiting import PATIENCE, wait_for

SOMEBODY = Viewer(account="zhang")
NOBODY = Viewer()
MIB = 1 << 20


class Received:
    """An application that holds what it is sent until it is told to answer, behind the bound."""

    def __init__(self) -> None:
        self.pieces: list[int] = []
        self.held = self.most = 0
        self.answer = asyncio.Event()
        self._app = BoundedBodies(self._take)

    async def _take(self, _: Scope, receive: Receive, __: Send) -> None:
        more, own = True, 0
        try:
            while more:
                message = await receive()
                self.pieces.append(len(message["body"]))
                own += len(message["body"])
                self.held += len(message["body"])
                self.most = max(self.most, self.held)
                more = message["more_body"]
            await self.answer.wait()
        finally:
            self.held -= own

    async def settled(self) -> None:
        """Return when nothing comes any more: all is refused, or there and waiting for its answer."""
        came = -1
        while came != len(self.pieces):
            came = len(self.pieces)
            for _ in range(100):
                await asyncio.sleep(0)

    async def send(self, who: Viewer, size: int, at_once: int = 256 * 1024) -> None:
        """Send a body in chunks as the connection reads them, and wait for its end. Raises Refused."""
        scope: Scope = {"type": "http"}
        set_viewer(scope, who)
        chunks = [min(at_once, size - start) for start in range(0, size, at_once)]

        async def receive() -> Message:
            await asyncio.sleep(0)
            body = b"x" * chunks.pop()
            return {"type": "http.request", "body": body, "more_body": bool(chunks)}

        async def nothing(_: Message) -> None:
            pass

        await self._app(scope, receive, nothing)


def outcome(task: asyncio.Task[None]) -> str:
    error = task.exception()
    return error.code if isinstance(error, Refused) else "taken"


def test_what_nobody_known_sends_together_is_bounded_and_small_bodies_pass() -> None:
    async def try_it() -> None:
        app = Received()
        large = [asyncio.create_task(app.send(NOBODY, 16 * MIB)) for _ in range(200)]
        await app.settled()
        refused = [task for task in large if task.done()]
        assert {outcome(task) for task in refused} == {"overloaded"}
        assert app.most <= TOGETHER + 200 * (SMALL + 256 * 1024)
        assert 0 < app.held <= TOGETHER + 4 * SMALL
        beside = [asyncio.create_task(app.send(NOBODY, SMALL)) for _ in range(50)]
        known = [asyncio.create_task(app.send(who, 16 * MIB)) for who in (SOMEBODY, OPEN)]
        await app.settled()
        app.answer.set()
        await asyncio.gather(*beside, *known)  # none of them is refused
        await asyncio.wait(large)
        assert len(refused) < 200
        await asyncio.gather(*(app.send(NOBODY, TOGETHER // 4) for _ in range(4)))  # all that was held is let go

    asyncio.run(try_it())
    assert STATUS["overloaded"] == 503


def test_bodies_come_in_pieces_that_are_whole_together() -> None:
    async def sizes(size: int, at_once: int) -> list[int]:
        app = Received()
        app.answer.set()
        await app.send(NOBODY, size, at_once)
        return app.pieces

    for size, at_once in ((1, 1), (PIECE, PIECE), (PIECE + 1, PIECE + 1), (5 * PIECE + 7, 3 * PIECE), (MIB, MIB)):
        pieces = asyncio.run(sizes(size, at_once))
        assert sum(pieces) == size
        assert max(pieces) <= PIECE


@pytest.fixture
def address(module_database: Callable[[], str]) -> Iterator[str]:
    with live_server(module_database()) as base:
        yield base


def test_half_messages_of_all_sockets_together_are_bounded(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "TOGETHER", 2 * MIB)
    half = b'{"type": "ping", "payload": "' + b"x" * (MIB - 200_000)
    codes: list[int | None] = []
    with ExitStack() as stack:
        sockets = [stack.enter_context(talk(address)) for _ in range(4)]
        for socket in sockets:
            with socket.send_context():
                socket.protocol.send_text(half, fin=False)
        wait_for(lambda: any(socket.protocol.state is State.CLOSED for socket in sockets))
        for socket in sockets:
            socket.close(4000)
            codes.append(socket.close_code)
    assert 1 <= codes.count(1013) <= 3
    monkeypatch.undo()
    with talk(address) as socket:
        subscribe(socket, "{ log { size } }")
        assert "data" in json.loads(socket.recv(PATIENCE))["payload"]


def test_a_message_has_a_bound_of_its_own(address: str) -> None:
    with talk(address) as socket:
        socket.send(json.dumps({"type": "ping", "payload": {"x": "x" * bodies.MESSAGE}}))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
