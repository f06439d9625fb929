"""Questions about the past in a county, at two sizes of the log: what grew with the log would show."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from bench.figures import Figure, Report, quantile
from registry import database
from registry.database import connect
from registry.queries.history import changes
from registry.queries.holdings import custody, holdings
from registry.relations.two_times import NEWEST, AsOf

PAIRS = 200
TIMES = 2  # the larger log may take so many times the smaller one's time
Question = Callable[[Any, str, str], Awaitable[Any]]

QUESTIONS: dict[str, Question] = {
    "holders as of a date": lambda pool, duty, county: holdings.holders(
        pool, AsOf(date(2022, 6, 1), NEWEST), duty, county
    ),
    "custody": lambda pool, duty, county: custody.custody(pool, NEWEST, duty, county),
    "changes of a year": lambda pool, _, county: changes.changes(
        pool, NEWEST, county, date(2021, 12, 31), date(2022, 12, 31)
    ),
}


def measure(small: str, large: str, report: Report) -> None:
    """The same counties and duties, which both logs have: the smaller journal is the beginning of the larger."""
    with connect(small) as connection:
        rows = connection.execute("SELECT DISTINCT code FROM unit WHERE level = 'county' AND kind = 'government'")
        counties = sorted(row[0] for row in rows)
        rows = connection.execute("SELECT DISTINCT matter FROM delegation WHERE kind = 'duty'")
        duties = sorted(row[0] for row in rows)
    sample = random.Random(1)
    pairs = [(sample.choice(duties), sample.choice(counties)) for _ in range(PAIRS)]
    for url in (small, large):
        with connect(url) as connection:
            connection.autocommit = True
            connection.execute("VACUUM ANALYZE")
    for what, question in QUESTIONS.items():
        before, after = (asyncio.run(_ask(url, question, pairs)) for url in (small, large))
        report(Figure(f"{what} in a county, p50, the smaller log", before, "ms"))
        bound = ("<=", TIMES * before)
        report(Figure(f"{what} in a county, p50, the larger log", after, "ms", bound))


async def _ask(url: str, question: Question, pairs: list[tuple[str, str]]) -> float:
    times: list[float] = []
    async with await database.pool(url, min_size=1, max_size=1) as pool:
        for duty, county in pairs:
            start = time.perf_counter()
            await question(pool, duty, county)
            times.append(1000 * (time.perf_counter() - start))
    return quantile(times, 0.5)
