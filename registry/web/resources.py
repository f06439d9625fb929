"""What one server process holds for its requests: a pool for reading, connections in threads, who asks, the feeds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import psycopg

from registry import database
from registry.access.territory import Territories
from registry.database.shared_secrets import shared_secret
from registry.impact import KeptReadings
from registry.queries.findings.findings import Checked
from registry.telemetry.metrics import Metrics
from registry.web.background.runner import Runner
from registry.web.connection_threads import ConnectionThreads
from registry.web.feeds.feed import DECISIONS, FINDINGS, Feed
from registry.web.feeds.finding_worker import FindingWorker
from registry.web.feeds.webhook_worker import WebhookWorker
from registry.web.feeds.witness_worker import WitnessWorker
from registry.web.graphql.fast.kept_answers import KeptAnswers
from registry.web.identities import Identities
from registry.web.lasting import LastingConnections
from registry.web.reading import CURRENT

P = ParamSpec("P")
T = TypeVar("T")
THREADS: Final = 4
LONG: Final = 2  # threads for what can take many seconds
RECORDING: Final = 2  # for what is recorded, which one at a time can be
PATIENCE: Final = 20.0  # seconds for one of them; with those for the log's lock still less than an operation has
FORM_KEY: Final = "form"
GLANCE: Final = 5.0  # seconds between two looks at how many connections are used


class ServerResources:
    """An asyncpg pool for questions, psycopg connections in threads for the rest, who asks, the feeds, their worker.

    Each is opened by the first request that needs it and closed with the server. `numbers`: the folder in which all
    processes of the server keep their metrics; None: there is one process.
    """

    def __init__(self, url: str | None = None, numbers: Path | None = None) -> None:
        self.url = url
        self.identities = Identities(url)
        self.background = Runner(url)
        self.metrics = Metrics(numbers)
        self.lasting = LastingConnections()
        self.checked = Checked()
        self.readings = KeptReadings()
        self.territories = Territories()
        self.kept_answers = KeptAnswers()
        # A page of a feed goes up to a position that the primary was heard to have: only there is it surely complete.
        self.feed = Feed(url, self.primary, DECISIONS)
        self.findings = Feed(url, self.primary, FINDINGS)
        self.finding_worker = FindingWorker(url, self.feed)
        self.webhook_worker = WebhookWorker(url, self.feed, self.findings, self.primary, self.territories)
        self.witness_worker = WitnessWorker(url, self.feed)
        urls = database.replica_urls()
        self._replicas = database.Replicas(urls, self.primary) if urls else None
        self.form_key = b""  # with which forms are signed, once the pool is open
        self._pool: Any = None
        self._opening = asyncio.Lock()
        # Apart, so that no question waits for recordings, which wait for the log's lock, nor for what takes long.
        self._threads = ConnectionThreads(url, THREADS)
        self._long = ConnectionThreads(url, LONG)
        self._recording = ConnectionThreads(url, RECORDING, patience=PATIENCE)

    async def pool(self) -> Any:
        """What a request reads from: the same replica throughout, where there are any, else the primary's pool.

        Raises database.NoDatabase.
        """
        reading = CURRENT.get()
        if self._replicas is None or reading is None:
            return await self.primary()
        if reading.reader is None:
            reading.reader = await self._replicas.chosen(reading.needs)
        return reading.reader

    async def primary(self) -> Any:
        """The pool for reading the primary, which knows all that is recorded. Raises database.NoDatabase."""
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    opened = await database.pool(self.url)
                    try:
                        self.form_key = await asyncio.to_thread(self._read_form_key)
                    except BaseException:
                        opened.terminate()
                        raise
                    self._pool = opened
        return self._pool

    def _read_form_key(self) -> bytes:
        with database.connect(self.url) as connection:
            return shared_secret(connection, FORM_KEY)

    async def run_in_thread(
        self, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `work(connection, …)`, run in a thread with a connection of its own, in no transaction."""
        return await self._threads.run(work, *args, **kwargs)

    async def run_long(
        self, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run_in_thread`, of what can take many seconds: reading a file, planning what is taken back."""
        return await self._long.run(work, *args, **kwargs)

    async def run_recording(
        self, work: Callable[Concatenate[psycopg.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run_in_thread`, of what takes the log's lock. Raises Busy also where too many wait for it."""
        return await self._recording.run(work, *args, **kwargs)

    @property
    def has_replicas(self) -> bool:
        """Whether questions are asked of replicas."""
        return self._replicas is not None

    async def watch_pool(self) -> None:
        """Keep the metrics told how many connections for reading there are, until cancelled."""
        while True:
            if self._pool is not None:
                idle = self._pool.get_idle_size()
                self.metrics.pool(idle, self._pool.get_size() - idle)
            await asyncio.sleep(GLANCE)

    def end(self) -> None:
        """The server stops: streams end, and nothing more is judged."""
        self.feed.end()
        self.findings.end()
        self.finding_worker.end()
        self.webhook_worker.end()
        self.witness_worker.end()

    async def close(self) -> None:
        """Close every connection; questions under way are given a moment to end."""
        self.end()
        await self.background.close()
        await self.finding_worker.ended()
        await self.webhook_worker.ended()
        await self.witness_worker.ended()
        if self._replicas is not None:
            await self._replicas.close()
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 5)
            except TimeoutError:
                self._pool.terminate()
            self._pool = None
        for threads in (self._threads, self._long, self._recording):
            threads.close()
        self.identities.close()
