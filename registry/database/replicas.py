"""Reading on replicas (PostgreSQL's streaming replication): which of them are up and near, and what they know.

Every second each replica is asked how far it is. One that does not answer, that lacks migrations, or that has not yet
what the primary had five seconds ago is left out until it is near again. Where none is left, the primary is read.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Final

import asyncpg

from registry.database import connections
from registry.database.problems import NoDatabase

LOOK: Final = 1.0  # seconds between two looks at the replicas
PATIENCE: Final = 1.0  # seconds for one to answer a look
LAG: Final = 5.0  # seconds that a replica may be behind
WAIT: Final = 0.5  # seconds that who has recorded waits for a replica to know it, before the primary is asked
STEP: Final = 0.01  # seconds between two questions to a replica meanwhile
NEWEST: Final = "SELECT coalesce(max(position), 0) FROM log.decision"
STATE: Final = f"SELECT ({NEWEST}), (SELECT count(*) FROM quanze.migration)"
# Where a replica fails in a way that the primary would not: gone, starting, or what it replays is in the way (40001).
FAILED: Final = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.SerializationError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
)
log = logging.getLogger("registry.database")
Pool = Callable[[], Awaitable[Any]]


class Replica:
    """One replica: its pool, how far it was when last asked, and whether it is to be read."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = connections.without_password(url)
        self.pool: Any = None
        self.position = 0
        self.near = False

    async def look(self, migrations: int) -> bool:
        """Ask it how far it is; whether it answers and has the migrations."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self.pool is None:
                    self.pool = await connections.reading_pool(self.url)
                self.position, applied = await self.pool.fetchrow(STATE)
        except (*FAILED, TimeoutError, asyncpg.PostgresError, NoDatabase):
            return False
        return applied >= migrations

    async def reached(self, position: int, seconds: float) -> bool:
        """Whether it comes to know a position within so many seconds."""
        deadline = monotonic() + seconds
        with suppress(*FAILED, TimeoutError):
            async with asyncio.timeout(seconds):
                while self.position < position and monotonic() < deadline:
                    self.position = max(self.position, await self.pool.fetchval(NEWEST))
                    if self.position < position:
                        await asyncio.sleep(STEP)
        return self.position >= position


class Replicas:
    """The replicas of a server process, looked at as long as it runs."""

    def __init__(self, urls: Sequence[str], primary: Pool) -> None:
        self._replicas = [Replica(url) for url in urls]
        self._primary = primary
        self._past: deque[tuple[float, int]] = deque(maxlen=32)  # when the primary was how far
        self._counter = itertools.count()
        self._watching: asyncio.Task[None] | None = None

    async def chosen(self, position: int) -> Any:
        """What to read a request from, one that knows this position: a replica in its turn, else the primary.

        Raises NoDatabase where none can be reached.
        """
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        near = [replica for replica in self._replicas if replica.near]
        if not near:
            return await self._primary()
        replica = near[next(self._counter) % len(near)]
        if replica.position < position:
            replica = max(near, key=lambda one: one.position)
            position = min(position, await self._newest())  # what was taken back at once is waited for by nobody
            if not await replica.reached(position, WAIT):
                return await self._primary()
        return ReplicaReader(replica, self._primary)

    def states(self) -> list[tuple[str, bool, int]]:
        """Of each replica its address without password, whether it is read, and its position when last asked."""
        return [(replica.name, replica.near, replica.position) for replica in self._replicas]

    async def close(self) -> None:
        """Let go of all replicas."""
        if self._watching is not None:
            self._watching.cancel()
        for replica in self._replicas:
            if replica.pool is not None:
                replica.pool.terminate()

    async def _newest(self) -> int:
        return await (await self._primary()).fetchval(NEWEST)

    async def _watch(self) -> None:
        while True:
            migrations = 0
            with suppress(*FAILED, TimeoutError, asyncpg.PostgresError, NoDatabase):
                async with asyncio.timeout(PATIENCE):
                    newest, migrations = await (await self._primary()).fetchrow(STATE)
                    self._past.append((monotonic(), newest))
            answers = await asyncio.gather(*(replica.look(migrations) for replica in self._replicas))
            # At the start, what the primary had at the first look.
            first = self._past[0][1] if self._past else 0
            demanded = max((newest for when, newest in self._past if when < monotonic() - LAG), default=first)
            for replica, answers_well in zip(self._replicas, answers, strict=True):
                near = answers_well and replica.position >= demanded
                if near != replica.near:
                    state = "in use" if near else "left out"
                    log.warning("replica %s: %s at position %d", replica.name, state, replica.position)
                replica.near = near
            await asyncio.sleep(LOOK)


class ReplicaReader:
    """Reads on a replica, as an asyncpg pool does; what it fails to answer is asked of the primary."""

    def __init__(self, replica: Replica, primary: Pool) -> None:
        self._replica, self._primary = replica, primary

    async def fetch(self, query: str, *args: Any, **more: Any) -> list[Any]:
        """All rows."""
        return await self._ask("fetch", query, *args, **more)

    async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:
        """The first row; None where there is none."""
        return await self._ask("fetchrow", query, *args, **more)

    async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:
        """The first column of the first row; None where there is none."""
        return await self._ask("fetchval", query, *args, **more)

    async def _ask(self, how: str, query: str, *args: Any, **more: Any) -> Any:
        if self._replica.near:
            try:
                return await getattr(self._replica.pool, how)(query, *args, **more)
            except FAILED as problem:
                self._replica.near = False  # until it is looked at again
                log.warning("replica %s: left out: %s", self._replica.name, problem)
        return await getattr(await self._primary(), how)(query, *args, **more)
