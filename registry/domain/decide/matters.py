"""Matters: defined, revised, retired."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Matter
from registry.domain.decide.slice import (
    DecisionSlice,
    ended_already,
    not_a_power,
    not_after,
    taken,
    unknown,
    wrong_kind,
)
from registry.domain.decisions.matters import foreign_fields
from registry.domain.lines import to_object
from registry.domain.problems import Problem


class DescribeMatter(DecisionSlice[d.MatterDefined | d.MatterRevised]):
    """What a matter requires must be powers that are recorded; what a service includes, recorded and no service."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if isinstance(decision, d.MatterDefined):
            if own is not None:
                problems.append(taken(decision.matter, "matter"))
        elif isinstance(own, Matter):
            problems += foreign_fields(own.kind, to_object(decision))
        else:
            problems.append(unknown("matter", decision.matter, "matter"))
        for included in decision.includes or ():
            matter = self.matter(included)
            if matter is not None and matter.kind == "service":
                zh = f"“{included}”本身是“一件事”，不能再包含在另一件里。"
                problems.append(wrong_kind("includes", zh, f"{included} is a service itself: a service includes none."))
        for power in decision.requires or ():
            matter = self.matter(power)
            if matter is not None and matter.kind != "power":
                problems.append(not_a_power(power, "requires"))


class RetireMatter(DecisionSlice[d.MatterRetired]):
    """A matter is retired once, after it began."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(own, Matter) or own.defined is None:
            problems.append(unknown("matter", decision.matter, "matter"))
        elif own.retired is not None:
            problems.append(ended_already(decision.matter, own.retired.at))
        elif decision.at <= own.defined.at:
            problems.append(not_after("at", decision.at, own.defined.at))
