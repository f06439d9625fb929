"""The background task that extends the feed of findings by what is recorded and by every day that begins."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event
from typing import Any, Final

import psycopg

from registry import database
from registry.domain.dates import SHANGHAI, today
from registry.impact import finding_feed
from registry.web.feeds.repeated_warnings import RepeatedWarnings

RETRY: Final = 5.0  # seconds until the next attempt where the database is away or another process judges
PAUSE: Final = 0.05  # seconds between two spells of judging, for those who ask


class FindingWorker:
    """One task of the server process, started with the server or by the first follower of findings."""

    def __init__(self, url: str | None, decisions: Any) -> None:
        self._url = url
        self._decisions = decisions  # the feed of decisions: knows when there is more to judge
        self._task: asyncio.Task[None] | None = None
        self._spell: asyncio.Task[Any] | None = None
        self._stopped = Event()
        self._warnings = RepeatedWarnings("judging")

    def start(self) -> None:
        """Keep judging until the server stops. Repeated, it changes nothing."""
        if not self._stopped.is_set() and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._keep())

    @property
    def judges(self) -> bool:
        """Whether it is at work: what is recorded is judged without anybody who asks."""
        return self._task is not None and not self._task.done() and not self._stopped.is_set()

    def end(self) -> None:
        """Stop: what is being judged is finished, a few seconds' work at most."""
        self._stopped.set()
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Once nothing is being judged any more."""
        for task in (self._task, self._spell):
            if task is not None:
                with suppress(asyncio.CancelledError, Exception):
                    await task

    async def _keep(self) -> None:
        while True:
            self._spell = asyncio.create_task(asyncio.to_thread(self._some))
            try:
                done = await asyncio.shield(self._spell)
            except (database.NoDatabase, psycopg.Error) as problem:
                self._warnings.note(problem)
                await asyncio.sleep(RETRY)
                continue
            self._warnings.over()
            if done is None:
                await asyncio.sleep(RETRY)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_until_tomorrow()):
                        await self._decisions.beyond(done)

    def _some(self) -> int | None:
        """Judge until there is nothing left, or the server stops; the position reached, None where it is not all."""
        with database.connect(self._url) as connection:
            while not self._stopped.wait(PAUSE):
                try:
                    progress = finding_feed.assess_some(connection, patient=False)
                except finding_feed.AssessedElsewhere:
                    return None
                if progress is None:
                    return 0
                row = connection.execute("SELECT coalesce(max(position), 0) FROM log.decision").fetchone()
                if row is not None and progress.position >= row[0] and progress.day >= today():
                    return progress.position
        return None


def _until_tomorrow() -> float:
    now = datetime.now(SHANGHAI)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - now).total_seconds() + 1
