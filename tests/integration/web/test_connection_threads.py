"""What works in a thread for somebody who leaves comes to its end, whatever it is doing at that moment."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from threading import Event

import psycopg

from registry.web.connection_threads import ConnectionThreads
from tests.support.waiting import PATIENCE


def test_work_between_two_statements_ends_with_its_next(database_url: str) -> None:
    between, left, ended = Event(), Event(), Event()

    def work(connection: psycopg.Connection) -> None:
        connection.execute("SELECT 1")
        between.set()
        left.wait(PATIENCE)
        try:
            connection.execute("SELECT pg_sleep(3600)")
        except psycopg.errors.QueryCanceled:
            ended.set()
            raise

    async def ask_and_leave() -> int:
        threads = ConnectionThreads(database_url, 1)
        asking = asyncio.create_task(threads.run(work))
        await asyncio.to_thread(between.wait, PATIENCE)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.2)  # the first interruption meets no statement
        left.set()
        assert await asyncio.to_thread(ended.wait, PATIENCE)
        answer = await threads.run(lambda connection: connection.execute("SELECT 7").fetchone())
        threads.close()
        assert answer is not None
        return int(answer[0])

    assert asyncio.run(ask_and_leave()) == 7
