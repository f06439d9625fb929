"""Random journals rich in what the rules that look back ask about: returns, demands, quotas, deadlines, moved units."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.snapshot import load
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals

LOOKING_BACK = ("deadline-squeeze", "rebound", "quota-exceeded", "certificate-demand")


@examples(60)
@given(journal=retrospective_journals(), seed=st.integers(0, 2**20))
def test_what_looks_back_is_as_the_oracle_says(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    for as_of, known in (
        (random.choice(random_world.DAYS), random.randint(len(recorded) // 2, len(recorded))),
        (random.choice(random_world.QUERY_DAYS), len(recorded)),
    ):
        note(f"as of {as_of}, known {known}")
        snapshot = History(recorded, known).on(as_of)
        expected = [findings for findings in rules.findings(snapshot, waived=True) if findings.rule in LOOKING_BACK]
        assert keys(registry, as_of, known, None) == [(findings[:3], findings.severity) for findings in expected]
        # Alone, a unit is judged as among all.
        bearing = sorted({findings.unit for findings in expected})
        for unit in random.sample(bearing, min(2, len(bearing))):
            mine = [(findings[:3], findings.severity) for findings in expected if findings.unit == unit]
            assert keys(registry, as_of, known, unit) == mine, unit


def keys(registry: Registry, as_of: str, known: int, unit: str | None) -> list[tuple[tuple[str, str, str], str]]:
    snapshot = load(registry.connection, date.fromisoformat(as_of), known, unit, only=True)
    registry.connection.rollback()
    chosen = [checker.RULES[name] for name in LOOKING_BACK]
    return [(one.key, one.severity) for one in checker.finding_rows(snapshot, chosen, waived=True)]
