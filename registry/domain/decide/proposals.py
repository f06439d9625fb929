"""Proposals to delegate: made, admitted, refused."""

from __future__ import annotations

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Proposal
from registry.domain.decide.slice import DecisionSlice, taken, unknown
from registry.domain.decide.transfers import TransferSlice, tags_with
from registry.domain.problems import Problem
from registry.domain.text import Text


class ProposeDelegation(TransferSlice[d.DelegationProposed]):
    """A proposal is one for a duty, a power or a burden."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if own is not None:
            problems.append(taken(decision.proposal, "proposal"))
        self.check_transfer(problems, decision, self.given)


class AnswerProposal(DecisionSlice[d.ProposalAdmitted | d.ProposalRefused]):
    """A proposal is answered once."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(own, Proposal):
            problems.append(unknown("proposal", decision.proposal, "proposal"))
        elif own.answer is not None:
            problems.append(
                Problem(
                    "conflict",
                    "proposal",
                    Text(
                        f"准入申请“{decision.proposal}”已有答复。",
                        f"The proposal {decision.proposal} is answered already.",
                    ),
                )
            )

    def tags(self, own: Aggregate | None) -> list[str]:
        proposed = own.proposed if isinstance(own, Proposal) else None
        return tags_with(self.decision, proposed)
