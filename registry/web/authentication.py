"""Who asks: ASGI middleware in front of everything that says whose each request and WebSocket is.

In this order: a token (`Authorization: Bearer`), what a trusted proxy says in its header, the cookie of a session. A
token that does not work is refused; a cookie that does not is as none. What lasts (a stream, a WebSocket) ends when who
asked is logged out, loses a role or is disabled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qsl, urlencode

import asyncpg
import psycopg
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import settings
from registry.access.operations import Rule
from registry.access.problems import AccountProblem
from registry.access.roles import Role
from registry.access.viewer import Viewer
from registry.database import NoDatabase
from registry.web import forms
from registry.web.authorization import allows
from registry.web.cookies import on_this_machine, session_cookie
from registry.web.failures import STATUS
from registry.web.identities import IDENTITY, NOT_KNOWN, Identities, Identity
from registry.web.pages import reader
from registry.web.rates import Rates
from registry.web.socket_refusals import refuse_socket
from registry.web.viewing import set_viewer

log = logging.getLogger("registry.web")
FROM_PROXY: Final = "from_proxy"  # in the state of a request: whether one of REGISTRY_PROXIES sent it (hosts.py)
LOOK: Final = 2.0  # seconds between two looks whether what lasts may go on
ENDED: Final = 4401  # the WebSocket's close code: log in again
OPEN_ADDRESSES: Final = ("/health", "/ready", "/metrics")  # never ask the database who asks; never counted
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_PRIVATE: Final = (b"cache-control", b"private, no-store")
Refusal = Callable[[Request, str, str, str], Response]


@dataclass(frozen=True, slots=True)
class Proxy:
    """The headers by which the reverse proxies of REGISTRY_PROXIES say who asks; and what its roles mean here."""

    user: str
    role: str
    unit: str
    meaning: dict[str, str]

    @classmethod
    def read(cls) -> Proxy:
        """As the environment sets it. Raises BadSetting."""
        return cls(
            settings.PROXY_USER_HEADER.read(),
            settings.PROXY_ROLE_HEADER.read(),
            settings.PROXY_UNIT_HEADER.read(),
            settings.meaning_of_roles(),
        )


class Authentication:
    """Says whose a request is, before anything answers it."""

    def __init__(self, app: ASGIApp, identities: Identities, refusal: Refusal) -> None:
        self._app, self._identities, self._refusal = app, identities, refusal
        self._proxy, self._rates = Proxy.read(), Rates.read()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        scope["state"] = {**scope.get("state", {})}
        if scope["path"] in OPEN_ADDRESSES:
            set_viewer(scope, NOT_KNOWN.viewer)
            return await self._app(scope, receive, send)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            identity = await self._identify(scope, headers)
            if identity.ambient:
                _refuse_other_sites(scope, headers)
        except AccountProblem as error:
            return await self._refuse(scope, receive, send, self._counted(scope, error))
        except (NoDatabase, OSError, psycopg.Error, asyncpg.PostgresError) as error:
            return await self._refuse(scope, receive, send, _no_database(error))
        _identify(scope, identity)
        if identity.viewer.account is not None and scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            send = _kept_private(send)
        try:
            self._rates.count(scope, identity.viewer)
        except AccountProblem as error:
            return await self._refuse(scope, receive, send, error, identity)
        if scope["type"] == "websocket":
            self._rates.count_operations(scope, identity.viewer)
        try:
            await _lasting(self._app, scope, receive, send, identity, lambda: self._identify(scope, headers))
        except _EndedMeanwhile as error:  # where nothing that answers has met it
            await self._refuse(scope, receive, send, error)

    async def _identify(self, scope: Scope, headers: dict[bytes, bytes]) -> Identity:
        """Who asks. Raises AccountProblem: not-logged-in for a token that does not work, or a proxy's name fails."""
        kind, _, token = headers.get(b"authorization", b"").partition(b" ")
        if kind.lower() == b"bearer":
            identity = await self._identities.of_token(token.strip().decode("latin-1"))
            if identity is None:
                raise AccountProblem(
                    "not-logged-in",
                    "令牌无效：写错了、到期了、已作废，或账号已无这一权限。",
                    "The token does not work: it is wrong, has ended, was revoked, or its account may do this no more.",
                )
            return identity
        proxy = self._proxy
        if proxy.user and scope["state"].get(FROM_PROXY):
            name = _proxy_value(scope, proxy.user)
            if name:
                roles, units = (_listed(_proxy_value(scope, header)) for header in (proxy.role, proxy.unit))
                return await self._identities.of_proxy(name, roles, units, proxy.meaning)
        identity = None
        if b"cookie" in headers:
            cookie = cookie_parser(headers[b"cookie"].decode("latin-1")).get(session_cookie(scope))
            identity = await self._identities.of_cookie(cookie) if cookie else None
        return identity or await self._nobody(scope)

    async def _nobody(self, scope: Scope) -> Identity:
        client = scope.get("client")
        try:
            return await self._identities.of_nobody(here=client is None or on_this_machine(client[0]))
        except (NoDatabase, OSError, psycopg.Error) as error:
            problem = _no_database(error)
            # What is public needs no account.
            return Identity(Viewer(missing=(problem.code, problem.zh, problem.en)))

    def _counted(self, scope: Scope, refused: AccountProblem) -> AccountProblem:
        """What a request is refused for that says wrongly whose it is: it counts for its address."""
        try:
            self._rates.count(scope, NOT_KNOWN.viewer)
        except AccountProblem as too_many:
            return too_many
        return refused

    async def _refuse(
        self, scope: Scope, receive: Receive, send: Send, error: AccountProblem, identity: Identity = NOT_KNOWN
    ) -> None:
        if scope["type"] == "websocket":
            if error.wait:
                return await refuse_socket(
                    scope, send, STATUS[error.code], error.code, error.zh, error.en, wait=error.wait
                )
            return await send({"type": "websocket.close", "code": ENDED, "reason": error.code})
        _identify(scope, identity)
        answer = self._refusal(Request(scope), error.code, error.zh, error.en)
        if error.wait:
            answer.headers["Retry-After"] = str(error.wait)
        if STATUS.get(error.code) == 401:
            answer.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return await answer(scope, receive, send)


