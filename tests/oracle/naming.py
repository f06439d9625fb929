"""Which decisions name what another brought in."""

from __future__ import annotations

from collections.abc import Sequence

from tests.oracle.fold import DEEDS
from tests.oracle.reading import PERIODS, Line, Read, ends_of, standing

ABOUT_FINDINGS = ("FindingWaived", "WaiverLifted", "RectificationOrdered")
UNITS = ("unit", "parent", "guided_by", "stationed_at", "successor", "scope", "from", "to", "by")
BRINGS_IN = {
    "UnitRegistered": "unit",
    "InstrumentIssued": "instrument",
    "MatterDefined": "matter",
    "ListAdopted": "list",
    "DelegationProposed": "proposal",
    "BurdenReported": "report",
    "CaseRecorded": "case",
    "UnitAssessed": "assessment",
}


def with_it(reads: Sequence[Read], it: Read) -> list[Read]:
    """The decisions with this one, where it brings something in: then a correction of it may name that."""
    brings_in = it.line["type"] in (*BRINGS_IN, "ListItemEntered", *DEEDS)
    return sorted([*reads, *([it] if brings_in else [])], key=lambda each: each.position)


def without_effect(reads: Sequence[Read]) -> set[int]:
    """The positions of the divestings and liftings that end nothing."""

    alive = standing(reads)
    ending = {end for end, _ in PERIODS.values()}
    ended = {end.position for each in alive if each.line["type"] in PERIODS for end in ends_of(reads, each)}
    return {each.position for each in alive if each.line["type"] in ending} - ended


def names(line: Line, introduced: Line) -> bool:
    """Does the line name what that one brought in?"""
    kind, type_ = introduced["type"], line["type"]
    subject = line.get("subject", "") if type_ in ABOUT_FINDINGS else ""
    if kind == "UnitRegistered":
        issuer = ("issuer",) if type_ == "InstrumentIssued" else ()
        return any(line.get(field) == introduced["unit"] for field in (*UNITS, *issuer))
    if kind == "InstrumentIssued":
        return introduced["instrument"] in (line.get("instrument"), line.get("replaced_by"))
    if kind == "MatterDefined":
        code = introduced["matter"]
        named = code in (line.get("matter"), line.get("power")) or code in (
            *(line.get("requires") or ()),
            *line.get("includes", ()),
        )
        return named or subject == f"LAW#{code}"
    if kind == "ListAdopted":
        return line.get("list") == introduced["list"]
    if kind == "ListItemEntered":
        item = (introduced["list"], introduced["item"])
        return (line.get("list"), line.get("item")) == item or subject == "#".join(item)
    if kind == "DelegationProposed":
        return line.get("proposal") == introduced["proposal"]
    if kind == "BurdenReported":
        return line.get("report") == introduced["report"]
    return False
