"""The live feed of one server process: one connection listens, followers read by position at their own pace.

A notification only says that the log has grown; what it grew by is read from the log. So nothing is missed where a
notification is lost, and nothing comes twice. A follower holds one page; those at the same place share its reading.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

import asyncpg

from registry import database
from registry.log.recorder import CHANNEL
from registry.queries import following, moment
from registry.queries.decisions import Wanted
from registry.queries.following import Page

POLL: Final = 5.0  # seconds after which the log is looked at though nobody said that it has grown
RETRY: Final = 1.0  # seconds between attempts to reach a database that cannot be reached
PAGE: Final = 200  # decisions read at once for a follower
LOST: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, database.NoDatabase)
log = logging.getLogger("registry.api")


class Feed:
    """What followers of this process share."""

    def __init__(self, url: str | None, pool: Callable[[], Awaitable[Any]]) -> None:
        self._url = url
        self._pool = pool
        self._head = -1  # the newest position heard of
        self._grown = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._pages: dict[tuple[Wanted, int, int], asyncio.Task[Page]] = {}
        self.ended = asyncio.Event()  # the server stops: streams end

    async def newest(self) -> int:
        """The newest position, from the database. Raises NoDatabase, or what asyncpg raises."""
        return await moment.newest(await self._pool())

    async def follow(self, after: int, wanted: Wanted) -> AsyncGenerator[Page]:
        """Every wanted decision after a position, in order, each once, for as long as the follower listens.

        A page may be empty: it tells how far the log has been read. While the database is away the follower waits.
        """
        position = after
        while True:
            until = await self._beyond(position)
            try:
                page = await self._page(wanted, position, until)
            except LOST as problem:
                log.warning("following the log: %s", problem)
                await asyncio.sleep(RETRY)
                continue
            position = page.position
            yield page

    def end(self) -> None:
        """The server stops: let go of followers and of the database."""
        self.ended.set()
        if self._watching is not None:
            self._watching.cancel()

    async def _beyond(self, position: int) -> int:
        """The newest position, once it is beyond this one."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        while self._head <= position:
            await self._grown.wait()
        return self._head

    async def _page(self, wanted: Wanted, after: int, until: int) -> Page:
        key = (wanted, after, until)
        reading = self._pages.get(key)
        if reading is None:
            reading = self._pages[key] = asyncio.create_task(self._read(*key))
            reading.add_done_callback(lambda task: self._read_one(key, task))
        return await asyncio.shield(reading)  # others may wait for it though this follower leaves

    async def _read(self, wanted: Wanted, after: int, until: int) -> Page:
        return await following.page(await self._pool(), wanted, after, until, PAGE)

    def _read_one(self, key: tuple[Wanted, int, int], task: asyncio.Task[Page]) -> None:
        del self._pages[key]
        if not task.cancelled():
            task.exception()  # told to whoever waits for it; nobody may

    async def _watch(self) -> None:
        """Know how far the log is, on one connection that listens, made anew whenever it is lost."""
        while True:
            with suppress(*LOST):
                await self._listen()
            await asyncio.sleep(RETRY)

    async def _listen(self) -> None:
        rung = asyncio.Event()
        connection = await database.listener(self._url, CHANNEL, rung.set)
        try:
            while not connection.is_closed():
                rung.clear()
                self._heard_of(await moment.newest(connection))
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await rung.wait()
        finally:
            connection.terminate()

    def _heard_of(self, head: int) -> None:
        if head != self._head:  # less than before: the database was restored to an earlier state
            self._head = head
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()
