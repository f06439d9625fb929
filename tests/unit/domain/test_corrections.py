"""Corrections of decisions of every type, by example: what they name, what they refuse, what comes of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.given_when_then import RECORDED, REPEATED, Outcome, given, refused
from tests.support.worlds import COUNTY, Line, decision, duty, unit


def named(type_: str, /, **fields: Any) -> Line:
    """What `of` gives."""
    return {"type": type_, **fields}


def annul(of: Line | None = None, **fields: Any) -> Line:
    return decision("Annulled", "2024-01-01", **({} if of is None else {"of": of}), **fields)


def reinstate(of: Line | None = None, **fields: Any) -> Line:
    return decision("Reinstated", "2024-02-01", **({} if of is None else {"of": of}), **fields)


def correct(of: Line | None = None, /, note: str | None = None, ref: str | None = None, **set_: Any) -> Line:
    named_by = {"ref": ref} if of is None else {"of": of}
    changes = {name.rstrip("_"): value for name, value in set_.items()}
    return decision("Corrected", "2024-01-01", **named_by, set=changes, **({"note": note} if note else {}))


NEW_TOWN = unit("new", "township", "government", "420684", "2020-01-01")
MOVED = decision("UnitMoved", "2021-01-01", unit="village", parent="town2")
RENAMED = decision("UnitRenamed", "2021-01-01", unit="town", name="新名")
GONE = decision("UnitDissolved", "2021-01-01", unit="town2", successor="town")
VESTED = decision("PowerVested", "2020-01-01", power="P-SAND", unit="town", instrument="决定1号")
DIVESTED = decision("PowerDivested", "2021-01-01", power="P-SAND", unit="town")
WAIVED = decision(
    "FindingWaived", "2020-06-01", rule="negative-list", subject="A", unit="town", by="420684", reason="试点"
)
LIFTED = decision("WaiverLifted", "2020-07-01", rule="negative-list", subject="A", unit="town")
REPORTED = decision("BurdenReported", "2020-03-01", report="R", unit="village", text="多头报表")
ANSWERED = decision("ReportAnswered", "2020-04-01", report="R", by="420684", text="已并表", outcome="resolved")
ENDED = decision("DelegationEnded", "2022-01-01", ref="A", reason="returned")
ALLOTTED = decision("ResourcesAllotted", "2021-01-01", ref="A", brings=["funds"])
PROPOSED = decision(
    "DelegationProposed", "2020-01-01", proposal="Z", matter="D-SAND", from_="water", to="town", instrument="通知1号"
)
ADMITTED = decision("ProposalAdmitted", "2020-02-01", proposal="Z", by="420684")
PAPER = decision("InstrumentIssued", "2020-01-01", instrument="通知2号", title="通知", kind="notice")
LIST = decision(
    "ListAdopted",
    "2020-01-01",
    list="L",
    title="清单",
    polarity="positive",
    covers="duty",
    audience="township",
    instrument="通知1号",
)
ITEM = decision("ListItemEntered", "2020-02-01", list="L", item="1", name="采砂", matter="D-SAND")

OF_TOWN = named("UnitRegistered", unit="new")
OF_MOVE = named("UnitMoved", unit="village", at="2021-01-01")
OF_VESTED = named("PowerVested", power="P-SAND", unit="town", at="2020-01-01")
OF_DIVESTED = named("PowerDivested", power="P-SAND", unit="town", at="2021-01-01")
OF_LIST = named("ListAdopted", list="L")
OF_ITEM = named("ListItemEntered", list="L", item="1")

CASES: list[tuple[str, list[Line], Line, Outcome]] = [
    # Naming.
    ("both", [duty("A")], annul(OF_TOWN, ref="A"), refused("bad-value", "ref")),
    ("neither", [], annul(), refused("missing-field", "ref")),
    ("no type", [], annul({"unit": "town"}), refused("missing-field", "of.type")),
    ("unknown type", [], annul(named("UnitGone", unit="town")), refused("bad-value", "of.type")),
    ("an end of a delegation", [], annul(named("DelegationEnded", ref="A")), refused("bad-value", "of.type")),
    ("a transfer", [], annul(named("DutyDelegated", ref="A")), refused("bad-value", "of.type")),
    ("a correction", [], annul(named("Annulled", ref="A")), refused("bad-value", "of.type")),
    (
        "a field too many",
        [],
        annul(named("UnitRegistered", unit="town", at="2000-01-01")),
        refused("unknown-field", "of.at"),
    ),
    ("a field too few", [], annul(named("UnitMoved", unit="village")), refused("missing-field", "of.at")),
    ("no day", [], annul(named("UnitMoved", unit="village", at="2021-13-01")), refused("bad-value", "of.at")),
    (
        "no rule",
        [],
        annul(named("WaiverLifted", rule="x", subject="A", unit="town", at="2020-01-01")),
        refused("bad-value", "of.rule"),
    ),
    ("no text", [], annul({"type": "UnitRegistered", "unit": 5}), refused("bad-value", "of.unit")),
    ("never recorded", [], annul(OF_TOWN), refused("unknown-ref", "of")),
    ("another day", [MOVED], annul(named("UnitMoved", unit="village", at="2021-01-02")), refused("unknown-ref", "of")),
    # Annulment: what stands on it, and the id free again.
    ("unused", [NEW_TOWN], annul(OF_TOWN), RECORDED),
    ("twice", [NEW_TOWN, annul(OF_TOWN)], annul(OF_TOWN, note="再"), refused("unknown-ref", "of")),
    ("repeated", [NEW_TOWN, annul(OF_TOWN)], annul(OF_TOWN), REPEATED),
    ("used by a delegation", [NEW_TOWN, duty("A", to="new", at="2021-01-01")], annul(OF_TOWN), refused("in-use", "of")),
    ("no longer used", [NEW_TOWN, duty("A", to="new", at="2021-01-01"), annul(ref="A")], annul(OF_TOWN), RECORDED),
    (
        "no longer named",
        [NEW_TOWN, duty("A", to="new", at="2021-01-01"), correct(ref="A", to="town")],
        annul(OF_TOWN),
        RECORDED,
    ),
    ("its own revision", [NEW_TOWN, RENAMED | {"unit": "new"}], annul(OF_TOWN), refused("in-use", "of")),
    ("a waiver's subject", [LIST, ITEM, WAIVED | {"subject": "L#1"}], annul(OF_ITEM), refused("in-use", "of")),
    ("a power required", [], annul(named("MatterDefined", matter="P-SAND")), refused("in-use", "of")),
    ("a list with items", [LIST, ITEM], annul(OF_LIST), refused("in-use", "of")),
    ("a list without", [LIST, ITEM, annul(OF_ITEM)], annul(OF_LIST), RECORDED),
    ("a report answered", [REPORTED, ANSWERED], annul(named("BurdenReported", report="R")), refused("in-use", "of")),
    (
        "a proposal carried out",
        [PROPOSED, ADMITTED, duty("A", proposal="Z"), annul(named("ProposalAdmitted", proposal="Z"))],
        annul(named("DelegationProposed", proposal="Z")),
        refused("in-use", "of"),
    ),
    (
        "annulled is unknown",
        [NEW_TOWN, annul(OF_TOWN)],
        duty("A", to="new", at="2021-01-01"),
        refused("unknown-unit", "to"),
    ),
    (
        "a paper annulled is unknown",
        [PAPER, annul(named("InstrumentIssued", instrument="通知2号"))],
        duty("A", instrument="通知2号"),
        refused("unknown-instrument", "instrument"),
    ),
    ("a ref annulled is not in force", [duty("A"), annul(ref="A")], ENDED, refused("not-in-force", "ref")),
    ("used again", [NEW_TOWN, annul(OF_TOWN)], NEW_TOWN | {"name": "另一镇"}, RECORDED),
    ("used again the same", [NEW_TOWN, annul(OF_TOWN)], NEW_TOWN, REPEATED),
    ("a ref used again", [duty("A"), ENDED, annul(ref="A")], duty("A", role="assist"), RECORDED),
    (
        "a ref used again is new",
        [duty("A"), ENDED, annul(ref="A"), duty("A", role="assist")],
        decision("DelegationEnded", "2023-01-01", ref="A", reason="revoked"),
        RECORDED,
    ),
    # What is taken back leaves no ring.
    (
        "a ring is left",
        [
            NEW_TOWN,
            decision("UnitMoved", "2021-01-01", unit="new", parent="4206"),
            decision("UnitMoved", "2021-01-01", unit="420684", parent="new"),
        ],
        annul(named("UnitMoved", unit="new", at="2021-01-01")),
        refused("cycle", "of"),
    ),
    (
        "its own parent",
        [NEW_TOWN],
        correct(OF_TOWN, parent="new"),
        refused("cycle", "set"),
    ),
    (
        "a ring is set",
        [NEW_TOWN],
        correct(named("UnitRegistered", unit="420684"), parent="new", at="2020-01-01"),
        refused("cycle", "set"),
    ),
    # Correction: as a decision of that type recorded now.
    ("a name", [NEW_TOWN], correct(OF_TOWN, name="正名"), RECORDED),
    ("its id", [NEW_TOWN], correct(OF_TOWN, unit="newer"), refused("unknown-field", "set.unit")),
    ("its type", [NEW_TOWN], correct(OF_TOWN, type="UnitMoved"), refused("unknown-field", "set.type")),
    ("no such field taken away", [NEW_TOWN], correct(OF_TOWN, colour=None), refused("unknown-field", "set.colour")),
    ("another type's field taken away", [duty("A")], correct(ref="A", asks=None), refused("unknown-field", "set.asks")),
    ("no such field", [NEW_TOWN], correct(OF_TOWN, colour="红"), refused("unknown-field", "set.colour")),
    ("no such level", [NEW_TOWN], correct(OF_TOWN, level="hamlet"), refused("bad-value", "set.level")),
    ("no such unit", [NEW_TOWN], correct(OF_TOWN, parent="nowhere"), refused("unknown-unit", "set.parent")),
    ("the day of a move", [MOVED], correct(OF_MOVE, at="2022-01-01"), RECORDED),
    ("named as corrected", [MOVED, correct(OF_MOVE, at="2022-01-01")], annul(OF_MOVE), refused("unknown-ref", "of")),
    (
        "named by its new day",
        [MOVED, correct(OF_MOVE, at="2022-01-01")],
        annul(OF_MOVE | {"at": "2022-01-01"}),
        RECORDED,
    ),
    (
        "before a unit named",
        [NEW_TOWN, MOVED | {"parent": "new"}],
        correct(OF_MOVE, at="2019-01-01"),
        refused("not-in-force", "set.parent"),
    ),
    (
        "a beginning after its end",
        [NEW_TOWN, GONE | {"unit": "new"}],
        correct(OF_TOWN, at="2022-01-01"),
        refused("bad-interval", "set.at"),
    ),
    (
        "an end before its beginning",
        [PAPER, decision("InstrumentRepealed", "2021-01-01", instrument="通知2号")],
        correct(named("InstrumentRepealed", instrument="通知2号"), at="2019-01-01"),
        refused("bad-interval", "set.at"),
    ),
    (
        "a vesting after its end",
        [VESTED, DIVESTED],
        correct(OF_VESTED, at="2021-06-01"),
        refused("bad-interval", "set.at"),
    ),
    (
        "a divesting before its vesting",
        [VESTED, DIVESTED],
        correct(OF_DIVESTED, at="2019-06-01"),
        refused("bad-interval", "set.at"),
    ),
    (
        "a waiver over before it is lifted",
        [duty("A"), WAIVED, LIFTED],
        correct(
            named("FindingWaived", rule="negative-list", subject="A", unit="town", at="2020-06-01"), until="2020-06-15"
        ),
        refused("bad-interval", "set.until"),
    ),
    (
        "the kind of a matter in use",
        [duty("A")],
        correct(named("MatterDefined", matter="D-SAND"), kind="form", requires=None),
        refused("wrong-kind", "set.kind"),
    ),
    (
        "the kind of a matter unused",
        [],
        correct(named("MatterDefined", matter="F-LEDGER"), kind="inspection"),
        RECORDED,
    ),
    ("what a list covers", [LIST, ITEM], correct(OF_LIST, covers="form"), refused("wrong-kind", "set.covers")),
    ("what a list of terms covers", [LIST], correct(OF_LIST, covers="form"), RECORDED),
    (
        "a matter of another kind",
        [LIST, ITEM],
        correct(OF_ITEM, matter="F-LEDGER"),
        refused("wrong-kind", "set.matter"),
    ),
    ("a second way to name", [LIST, ITEM], correct(OF_ITEM, terms=["砂"]), refused("bad-value", "set.terms")),
    ("one way for another", [LIST, ITEM], correct(OF_ITEM, terms=["砂"], matter=None), RECORDED),
    ("an item before its list", [LIST, ITEM], correct(OF_ITEM, at="2019-02-01"), refused("not-in-force", "set.list")),
    ("the sender is the recipient", [duty("A")], correct(ref="A", from_="town"), refused("bad-value", "set.to")),
    # Reinstatement.
    ("back", [NEW_TOWN, annul(OF_TOWN)], reinstate(OF_TOWN), RECORDED),
    ("never annulled", [NEW_TOWN], reinstate(OF_TOWN), refused("unknown-ref", "of")),
    ("a ref neither ended nor annulled", [duty("A")], reinstate(ref="A"), refused("not-in-force", "ref")),
    ("a ref never recorded", [], reinstate(ref="A"), refused("unknown-ref", "ref")),
    (
        "its id is in use again",
        [NEW_TOWN, annul(OF_TOWN), NEW_TOWN | {"name": "另一镇"}],
        reinstate(OF_TOWN),
        refused("conflict", "of"),
    ),
    (
        "what it names is gone",
        [NEW_TOWN, duty("A", to="new", at="2021-01-01"), annul(ref="A"), annul(OF_TOWN)],
        reinstate(ref="A"),
        refused("unknown-unit", "ref"),
    ),
    (
        "a second answer",
        [PROPOSED, ADMITTED, annul(named("ProposalAdmitted", proposal="Z")), ADMITTED | {"type": "ProposalRefused"}],
        reinstate(named("ProposalAdmitted", proposal="Z")),
        refused("conflict", "of"),
    ),
    (
        "a ref comes back with its end",
        [duty("A"), ENDED, annul(ref="A"), reinstate(ref="A")],
        decision("DelegationEnded", "2023-01-01", ref="A", reason="revoked"),
        refused("bad-interval", "at"),
    ),
    (
        "an end taken back may be recorded anew",
        [duty("A"), ENDED, reinstate(ref="A")],
        ENDED | {"at": "2023-01-01"},
        RECORDED,
    ),
    (
        "means that went with a ref come back",
        [duty("A"), ALLOTTED, annul(ref="A"), reinstate(ref="A")],
        annul(named("ResourcesAllotted", ref="A", at="2021-01-01")),
        RECORDED,
    ),
    # What ended nothing else goes with a vesting or waiver, and comes back with it.
    ("an end goes", [VESTED, DIVESTED, annul(OF_VESTED)], annul(OF_DIVESTED), refused("unknown-ref", "of")),
    (
        "an end stays for another",
        [VESTED, VESTED | {"at": "2020-02-01"}, DIVESTED, annul(OF_VESTED)],
        annul(OF_DIVESTED),
        RECORDED,
    ),
    ("an end comes back", [VESTED, DIVESTED, annul(OF_VESTED), reinstate(OF_VESTED)], annul(OF_DIVESTED), RECORDED),
    ("without its vesting nothing is divested", [VESTED, annul(OF_VESTED)], DIVESTED, refused("unknown-ref", "power")),
]


@pytest.mark.parametrize(("before", "last", "outcome"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_correction_is_decided_by_what_it_names_and_what_it_sets(
    before: list[Line], last: Line, outcome: Outcome
) -> None:
    given(*COUNTY, *before).when(last).then(outcome)
