"""Matters: defined, revised, retired; powers vested and divested."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Matter, Vesting
from registry.domain.decide.slice import DecisionSlice, ended_already, not_after, tags, taken, unknown, wrong_kind
from registry.domain.lines import foreign_fields, to_object
from registry.domain.problems import Problem
from registry.domain.text import Text


class DescribeMatter(DecisionSlice):
    """What a matter requires must be powers that are recorded."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if isinstance(decision, d.MatterDefined):
            if own is not None:
                problems.append(taken(decision.matter, "matter"))
        elif isinstance(decision, d.MatterRevised):
            if isinstance(own, Matter):
                problems += foreign_fields(own.kind, to_object(decision))
            else:
                problems.append(unknown("matter", decision.matter, "matter"))
        if isinstance(decision, d.MatterAttributes):
            for power in decision.requires or ():
                matter = self.matter(power)
                if matter is None:
                    problems.append(unknown("matter", power, "requires"))
                elif matter.kind != "power":
                    problems.append(not_a_power(power, "requires"))

    def tags(self, own: Aggregate | None) -> list[str]:  # noqa: ARG002
        decision = self.decision
        required = decision.requires or () if isinstance(decision, d.MatterAttributes) else ()
        return list(dict.fromkeys([*tags(decision), *(f"@matter:{power}" for power in required)]))


class RetireMatter(DecisionSlice):
    """A matter is retired once, after it began."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.MatterRetired):
            return
        if not isinstance(own, Matter) or own.defined is None:
            problems.append(unknown("matter", decision.matter, "matter"))
        elif own.retired is not None:
            problems.append(ended_already(decision.matter, own.retired.at))
        elif decision.at <= own.defined.at:
            problems.append(not_after("at", decision.at, own.defined.at))


class VestPower(DecisionSlice):
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
        if not isinstance(decision, d.PowerVested | d.PowerDivested):
            return
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


def not_a_power(code: str, field: str) -> Problem:
    """A matter that is not a power where one is wanted."""
    return wrong_kind(field, f"事项“{code}”不是权力。", f"The matter {code} is not a power.")
