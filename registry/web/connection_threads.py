"""Database connections in threads, for what is written or asked with psycopg while the event loop is free."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
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
            self.close()
            raise
        except BaseException:
            connection.rollback()
            self._idle.append(connection)
            raise
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()
