"""What a first visit to each view of the console costs: `python -m tools.visits [--visits 7] [--profile] [NAME …]`.

The application in this process over the registry of REGISTRY_HOME or REGISTRY_DATABASE_URL, whose PostgreSQL runs on
this machine; the addresses of the browser's tests and a few more. Every visit is of another day (all days in the
address are put as much earlier), with every answer forgotten that was kept, after one round that does not count.

Printed are of each view: the clock at p50 and p95; the processor's time of this process and of PostgreSQL, p50, and of
both together at p95 (which, unlike the clock, hardly hangs on what else the machine does); the questions that it asks
of the API; the bytes of its answer. `--profile` prints instead where this process spends its time.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import re
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
from fastapi import FastAPI

from registry.domain.dates import today
from registry.queries.findings.findings import Checked
from registry.web.application import application
from registry.web.console import asking
from tests.browser.test_console import COUNTY, VIEWS

MORE: Final = {
    "ledger": f"/findings?within={COUNTY}",
    "balance-quarters": f"/balance/{COUNTY}",
    "balance-months": f"/balance/{COUNTY}?from=2020-11-01&to=2026-10-31&step=month",
    "unit-duties": f"/units/{COUNTY}",
    "reports-statistics": f"/reports?within={COUNTY}&state=",
}
NS: Final = 1e6  # nanoseconds of a millisecond
TICK: Final = 10.0  # milliseconds of what /proc counts of processes that have ended


class Database:
    """The processes of PostgreSQL, and how long they have run."""

    def __init__(self, backend: int) -> None:
        """`backend`: any process of it."""
        self._first = _parent(backend)

    def milliseconds(self) -> float:
        """Of processor time, of all its processes; what has ended is only counted to a hundredth of a second."""
        ended = Path(f"/proc/{self._first}/stat").read_text().rpartition(")")[2].split()
        total = TICK * (int(ended[13]) + int(ended[14]))
        children = Path(f"/proc/{self._first}/task/{self._first}/children").read_text().split()
        for process in (str(self._first), *children):
            try:
                total += int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / NS
            except FileNotFoundError:
                continue
        return total


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


class Visitor:
    """Visits views of an application in this process."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, database: Database) -> None:
        self._app, self._client, self._database = app, client, database
        self.questions = 0

    async def visit(self, address: str, earlier: int) -> tuple[float, float, float, int]:
        """Milliseconds by the clock, of this process, of PostgreSQL; and the bytes answered."""
        asking.ANSWERS.clear()
        self._app.state.resources.checked = Checked()
        before = time.perf_counter(), time.process_time(), self._database.milliseconds()
        answer = await self._client.get(moved(address, earlier), headers={"accept": "text/html"})
        after = time.perf_counter(), time.process_time(), self._database.milliseconds()
        if not answer.is_success:
            print(f"{address}: {answer.status_code}", file=sys.stderr)
        clock, own = (1000 * (after[index] - before[index]) for index in (0, 1))
        return clock, own, after[2] - before[2], len(answer.content)


def moved(address: str, earlier: int) -> str:
    """The address with all its days so many days earlier; as of such a day, where it says none."""

    def back(day: re.Match[str]) -> str:
        return str(date.fromisoformat(day[0]) - timedelta(earlier))

    result = re.sub(r"\d{4}-\d\d-\d\d", back, address)
    if "as_of=" in result:
        return result
    return f"{result}{'&' if '?' in result else '?'}as_of={today() - timedelta(earlier)}"


@contextmanager
def counted(visitor: Visitor) -> Generator[None]:
    """Count the questions that views ask of the API."""
    plain = asking.ask

    async def ask(*given: Any) -> Any:
        visitor.questions += 1
        return await plain(*given)

    asking.ask = ask
    try:
        yield
    finally:
        asking.ask = plain


async def measured(wanted: dict[str, str], visits: int, profile: cProfile.Profile | None) -> None:
    """Print a row of a table for each view; with a profile, only visit them under it."""
    app = application()
    async with app.router.lifespan_context(app):
        pool = await app.state.resources.pool()
        database = Database(await pool.fetchval("SELECT pg_backend_pid()"))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://visits", timeout=300) as client:
            visitor = Visitor(app, client, database)
            print("| view | clock p50 | p95 | server | PostgreSQL | both, p95 | questions | bytes |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- |")
            for name, address in wanted.items():
                await visitor.visit(address, 0)
                visitor.questions = 0
                if profile:
                    profile.enable()
                with counted(visitor):
                    rows = [await visitor.visit(address, day) for day in range(1, visits + 1)]
                if profile:
                    profile.disable()
                print(row(name, np.array(rows), visitor.questions // visits), flush=True)


def row(name: str, visits: Any, questions: int) -> str:
    """The row of a view, milliseconds."""
    both = visits[:, 1] + visits[:, 2]
    clock, late = np.percentile(visits[:, 0], (50, 95))
    own, database, size = np.median(visits[:, 1:], axis=0)
    figures = (clock, late, own, database, np.percentile(both, 95))
    cells = (name, *(f"{each:.0f}" for each in figures), str(questions), f"{size:.0f}")
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure all views, or those named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a view, or an address; all views where none is named")
    parser.add_argument("--visits", type=int, default=7)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    views = {**VIEWS, **MORE}
    names: list[str] = given.names or list(views)
    wanted = {name: views.get(name, name) for name in names}
    profile = cProfile.Profile() if given.profile else None
    asyncio.run(measured(wanted, given.visits, profile))
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(40)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(60)


if __name__ == "__main__":
    main()
