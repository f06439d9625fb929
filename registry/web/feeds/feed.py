"""The live feeds of one server process: one connection listens, followers read by position at their own pace.

There is one of decisions, and one of findings as they open and close, whose positions are the numbers of its events.
A notification only says that there is more; what it grew by is read from the log. So nothing is missed where a
notification is lost, and nothing comes twice. A follower holds one page; those at the same place share its reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import asyncpg

from registry import database
from registry.impact import finding_feed
from registry.log.recorder import CHANNEL
from registry.queries.findings import finding_events
from registry.queries.findings.finding_events import EventPage, WantedEvents
from registry.queries.history import following
from registry.queries.history.decisions import Wanted
from registry.queries.history.following import Page
from registry.relations import two_times
from registry.web.feeds.repeated_warnings import RepeatedWarnings

POLL: Final = 5.0  # seconds after which the log is looked at though nobody said that it has grown
RETRY: Final = 1.0  # seconds between attempts to reach a database that cannot be reached
PAGE: Final = 200  # decisions or events read at once for a follower
LOST: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    database.NoDatabase,
)


class Paged(Protocol):
    """A page, and the position up to which it was read."""

    @property
    def position(self) -> int: ...


W = TypeVar("W")
P = TypeVar("P", bound=Paged)


@dataclass(frozen=True)
class Source(Generic[W, P]):
    """What is followed: the channel on which growth is told, its newest position, and what is wanted, page by page."""

    channel: str
    newest: Callable[[Any], Awaitable[int]]
    page: Callable[[Any, W, int, int, int], Awaitable[P]]


DECISIONS: Final[Source[Wanted, Page]] = Source(CHANNEL, two_times.newest, following.page)
FINDINGS: Final[Source[WantedEvents, EventPage]] = Source(
    finding_feed.CHANNEL, finding_events.newest, finding_events.page
)


class Feed(Generic[W, P]):
    """What followers of this process share; of decisions, where no other source is given."""

    def __init__(self, url: str | None, pool: Callable[[], Awaitable[Any]], source: Source[W, P] | None = None) -> None:
        self._source: Source[W, P] = source or cast(Any, DECISIONS)
        self._url = url
        self._pool = pool
        self._warnings = RepeatedWarnings(f"following {self._source.channel}")  # of all followers together
        self._head = -1  # the newest position heard of
        self._grown = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._pages: dict[tuple[W, int, int], asyncio.Task[P]] = {}
        self.ended = asyncio.Event()  # the server stops: streams end

    async def newest(self) -> int:
        """The newest position, from the database. Raises NoDatabase, or what asyncpg raises."""
        return await self._source.newest(await self._pool())

    async def follow(self, after: int, wanted: W) -> AsyncGenerator[P]:
        """Everything wanted after a position, in order, each once, for as long as the follower listens.

        A page may be empty: it tells how far the log has been read. While the database is away the follower waits.
        """
        position = after
        while True:
            until = await self.beyond(position)
            try:
                page = await self._page(wanted, position, until)
            except LOST as problem:
                self._warnings.note(problem)
                await asyncio.sleep(RETRY)
                continue
            self._warnings.over()
            position = page.position
            yield page

    async def follow_until_end(self, after: int, wanted: W) -> AsyncGenerator[P]:
        """As `follow`, but ended by `end`: for streams that would otherwise never end of themselves."""
        pages = self.follow(after, wanted)
        ended = asyncio.create_task(self.ended.wait())
        try:
            while True:
                page = asyncio.ensure_future(anext(pages))
                await asyncio.wait((page, ended), return_when=asyncio.FIRST_COMPLETED)
                if not page.done():
                    page.cancel()
                    return
                yield await page
        finally:
            ended.cancel()

    def end(self) -> None:
        """The server stops: let go of followers and of the database."""
        self.ended.set()
        if self._watching is not None:
            self._watching.cancel()

    async def beyond(self, position: int) -> int:
        """The newest position, once it is beyond this one."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        while self._head <= position:
            await self._grown.wait()
        return self._head

    async def _page(self, wanted: W, after: int, until: int) -> P:
        key = (wanted, after, until)
        reading = self._pages.get(key)
        if reading is None:
            reading = self._pages[key] = asyncio.create_task(self._read(*key))
            reading.add_done_callback(lambda task: self._read_one(key, task))
        return await asyncio.shield(reading)  # others may wait for it though this follower leaves

    async def _read(self, wanted: W, after: int, until: int) -> P:
        return await self._source.page(await self._pool(), wanted, after, until, PAGE)

    def _read_one(self, key: tuple[W, int, int], task: asyncio.Task[P]) -> None:
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
        connection = await database.listener(self._url, self._source.channel, rung.set)
        try:
            while not connection.is_closed():
                rung.clear()
                self._heard_of(await self._source.newest(connection))
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
