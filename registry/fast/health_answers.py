"""Answers /health while the server computes: run as a program of its own by registry/web/doorway.py.

Every connection is taken in here. A whole, plain request for /health is answered at once; all else is handed on to the
server unread, as an open connection. Who says nothing for a second is handed on too, so that the server's own bounds on
the slow hold. The plain form is a server that takes connections in itself: its answers to /health are equal (test).

Nothing but the standard library is loaded: it starts in milliseconds and shares no interpreter with anything that
computes. It ends when the server does.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import re
import selectors
import signal
import socket
import struct
import sys
import time
from collections import deque
from email.utils import formatdate
from typing import Final

FIRST: Final = 1.0  # seconds in which a request is awaited here
NEXT: Final = 5.0  # seconds for which a connection that was answered is kept open
SILENT: Final = 30.0  # seconds without a beat of the server after which nothing is answered for it
HELD: Final = 400  # connections at once; more are handed on unread
_PEEK: Final = 2048
_FULL: Final = (errno.EAGAIN, errno.ETOOMANYREFS, errno.ENOBUFS)
# What a probe sends. With any other header the server itself answers: it may be asked for a request id, an origin.
_PROBE: Final = re.compile(
    rb"GET /health HTTP/1\.(?P<minor>[01])\r\n"
    rb"(?P<headers>(?:(?:host|user-agent|accept|accept-encoding|connection): ?[\x20-\x7e]*\r\n)*)\r\n",
    re.IGNORECASE,
)
_CONNECTION: Final = re.compile(rb"^connection: ?(.*?)\r$", re.IGNORECASE | re.MULTILINE)


class Doorway:
    """Connections that nobody has read from yet, and those that wait for the server to take them."""

    def __init__(self, listening: socket.socket, server: socket.socket, beat: mmap.mmap) -> None:
        self._listening, self._server, self._beat = listening, server, beat
        self._until: dict[socket.socket, float] = {}  # the longest waiting first, but for those that were answered
        self._waiting: deque[socket.socket] = deque()
        self._selector = selectors.DefaultSelector()
        for one in (listening, server):
            one.setblocking(False)
            self._selector.register(one, selectors.EVENT_READ)
        self._accepting = True
        self._looked = 0.0

    def run(self) -> None:
        """Until the server has gone."""
        while True:
            for key, events in self._selector.select(0.2 if self._until or self._waiting else None):
                if key.fileobj is self._listening:
                    self._accept()
                elif key.fileobj is self._server:
                    if events & selectors.EVENT_READ:
                        return
                    self._hand_on_waiting()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._until:
                    self._read(key.fileobj)
            self._let_go()

    def _accept(self) -> None:
        for _ in range(64):
            try:
                connection = self._listening.accept()[0]
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE):
                    time.sleep(0.01)
                return
            connection.setblocking(False)
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if len(self._until) >= HELD:
                self._hand_on(connection)
                continue
            self._until[connection] = time.monotonic() + FIRST
            self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, connection: socket.socket) -> None:
        try:
            seen = connection.recv(_PEEK, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError:
            self._close(connection)
            return
        probe = _PROBE.match(seen)
        closing = _closes(probe) if probe is not None else None
        if probe is None or closing is None or not self._beats():
            self._hand_on(connection)
            return
        try:
            connection.recv(probe.end())
            connection.sendall(answer(closing=closing))
        except OSError:
            closing = True
        if closing:
            self._close(connection)
        else:
            self._until[connection] = time.monotonic() + NEXT

    def _beats(self) -> bool:
        return time.monotonic() - struct.unpack_from("d", self._beat)[0] < SILENT

    def _let_go(self) -> None:
        """Hand on who has said nothing so far; the server lets them go in its own time."""
        now = time.monotonic()
        if now - self._looked < 0.1:
            return
        self._looked = now
        for connection in [one for one, until in self._until.items() if until < now]:
            self._hand_on(connection)
        if self._waiting:
            self._hand_on_waiting()

    def _hand_on(self, connection: socket.socket) -> None:
        if self._until.pop(connection, None) is not None:
            self._selector.unregister(connection)
        self._waiting.append(connection)
        self._hand_on_waiting()

    def _hand_on_waiting(self) -> None:
        while self._waiting:
            try:
                socket.send_fds(self._server, [b"."], [self._waiting[0].fileno()])
            except OSError as error:
                if error.errno not in _FULL:
                    sys.exit(0)  # the server has gone
                break
            self._waiting.popleft().close()
        self._selector.modify(self._server, selectors.EVENT_READ | (selectors.EVENT_WRITE if self._waiting else 0))
        if self._accepting != (len(self._waiting) < HELD):
            self._accepting = not self._accepting
            if self._accepting:
                self._selector.register(self._listening, selectors.EVENT_READ)
            else:
                self._selector.unregister(self._listening)

    def _close(self, connection: socket.socket) -> None:
        del self._until[connection]
        self._selector.unregister(connection)
        connection.close()


def _closes(probe: re.Match[bytes]) -> bool | None:
    """Whether the connection ends after the answer; None where that is for the server to understand."""
    stated = {value.strip().lower() for value in _CONNECTION.findall(probe["headers"])}
    if not stated <= {b"close", b"keep-alive"} or len(stated) > 1:
        return None
    return probe["minor"] == b"0" or stated == {b"close"}


def answer(*, closing: bool) -> bytes:
    """What the server answers to GET /health, with the day and a request id of its own."""
    head = (
        f"HTTP/1.1 200 OK\r\ndate: {formatdate(usegmt=True)}\r\ncontent-length: 15\r\n"
        f"content-type: application/json\r\nx-content-type-options: nosniff\r\nx-request-id: {os.urandom(16).hex()}\r\n"
    )
    return (head + ("connection: close\r\n" if closing else "") + '\r\n{"status":"ok"}').encode()


def main() -> None:
    """By the numbers of three open files: the listening socket, the one to the server, the memory with its beat."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # told to the whole group: the server ends, then this
        signal.signal(number, signal.SIG_IGN)
    listening, server, beat = map(int, sys.argv[1:4])
    Doorway(socket.socket(fileno=listening), socket.socket(fileno=server), mmap.mmap(beat, 8)).run()


if __name__ == "__main__":
    main()
