"""The balance of duties, powers and means: as the oracle counts it on random journals, and as users get it."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker, demo
from registry import snapshot as snapshots
from registry.queries.holdings.balance import TooManyDays, balance, days, on_days
from registry.relations.two_times import AsOf
from tests.oracle import balance as counted
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry


@examples(30)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_the_balance_is_what_the_oracle_counts(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    two_times = random_world.two_times(random, len(recorded), 2)
    for as_of, known in [*two_times, (random.choice(random_world.QUERY_DAYS), len(recorded))]:
        snapshot = History(recorded, known).on(as_of)
        findings = rules.findings(snapshot)
        for within in random.sample(sorted(snapshot.units), min(2, len(snapshot.units))):
            note(f"as of {as_of}, known {known}, within {within}")
            expected = counted.balance(snapshot, within, findings, counted.subjects(snapshot))
            answer = balance(registry.connection, AsOf(date.fromisoformat(as_of), known), within)
            registry.connection.rollback()
            assert {row.unit: asdict(row.figures) for row in answer.rows()} == expected
            total = asdict(answer.total())
            assert total == {name: sum(each[name] for each in expected.values()) for name in total}
            levels = [asdict(figures) for figures in answer.by_level().values()]
            assert total == {name: sum(each[name] for each in levels) for name in total}
            branches = [asdict(figures) for figures in answer.by_branch().values()]
            assert total == {name: sum(each[name] for each in branches) for name in total}
            # Several days at once share what bears on the territory: each is what it is by itself.
            several = [date.fromisoformat(day) for day in sorted({as_of, *random.sample(random_world.QUERY_DAYS, 2)})]
            for day, one in zip(several, on_days(registry.connection, known, within, several), strict=True):
                alone = answer if day.isoformat() == as_of else balance(registry.connection, AsOf(day, known), within)
                assert (one.units, one.counts.tolist(), one.branches) == (
                    alone.units,
                    alone.counts.tolist(),
                    alone.branches,
                )
            registry.connection.rollback()


def test_a_series_has_the_ends_of_its_periods_and_its_last_day() -> None:
    assert days(date(2024, 1, 15), date(2024, 4, 10), "month") == [
        date(2024, 1, 31),
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 10),
    ]
    assert days(date(2023, 6, 30), date(2023, 12, 31), "quarter") == [
        date(2023, 6, 30),
        date(2023, 9, 30),
        date(2023, 12, 31),
    ]
    assert days(date(2022, 5, 1), date(2024, 2, 2), "year") == [
        date(2022, 12, 31),
        date(2023, 12, 31),
        date(2024, 2, 2),
    ]
    assert days(date(2024, 1, 2), date(2024, 1, 2), "year") == [date(2024, 1, 2)]
    assert days(date(2024, 1, 2), date(2024, 1, 1), "year") == []
    with pytest.raises(TooManyDays):
        days(date(1, 1, 1), date(9999, 12, 31), "month")
    with pytest.raises(TooManyDays):
        days(date(2000, 1, 1), date(2010, 1, 2), "month")


def test_a_large_territory_is_judged_the_same_out_of_everything(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert registry.import_lines(demo.lines()) == []
    moment = AsOf(date(2026, 6, 30), 10**6)
    answer = ("420684", "420684101")
    findings_now = {within: checker.check(registry.connection, *moment_of(moment), within) for within in answer}
    assert all(findings_now.values())
    counted = {within: balance(registry.connection, moment, within).rows() for within in findings_now}
    monkeypatch.setattr(sys.modules["registry.snapshot.load"], "MANY", 1)
    whole = snapshots.load(registry.connection, *moment_of(moment), "420684101")
    assert "420684002" in whole.units.index  # of a neighbour, on which nothing hangs
    for within, findings in findings_now.items():
        assert checker.check(registry.connection, *moment_of(moment), within) == findings
        assert balance(registry.connection, moment, within).rows() == counted[within]
    registry.connection.rollback()


def moment_of(moment: AsOf) -> tuple[date, int]:
    return moment.valid_at, moment.known_at
