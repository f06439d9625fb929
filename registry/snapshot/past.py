"""The past of a snapshot: what the rules that look at an earlier day need to know, as it stood on that day.

Units have places of their own here: first those of the snapshot, in its order, then units that the snapshot does not
have. A row of a unit lasts until its next one, the row of a dissolved unit for ever; before its first row there is no
unit. Days are ordinals, as in the snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from registry.snapshot.columns import MATTER_KIND, UNIT_KIND, Flags, Indexes, Numbers, Small, Snapshot

# No real tree of units is half as deep; a ring (which the domain refuses) would otherwise never end.
DEEPEST: Final = 64
# More than any day's ordinal: (unit, day) as one number.
DAYS: Final = 1 << 22


@dataclass(frozen=True, eq=False)
class UnitsOverTime:
    """Rows of units, sorted by unit and first day. Parents and successors are as the rows name them."""

    code: list[str]
    keys: Numbers  # unit * DAYS + first day, of each row
    start: Numbers  # the rows of unit u are start[u] … start[u + 1] - 1
    since: Indexes  # the first day of each row
    level: Small
    kind: Small
    dissolved: Flags
    parent: Indexes
    successor: Indexes
    last: Indexes  # by unit: the one that it is read as in the end, itself where it has no successor


@dataclass(frozen=True, eq=False)
class Transfers:
    """Delegations of duties and burdens that are not in force on the snapshot's day, or to whom nobody succeeded."""

    ref: list[str]
    kind: Small
    matter: Numbers  # the snapshot's place, or a number above all of these
    sender: Indexes  # as named; places here
    recipient: Indexes
    began: Indexes
    ends: Indexes
    due_on: Indexes
    returned: Indexes  # the day of its end with reason returned, 0 none
    under: Indexes  # as that of a snapshot's delegations
    position: Numbers

    def __len__(self) -> int:
        return len(self.ref)


@dataclass(frozen=True, eq=False)
class Wording:
    """A certificate's names and category on some days."""

    since: int
    until: int
    category: str
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class PastList:
    """A list of certificates; `scope`: a place here, -1 nationwide, -2 a unit that nobody knows."""

    code: str
    title: str
    instrument: str
    positive: bool
    closed: bool
    audience: int
    scope: int
    since: int
    until: int  # 0 none


@dataclass(frozen=True, eq=False)
class PastItem:
    """An item of a list of certificates; `list`: its place."""

    list: int
    code: str
    name: str
    matter: str
    category: str
    terms: tuple[str, ...]
    since: int
    until: int  # 0 none


@dataclass(frozen=True, eq=False)
class Past:
    """Units, transfers that are over, and what lists said of certificates on the days when they were demanded."""

    units: UnitsOverTime
    transfers: Transfers
    lists: list[PastList]
    items: list[PastItem]
    wordings: dict[str, list[Wording]]  # of each certificate that was demanded


def past(snapshot: Snapshot) -> Past:
    """The past of a snapshot that a rule judges."""
    if snapshot.past is None:
        raise ValueError("a snapshot loaded for the powers held has no past, and no rule judges it")
    return snapshot.past


def rows_on(units: UnitsOverTime, places: Indexes, days: Indexes) -> Numbers:
    """The row of each unit on its day; -1 where it is not registered yet (or there is no unit)."""
    if not len(units.keys):
        return np.full(len(places), -1, np.int64)
    # A place of -1 picks some unit, and is put right after.
    first, end = units.start[places], units.start[places + 1]
    row = np.minimum(first, len(units.keys) - 1)
    found = np.where((places >= 0) & (first < end) & (units.since[row] <= days), row, -1)
    # Most units have one row.
    several = np.flatnonzero((found >= 0) & (end - first > 1))
    keys = places[several].astype(np.int64) * DAYS + days[several]
    found[several] = np.searchsorted(units.keys, keys, "right") - 1
    return found


def node_on(units: UnitsOverTime, places: Indexes, days: Indexes) -> Indexes:
    """Where each is in the tree of its day: the last of its successors; -1 where it is not registered yet.

    One dissolved without a successor stays where it was.
    """
    current = places.astype(np.int32)
    if not len(units.keys):
        return np.full(len(places), -1, np.int32)
    rows = rows_on(units, current, days)
    there = rows >= 0
    merged = np.flatnonzero(there & (units.successor[rows] >= 0))
    for _ in range(len(units.code) + 1):
        if not len(merged):
            return np.where(there, current, -1).astype(np.int32)
        current[merged] = units.successor[rows[merged]]
        rows[merged] = rows_on(units, current[merged], days[merged])
        there[merged] = rows[merged] >= 0
        merged = merged[there[merged] & (units.successor[rows[merged]] >= 0)]
    return np.full(len(places), -1, np.int32)


