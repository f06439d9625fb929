"""One decision recorded with its projection: on a small log and on a large one in turn."""

from __future__ import annotations

import gc
import random
import time
from contextlib import suppress
from typing import Any

import psycopg

from bench.figures import Figure, Report, quantile, where
from bench.stages import Stages
from registry import impact
from registry.database import connect
from registry.domain.decide.slice import DecisionSlice
from registry.log import recorder
from registry.log.recorder import LogRecorder
from registry.projections import writing
from registry.projections.aggregate_store import AggregateStore
from registry.recording import unit_of_work

RECORDED = 500
ASSESSED = 300
WARM = 20  # before it is measured


def measure(small: str, large: str, report: Report) -> None:
    """500 decisions each, taking turns, so that what else the machine does weighs on both alike.

    Right after the import, which has the database count what it filled.
    """
    with connect(small) as one, connect(large) as other:
        connections = [one, other]
        # What the import left to be written to disk is no part of what one decision costs.
        with suppress(psycopg.errors.InsufficientPrivilege):
            other.execute("CHECKPOINT")
        sizes = [recorder.head(connection)[0] for connection in connections]
        made = [decisions(connection, RECORDED + WARM) for connection in connections]
        spent: list[list[float]] = [[], []]
        for number in range(RECORDED + WARM):
            for which in (0, 1):
                start = time.perf_counter()
                unit_of_work.record(connections[which], [made[which][number]], recorded_by="bench")
                spent[which].append(1000 * (time.perf_counter() - start))
        for size, times in zip(sizes, spent, strict=True):
            report(Figure(f"one decision on {size:,}, p50", quantile(times[WARM:], 0.5), "ms"))
            report(Figure(f"one decision on {size:,}, p99", quantile(times[WARM:], 0.99), "ms", ("<=", 20.0)))
        ratio = quantile(spent[1][WARM:], 0.5) / quantile(spent[0][WARM:], 0.5)
        report(Figure(f"p50 on {sizes[1]:,} : p50 on {sizes[0]:,}", ratio, "", ("<=", 1.25)))
        _profile(other, report)


def assessed(small: str, large: str, report: Report) -> None:
    """The same with what each opened and closed, as the API answers it, on few and on many delegations."""
    with connect(small) as one, connect(large) as other:
        connections = [one, other]
        with suppress(psycopg.errors.InsufficientPrivilege):
            other.execute("CHECKPOINT")  # as above; and what the database does by itself in the minutes after
        for connection in connections:
            connection.execute("VACUUM (ANALYZE)")
        query = "SELECT count(DISTINCT ref) FROM delegation"
        sizes = [next(iter(connection.execute(query)))[0] for connection in connections]
        made = [decisions(connection, ASSESSED + WARM, "j") for connection in connections]
        spent: list[list[float]] = [[], []]
        processor: list[list[float]] = [[], []]
        # A full collection takes 80 ms of this process, whichever of the two it happens to fall on.
        gc.collect()
        gc.freeze()
        for number in range(ASSESSED + WARM):
            for which in (0, 1):
                start, used = time.perf_counter(), time.process_time()
                done = unit_of_work.record(connections[which], [made[which][number]], recorded_by="bench")
                impact.assessed(connections[which], done.before, done.after)
                spent[which].append(1000 * (time.perf_counter() - start))
                processor[which].append(1000 * (time.process_time() - used))
        gc.unfreeze()
        for size, times, used in zip(sizes, spent, processor, strict=True):
            report(Figure(f"one decision judged on {size:,} delegations, p50", quantile(times[WARM:], 0.5), "ms"))
            report(Figure(f"one decision judged on {size:,} delegations, p99", quantile(times[WARM:], 0.99), "ms"))
            report(Figure("of it the program's processor time, p50", quantile(used[WARM:], 0.5), "ms"))
        ratio = quantile(spent[1][WARM:], 0.99) / quantile(spent[0][WARM:], 0.99)
        report(Figure(f"p99 on {sizes[1]:,} : p99 on {sizes[0]:,}", ratio, "", ("<=", 1.5)))


def _profile(connection: psycopg.Connection, report: Report) -> None:
    stages = Stages()
    made = decisions(connection, 200, "p")
    start = time.perf_counter()
    with stages.watching(
        ("reading the decision", unit_of_work, "read_form"),
        ("taking the lock", recorder, "_take_lock"),
        ("reading streams", LogRecorder, "read"),
        ("deciding", DecisionSlice, "execute"),
        ("rows of aggregates", AggregateStore, "rows"),
        ("COPY of event and tags", LogRecorder, "write"),
        ("writing the read tables", writing, "write"),
    ):
        for decision in made:
            unit_of_work.record(connection, [decision])
    report(
        where(
            "where the time of 200 goes (the rest: BEGIN, NOTIFY, COMMIT to disk):",
            stages.seconds,
            time.perf_counter() - start,
        )
    )


def decisions(connection: psycopg.Connection, count: int, mark: str = "s") -> list[dict[str, Any]]:
    """Decisions that can be: most delegate a duty or grant a power anew, some end or correct what is there."""
    sample = random.Random(2)
    transfers = connection.execute(
        "SELECT ref, kind, matter, sender, recipient, instrument FROM delegation TABLESAMPLE BERNOULLI (50)"
        " WHERE known_to = 9223372036854775807 AND valid_to = 'infinity' AND kind IN ('duty', 'power') ORDER BY ref"
    ).fetchall()
    chosen = sample.sample(transfers, count)
    made: list[dict[str, Any]] = []
    for n, (ref, kind, matter, sender, recipient, instrument) in enumerate(chosen):
        draw = sample.random()
        if draw < 0.15:
            made.append({"type": "DelegationEnded", "at": "2027-01-01", "ref": ref, "reason": "completed"})
        elif draw < 0.25:
            made.append({"type": "Corrected", "at": "2027-01-01", "ref": ref, "set": {"instrument": chosen[n - 1][5]}})
        else:
            transfer = {
                "at": "2026-03-01",
                "ref": f"{mark}-{n}",
                "matter": matter,
                "from": sender,
                "to": recipient,
                "instrument": instrument,
            }
            if kind == "duty":
                made.append({"type": "DutyDelegated", "role": "assist", "mode": "assigned"} | transfer)
            else:
                made.append({"type": "PowerGranted", "mode": "devolved"} | transfer)
    return made
