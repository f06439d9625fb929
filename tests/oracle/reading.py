"""The decisions as they are to be read: what was recorded, as corrected, annulled and reinstated since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Line = dict[str, Any]
DELEGATIONS = ("DutyDelegated", "PowerGranted", "BurdenImposed")
BEARERS = (*DELEGATIONS, "CertificateDemanded", "RectificationOrdered")
# What `of` gives beside the type.
NAMED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("UnitRegistered", "UnitDissolved"), ("unit",)),
    **dict.fromkeys(("UnitRevised", "UnitRenamed", "UnitMoved"), ("unit", "at")),
    **dict.fromkeys(("InstrumentIssued", "InstrumentRepealed"), ("instrument",)),
    **dict.fromkeys(("MatterDefined", "MatterRetired"), ("matter",)),
    "MatterRevised": ("matter", "at"),
    **dict.fromkeys(("PowerVested", "PowerDivested"), ("power", "unit", "at")),
    **dict.fromkeys(("ListAdopted", "ListRepealed"), ("list",)),
    **dict.fromkeys(("ListItemEntered", "ListItemWithdrawn"), ("list", "item")),
    **dict.fromkeys(("DelegationProposed", "ProposalAdmitted", "ProposalRefused"), ("proposal",)),
    "BurdenReported": ("report",),
    "ReportAnswered": ("report", "at"),
    **dict.fromkeys(("FindingWaived", "WaiverLifted"), ("rule", "subject", "unit", "at")),
    "ResourcesAllotted": ("ref", "at"),
    "RectificationAnswered": ("ref", "at"),
    "CaseRecorded": ("case",),
    "UnitAssessed": ("assessment",),
}
# What begins a period, what ends it, and the fields in which both are alike beside the unit.
PERIODS = {"PowerVested": ("PowerDivested", ("power",)), "FindingWaived": ("WaiverLifted", ("rule", "subject"))}


@dataclass
class Read:
    """A decision as corrected so far. `gone_with`: the position of the one with whose annulment it went."""

    position: int
    line: Line
    annulled: bool = False
    gone_with: int | None = None

    @property
    def in_effect(self) -> bool:
        return not self.annulled and self.gone_with is None


def read(recorded: Sequence[Line]) -> list[Read]:
    """Every decision that is no correction, as it is to be read after all of them."""
    reads: list[Read] = []
    for position, line in enumerate(recorded, 1):
        if line["type"] in ("Corrected", "Annulled", "Reinstated"):
            _amend(reads, line)
        else:
            reads.append(Read(position, dict(line)))
    return reads


def standing(reads: Sequence[Read]) -> list[Read]:
    return [each for each in reads if each.in_effect]


def target(reads: Sequence[Read], correction: Line) -> Read | None:
    """The decision that a correction names, the last that matches."""
    if "ref" in correction:
        bearers = [each for each in reads if each.line["type"] in BEARERS and each.line["ref"] == correction["ref"]]
        alive = standing(bearers)
        candidates = alive or (bearers if correction["type"] == "Reinstated" else [])
        return candidates[-1] if candidates else None
    named = correction["of"]
    matching = [
        each
        for each in reads
        if each.line["type"] == named["type"]
        and all(each.line[field] == named[field] for field in NAMED[named["type"]])
    ]
    wanted = [each for each in matching if each.in_effect != (correction["type"] == "Reinstated")]
    return wanted[-1] if wanted else None


def better(line: Line, set_: Line) -> Line:
    """The decision with what is set; null takes a field out of it. A revision's own nulls stay."""
    return {field: value for field, value in {**line, **set_}.items() if set_.get(field, "") is not None}


def end_of(reads: Sequence[Read], ref: str) -> Read | None:
    ends = [each for each in standing(reads) if each.line["type"] == "DelegationEnded" and each.line["ref"] == ref]
    return ends[-1] if ends else None


def _amend(reads: list[Read], correction: Line) -> None:
    named = target(reads, correction)
    assert named is not None, correction
    if correction["type"] == "Corrected":
        named.line = better(named.line, correction["set"])
    elif correction["type"] == "Annulled":
        going = _going_with(reads, named)
        named.annulled = True
        for each in going:
            each.gone_with = named.position
    elif named.in_effect:
        end = end_of(reads, correction["ref"])
        assert end is not None
        end.annulled = True
    else:
        named.annulled, named.gone_with = False, None
        coming = [each for each in reads if each.gone_with == named.position]
        coming += [each for each in _gone_ends(reads, named) if each not in coming]
        for each in coming:
            each.gone_with = None


def _going_with(reads: list[Read], named: Read) -> list[Read]:
    kind = named.line["type"]
    if kind in BEARERS:
        return [each for each in standing(reads) if each.line.get("ref") == named.line["ref"] and each is not named]
    if kind in PERIODS:
        return [
            each
            for each in ends_of(reads, named)
            if not any(other is not named and each in ends_of(reads, other) for other in _periods(reads, named))
        ]
    return []


def _periods(reads: Sequence[Read], like: Read) -> list[Read]:
    return [each for each in standing(reads) if each.line["type"] == like.line["type"]]


def ends_of(reads: Sequence[Read], begun: Read, gone: bool = False) -> list[Read]:
    """The end that stands of a period, if it has one; with `gone` also of those that went with another."""
    from tests.oracle.fold import FOREVER, History

    ending, fields = PERIODS[begun.line["type"]]
    history = History.of_reads(reads)
    ends = [
        each
        for each in reads
        if each.line["type"] == ending
        and (each.in_effect or (gone and not each.annulled))
        and begun.line["at"] < each.line["at"] <= begun.line.get("until", FOREVER)
        and history.on(each.line["at"])._same(each.line, begun.line, *fields)
    ]
    first = min((each.line["at"] for each in ends), default=None)
    return [each for each in ends if each.line["at"] == first]


def _gone_ends(reads: list[Read], begun: Read) -> list[Read]:
    if begun.line["type"] not in PERIODS:
        return []
    return [each for each in ends_of(reads, begun, gone=True) if each.gone_with is not None]
