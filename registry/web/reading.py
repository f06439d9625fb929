"""Who has recorded something reads it at once, though questions are asked of replicas.

What a request records is said in its answer: the header `Quanze-Position`, and a cookie for browsers. A request that
brings either is answered by a replica that knows that position, else by the primary; so is one by an account that this
process has seen recording. All that one request asks is asked of the same replica, so that its answers agree.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from cachetools import LRUCache
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.log.recorder import HEARS
from registry.web.cookies import cookie_name
from registry.web.viewing import viewer_of

HEADER: Final = b"quanze-position"
COOKIE: Final = "quanze_position"
AGE: Final = 300  # seconds; a replica that is further behind is not read at all
ACCOUNTS: Final = 10_000  # whose last position is remembered


@dataclass
class Reading:
    """What a request must know, what it has recorded itself, and what it reads from once that is chosen."""

    needs: int = 0
    recorded: int = 0
    reader: Any = None

    def hears(self, position: int) -> None:
        """Something was recorded up to this position: what is asked from now on must know it."""
        self.recorded = self.needs = max(self.needs, position)
        self.reader = None


CURRENT: Final[ContextVar[Reading | None]] = ContextVar("CURRENT", default=None)


class ReadOwnWrites:
    """ASGI middleware: what a request must know, read from it; what it recorded, said in its answer.

    Within it `ServerResources.pool` gives replicas. Outside it, for WebSockets, and for work in the background, it
    gives the primary.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._recorded: LRUCache[str | None, int] = LRUCache(ACCOUNTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        account = viewer_of(scope).account
        reading = Reading(max(brought(scope), self._recorded.get(account, 0)))
        tokens = CURRENT.set(reading), HEARS.set(reading.hears)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and reading.recorded:
                self._recorded[account] = max(reading.recorded, self._recorded.get(account, 0))
                secure = scope.get("scheme") == "https"
                name, over = cookie_name(COOKIE, secure), "; Secure" if secure else ""
                cookie = f"{name}={reading.recorded}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{over}"
                message["headers"] = [
                    *message.get("headers", ()),
                    (HEADER, b"%d" % reading.recorded),
                    (b"set-cookie", cookie.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            CURRENT.reset(tokens[0])
            HEARS.reset(tokens[1])


def brought(scope: Scope) -> int:
    """The position that a request says it must know, in its header or cookie; 0 where it says none."""
    given, name_here = 0, cookie_name(COOKIE, scope.get("scheme") == "https")
    for name, value in scope["headers"]:
        if name == HEADER:
            given = max(given, _position(value.decode("latin-1")))
        elif name == b"cookie" and COOKIE.encode() in value:
            try:
                morsel = SimpleCookie(value.decode("latin-1")).get(name_here)
            except CookieError:
                continue
            given = max(given, _position(morsel.value if morsel else ""))
    return given


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
