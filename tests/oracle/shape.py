"""The form of a journal line, seen by itself: which fields a decision takes and which values they may have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from tests.oracle.reading import NAMED, Line

Check = Callable[[Any], bool]

LEVELS = ("central", "province", "prefecture", "county", "township", "village")
KINDS = (
    *("duty", "power", "certificate", "service"),
    *("form", "inspection", "meeting", "document", "mechanism", "workgroup"),
)
ROLES = ("lead", "share", "assist")
DUTY_MODES = ("assigned", "entrusted", "letter", "territorial", "purchased")
GRANT_MODES = ("devolved", "entrusted")
RULES = (
    "duty-without-power",
    "negative-list",
    "off-list",
    "unfunded-mandate",
    "incapable-recipient",
    "unfit-instrument",
    "void-grant",
    "re-entrusted",
    "expired-basis",
    "level-skip",
    "out-of-line",
    "passed-down",
    "delegation-loop",
    "deadline-squeeze",
    "conflicting-orders",
    "multiple-leads",
    "no-lead",
    "rebound",
    "quota-exceeded",
    "certificate-demand",
    "informal-order",
    "disguised",
    "rectification-overdue",
    "rectified-on-paper",
)
INSTRUMENTS = (
    "law",
    "regulation",
    "rule",
    "provincial_decision",
    "government_document",
    "notice",
    "letter",
    "minutes",
    "verbal",
)
POWERS = (
    "penalty",
    "licence",
    "coercion",
    "levy",
    "payment",
    "inspection",
    "confirmation",
    "award",
    "adjudication",
    "other",
)


PERIOD = r"[1-9]\d{3}(-H[12]|-Q[1-4]|-(0[1-9]|1[0-2]))?"


def text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def id_(value: Any) -> bool:
    return text(value) and "#" not in value


def list_id(value: Any) -> bool:
    return id_(value) and value != "LAW"


def subject(value: Any) -> bool:
    return text(value) and all(value.split("#")) and value.count("#") <= 1


def day(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def one_of(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def many(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(each) for each in value)


def some(check: Check) -> Check:
    return lambda value: many(check)(value) and value != []


def holder(value: Any) -> bool:
    known = isinstance(value, dict) and set(value) == {"level", "function"}
    return known and one_of(*LEVELS)(value["level"]) and text(value["function"])


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


resources = many(one_of("staff", "funds"))

# What a field may be, the same wherever it stands but for those below.
FIELDS: dict[str, Check] = {
    **dict.fromkeys(("at", "until", "due_on"), day),
    **dict.fromkeys(("name", "title", "text", "reason", "category", "function", "issuer", "alternative", "note"), text),
    **dict.fromkeys(("procedure", "online"), text),
    **dict.fromkeys(("aliases", "basis", "materials", "asks"), many(text)),
    **dict.fromkeys(("brings", "needs"), resources),
    "requires": many(id_),
    "includes": lambda value: many(id_)(value) and len(set(value)) >= 2,
    "window": one_of(*LEVELS),
    "lawful_holders": many(holder),
    "terms": some(text),
    "roles": many(one_of(*ROLES)),
    "level": one_of(*LEVELS),
    "audience": one_of(*LEVELS),
    "covers": one_of(*KINDS),
    "polarity": one_of("positive", "negative"),
    "closed": boolean,
    "monitored": boolean,
    "reenacted": boolean,
    "assigns": one_of(*ROLES, *GRANT_MODES),
    "quota": count,
    "role": one_of(*ROLES),
    "mode": one_of(*DUTY_MODES, *GRANT_MODES),
    "power_kind": one_of(*POWERS),
    "outcome": one_of("upheld", "rejected", "resolved"),
    "rule": one_of(*RULES),
    "score": lambda value: count(value) and value <= 100,
    "period": lambda value: isinstance(value, str) and re.fullmatch(PERIOD, value) is not None,
    "subject": subject,
    "list": list_id,
    "set": lambda value: isinstance(value, dict) and value != {},
    "of": lambda value: isinstance(value, dict),
}
OWN: dict[tuple[str, str], Check] = {
    ("UnitRegistered", "kind"): one_of("government", "party", "department", "dispatched", "village"),
    ("UnitRevised", "kind"): one_of("government", "party", "department", "dispatched", "village"),
    ("InstrumentIssued", "kind"): one_of(*INSTRUMENTS),
    ("InstrumentIssued", "issuer"): id_,
    ("MatterDefined", "kind"): one_of(*KINDS),
    ("DutyDelegated", "mode"): one_of(*DUTY_MODES),
    ("PowerGranted", "mode"): one_of(*GRANT_MODES),
    ("RectificationAnswered", "outcome"): one_of("done", "extended", "disputed"),
    ("CaseRecorded", "outcome"): one_of("exempted", "lightened", "held"),
    ("CaseRecorded", "about"): many(id_),
    ("DelegationEnded", "reason"): one_of("returned", "revoked", "expired", "completed", "superseded"),
}

# type: the fields that must be there; those that may.
MATTER = (
    "category aliases basis lawful_holders requires needs power_kind issuer alternative materials procedure online asks"
    " includes window"
)
TAKES: dict[str, tuple[str, str]] = {
    "UnitRegistered": ("unit name level kind", "function parent guided_by stationed_at aliases monitored"),
    "UnitRevised": ("unit", "name level kind function guided_by stationed_at aliases monitored"),
    "UnitRenamed": ("unit name", ""),
    "UnitMoved": ("unit parent", ""),
    "UnitDissolved": ("unit", "successor"),
    "InstrumentIssued": ("instrument title kind", "issuer"),
    "InstrumentRepealed": ("instrument", "replaced_by reenacted"),
    "MatterDefined": ("matter kind name", MATTER),
    "MatterRevised": ("matter", "name " + MATTER),
    "MatterRetired": ("matter", ""),
    "PowerVested": ("power unit instrument", ""),
    "PowerDivested": ("power unit", ""),
    "ListAdopted": ("list title polarity covers audience instrument", "scope closed assigns quota"),
    "ListItemEntered": ("list item name", "matter category terms roles from brings issuer alternative"),
    "ListItemWithdrawn": ("list item", ""),
    "ListRepealed": ("list", ""),
    "DelegationProposed": ("proposal matter from to instrument", "role mode brings due_on"),
    "ProposalAdmitted": ("proposal by", "reason"),
    "ProposalRefused": ("proposal by", "reason"),
    "DutyDelegated": ("ref matter from to role mode instrument", "until due_on brings under proposal"),
    "PowerGranted": ("ref matter from to mode instrument", "until brings proposal"),
    "BurdenImposed": ("ref matter from to instrument", "until due_on under proposal"),
    "DelegationEnded": ("ref reason", "instrument"),
    "ResourcesAllotted": ("ref brings", ""),
    "CertificateDemanded": ("ref matter from to", ""),
    "BurdenReported": ("report unit text", "about"),
    "ReportAnswered": ("report by text outcome", ""),
    "FindingWaived": ("rule subject unit by reason", "until instrument"),
    "WaiverLifted": ("rule subject unit", ""),
    "RectificationOrdered": ("ref rule subject unit by text due_on", "instrument"),
    "RectificationAnswered": ("ref by text outcome", "due_on"),
    "CaseRecorded": ("case title text outcome by", "matter category rule about instrument"),
    "UnitAssessed": ("assessment unit by period score", "text"),
    "Corrected": ("set", "ref of"),
    "Reinstated": ("", "ref of"),
    "Annulled": ("", "ref of"),
}
# Fields of a matter that only some kinds take.
ONLY: dict[str, tuple[str, ...]] = {
    "requires": ("duty",),
    "needs": ("duty",),
    "power_kind": ("power",),
    "issuer": ("certificate",),
    "alternative": ("certificate",),
    "materials": ("certificate", "service"),
    "procedure": ("certificate", "service"),
    "online": ("certificate", "service"),
    "asks": ("form",),
    "includes": ("service",),
    "window": ("service",),
}
# What a revision takes away by null.
CLEARABLE = {
    "UnitRevised": {"function", "guided_by", "stationed_at", "aliases", "monitored"},
    "MatterRevised": set(MATTER.split()) - {"power_kind", "includes"},
}


def must(type_: str) -> set[str]:
    return {"type", "at", *TAKES[type_][0].split()}


def may(type_: str) -> set[str]:
    return {*must(type_), "note", *TAKES[type_][1].split()}


def good(type_: str, field: str, value: Any) -> bool:
    """Is the value, by itself, one that the field may have?"""
    if value is None:
        return field in CLEARABLE.get(type_, ())
    return OWN.get((type_, field), FIELDS.get(field, id_))(value)


def parse(raw: bytes) -> Line | None:
    """The line as an object; None where it is none."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)  # NaN and Infinity are Python's, not JSON's

    try:
        line = json.loads(raw.decode("utf-8"), parse_constant=refuse)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def not_taken(fields: set[str], kind: str) -> set[str]:
    """Those of the fields that a matter of the kind does not take."""
    return {field for field in fields if kind not in ONLY.get(field, (kind,))}


