"""The country in one run: registries of counties (bench.chains) imported, and every figure that the country is held to.

Of a few counties only (the small form: five) the same rows: what grows with the log
is measured on two counties too and drawn on to the whole country along the line through both, which says more the more
counties there are; beside each stands how many times the aim that is. Commands are measured as their users start them:
time of day, processor time of the command with its children, peak memory. The database's processor time is not in it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import date
from typing import IO, Any, NamedTuple

import psycopg

from bench import chains, importing, serving, singles, window
from bench.figures import Figure, Report, number, quantile
from bench.workspace import Workspace
from registry.checker import check
from registry.database import connect, pool
from registry.impact.remedies import remedies
from registry.log import recorder
from registry.queries.units import units
from registry.relations.two_times import AsOf

DAY = "2025-06-30"
DECISIONS = 13_300_000  # of the country
FEW = 2  # counties beside which the others are held
SHOWN = 5  # findings of which the ways out are worked out


class Spent(NamedTuple):
    """What a command took: seconds of the day and of the processor, MiB at the peak of its largest process."""

    day: float
    processor: float
    memory: float


class Country:
    """A registry of so many counties beside one of a few, and what is reported of it."""

    def __init__(self, url: str, decisions: int, few: str, few_decisions: int, report: Report) -> None:
        self.url, self.decisions, self.few, self.few_decisions = url, decisions, few, few_decisions
        self._report = report

    def row(self, what: str, value: float, unit: str, aim: float | None = None, few: float | None = None) -> None:
        """Report a row. `few`: the same on the few, of what grows with the log; the aim is then the whole country's."""
        self._report(Figure(what, value, unit))
        if few is not None:
            slope = (value - few) / (self.decisions - self.few_decisions)
            value = max(0.0, value + slope * (DECISIONS - self.decisions))
            self._report(f"      {number(value)} {unit} for {DECISIONS:,} decisions, along the line (extrapolated)")
        if aim is not None:
            share = aim / value if value and not unit else value / aim
            self._report(f"      {number(share)} times the aim of {number(aim)} {unit}".rstrip())

    def command(self, *arguments: str) -> Spent:
        """Run `registry …` on it, its output into a file that is thrown away. Raises where it fails."""
        with tempfile.TemporaryFile() as output:
            return run(self.url, output, *arguments)

    def commands(self, *arguments: str) -> tuple[Spent, Spent]:
        """The same on it and on the few."""
        with tempfile.TemporaryFile() as output:
            return self.command(*arguments), run(self.few, output, *arguments)


