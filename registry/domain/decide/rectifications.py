"""Findings ordered to be put right, and the answers to the orders."""

from __future__ import annotations

from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Ref
from registry.domain.decide.slice import DecisionSlice, annulled, taken, unknown, wrong_kind
from registry.domain.decide.transfers import tags_with
from registry.domain.decisions.waivers import subject_key
from registry.domain.problems import Problem
from registry.domain.text import Text


def _due_before(due_on: date, at: date) -> Problem:
    return Problem(
        "bad-interval",
        "due_on",
        Text(f"整改期限 {due_on} 早于 {at}。", f"Due on {due_on}, before {at}."),
    )


class OrderRectification(DecisionSlice[d.RectificationOrdered]):
    """An order is about a finding that a waiver could name, but about no order; its ref is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if own is not None:
            problems.append(taken(decision.ref, "ref"))
        subject = self.aggregates.get(subject_key(decision.subject))
        if isinstance(subject, Ref) and subject.ordered is not None:
            code = decision.subject
            problems.append(wrong_kind("subject", f"“{code}”本身是督办。", f"{code} is itself an order."))
        if decision.due_on < decision.at:
            problems.append(_due_before(decision.due_on, decision.at))


class AnswerRectification(DecisionSlice[d.RectificationAnswered]):
    """Only an order is answered, as often as need be; also by a day before it, where it was asked by telephone."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision, bearer = self.decision, self.aggregates.get(self.key)
        if not isinstance(bearer, Ref):
            problems.append(unknown("ref", decision.ref, "ref"))
        elif own is None:
            problems.append(annulled(decision.ref, "ref"))
        elif bearer.ordered is None:
            problems.append(wrong_kind("ref", f"“{decision.ref}”不是督办。", f"{decision.ref} is no order."))
        if decision.due_on is not None and decision.due_on < decision.at:
            problems.append(_due_before(decision.due_on, decision.at))

    def tags(self, own: Aggregate | None) -> list[str]:
        return tags_with(self.decision, own.ordered if isinstance(own, Ref) else None)