def faults(line: Line | None) -> set[str]:
    """The codes of what is wrong with the line whatever was recorded before it."""
    if line is None:
        return {"bad-json"}
    if "type" not in line:
        return {"missing-field"}
    type_ = line["type"]
    if not isinstance(type_, str) or type_ not in TAKES:
        return {"unknown-type"}
    codes = set()
    given = set(line)
    if given - may(type_):
        codes.add("unknown-field")
    if must(type_) - given:
        codes.add("missing-field")
    if any(not good(type_, field, line[field]) for field in given & (may(type_) - {"type"})):
        codes.add("bad-value")
    return codes or _together(type_, line)


def _together(type_: str, line: Line) -> set[str]:
    """The codes of what is wrong with fields seen together, each by itself being right."""
    codes = set()
    if "from" in line and line["from"] == line.get("to"):
        codes.add("bad-value")
    if type_ == "RectificationOrdered" and line["rule"] in RULES[-2:]:
        codes.add("bad-value")
    if type_ == "RectificationAnswered" and (line["outcome"] == "extended") != ("due_on" in line):
        codes.add("bad-value" if "due_on" in line else "missing-field")
    if type_ == "MatterDefined":
        if not_taken(set(line), line["kind"]):
            codes.add("unknown-field")
        if {"power": "power_kind", "service": "includes"}.get(line["kind"], "kind") not in line:
            codes.add("missing-field")
    if type_ in ("UnitRevised", "MatterRevised") and set(line) <= {*must(type_), "note"}:
        codes.add("missing-field")
    if type_ == "ListAdopted":
        # Silent in the contract: a field that such a list does not take is taken for an unknown one, as with matters.
        assignable = {"duty": ROLES, "power": GRANT_MODES}.get(line["covers"])
        taken = {"closed", "assigns"} if line["polarity"] == "positive" else set()
        taken -= set() if assignable else {"assigns"}
        taken |= {"quota"} if line["covers"] in KINDS[4:] else set()
        if {"closed", "assigns", "quota"} & set(line) - taken:
            codes.add("unknown-field")
        elif "assigns" in line and line["assigns"] not in (assignable or ()):
            codes.add("bad-value")
    if type_ in ("Corrected", "Reinstated", "Annulled"):
        if "ref" not in line and "of" not in line:
            codes.add("missing-field")
        elif "ref" in line and "of" in line:
            codes.add("bad-value")
        elif "of" in line:
            codes |= _naming(line["of"])
    if type_ == "ListItemEntered":
        named = {"matter", "category", "terms"} & set(line)
        if len(named) != 1:
            codes.add("bad-value" if named else "missing-field")
    return codes


def _naming(named: Line) -> set[str]:
    """The codes of what is wrong with `of` by itself."""
    if "type" not in named:
        return {"missing-field"}
    names = NAMED.get(named["type"]) if isinstance(named["type"], str) else None
    if names is None:
        return {"bad-value"}
    codes = set()
    if set(named) - {"type", *names}:
        codes.add("unknown-field")
    if set(names) - set(named):
        codes.add("missing-field")
    if any(not good(named["type"], field, named[field]) for field in set(names) & set(named)):
        codes.add("bad-value")
    return codes
