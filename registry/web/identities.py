"""Whose a cookie, a token or a proxy's header is: asked of the database, and remembered for a second.

So a page that asks many questions costs one look, and what has ended elsewhere (logged out at another process, disabled
by an administrator) counts here within REMEMBERED seconds; what ends in this process counts at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from cachetools import TTLCache
from starlette.requests import HTTPConnection

from registry.access import accounts, outside, sessions, tokens
from registry.access.viewer import NOBODY, OPEN, Viewer
from registry.database import NoDatabase
from registry.web.connection_threads import ConnectionThreads

REMEMBERED: Final = 1.0  # seconds
_MOST: Final = 20_000  # sessions and tokens remembered at once
_THREADS: Final = 2
_LONGEST: Final = 200  # characters of a cookie or token: ours are shorter


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and how that is known.

    `bound`: what a form shown to them is bound to. `session`: the number of their session, `ambient`: their browser
    sends along by itself what says who they are, also with what pages of other sites make it send.
    """

    viewer: Viewer
    bound: str = ""
    session: int | None = None
    id_token: str | None = None
    ambient: bool = False


NOT_KNOWN: Final = Identity(NOBODY)
EVERYBODY: Final = Identity(OPEN)
IDENTITY: Final = "identity"  # its name in the state of a request


def identity_of(connection: HTTPConnection) -> Identity:
    """Who asks, and how that is known, as the authentication in front of the application has said."""
    return connection.scope.get("state", {}).get(IDENTITY, NOT_KNOWN)


class Identities:
    """Finds and remembers whose requests are.

    As long as there is no account, those from this machine are everybody's (`open_here`), and those from elsewhere too
    (`open_elsewhere`), as a proxy on this machine passes them on.
    """

    def __init__(self, url: str | None) -> None:
        self.threads = ConnectionThreads(url, _THREADS)
        self.open_here = self.open_elsewhere = True
        self._known: TTLCache[tuple[str, ...], Identity | None] = TTLCache(_MOST, REMEMBERED, time.monotonic)
        self._asking: dict[tuple[str, ...], asyncio.Future[Identity | None]] = {}
        self._forgotten = 0  # how often
        self._accounts: bool | None = None
        self._looked = float("-inf")
        self._looking = asyncio.Lock()

    async def of_cookie(self, cookie: str) -> Identity | None:
        """Whose session a cookie is; None where it is nobody's. Raises NoDatabase, psycopg.Error."""
        return await self._remembered(("cookie", cookie), self._of_cookie)

    async def of_token(self, token: str) -> Identity | None:
        """As what a token acts; None where it does not work. Raises NoDatabase, psycopg.Error."""
        return await self._remembered(("token", token), self._of_token)

    async def of_proxy(
        self, name: str, roles: tuple[str, ...], units: tuple[str, ...], meaning: dict[str, str]
    ) -> Identity:
        """Who somebody is whom the proxy names. Raises AccountProblem, NoDatabase, psycopg.Error."""

        async def ask(*_: str) -> Identity:
            return await self.threads.run_again(_of_proxy, name, roles, units, meaning)

        identity = await self._remembered(("proxy", name, *roles, "", *units), ask)
        return identity or NOT_KNOWN

    async def of_nobody(self, *, here: bool) -> Identity:
        """Who somebody is of whom nothing is known: everybody where there is no account, else nobody.

        `here`: asking from this machine.

        Where the database cannot be reached, what was last known counts. Raises NoDatabase, psycopg.Error where nothing
        was.
        """
        if self._accounts:
            return NOT_KNOWN
        if time.monotonic() - self._looked > REMEMBERED:
            async with self._looking:
                if time.monotonic() - self._looked > REMEMBERED:
                    await self._look()
        allowed = self.open_here if here else self.open_elsewhere
        return EVERYBODY if allowed and not self._accounts else NOT_KNOWN

    async def _look(self) -> None:
        """See whether there are accounts. Raises NoDatabase, psycopg.Error where that was never seen."""
        try:
            self._accounts = await self.threads.run_again(accounts.any_accounts)
        except (NoDatabase, psycopg.Error):
            if self._accounts is None:
                raise
        self._looked = time.monotonic()

    def forget(self) -> None:
        """Ask anew for everybody: somebody logged out, or an account was changed."""
        self._forgotten += 1
        self._known.clear()
        self._asking.clear()
        self._looked = float("-inf")

    def close(self) -> None:
        """Close the connections."""
        self.threads.close()

    async def _remembered(
        self, key: tuple[str, ...], ask: Callable[..., Awaitable[Identity | None]]
    ) -> Identity | None:
        """What is known of a key, asked once for all who want it at the same time."""
        try:
            return self._known[key]
        except KeyError:
            pass
        asking = self._asking.get(key)
        if asking is None:
            asking = self._asking[key] = asyncio.ensure_future(self._answer(key, ask))
        return await asyncio.shield(asking)

    async def _answer(self, key: tuple[str, ...], ask: Callable[..., Awaitable[Identity | None]]) -> Identity | None:
        before = self._forgotten
        try:
            identity = await ask(*key[1:])
        finally:
            if self._forgotten == before:
                self._asking.pop(key, None)
        if self._forgotten == before:  # else the answer may be of a time before somebody logged out
            self._known[key] = identity
        return identity

    async def _of_cookie(self, cookie: str) -> Identity | None:
        if len(cookie) > _LONGEST:
            return None
        session = await self.threads.run_again(sessions.find, cookie)
        if session is None:
            return None
        number = session.number
        return Identity(session.viewer, f"session {number}", number, session.id_token, ambient=True)

    async def _of_token(self, token: str) -> Identity | None:
        if len(token) > _LONGEST or not token.startswith(tokens.PREFIX):
            return None
        token_in_use = await self.threads.run_again(tokens.find, token)
        return None if token_in_use is None else Identity(token_in_use.viewer, f"token {token_in_use.number}")


def _of_proxy(
    connection: Any, name: str, roles: tuple[str, ...], units: tuple[str, ...], meaning: dict[str, str]
) -> Identity:
    grants = outside.grants_of(connection, roles, units, meaning)
    viewer = outside.of_proxy(connection, name, grants)
    return Identity(viewer, f"proxy {viewer.account}", ambient=True)
