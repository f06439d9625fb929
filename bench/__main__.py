"""python -m bench [--decisions N] [--rounds N] [--counties N,N,…] [--only a,b,…] [--country [--keep]]: measures.

Says pass or MISS beside what has a target. --country: all that the country is held to, in one run, on as many counties
as --counties says (all of them; five for ratios in a few minutes); --keep: the databases stay.

a import against a bare COPY · b a unit's responsibilities · c one recorded decision · d GraphQL over HTTP ·
e the full check · f replay · g the past of a county · h certificates · i the checker on counties, beside DuckDB ·
j one decision with what it opens and closes. On an embedded server in a temporary folder, or in scratch databases of
the server that REGISTRY_DATABASE_URL names.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bench import checking, counties, country, importing, judging, past, questions, serving, singles, window
from bench.figures import Figure
from bench.workspace import Workspace, workspace

SMALL = 10_000
FEW = 5  # counties with ten thousand delegations
PARTS = {
    "a": "import of a journal, beside a bare COPY",
    "b": "a unit's responsibilities as of a date",
    "c": "one recorded decision, with its projection",
    "d": "GraphQL over HTTP",
    "e": "the full check",
    "f": "replay",
    "g": "the past of a county, at two sizes of the log",
    "h": "the question at the village window",
    "i": "the checker on registries of counties, beside DuckDB",
    "j": "one recorded decision, with the findings it opens and closes",
}


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--decisions", type=int, default=100_000, help="size of the journal (100000)")
    parser.add_argument("--rounds", type=int, help="imports and COPYs in turn (3; from 500000 decisions on 1)")
    parser.add_argument("--only", default="abcdefghij", help="parts, such as a,c")
    parser.add_argument("--counties", help="sizes for i and j, in counties (25,100,240); with --country one (all)")
    parser.add_argument("--country", action="store_true", help="what the country is held to, instead of the parts")
    parser.add_argument("--keep", action="store_true", help="with --country: leave the databases")
    given = parser.parse_args()
    parts = [part for part in given.only if part in PARTS]
    if not parts or given.decisions < 2 * SMALL:
        parser.error(f"--only takes {', '.join(PARTS)}; --decisions at least {2 * SMALL}")
    sizes = [int(size) for size in (given.counties or "25,100,240").split(",") if size.isdigit() and int(size)]
    if not sizes:
        parser.error("--counties takes numbers, such as 25,100")
    with workspace(keep=given.keep and given.country) as here:
        _machine(here)
        start = time.perf_counter()
        if given.country:
            many = sizes[0] if given.counties else sum(map(len, counties.divisions()[1].values()))
            country.measure(here, many, report)
            parts = []
        if given.keep and given.country:
            report(f"\nkept: REGISTRY_HOME={os.environ.get('REGISTRY_HOME', '')} {', '.join(here.made)}")
        if set(parts) - set("ij"):
            _measure(here, parts, given.decisions, given.rounds or (1 if given.decisions >= 500_000 else 3))
        if set(parts) & set("ij"):
            _check(here, parts, sizes)
        report(f"\nin all {time.perf_counter() - start:.0f} s")


def report(what: Figure | str) -> None:
    """Print a measurement or a remark."""
    print(what.line() if isinstance(what, Figure) else what, flush=True)


def _machine(here: Workspace) -> None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    report(
        f"{datetime.now():%Y-%m-%d %H:%M}; {os.cpu_count()} cores, {memory:.0f} GiB, load before {load}; "
        f"Python {platform.python_version()}, PostgreSQL {here.version()}, psycopg {version('psycopg')}"
    )


def _measure(here: Workspace, parts: list[str], decisions: int, rounds: int) -> None:
    if "h" in parts:
        _title("h")
        window.measure(here, report)
    if not set(parts) - set("hij"):
        return
    start = time.perf_counter()
    file = here.folder / "journal.jsonl"
    counties.write(file, decisions)
    spent = time.perf_counter() - start
    report(f"journal: {decisions:,} decisions, {file.stat().st_size / 2**20:.0f} MiB, written in {spent:.1f} s")
    if "a" in parts:
        _title("a")
        large = importing.measure(here, file, decisions, rounds, report)
        importing.profile(here, file, report)
    else:
        large = _imported(here, file, "large")
    small = ""
    if {"c", "g"} & set(parts):
        counties.write(file, SMALL)
        small = _imported(here, file, "small")
    if "c" in parts:
        _title("c")
        singles.measure(small, large, report)
    if "b" in parts:
        _title("b")
        questions.measure(large, report)
    if "d" in parts:
        _title("d")
        serving.measure(large, here.folder, report)
    if "e" in parts:
        _title("e")
        judging.check(large, report)
    if "f" in parts:
        _title("f")
        judging.rebuild(large, report)
    if "g" in parts:
        _title("g")
        past.measure(small, large, report)


def _check(here: Workspace, parts: list[str], sizes: list[int]) -> None:
    report("\nregistries for i and j, imported:")
    registries = {size: checking.registry(here, size, report) for size in (sizes if "i" in parts else sizes[-1:])}
    if "j" in parts:
        # Before the rest, on the largest as it was just imported; a check changes nothing.
        _title("j")
        singles.assessed(checking.registry(here, FEW, report), registries[sizes[-1]], report)
    if "i" in parts:
        _title("i")
        checking.measure(here, registries, report)


def _title(part: str) -> None:
    report(f"\n{part}. {PARTS[part]}")


def _imported(here: Workspace, file: Path, name: str) -> str:
    url = here.new(name)
    importing.run(file, url)
    return url


if __name__ == "__main__":
    sys.exit(main())
