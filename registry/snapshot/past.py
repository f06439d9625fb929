"""The past of a snapshot: what the rules that look at an earlier day need to know, as it stood on that day.

Units have indexes of their own here: first those of the snapshot, in its order, then units that the snapshot does not
have (registry.relations.columns.UnitsOverTime). Days are ordinals, as in the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from registry.relations.columns import MATTER_KIND, Indexes, Numbers, Small, UnitsOverTime
from registry.snapshot.columns import Snapshot


@dataclass(frozen=True, eq=False)
class Transfers:
    """Delegations of duties and burdens that are not in force on the snapshot's day, or to whom nobody succeeded."""

    ref: Sequence[str]
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

    def keys(self, units: UnitsOverTime, indexes: Indexes, matters: Numbers) -> Numbers:
        """(unit, matter) as one number, the same for units that come to the same in the end; -1 for none."""
        if not len(units.last):
            return np.full(len(indexes), -1, np.int64)
        return np.where(indexes >= 0, units.last[indexes].astype(np.int64) * self.width + matters, -1)


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
