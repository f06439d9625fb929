"""What a rule is: data about itself, and functions that find, explain and offer ways out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, LiteralString, NamedTuple

import numpy as np

from registry.checker.parts import SNAPSHOT, Part
from registry.domain.text import Text
from registry.relations.columns import WHERE_NEEDED, Flags, Indexes, Numbers
from registry.snapshot.columns import Snapshot

if TYPE_CHECKING:
    from registry.checker.case import Case, Way

Severity = Literal["V", "W", "R"]
Line = Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Hits:
    """Where a rule applies: the unit that bears it, and the delegation or the item of a list (the other is -1).

    `demand`: the certificate demands of a rule that is about these (delegation and item are -1; where others are among
    them, -1 for those). `order`: the orders of a rule that is about these; the rest is then of the ordered finding.
    `grave`: which are violations, of a rule that is otherwise a warning.
    """

    unit: Indexes
    delegation: Indexes
    item: Indexes
    demand: Indexes | None = None
    grave: Flags | None = None
    order: Indexes | None = None

    def __len__(self) -> int:
        return len(self.unit)

    def where(self, kept: Flags | Numbers) -> Hits:
        """Only those kept."""
        demand = None if self.demand is None else self.demand[kept]
        grave = None if self.grave is None else self.grave[kept]
        order = None if self.order is None else self.order[kept]
        return Hits(self.unit[kept], self.delegation[kept], self.item[kept], demand, grave, order)


class Explanation(NamedTuple):
    """What there is to say about one hit.

    `path`: the subjects that show it, from the top down. `basis`: laws and documents cited beside the rule's own.
    `missing`: codes of the powers that are missing, of the rule that says so.
    """

    path: list[str]
    message: Text
    basis: Sequence[str] = ()
    missing: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Example:
    """A small journal, and the subjects that the rule finds in it on a day, by unit; none where it finds nothing."""

    story: Text
    journal: tuple[Line, ...]
    as_of: date
    findings: tuple[tuple[str, str], ...] = ()


class Age(NamedTuple):
    """A date in a row of a read table, and so many days: that long after it, findings may begin or end by time alone.

    `column`: `valid_from` or `valid_to` of any table; of delegations `began` and `due_on` too. `Age("delegation",
    "began", 3653)` of a rule about duties handed down more than ten years ago.
    """

    table: LiteralString
    column: Literal["valid_from", "valid_to", "began", "due_on"]
    days: int


@dataclass(frozen=True)
class Rule:
    """One rule: everything about it is here, and nothing about it anywhere else.

    `version`: raise it by one when what `find` finds changes; then the feed of findings assesses the rule anew.
    `basis`: documents by their Chinese names; `laws`: names of provisions in lists/law/articles.yaml, cited by the text
    that was in force on the day. `find` goes over all holdings of a snapshot at once and returns
    columns; `explain` makes the texts of hits, in their order, and is asked only for findings that are returned.
    `ways_out` yields decisions that may close a finding, the most fitting first. `fires`, `clean`: an example of each.

    `rests_on`: what else it takes from the snapshot than the units and holdings of the day. The rest says what its
    findings hang on besides their own unit and matter:

    `subjects`: what a finding is about, a holding, a certificate demand or an order to put a finding right.
    `depends_on`: on nothing else (`matter`: that is, the matter and the powers it requires), on other matters of the
    same kind (`kind`: a quota), on what others are called, in lists and when they were given back (`names`), or on any
    holding of any other matter (`any`). `counted_by_year`: the kinds of matter of which it counts those of a calendar
    year, so that its findings can change on 1 January though nothing begins or ends.
    `ages`: how long after a row's date its findings can change though nothing begins or ends on that day.
    `graver`: whether `find` says of some that they are violations (`Hits.grave`).
    """

    name: str
    version: int
    severity: Severity
    title: Text
    sentence: Text
    basis: tuple[str, ...]
    remedy: Text
    fires: Example
    clean: Example
    find: Callable[[Snapshot], Hits]
    explain: Callable[[Snapshot, Hits], list[Explanation]]
    ways_out: Callable[[Case], Iterator[Way]]
    rests_on: tuple[Part, ...] = ()
    subjects: Literal["holdings", "demands", "orders"] = "holdings"
    depends_on: Literal["matter", "kind", "names", "any"] = "matter"
    counted_by_year: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    ages: tuple[Age, ...] = ()
    graver: bool = False

    def __post_init__(self) -> None:
        # A rule that looks at what only one day has is asked about several days one by one.
        WHERE_NEEDED[self.find] = _together

    def calendar_days(self, after: date, until: date) -> set[date]:
        """Return the days after one up to another on which findings can change whatever rows there are."""
        days = {day for part in self.rests_on for day in part.days()}
        if self.counted_by_year:
            days |= {date(year, 1, 1) for year in range(after.year, until.year + 1)}
        return {day for day in days if after < day <= until}

    @property
    def full_version(self) -> str:
        """The rule's version with those of all that it rests on: `2 snapshot.1 powers.1.3f5c…`."""
        return " ".join([str(self.version), *(part.version for part in (SNAPSHOT, *self.rests_on))])


def _together(days: Any, find: Callable[[Any], Hits]) -> Hits:
    """The hits of days side by side, out of those of each."""
    none = np.zeros(0, np.int32)
    each = [find(day) if len(day.matters) and day.territory.any() else Hits(none, none, none) for day in days.days]

    def moved(table: str, of: Callable[[Hits], Indexes | None]) -> Indexes:
        columns = [of(hits) for hits in each]
        others = [np.full(len(hits), -1, np.int32) for hits in each]
        return days.moved(table, [other if one is None else one for one, other in zip(columns, others, strict=True)])

    graver = any(hits.grave is not None for hits in each)
    grave = [np.zeros(len(hits), np.bool_) if hits.grave is None else hits.grave for hits in each]
    return Hits(
        unit=moved("units", lambda hits: hits.unit),
        delegation=moved("delegations", lambda hits: hits.delegation),
        item=moved("items", lambda hits: hits.item),
        demand=moved("demands", lambda hits: hits.demand) if any(hits.demand is not None for hits in each) else None,
        grave=np.concatenate(grave) if graver else None,
        order=moved("orders", lambda hits: hits.order) if any(hits.order is not None for hits in each) else None,
    )


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
