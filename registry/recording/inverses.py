"""What takes a decision back; and what was annulled holds again although its name was used since: recorded anew.

A reinstatement brings back the last decision of a name, with what went with that one. And a decision equal in every
field to one recorded before is skipped. So it is recorded with a note of its own, which is then corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Entry, Period, Ref
from registry.domain.decision import Decision, Step
from registry.domain.lines import to_object


@dataclass(frozen=True, slots=True)
class Doing:
    """A decision (journal object) to be recorded; `anew`: the position of the one that is read at its own from then."""

    decision: dict[str, Any]
    anew: int | None = None


def naming(type_: str, target: Entry, on: date) -> dict[str, Any]:
    """The beginning of a correction (journal object, of that day) that names a decision, as it is corrected now."""
    fields = to_object(target.decision)
    correction: dict[str, Any] = {"type": type_, "at": on.isoformat()}
    names = target.decision.named_by()
    if names is None:
        return correction | {"ref": fields["ref"]}
    return correction | {"of": {"type": fields["type"], **{name: fields[name] for name in names}}}


def recorded_anew(entry: Entry, on: date) -> list[Doing]:
    """What records a decision anew, as corrected so far; whoever records it gives each step a note of its own.

    An end of a delegation keeps that note: the contract has no correction of one.
    """
    wanted = to_object(entry.decision)
    recording = Doing(wanted, entry.position)
    if entry.decision.STEP is not Step.INTRODUCES and entry.decision.named_by() is None:
        return [recording]
    return [recording, Doing(naming("Corrected", entry, on) | {"set": {"note": wanted.get("note")}})]


@dataclass(frozen=True, slots=True)
class Past:
    """An aggregate before an annulment that is taken back, and at the end of the log."""

    before: Aggregate
    last: Aggregate


def coming_back(
    aggregate: Aggregate, target: Entry, annulment: d.Annulled, past: Past, substitutes: Mapping[int, int]
) -> list[Entry] | None:
    """What is to hold again with what was annulled: what went with it, and what may come back since.

    `substitutes`: by position, where its decision is read by now. In an order in which it can be recorded. None where
    something that went with it was annulled later, and that is not taken back.
    """
    originals = {taken: original for original, taken in substitutes.items()}
    stood = {each.position: each.in_effect for each in past.before.entries()}
    coming = {
        each.position: each
        for each in aggregate.returning(target)
        if stood.get(originals.get(each.position, each.position), True)
    }
    annulled = past.before.target(annulment)
    went = [] if annulled is None else past.before.followers(annulled)
    missing = {substitutes.get(each.position, each.position) for each in went} - coming.keys()
    if missing:
        gone = {each.position for each in past.last.entries() if each.annulled}
        for each in aggregate.entries():
            if each.position in missing and not each.in_effect:
                if each.position in gone:
                    return None
                coming[each.position] = each
    if isinstance(aggregate, Period):  # the last end first: one after another has ended it would end nothing
        return sorted(coming.values(), key=lambda each: each.decision.at, reverse=True)
    return sorted(coming.values(), key=lambda each: originals.get(each.position, each.position))


def brings_back(
    aggregate: Aggregate, last: Entry, wanted: Entry, followers: list[Entry], before: list[int], after: list[int]
) -> bool:
    """Whether a reinstatement, which names `last`, makes hold what is wanted with these followers and nothing else.

    `before`, `after`: the positions of others of that name that are to be read before it and after it: of two of one
    day the later one holds.
    """
    if last is not wanted and (to_object(last.decision) != to_object(wanted.decision) or followers):
        return False
    if {each.position for each in aggregate.returning(last)} != {each.position for each in followers}:
        return False
    if not max(before, default=0) < last.position < min(after, default=last.position + 1):
        return False
    return not _before_its_bearer(aggregate, last)


def _before_its_bearer(aggregate: Aggregate, entry: Entry) -> bool:
    """Whether an entry follows up on a ref that is by now borne by what was recorded after it.

    Were it reinstated, it would be read of that one, but not go with it when that is annulled.
    """
    if not isinstance(aggregate, Ref) or entry.decision.STEP is Step.INTRODUCES:
        return False
    return any(position > entry.position for position, each in aggregate.effective() if each.STEP is Step.INTRODUCES)


def folded(aggregate: Aggregate, *, before: int) -> Aggregate:
    """The aggregate as it was before a position."""
    other = type(aggregate)()
    for position, decision in aggregate.history:
        if position < before:
            other.apply(position, decision)
    return other


def in_its_stead(reinstated: dict[str, Any], last: Decision, wanted: Decision) -> list[dict[str, Any]]:
    """What makes a decision hold that was annulled, where `reinstated` would bring back the last one of its name.

    That one, where it is the same; else the decision is recorded anew, with a note by which it is none of those
    recorded before, and that note corrected: what the last one names need not be there any more.
    """
    if to_object(last) == to_object(wanted):
        return [reinstated]
    named = {name: value for name, value in reinstated.items() if name != "type"}
    return [to_object(wanted), {"type": "Corrected", **named, "set": {"note": to_object(wanted).get("note")}}]


def set_back(correction: d.Corrected, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Of the fields that a correction set, those that are still so, with the values from before; None for none."""
    result = to_object(correction)["set"]
    return {name: before.get(name) for name, value in result.items() if now.get(name) == value != before.get(name)}
