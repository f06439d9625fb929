"""A day in columns: what holds on a date, as far as the log knew, as arrays of integer indexes.

An index is a position in one of the day's own tables (units, matters, instruments, lists, items); -1 says none. Days
are proleptic ordinals (`date.toordinal`), 0 says none. Words of the contract are their place in registry.domain.words.
Wherever a unit is named, the index is already that of the unit it is read as on the day; `…_named` keeps the one that
the decision named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from threading import RLock
from typing import Any, Final, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from registry.domain import words

Indexes = NDArray[np.int32]
Small = NDArray[np.int8]
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

Made = TypeVar("Made")

LEVEL: Final = {word: index for index, word in enumerate(words.LEVELS)}
UNIT_KIND: Final = {word: index for index, word in enumerate(words.UNIT_KINDS)}
MATTER_KIND: Final = {word: index for index, word in enumerate(words.MATTER_KINDS)}
POWER_KIND: Final = {word: index for index, word in enumerate(words.POWER_KINDS)}
INSTRUMENT_KIND: Final = {word: index for index, word in enumerate(words.INSTRUMENT_KINDS)}
ROLE: Final = {word: index for index, word in enumerate(words.ROLES)}
# Of duties and of grants in one table, for they are in one column; `entrusted` is in both.
MODES: Final = (*words.DUTY_MODES, "devolved")
MODE: Final = {word: index for index, word in enumerate(MODES)}
STAFF, FUNDS = 1, 2
RESOURCE: Final = {"staff": STAFF, "funds": FUNDS}
# No real tree of units is half as deep; a ring (which the domain refuses) would otherwise never end.
DEEPEST: Final = 64
# More than any day's ordinal: (unit, day) as one number.
DAYS: Final = 1 << 22
_NOTHING: Final = object()
# What `scope` is beside a government's code.
NATIONWIDE, NOBODY = -1, -2


@dataclass(frozen=True, eq=False)
class Units:
    """Units with a row on the day. One that is dissolved has level, kind and function -1.

    Dissolved without a successor it still has a parent, a government and a lineage, and is in those of the units below
    it (contract, section 3); dissolved into another it has none.
    """

    code: list[str]
    name: list[str]
    level: Small
    kind: Small
    function: Indexes  # place in `functions`; -1 none
    functions: list[str]
    parent: Indexes
    government: Indexes  # itself if of kind government or village, else the nearest such ancestor
    guided_by: Indexes
    stationed_at: Indexes
    lineage: Indexes  # one row a unit: itself, its parent, … , then -1
    reads_as: Indexes  # itself; the last successor of a dissolved one, -1 where there is none
    node: Indexes  # where it is in the tree: as reads_as, but one dissolved without a successor stays where it was
    index: dict[str, int]  # code -> place, of dissolved units too

    def __len__(self) -> int:
        return len(self.code)

    def read(self, code: str) -> int:
        """The place of the unit that a code is read as on the day, -1 if of none."""
        index = self.index.get(code, -1)
        return int(self.reads_as[index]) if index >= 0 else -1


@dataclass(frozen=True, eq=False)
class Matters:
    code: list[str]
    name: list[str]
    category: list[str]  # '' none
    aliases: list[list[str]]
    basis: list[list[str]]
    kind: Small
    power_kind: Small
    needs: Small  # bits STAFF, FUNDS
    in_law: Flags  # it has begun and is not retired
    requires_start: Numbers  # required powers of matter m: requires[requires_start[m]:requires_start[m + 1]]
    requires: Indexes
    index: dict[str, int]
    lawful: Numbers  # sorted: matter * (functions * levels) + function * levels + level, of what is held by law

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, eq=False)
class Instruments:
    """All that the log knew, in force on the day or not."""

    number: list[str]
    title: list[str]
    kind: Small
    in_force: Flags
    ended: Indexes  # the day of its repeal, 0 none
    rests_on: Indexes  # on which of these rests what was decided under each: itself, or what re-enacted it
    index: dict[str, int]

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists in force. `scope` is the government whose territory it is, NATIONWIDE, or NOBODY."""

    code: list[str]
    title: list[str]
    positive: Flags
    covers: Small
    audience: Small
    scope: Indexes
    instrument: Indexes
    closed: Flags
    role: Small  # that it assigns duties with, -1 none
    mode: Small  # that it assigns powers with, -1 none
    quota: Numbers  # -1 none

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, eq=False)
class Items:
    """Items in force of lists in force."""

    list: Indexes
    code: list[str]
    name: list[str]
    matter: Indexes
    category: list[str]  # '' none
    terms: list[list[str] | None]
    roles: Small  # bits 1 << role
    grantor: Indexes
    grantor_named: Indexes
    brings: Small

    def __len__(self) -> int:
        return len(self.code)


