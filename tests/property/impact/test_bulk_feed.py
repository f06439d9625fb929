"""The feed of findings in bulk gives what its plain form gives, and many positions as one picture what each gives."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from random import Random

import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.domain.text import Text
from registry.impact import finding_feed
from registry.impact.finding_feed import in_bulk
from registry.impact.finding_feed.attributing import Attributing, rows_by_finding
from registry.impact.finding_feed.store import OpenFinding
from registry.recording.unit_of_work import record
from registry.snapshot import load
from registry.snapshot.load import TABLES
from registry.snapshot.marks import MARKED, plain, plain_text, position_of
from registry.snapshot.moments import changes_of_all, load_moments
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals
from tests.support.drawing import examples
from tests.support.finding_feed import feed_rows
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals

JOURNALS = st.one_of(journals.journals(size=70), retrospective_journals())
# Columns of codes that are the same at every position: contract words, levels, rules, matters and powers.
COMMON = {
    "unit": {"level", "kind", "function"},
    "matter": {"code", "kind", "power_kind"},
    "lawful_holder": {"matter", "level", "function"},
    "instrument": {"kind"},
    "list": {"polarity", "covers", "audience", "assigns"},
    "item": {"item", "matter"},
    "vesting": {"power"},
    "delegation": {"matter"},
    "demand": {"matter"},
    "proposal": {"matter"},
    "rectification": {"rule", "subject"},
    "waiver": {"rule", "subject", "waived_by"},
}


def test_each_column_of_codes_says_whether_it_carries_the_position() -> None:
    for table, columns in TABLES.items():
        codes = {name for name, (_, wanted) in columns.items() if wanted in ("id", "ref")}
        assert codes == {*MARKED[table]} | COMMON[table], table
        assert COMMON[table].isdisjoint(MARKED[table])


@pytest.mark.slow  # every feed is derived twice
@examples(30)
@given(JOURNALS, st.sampled_from((1, 2, 400)), st.sampled_from((2, 9, 2000)), st.sampled_from((3, 4000)))
def test_in_bulk_it_tells_what_its_plain_form_tells(
    registry: Registry, journal: list[Line], looks: int, steps: int, batch: int
) -> None:
    registry.empty()
    record(registry.connection, validity.judge(map(journals.encoded, journal)).recorded)
    feeds: list[object] = []
    for attributing in (Attributing, in_bulk.InBulk):
        with registry.connection.transaction():
            finding_feed.Store(registry.connection).clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finding_feed, "ATTRIBUTING", attributing)
            patch.setattr(finding_feed, "BATCH", batch)
            patch.setattr(in_bulk, "LOOKS", looks)
            patch.setattr(in_bulk, "STEPS", steps)
            progress = finding_feed.bring_up_to_date(registry.connection)
        feeds.append((progress, feed_rows(registry.connection)))
    assert feeds[0] == feeds[1]


def findings_at(
    connection: psycopg.Connection, on: date, wanted: dict[int, set[str]]
) -> dict[tuple[int, OpenFinding], Text]:
    """What each position gives by itself: findings and what they say."""
    results: dict[tuple[int, OpenFinding], Text] = {}
    for known, units in wanted.items():
        snapshot = load(connection, on, known, units, only=True)
        rows = rows_by_finding(snapshot)
        for finding, explained in zip(rows, checker.explain(snapshot, list(rows.values())), strict=True):
            results[known, finding] = explained.message
    return results


@pytest.mark.slow  # a look at each of several positions of a journal, on several days
@examples(40)
@given(JOURNALS, st.integers(0, 2**20))
def test_units_as_known_at_many_positions_are_one_picture(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    connection, random = registry.connection, Random(seed)
    registry.empty()
    record(connection, recorded)
    every = [row[0] for row in connection.execute("SELECT DISTINCT code FROM unit ORDER BY code")]
    common = changes_of_all(connection, 0, len(recorded))
    if not common.together:
        return
    bounds = [0, *common.changes, len(recorded) + 1]
    spans = [(first, end) for first, end in pairwise(bounds) if end - first > 1]
    for first, end in random.sample(spans, min(3, len(spans))):
        positions = random.sample(range(max(first, 1), end), min(4, end - max(first, 1)))
        on = random.choice((date(2021, 6, 1), date(2023, 1, 1), date(2025, 6, 30)))
        bearing = [row.key[1] for row in checker.finding_rows(load(connection, on, end - 1))] or every
        wanted = {known: {*random.choices(bearing, k=3), random.choice(every)} for known in positions}
        note(f"{on} {wanted}")
        if not wanted:
            continue
        snapshot = load_moments(connection, on, wanted)
        rows = rows_by_finding(snapshot)
        together = {
            (position_of(one.unit), one._replace(unit=plain(one.unit), subject=plain(one.subject))): plain_text(
                explained.message
            )
            for one, explained in zip(rows, checker.explain(snapshot, list(rows.values())), strict=True)
        }
        assert together == findings_at(connection, on, wanted)