def _identify(scope: Scope, identity: Identity) -> None:
    """Tell who asks to whatever answers."""
    scope["state"][IDENTITY] = identity
    set_viewer(scope, identity.viewer)
    reader.READER.set(partial(_reader, scope, identity))


def _refuse_other_sites(scope: Scope, headers: dict[bytes, bytes]) -> None:
    """Refuse what a page of another site makes a browser change. Raises AccountProblem: forbidden."""
    changes = scope["type"] == "http" and scope["method"] not in _SAFE
    if changes and headers.get(b"sec-fetch-site", b"none").decode("latin-1") not in forms.OUR_OWN:
        raise AccountProblem(
            "forbidden", "不接受其他网站的页面提交的内容。", "What a page of another site sends is not accepted."
        )


def _no_database(error: Exception) -> AccountProblem:
    if isinstance(error, NoDatabase):
        code = "database-unavailable" if error.code == "database-unavailable" else "database-not-ready"
        return AccountProblem(code, error.zh, error.en)
    log.warning("whose a request is cannot be known: the database fails (%s)", type(error).__name__)
    return AccountProblem("database-unavailable", "数据库暂时不可用。", "The database is not available.")


def _proxy_value(scope: Scope, header: str) -> str:
    """What the proxy says in a header, in UTF-8 where it writes Chinese; empty where it says nothing.

    Raises AccountProblem, forbidden, for a header that is there twice: one may be the visitor's own.
    """
    values = [value for name, value in scope["headers"] if header and name == header.lower().encode("latin-1")]
    if len(values) > 1:
        raise AccountProblem(
            "forbidden",
            f"请求头 {header} 出现了不止一次，可能是来访者自己带的：请让代理删去。",
            f"The header {header} is there more than once, and may be the visitor's own: have the proxy take it away.",
        )
    given = values[0].strip() if values else b""
    try:
        return given.decode("utf-8")
    except UnicodeError:
        return given.decode("latin-1")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.replace(";", ",").split(",") if part.strip())


