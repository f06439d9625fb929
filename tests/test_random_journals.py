"""Random journals: every way in gives the same registry, nothing is lost on the way out, and the oracle agrees.

`pytest --hypothesis-profile=nightly` tries many more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from registry.recording import import_journal, record
from registry.replay import replay
from tests import journals
from tests.oracle import answers, validity
from tests.oracle.fold import History, Line
from tests.oracle.powers import powers_of
from tests.product import Registry, opened

settings.register_profile("nightly", max_examples=2000, deadline=None)


def examples(count: int) -> Callable[[Any], Any]:
    """As many examples as the day's run can bear; the nightly profile has its own number."""
    nightly = settings.default is not None and settings.default.max_examples > 1000
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
    return settings(max_examples=2000 if nightly else count, deadline=None, suppress_health_check=slow)


@pytest.fixture(scope="module")
def registry(server_url: str, migrated: str) -> Iterator[Registry]:
    with opened(server_url, migrated) as registry:
        yield registry


def lines_of(journal: list[Line]) -> list[bytes]:
    """The lines of the journal that can be, as the oracle says."""
    return [journals.encoded(line) for line in validity.judge(map(journals.encoded, journal)).recorded]


@examples(15)
@given(journal=journals.journals())
def test_every_way_in_gives_the_same_rows(registry: Registry, journal: list[Line]) -> None:
    lines = lines_of(journal)
    assert registry.bring_in(lines) == []
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


@examples(25)
@given(journal=journals.journals())
def test_an_export_imports_to_the_same_export_and_a_replay_finds_nothing(
    registry: Registry, journal: list[Line]
) -> None:
    lines = lines_of(journal)
    assert registry.bring_in(lines) == []
    exported, rows = registry.exported(), registry.rows()
    assert [json.loads(line) for line in exported] == [json.loads(line) for line in lines]
    assert replay(registry.connection).differences == []
    assert import_journal(registry.connection, lines).recorded == 0
    assert registry.bring_in(exported) == []
    assert registry.exported() == exported
    assert registry.rows() == rows


@examples(60)
@given(raw=journals.broken_journals())
def test_bad_lines_are_told_as_the_contract_says(registry: Registry, raw: list[bytes]) -> None:
    judged = validity.judge(raw)
    told = registry.bring_in(raw)
    for line, _ in sorted({*told} ^ {*judged.errors}):
        note(f"line {line}: {raw[line - 1]!r}")
    assert told == judged.errors
    if judged.errors:
        assert registry.exported() == []
        bad = {line for line, _ in judged.errors}
        assert registry.bring_in(line for number, line in enumerate(raw, 1) if number not in bad) == []
    assert [json.loads(line) for line in registry.exported()] == judged.recorded


@examples(40)
@given(journal=journals.journals(), seed=st.integers(0, 2**20))
def test_units_holdings_and_powers_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.bring_in(map(journals.encoded, recorded)) == []
    codes = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    matters = [line["matter"] for line in recorded if line["type"] == "MatterDefined"]
    moments = [(random.choice(journals.ASKED), random.randint(len(recorded) // 2, len(recorded))) for _ in range(3)]
    for as_of, known in [*moments, (random.choice(journals.ASKED), len(recorded))]:
        note(f"as of {as_of}, known {known}")
        picture = History(recorded, known).on(as_of)
        told = {code: unit for code, unit in registry.units(as_of, known, codes).items() if not unit.dissolved}
        links = ("name", "level", "kind", "function", "parent", "guided_by", "stationed_at")
        assert {code: [getattr(unit, link) for link in links] for code, unit in told.items()} == {
            code: [getattr(unit, link) for link in links] for code, unit in picture.units.items()
        }
        for within in random.sample(sorted(picture.units), min(3, len(picture.units))):
            for matter in random.sample(matters, 5):
                if matter in picture.matters:
                    held = set(registry.held(as_of, known, matter, within))
                    assert held == set(answers.held(picture, matter, within)), (matter, within)
        existing = sorted(picture.units)
        assert registry.powers(as_of, known, existing) == {unit: powers_of(picture, unit) for unit in existing}
