"""What every rule is: data about itself, a function that finds, and one that tells.

`find` goes over all holdings of a snapshot at once and answers with columns; `tell` makes the texts, and is only asked
for findings that are returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

import numpy as np

from registry.domain.text import Text
from registry.snapshot.columns import Flags, Indexes, Numbers, Snapshot

Severity = Literal["V", "W", "R"]
Line = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Hits:
    """Where a rule applies: the unit that bears it, and the delegation or the item of a list (the other is -1).

    `demand`: the certificate demands of a rule that is about these (delegation and item are -1). `grave`: which are
    violations, of a rule that is otherwise a warning.
    """

    unit: Indexes
    delegation: Indexes
    item: Indexes
    demand: Indexes | None = None
    grave: Flags | None = None

    def __len__(self) -> int:
        return len(self.unit)

    def where(self, kept: Flags | Numbers) -> Hits:
        """Only those kept."""
        demand = None if self.demand is None else self.demand[kept]
        grave = None if self.grave is None else self.grave[kept]
        return Hits(self.unit[kept], self.delegation[kept], self.item[kept], demand, grave)


class Told(NamedTuple):
    """What there is to say about one hit. `path`: the subjects that show it, from the top down."""

    path: list[str]
    message: Text
    basis: Sequence[str] = ()
    missing: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Example:
    """A small journal, and what the rule says of it on a day: subjects by unit; none, where it has nothing to say."""

    story: Text
    journal: tuple[Line, ...]
    as_of: date
    findings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rule:
    """One rule of the contract. `basis` cites laws and documents by their Chinese names."""

    name: str
    severity: Severity
    title: Text
    sentence: Text
    basis: tuple[str, ...]
    remedy: Text
    fires: Example
    clean: Example
    find: Callable[[Snapshot], Hits]
    tell: Callable[[Snapshot, Hits], list[Told]]


def of_delegations(snapshot: Snapshot, rows: Numbers | Flags) -> Hits:
    """These delegations of the snapshot, each borne by its recipient."""
    delegation = (np.flatnonzero(rows) if rows.dtype == np.bool_ else rows).astype(np.int32)
    return Hits(snapshot.delegations.recipient[delegation], delegation, np.full(len(delegation), -1, np.int32))


def of_items(units: Indexes, items: Indexes) -> Hits:
    """These items of lists, each borne by a unit that holds it."""
    return Hits(units, np.full(len(items), -1, np.int32), items)


def of_demands(snapshot: Snapshot, rows: Numbers) -> Hits:
    """These certificate demands, each borne by its village."""
    none = np.full(len(rows), -1, np.int32)
    return Hits(snapshot.demands.recipient[rows], none, none, rows.astype(np.int32))


def both(first: Hits, second: Hits) -> Hits:
    """The hits of two sets that have none in common."""
    return Hits(
        np.concatenate([first.unit, second.unit]),
        np.concatenate([first.delegation, second.delegation]),
        np.concatenate([first.item, second.item]),
    )
