"""Findings waived and waivers lifted."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Waiver
from registry.domain.decide.slice import DecisionSlice, not_after, unknown
from registry.domain.problems import Problem
from registry.domain.text import Text


class WaiveFinding(DecisionSlice[d.FindingWaived | d.WaiverLifted]):
    """A waiver is about a subject that is recorded; one that is running can be lifted, by the successor's name too."""

    def stream_keys(self) -> list[str]:
        """A lifting ends the waivers of the finding: also those given while the unit was another."""
        decision = self.decision
        if not isinstance(decision, d.WaiverLifted):
            return [decision.key]
        before = (
            f"waiver:{decision.rule}#{unit}#{decision.subject}"
            for unit in self.predecessors(decision.unit, decision.at)
        )
        return [decision.key, *(key for key in before if self.aggregates.get(key) is not None)]

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:  # noqa: ARG002
        decision = self.decision
        if isinstance(decision, d.FindingWaived):
            if decision.until is not None and decision.until <= decision.at:
                problems.append(not_after("until", decision.until, decision.at))
            return
        waivers = [aggregate for key in self.stream_keys() if isinstance(aggregate := self.aggregates.get(key), Waiver)]
        if not any(waiver.of(d.FindingWaived) for waiver in waivers):
            problems.append(unknown("waiver", f"{decision.rule} / {decision.unit} / {decision.subject}", "subject"))
        elif not any(waiver.running_on(decision.at) for waiver in waivers):
            problems.append(
                Problem(
                    "bad-interval",
                    "at",
                    Text(
                        f"在 {decision.at} 之前没有尚未终止的豁免。",
                        f"No waiver begun before {decision.at} is still running on that day.",
                    ),
                )
            )
