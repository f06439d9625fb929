"""Units assessed."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate
from registry.domain.decide.slice import DecisionSlice, taken
from registry.domain.problems import Problem


class AssessUnit(DecisionSlice[d.UnitAssessed]):
    """An assessment's id is its own for good; a unit may assess another as often as it likes."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.assessment, "assessment"))
