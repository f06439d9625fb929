"""Cases recorded."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate
from registry.domain.decide.slice import DecisionSlice, taken
from registry.domain.problems import Problem


class RecordCase(DecisionSlice[d.CaseRecorded]):
    """A case's id is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.case, "case"))
