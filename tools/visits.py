"""What a first visit to each view of the console costs: `python -m tools.visits [--visits 7] [--profile] [NAME …]`.

The application in this process over the registry of REGISTRY_HOME or REGISTRY_DATABASE_URL, whose PostgreSQL runs on
this machine; the addresses of the browser's tests and a few more, or with `--county CODE --day DAY` those of a county
of another registry. Every visit is of another day (all days in the address are put as much earlier), with every answer
forgotten that was kept, after one round that does not count. As in a server, the feed of findings goes on beside it,
which is waited for at first, and the collector makes its full passes between visits.

Printed are of each view: the clock at p50 and p95; the processor's time of this process and of PostgreSQL, p50, and of
both together at p95 (which, unlike the clock, hardly hangs on what else the machine does); the questions that it asks
of the API; the bytes of its answer. `--profile` prints instead where this process spends its time.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import pstats
import re
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Final

import httpx
import numpy as np
import uvloop
from fastapi import FastAPI

from registry.domain.dates import today
from registry.fast.idle_collector import collect_when_idle
from registry.impact import KeptReadings
from registry.queries.findings import finding_events
from registry.queries.findings.findings import Checked
from registry.web.application import application
from registry.web.connection_threads import ConnectionThreads
from registry.web.console import asking
from registry.web.resources import ServerResources
from tests.support.console_views import COUNTY, VIEWS

MORE: Final = {
    "ledger": f"/findings?within={COUNTY}",
    "ledger-since": f"/findings?within={COUNTY}&ages=yes",
    "balance-quarters": f"/balance/{COUNTY}",
    "balance-months": f"/balance/{COUNTY}?from=2020-11-01&to=2026-10-31&step=month",
    "balance-months-drawn": f"/balance/{COUNTY}?from=2020-11-01&to=2026-10-31&step=month&series=yes",
    "unit-duties": f"/units/{COUNTY}",
    "reports-statistics": f"/reports?within={COUNTY}&state=",
}
CAUGHT_UP: Final = 120.0  # seconds to wait for the feed of findings
OF_COUNTY: Final = """
    query ($code: ID!, $on: Date!) {
      unit(code: $code, asOf: $on) { children(first: 500) { nodes { code kind level } } }
      findings(within: $code, asOf: $on, rule: "duty-without-power", first: 1) {
        nodes { rule subject unit { code } matter { code } }
      }
    }
