"""Database connections in threads, for what is written or asked with psycopg while the event loop is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg

from registry import database

P = ParamSpec("P")
T = TypeVar("T")


class ConnectionThreads:
    """At most so many threads at once, each with a connection that is opened when first needed and kept."""

    def __init__(self, url: str | None, most: int) -> None:
        self._url = url
        self._slots = asyncio.Semaphore(most)
        self._idle: list[psycopg.Connection] = []
        self._over = False

    async def run(
        self, work: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `work(connection, …)`, run in a thread with a connection of its own, in no transaction."""
        async with self._slots:
            return await asyncio.to_thread(self._run, work, *args, **kwargs)

    async def run_again(
        self, work: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `run`, of what may be done twice: once more where the database has ended the kept connections."""
        try:
            return await self.run(work, *args, **kwargs)
        except psycopg.OperationalError:
            return await self.run(work, *args, **kwargs)

    def _run(self, work: Callable[Concatenate[psycopg.Connection[Any], P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        connection = self._idle.pop() if self._idle else database.connect(self._url)
        try:
            answer = work(connection, *args, **kwargs)
            connection.rollback()
        except psycopg.OperationalError:
            connection.close()  # it may be broken, as others: the next request gets a new one
            self._close_idle()
            raise
        except BaseException:
            connection.rollback()
            self._keep(connection)
            raise
        self._keep(connection)
        return answer

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        self._idle.append(connection)
        if self._over:  # while this thread worked for somebody who no longer waits
            self._close_idle()

    def _close_idle(self) -> None:
        with suppress(IndexError):  # another thread may take the last one
            while True:
                self._idle.pop().close()

    def close(self) -> None:
        """Close the connections that nobody uses, and from now on each as soon as nobody does."""
        self._over = True
        self._close_idle()
