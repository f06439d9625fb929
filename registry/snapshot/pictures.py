"""Snapshots of many days: parts are made when they are first looked at, and once for all days that have them alike.

Most days differ from the one before in a table or two. Whatever is made of a day, a part of its snapshot or the
findings of a rule, is kept with the tables that were read for it, and given again on a day on which the rows of all of
these are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeVar, cast

from registry.relations.columns import OF_ROWS, Made
from registry.snapshot.assemble import PARTS, Parts
from registry.snapshot.column_reader import Columns
from registry.snapshot.columns import Snapshot

AS_OF: Final = "as_of"  # read like a table: it is the same on no other day
KEPT: Final = 8  # values of the same thing, of days with other rows, where not all are kept
Value = TypeVar("Value")
KeyOf = Callable[[str], Hashable]  # what is the same on two days that have the rows of a table in common


class Reckoned:
    """Values with the names of the tables that were read for them, for one thread."""

    def __init__(self, kept: int | None = None) -> None:
        """`kept`: how many values of the same thing; None: all."""
        self._kept = kept
        self._values: dict[Hashable, dict[tuple[str, ...], dict[tuple[Hashable, ...], Any]]] = {}
        self.reading: list[set[tuple[str, ...]]] = [set()]

    def read(self, names: tuple[str, ...]) -> None:
        """Say that what is being made now hangs on these tables."""
        self.reading[-1].add(names)

    def of(self, what: Hashable, key_of: KeyOf, make: Callable[[], Value]) -> tuple[Value, tuple[str, ...]]:
        """What `make` returns, and the tables that it hangs on: as it was made before where all of these are the same.

        `make` must return the same whenever what it reads is the same. Raises what it raises.
        """
        of_what = self._values.setdefault(what, {})
        for names, values in of_what.items():
            keys = tuple(map(key_of, names))
            if keys in values:
                self.read(names)
                return cast(Value, values[keys]), names
        self.reading.append(set())
        try:
            value = make()
        finally:
            fresh = self.reading.pop()
            names = tuple(sorted({name for each in fresh for name in each}))
            self.read(names)
        values = of_what.setdefault(names, {})
        values[tuple(map(key_of, names))] = value
        if self._kept is not None and len(values) > self._kept:
            del values[next(iter(values))]
        return value, names

    def let_go(self) -> None:
        """Keep none of them any more."""
        self._values.clear()


class DayColumns(Mapping[str, Columns]):
    """The columns of a day by table; which are asked for is noted."""

    def __init__(
        self, reckoned: Reckoned, key_of: KeyOf, tables: Collection[str], rows: Callable[[str], Columns]
    ) -> None:
        """`rows`: of a table by its name, those of the day."""
        self._reckoned, self._key_of, self._tables, self._rows = reckoned, key_of, tables, rows

    def __getitem__(self, table: str) -> Columns:
        if table not in self._tables:
            raise KeyError(table)

        def rows() -> Columns:
            self._reckoned.read((table,))
            return self._rows(table)

        return self._reckoned.of(("columns", table), self._key_of, rows)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


class Picture(Snapshot):
    """The snapshot of a day whose parts are made when they are first looked at; for one thread."""

    def __init__(
        self,
        day: date,
        known: int,
        columns: DayColumns,
        units: Collection[str],
        reckoned: Reckoned,
        key_of: KeyOf,
        *,
        only: bool,
    ) -> None:
        """`key_of`: of this day; the rest as for `assemble`."""
        parts = _SharedParts(day, columns, units, reckoned, key_of, only=only)
        own: dict[str, Any] = {
            "known": known,
            "_day": day,
            "_parts": parts,
            "_made": parts.made,
            "_reckoned": reckoned,
            "_key_of": key_of,
            "_once": {},
        }
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        """A field of the snapshot that is not kept here, so that it is noted whenever it is looked at."""
        own = self.__dict__
        made = own["_made"].get(name)
        if made is not None:  # some seven hundred times a day: without a call more
            own["_reckoned"].reading[-1].add(made[1])
            return made[0]
        if name in PARTS:
            return own["_parts"].of(name)
        if name != AS_OF:
            raise AttributeError(name)
        own["_reckoned"].read((AS_OF,))
        return own["_day"]

    def once(self, make: Callable[[Any], Made]) -> Made:
        """As that of a day; what was read when it was made is noted again."""
        once, reckoned = self.__dict__["_once"], self.__dict__["_reckoned"]
        if make not in once:
            # What is made may hold on to this day: it is kept with it, and with no other, but where it says otherwise.
            whose = None if make in OF_ROWS else self._day
            once[make] = reckoned.of((whose, make), self._key_of, lambda: make(self))
        value, names = once[make]
        reckoned.read(names)
        return cast(Made, value)

    def let_go(self) -> None:
        """Keep nothing more of what was made of this day."""
        self.__dict__["_once"].clear()
        self.__dict__["_made"].clear()


class _SharedParts(Parts):
    """The parts of one day, made anew only where the day has other rows."""

    def __init__(
        self,
        day: date,
        columns: DayColumns,
        units: Collection[str],
        reckoned: Reckoned,
        key_of: KeyOf,
        *,
        only: bool,
    ) -> None:
        super().__init__(day, columns, units, only=only)
        self._reckoned, self._key_of = reckoned, key_of
        self.made: dict[str, tuple[Any, tuple[str, ...]]] = {}

    def of(self, name: str) -> Any:
        known = self.made.get(name)
        if known is None:
            make = super().of
            known = self.made[name] = self._reckoned.of(("part", name), self._key_of, lambda: make(name))
        self._reckoned.read(known[1])
        return known[0]
