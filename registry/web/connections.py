"""What one connection may hold: the length of its head, the time between two pieces, its number among the others.

Uvicorn bounds none of these with httptools. A client that sends or reads nothing for long is let go; it may come again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections import Counter
from typing import Any, ClassVar, Final, cast

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from registry import settings
from registry.access.attempts import network
from registry.web.cookies import on_this_machine
from registry.web.problems import presented, problem

HEAD: Final = 64 * 1024  # bytes of a request line with its headers
PATIENCE: Final = 20.0  # seconds for a head, and between two pieces of a body
WHOLE: Final = 600.0  # seconds for a whole request
READING: Final = 60.0  # seconds in which a client takes nothing of its answer
CONNECTIONS: Final = 1000  # at once
OF_ADDRESS: Final = 250  # of them from one address, which an office may share
_REASONS: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class BoundedConnection(HttpToolsProtocol):
    """A connection of uvicorn's with bounds. It is looked at every few seconds as long as it is open."""

    open_from: ClassVar[Counter[str]] = Counter()  # how many there are of each address, in this process

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._counted: str | None = None  # the address that this one counts for, as long as it is open
        self._head: int | None = 0  # bytes of the head so far; None while there is no head to come
        self._began = self._heard = self._took = self.loop.time()  # when the request and its last piece came; was taken
        self._look: asyncio.TimerHandle | None = None
        self._due = 0.0  # when the next look is to be

    def connection_made(self, transport: Any) -> None:
        """Take the connection in, or refuse it where there are too many."""
        super().connection_made(transport)
        self._count()
        if len(self.connections) > CONNECTIONS or self.open_from[self._counted or ""] > OF_ADDRESS:
            self._refuse(503, "busy", "连接过多，请稍后再试。", "Too many connections: try again later.")
        else:
            self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._look_no_more()
        self._count_no_more()
        super().connection_lost(exc)
        self.pipeline.clear()  # requests that nobody waits for; each holds the connection, which holds them

    def handle_websocket_upgrade(self) -> None:
        """Become a WebSocket, unless the request has a body: the handshake would wait for it for ever."""
        named = {name for name, _ in self.headers}
        if self.scope["method"] != "GET" or named & {b"content-length", b"transfer-encoding"}:
            zh, en = "WebSocket 的握手是没有正文的 GET 请求。", "A WebSocket begins with a GET request without a body."
            self._refuse(400, "bad-request", zh, en)
            return
        self._look_no_more()  # from here on it is bounded by registry/web/graphql/sockets.py
        self._count_no_more()
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        """Read a piece of a request, unless its head is too long."""
        self._heard = self.loop.time()
        if self._head == 0:
            self._began = self._heard
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD:
                self._refuse(
                    431,
                    "too-large",
                    f"请求行和请求头超过 {HEAD >> 10} KiB。",
                    f"The request line and headers are longer than {HEAD >> 10} KiB.",
                )

    def on_headers_complete(self) -> None:
        """Take the request in. An address with a name is asked under that, whatever Host says (RFC 9112, 3.2.2)."""
        self._head = None
        if b"://" in self.url and not self.url.startswith(b"/"):
            authority = re.split(rb"[/?]", self.url.partition(b"://")[2], maxsplit=1)[0].rpartition(b"@")[2]
            self.headers[:] = [*(each for each in self.headers if each[0] != b"host"), (b"host", authority)]
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._head, self._began = 0, self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._took = self.loop.time()
        super().resume_writing()

    def pause_writing(self) -> None:
        self._took = self.loop.time()
        super().pause_writing()

    def _count(self) -> None:
        address = self.client[0] if self.client else None
        if address and not on_this_machine(address) and not _is_proxy(address):
            self._counted = network(address)
            self.open_from[self._counted] += 1

    def _count_no_more(self) -> None:
        if self._counted is not None:
            self.open_from[self._counted] -= 1
            if not self.open_from[self._counted]:
                del self.open_from[self._counted]
            self._counted = None

    def _look_later(self) -> None:
        self._due = self.loop.time() + PATIENCE / 4
        self._look = self.loop.call_later(PATIENCE / 4, self._let_go_if_slow)

    def _look_no_more(self) -> None:
        if self._look is not None:
            self._look.cancel()
            self._look = None

    def _let_go_if_slow(self) -> None:
        now, cycle = self.loop.time(), cast(Any, self.cycle)
        # A look that comes late says that the event loop stood still: what the client sent or took has not been seen.
        stood_still = max(0.0, now - self._due)
        self._began, self._heard, self._took = (
            min(now, since + stood_still) for since in (self._began, self._heard, self._took)
        )
        if self._head is not None:
            late = now - self._began > PATIENCE
        else:  # while the server itself does not read, the client is not slow
            late = cycle.more_body and not self.flow.read_paused and now - self._heard > PATIENCE
            late = late or (cycle.more_body and now - self._began > WHOLE)
        if self.flow.write_paused and now - self._took > READING:
            self.transport.abort()
        elif late:
            self._refuse(408, "timeout", "请求迟迟没有发完。", "The request took too long to arrive.")
        else:
            self._look_later()

    def _refuse(self, status: int, code: str, zh: str, en: str) -> None:
        """Answer what cannot be taken in, unless an answer is under way, and close."""
        self._look_no_more()
        cycle = cast(Any, self.cycle)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = orjson.dumps({"errors": [presented(problem(code, zh, en))]})
            head = f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json; charset=utf-8\r\n"
            head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode() + body)
        self.transport.close()


def _is_proxy(address: str) -> bool:
    """Whether an address is one of REGISTRY_PROXIES, from which many come."""
    listed = settings.PROXIES.read().replace(",", " ").split()
    read = ipaddress.ip_address(address)
    read = getattr(read, "ipv4_mapped", None) or read
    return any(read in ipaddress.ip_network(entry) for entry in listed)
