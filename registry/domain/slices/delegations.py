"""Delegations: proposed, admitted or refused, made, allotted means, ended; certificates demanded."""

from __future__ import annotations

from typing import Final

from registry.domain import decisions as d
from registry.domain import words
from registry.domain.problems import Problem
from registry.domain.slices.deciding import (
    Deciding,
    annulled,
    ended_already,
    not_after,
    tags,
    taken,
    unknown,
    wrong_kind,
)
from registry.domain.things import Proposal, Ref, Thing, Unit

# Which matters each deed is about.
MATTERS: Final[dict[str, tuple[str, ...]]] = {
    "DutyDelegated": ("duty",),
    "PowerGranted": ("power",),
    "BurdenImposed": words.BURDEN_KINDS,
    "CertificateDemanded": ("certificate",),
    "DelegationProposed": ("duty", "power", *words.BURDEN_KINDS),
}
MODES: Final[dict[str, tuple[str, ...]]] = {"duty": words.DUTY_MODES, "power": words.GRANT_MODES}


class AboutDeed(Deciding):
    """Decisions whose form is that of a deed: a matter from one unit to another."""

    def check_deed(self, problems: list[Problem], deed: d.Deed | d.DelegationProposed, said: set[str]) -> None:
        """The invariants of a deed that depend on the given fields (`said`: journal names)."""
        if deed.from_ == deed.to and said & {"from", "to"}:
            problems.append(Problem("bad-value", "to", "发出单位和承接单位相同。", "It goes from a unit to itself."))
        if "matter" in said:
            self.check_matter(problems, deed)
        until = getattr(deed, "until", None)
        if until is not None and until <= deed.at and said & {"at", "until"}:
            problems.append(not_after("until", until, deed.at))
        due_on = getattr(deed, "due_on", None)
        if due_on is not None and due_on < deed.at and said & {"at", "due_on"}:
            problems.append(
                Problem(
                    "bad-interval",
                    "due_on",
                    f"完成期限 {due_on} 早于生效日 {deed.at}。",
                    f"Due on {due_on}, before it begins on {deed.at}.",
                )
            )
        under = getattr(deed, "under", None)
        if under is not None and "under" in said:
            self.check_under(problems, deed, under)
        if isinstance(deed, d.CertificateDemanded) and said & {"to", "at"}:
            village = self.things.get("unit:" + deed.to)
            if isinstance(village, Unit) and village.level_on(deed.at) not in (None, "village"):
                problems.append(
                    wrong_kind("to", f"“{deed.to}”不是村（社区）。", f"{deed.to} is not a unit of level village.")
                )

    def check_matter(self, problems: list[Problem], deed: d.Deed | d.DelegationProposed) -> None:
        matter = self.matter(deed.matter)
        if matter is None:
            return
        allowed = MATTERS[deed.type]
        if matter.kind not in allowed:
            problems.append(
                wrong_kind(
                    "matter",
                    f"“{deed.matter}”的种类是 {matter.kind}，此处应为 {'、'.join(allowed)}。",
                    f"{deed.matter} is a {matter.kind}; this takes {', '.join(allowed)}.",
                )
            )
        elif isinstance(deed, d.DelegationProposed):
            self.check_proposed(problems, deed, matter.kind)

    def check_proposed(self, problems: list[Problem], proposed: d.DelegationProposed, kind: str) -> None:
        """Role and mode of a proposal are those of the delegation it would become."""
        if proposed.role is not None and kind != "duty":
            problems.append(Problem("unknown-field", "role", f"{kind} 没有角色。", f"A {kind} takes no role."))
        if proposed.mode is not None:
            modes = MODES.get(kind)
            if modes is None:
                problems.append(Problem("unknown-field", "mode", f"{kind} 没有方式。", f"A {kind} takes no mode."))
            elif proposed.mode not in modes:
                problems.append(
                    Problem(
                        "bad-value",
                        "mode",
                        f"{kind} 的方式应为 {'、'.join(modes)}。",
                        f"The mode of a {kind} is one of {', '.join(modes)}.",
                    )
                )

    def check_under(self, problems: list[Problem], deed: d.Deed | d.DelegationProposed, under: str) -> None:
        passed_on = self.things.get("ref:" + under)
        if isinstance(passed_on, Ref) and not isinstance(passed_on.deed, d.DutyDelegated | d.BurdenImposed):
            problems.append(
                wrong_kind("under", f"“{under}”不是职责或负担。", f"{under} is neither a duty nor a burden.")
            )
        if isinstance(passed_on, Ref) and isinstance(deed, d.Deed) and deed.ref == under:
            problems.append(Problem("bad-value", "under", "不能转自本身。", "It cannot pass itself on."))


class MakeDeed(AboutDeed):
    """A duty delegated, power granted, burden imposed or certificate demanded: refs are one name space."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.Deed):
            return
        if own is not None:
            problems.append(taken(decision.ref, "ref"))
        self.check_deed(problems, decision, ALL_SAID)


class ProposeDelegation(AboutDeed):
    """A proposal is one for a duty, a power or a burden."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        decision = self.decision
        if not isinstance(decision, d.DelegationProposed):
            return
        if own is not None:
            problems.append(taken(decision.proposal, "proposal"))
        self.check_deed(problems, decision, ALL_SAID)


ALL_SAID: Final = {"matter", "from", "to", "at", "until", "due_on", "under"}


class AnswerProposal(Deciding):
    """A proposal is answered once."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
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
                    f"准入申请“{decision.proposal}”已有答复。",
                    f"The proposal {decision.proposal} is answered already.",
                )
            )

    def tags(self, own: Thing | None) -> list[str]:
        proposed = own.proposed if isinstance(own, Proposal) else None
        return tags_with(self.decision, proposed)


class FollowDeed(AboutDeed):
    """Decisions about a ref recorded before."""

    def ref(self, problems: list[Problem], own: Thing | None, *, of_demands: bool = False) -> Ref | None:
        """The ref's thing where the decision can be about it; else what is wrong is added and None given."""
        code = str(getattr(self.decision, "ref"))  # noqa: B009
        if not isinstance(own, Ref) or own.deed is None:
            problems.append(unknown("ref", code, "ref"))
            return None
        if isinstance(own.deed, d.CertificateDemanded) and not of_demands:
            problems.append(wrong_kind("ref", f"“{code}”是索要证明，不是下放事项。", f"{code} is a demand."))
        if own.annulled:
            problems.append(annulled(code, "ref"))
        return own

    def tags(self, own: Thing | None) -> list[str]:
        return tags_with(self.decision, own.deed if isinstance(own, Ref) else None)


class EndDelegation(FollowDeed):
    """A delegation ends once, after it began."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        ref = self.ref(problems, own)
        if ref is None or ref.deed is None:
            return
        if ref.ended is not None:
            problems.append(ended_already(ref.deed.ref, ref.ended.at))
        elif self.decision.at <= ref.deed.at:
            problems.append(not_after("at", self.decision.at, ref.deed.at))


class AllotResources(FollowDeed):
    """Means can follow any delegation."""

    def check(self, problems: list[Problem], own: Thing | None) -> None:
        self.ref(problems, own)


def tags_with(decision: d.Decision, deed: d.Decision | None) -> list[str]:
    """Its own tags and those of the deed it is about, so that the history of a unit or matter has the follow-up."""
    own = tags(decision)
    return own if deed is None else list(dict.fromkeys([*own, *tags(deed)[1:]]))
