"""A server that answers in drops: a header line now and then, without end, until whoever asked has left."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

DROP = 0.05  # seconds between two


@contextmanager
def trickling(head: bytes = b"HTTP/1.1 200 OK\r\n", drop: bytes = b"x-more: y\r\n") -> Generator[tuple[str, list[int]]]:
    """Its address, and after how many drops each that asked had left; stopped at the end."""
    left: list[int] = []
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                one, _ = listening.accept()
                with one, suppress(OSError):
                    one.recv(65536)
                    one.sendall(head)
                    drops = 0
                    while not over.wait(DROP):
                        try:
                            one.sendall(drop)
                        except OSError:
                            left.append(drops)
                            break
                        drops += 1

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/w", left
    finally:
        over.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