"""
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

    def __init__(self, app: FastAPI, client: httpx.AsyncClient, database: Database, day: date) -> None:
        self._app, self._client, self._database, self._day = app, client, database, day
        self.questions = 0

    async def visit(self, address: str, earlier: int) -> tuple[float, float, float, int]:
        """Milliseconds by the clock, of this process, of PostgreSQL; and the bytes answered."""
        asking.ANSWERS.clear()
        self._app.state.resources.checked, self._app.state.resources.readings = Checked(), KeptReadings()
        gc.collect()
        before = time.perf_counter(), time.process_time(), self._database.milliseconds()
        answer = await self._client.get(moved(address, earlier, self._day), headers={"accept": "text/html"})
        after = time.perf_counter(), time.process_time(), self._database.milliseconds()
        if not answer.is_success:
            print(f"{address}: {answer.status_code}", file=sys.stderr)
        clock, own = (1000 * (after[index] - before[index]) for index in (0, 1))
        return clock, own, after[2] - before[2], len(answer.content)


def moved(address: str, earlier: int, day: date) -> str:
    """The address with all its days so many days earlier; as of a day so much before `day`, where it says none."""

    def back(written: re.Match[str]) -> str:
        return str(date.fromisoformat(written[0]) - timedelta(earlier))

    result = re.sub(r"\d{4}-\d\d-\d\d", back, address)
    if "as_of=" in result:
        return result
    return f"{result}{'&' if '?' in result else '?'}as_of={day - timedelta(earlier)}"


async def views_of(client: httpx.AsyncClient, county: str, day: date) -> dict[str, str]:
    """The views of a county with one of its towns, of its bureaus and of its findings, by the names of VIEWS."""
    question = {"query": OF_COUNTY, "variables": {"code": county, "on": str(day)}}
    data = (await client.post("/graphql", json=question)).raise_for_status().json()["data"]
    below, (finding,) = data["unit"]["children"]["nodes"], data["findings"]["nodes"]
    town = next(each["code"] for each in below if each["level"] == "TOWNSHIP")
    bureau = next(each["code"] for each in below if each["kind"] == "department")
    key = f"rule={finding['rule']}&unit={finding['unit']['code']}&subject={finding['subject']}"
    year = timedelta(365)
    return {
        "overview": f"/overview/{county}",
        "overview-town": f"/overview/{town}",
        "ledger": f"/findings?within={county}",
        "ledger-since": f"/findings?within={county}&ages=yes",
        "findings": f"/findings?within={county}&rule=off-list",
        "finding": f"/findings/one?{key}",
        "rectifications": f"/rectifications?within={county}",
        "burdens": f"/burdens?within={county}&kind=form",
        "reports": f"/reports?within={county}",
        "monitoring": f"/monitoring?within={county}&month={day:%Y-%m}",
        "assessments": f"/assessments?within={county}",
        "balance": f"/balance/{county}?from={day - year}&to={day}&figure=powers",
        "balance-months": f"/balance/{county}?from={day - 3 * year}&to={day}&step=month",
        "balance-months-drawn": f"/balance/{county}?from={day - 3 * year}&to={day}&step=month&series=yes",
        "matrix": f"/matrix/{county}",
        "matrix-offices": f"/matrix/{county}?group=offices&show=uneven",
        "matrix-powerless": f"/matrix/{county}?show=powerless",
        "changes": f"/changes/{county}?from={day - year / 2}&to={day}",
        "unit": f"/units/{town}",
        "unit-powers": f"/units/{town}?tab=powers",
        "unit-history": f"/units/{town}?tab=history",
        "unit-sent": f"/units/{bureau}?tab=sent",
        "matter": f"/matters/{finding['matter']['code']}?within={county}",
        "documents": "/documents",
        "log": "/log",
    }


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


class Profiles:
    """Where this process spends its time, in its event loop and in the threads that work for it."""

    def __init__(self) -> None:
        self._own, self._lock = cProfile.Profile(time.thread_time), Lock()
        self._others: list[cProfile.Profile] = []

    @contextmanager
    def measuring(self) -> Generator[None]:
        """Add what is done meanwhile."""
        plain = ConnectionThreads._run  # pyright: ignore[reportPrivateUsage]

        def run(*given: Any, **named: Any) -> Any:
            profile = cProfile.Profile(time.thread_time)
            with self._lock:
                self._others.append(profile)
            return profile.runcall(plain, *given, **named)

        ConnectionThreads._run = run  # pyright: ignore[reportPrivateUsage]
        self._own.enable()
        try:
            yield
        finally:
            self._own.disable()
            ConnectionThreads._run = plain  # pyright: ignore[reportPrivateUsage]

    def show(self) -> None:
        """Print it, by what functions take themselves and with what they call."""
        stats = pstats.Stats(self._own)
        for each in self._others:
            stats.add(each)
        stats.sort_stats("tottime").print_stats(40)
        stats.sort_stats("cumtime").print_stats(90)


async def measured(given: argparse.Namespace, profiles: Profiles | None) -> None:
    """Print a row of a table for each view; with profiles, only visit them under these."""
    app = application()
    async with app.router.lifespan_context(app):
        resources = app.state.resources
        pool = await resources.pool()
        database = Database(await pool.fetchval("SELECT pg_backend_pid()"))
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://visits", timeout=300) as client:
            views = {**VIEWS, **MORE} if given.county is None else await views_of(client, given.county, given.day)
            names: list[str] = given.names or list(views)
            await caught_up(resources)
            visitor = Visitor(app, client, database, given.day)
            gc.collect()
            gc.freeze()
            collect_when_idle(lambda: False)
            print("| view | clock p50 | p95 | server | PostgreSQL | both, p95 | questions | bytes |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- |")
            for name in names:
                address = views.get(name, name)
                await visitor.visit(address, 0)
                visitor.questions = 0
                with counted(visitor), profiles.measuring() if profiles else nullcontext():
                    rows = [await visitor.visit(address, day) for day in range(1, given.visits + 1)]
                print(row(name, np.array(rows), visitor.questions // given.visits), flush=True)


async def caught_up(resources: ServerResources) -> None:
    """Once the feed of findings is judged up to today; says where it is still behind after a while."""
    resources.finding_worker.start()
    try:
        async with asyncio.timeout(CAUGHT_UP):
            while await finding_events.left_to_judge(await resources.pool(), today()) is not None:
                await asyncio.sleep(1)
    except TimeoutError:
        print("the feed of findings is still behind, and goes on beside the visits", file=sys.stderr)


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
    parser.add_argument("--county", metavar="CODE", help="a county of this registry, instead of the demo's views")
    parser.add_argument(
        "--day", type=date.fromisoformat, default=today(), help="as of which day; today where not given"
    )
    given = parser.parse_args()
    profiles = Profiles() if given.profile else None
    uvloop.run(measured(given, profiles))
    if profiles:
        profiles.show()


if __name__ == "__main__":
    main()
