"""Delegations: proposed, admitted or refused, made, allotted means, ended; certificates demanded."""

from __future__ import annotations

from typing import Final

from registry.domain import decisions as d
from registry.domain import words
from registry.domain.aggregates import Aggregate, Proposal, Ref, Unit
from registry.domain.decide.slice import (
    DecisionSlice,
    annulled,
    ended_already,
    not_after,
    tags,
    taken,
    unknown,
    wrong_kind,
)
from registry.domain.problems import Problem
from registry.domain.text import Text

# Which matters each transfer is about.
MATTERS: Final[dict[str, tuple[str, ...]]] = {
    "DutyDelegated": ("duty",),
    "PowerGranted": ("power",),
    "BurdenImposed": words.BURDEN_KINDS,
    "CertificateDemanded": ("certificate",),
    "DelegationProposed": ("duty", "power", *words.BURDEN_KINDS),
}
MODES: Final[dict[str, tuple[str, ...]]] = {"duty": words.DUTY_MODES, "power": words.GRANT_MODES}


class TransferSlice(DecisionSlice):
    """Decisions whose form is that of a transfer: a matter from one unit to another."""

    def check_transfer(
        self, problems: list[Problem], transfer: d.Transfer | d.DelegationProposed, said: set[str]
    ) -> None:
        """The invariants of a transfer that depend on the given fields (`said`: journal names)."""
        if transfer.from_ == transfer.to and said & {"from", "to"}:
            problems.append(
                Problem("bad-value", "to", Text("发出单位和承接单位相同。", "It goes from a unit to itself."))
            )
        if "matter" in said:
            self.check_matter(problems, transfer)
        until = getattr(transfer, "until", None)
        if until is not None and until <= transfer.at and said & {"at", "until"}:
            problems.append(not_after("until", until, transfer.at))
        due_on = getattr(transfer, "due_on", None)
        if due_on is not None and due_on < transfer.at and said & {"at", "due_on"}:
            problems.append(
                Problem(
                    "bad-interval",
                    "due_on",
                    Text(
                        f"完成期限 {due_on} 早于生效日 {transfer.at}。",
                        f"Due on {due_on}, before it begins on {transfer.at}.",
                    ),
                )
            )
        under = getattr(transfer, "under", None)
        if under is not None and "under" in said:
            self.check_under(problems, transfer, under)
        if isinstance(transfer, d.CertificateDemanded) and said & {"to", "at"}:
            village = self.aggregates.get("unit:" + transfer.to)
            if isinstance(village, Unit) and village.level_on(transfer.at) not in (None, "village"):
                problems.append(
                    wrong_kind(
                        "to", f"“{transfer.to}”不是村（社区）。", f"{transfer.to} is not a unit of level village."
                    )
                )

    def check_matter(self, problems: list[Problem], transfer: d.Transfer | d.DelegationProposed) -> None:
        matter = self.matter(transfer.matter)
        if matter is None:
            return
        allowed = MATTERS[transfer.type]
        if matter.kind not in allowed:
            problems.append(
                wrong_kind(
                    "matter",
                    f"“{transfer.matter}”的种类是 {matter.kind}，此处应为 {'、'.join(allowed)}。",
                    f"{transfer.matter} is a {matter.kind}; this takes {', '.join(allowed)}.",
                )
            )
        elif isinstance(transfer, d.DelegationProposed):
            self.check_proposed(problems, transfer, matter.kind)

    def check_proposed(self, problems: list[Problem], proposed: d.DelegationProposed, kind: str) -> None:
        """Role and mode of a proposal are those of the delegation it would become."""
        if proposed.role is not None and kind != "duty":
            problems.append(Problem("unknown-field", "role", Text(f"{kind} 没有角色。", f"A {kind} takes no role.")))
        if proposed.mode is not None:
            modes = MODES.get(kind)
            if modes is None:
                problems.append(
                    Problem("unknown-field", "mode", Text(f"{kind} 没有方式。", f"A {kind} takes no mode."))
                )
            elif proposed.mode not in modes:
                problems.append(
                    Problem(
                        "bad-value",
                        "mode",
                        Text(
                            f"{kind} 的方式应为 {'、'.join(modes)}。",
                            f"The mode of a {kind} is one of {', '.join(modes)}.",
                        ),
                    )
                )

    def check_under(self, problems: list[Problem], transfer: d.Transfer | d.DelegationProposed, under: str) -> None:
        passed_on = self.aggregates.get("ref:" + under)
        if isinstance(passed_on, Ref) and not isinstance(passed_on.transfer, d.DutyDelegated | d.BurdenImposed):
            problems.append(
                wrong_kind("under", f"“{under}”不是职责或负担。", f"{under} is neither a duty nor a burden.")
            )
        if isinstance(passed_on, Ref) and isinstance(transfer, d.Transfer) and transfer.ref == under:
            problems.append(Problem("bad-value", "under", Text("不能转自本身。", "It cannot pass itself on.")))


class MakeTransfer(TransferSlice):
    """A duty delegated, power granted, burden imposed or certificate demanded: refs are one name space."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.Transfer):
            return
        if own is not None:
            problems.append(taken(decision.ref, "ref"))
        self.check_transfer(problems, decision, ALL_SAID)


class ProposeDelegation(TransferSlice):
    """A proposal is one for a duty, a power or a burden."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.DelegationProposed):
            return
        if own is not None:
            problems.append(taken(decision.proposal, "proposal"))
        self.check_transfer(problems, decision, ALL_SAID)


ALL_SAID: Final = {"matter", "from", "to", "at", "until", "due_on", "under"}


class AnswerProposal(DecisionSlice):
    """A proposal is answered once."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.ProposalAnswer):
            return
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


class FollowUpSlice(TransferSlice):
    """Decisions about a ref recorded before."""

    def ref(self, problems: list[Problem], own: Aggregate | None, *, of_demands: bool = False) -> Ref | None:
        """The ref's aggregate where the decision can be about it; else what is wrong is added and None given."""
        code = str(getattr(self.decision, "ref"))  # noqa: B009
        if not isinstance(own, Ref) or own.transfer is None:
            problems.append(unknown("ref", code, "ref"))
            return None
        if isinstance(own.transfer, d.CertificateDemanded) and not of_demands:
            problems.append(wrong_kind("ref", f"“{code}”是索要证明，不是下放事项。", f"{code} is a demand."))
        if own.annulled:
            problems.append(annulled(code, "ref"))
        return own

    def tags(self, own: Aggregate | None) -> list[str]:
        return tags_with(self.decision, own.transfer if isinstance(own, Ref) else None)


class EndDelegation(FollowUpSlice):
    """A delegation ends once, after it began."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        ref = self.ref(problems, own)
        if ref is None or ref.transfer is None:
            return
        if ref.ended is not None:
            problems.append(ended_already(ref.transfer.ref, ref.ended.at))
        elif self.decision.at <= ref.transfer.at:
            problems.append(not_after("at", self.decision.at, ref.transfer.at))


class AllotResources(FollowUpSlice):
    """Means can follow any delegation."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        self.ref(problems, own)


def tags_with(decision: d.Decision, transfer: d.Decision | None) -> list[str]:
    """Its own tags and those of the transfer it is about, so that the history of a unit or matter has the follow-up."""
    own = tags(decision)
    return own if transfer is None else list(dict.fromkeys([*own, *tags(transfer)[1:]]))
