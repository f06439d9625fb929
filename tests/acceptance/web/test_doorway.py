"""/health is answered whatever the server computes; every other connection is the server's own, as without it."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.preloaded import Preloaded
from tests.support.server_process import serving
from tests.support.waiting import wait_for
from tests.support.worlds import COUNTY

PLAIN: Final = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
LOG: Final = "/graphql?query={log{size}}"


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        record(connection, COUNTY)
    return made


@pytest.fixture
def server(url: str) -> Iterator[tuple[Preloaded, str]]:
    with serving(url, command=True) as started:
        yield started


@pytest.fixture(scope="module")
def both(url: str) -> Iterator[tuple[str, str]]:
    """A server behind its doorway, and one that takes connections in itself, over the same registry."""
    with serving(url, command=True) as (_, behind), live_server(url=url) as itself:
        yield behind, itself


def doorways(pid: int) -> list[int]:
    """The processes that take connections in for a server."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in children if b"health_answers" in Path(f"/proc/{each}/cmdline").read_bytes()]


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("/")[2].rpartition(":")
    return host, int(port)


def raw(url: str, request: bytes) -> bytes:
    """All that is answered to these bytes until the end of the connection."""
    answer = b""
    with socket.create_connection(address_of(url), timeout=60) as connection:
        connection.sendall(request)
        if b"close" not in request:
            connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(65536):
            answer += data
    return answer


def plain(answer: bytes) -> bytes:
    """An answer without what is another each time."""
    return re.sub(rb"(?m)^(date|x-request-id): .*\r\n", rb"\1\r\n", answer)


def test_health_is_answered_while_the_server_does_nothing_at_all(server: tuple[Preloaded, str]) -> None:
    process, url = server
    with httpx.Client(base_url=url, timeout=60) as client:
        os.kill(process.pid, signal.SIGSTOP)
        try:
            assert [client.get("/health").json() for _ in range(3)] == [{"status": "ok"}] * 3
            with pytest.raises(httpx.TimeoutException):
                httpx.get(f"{url}/ready", timeout=1.5)
        finally:
            os.kill(process.pid, signal.SIGCONT)
        assert client.get("/ready").status_code == 200  # over the connection that was answered by the other process


@pytest.mark.parametrize(
    "request_",
    [
        PLAIN,
        PLAIN.replace(b"1.1", b"1.0"),
        PLAIN.replace(b"Connection: close\r\n", b"") * 2 + PLAIN,
        PLAIN.replace(b"/health", b"/health?x=1"),
        PLAIN.replace(b"GET", b"HEAD"),
        PLAIN.replace(b"GET", b"POST"),
        PLAIN.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\nabc"),
        PLAIN.replace(b"\r\n\r\n", b"\r\nOrigin: null\r\nX-Request-Id: abcdefgh\r\n\r\n"),
        PLAIN.replace(b"127.0.0.1", b"other.example"),
        PLAIN.replace(b"Host: 127.0.0.1", b"Host : x"),
        PLAIN.replace(b"close", b"upgrade"),
        b"GET /health\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"",
    ],
)
def test_answers_are_those_of_a_server_that_takes_connections_in_itself(both: tuple[str, str], request_: bytes) -> None:
    behind, itself = both
    assert plain(raw(behind, request_)) == plain(raw(itself, request_))


def test_a_request_that_comes_in_pieces_is_answered_by_the_server(both: tuple[str, str]) -> None:
    with socket.create_connection(address_of(both[0]), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in (PLAIN[:5], PLAIN[5:40], PLAIN[40:]):
            connection.sendall(piece)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_clients_that_say_nothing_are_the_servers_to_let_go(both: tuple[str, str]) -> None:
    silent = [socket.create_connection(address_of(both[0]), timeout=60) for _ in range(600)]
    try:
        assert httpx.get(f"{both[0]}/health", timeout=60).json() == {"status": "ok"}
        assert httpx.get(both[0] + LOG, timeout=60).json() == {"data": {"log": {"size": len(COUNTY)}}}
        for one in (silent[0], silent[-1]):
            one.sendall(PLAIN)
            assert one.recv(65536).startswith(b"HTTP/1.1 200 OK")
    finally:
        for each in silent:
            each.close()


def test_where_that_process_is_killed_the_server_takes_connections_in_itself(server: tuple[Preloaded, str]) -> None:
    process, url = server
    (doorway,) = doorways(process.pid)
    os.kill(doorway, signal.SIGKILL)
    assert httpx.get(f"{url}/health", timeout=60).json() == {"status": "ok"}
    assert httpx.get(url + LOG, timeout=60).json() == {"data": {"log": {"size": len(COUNTY)}}}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_with_the_server(server: tuple[Preloaded, str], number: signal.Signals) -> None:
    process, url = server
    (doorway,) = doorways(process.pid)
    os.kill(doorway, signal.SIGTERM)  # as whoever stops a whole group does: the server decides when it ends
    assert httpx.get(f"{url}/health", timeout=60).json() == {"status": "ok"}
    os.kill(process.pid, number)
    process.wait()
    wait_for(lambda: not Path(f"/proc/{doorway}").exists())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address_of(url), timeout=60).close()
