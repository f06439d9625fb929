"""Send one input over a socket, and see what the server does."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from typing import Final

from tools.hostile.inputs import Input

Address = tuple[str, int]

LIMIT: Final = 180.0  # seconds without a word after which the server hangs; a reader of files has up to 120
MOST: Final = 1 << 20  # bytes of an answer that are kept


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input: the status of its answer (0: none), the answer's beginning, and how long it took.

    `hung`: the server neither answered nor closed within LIMIT.
    """

    input: Input
    status: int
    answer: bytes
    seconds: float
    hung: bool = False

    @property
    def bad(self) -> bool:
        """Whether the server failed: an error of its own, or no end."""
        return self.hung or self.status >= 500


def sent(address: Address, given: Input, limit: float = LIMIT, kept: int = 4000) -> Outcome:
    """Send an input and behave as it says. `kept`: of the answer so many bytes."""
    began = time.monotonic()
    answer, hung = b"", False
    try:
        with socket.create_connection(address, timeout=limit) as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionError):  # it may close before it has read all
                _send(connection, given)
            if given.ending == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif given.ending == "half":
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)
            if given.ending in ("read", "head", "half", "wait"):
                answer = _read(connection, head_only=given.ending == "head")
    except TimeoutError:
        hung = True
    except ConnectionError:
        pass
    return Outcome(given, _status(answer), answer[:kept], time.monotonic() - began, hung)


def _send(connection: socket.socket, given: Input) -> None:
    for number, piece in enumerate(given.pieces):
        if number and given.pause:
            time.sleep(given.pause)
        connection.sendall(piece)


def _read(connection: socket.socket, *, head_only: bool) -> bytes:
    """What the server says until it closes, its beginning. Raises TimeoutError where it neither speaks nor closes."""
    kept = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            if len(kept) < MOST:
                kept += piece
            if head_only and b"\r\n\r\n" in kept:
                break
    return bytes(kept)


def _status(answer: bytes) -> int:
    """The status in an answer; of several the highest."""
    parts = [b"HTTP/1.1 " + part for part in answer.split(b"HTTP/1.1 ")[1:]]
    statuses = [int(part[9:12]) for part in parts if part[9:12].isdigit() and part[12:13] in (b" ", b"\r")]
    return max(statuses, default=0)
