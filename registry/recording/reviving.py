"""What was annulled and is to be as it was: reinstated, for the same decision recorded again would be skipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from registry.domain.aggregates import Aggregate
from registry.domain.decision import Decision
from registry.domain.lines import from_object, to_object
from registry.log.recorder import LogRecorder
from registry.recording.inverses import in_its_stead
from registry.recording.unit_of_work import UnitOfWork, read_form

Entry = Mapping[str, Any]


def revived(connection: psycopg.Connection[Any], decisions: Sequence[Entry]) -> list[list[dict[str, Any]]]:
    """Return, for each journal object, what is to be recorded so that it holds.

    That is the object itself; where one equal in every field was annulled, that one reinstated; and where a later one
    of the same name was annulled after it, the object with another note, which is then corrected. Records nothing.
    """
    parsed = [read_form(decision) for decision in decisions]
    work = UnitOfWork(LogRecorder.reading(connection))
    keys = [each.key for each in parsed if isinstance(each, Decision)]
    work.aggregates.load(keys)
    results: list[list[dict[str, Any]]] = []
    for given, decision in zip(decisions, parsed, strict=True):
        aggregate = work.aggregates.aggregate(decision.key) if isinstance(decision, Decision) else None
        annulled = None
        if isinstance(decision, Decision) and aggregate is not None:
            position = aggregate.position_of(decision)
            annulled = position if position is not None and aggregate.is_annulled(position) else None
        if annulled is None or aggregate is None or not isinstance(decision, Decision):
            results.append([dict(given)])
        else:
            results.append(_revived(aggregate, decision))
    return results


def _revived(aggregate: Aggregate, decision: Decision) -> list[dict[str, Any]]:
    """The last annulled one of the decision's name reinstated; where that was another, the decision recorded anew."""
    wanted = to_object(decision)
    names = decision.named_by()
    named = {"ref": wanted["ref"]} if names is None else {"of": {n: wanted[n] for n in ("type", *names)}}
    again = len(aggregate.history)  # by which it differs from an earlier reinstatement
    reinstated: dict[str, Any] = {"type": "Reinstated", "at": wanted["at"], **named, "note": f"恢复（{again}）"}
    correction = from_object(reinstated)
    target = aggregate.target(correction)  # type: ignore[arg-type]  # a Reinstated is a Correction
    assert target is not None
    steps = in_its_stead(reinstated, target.decision, decision)
    return [{**step, "note": reinstated["note"]} for step in steps]
