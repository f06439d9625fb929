"""What all slices share whose decision hands over a matter, or follows up on one that did."""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from registry.domain import decisions as d
from registry.domain import words
from registry.domain.aggregates import Ref, Unit
from registry.domain.decide.slice import D, DecisionSlice, not_after, tags, wrong_kind
from registry.domain.labels import MATTER_KIND
from registry.domain.problems import Problem
from registry.domain.text import Text

MODES: Final[dict[str, tuple[str, ...]]] = {"duty": words.DUTY_MODES, "power": words.GRANT_MODES}
EVERY_FIELD: Final = frozenset({"matter", "from", "to", "role", "mode", "at", "until", "due_on", "under"})


class TransferSlice(DecisionSlice[D]):
    """Decisions whose form is that of a transfer: a matter from one unit to another.

    `given`: the journal names of the fields to be checked; all, but where a correction sets only some.
    """

    given: Set[str] = EVERY_FIELD

    def check_transfer(
        self, problems: list[Problem], transfer: d.Transfer | d.DelegationProposed, given: Set[str]
    ) -> None:
        """The invariants of a transfer that depend on the given fields (`given`: journal names)."""
        if transfer.from_ == transfer.to and given & {"from", "to"}:
            problems.append(
                Problem("bad-value", "to", Text("发出单位和承接单位相同。", "It goes from a unit to itself."))
            )
        if given & {"matter", "role", "mode"}:
            self.check_matter(problems, transfer)
        until = getattr(transfer, "until", None)
        if until is not None and until <= transfer.at and given & {"at", "until"}:
            problems.append(not_after("until", until, transfer.at))
        due_on = getattr(transfer, "due_on", None)
        if due_on is not None and due_on < transfer.at and given & {"at", "due_on"}:
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
        if under is not None and "under" in given:
            self.check_under(problems, transfer, under)
        if isinstance(transfer, d.CertificateDemanded) and given & {"to", "at"}:
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
        allowed = transfer.MATTER_KINDS
        if matter.kind not in allowed:
            kinds = "、".join(MATTER_KIND[kind].zh for kind in allowed)
            problems.append(
                wrong_kind(
                    "matter",
                    f"“{transfer.matter}”属于{MATTER_KIND[matter.kind].zh}，此处应为{kinds}。",
                    f"{transfer.matter} is a {matter.kind}; this takes {', '.join(allowed)}.",
                )
            )
        elif isinstance(transfer, d.DelegationProposed):
            self.check_proposed(problems, transfer, matter.kind)

    def check_proposed(self, problems: list[Problem], proposed: d.DelegationProposed, kind: str) -> None:
        """Role and mode of a proposal are those of the delegation it would become."""
        if proposed.role is not None and kind != "duty":
            problems.append(
                Problem(
                    "unknown-field", "role", Text(f"{MATTER_KIND[kind].zh}不写承担方式。", f"A {kind} takes no role.")
                )
            )
        if proposed.mode is not None:
            modes = MODES.get(kind)
            if modes is None:
                problems.append(
                    Problem(
                        "unknown-field",
                        "mode",
                        Text(f"{MATTER_KIND[kind].zh}不写下放方式。", f"A {kind} takes no mode."),
                    )
                )
            elif proposed.mode not in modes:
                problems.append(
                    Problem(
                        "bad-value",
                        "mode",
                        Text(
                            f"{MATTER_KIND[kind].zh}的下放方式应为 {'、'.join(modes)}。",
                            f"The mode of a {kind} is one of {', '.join(modes)}.",
                        ),
                    )
                )

    def check_under(self, problems: list[Problem], transfer: d.Transfer | d.DelegationProposed, under: str) -> None:
        passed_on = self.aggregates.get("ref:" + under)
        if (
            isinstance(passed_on, Ref)
            and passed_on.in_effect
            and not isinstance(passed_on.transfer, d.DutyDelegated | d.BurdenImposed)
        ):
            problems.append(
                wrong_kind("under", f"“{under}”不是职责或负担。", f"{under} is neither a duty nor a burden.")
            )
        if isinstance(passed_on, Ref) and isinstance(transfer, d.Transfer) and transfer.ref == under:
            problems.append(Problem("bad-value", "under", Text("不能转自本身。", "It cannot pass itself on.")))


def tags_with(decision: d.Decision, transfer: d.Decision | None) -> list[str]:
    """Its own tags and those of the transfer it is about, so that the history of a unit or matter has the follow-up."""
    own = tags(decision)
    return own if transfer is None else list(dict.fromkeys([*own, *tags(transfer)[1:]]))
