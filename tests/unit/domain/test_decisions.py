"""What cannot be decided: every error code of the contract by example, through the domain alone and no database."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.domain import words
from registry.domain.aggregates import AggregateCache
from registry.domain.decide import SLICES, load_and_retry, slice_for
from registry.domain.decisions import TYPES
from registry.domain.lines import from_line, to_line
from registry.domain.problems import CODES, HINTS, Refused, bad_value
from tests.oracle import shape
from tests.support.given_when_then import RECORDED, REPEATED, given, refused
from tests.support.worlds import COUNTY, Line, decision, duty, grant, line, unit


def end(ref: str, at: str, **fields: Any) -> Line:
    return decision("DelegationEnded", at, ref=ref, reason="returned", **fields)


def correct(ref: str, /, **set_: Any) -> Line:
    return decision("Corrected", "2024-01-01", ref=ref, set_={name.rstrip("_"): value for name, value in set_.items()})


def item(number: str, at: str = "2019-02-01", list_: str = "BASIC", **fields: Any) -> Line:
    return decision("ListItemEntered", at, list=list_, item=number, name="事项", **fields)


def listing(code: str = "L", **fields: Any) -> Line:
    base = {"title": "清单", "polarity": "positive", "covers": "duty", "audience": "township", "instrument": "通知1号"}
    return decision("ListAdopted", "2020-01-01", list=code) | base | fields


def service(code: str = "S", **fields: Any) -> Line:
    return decision("MatterDefined", "2020-01-01", matter=code, kind="service", name="出生一件事", **fields)


def waived(**fields: Any) -> Line:
    base = {"rule": "negative-list", "subject": "A", "unit": "town", "by": "420684", "reason": "试点"}
    return decision("FindingWaived", "2020-06-01") | base | fields


PROPOSED = decision(
    "DelegationProposed",
    "2020-01-01",
    proposal="Z",
    matter="D-SAND",
    from_="water",
    to="town",
    instrument="通知1号",
)
ADMITTED = decision("ProposalAdmitted", "2020-02-01", proposal="Z", by="420684")
VESTED = decision("PowerVested", "2020-01-01", power="P-SAND", unit="town", instrument="决定1号")
DIVESTED = decision("PowerDivested", "2021-01-01", power="P-SAND", unit="town")
LIFTED = decision("WaiverLifted", "2020-07-01", rule="negative-list", subject="A", unit="town")
REPORTED = decision("BurdenReported", "2020-03-01", report="R", unit="village", text="多头报表")
DEMANDED = decision("CertificateDemanded", "2020-01-01", ref="C", matter="C-KIN", from_="market", to="village")
GONE = decision("UnitDissolved", "2021-01-01", unit="town2", successor="town")


def ordered(**fields: Any) -> Line:
    finding = {"rule": "off-list", "subject": "A", "unit": "town"}
    return decision("RectificationOrdered", "2020-05-01") | {
        "ref": "Z",
        **finding,
        "by": "420684",
        "text": "限期整改",
        "due_on": "2020-06-30",
        **fields,
    }


def answered(**fields: Any) -> Line:
    base = {"ref": "Z", "by": "town", "text": "已整改", "outcome": "done"}
    return decision("RectificationAnswered", "2020-06-01") | base | fields


ORDERED = ordered()


def settled(**fields: Any) -> Line:
    base = {"case": "A", "title": "案例", "text": "已尽职", "outcome": "exempted", "by": "420684"}
    return decision("CaseRecorded", "2021-06-01") | base | fields


def assessed(at: str = "2020-04-01", **fields: Any) -> Line:
    base = {"assessment": "Y", "unit": "water", "by": "town", "period": "2020-Q1", "score": 60}
    return decision("UnitAssessed", at) | base | fields


REFUSED: list[tuple[str, str | None, list[Line], Line | bytes]] = [
    # form
    ("bad-json", None, [], b"nope"),
    ("bad-json", None, [], b"[1]"),
    ("bad-json", None, [], b'{"type": "UnitRenamed", '),
    ("bad-json", None, [], b'{"type": "UnitRenamed", "name": "\xff"}'),
    ("bad-json", None, [], b"[" * 100_000),
    ("bad-json", None, [], b'{"note": "' + b"a" * (5 * 1024 * 1024) + b'"}'),
    ("missing-field", "type", [], b"{}"),
    ("unknown-type", "type", [], b'{"type": "DutyDelegate", "at": "2020-01-01"}'),
    ("unknown-type", "type", [], b'{"type": 5}'),
    ("unknown-type", "type", [], b'{"type": {"a": 1}}'),
    ("unknown-field", "unti1", [], duty("A", unti1="2021-01-01", until="x")),
    ("unknown-field", "mode", [], decision("BurdenImposed", "2020-01-01", ref="A", mode="assigned")),
    ("unknown-field", "due_on", [], grant("A", due_on="2021-01-01")),
    ("missing-field", "role", [], {name: value for name, value in duty("A").items() if name != "role"}),
    ("missing-field", "at", [], {"type": "UnitDissolved", "unit": "town"}),
    ("missing-field", "matter", [], item("2")),
    ("missing-field", "name", [], decision("UnitRevised", "2020-01-01", unit="town")),
    ("missing-field", "name", [], decision("MatterRevised", "2020-01-01", matter="D-SAND", note="无")),
    ("bad-value", "at", [], duty("A", at="2020-1-1")),
    ("bad-value", "at", [], duty("A", at="2020-02-30")),
    ("bad-value", "at", [], duty("A", at="2020-01-01T00:00:00")),
    ("bad-value", "at", [], duty("A", at="1577836800")),
    ("bad-value", "role", [], duty("A", role="boss")),
    ("bad-value", "until", [], duty("A") | {"until": None}),
    ("bad-value", "brings.0", [], duty("A", brings=["money"])),
    ("bad-value", "to", [], duty("A", to="water")),
    ("bad-value", "ref", [], duty("A#1")),
    ("bad-value", "ref", [], duty("")),
    ("bad-value", "ref", [], duty("A" * 201)),
    ("bad-value", "name", [], unit("x", "county", "government") | {"name": "a\x00"}),
    ("bad-value", "list", [], listing("LAW")),
    ("bad-value", "quota", [], listing(covers="form", quota=-1)),
    ("bad-value", "quota", [], listing(covers="form", quota=True)),
    ("bad-value", "quota", [], listing(covers="form", quota=1.0)),
    ("bad-value", "category", [], item("2", matter="D-SAND", category="水利")),
    ("bad-value", "terms", [], item("2", terms=[])),
    ("bad-value", "rule", [], waived(rule="no-such-rule")),
    ("bad-value", "set", [duty("A")], correct("A")),
    # fields by kind
    (
        "unknown-field",
        "requires",
        [],
        decision("MatterDefined", "2020-01-01", matter="F", kind="form", name="表", requires=[]),
    ),
    ("bad-value", "level", [], decision("UnitRevised", "2020-01-01", unit="town", level=None)),
    ("bad-value", "name", [], decision("MatterRevised", "2020-01-01", matter="D-SAND", name=None)),
    ("bad-value", "power_kind", [], decision("MatterRevised", "2020-01-01", matter="P-SAND", power_kind=None)),
    ("bad-value", "includes", [], decision("MatterRevised", "2020-01-01", matter="S", includes=None)),
    ("bad-value", "function", [], unit("bureau", "county", "department", function=None)),
    ("unknown-field", "asks", [], decision("MatterRevised", "2020-01-01", matter="D-SAND", asks=None)),
    ("missing-field", "includes", [], service()),
    ("bad-value", "includes", [], service(includes=["C-KIN"])),
    ("bad-value", "includes", [], service(includes=["C-KIN", "C-KIN"])),
    ("unknown-field", "includes", [], decision("MatterRevised", "2020-01-01", matter="C-KIN", includes=["A", "B"])),
    ("unknown-field", "issuer", [], service(includes=["C-KIN", "D-SAND"], issuer="派出所")),
    ("unknown-matter", "includes", [], service(includes=["C-KIN", "C-NONE"])),
    ("wrong-kind", "includes", [service("T", includes=["C-KIN", "D-SAND"])], service(includes=["C-KIN", "T"])),
    ("missing-field", "power_kind", [], decision("MatterDefined", "2020-01-01", matter="P", kind="power", name="权")),
    ("unknown-field", "needs", [], decision("MatterRevised", "2020-01-01", matter="P-SAND", needs=["staff"])),
    ("unknown-field", "closed", [], listing(polarity="negative", closed=True)),
    ("unknown-field", "assigns", [], listing(polarity="negative", assigns="lead")),
    ("unknown-field", "assigns", [], listing(covers="certificate", assigns="lead")),
    ("bad-value", "assigns", [], listing(assigns="devolved")),
    ("unknown-field", "quota", [], listing(quota=3)),
    ("unknown-field", "roles", [], item("2", matter="D-SAND", roles=["lead"])),
    ("unknown-field", "from", [], item("2", list_="NEG", matter="D-SAND", from_="water")),
    ("unknown-field", "role", [], PROPOSED | {"matter": "F-LEDGER", "role": "lead"}),
    ("unknown-field", "mode", [], PROPOSED | {"matter": "F-LEDGER", "mode": "assigned"}),
    ("unknown-field", "role", [], PROPOSED | {"matter": "P-SAND", "role": "lead"}),
    ("bad-value", "mode", [], PROPOSED | {"mode": "devolved"}),
    # ids used again
    ("conflict", "unit", [], unit("town", "county", "government")),
    ("conflict", "ref", [duty("A")], grant("A")),
    ("conflict", "ref", [DEMANDED], duty("C")),
    ("conflict", "item", [], item("1", matter="D-SAND")),
    ("conflict", "list", [], listing("NEG")),
    ("conflict", "matter", [], decision("MatterDefined", "2000-01-01", matter="D-RIVER", kind="duty", name="巡渠")),
    (
        "conflict",
        "instrument",
        [],
        decision("InstrumentIssued", "2018-01-01", instrument="通知1号", title="别的", kind="notice"),
    ),
    ("conflict", "proposal", [PROPOSED, ADMITTED], ADMITTED | {"type": "ProposalRefused"}),
    ("conflict", "report", [REPORTED], REPORTED | {"text": "又报一次"}),
    # nothing of that name
    ("unknown-unit", "to", [], duty("A", to="nowhere")),
    ("unknown-unit", "to", [], duty("A", to="nowhere", instrument="无", matter="无")),
    ("unknown-instrument", "instrument", [], duty("A", instrument="无", matter="无")),
    ("unknown-matter", "matter", [], duty("A", matter="无")),
    ("unknown-matter", "requires", [], decision("MatterRevised", "2020-01-01", matter="D-RIVER", requires=["P-NONE"])),
    ("unknown-list", "list", [], item("1", list_="NONE", matter="D-SAND")),
    ("unknown-ref", "under", [], duty("A", under="B")),
    ("unknown-ref", "under", [], duty("A", under="A")),
    ("unknown-ref", "power", [VESTED | {"unit": "town2"}], DIVESTED),
    ("unknown-ref", "power", [VESTED | {"unit": "town2"}, GONE], DIVESTED | {"at": "2020-12-31"}),
    ("unknown-ref", "proposal", [], duty("A", proposal="Z")),
    ("unknown-ref", "proposal", [], ADMITTED),
    (
        "unknown-ref",
        "report",
        [],
        decision("ReportAnswered", "2020-01-01", report="R", by="420684", text="好", outcome="upheld"),
    ),
    ("bad-value", "rule", [duty("A")], ordered(rule="rectified-on-paper")),
    ("missing-field", "due_on", [duty("A"), ORDERED], answered(outcome="extended")),
    ("bad-value", "due_on", [duty("A"), ORDERED], answered(due_on="2020-12-31")),
    ("conflict", "ref", [duty("A"), ORDERED], duty("Z")),
    ("conflict", "ref", [duty("A")], ordered(ref="A")),
    ("unknown-ref", "subject", [], ordered()),
    ("wrong-kind", "subject", [duty("A"), ORDERED], ordered(ref="Z2", subject="Z")),
    ("not-in-force", "subject", [duty("A"), decision("Annulled", "2021-01-01", ref="A")], ordered()),
    ("bad-interval", "due_on", [duty("A")], ordered(due_on="2020-04-30")),
    ("unknown-ref", "ref", [], answered()),
    ("wrong-kind", "ref", [duty("Z")], answered()),
    ("wrong-kind", "ref", [duty("A"), ORDERED], end("Z", "2021-01-01")),
    ("not-in-force", "ref", [duty("A"), ORDERED, decision("Annulled", "2021-01-01", ref="Z")], answered()),
    ("not-in-force", "ref", [duty("A"), ORDERED], decision("Reinstated", "2021-01-01", ref="Z")),
    ("bad-interval", "due_on", [duty("A"), ORDERED], answered(outcome="extended", due_on="2020-05-01")),
    ("bad-value", "text", [], settled(text="经办人电话138 0013 8000")),
    ("bad-value", "outcome", [], settled(outcome="upheld")),
    ("conflict", "case", [settled()], settled(title="另一个案例")),
    ("unknown-matter", "matter", [], settled(matter="D-NONE")),
    ("unknown-ref", "about", [duty("A")], settled(about=["A", "B"])),
    ("not-in-force", "about", [duty("A"), decision("Annulled", "2021-01-01", ref="A")], settled(about=["A"])),
    ("bad-value", "score", [], assessed(score=101)),
    ("bad-value", "score", [], assessed(score=90.5)),
    ("bad-value", "period", [], assessed(period="2020-Q5")),
    ("conflict", "assessment", [assessed()], assessed(score=61)),
    ("not-in-force", "by", [GONE], assessed("2021-02-01", by="town2")),
    ("unknown-ref", "item", [], decision("ListItemWithdrawn", "2020-01-01", list="NEG", item="1")),
    ("unknown-ref", "ref", [], end("A", "2020-01-01")),
    ("unknown-ref", "subject", [], waived()),
    ("unknown-ref", "subject", [], waived(subject="BASIC#9")),
    ("unknown-ref", "subject", [], waived(subject="LAW#NONE")),
    ("unknown-ref", "power", [], DIVESTED),
    (
        "unknown-ref",
        "subject",
        [duty("A")],
        decision("WaiverLifted", "2020-07-01", rule="negative-list", subject="A", unit="town"),
    ),
    # the wrong kind
    ("wrong-kind", "matter", [], duty("A", matter="P-SAND")),
    ("wrong-kind", "matter", [], grant("A", matter="D-SAND")),
    ("wrong-kind", "matter", [], PROPOSED | {"matter": "C-KIN"}),
    ("wrong-kind", "matter", [], item("2", matter="P-SAND")),
    ("wrong-kind", "requires", [], decision("MatterRevised", "2020-01-01", matter="D-RIVER", requires=["D-SAND"])),
    ("wrong-kind", "power", [], VESTED | {"power": "D-SAND"}),
    ("wrong-kind", "to", [], DEMANDED | {"to": "town"}),
    ("wrong-kind", "under", [grant("G")], duty("A", under="G")),
    ("wrong-kind", "ref", [DEMANDED], end("C", "2021-01-01")),
    ("not-in-force", "ref", [DEMANDED], decision("Reinstated", "2021-01-01", ref="C")),
    # not in force
    ("not-in-force", "from", [], duty("A", at="1999-12-31")),
    ("not-in-force", "to", [GONE], duty("A", to="town2", at="2021-01-01")),
    ("not-in-force", "unit", [GONE], decision("UnitRenamed", "2022-01-01", unit="town2", name="新")),
    ("not-in-force", "list", [], item("2", at="2018-12-31", matter="D-SAND")),
    ("not-in-force", "ref", [duty("A"), decision("Annulled", "2020-01-01", ref="A")], end("A", "2021-01-01")),
    ("not-in-force", "under", [duty("A"), decision("Annulled", "2020-01-01", ref="A")], duty("B", under="A")),
    ("not-in-force", "ref", [duty("A")], decision("Reinstated", "2021-01-01", ref="A")),
    # intervals
    ("bad-interval", "until", [], duty("A", until="2020-01-01")),
    ("bad-interval", "due_on", [], duty("A", due_on="2019-12-31")),
    ("bad-interval", "at", [duty("A")], end("A", "2020-01-01")),
    ("bad-interval", "at", [duty("A"), end("A", "2021-01-01")], end("A", "2022-01-01")),
    ("bad-interval", "at", [GONE], decision("UnitDissolved", "2020-06-01", unit="town2")),
    ("bad-interval", "at", [VESTED], DIVESTED | {"at": "2020-01-01"}),
    ("bad-interval", "at", [VESTED, DIVESTED], DIVESTED | {"at": "2022-01-01"}),
    ("bad-interval", "until", [duty("A")], waived(until="2020-06-01")),
    ("bad-interval", "at", [], decision("InstrumentRepealed", "2018-01-01", instrument="通知1号")),
    ("bad-interval", "at", [], decision("ListRepealed", "2019-01-01", list="NEG")),
    ("bad-interval", "at", [], decision("MatterRetired", "2000-01-01", matter="D-SAND")),
    # cycles
    ("cycle", "parent", [], decision("UnitMoved", "2020-01-01", unit="420684", parent="village")),
    ("cycle", "parent", [], decision("UnitMoved", "2020-01-01", unit="town", parent="town")),
    ("cycle", "successor", [], decision("UnitDissolved", "2020-01-01", unit="town", successor="town")),
    ("cycle", "successor", [], decision("UnitDissolved", "2020-01-01", unit="town", successor="village")),
    # corrections
    ("unknown-field", "set.ref", [duty("A")], correct("A", ref="B")),
    ("unknown-field", "set.due_on", [grant("A")], correct("A", due_on="2021-01-01")),
    ("missing-field", "set.role", [duty("A")], correct("A", role=None)),
    ("bad-value", "set.at", [duty("A")], correct("A", at="soon")),
    ("bad-value", "set.to", [duty("A")], correct("A", to="water")),
    ("bad-value", "set.under", [duty("A")], correct("A", under="A")),
    ("unknown-unit", "set.to", [duty("A")], correct("A", to="nowhere")),
    ("not-in-force", "set.from", [duty("A")], correct("A", at="1990-01-01")),
    ("bad-interval", "set.until", [duty("A")], correct("A", until="2020-01-01")),
    (
        "in-use",
        "of",
        [duty("A")],
        decision("Annulled", "2021-01-01", of={"type": "UnitRegistered", "unit": "town"}),
    ),
    ("bad-interval", "set.at", [duty("A"), end("A", "2021-01-01")], correct("A", at="2021-01-01")),
    ("wrong-kind", "set.matter", [duty("A")], correct("A", matter="P-SAND")),
]


@pytest.mark.parametrize(("code", "field", "before", "last"), REFUSED)
def test_what_cannot_be_is_refused_by_the_first_code_that_applies(
    code: str, field: str | None, before: list[Line], last: Line | bytes
) -> None:
    given(*COUNTY, *before).when(last).then(refused(code, field))


def test_a_problem_is_reported_in_both_languages_with_what_to_do() -> None:
    with pytest.raises(Refused) as raised:
        from_line(b'{"type": "UnitRenamed", "at": "2020-01-01", "unit": "1"}')
    assert str(raised.value) == "缺少字段“name”。补上该字段。 / The field name is missing. Add the field."


def test_a_value_that_is_refused_is_shown_as_the_journal_writes_it() -> None:
    shown = {None: "null", True: "true", "a\x1b[2J\u202e": '"a\\u001b[2J\\u202e"', 5: "5"}
    assert {value: bad_value("role", value, "").message.zh.split("：")[1].split("。")[0] for value in shown} == shown


def test_a_slice_reads_only_what_its_decision_depends_on() -> None:
    aggregates = AggregateCache()
    for each in COUNTY:
        load_and_retry(slice_for(from_line(line(each)), aggregates).execute, aggregates.mark_empty)
    alone = AggregateCache()
    read: list[str] = []

    def borrow(key: str) -> None:
        read.append(key)
        known = aggregates.get(key) if aggregates.has(key) else None
        alone.mark_empty(key)
        for position, recorded in known.history if known else []:
            alone.replay_event(key, position, recorded)

    slice_ = slice_for(from_line(line(duty("A"))), alone)
    load_and_retry(slice_.execute, borrow)
    streams = {"ref:A", "matter:D-SAND", "unit:water", "unit:town", "instrument:通知1号"}
    assert set(read) == streams
    assert {tag for selector in slice_.consistency_boundary() for tag in selector.tags} == streams
    (event,) = slice_.collect_events()
    assert set(event.tags) == {"ref:A", "@matter:D-SAND", "@unit:water", "@unit:town", "@instrument:通知1号"}


def test_every_code_has_an_example_and_says_what_to_do() -> None:
    assert {code for code, *_ in REFUSED} == set(CODES) == set(HINTS)


FACTS: list[tuple[list[Line], Line]] = [
    # Facts are never refused for being unlawful.
    ([], grant("A", to="village")),
    ([decision("InstrumentRepealed", "2019-01-01", instrument="通知1号")], duty("A")),
    ([], duty("A", at="2017-01-01")),  # before its document
    ([decision("MatterRetired", "2019-01-01", matter="D-SAND")], duty("A")),
    ([PROPOSED, ADMITTED | {"type": "ProposalRefused"}], duty("A", proposal="Z")),
    # Late facts are not measured against those already there.
    ([duty("A", to="town2", at="2022-01-01")], GONE),
    ([GONE], duty("A", to="town2", at="2020-12-31")),
    ([duty("A"), GONE | {"unit": "town", "successor": "town2"}], correct("A", role="assist")),
    # Ends, and ends taken back.
    ([duty("A"), end("A", "2021-01-01"), decision("Reinstated", "2021-02-01", ref="A")], end("A", "2022-01-01")),
    ([duty("A", until="2021-01-01")], end("A", "2022-01-01")),
    ([VESTED, DIVESTED, VESTED | {"at": "2022-01-01"}], DIVESTED | {"at": "2023-01-01"}),
    ([DEMANDED], decision("Annulled", "2021-01-01", ref="C")),
    ([duty("A")], correct("A", until="2021-01-01", brings=["funds"], note="原件")),
    ([duty("A", until="2021-01-01")], correct("A", until=None)),
    ([duty("A")], decision("ResourcesAllotted", "2020-06-01", ref="A", brings=["staff"])),
    ([], waived(subject="BASIC#1")),
    ([], waived(subject="LAW#P-SAND")),
    ([], decision("UnitMoved", "2020-01-01", unit="village", parent="town2")),
    # What a dissolved unit had is read as its successor's, and ends by the successor's name.
    ([VESTED | {"unit": "town2"}, GONE], DIVESTED),
    ([duty("A", to="town2"), waived(unit="town2"), GONE], LIFTED | {"at": "2021-06-01"}),
]


@pytest.mark.parametrize(("before", "last"), FACTS)
def test_facts_are_recorded_lawful_or_not(before: list[Line], last: Line) -> None:
    given(*COUNTY, *before).when(last).then(RECORDED)
    given(*COUNTY, *before, last).when(last).then(REPEATED)


def test_a_move_may_lead_back_once_the_way_is_open() -> None:
    """Below a unit on other days than it is above: no cycle on any day."""
    moved = given(
        *COUNTY,
        decision("UnitMoved", "2010-01-01", unit="town", parent="town2"),
        decision("UnitMoved", "2015-01-01", unit="town", parent="420684"),
    )
    moved.when(decision("UnitMoved", "2014-12-31", unit="town2", parent="town")).then(refused("cycle", "parent"))
    moved.when(decision("UnitMoved", "2015-01-01", unit="town2", parent="town")).then(RECORDED)


def test_an_equal_decision_differs_by_any_field() -> None:
    given(*COUNTY, duty("A")).when(duty("A", note="补录")).then(refused("conflict", "ref"))
    given(*COUNTY, listing("L")).when(listing("L", closed=True)).then(refused("conflict", "list"))


def test_every_type_has_its_slice_and_reads_back_as_it_was_written() -> None:
    assert SLICES.keys() == TYPES.keys()
    for each in [*COUNTY, duty("A"), grant("B"), correct("A", until=None), VESTED, PROPOSED, REPORTED]:
        read = from_line(line(each))
        assert json.loads(to_line(read)) == each
        assert from_line(to_line(read)) == read


def test_the_vocabularies_are_the_contracts() -> None:
    assert set(shape.RULES) == set(words.RULES)
    assert len(words.RULES) == len(set(words.RULES))
    assert words.LEVELS == ("central", "province", "prefecture", "county", "township", "village")
