"""The oracle's own test: it must give exactly what every worked case states."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.oracle import answers, rules, validity
from tests.oracle.fold import History, Line
from tests.oracle.powers import fit, holders, powers_of
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.worked_cases import WORKED_CASES


def queries_of_cases() -> list[Any]:
    """Every question of every case."""
    return [
        pytest.param(path, ask, id=f"{path.stem}-{number}")
        for path in WORKED_CASES
        for number, ask in enumerate(json.loads(path.with_suffix(".expect.json").read_bytes())["ask"])
    ]


def test_the_cases_ask_of_everything_that_they_can() -> None:
    questions = [json.loads(path.with_suffix(".expect.json").read_bytes())["ask"] for path in WORKED_CASES]
    assert len(WORKED_CASES) >= 31
    assert all(questions)
    kinds = Counter(key for of_case in questions for ask in of_case for key, value in ask.items() if value)
    for kind in ("findings", "missing", "severity", "holders", "powers", "custody", "certificates", "services"):
        assert kinds[kind], kind


@pytest.mark.parametrize("path", WORKED_CASES, ids=lambda path: path.stem)
def test_every_line_of_a_case_can_be(path: Path) -> None:
    read = validity.judge(path.read_bytes().splitlines())
    assert read.errors == []
    assert read.recorded == [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize(("path", "ask"), queries_of_cases())
def test_answers_of_the_cases(path: Path, ask: dict[str, Any]) -> None:
    history = History([json.loads(line) for line in path.read_bytes().splitlines()], ask["known"])
    snapshot = history.on(ask["as_of"])
    findings = rules.findings(snapshot)
    assert [[f.rule, f.unit, f.subject] for f in findings] == sorted(ask["findings"])
    for rule, unit, subject, missing in ask.get("missing", ()):
        assert [list(f.missing) for f in findings if f[:3] == (rule, unit, subject)] == [missing]
    for rule, unit, subject, severity in ask.get("severity", ()):
        assert [f.severity for f in findings if f[:3] == (rule, unit, subject)] == [severity]
    if holders := ask.get("holders"):
        held = answers.held(snapshot, holders["matter"], holders["within"])
        assert [list(holding) for holding in held] == holders["are"]
    for unit, powers in ask.get("powers", {}).items():
        assert powers_of(snapshot, unit) == powers
    for custody in ask.get("custody", ()):
        spans = answers.custody(history, custody["matter"], custody["within"])
        assert [list(span) for span in spans] == custody["spans"]
    for village, matter, status in ask.get("certificates", ()):
        assert answers.certificate(snapshot, village, matter) == status
    for _, matter, services in ask.get("services", ()):
        assert answers.services(snapshot, matter) == services


@examples(30)
@given(journal=journals.journals(), as_of=st.sampled_from(random_world.QUERY_DAYS))
def test_it_judges_line_by_line_as_at_once_and_says_the_same_of_a_prefix(journal: list[Line], as_of: str) -> None:
    judged = validity.judge(map(journals.encoded, journal))
    recorded: list[Line] = []
    for line in journal:
        recorded = validity.judge([journals.encoded(line)], recorded).recorded
    assert recorded == judged.recorded
    known = len(recorded) * 2 // 3
    before = rules.findings(History(recorded[:known]).on(as_of), waived=True)
    assert rules.findings(History(recorded, known).on(as_of), waived=True) == before


def _granted(at: str, ref: str, sender: str, recipient: str) -> Line:
    named = {"ref": ref, "matter": "P", "from": sender, "to": recipient, "mode": "devolved", "instrument": "I"}
    return {"type": "PowerGranted", "at": at, **named}


def _unit(code: str, level: str) -> Line:
    named = {"unit": code, "name": code, "level": level, "kind": "department", "function": "market"}
    return {"type": "UnitRegistered", "at": "2019-01-01", **named}


# A county's bureau holds a power by law and hands it to three; two of these hand it on. Then the sender of one grant,
# the recipient of another, and the sender of what went on from there are no more, and nobody succeeds them. A list
# gives the power too, and says of nobody that it came from there.
SENDERS_AND_RECIPIENTS_GONE: list[Line] = [
    _unit("A", "county"),
    *(_unit(code, "township") for code in ("B", "C", "D", "E", "F")),
    {"type": "InstrumentIssued", "at": "2019-01-01", "instrument": "I", "title": "I", "kind": "regulation"},
    {
        "type": "MatterDefined",
        "at": "2019-01-01",
        "matter": "P",
        "kind": "power",
        "power_kind": "penalty",
        "name": "P",
        "lawful_holders": [{"level": "county", "function": "market"}],
    },
    {
        "type": "ListAdopted",
        "at": "2019-01-01",
        "list": "L",
        "title": "L",
        "polarity": "positive",
        "covers": "power",
        "audience": "township",
        "assigns": "devolved",
        "instrument": "I",
    },
    {"type": "ListItemEntered", "at": "2019-01-01", "list": "L", "item": "1", "name": "P", "matter": "P"},
    {
        "type": "UnitRegistered",
        "at": "2019-01-01",
        "unit": "G",
        "name": "G",
        "level": "township",
        "kind": "government",
    },
    _granted("2020-01-01", "R-1", "A", "B"),
    _granted("2020-01-01", "R-2", "B", "C"),
    _granted("2020-01-01", "R-3", "A", "D"),
    _granted("2020-01-01", "R-4", "A", "E"),
    _granted("2020-01-01", "R-5", "E", "F"),
    *({"type": "UnitDissolved", "at": "2020-03-01", "unit": code} for code in ("B", "D", "E")),
]


@examples(30)
@given(journal=journals.journals(), as_of=st.sampled_from(random_world.QUERY_DAYS))
@example(journal=SENDERS_AND_RECIPIENTS_GONE, as_of="2020-02-01")
@example(journal=SENDERS_AND_RECIPIENTS_GONE, as_of="2020-06-30")
def test_powers_are_what_the_law_reaches_through_good_grants(journal: list[Line], as_of: str) -> None:
    snapshot = History(validity.judge(map(journals.encoded, journal)).recorded).on(as_of)
    for matter in snapshot.matters.values():
        if matter.kind != "power":
            continue
        results = holders(snapshot, matter.code)
        able = {unit for unit in snapshot.units if snapshot.units[unit].level != "village"}
        outright = {held.unit for held in snapshot.holdings if held.by == "law" and held.matter == matter.code} & able
        good = [
            held
            for held in snapshot.holdings
            if held.matter == matter.code and held.instrument and held.unit in able
            if held.sender is not None  # an item of a list that names no unit it comes from
            if snapshot.in_force(held.instrument)
            if fit(snapshot.instrument_kind(held.instrument), matter.power_kind, held.mode, as_of)
        ]
        graph = nx.DiGraph((held.sender, held.unit) for held in good if held.mode == "devolved")
        graph.add_nodes_from(outright)
        reached = outright.union(*(nx.descendants(graph, unit) for unit in outright))
        assert results.freely == reached
        assert results.entrusted == {held.unit for held in good if held.mode == "entrusted" and held.sender in reached}
        for unit in results.in_name - results.freely - results.entrusted:
            assert snapshot.units[unit].kind == "dispatched"
            assert snapshot.units[unit].parent in results.all
