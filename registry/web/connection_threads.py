"""Database connections in threads, for what is written or asked with psycopg while the event loop is free."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import psycopg

from registry import database
from registry.log.recorder import Busy

P = ParamSpec("P")
T = TypeVar("T")

FIRST_PAUSE: Final = 0.05  # seconds until work that nobody waits for is interrupted again, where it goes on
LAST_PAUSE: Final = 2.0


class ConnectionThreads:
    """At most so many threads at once, each with a connection that is opened when first needed and kept.

    The threads are their own: what holds up others, as a file that is long in reading, does not hold up these. A thread
    that works for somebody who waits no more has its statements ended, and is taken again when it is done, not before.
    `patience`: how many seconds at most a thread is waited for.
    """

    def __init__(self, url: str | None, most: int, *, patience: float | None = None) -> None:
        self._url, self._patience = url, patience
        self._slots = asyncio.Semaphore(most)
        self._threads = ThreadPoolExecutor(most, thread_name_prefix="connection")
        self._idle: list[psycopg.Connection] = []
        self._under_way: set[asyncio.Future[Any]] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._over = False

    async def run(
        self, work: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `work(connection, …)`, run in a thread with a connection of its own, in no transaction.

        Raises Busy where no thread is free in time; then nothing of it has begun.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._slots.acquire()
        except TimeoutError:
            raise Busy from None
        job = _Job()
        inner = partial(contextvars.copy_context().run, self._run, job, work, *args, **kwargs)
        done: asyncio.Future[T] = asyncio.get_running_loop().run_in_executor(self._threads, inner)
        self._under_way.add(done)
        done.add_done_callback(self._ended)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            if not done.done():
                ending = asyncio.create_task(self._end(job, done))
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)
            raise

    async def run_again(
        self, work: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, of what may be done twice: once more where the database has ended the kept connections."""
        try:
            return await self.run(work, *args, **kwargs)
        except psycopg.OperationalError:
            return await self.run(work, *args, **kwargs)

    async def _end(self, job: _Job, done: asyncio.Future[Any]) -> None:
        """Until it is over: work that is between two statements when it is interrupted goes on to its next."""
        pause = FIRST_PAUSE
        while not done.done():
            await asyncio.get_running_loop().run_in_executor(None, job.end)
            await asyncio.wait([done], timeout=pause)
            pause = min(2 * pause, LAST_PAUSE)

    def _ended(self, done: asyncio.Future[Any]) -> None:
        self._under_way.discard(done)
        self._slots.release()
        if not done.cancelled():
            done.exception()  # heard, though nobody may wait for it any more

    def _run(
        self,
        job: _Job,
        work: Callable[Concatenate[psycopg.Connection[Any], P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        connection = self._kept() or database.connect(self._url)
        usable = False
        try:
            job.begin(connection)
            answer = work(connection, *args, **kwargs)
            connection.rollback()
            usable = True
        except psycopg.errors.QueryCanceled:
            raise
        except psycopg.OperationalError:
            self._close_idle()  # the others may be broken, too: the next request gets a new one
            raise
        except BaseException:
            connection.rollback()
            usable = True
            raise
        finally:
            if job.over() and usable:
                self._keep(connection)
            else:
                connection.close()
        return answer

    def _kept(self) -> psycopg.Connection[Any] | None:
        with suppress(IndexError):  # another thread may take the last one
            return self._idle.pop()
        return None

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        self._idle.append(connection)
        if self._over:  # while this thread worked for somebody who no longer waits
            self._close_idle()

    def _close_idle(self) -> None:
        while (connection := self._kept()) is not None:
            connection.close()

    def close(self) -> None:
        """Close the connections that nobody uses, and from now on each as soon as nobody does."""
        self._over = True
        for done in [*self._under_way]:
            done.cancel()  # what is in a thread comes to its end there, and tells nobody
        self._threads.shutdown(wait=False)
        self._close_idle()


class _Job:
    """What one thread does for one who waits, and how that is ended once nobody does."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._interrupted = False

    def begin(self, connection: psycopg.Connection[Any]) -> None:
        """It uses this connection from now on. Raises QueryCanceled where nobody waits for it any more."""
        with self._lock:
            if self._interrupted:
                raise psycopg.errors.QueryCanceled("nobody waits for it any more")
            self._connection = connection

    def over(self) -> bool:
        """It uses its connection no more. Whether others can: what ended its statement may come late and end theirs."""
        with self._lock:
            self._connection = None
            return not self._interrupted

    def end(self) -> None:
        """Have the database end the statement under way, if it is in one."""
        with self._lock:
            self._interrupted = True
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.cancel()
