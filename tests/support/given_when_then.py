"""Slices by example: given what is recorded, when a decision is made, then it is recorded, repeated or refused.

As the eventsourcing library tests its DCB slices: through the domain alone, without a database.

    given(*COUNTY, duty("A")).when(grant("A")).then(refused("conflict", "ref"))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from registry.domain.aggregates import AggregateCache
from registry.domain.decide import load_and_retry, slice_for
from registry.domain.lines import from_line
from registry.domain.problems import Refused
from tests.support.worlds import Line, line


class Outcome(NamedTuple):
    """What comes of a decision; of one that is refused, the first code that applies and its field."""

    what: Literal["recorded", "repeated", "refused"]
    code: str | None = None
    field: str | None = None


RECORDED = Outcome("recorded")
REPEATED = Outcome("repeated")


def refused(code: str, field: str | None) -> Outcome:
    """The outcome of a decision that cannot be."""
    return Outcome("refused", code, field)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made, and what came of it."""

    outcome: Outcome

    def then(self, expected: Outcome) -> None:
        """Assert what came of it."""
        assert self.outcome == expected


@dataclass(frozen=True, slots=True)
class Given:
    """What is recorded before."""

    aggregates: AggregateCache

    def when(self, decision: Line | bytes) -> Decided:
        """Make a decision: a journal object, or a line as it was sent."""
        return Decided(_decide(self.aggregates, decision))


def given(*decisions: Line) -> Given:
    """Record these decisions, each of which must be new."""
    aggregates = AggregateCache()
    for decision in decisions:
        assert _decide(aggregates, decision) == RECORDED, decision
    return Given(aggregates)


def _decide(aggregates: AggregateCache, given: Line | bytes) -> Outcome:
    before = aggregates.position
    try:
        decision = from_line(given if isinstance(given, bytes) else line(given))
        slice_ = slice_for(decision, aggregates)
        load_and_retry(slice_.execute, aggregates.mark_empty)
    except Refused as error:
        outcome = refused(error.problem.code, error.problem.field)
        events = []
    else:
        outcome = RECORDED if slice_.duplicate_of is None else REPEATED
        events = [tagged.decision for tagged in slice_.collect_events()]
        assert events == ([decision] if outcome == RECORDED else [])
    assert aggregates.position == before + len(events)
    return outcome
