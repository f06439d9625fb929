"""Several days side by side: every rule finds on each what it finds on that day alone, and the balance is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry.checker import RULES
from registry.checker.balance import balance, balances
from registry.checker.check import violating
from registry.checker.holdings import subject_of
from registry.checker.rule import Hits
from registry.recording.unit_of_work import record
from registry.relations.columns import OfOneDay
from registry.snapshot import Snapshot, load
from registry.snapshot.side_by_side import SideBySide
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals

Answer = tuple[str, str, str, bool]


def answers(snapshot: Snapshot, rule: str, hits: Hits) -> list[Answer]:
    """The findings of a rule on a day."""
    units: list[int] = hits.unit.tolist()
    grave: list[bool] = [False] * len(hits) if hits.grave is None else hits.grave.tolist()
    return sorted(
        (rule, snapshot.units.code[unit], subject_of(snapshot, hits, hit), grave[hit]) for hit, unit in enumerate(units)
    )


def answers_on_each(many: SideBySide, rule: str, hits: Hits) -> Iterator[list[Answer]]:
    """The findings of a rule on each of the days that are side by side."""
    days = many.which_day("units", hits.unit)
    for number in range(len(many.days)):
        yield answers(many, rule, hits.where(days == number))


@examples(60)
@given(
    journal=st.one_of(journals.journals(size=60), retrospective_journals()),
    days=st.lists(st.sampled_from((*random_world.DAYS, *random_world.QUERY_DAYS)), min_size=2, max_size=5),
    known_part=st.floats(0.5, 1),
    data=st.data(),
)
def test_each_day_is_as_it_is_alone(
    registry: Registry, journal: list[Line], days: list[str], known_part: float, data: st.DataObject
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    known = max(1, int(known_part * len(recorded)))
    units = sorted({line["unit"] for line in recorded if line["type"] == "UnitRegistered"})
    within = data.draw(st.sampled_from([None, *units]))
    note(f"on {days}, known {known}, within {within}")

    each = [load(registry.connection, date.fromisoformat(day), known, within) for day in days]
    many = SideBySide(each)
    for name, rule in RULES.items() if len(many.matters) else ():
        alone = [answers(day, name, day.once(rule.find)) if len(day.matters) else [] for day in each]
        assert list(answers_on_each(many, name, many.once(rule.find))) == alone, name
        grave = [answers(day, name, violating(day, rule)) if len(day.matters) else [] for day in each]
        assert list(answers_on_each(many, name, violating(many, rule))) == grave, name

    if within is not None:
        held = [load(registry.connection, date.fromisoformat(day), known, within, held=True) for day in days]
        for together, day in zip(balances(held, within), held, strict=True):
            alone_then = balance(day, within)
            assert (together.as_of, together.units, together.branches) == (
                alone_then.as_of,
                alone_then.units,
                alone_then.branches,
            )
            assert together.counts.tolist() == alone_then.counts.tolist()
            assert together.level.tolist() == alone_then.level.tolist()
    registry.connection.rollback()


def test_what_only_one_day_has_is_not_had_of_several(connection: psycopg.Connection) -> None:
    many = SideBySide([load(connection, date(2021, 1, day), 0) for day in (1, 2)])
    with pytest.raises(OfOneDay):
        many.units.index.get("990102")
    with pytest.raises(OfOneDay):
        _ = many.as_of


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_looks_at_what_only_one_day_has_is_asked_day_by_day(
    connection: psycopg.Connection, name: str
) -> None:
    """As may one that somebody adds; and the hits of every rule can be put together so."""
    rule = RULES[name]
    record(connection, list(rule.fires.journal))
    known, day = len(rule.fires.journal), rule.fires.as_of
    each = [load(connection, on, known) for on in (day - timedelta(days=1), day, day + timedelta(days=1))]

    def find(snapshot: Snapshot) -> Hits:
        return rule.find(snapshot).where(np.full(len(rule.find(snapshot)), snapshot.as_of >= day, np.bool_))

    many, by_day = SideBySide(each), replace(rule, find=find)
    alone = [answers(one, name, one.once(by_day.find)) for one in each]
    assert list(answers_on_each(many, name, many.once(by_day.find))) == alone
    assert not alone[0]
    assert alone[1]
