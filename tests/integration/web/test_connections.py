"""What connections may hold, over a real socket: long heads, requests that never end, answers that nobody reads."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from registry.web import connections
from tests.support.live_server import live_server
from tests.support.waiting import PATIENCE, wait_for


@pytest.fixture(scope="module")
def address(module_database: Callable[[], str]) -> Iterator[tuple[str, int]]:
    with live_server(module_database()) as base:
        parts = urlsplit(base)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


@contextmanager
def opened(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        yield connection


def answer(connection: socket.socket) -> bytes:
    """All that the server says until it closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:  # it closed while we were still sending
        pass
    return b"".join(parts)


def healthy(address: tuple[str, int]) -> bool:
    with opened(address) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return answer(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /" + b"a" * 400_000, id="an address"),
        pytest.param(b"GET /health HTTP/1.1\r\nA: " + b"a" * 400_000, id="a header"),
        pytest.param(b"GET /health HTTP/1.1\r\n" + b"A: a\r\n" * 70_000, id="many headers"),
    ],
)
def test_a_head_that_is_too_long_is_refused(address: tuple[str, int], head: bytes) -> None:
    with opened(address) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head)
        received = answer(connection)
    assert received == b"" or received.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))
    assert healthy(address)


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /health HT", id="half a line"),
        pytest.param(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n"
                     b"Content-Type: application/json\r\n\r\n{", id="half a body"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_go_on_is_ended(
    address: tuple[str, int], beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.5)
    with opened(address) as connection:
        connection.sendall(beginning)
        received = answer(connection)  # it would wait for ever
    assert received.startswith(b"HTTP/1.1 408")
    assert "请求迟迟没有发完" in received.decode()


def test_a_head_in_drops_is_ended_as_well(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.6)
    with opened(address) as connection:
        ended = False
        for drop in range(200):
            try:
                connection.sendall(b"GET /" if drop == 0 else b"a")
            except (BrokenPipeError, ConnectionResetError):
                ended = True
                break
            time.sleep(0.05)
    assert ended


def test_a_client_is_not_blamed_for_the_time_in_which_the_server_stood_still(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 2.0)
    loops: list[asyncio.AbstractEventLoop] = []
    take_in = connections.BoundedConnection.connection_made

    def taking_in(self: connections.BoundedConnection, transport: object) -> None:
        loops.append(self.loop)
        take_in(self, transport)

    monkeypatch.setattr(connections.BoundedConnection, "connection_made", taking_in)
    with opened(address) as connection:
        connection.sendall(b"GET /health HT")
        wait_for(lambda: loops)
        over = threading.Event()
        loops[0].call_soon_threadsafe(lambda: (time.sleep(3.0), over.set()))
        assert over.wait(PATIENCE)
        time.sleep(0.1)  # until it has looked at its connections again
        connection.sendall(b"TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = answer(connection)
    assert received.startswith(b"HTTP/1.1 200")


def test_more_connections_than_there_is_room_for_are_told_so(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CONNECTIONS", 3)
    held = [socket.create_connection(address, timeout=PATIENCE) for _ in range(3)]
    try:
        with opened(address) as connection:
            received = answer(connection)
        assert received.startswith(b"HTTP/1.1 503")
        assert "连接过多" in received.decode()
    finally:
        for connection in held:
            connection.close()
    wait_for(lambda: healthy(address))


def test_one_address_takes_not_all_the_room_unless_many_come_through_it(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "OF_ADDRESS", 2)
    with ExitStack() as stack:
        held = [stack.enter_context(opened(address)) for _ in range(5)]  # from this machine: not counted
        assert healthy(address)
        monkeypatch.setattr(connections, "on_this_machine", lambda _: False)
        held += [stack.enter_context(opened(address)) for _ in range(2)]
        with opened(address) as one_more:
            assert answer(one_more).startswith(b"HTTP/1.1 503")
        monkeypatch.setenv("REGISTRY_PROXIES", "10.0.0.1, 127.0.0.0/8")
        assert healthy(address)
        monkeypatch.delenv("REGISTRY_PROXIES")
        with opened(address) as one_more:
            assert answer(one_more).startswith(b"HTTP/1.1 503")
    wait_for(lambda: healthy(address))
    wait_for(lambda: not connections.BoundedConnection.open_from)


def test_requests_that_nobody_waits_for_are_given_up_with_their_connection(address: tuple[str, int]) -> None:
    request = f"GET /health HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode()
    before = set(map(id, requests()))
    gc.collect()
    gc.disable()
    try:
        with opened(address) as connection:
            connection.sendall(request * 500)
            connection.recv(1)
        wait_for(lambda: sum(id(each) not in before for each in requests()) < 50)
    finally:
        gc.enable()


def requests() -> list[RequestResponseCycle]:
    """The requests that are in memory."""
    # By type, not isinstance: this asks a weak proxy among them for what may be gone.
    return [each for each in gc.get_objects() if type(each) is RequestResponseCycle]
