"""Reports from below and their answers."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate
from registry.domain.decide.slice import DecisionSlice, taken, unknown
from registry.domain.problems import Problem


class ReportBurden(DecisionSlice[d.BurdenReported]):
    """A report's id is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.report, "report"))


class AnswerReport(DecisionSlice[d.ReportAnswered]):
    """A report may be answered more than once: the latest answer counts."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is None:
            problems.append(unknown("report", self.decision.report, "report"))
