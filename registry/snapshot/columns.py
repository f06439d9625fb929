"""The snapshot of a day: what holds on it, and what the checker needs beside that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from registry.relations.columns import Day, Flags, Indexes

if TYPE_CHECKING:
    from registry.snapshot.past import Past
    from registry.snapshot.returned import Returned


@dataclass(frozen=True, eq=False)
class Demands:
    """Certificates demanded by the day from villages that still are."""

    ref: list[str]
    matter: Indexes
    sender_named: Indexes
    recipient: Indexes
    recipient_named: Indexes
    day: Indexes

    def __len__(self) -> int:
        return len(self.ref)


@dataclass(frozen=True, eq=False)
class Orders:
    """Orders to put findings right, made by the day, of units that still are. `due`: as extended by the day."""

    ref: list[str]
    rule: list[str]
    subject: list[str]
    unit: Indexes
    day: Indexes
    due: Indexes
    done: Flags
    overdue: Flags

    def __len__(self) -> int:
        return len(self.ref)


@dataclass(frozen=True, eq=False)
class Waiver:
    """One waiver in force: by whom and why."""

    waived_by: str
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Snapshot(Day):
    """A day with the demands, orders, waivers, returns and past that rules look at. `territory`: units it can judge."""

    demands: Demands
    orders: Orders
    waivers: dict[tuple[str, int, str], Waiver]  # rule, unit, subject
    territory: Flags
    returned: Returned
    past: Past | None
