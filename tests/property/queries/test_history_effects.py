"""What decisions changed, on random journals: exactly the days and attributes that read otherwise before and after."""

from __future__ import annotations

from random import Random

from hypothesis import example, given, note
from hypothesis import strategies as st

from registry.queries.history import effects
from registry.queries.history.effects import Effect
from registry.queries.units.units import Unit
from tests.oracle import validity
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import Line

# What a decision may leave as it was: what it says holds already, or is said anew, or is only looked at; or it takes
# back such a one.
MAY_CHANGE_NOTHING = {
    *("UnitRevised", "UnitRenamed", "UnitMoved", "MatterRevised", "ResourcesAllotted", "Corrected", "Reinstated"),
    "Annulled",
    *("PowerDivested", "WaiverLifted", "ReportAnswered", "DelegationEnded", "InstrumentRepealed", "MatterRetired"),
}
SEEN = ("name", "level", "kind", "function", "dissolved")


# The staff of 2020 is there without that of 2021, which is annulled.
_UNIT = {"type": "UnitRegistered", "at": "2019-01-01", "level": "county", "kind": "government"}
_STAFF = {"type": "ResourcesAllotted", "ref": "D-1", "brings": ["staff"]}
TWICE = [
    _UNIT | {"unit": "A", "name": "A"},
    _UNIT | {"unit": "B", "name": "B", "parent": "A"},
    {"type": "InstrumentIssued", "at": "2019-01-01", "instrument": "文1", "title": "通知", "kind": "notice"},
    {"type": "MatterDefined", "at": "2019-01-01", "matter": "D", "kind": "duty", "name": "巡查"},
    {"type": "DutyDelegated", "at": "2020-01-01", "ref": "D-1", "matter": "D", "from": "A", "to": "B", "role": "lead"}
    | {"mode": "letter", "instrument": "文1"},
    _STAFF | {"at": "2021-07-15"},
    _STAFF | {"at": "2020-01-01"},
    {"type": "Annulled", "at": "2021-08-01", "of": {"type": "ResourcesAllotted", "ref": "D-1", "at": "2021-07-15"}},
]


def covers(effect: Effect, day: str) -> bool:
    return (effect.since or "") <= day and (effect.until is None or day < effect.until)


@example(TWICE, 1)
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
