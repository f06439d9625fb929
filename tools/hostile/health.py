"""`python -m tools.hostile.health HOST PORT`: how long /health takes, and a bare server beside it, until it is ended.

A process of its own: asked from among a hundred attacking threads, an answer also waits for these. The bare server is a
process that accepts, reads and writes the same bytes and does nothing else, so that what it takes is the machine's.
Each line is milliseconds of the one and of the other, and the status of the first.
"""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
import time
from typing import Final, NoReturn

PAUSE: Final = 0.05  # seconds between two looks
LIMIT: Final = 60.0
_REQUEST: Final = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def bare(listening: socket.socket) -> None:
    """Answer every connection with the same bytes, for ever."""
    while True:
        connection = listening.accept()[0]
        with connection:
            connection.recv(4096)
            connection.sendall(_ANSWER)


def timed(address: tuple[str, int]) -> tuple[float, int]:
    """Milliseconds from opening a connection until its end, and the status; 0 where none came."""
    began = time.perf_counter()
    answer = b""
    try:
        with socket.create_connection(address, timeout=LIMIT) as connection:
            connection.sendall(_REQUEST)
            while received := connection.recv(4096):
                answer += received
    except OSError:
        return 1000 * (time.perf_counter() - began), 0
    parts = answer.split(b" ", 2)
    return 1000 * (time.perf_counter() - began), int(parts[1]) if len(parts) > 2 else 0


def _end(_: int, __: object) -> NoReturn:
    sys.exit(0)


def main() -> None:
    """Look until SIGTERM; the bare server ends with this."""
    signal.signal(signal.SIGTERM, _end)
    address = (sys.argv[1], int(sys.argv[2]))
    listening = socket.create_server(("127.0.0.1", 0))
    serving = multiprocessing.get_context("fork").Process(target=bare, args=(listening,), daemon=True)
    serving.start()
    while True:
        ours, status = timed(address)
        beside, _ = timed(listening.getsockname())
        sys.stdout.write(f"{ours:.2f} {beside:.2f} {status}\n")
        sys.stdout.flush()
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
