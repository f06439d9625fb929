"""How findings stand with those who are to put them right: ordered, due, overdue, answered, on paper, waived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.queries.findings.rectifications import Rectification

STATES: Final = ("open", "ordered", "due", "overdue", "answered", "on_paper", "waived")


def is_in(state: str, *, waived: bool, orders: Sequence[Rectification]) -> bool:
    """Whether a finding that holds is in a state; `orders`: those about it by the day.

    Each finding is one of waived; open, ordered by nobody; and ordered. An ordered one is also, by any of its orders,
    on_paper (answered as done: it holds all the same), overdue (its day has passed), or due (neither); and answered
    where an order that is not answered as done has another answer: more time, or a dispute.
    """
    if waived or state == "waived":
        return waived and state == "waived"
    if state == "open":
        return not orders
    if state == "on_paper":
        return any(order.done for order in orders)
    if state == "overdue":
        return any(order.overdue for order in orders)
    if state == "due":
        return any(not order.done and not order.overdue for order in orders)
    if state == "answered":
        return any(not order.done and order.outcome is not None for order in orders)
    return bool(orders)
