"""A connection that listens: whoever asked for it and leaves before it is there leaves nothing open."""

from __future__ import annotations

import asyncio
import gc
import warnings
from contextlib import suppress
from time import perf_counter

from registry import database

MOMENTS = 60


def test_a_listener_that_nobody_waits_for_any_more_is_closed(database_url: str) -> None:
    async def open_one() -> None:
        (await database.listener(database_url, "quanze_test", lambda: None)).terminate()

    async def leave_after(seconds: float) -> None:
        opening = asyncio.create_task(open_one())
        await asyncio.sleep(seconds)
        opening.cancel()
        with suppress(asyncio.CancelledError):
            await opening

    async def leave_at_many_moments() -> None:
        begun = perf_counter()
        await open_one()
        whole = perf_counter() - begun
        for moment in range(MOMENTS):
            await leave_after(whole * moment / MOMENTS)
            gc.collect(0)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(leave_at_many_moments())
        gc.collect()
    assert [str(warning.message) for warning in caught] == []
