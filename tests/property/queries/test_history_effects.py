"""What decisions changed, on random journals: exactly the days and attributes that read otherwise before and after."""

from __future__ import annotations

from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.history import effects
from registry.queries.history.effects import Effect
from registry.queries.units.units import Unit
from tests.oracle import validity
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import Line

# What a decision may leave as it was: what it says holds already, or is said anew, or is only looked at.
MAY_CHANGE_NOTHING = {
    *("UnitRevised", "UnitRenamed", "UnitMoved", "MatterRevised", "ResourcesAllotted", "Corrected", "Reinstated"),
    *("PowerDivested", "WaiverLifted", "ReportAnswered", "DelegationEnded", "InstrumentRepealed", "MatterRetired"),
}
SEEN = ("name", "level", "kind", "function", "dissolved")


def covers(effect: Effect, day: str) -> bool:
    return (effect.since or "") <= day and (effect.until is None or day < effect.until)


@examples(25)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_effects_are_what_reads_otherwise(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    positions = range(1, len(recorded) + 1)
    printed = registry.runner.run(effects.effects(registry.pool, positions))
    for position, line in enumerate(recorded, 1):
        answer = printed.get(position, [])
        note(f"{position} {line} {answer}")
        assert answer or line["type"] in MAY_CHANGE_NOTHING
        for effect in answer:
            assert effect.message.zh.endswith("。")
            assert effect.message.en.endswith(".")
            assert effect.change != "changed" or effect.fields
    of_units = [p for p in positions if recorded[p - 1]["type"].startswith("Unit") and p > 1]
    for position in Random(seed).sample(of_units, min(8, len(of_units))):
        unit = recorded[position - 1]["unit"]
        for day in random_world.QUERY_DAYS:
            before, after = (registry.units(day, known, [unit]).get(unit) for known in (position - 1, position))
            stated = {
                each.field for effect in printed.get(position, []) if covers(effect, day) for each in effect.fields
            }
            assert {name for name in SEEN if shown(before, name) != shown(after, name)} == stated & set(SEEN), (
                unit,
                day,
            )


def shown(unit: Unit | None, name: str) -> object:
    """What is read of a unit; nothing, of one that is not there yet."""
    return None if unit is None else getattr(unit, name) or None
