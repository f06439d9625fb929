"""Powers vested and divested."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Vesting
from registry.domain.decide.slice import DecisionSlice, not_a_power, unknown
from registry.domain.problems import Problem
from registry.domain.text import Text


class VestPower(DecisionSlice[d.PowerVested | d.PowerDivested]):
    """Only powers are vested; only what is running can be divested, from the unit or from those read as it."""

    def stream_keys(self) -> list[str]:
        """A divesting ends the unit's vestings: also those that it has from its predecessors."""
        decision = self.decision
        if not isinstance(decision, d.PowerDivested):
            return [decision.key]
        before = (f"vesting:{decision.power}#{unit}" for unit in self.predecessors(decision.unit, decision.at))
        return [decision.key, *(key for key in before if self.aggregates.get(key) is not None)]

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:  # noqa: ARG002
        decision = self.decision
        matter = self.matter(decision.power)
        if matter is not None and matter.kind != "power":
            problems.append(not_a_power(decision.power, "power"))
        if isinstance(decision, d.PowerDivested):
            vestings = [
                aggregate for key in self.stream_keys() if isinstance(aggregate := self.aggregates.get(key), Vesting)
            ]
            if not any(vesting.of(d.PowerVested) for vesting in vestings):
                problems.append(unknown("vesting", f"{decision.power} / {decision.unit}", "power"))
            elif not any(vesting.running_on(decision.at) for vesting in vestings):
                problems.append(
                    Problem(
                        "bad-interval",
                        "at",
                        Text(
                            f"在 {decision.at} 之前没有尚未终止的授予。",
                            f"No vesting begun before {decision.at} is still running on that day.",
                        ),
                    )
                )
