"""The feed of findings: at every position and on every day its fold is what a full check finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.checker.holdings import matter_of
from registry.impact import finding_feed
from registry.impact.finding_feed.store import OpenFinding
from registry.recording.unit_of_work import record
from registry.snapshot import load
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals
from tests.support.drawing import examples
from tests.support.finding_feed import feed_rows
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals


def open_findings(connection: psycopg.Connection, as_of: date, known: int) -> set[OpenFinding]:
    """What a full check finds."""
    snapshot = load(connection, as_of, known)
    return {
        OpenFinding(
            *one.key, one.severity, snapshot.matters.code[matter_of(snapshot, one.hits.where(np.array([one.row])))[0]]
        )
        for one in checker.finding_rows(snapshot)
    }


def fold(state: set[OpenFinding], rows: list[tuple[Any, ...]]) -> None:
    for _, _, _, _, change, finding in rows:
        assert (finding in state) == (change == "closed")
        (state.add if change == "opened" else state.remove)(finding)


@pytest.mark.slow  # a full check at every position and on every day of a journal
@examples(6)
@given(
    journal=st.one_of(journals.journals(size=70), retrospective_journals()),
    seed=st.integers(0, 2**20),
    pace=st.sampled_from((0, 1, 20, 200)),
)
def test_the_fold_of_the_feed_is_the_full_check_at_every_position_and_day(
    registry: Registry, journal: list[Line], seed: int, pace: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    connection, random = registry.connection, Random(seed)
    registry.empty()
    record(connection, recorded)
    first = random.choice((date(2019, 6, 1), date(2021, 3, 1), date(2023, 1, 1)))
    days: list[date] = []
    for _ in recorded:
        days.append((days[-1] if days else first) + timedelta(days=random.choice((0, 0, 0, pace, 3 * pace))))
    for position, day in enumerate(days, 1):
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        connection.execute("UPDATE log.decision SET recorded_at = %s WHERE position = %s", (noon, position))
    last = days[-1] + timedelta(days=random.choice((0, 400)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding_feed, "today", lambda: last)
        patch.setattr(finding_feed, "BATCH", random.choice((1, 7, 1000)))
        progress = finding_feed.bring_up_to_date(connection)
    assert progress is not None
    assert (progress.position, progress.day) == (len(recorded), last)
    rows = feed_rows(connection)
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert progress.number == len(rows)
    state: set[OpenFinding] = set()
    checked = cache(lambda on, known: open_findings(connection, on, known))  # several decisions fall on one day
    schedule = [*enumerate(days, 1), (len(recorded) + 1, last)]
    day = days[0]
    for position, until in schedule:
        passed = [row for row in rows if row[1] == "day" and row[2] == position - 1]
        for on in sorted({row[3] for row in passed} | {random.choice((day, until)), until}):
            note(f"{position} {on}")
            fold(state, [row for row in passed if day < row[3] <= on])
            assert state == checked(on, position - 1)
            day = max(day, on)
        done = [row for row in rows if row[1] == "decision" and row[2] == position]
        assert {row[3] for row in done} <= {day}
        fold(state, done)
        if position <= len(recorded):
            note(f"{position} {recorded[position - 1]}")
            assert state == checked(day, position)
    assert state == set(finding_feed.Store(connection).open_findings(None))
