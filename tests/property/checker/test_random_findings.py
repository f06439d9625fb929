"""Random journals: what the product finds is what the oracle finds, everywhere and within any territory."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.checker import Finding
from registry.checker.check import check_snapshot
from registry.snapshot import load
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry


@pytest.mark.slow  # fifty journals, each checked on four days
@examples(50)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_findings_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    two_times = random_world.two_times(random, len(recorded), 3)
    for as_of, known in [*two_times, (random.choice(random_world.QUERY_DAYS), len(recorded))]:
        note(f"as of {as_of}, known {known}")
        snapshot, day = History(recorded, known).on(as_of), date.fromisoformat(as_of)
        everything = load(registry.connection, day, known)
        for waived in (False, True):
            expected = rules.findings(snapshot, waived=waived)
            assert of_the_contract(check_snapshot(everything, waived=waived)) == expected
        for within in random.sample(sorted(snapshot.units), min(2, len(snapshot.units))):
            territory = snapshot.within(within)
            inside = [f for f in expected if f.unit in territory]
            findings = checker.check(registry.connection, day, known, within=within, waived=True)
            assert of_the_contract(findings) == inside, within
        registry.connection.rollback()


def of_the_contract(findings: list[Finding]) -> list[rules.Finding]:
    """The findings as the oracle has them, without those of rules that it does not have."""
    return sorted(
        rules.Finding(f.rule, f.unit, f.subject, tuple(f.missing or ()), f.severity)
        for f in findings
        if f.rule not in rules.NOT_HERE
    )
