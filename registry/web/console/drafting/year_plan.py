"""Whether what a draft imposes is in the plan of the recipients' year, said before it is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.queries.burdens.plans import plans
from registry.relations.two_times import AsOf
from registry.web.console.view import View


@dataclass(frozen=True, slots=True)
class Planned:
    """Some recipients alike: whether it is in their plan, the lists (code, title) that have it, or have it not."""

    inside: bool
    lists: tuple[tuple[str, str], ...]
    units: tuple[str, ...]


async def planned(view: View, matter: Mapping[str, Any], recipients: Sequence[str], day: str) -> list[Planned]:
    """The recipients by how their plan of the kind has a matter on a day: those without it first."""
    moment = AsOf(date.fromisoformat(day), view.moment.known_at)
    reader, kind = await view.resources.pool(), matter["kind"].lower()
    of = await plans(reader, moment, recipients, kind, matter["code"], [matter["name"]])
    groups: dict[tuple[bool, tuple[tuple[str, str], ...]], list[str]] = {}
    for code in recipients:
        plan = of.get(code)
        inside = bool(plan and plan.planned_by)
        lists = (plan.planned_by if inside else plan.lists) if plan else {}
        groups.setdefault((inside, tuple(lists.items())), []).append(code)
    return [Planned(*key, tuple(units)) for key, units in sorted(groups.items(), key=lambda each: each[0])]
