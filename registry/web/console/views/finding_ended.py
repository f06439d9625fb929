"""On which day a finding ended, as the log has it now, whenever the registry noticed; whether orders were met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.console.views.finding_acts import Key

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ended:
    """The first day on which a finding did not hold; `by`: whether the decision that closed it is of that day."""

    on: date
    by: bool


async def ended_on(view: View, key: Key, closed: Data | None, orders: Sequence[Data]) -> Ended | None:
    """When a finding that does not hold today ended; None where no day is known on which it held.

    `closed`: the event by which the registry noticed, if it has. Its decision's day is looked at first, then the days
    between one on which it held, as that of an order, and today: the last of them counts.
    """

    async def holds(day: date) -> bool:
        answer = await view.ask("finding-holds", rule=key.rule, unit=key.unit, subject=key.subject, on=str(day))
        return answer["finding"] is not None

    if (closed is None and not orders) or await holds(today()):
        return None
    decision: Data | None = closed["decision"] if closed else None
    day = date.fromisoformat(decision["at"]) if decision else None
    if day and day <= today() and await holds(day - DAY) and not await holds(day):
        return Ended(day, by=True)
    known = [date.fromisoformat(one["ordered"]) for one in orders]
    known += [day - DAY] if day else []
    held = [one for one in known if one < today() and await holds(one)]
    if not held:
        return None
    last, gone = max(held), today()
    while gone - last > DAY:
        middle = last + (gone - last) // 2
        if await holds(middle):
            last = middle
        else:
            gone = middle
    return Ended(gone, by=gone == day)


def met(order: Data, ended: Ended | None) -> Text | None:
    """Whether what an order demanded was done by its day; None where that is not known."""
    if ended is None or order["state"] != "CLOSED" or ended.on < date.fromisoformat(order["ordered"]):
        return None
    late = (ended.on - date.fromisoformat(order["dueOn"])).days
    if late <= 0:
        return Text(f"问题 {ended.on} 消除，在期限以内。", f"The finding ended on {ended.on}, in time.")
    return Text(f"问题 {ended.on} 消除，超过期限 {late} 天。", f"The finding ended on {ended.on}, {late} days late.")
