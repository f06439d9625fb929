"""The checker on registries of its shape (bench.chains): its snapshot, all its rules, and DuckDB beside four of them.

Each size is measured in a process of its own, so that its memory is its own. Besides the time of day the processor
time is given, which says more where other work runs on the same machine; of several runs the least.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

import psycopg

from bench import chains, duck, importing
from bench.figures import Figure, Report, where
from bench.workspace import Workspace
from registry.checker.check import explain, finding_rows
from registry.checker.rules import RULES
from registry.database import connect
from registry.log import recorder
from registry.relations.columns import LEVEL
from registry.snapshot import Snapshot, load

AS_OF = date(2025, 6, 30)
COMPARED = 100  # counties: the size at which the full check is to take 3 s
LOUD = 10.0  # times as many faults
COUNTRY = 11_600_000  # delegations of the whole country
RUNS = 5
THREADS = 2  # of DuckDB; the checker itself has one

Made = TypeVar("Made")
Seconds = tuple[float, float]  # of the day, of the processor


def registry(workspace: Workspace, counties: int, report: Report, faults: float = 1.0) -> str:
    """The address of a registry of so many counties, imported through the product."""
    file = workspace.folder / "chains.jsonl"
    chains.write(file, counties, faults)
    url = workspace.new(f"counties_{counties}_{faults:g}".replace(".", "_"))
    imported = importing.run(file, url)
    file.unlink()
    with connect(url) as connection, suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute("CHECKPOINT")
    report(f"  {counties} counties: {imported['recorded']:,} decisions imported in {imported['seconds']:.0f} s")
    return url


def measure(workspace: Workspace, registries: Mapping[int, str], report: Report) -> None:
    """Every size; DuckDB at the size asked for (or the largest), and as many faults again ten times as often."""
    compared = COMPARED if COMPARED in registries else max(registries)
    sizes: list[dict[str, Any]] = []
    for counties, url in sorted(registries.items()):
        sizes.append(_run(url, duck=counties == compared))
        _report_size(counties, sizes[-1], compared, report)
    _report_country(sizes, report)
    loud = registry(workspace, compared, report, LOUD)
    loud_results = _run(loud)
    workspace.drop(loud)
    report(f"  loud, {LOUD:g} times the faults: {loud_results['findings']:,} findings in {_both(_whole(loud_results))}")
    report(_where_words(loud_results))


def _report_size(counties: int, results: Mapping[str, Any], compared: int, report: Report) -> None:
    aim = counties == compared
    report(
        f"  {counties} counties: {results['delegations']:,} delegations ({results['grants']:,} grants), "
        f"{results['villages']:,} villages, {results['findings']:,} findings, {results['memory']:.0f} MiB"
    )
    rows = results["rows"] / results["loading"][0]
    report(Figure("loading the snapshot (the least time of day)", rows, "rows/s", (">=", 500_000) if aim else None))
    report(Figure("loading, the program's processor time", results["loading"][1], "s"))
    relations, words = _sum(results["finding"]), _sum(results["telling"])
    report(Figure("all rules, as relations", relations[0], "s"))
    report(Figure("putting what was found into words", words[0], "s"))
    report(Figure(f"full check of {len(RULES)} rules", _whole(results)[0], "s", ("<=", 3.0) if aim else None))
    report(Figure("full check, processor time", _whole(results)[1], "s"))
    if not aim:
        return
    report(_where_words(results))
    for rule, (ours, theirs) in results["beside"].items():
        report(f"    {rule}: ours {_both(ours)}, DuckDB {_both(theirs)}; the same answers")
    ours, theirs = (_sum({rule: pair[side] for rule, pair in results["beside"].items()}) for side in (0, 1))
    report(Figure("four relations, ours", ours[0], "s"))
    report(Figure(f"four relations, DuckDB with {THREADS} threads", theirs[0], "s"))
    report(Figure("four relations, ours : DuckDB", ours[0] / theirs[0], "", ("<=", 1.0)))
    report(Figure("four relations, ours : DuckDB, processor time", ours[1] / theirs[1], ""))


def _report_country(sizes: Sequence[Mapping[str, Any]], report: Report) -> None:
    """What the whole country takes by the largest size, and how much the sizes differ by delegation."""
    per = [(size["delegations"], size["loading"][1], _whole(size)[1], size["memory"] - size["empty"]) for size in sizes]
    for delegations, loading, check, memory in per:
        report(
            f"    of {delegations:,} delegations each: loading {1e6 * loading / delegations:.2f} µs, full check "
            f"{1e6 * check / delegations:.2f} µs (processor), {memory * 2**20 / delegations:.0f} bytes"
        )
    delegations, loading, check, memory = per[-1]
    times = COUNTRY / delegations
    report(
        f"  the whole country, {COUNTRY:,} delegations, by the largest size: loading {times * loading:.0f} s, full "
        f"check {times * check:.0f} s (processor), {times * memory / 1024:.1f} GiB"
    )


def _whole(results: Mapping[str, Any]) -> Seconds:
    finding, telling = _sum(results["finding"]), _sum(results["telling"])
    return finding[0] + telling[0], finding[1] + telling[1]


def _where_words(results: Mapping[str, Any]) -> str:
    seconds = {rule: spent[1] for rule, spent in results["finding"].items()}
    seconds |= {f"{rule}, in words": spent[1] for rule, spent in results["telling"].items()}
    largest = dict(sorted(seconds.items(), key=lambda each: -each[1])[:8])
    return where("where the processor time of the check goes:", largest, _whole(results)[1])


def _sum(seconds: Mapping[str, Seconds]) -> Seconds:
    return sum(spent[0] for spent in seconds.values()), sum(spent[1] for spent in seconds.values())


def _both(spent: Seconds) -> str:
    return f"{spent[0]:.3f} s ({spent[1]:.3f} s of processor)"


def _run(url: str, *, duck: bool = False) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.checking", url, *(["duck"] if duck else [])]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


# ------------------------------------------------------------------------------------------- in a process of its own


def _timed(act: Callable[[], Made]) -> tuple[Made, Seconds]:
    day, processor = time.perf_counter(), time.process_time()
    made = act()
    return made, (time.perf_counter() - day, time.process_time() - processor)


def _least(known: Seconds | None, spent: Seconds) -> Seconds:
    return spent if known is None else (min(known[0], spent[0]), min(known[1], spent[1]))


def _fresh(snapshot: Snapshot) -> Snapshot:
    """The same snapshot, nothing of what rules make of it kept."""
    return replace(snapshot, _made={})


def _checked(url: str, *, beside: bool) -> dict[str, Any]:
    empty = importing.memory()
    with connect(url) as connection:
        known, _ = recorder.head(connection)
        connection.execute("VACUUM (ANALYZE)")  # as the database does by itself in the minutes after an import
        loading: Seconds | None = None
        snapshot: Snapshot | None = None
        for _ in range(RUNS):
            snapshot = None
            snapshot, spent = _timed(lambda: load(connection, AS_OF, known))
            loading = _least(loading, spent)
    assert snapshot is not None
    finding: dict[str, Seconds] = {}
    telling: dict[str, Seconds] = {}
    count = 0
    for _ in range(3):
        fresh = _fresh(snapshot)
        count = 0
        for rule in RULES.values():
            some, spent = _timed(lambda: finding_rows(fresh, [rule]))  # noqa: B023
            finding[rule.name] = _least(finding.get(rule.name), spent)
            explained, spent = _timed(lambda: explain(fresh, some))  # noqa: B023
            telling[rule.name] = _least(telling.get(rule.name), spent)
            count += len(explained)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    parts = (snapshot.units, snapshot.delegations, snapshot.items, snapshot.instruments.number)
    return {
        "delegations": len(snapshot.delegations),
        "grants": int((snapshot.delegations.role < 0).sum() - (snapshot.delegations.mode < 0).sum()),
        "villages": int((snapshot.units.level == LEVEL["village"]).sum()),
        "rows": sum(len(part) for part in parts),
        "findings": count,
        "loading": loading,
        "finding": finding,
        "telling": telling,
        "empty": empty,
        "memory": memory,
        "beside": _beside(snapshot) if beside else {},
    }


def _beside(snapshot: Snapshot) -> dict[str, tuple[Seconds, Seconds]]:
    """Ours and DuckDB's seconds of each relation, in turn. Raises RuntimeError where the answers differ."""
    database = duck.tables(snapshot, THREADS)
    least: dict[str, tuple[Seconds, Seconds]] = {}
    for _ in range(RUNS):
        fresh = _fresh(snapshot)
        for rule in duck.RELATIONS:
            ours, spent = _timed(lambda: RULES[rule].find(fresh))  # noqa: B023
            theirs, other = _timed(lambda: duck.ask(database, rule))  # noqa: B023
            if duck.keys(ours) != duck.keys(theirs):
                raise RuntimeError(f"{rule}: {len(ours)} found here, {len(theirs['unit'])} by DuckDB")
            known = least.get(rule, (None, None))
            least[rule] = _least(known[0], spent), _least(known[1], other)
    return least


if __name__ == "__main__":
    json.dump(_checked(sys.argv[1], beside="duck" in sys.argv[2:]), sys.stdout)