def run(url: str, output: IO[bytes], *arguments: str) -> Spent:
    """Run `registry …` against a database; what it took with all processes that it waited for."""
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "registry", *arguments],
        stdout=output,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"REGISTRY_DATABASE_URL": url},
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"registry {' '.join(arguments)} ended with {process.returncode}")
    return Spent(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def measure(here: Workspace, counties: int, report: Report) -> None:
    """Generate, import, and measure every row that there is."""
    country = _imported(here, counties, report)
    _checks(country, report)
    _answers(country, report)
    _log(country, report)
    _disk(country, report)
    report("\n  a village's window (the demo county)")
    window.measure(here, report)
    report("\n  hot GraphQL question, two processes of a load beside it")
    with suppress(FileNotFoundError):  # no load generator on this machine
        serving.measure(country.url, here.folder, report)
    # The last, for it records.
    report("\n  one recorded decision, with what it opens and closes")
    singles.assessed(country.few, country.url, report)


def _registry(here: Workspace, counties: int, name: str) -> tuple[str, dict[str, Any]]:
    file = here.folder / f"{name}.jsonl"
    chains.write(file, counties)
    url = here.new(name)
    imported = importing.run(file, url)
    file.unlink()
    with connect(url) as connection:
        with suppress(psycopg.errors.InsufficientPrivilege):
            connection.execute("CHECKPOINT")
        connection.execute("VACUUM (ANALYZE)")
    return url, imported


def _imported(here: Workspace, counties: int, report: Report) -> Country:
    report("\n  import")
    few, first = _registry(here, FEW, "few")
    url, imported = _registry(here, counties, "country")
    decisions = int(imported["recorded"])
    country = Country(url, decisions, few, int(first["recorded"]), report)
    report(f"    {counties} counties, {decisions:,} decisions in {imported['seconds']:.1f} s")
    country.row("processor time of the program a decision", 1e6 * imported["processor"] / decisions, "µs", 30)
    country.row("import : bare COPY", importing.copy(url) / imported["seconds"], "", 0.5)
    return country


def _checks(country: Country, report: Report) -> None:
    report("\n  check of everything, as of " + DAY)
    arguments = ("check", "--json", "--no-remedies", "--as-of", DAY)
    for called, more in (("one process", ()), ("two processes in pieces", ("--workers", "2"))):
        large, few = country.commands(*arguments, *more)
        country.row(f"{called}, time of day", large.day, "s", 10, few.day)
        country.row(f"{called}, processor time of them", large.processor, "s", None, few.processor)
        country.row(f"{called}, peak memory of the largest", large.memory, "MiB")
    with connect(country.url) as connection:
        row = connection.execute("SELECT min(code) FROM unit WHERE level = 'county' AND kind = 'government'").fetchone()
    assert row is not None
    county = country.command(*arguments, "--within", row[0])
    country.row(f"one county ({row[0]}), time of day", county.day, "s", 1)
    country.row("one county, peak memory", county.memory, "MiB")


def _answers(country: Country, report: Report) -> None:
    report("\n  answers")
    with connect(country.url) as connection:
        known, _ = recorder.head(connection)
        codes = {
            level: str(code)
            for level, code in connection.execute(
                "SELECT level, min(code) FROM unit WHERE kind = 'government' GROUP BY level"
            )
        }
        day = date.fromisoformat(DAY)
        check(connection, day, known, codes["township"])  # what a process reads once
        for level, aim in (("township", 50), ("county", 100)):
            begun = time.perf_counter()
            findings = check(connection, day, known, codes[level])
            what = f"{len(findings)} findings of a {level}, loaded, judged and in words"
            country.row(what, 1000 * (time.perf_counter() - begun), "ms", aim)
        begun = time.perf_counter()
        for finding in findings[:SHOWN]:
            remedies(connection, finding)
        country.row("ways out of a finding", 1000 * (time.perf_counter() - begun) / SHOWN, "ms", 100)
    asyncio.run(_search(country, date.fromisoformat(DAY)))
    country.row("balance of a county, the whole command", country.command("balance", codes["county"]).day, "s")
    country.row("start of a command, processor time", country.command("--version").processor, "s", 0.25)


async def _search(country: Country, day: date) -> None:
    async with await pool(country.url, min_size=1, max_size=1) as reader:
        moment = AsOf(day, await reader.fetchval("SELECT max(position) FROM log.decision"))
        took: list[float] = []
        for text in ("东", "河东", "城镇", "水务局", "派出所", "王沟", "420") * 3:
            begun = time.perf_counter()
            await units.search(reader, moment, None, None, text, None, 50)
            await units.count(reader, moment, None, None, text)
            took.append(1000 * (time.perf_counter() - begun))
    country.row("search of units by a part of the name, page and count, p50", quantile(took, 0.5), "ms", 20)
    country.row("the same, the slowest", max(took), "ms")


def _log(country: Country, report: Report) -> None:
    report("\n  the log")
    for command, aim in (("verify", 60), ("export", 60), ("replay", DECISIONS / 60_000)):
        large, few = country.commands(command)
        country.row(f"{command}, time of day", large.day, "s", aim, few.day)


def _disk(country: Country, report: Report) -> None:
    report("\n  disk, bytes a decision")
    of = {
        "all": "pg_database_size(current_database())",
        "log": "pg_table_size('log.decision') + pg_table_size('log.tag')",
        "its indexes": "pg_indexes_size('log.decision') + pg_indexes_size('log.tag')",
        "of these the tags' key": "pg_relation_size('log.tag_pkey')",
        "delegations": "pg_table_size('live.delegation')",
        "their indexes": "pg_indexes_size('live.delegation')",
    }
    with connect(country.url) as connection:
        row = connection.execute(("SELECT " + ", ".join(of.values())).encode()).fetchone()
    assert row is not None
    for what, size in zip(of, row, strict=True):
        country.row(what, size / country.decisions, "bytes", 1000 if what == "all" else None)
