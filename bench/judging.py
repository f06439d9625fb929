"""Checking everything there is, and replaying the log."""

from __future__ import annotations

import time
from datetime import date

from bench.figures import Figure, Report, where
from bench.importing import memory
from registry.checker.check import check_snapshot
from registry.checker.rules import RULES
from registry.database import connect
from registry.log import recorder
from registry.replay import replay
from registry.snapshot import load

AS_OF = date(2025, 6, 30)


def check(url: str, report: Report) -> None:
    """The snapshot of a day out of the read tables, and every rule over it."""
    with connect(url) as connection:
        known, _ = recorder.head(connection)
        start = time.perf_counter()
        snapshot = load(connection, AS_OF, known)
        loaded = time.perf_counter() - start
        rows = sum(
            len(part)
            for part in (snapshot.units, snapshot.delegations, snapshot.items.list, snapshot.instruments.number)
        )
        seconds: dict[str, float] = {}
        findings = 0
        for rule in RULES.values():
            start = time.perf_counter()
            findings += len(check_snapshot(snapshot, [rule]))
            seconds[rule.name] = time.perf_counter() - start
    checking = sum(seconds.values())
    report(
        f"  {rows:,} rows in the snapshot of {AS_OF}, {findings:,} findings of {len(RULES)} rules, {memory():.0f} MiB"
    )
    report(Figure("loading the snapshot", rows / loaded, "rows/s"))
    report(Figure("the full check: loading, judging, telling", loaded + checking, "s"))
    report(where("where the time of the check goes:", {"loading": loaded} | seconds, loaded + checking))


def rebuild(url: str, report: Report) -> None:
    """Replay: every read table anew from the log, and the comparison with what stands."""
    with connect(url) as connection:
        start = time.perf_counter()
        last = start

        def progress(_done: int, _total: int) -> None:
            nonlocal last
            last = time.perf_counter()

        result = replay(connection, progress)
        end = time.perf_counter()
    if result.differences:
        raise RuntimeError(f"replay finds differences: {result.differences}")
    report(Figure("replay: rebuilding and comparing", result.decisions / (end - start), "decisions/s"))
    report(
        where("where the time of the replay goes:", {"rebuilding": last - start, "comparing": end - last}, end - start)
    )
