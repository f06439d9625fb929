"""A unit's responsibilities as of a date: the time in the database, and with the way there and back."""

from __future__ import annotations

import asyncio
import json
import random
import time
from datetime import date, timedelta
from typing import Any

from bench.figures import Figure, Report, quantile
from registry import database
from registry.database import connect
from registry.queries.holdings.holdings import RESPONSIBILITIES, responsibilities
from registry.relations.two_times import NEWEST, AsOf

QUESTIONS = 2000
TOWNSHIPS = "SELECT code FROM unit WHERE level = 'township' AND kind = 'government' ORDER BY 1"


def measure(url: str, report: Report) -> None:
    """2,000 random units and dates: as the import left the database, and after it was vacuumed."""
    with connect(url) as connection:
        connection.autocommit = True
        units = [row[0] for row in connection.execute("SELECT DISTINCT code FROM unit ORDER BY 1")]
        towns = [row[0] for row in connection.execute(TOWNSHIPS)]
        sample = random.Random(1)
        anyone = [(sample.choice(units), _day(sample)) for _ in range(QUESTIONS)]
        townships = [(sample.choice(towns), _day(sample)) for _ in range(QUESTIONS)]
        asyncio.run(_ask(url, "any unit, as the import left it", anyone, report))
        connection.execute("VACUUM ANALYZE")
    asyncio.run(_ask(url, "any unit, after VACUUM ANALYZE", anyone, report))
    asyncio.run(_ask(url, "townships, after VACUUM ANALYZE", townships, report))


def _day(sample: random.Random) -> date:
    return date(2019, 1, 1) + timedelta(days=sample.randrange(365 * 8))


async def _ask(url: str, what: str, arguments: list[tuple[str, date]], report: Report) -> None:
    pool = await database.pool(url, min_size=1, max_size=1)
    inside: list[float] = []
    outside: list[float] = []
    rows = 0
    async with pool.acquire() as connection:
        await connection.execute(f"PREPARE asked AS {RESPONSIBILITIES}")
        for unit, day in arguments:
            statement = f"EXECUTE asked ('{day}', {NEWEST}, '{{{unit}}}', NULL, NULL, 100)"
            plan: Any = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}")
            explained = json.loads(plan)[0]
            inside.append(explained["Planning Time"] + explained["Execution Time"])
        for unit, day in arguments:
            start = time.perf_counter()
            answer = await responsibilities(connection, AsOf(day, NEWEST), [unit], None, None, 100)
            outside.append(1000 * (time.perf_counter() - start))
            rows += sum(total for total, _ in answer.values())
    await pool.close()
    size = f"{what} ({rows / len(arguments):.0f} rows)"
    report(Figure(f"in the database, p50: {size}", quantile(inside, 0.5), "ms"))
    report(Figure(f"in the database, p99: {size}", quantile(inside, 0.99), "ms", ("<=", 3.0)))
    report(Figure("  asked through the pool, p50", quantile(outside, 0.5), "ms"))
    report(Figure("  asked through the pool, p99", quantile(outside, 0.99), "ms"))
