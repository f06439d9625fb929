"""What a request may ask for at all, by its address; and for whom is recorded whatever comes of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.access.operations import ADDRESSES, ROLES, Rule, address_rules
from registry.access.recording import Recorder
from registry.access.roles import Role
from registry.access.territory import Territories
from registry.access.viewer import Viewer
from registry.access.whole_log import reads_whole_log
from registry.domain.text import Text
from registry.recording.authority import acting_for
from registry.web.viewing import TERRITORIES, viewer_of

Refusal = Callable[[Request, str, str, str], Response]
ToLogIn = Callable[[Request], Response | None]
_PUBLISHED: Final = frozenset({Rule.PUBLISHED})
LOG_IN: Final = Text("须登录后查看或办理。", "This takes an account: log in.")
_TAKEN: Final = re.compile(r"\{[^}]*\}")  # in the path of an address
NO_ROLE: Final = Text("您的账号没有这一角色。", "Your account has no role for this.")


class Authorization:
    """ASGI middleware: lets a viewer through to the addresses of its roles, and says for whom is recorded behind it.

    An address without a row in the table of operations is there for nobody but on an open registry. `refusal` makes
    the answer to a request that is refused: of its code, zh, en. `to_log_in`: the way there for who reads a page.
    """

    def __init__(self, app: ASGIApp, refusal: Refusal, to_log_in: ToLogIn, territories: Territories) -> None:
        self._app, self._refusal, self._to_log_in, self._territories = app, refusal, to_log_in, territories

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = viewer_of(scope) if scope["type"] in ("http", "websocket") else None
        if viewer is None or viewer.open:
            return await self._app(scope, receive, send)
        socket, path = scope["type"] == "websocket", scope["path"]
        rules = address_rules("WEBSOCKET" if socket else scope["method"], path)
        if rules and all(allows(rule, viewer) for rule in rules):
            scope["state"] = {**scope.get("state", {}), TERRITORIES: self._territories}
            with acting_for(Recorder(viewer)):
                return await self._app(scope, receive, send if rules == _PUBLISHED else _uncached(send))
        if socket:
            return await send({"type": "websocket.close", "code": 1008, "reason": "forbidden"})
        answer = self._not_there(scope, path) if not rules else self._forbidden(scope, viewer)
        return await answer(scope, receive, send)

    def _forbidden(self, scope: Scope, viewer: Viewer) -> Response:
        request = Request(scope)
        answer = self._to_log_in(request) if viewer.account is None and viewer.missing is None else None
        return answer or self._refusal(request, *refused(viewer))

    def _not_there(self, scope: Scope, path: str) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
        others = [method for method in ("GET", "POST") if address_rules(method, path)]
        if others:
            return self._app  # which says what methods it takes
        return self._refusal(Request(scope), "not-found", f"没有 {path} 这一地址。", f"There is nothing at {path}.")


def _uncached(send: Send) -> Send:
    """Sends answers that no cache between may keep: the next to ask may not see them."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            others = [header for header in message.get("headers", ()) if header[0].lower() != b"cache-control"]
            message["headers"] = [*others, (b"cache-control", b"private, no-store")]
        await send(message)

    return sending


def allows(rule: Rule, viewer: Viewer) -> bool:
    """Whether a rule is for one of the viewer's roles at all, wherever."""
    if viewer.open or Role.ANYBODY in ROLES[rule]:
        return True
    if rule is Rule.WHOLE:
        return reads_whole_log(viewer)
    return viewer.account is not None if rule is Rule.ACCOUNT else bool(viewer.units(*ROLES[rule]))


def lets_in(viewer: Viewer, path: str) -> bool:
    """Whether there is a page at an address, and one of the viewer's roles is for it.

    What an address takes in its path is written {}: /overview/{}.
    """
    return any(
        path == _TAKEN.sub("{}", row.path) and "GET" in row.methods and allows(row.rule, viewer) for row in ADDRESSES
    )


def refused(viewer: Viewer) -> tuple[str, str, str]:
    """Why a viewer has no way in: a code, in zh and en."""
    if viewer.missing is not None:
        return viewer.missing
    if viewer.account is None:
        return "not-logged-in", LOG_IN.zh, LOG_IN.en
    return "forbidden", NO_ROLE.zh, NO_ROLE.en
