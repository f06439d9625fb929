"""Random journals rich in what the rules that look back ask about: returns, demands, quotas, deadlines, moved units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.snapshot import load
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line
from tests.property.log.test_random_journals import examples
from tests.support import happenings, journals, small_world
from tests.support.happenings import HAPPENINGS
from tests.support.product import Registry, opened
from tests.support.small_world import World, base

LOOKING_BACK = ("deadline-squeeze", "rebound", "quota-exceeded", "certificate-demand")
OFTEN = {
    happenings.delegate: 12,
    happenings.impose: 16,
    happenings.end: 16,
    happenings.give_again: 12,
    happenings.demand: 10,
    happenings.adopt: 10,
    happenings.dissolve_unit: 5,
    happenings.move_unit: 5,
    happenings.correct: 5,
}
CHOICES = [happening for happening in HAPPENINGS for _ in range(OFTEN.get(happening[0], 1))]


def happen(world: World, random: Random) -> None:
    make, _, needed = random.choice(CHOICES)
    there = happenings.delegations(world) if needed == "delegation" else world.ids[needed] if needed else True
    if make is happenings.allot:
        there = world.ids["DutyDelegated"] or world.ids["PowerGranted"]
    if make is happenings.adopt and random.random() < 0.5:
        quota(world, random)
    else:
        (make if there else happenings.delegate)(world, random)


def quota(world: World, random: Random) -> None:
    """A list with a quota that reaches many."""
    said = {"polarity": "positive", "covers": random.choice(small_world.BURDENS), "quota": random.choice((0, 1, 2))}
    said |= {"audience": random.choice(("township", "county")), "instrument": random.choice(world.ids["instrument"])}
    at = min(random.choice(small_world.DAYS), random.choice(small_world.DAYS))
    world.new("list", "限额", lambda code: world.add("ListAdopted", at, list=code, title="限额", **said))


@st.composite
def looking_back(draw: st.DrawFn) -> list[Line]:
    seeds = draw(journals.numbers(80))
    world = base(Random(seeds[0]))
    for seed in seeds[1:]:
        happen(world, Random(seed))
    return world.lines


@pytest.fixture(scope="module")
def registry(server_url: str, migrated: str) -> Iterator[Registry]:
    with opened(server_url, migrated) as registry:
        yield registry


@examples(60)
@given(journal=looking_back(), seed=st.integers(0, 2**20))
def test_what_looks_back_is_as_the_oracle_says(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.bring_in(map(journals.encoded, recorded)) == []
    for as_of, known in (
        (random.choice(small_world.DAYS), random.randint(len(recorded) // 2, len(recorded))),
        (random.choice(small_world.ASKED), len(recorded)),
    ):
        note(f"as of {as_of}, known {known}")
        asked = History(recorded, known).on(as_of)
        expected = [said for said in rules.findings(asked, waived=True) if said.rule in LOOKING_BACK]
        assert keys(registry, as_of, known, None) == [(said[:3], said.severity) for said in expected]
        # Alone, a unit is judged as among all.
        bearing = sorted({said.unit for said in expected})
        for unit in random.sample(bearing, min(2, len(bearing))):
            mine = [(said[:3], said.severity) for said in expected if said.unit == unit]
            assert keys(registry, as_of, known, unit) == mine, unit


def keys(registry: Registry, as_of: str, known: int, unit: str | None) -> list[tuple[tuple[str, str, str], str]]:
    snapshot = load(registry.connection, date.fromisoformat(as_of), known, unit, only=True)
    registry.connection.rollback()
    chosen = [rule for rule in checker.RULES.values() if rule.name in LOOKING_BACK]
    return [(one.key, one.severity) for one in checker.found(snapshot, chosen, waived=True)]