def read_on(units: UnitsOverTime, places: Indexes, days: Indexes) -> Indexes:
    """The unit that each is read as on its day; -1 where there is none."""
    node = node_on(units, places, days)
    rows = rows_on(units, node, days)
    if not len(units.keys):
        return node
    return np.where((rows >= 0) & ~units.dissolved[rows], node, -1).astype(np.int32)


def lineage_on(units: UnitsOverTime, places: Indexes, days: Indexes) -> tuple[Indexes, Numbers]:
    """Where each unit is in the tree of its day, its parent then, and so on: one row each, then -1; and their rows."""
    current = node_on(units, places, days)
    generations, rows = [current], [rows_on(units, current, days)]
    while len(generations) < DEEPEST and len(units.keys):
        above = np.where(rows[-1] >= 0, units.parent[rows[-1]], -1).astype(np.int32)
        above = node_on(units, above, days)
        # A unit may be left as its own parent when its parent was dissolved into it.
        above[above == current] = -1
        if not (above >= 0).any():
            break
        current = above
        generations.append(current)
        rows.append(rows_on(units, current, days))
    return np.column_stack(generations), np.column_stack(rows)


def governments_among(units: UnitsOverTime, lineage: Indexes, rows: Numbers) -> Indexes:
    """The nearest of each lineage that is a government or a village; -1 where none is."""
    found = np.full(len(lineage), -1, np.int32)
    for place, row in zip(reversed(lineage.T), reversed(rows.T), strict=True):
        found = np.where((row >= 0) & governs(units, row), place, found).astype(np.int32)
    return found


def governs(units: UnitsOverTime, rows: Numbers) -> Flags:
    """Which rows are of kind government or village."""
    if not len(units.keys):
        return np.zeros(len(rows), np.bool_)
    return np.isin(units.kind[rows], (UNIT_KIND["government"], UNIT_KIND["village"]))


@dataclass(frozen=True, eq=False)
class Orders:
    """All delegations of duties and burdens known to the snapshot, of its day and of the past, as they were named.

    The first `len(now)` are those of the snapshot: `now` gives their places among its delegations.
    """

    now: Numbers
    matter: Numbers
    sender: Indexes
    recipient: Indexes
    began: Indexes
    ends: Indexes
    due_on: Indexes
    returned: Indexes
    width: int  # more than any matter

    def keys(self, units: UnitsOverTime, places: Indexes, matters: Numbers) -> Numbers:
        """(unit, matter) as one number, the same for units that come to the same in the end; -1 for none."""
        if not len(units.last):
            return np.full(len(places), -1, np.int64)
        return np.where(places >= 0, units.last[places].astype(np.int64) * self.width + matters, -1)


def orders_over_time(snapshot: Snapshot) -> Orders:
    """The orders of the snapshot and those of its past; ask it through `snapshot.once`."""
    delegations, transfers = snapshot.delegations, past(snapshot).transfers
    now = np.flatnonzero((delegations.kind != MATTER_KIND["power"]) & (delegations.matter >= 0))
    matter = np.concatenate([delegations.matter[now].astype(np.int64), transfers.matter])
    return Orders(
        now=now,
        matter=matter,
        sender=np.concatenate([delegations.sender_named[now], transfers.sender]),
        recipient=np.concatenate([delegations.recipient_named[now], transfers.recipient]),
        began=np.concatenate([delegations.began[now], transfers.began]),
        ends=np.concatenate([delegations.ends[now], transfers.ends]),
        due_on=np.concatenate([delegations.due_on[now], transfers.due_on]),
        returned=np.concatenate([np.zeros(len(now), np.int32), transfers.returned]),
        width=int(matter.max(initial=0)) + 1,
    )


def ref_of(snapshot: Snapshot, order: int) -> str:
    """The ref of one of orders_over_time."""
    now = snapshot.once(orders_over_time).now
    return (
        snapshot.delegations.ref[int(now[order])]
        if order < len(now)
        else past(snapshot).transfers.ref[order - len(now)]
    )