@dataclass(frozen=True, eq=False)
class Delegations:
    """Delegations in force, in no particular order."""

    ref: Sequence[str]
    kind: Small
    matter: Indexes
    sender: Indexes
    sender_named: Indexes
    sender_node: Indexes  # where the sender is in the tree, though it be no more
    recipient: Indexes
    recipient_named: Indexes
    role: Small
    mode: Small
    instrument: Indexes
    began: Indexes
    ends: Indexes  # its `until` or recorded end, the earlier; 0 none
    due_on: Indexes
    brings: Small
    under: Indexes  # what it is named to pass on: a place here, or from the last on among the past's transfers; -1 none
    admitted: Flags  # it names a proposal of the same matter and recipient, admitted by the day
    position: Numbers

    def __len__(self) -> int:
        return len(self.ref)


@dataclass(frozen=True, eq=False, kw_only=True)
class Day:
    """What holds on `as_of`, as far as the log knew at position `known`: all that the relations are computed from."""

    as_of: date
    known: int
    units: Units
    matters: Matters
    instruments: Instruments
    lists: Lists
    items: Items
    vested: Numbers  # sorted: unit * number of matters + power; instrument in force, power in law
    delegations: Delegations
    _made: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)
    # What is made may hold on to the day that it is made of: a ring, which only a full pass of the collector would end.
    # So it is made of a likeness, which knows nothing of this one: when its last reader lets go of this one, all goes.
    _likeness: Self | None = field(default=None, repr=False)
    _is_likeness: bool = field(default=False, repr=False)

    def once(self, make: Callable[[Any], Made]) -> Made:
        """The result of `make` for this day, computed at the first call and kept, whatever thread calls."""
        with self._lock:
            made = self._made.get(make, _NOTHING)
            if made is _NOTHING:
                made = self._made[make] = make(self._like())
            return cast(Made, made)

    def _like(self) -> Self:
        if self._is_likeness:
            return self
        if self._likeness is None:
            like = copy(self)
            like.__dict__["_is_likeness"] = True
            self.__dict__["_likeness"] = like
        return cast(Self, self._likeness)

    def __del__(self) -> None:
        self._made.clear()

    @property
    def as_ofs(self) -> Numbers:
        """The days, as ordinals, of which this has rows: of a day alone itself."""
        return np.array([self.as_of.toordinal()], np.int64)

    def which_day(self, table: str, rows: Indexes | Numbers) -> Numbers:  # noqa: ARG002  # of one day all are
        """The place in `as_ofs` of the day that each of these rows of a table is of."""
        return np.zeros(len(rows), np.int64)


@dataclass(frozen=True, eq=False)
class UnitsOverTime:
    """Rows of units, sorted by unit and first day. Parents and successors are as the rows name them.

    A row of a unit lasts until its next one, the row of a dissolved unit for ever; before its first row there is no
    unit.
    """

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


OF_ROWS: Final[set[Callable[..., Any]]] = set()


def of_rows(make: Callable[..., Made]) -> Callable[..., Made]:
    """Say that what `make` returns holds nothing of its day: days that have the same rows may have it in common."""
    OF_ROWS.add(make)
    return make


class OfOneDay(LookupError):
    """What was looked for is of one day, and cannot be had of several side by side."""


# How what is made of several days is put together of what is made of each: always (`by_day`), or where it must be.
WHERE_NEEDED: Final[dict[Callable[..., Any], Callable[[Any, Callable[[Any], Any]], Any]]] = {}
BY_DAY: Final[dict[Callable[..., Any], Callable[[Any, Callable[[Any], Any]], Any]]] = {}


def by_day(
    together: Callable[[Any, Callable[[Any], Made]], Made],
) -> Callable[[Callable[..., Made]], Callable[..., Made]]:
    """Say that what is made of several days side by side is put together of what is made of each by itself.

    `together`: of the days (snapshot.side_by_side) and a function that gives what is made of one.
    """

    def entered(make: Callable[..., Made]) -> Callable[..., Made]:
        BY_DAY[make] = together
        return make

    return entered


def among(keys: Numbers, wanted: Numbers) -> Flags:
    """Which of the wanted are among the sorted keys."""
    if not len(keys):
        return np.zeros(len(wanted), np.bool_)
    indexes = np.searchsorted(keys, wanted)
    indexes[indexes == len(keys)] = 0
    return keys[indexes] == wanted


def any_of(values: Small, wanted: Sequence[int]) -> Flags:
    """Which of these are one of a few numbers: np.isin, which takes ten times as long for some hundreds."""
    first, *others = wanted
    results = values == first
    for other in others:
        results |= values == other
    return results


def distinct(keys: NDArray[Any]) -> NDArray[Any]:
    """The different ones, sorted: np.unique, which hashes and is a hundred times as slow for hundreds of thousands."""
    ordered = np.sort(keys)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def expand_ranges(starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """Ranges start ≤ i < end laid out one after the other: for each i which range it came from, and i itself."""
    counts = ends - starts
    rows = np.repeat(np.arange(len(starts)), counts)
    offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, starts[rows] + offsets
