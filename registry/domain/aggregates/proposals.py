"""Proposals and reports."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate
from registry.domain.decision import Decision
from registry.domain.text import Text


@dataclass(slots=True)
class Proposal(Aggregate):
    """A proposal to delegate, and its answer."""

    KIND = "proposal"
    NOUN = Text("准入申请", "proposal")

    proposed: d.DelegationProposed | None = None
    answer: d.ProposalAnswer | None = None

    def fold(self, position: int, decision: Decision) -> None:  # noqa: ARG002
        if isinstance(decision, d.DelegationProposed):
            self.proposed = decision
        elif isinstance(decision, d.ProposalAnswer):
            self.answer = decision


@dataclass(slots=True)
class Report(Aggregate):
    """A report from below, and its answers."""

    KIND = "report"
    NOUN = Text("反映件", "report")
