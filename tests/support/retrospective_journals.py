"""Random journals rich in what the rules that look back ask about: returns, demands, quotas, deadlines, moved units."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from tests.support import journals, random_decisions, random_world
from tests.support.random_decisions import DECISIONS
from tests.support.random_world import Line, World, base

_WEIGHTS = {
    random_decisions.delegate: 12,
    random_decisions.impose: 16,
    random_decisions.end: 16,
    random_decisions.give_again: 12,
    random_decisions.demand: 10,
    random_decisions.adopt: 10,
    random_decisions.dissolve_unit: 5,
    random_decisions.move_unit: 5,
    random_decisions.correct: 5,
}
_CHOICES = [choice for choice in DECISIONS for _ in range(_WEIGHTS.get(choice[0], 1))]


def _add_decision(world: World, random: Random) -> None:
    make, _, needed = random.choice(_CHOICES)
    there = random_decisions.delegations(world) if needed == "delegation" else world.ids[needed] if needed else True
    if make is random_decisions.allot:
        there = world.ids["DutyDelegated"] or world.ids["PowerGranted"]
    if make is random_decisions.adopt and random.random() < 0.5:
        _adopt_quota(world, random)
    else:
        (make if there else random_decisions.delegate)(world, random)


def _adopt_quota(world: World, random: Random) -> None:
    """A list with a quota that reaches many."""
    fields = {"polarity": "positive", "covers": random.choice(random_world.BURDENS), "quota": random.choice((0, 1, 2))}
    fields |= {"audience": random.choice(("township", "county")), "instrument": random.choice(world.ids["instrument"])}
    at = min(random.choice(random_world.DAYS), random.choice(random_world.DAYS))
    world.new("list", "限额", lambda code: world.add("ListAdopted", at, list=code, title="限额", **fields))


@st.composite
def retrospective_journals(draw: st.DrawFn) -> list[Line]:
    seeds = draw(journals.numbers(80))
    world = base(Random(seeds[0]))
    for seed in seeds[1:]:
        _add_decision(world, Random(seed))
    return world.lines
