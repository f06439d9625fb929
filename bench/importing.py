"""Importing a journal, measured beside a bare COPY of the same events and tags into the same tables."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench.figures import Figure, Report, where
from bench.stages import Stages
from bench.workspace import Workspace
from registry.database import connect
from registry.domain.decide.slice import DecisionSlice
from registry.exchange import journal
from registry.log import events, recorder
from registry.log.recorder import LogRecorder
from registry.projections.aggregate_store import AggregateStore
from registry.projections.writing import Changes
from registry.recording import journal_import, unit_of_work

BATCH = journal_import.BATCH
PROFILED = 20_000


def measure(workspace: Workspace, file: Path, decisions: int, rounds: int, report: Report) -> str:
    """Import and COPY in turn, `rounds` times each. Gives the address of the last import's database."""
    imports: list[dict[str, Any]] = []
    copies: list[float] = []
    url = ""
    for number in range(rounds):
        if url:
            workspace.drop(url)
        url = workspace.new(f"import_{number}")
        imports.append(run(file, url))
        copies.append(copy(url))
    seconds, copied = median(each["seconds"] for each in imports), median(copies)
    size, tags = imports[-1]["recorded"], imports[-1]["tags"]
    assert size == decisions, f"{size} of {decisions} decisions were recorded"
    each_round = " / ".join(f"{each['seconds']:.1f} : {bare:.1f}" for each, bare in zip(imports, copies, strict=True))
    report(f"  {size:,} decisions with {tags:,} tags; seconds of import : COPY in turn: {each_round}")
    report(Figure("import with validation and projection", size / seconds, "decisions/s"))
    report(Figure("bare COPY of the same events and tags, same tables and indexes", size / copied, "decisions/s"))
    report(Figure("import : COPY (the aim is 0.5)", copied / seconds, "", (">=", 0.25)))
    memory = imports[-1]["memory"]
    report("  memory of the importing process, MiB: " + ", ".join(f"{part} % {size:.0f}" for part, size in memory))
    first, last = memory[0][1], memory[-1][1]
    # AggregateCache are kept up to a number of them; a journal that does not reach it is all kept.
    report(Figure("memory at the end : memory at 10 %", last / first, "", ("<=", 2.0) if decisions > 300_000 else None))
    report(Figure("processor time of the importing process", imports[-1]["processor"], "s"))
    return url


def profile(workspace: Workspace, file: Path, report: Report) -> None:
    """Where the time of an import goes, on the first decisions of the journal."""
    url = workspace.new("profile")
    results = run(file, url, PROFILED)
    report(where(f"where the time of importing {results['recorded']:,} goes:", results["stages"], results["seconds"]))
    workspace.drop(url)


def run(file: Path, url: str, profiled: int | None = None) -> dict[str, Any]:
    """Import in a process of its own."""
    command = [sys.executable, "-m", "bench.importing", str(file), url, *([str(profiled)] if profiled else [])]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def copy(url: str) -> float:
    """Seconds for COPY of the log's events and tags into tables like its own, rows made ready beforehand."""
    spent = 0.0
    with connect(url) as source, connect(url) as target:
        target.autocommit = False
        target.execute("CREATE SCHEMA bare")
        for table in ("decision", "tag"):
            target.execute(f"CREATE TABLE bare.{table} (LIKE log.{table} INCLUDING ALL)")
        target.commit()
        types = {table: _types(source, table) for table in ("decision", "tag")}
        with source.transaction(), source.cursor("rows", binary=True) as rows:
            rows.execute("SELECT * FROM log.decision ORDER BY position")
            while batch := rows.fetchmany(BATCH):
                names = [column.name for column in rows.description or ()]
                position, tagged = names.index("position"), names.index("tags")
                tags = [(tag, row[position]) for row in batch for tag in row[tagged]]
                start = time.perf_counter()
                _copy(target, "decision", types["decision"], batch)
                _copy(target, "tag", types["tag"], tags)
                spent += time.perf_counter() - start
        start = time.perf_counter()
        target.commit()
        spent += time.perf_counter() - start
        target.execute("DROP SCHEMA bare CASCADE")
        target.commit()
    return spent


def _types(connection: psycopg.Connection, table: str) -> list[str]:
    rows = connection.execute(
        "SELECT format_type(atttypid, NULL) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (f"log.{table}",),
    )
    return [row[0] for row in rows]


def _copy(connection: psycopg.Connection, table: str, types: list[str], rows: list[Any]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY bare.{table} FROM STDIN (FORMAT BINARY)") as copying:
        copying.set_types(types)
        for row in rows:
            copying.write_row(row)


def memory() -> float:
    """What this process holds in memory now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def _import(file: Path, url: str, profiled: int | None) -> dict[str, Any]:
    size = file.stat().st_size
    held: list[tuple[int, float]] = []
    stages = Stages()
    watched = () if profiled is None else STAGES
    with connect(url) as connection, file.open("rb") as stream:

        def progress(_: journal_import.Imported) -> None:
            part = 10 * stream.tell() // size * 10
            if part and (not held or held[-1][0] < part):
                held.append((part, memory()))

        lines = islice(journal.lines(stream), profiled)
        start, processor = time.perf_counter(), time.process_time()
        with stages.watching(*watched):
            counts = journal_import.import_journal(connection, lines, progress=progress)
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        tags = connection.execute("SELECT count(*) FROM log.tag").fetchone()
    assert tags is not None
    return {
        "recorded": counts.recorded,
        "tags": tags[0],
        "seconds": seconds,
        "processor": processor,
        "memory": held,
        "stages": stages.seconds,
    }


STAGES: tuple[tuple[str, Any, str], ...] = (
    ("reading a line into a decision", journal_import, "read_form"),
    ("deciding", DecisionSlice, "execute"),
    ("reading streams", LogRecorder, "read"),
    ("finding which streams to read", unit_of_work.UnitOfWork, "prefetch"),
    ("writing the canonical line", events, "to_line"),
    ("rows of aggregates", AggregateStore, "rows"),
    ("comparing rows", Changes, "note"),
    ("bytes of events and tags for COPY", recorder, "pack"),
    ("bytes of the read tables for COPY", Changes, "packed"),
)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    limit = int(arguments[2]) if len(arguments) > 2 else None
    json.dump(_import(Path(arguments[0]), arguments[1], limit), sys.stdout)
