"""Custody: the worked cases, random journals against the oracle, and the decision by which each span moved."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.history import causes
from registry.queries.holdings import custody
from registry.queries.holdings.custody import Span
from registry.relations.two_times import NEWEST
from tests.oracle import answers, validity
from tests.oracle.fold import History
from tests.support import journals
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worked_cases import WORKED_CASES
from tests.support.worlds import COUNTY, Line, decision, duty, line, unit


def spans(registry: Registry, matter: str, within: str, known: int = NEWEST) -> list[Span]:
    return registry.runner.run(custody.custody(registry.pool, known, matter, within))


def plain(custody_spans: list[Span]) -> list[tuple[str, str, str | None, str]]:
    """As the cases and the oracle write spans."""
    return [(span.holder, str(span.since), span.until and str(span.until), span.subject) for span in custody_spans]


def moved(registry: Registry, custody_spans: list[Span], known: int = NEWEST) -> list[list[str | None]]:
    """For each span the holder, and the types of the decisions by which it came and went."""
    begun = [(span.begun_by, span.since) for span in custody_spans]
    ended = [(span.ended_by, span.until) for span in custody_spans]
    wanted = [(cause, day) for cause, day in (*begun, *ended) if cause is not None and day is not None]
    decided = registry.runner.run(causes.decisions(registry.pool, known, wanted))
    types: dict[Any, str] = {cause: custody_spans.type for cause, custody_spans in decided.items()}
    return [[span.holder, types.get(b), types.get(e)] for span, b, e in zip(custody_spans, begun, ended, strict=True)]


CASES = [path for path in WORKED_CASES if '"custody"' in path.with_suffix(".expect.json").read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_custody_of_the_case(registry: Registry, path: Path) -> None:
    assert registry.import_lines(path.read_bytes().splitlines(keepends=True)) == []
    for ask in json.loads(path.with_suffix(".expect.json").read_bytes())["ask"]:
        for query in ask.get("custody", ()):
            custody_spans = spans(registry, query["matter"], query["within"], ask["known"] or NEWEST)
            assert plain(custody_spans) == [tuple(span) for span in query["spans"]]


@examples(60)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_custody_is_that_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    units = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    duties = [line["matter"] for line in recorded if line["type"] == "MatterDefined" and line["kind"] == "duty"]
    for known in (len(recorded), random.randint(len(recorded) // 2, len(recorded))):
        history = History(recorded, known)
        chosen = [(random.choice(duties), random.choice(units)) for _ in range(4)]
        for matter, within in [*((each, "42") for each in duties), *chosen]:
            note(f"{matter} within {within}, known {known}")
            custody_spans = spans(registry, matter, within, known)
            assert plain(custody_spans) == answers.custody(history, matter, within)
            for span, (_, came, went) in zip(custody_spans, moved(registry, custody_spans, known), strict=True):
                assert came is not None
                assert (went is None) == (span.until is None)


def test_a_span_says_by_which_decision_it_came_and_went(registry: Registry) -> None:
    journal = [
        *COUNTY,
        duty("R-1", "2020-01-01", to="town"),
        duty("R-2", "2020-01-01", to="village", until="2020-06-01"),
        duty("R-3", "2020-02-01", to="village2", brings=["funds"]),
        decision("ResourcesAllotted", "2020-03-01", ref="R-3", brings=["staff"]),
        decision("DelegationEnded", "2020-09-01", ref="R-3", reason="returned"),
        decision("UnitDissolved", "2021-03-01", unit="town", successor="town2"),
        decision("UnitRenamed", "2021-05-01", unit="town2", name="新镇"),
    ]
    assert registry.import_lines(map(line, journal)) == []
    custody_spans = spans(registry, "D-SAND", "420684")
    assert plain(custody_spans) == [
        ("town", "2020-01-01", "2021-03-01", "R-1"),
        ("village", "2020-01-01", "2020-06-01", "R-2"),
        ("village2", "2020-02-01", "2020-09-01", "R-3"),
        ("town2", "2021-03-01", None, "R-1"),
    ]
    assert moved(registry, custody_spans) == [
        ["town", "DutyDelegated", "UnitDissolved"],
        ["village", "DutyDelegated", "DutyDelegated"],
        ["village2", "DutyDelegated", "DelegationEnded"],
        ["town2", "UnitDissolved", None],
    ]
    assert [span.sender for span in custody_spans] == ["water"] * 4


def test_a_territory_is_that_of_each_day(registry: Registry) -> None:
    journal = [
        *COUNTY,
        unit("county2", "county", "government", "4206"),
        duty("R-1", "2020-01-01", to="village"),
        decision("UnitMoved", "2020-05-01", unit="village", parent="town2"),
        decision("UnitMoved", "2020-07-01", unit="town2", parent="county2"),
        decision("UnitMoved", "2020-08-01", unit="village", parent="town"),
    ]
    assert registry.import_lines(map(line, journal)) == []
    inside = {within: spans(registry, "D-SAND", within) for within in ("town", "town2", "420684", "county2", "4206")}
    assert {within: plain(results) for within, results in inside.items()} == {
        "town": [("village", "2020-01-01", "2020-05-01", "R-1"), ("village", "2020-08-01", None, "R-1")],
        "town2": [("village", "2020-05-01", "2020-08-01", "R-1")],
        "420684": [("village", "2020-01-01", "2020-07-01", "R-1"), ("village", "2020-08-01", None, "R-1")],
        "county2": [("village", "2020-07-01", "2020-08-01", "R-1")],
        "4206": [("village", "2020-01-01", None, "R-1")],
    }
    assert moved(registry, inside["420684"]) == [
        ["village", "DutyDelegated", "UnitMoved"],
        ["village", "UnitMoved", None],
    ]


def test_what_a_list_assigns_is_held_while_the_list_reaches_the_unit(registry: Registry) -> None:
    journal = [
        *COUNTY,
        decision("UnitDissolved", "2020-03-01", unit="town", successor="town2"),
        unit("town3", "township", "government", "420684", at="2020-04-01"),
        decision("UnitRevised", "2020-05-01", unit="town3", kind="department"),
        decision("ListItemWithdrawn", "2021-01-01", list="BASIC", item="1"),
    ]
    assert registry.import_lines(map(line, journal)) == []
    custody_spans = spans(registry, "D-RIVER", "420684")
    assert plain(custody_spans) == [
        ("town", "2019-01-01", "2020-03-01", "BASIC#1"),
        ("town2", "2019-01-01", "2021-01-01", "BASIC#1"),
        ("town3", "2020-04-01", "2020-05-01", "BASIC#1"),
    ]
    assert moved(registry, custody_spans) == [
        ["town", "ListItemEntered", "UnitDissolved"],
        ["town2", "ListItemEntered", "ListItemWithdrawn"],
        ["town3", "UnitRegistered", "UnitRevised"],
    ]


def test_a_correction_moves_custody_only_from_its_position_on(registry: Registry) -> None:
    journal = [*COUNTY, duty("R-1"), decision("Corrected", "2022-01-01", ref="R-1", set_={"to": "town2"})]
    assert registry.import_lines(map(line, journal)) == []
    assert plain(spans(registry, "D-SAND", "420684", len(journal) - 1)) == [("town", "2020-01-01", None, "R-1")]
    assert plain(spans(registry, "D-SAND", "420684")) == [("town2", "2020-01-01", None, "R-1")]
