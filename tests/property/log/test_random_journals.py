"""Random journals: every way in gives the same registry, nothing is lost on the way out, and the oracle agrees."""

from __future__ import annotations

import json
from collections.abc import Container
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.units.units import Unit
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from registry.replay import replay
from registry.replay.tags import differing_tags
from tests.oracle import answers, fold, validity
from tests.oracle.fold import History, Line
from tests.oracle.powers import powers_of
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry

pytestmark = pytest.mark.slow  # random journals, recorded, exported, replayed and verified


def lines_of(journal: list[Line]) -> list[bytes]:
    """The lines of the journal that can be, as the oracle says."""
    return [journals.encoded(line) for line in validity.judge(map(journals.encoded, journal)).recorded]


@examples(20)
@given(journal=journals.journals())
def test_every_way_in_gives_the_same_rows(registry: Registry, journal: list[Line]) -> None:
    lines = lines_of(journal)
    assert registry.import_lines(lines) == []
    at_once = registry.rows()
    assert [position for position, *_ in at_once["log.decision"]] == list(range(1, len(lines) + 1))

    registry.empty()
    for line in lines:
        import_journal(registry.connection, [line])
    assert registry.rows() == at_once

    registry.empty()
    for number, line in enumerate(lines, 1):
        assert record(registry.connection, [json.loads(line)]).positions == [number]
    assert registry.rows() == at_once

    registry.empty()
    half = [json.loads(line) for line in lines]
    first, second = half[: len(half) // 2], half[len(half) // 2 :]
    assert record(registry.connection, first + first).positions == [*range(1, len(first) + 1)] * 2
    record(registry.connection, second)
    assert registry.rows() == at_once


@examples(20)
@given(journal=journals.journals())
def test_an_export_imports_to_the_same_export_and_a_replay_finds_nothing(
    registry: Registry, journal: list[Line]
) -> None:
    lines = lines_of(journal)
    assert registry.import_lines(lines) == []
    exported, rows = registry.exported(), registry.rows()
    assert [json.loads(line) for line in exported] == [json.loads(line) for line in lines]
    assert replay(registry.connection).differences == []
    assert differing_tags(registry.connection) is None
    assert import_journal(registry.connection, lines).recorded == 0
    assert registry.import_lines(exported) == []
    assert registry.exported() == exported
    assert registry.rows() == rows


@examples(150)
@given(raw=journals.broken_journals())
def test_bad_lines_are_reported_as_the_contract_says(registry: Registry, raw: list[bytes]) -> None:
    judged = validity.judge(raw)
    errors = registry.import_lines(raw)
    for line, _ in sorted({*errors} ^ {*judged.errors}):
        note(f"line {line}: {raw[line - 1]!r}")
    assert errors == judged.errors
    if judged.errors:
        assert registry.exported() == []
        bad = {line for line, _ in judged.errors}
        assert registry.import_lines(line for number, line in enumerate(raw, 1) if number not in bad) == []
    assert [json.loads(line) for line in registry.exported()] == judged.recorded


@examples(30)
@given(journal=journals.journals(), seed=st.integers(0, 2**20))
def test_units_holdings_and_powers_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    codes = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    matters = [line["matter"] for line in recorded if line["type"] == "MatterDefined"]
    two_times = [
        (random.choice(random_world.QUERY_DAYS), random.randint(len(recorded) // 2, len(recorded))) for _ in range(3)
    ]
    for as_of, known in [*two_times, (random.choice(random_world.QUERY_DAYS), len(recorded))]:
        note(f"as of {as_of}, known {known}")
        snapshot = History(recorded, known).on(as_of)
        answer = registry.units(as_of, known, codes)
        current = {code: unit for code, unit in answer.items() if not unit.dissolved}
        assert {code: seen(unit, current) for code, unit in current.items()} == {
            code: seen(unit, snapshot.units) for code, unit in snapshot.units.items()
        }
        for within in random.sample(sorted(snapshot.units), min(3, len(snapshot.units))):
            for matter in random.sample(matters, 5):
                if matter in snapshot.matters:
                    held = set(registry.held(as_of, known, matter, within))
                    assert held == set(answers.held(snapshot, matter, within)), (matter, within)
        existing = sorted(snapshot.units)
        assert registry.powers(as_of, known, existing) == {unit: powers_of(snapshot, unit) for unit in existing}


def seen(unit: Unit | fold.Unit, current: Container[str]) -> tuple[str | None, ...]:
    """What is compared of a unit, registry's or oracle's; of those that it names, those that exist."""
    links = (link if link in current else None for link in (unit.parent, unit.guided_by, unit.stationed_at))
    return (unit.name, unit.level, unit.kind, unit.function, *links)
