"""Instruments: issued and repealed."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Instrument
from registry.domain.decide.slice import DecisionSlice, ended_already, not_after, taken, unknown
from registry.domain.problems import Problem


class IssueInstrument(DecisionSlice[d.InstrumentIssued]):
    """A document's number is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.instrument, "instrument"))


class RepealInstrument(DecisionSlice[d.InstrumentRepealed]):
    """A document is repealed once, after its issue."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(own, Instrument) or own.issued is None:
            problems.append(unknown("instrument", decision.instrument, "instrument"))
        elif own.repealed is not None:
            problems.append(ended_already(decision.instrument, own.repealed.at))
        elif decision.at <= own.issued.at:
            problems.append(not_after("at", decision.at, own.issued.at))
