"""Random journals: what is found piece by piece is what is found in the whole, word for word and in the same order."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.snapshot import load
from registry.snapshot.pieces import pieces
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry


@pytest.mark.slow  # forty journals, each checked as a whole and in up to sixty pieces
@examples(80)
@given(
    journal=journals.journals(size=60),
    day=st.sampled_from(journals.QUERY_DAYS),
    known_part=st.floats(0.3, 1),
    most=st.sampled_from([1, 2, 3, 8]),
    waived=st.booleans(),
    data=st.data(),
)
def test_the_pieces_of_a_country_have_all_its_findings(
    registry: Registry, journal: list[Line], day: str, known_part: float, most: int, waived: bool, data: st.DataObject
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    as_of, known = date.fromisoformat(day), max(1, int(known_part * len(recorded)))
    whole = load(registry.connection, as_of, known)
    codes = whole.units.code
    within = data.draw(st.sampled_from([None, *sorted(codes)]) if codes else st.none())
    note(f"as of {day}, known {known}, within {within}")

    parts = pieces(registry.connection, as_of, known, within, most=most)
    judged = [load(registry.connection, as_of, known, part.roots, only=part.only) for part in parts]
    units = [part.units.code[unit] for part in judged for unit in part.territory.nonzero()[0].tolist()]
    root = None if within is None else int(whole.units.node[whole.units.index[within]])
    mine = whole.territory if root is None else whole.territory & (whole.units.lineage == root).any(axis=1)
    assert sorted(units) == sorted(codes[unit] for unit in mine.nonzero()[0].tolist())
    assert all(len(part.territory.nonzero()[0]) <= max(most, 1) for part in judged if len(parts) > 1)

    expected = checker.check(registry.connection, as_of, known, within, waived=waived)
    findings = checker.check_in_pieces(registry.connection, as_of, known, within, waived=waived, most=most)
    assert findings.count == len(expected)
    assert list(findings.each) == expected
    registry.connection.rollback()