def _reader(scope: Scope, identity: Identity) -> reader.Reader:
    """What a page has to know of who reads it."""
    viewer = identity.viewer
    parameters = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, value) for name, value in parameters if name != "lang"])
    return reader.Reader(
        account=viewer.account,
        open=viewer.open,
        administrator=Role.ADMINISTRATOR in {grant.role for grant in viewer.grants},
        address=scope["path"] + (f"?{query}" if query else ""),
        ends_here=identity.session is not None,
        drafts=allows(Rule.EDITOR, viewer),
        reports=allows(Rule.CLERK, viewer),
    )


def _kept_private(send: Send) -> Send:
    """`send`, with answers that others must not find in a cache on the way."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"cache-control"]
            message["headers"] = [*headers, _PRIVATE]
        await send(message)

    return sending


# ------------------------------------------------------------------------------------------ what lasts


class _EndedMeanwhile(AccountProblem):
    """Who asks is no more who they were when their request began to arrive."""

    def __init__(self) -> None:
        super().__init__(
            "not-logged-in",
            "请求还没有发完，登录就已失效，或账号、角色有了变动。",
            "While the request arrived the log-in ended, or the account or its roles changed.",
        )


async def _lasting(
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    identity: Identity,
    again: Callable[[], Awaitable[Identity]],
) -> None:
    """Run the application; it hears that its client left when who asks is no more who they were.

    Only what waits for its client to leave is looked at again and again: the rest has ended before. A request that is
    long in arriving, which a client can make it, is looked at once more when all of it is there: raises _EndedMeanwhile
    to who reads it.
    """
    read = begun = ended = over = False
    arriving = asyncio.get_running_loop().time()
    # One for all that is received: a client that sends something again and again would put off each look anew.
    looking: asyncio.Future[None] | None = None

    async def receiving() -> Message:
        nonlocal read, over, looking
        if not read or (scope["type"] == "websocket" and not begun):
            message = await receive()
            read = not message.get("more_body", False)
            late = asyncio.get_running_loop().time() - arriving > LOOK
            if late and read and message["type"] == "http.request" and await _changed(identity, again):
                raise _EndedMeanwhile
            return message
        looking = looking or asyncio.ensure_future(_until_changed(identity, again))
        waiting = asyncio.ensure_future(receive())
        try:
            await asyncio.wait((waiting, looking), return_when=asyncio.FIRST_COMPLETED)
            if not looking.done():
                return waiting.result()
            over = True
        finally:
            waiting.cancel()  # which changes nothing of what is done
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": ENDED, "reason": "log in again"})
            return {"type": "websocket.disconnect", "code": ENDED}
        return {"type": "http.disconnect"}

    async def sending(message: Message) -> None:
        nonlocal begun, ended
        if over and scope["type"] == "websocket":
            return
        begun = begun or message["type"] in ("http.response.start", "websocket.accept")
        ended = ended or (message["type"] == "http.response.body" and not message.get("more_body", False))
        await send(message)

    try:
        await app(scope, receiving, sending)
    finally:
        if looking is not None:
            looking.cancel()
    if over and begun and not ended and scope["type"] == "http":
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_changed(identity: Identity, again: Callable[[], Awaitable[Identity]]) -> None:
    """Return when who asks has another identity, or none any more."""
    while True:
        await asyncio.sleep(LOOK)
        if await _changed(identity, again):
            return


async def _changed(identity: Identity, again: Callable[[], Awaitable[Identity]]) -> bool:
    """Whether who asks has another identity by now, or none any more."""
    try:
        return (await again()).viewer != identity.viewer
    except AccountProblem:
        return True
    except (NoDatabase, OSError, psycopg.Error):
        return False  # nothing is known; what needs the database says so itself
