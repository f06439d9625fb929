"""Delegations made, allotted means, ended; certificates demanded."""

from __future__ import annotations

from typing import TypeVar

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Ref
from registry.domain.decide.slice import annulled, ended_already, not_after, taken, unknown, wrong_kind
from registry.domain.decide.transfers import TransferSlice, tags_with
from registry.domain.problems import Problem

F = TypeVar("F", bound=d.DelegationEnded | d.ResourcesAllotted)


class MakeTransfer(TransferSlice[d.DutyDelegated | d.PowerGranted | d.BurdenImposed | d.CertificateDemanded]):
    """A duty delegated, power granted, burden imposed or certificate demanded: refs are one name space."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if own is not None:
            problems.append(taken(decision.ref, "ref"))
        self.check_transfer(problems, decision, self.given)


class FollowUpSlice(TransferSlice[F]):
    """Decisions about a ref recorded before."""

    def ref(self, problems: list[Problem]) -> Ref | None:
        """The delegation's aggregate where the decision can be about it; else what is wrong is added and None given."""
        code, own = self.decision.ref, self.aggregates.get(self.key)
        if not isinstance(own, Ref):
            problems.append(unknown("ref", code, "ref"))
            return None
        if own.annulled:
            problems.append(annulled(code, "ref"))
            return None
        if isinstance(own.transfer, d.CertificateDemanded):
            problems.append(wrong_kind("ref", f"“{code}”是索要证明，不是下放事项。", f"{code} is a demand."))
        elif own.ordered is not None:
            problems.append(wrong_kind("ref", f"“{code}”是督办，不是下放事项。", f"{code} is an order."))
        return own

    def tags(self, own: Aggregate | None) -> list[str]:
        return tags_with(self.decision, own.transfer if isinstance(own, Ref) else None)


class EndDelegation(FollowUpSlice[d.DelegationEnded]):
    """A delegation ends once, after it began."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:  # noqa: ARG002
        ref = self.ref(problems)
        if ref is None or ref.transfer is None:
            return
        if ref.ended is not None:
            problems.append(ended_already(ref.transfer.ref, ref.ended.at))
        elif self.decision.at <= ref.transfer.at:
            problems.append(not_after("at", self.decision.at, ref.transfer.at))


class AllotResources(FollowUpSlice[d.ResourcesAllotted]):
    """Means can follow any delegation."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:  # noqa: ARG002
        self.ref(problems)
