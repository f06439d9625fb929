"""Instruments: issued and repealed."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.problems import Problem
from registry.domain.slices.deciding import Deciding, ended_already, not_after, taken, unknown
from registry.domain.things import Instrument, Thing


class IssueInstrument(Deciding):
    """A document's number is its own for good."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        decision = self.decision
        if isinstance(decision, d.InstrumentIssued) and own is not None:
            problems.append(taken(decision.instrument, "instrument"))


class RepealInstrument(Deciding):
    """A document is repealed once, after its issue."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.InstrumentRepealed):
            return
        if not isinstance(own, Instrument) or own.issued is None:
            problems.append(unknown("instrument", decision.instrument, "instrument"))
        elif own.repealed is not None:
            problems.append(ended_already(decision.instrument, own.repealed.at))
        elif decision.at <= own.issued.at:
            problems.append(not_after("at", decision.at, own.issued.at))
