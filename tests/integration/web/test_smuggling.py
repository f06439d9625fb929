"""Requests that two readers could take apart otherwise: over a real socket, none hides another behind itself."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.live_server import live_server

HOST = b"Host: localhost\r\n"
# What an attacker would have answered as if somebody else had asked: at the end of a stream, it also ends it.
HIDDEN = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
BODY = b'{"query": "{ log { size } }"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
SIZE = b"%x" % len(BODY)
CHUNKS = SIZE + b"\r\n" + BODY + b"\r\n0\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
HIDING = b"Content-Length: %d\r\n" % len(HIDDEN)
CLOSE = b"Connection: close\r\n"


def question(headers: bytes, body: bytes = BODY) -> bytes:
    json = b"Content-Type: application/json\r\n"
    return b"POST /graphql HTTP/1.1\r\n" + HOST + json + headers + b"\r\n" + body + HIDDEN


# Said in one way only: both are answered, in their order.
CLEAR = {
    "two in a row": question(LENGTH),
    "chunks": question(CHUNKED, CHUNKS),
    "extensions of chunks": question(CHUNKED, SIZE + b";a=b\r\n" + BODY + b"\r\n0;x\r\n\r\n"),
    "trailers": question(CHUNKED, CHUNKS[:-2] + b"X: y\r\n\r\n"),
    "an empty line before": b"\r\n" + question(LENGTH),
}
# Said in two ways, or in one that others read otherwise: refused, and what comes behind is no request.
UNCLEAR = {
    "a length and chunks": question(b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\n"),
    "chunks and a length": question(CHUNKED + b"Content-Length: 6\r\n", CHUNKS),
    "two lengths": question(LENGTH + b"Content-Length: 0\r\n"),
    "a length twice": question(LENGTH + LENGTH),
    "a list of lengths": question(LENGTH[:-2] + b", %d\r\n" % len(BODY)),
    "a length with a sign": question(LENGTH.replace(b": ", b": +")),
    "a length in hex": question(b"Content-Length: 0x1d\r\n"),
    "a space before the colon": question(LENGTH.replace(b":", b" :")),
    "a length with NUL": question(b"Content-Length\0: 0\r\n" + LENGTH),
    "a coding that is none": question(b"Transfer-Encoding: xchunked\r\n", CHUNKS),
    "identity": question(b"Transfer-Encoding: identity\r\n", b""),
    "chunked is not last": question(b"Transfer-Encoding: chunked, identity\r\n", CHUNKS),
    "two codings": question(CHUNKED + b"Transfer-Encoding: identity\r\n", CHUNKS),
    "a coding behind a control character": question(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKS),
    "a folded coding": question(b"Transfer-Encoding:\r\n chunked\r\n", CHUNKS),
    "a folded line": question(b"X: a\r\n Content-Length: 0\r\n" + LENGTH),
    "a line folded by a tab": question(b"X: a\r\n\tb\r\n" + LENGTH),
    "a bare line feed": question(b"X: a\n" + LENGTH),
    "a bare carriage return": question(b"X: a\rContent-Length: 0\r\n" + LENGTH),
    "line feeds in chunks": question(CHUNKED, CHUNKS.replace(b"\r\n", b"\n")),
    "a line feed in an extension": question(CHUNKED, SIZE + b";a\n" + BODY + b"\r\n0\r\n\r\n"),
    "a request in an extension": question(CHUNKED, b"0;\n\r\n"),
    "a size with a space": question(CHUNKED, CHUNKS.replace(SIZE, SIZE + b" ", 1)),
    "a size that begins with 0x": question(CHUNKED, b"0x" + CHUNKS),
    "a size beyond 64 bits": question(CHUNKED, b"1" + b"0" * 14 + CHUNKS),
    "a chunk that does not end": question(CHUNKED, CHUNKS.replace(b"\r\n0", b"XX0")),
    "a length among the trailers": question(CHUNKED, CHUNKS[:-2] + b"Content-Length: 50\r\n\r\n"),
}
# The second is the body of the first, whatever becomes of that.
WITHIN = {
    "of a question": b"GET /health HTTP/1.1\r\n" + HOST + CLOSE + HIDING + b"\r\n" + HIDDEN,
    "of what is not there": b"POST /nowhere HTTP/1.1\r\n" + HOST + CLOSE + HIDING + b"\r\n" + HIDDEN,
    "under another name": b"POST /graphql HTTP/1.1\r\nHost: evil.example\r\n" + CLOSE + HIDING + b"\r\n" + HIDDEN,
    "under two names": b"GET /villages HTTP/1.1\r\nHost: evil.example\r\n" + HOST + CLOSE + HIDING + b"\r\n" + HIDDEN,
    "of a handshake": b"POST /graphql HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + HOST + HIDING + b"\r\n" + HIDDEN,
    "of a handshake by GET": b"GET /graphql HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    + HOST + HIDING + b"\r\n" + HIDDEN,
}  # fmt: skip


@pytest.fixture(scope="module")
def address(module_database: Callable[[], str]) -> Iterator[tuple[str, int]]:
    with live_server(module_database()) as base:
        parts = urlsplit(base)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


def statuses(address: tuple[str, int], stream: bytes) -> list[int]:
    """The status of each answer to a stream of bytes, until the server closes."""
    answers = b""
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(stream)
        try:
            while piece := connection.recv(65536):
                answers += piece
        except ConnectionResetError:
            pass
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", answers)]


@pytest.mark.parametrize("stream", CLEAR.values(), ids=CLEAR)
def test_requests_in_one_stream_are_answered_one_by_one(address: tuple[str, int], stream: bytes) -> None:
    assert statuses(address, stream) == [200, 200]


@pytest.mark.parametrize("stream", UNCLEAR.values(), ids=UNCLEAR)
def test_what_can_be_read_in_two_ways_is_refused_with_all_that_follows(address: tuple[str, int], stream: bytes) -> None:
    assert statuses(address, stream) == [400]


@pytest.mark.parametrize("stream", WITHIN.values(), ids=WITHIN)
def test_a_request_within_a_body_is_never_answered(address: tuple[str, int], stream: bytes) -> None:
    assert len(statuses(address, stream)) <= 1


def test_an_address_with_a_name_is_asked_under_that_name_whatever_host_says(address: tuple[str, int]) -> None:
    def under(name: bytes) -> list[int]:
        end = HOST + b"Connection: close\r\n\r\n"
        return statuses(address, b"GET http://" + name + b"/villages HTTP/1.1\r\n" + end)

    assert under(b"localhost") == [200]
    assert under(b"evil.example") == under(b"localhost@evil.example:80") == [421]


@pytest.mark.parametrize("method", [b"POST", b"GET"])
def test_a_handshake_with_a_body_is_refused_and_holds_no_connection(address: tuple[str, int], method: bytes) -> None:
    upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello"
    with socket.create_connection(address, timeout=60) as connection:
        connection.sendall(method + b" /graphql HTTP/1.1\r\n" + HOST + upgrade)
        assert connection.recv(65536).startswith(b"HTTP/1.1 400")
        assert connection.recv(65536) == b""  # closed, though the client waits
