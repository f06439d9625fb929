"""The question at the village window: the demo county with the nation's lists, asked in process as people ask."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import date
from typing import Any

from bench.figures import Figure, Report, quantile
from bench.workspace import Workspace
from registry import database, demo
from registry.data_files import CHECKOUT
from registry.database import connect
from registry.domain.dates import today
from registry.queries import certificates
from registry.queries.certificates import evaluation as phrasings
from registry.recording.unit_of_work import record

QUESTIONS = 3000
RECORDED = 100  # questions each asked after a decision was recorded
PHRASINGS = CHECKOUT / "tests" / "data" / "certificate_phrasings.csv"
VILLAGES = """
SELECT code FROM unit
WHERE level = 'village' AND NOT dissolved AND valid_from <= %s AND valid_to > %s AND known_to = 9223372036854775807
ORDER BY 1
"""


def measure(here: Workspace, report: Report) -> None:
    """Random villages of the county and random phrasings; again after every decision of another process."""
    url = here.new("window")
    with connect(url) as connection:
        demo.record(connection)
        connection.execute("VACUUM ANALYZE")
        villages = [row[0] for row in connection.execute(VILLAGES, (today(), today()))]
    texts = [case.text for case in phrasings.read(PHRASINGS, "dev")]
    asyncio.run(_measure(url, villages, texts, report))


async def _measure(url: str, villages: list[str], texts: list[str], report: Report) -> None:
    sample = random.Random(1)
    async with await database.pool(url, min_size=1, max_size=1) as pool:
        report(Figure("the first question of a process", (await _answered(pool, [(villages[0], texts[0])]))[0], "ms"))
        questions = [(sample.choice(villages), sample.choice(texts)) for _ in range(QUESTIONS)]
        spent = time.process_time()
        took = await _answered(pool, questions)
        spent = 1000 * (time.process_time() - spent) / QUESTIONS
        report(Figure("a question, processor time of this process, mean", spent, "ms"))
        report(Figure("a question, p50", quantile(took, 0.5), "ms"))
        report(Figure("a question, p99", quantile(took, 0.99), "ms", ("<=", 10.0)))
        days = [date.fromordinal(today().toordinal() - 1 - n) for n in range(20)]
        took = await _answered(pool, questions[:20], days)
        report(Figure("each of another day, p50", quantile(took, 0.5), "ms"))
        took = []
        with connect(url) as connection:
            for number, question in enumerate(questions[:RECORDED]):
                burden = {"type": "BurdenReported", "at": "2026-01-01", "report": f"BENCH-{number}", "text": "试"}
                record(connection, [burden | {"unit": villages[0]}])
                took += await _answered(pool, [question])
        report(Figure("a question after something was recorded, p50", quantile(took, 0.5), "ms"))
        report(Figure("a question after something was recorded, p99", quantile(took, 0.99), "ms", ("<=", 10.0)))


async def _answered(pool: Any, questions: list[tuple[str, str]], days: list[date] | None = None) -> list[float]:
    took: list[float] = []
    for number, (village, text) in enumerate(questions):
        start = time.perf_counter()
        await certificates.answer(pool, village, text, days[number] if days else None)
        took.append(1000 * (time.perf_counter() - start))
    return took
