"""Snapshots of many days of the same units, out of one reading of the read tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from typing import Any, Final, LiteralString

import numpy as np
import psycopg

from registry.fast.packed_texts import Coded, Coding
from registry.relations.columns import Flags, Numbers, Small
from registry.relations.two_times import NAMED
from registry.snapshot import past_load
from registry.snapshot.assemble import resources, roles
from registry.snapshot.column_reader import As, Columns, is_array, joined, read_columns, rows_named
from registry.snapshot.letters import of_kinds
from registry.snapshot.load import TABLES, Near, lawful, with_successors
from registry.snapshot.pictures import AS_OF, KEPT, DayColumns, Picture, Reckoned
from registry.snapshot.returned import read_returned_ever
from registry.snapshot.side_by_side import SideBySide
from registry.snapshot.surroundings import surroundings

_DAYS: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "from": ("greatest(valid_from, date '0001-01-01')", "day"),
    "to": ("valid_to", "day"),
}
# Of tables with many rows: the codes that few differ in, and what is made of texts.
_CODED: Final[Mapping[str, tuple[str, ...]]] = {
    "matter": ("kind", "power_kind"),
    "lawful_holder": ("matter", "level", "function"),
    "item": ("list", "matter", "grantor"),
}
# Of delegations, of the day and of the past: the columns whose codes are of the same things.
_ALIKE: Final = (("ref", "under"), ("sender", "recipient"), ("matter",), ("instrument",), ("proposal",))
_BITS: Final[Mapping[str, Mapping[str, Callable[[Any], Small]]]] = {
    "matter": {"needs": resources},
    "item": {"roles": roles, "brings": resources},
}


@dataclass(frozen=True, eq=False)
class OverTime:
    """What bears on some units in some matters, on every day; `on` gives the snapshot of one."""

    known: int
    units: list[str]
    only: bool  # these units are judged alone, without what is below them
    columns: dict[str, Columns]
    past: dict[str, Columns]
    returned: Columns
    _ready: dict[str, Columns]  # the same, of delegations also those of the past, as each day is made of them
    _days: dict[int, RowsOfDay] = field(default_factory=dict[int, "RowsOfDay"], repr=False)

    def ready(self, table: str) -> Columns:
        """All rows of a table as snapshots are made of them: codes that many have in common are coded."""
        return self._ready[table]

    def days(self) -> set[int]:
        """The days (ordinals) on which a row begins or ends."""
        results: set[int] = set()
        for columns in self.columns.values():
            for name in ("from", "to"):
                results.update(columns[name].tolist())
        return results - {0}

    def days_after(self, table: str, column: str, days: int) -> set[int]:
        """The days (ordinals) that come so many days after a date of the rows of a table."""
        name = {"valid_from": "from", "valid_to": "to"}.get(column, column)
        values: Numbers = self.columns[table][name]
        return set((values[values > 0] + days).tolist())

    def alike(self, day: int, rows: Iterable[tuple[str, Numbers]]) -> tuple[bytes, ...]:
        """What is the same on two days (ordinals) that have the same among these rows of tables.

        Of documents a day has those begun, and those ended.
        """
        held = self._day(day).held
        return tuple([held(table)[which].tobytes() for table, which in rows])

    def held(self, day: int, table: str) -> Flags:
        """Which rows of a table a day (an ordinal) has, as `RowsOfDay.held`."""
        return self._day(day).held(table)

    def side_by_side(self, days: Sequence[int]) -> SideBySide:
        """The snapshots of these days (ordinals) as one; what tables are looked at is noted."""
        reckoned = Reckoned()
        return SideBySide([self._picture(day, reckoned) for day in days], reckoned)

    def narrowed(self, rows: Mapping[str, Flags], units: Collection[str]) -> OverTime:
        """Only these rows of tables, judging only these units, or their territories; of the past all."""
        columns = {table: _chosen(self.columns[table], rows[table]) for table in self.columns}
        ready = self._ready | {table: _chosen(self.ready(table), rows[table]) for table in (*columns, "returned")}
        returned = _chosen(self.returned, rows["returned"])
        return OverTime(self.known, sorted(units), self.only, columns, self.past, returned, ready)

    def each(self, days: Iterable[int]) -> Iterator[Picture]:
        """The snapshots of days (ordinals) one after another, of which only some parts are kept meanwhile.

        Whoever looks at one is to let it go.
        """
        reckoned = Reckoned(KEPT)
        for day in days:
            yield self._picture(day, reckoned)
        reckoned.let_go()

    def let_go(self) -> None:
        """Keep nothing more of any day: what is kept of a day holds on to this, and so would wait for the collector."""
        self._days.clear()

    def _day(self, day: int) -> RowsOfDay:
        if day not in self._days:
            self._days[day] = RowsOfDay(self, day)
        return self._days[day]

    def _picture(self, day: int, reckoned: Reckoned) -> Picture:
        rows, on = self._day(day), date.fromordinal(day)
        columns = DayColumns(reckoned, rows.key_of, (*self.past, *self.columns, "returned"), rows.columns)
        return Picture(on, self.known, columns, self.units, reckoned, rows.key_of, only=self.only)


class RowsOfDay:
    """Which rows hold on a day (an ordinal)."""

    def __init__(self, over_time: OverTime, day: int) -> None:
        self._over_time, self._day = over_time, day
        self._held: dict[str, Flags] = {}
        self._keys: dict[str, bytes] = {AS_OF: day.to_bytes(4)}

    def key_of(self, table: str) -> bytes:
        """What is the same for all days that have the same rows of a table; of AS_OF, for this day alone."""
        if table not in self._keys:
            self._keys[table] = self.held(table).tobytes()
        return self._keys[table]

    def held(self, table: str) -> Flags:
        """Which rows of a table the day has; of documents, which it has all, those begun, and then those ended."""
        if table not in self._held:
            self._held[table] = self._holding(table)
        return self._held[table]

    def columns(self, table: str) -> Columns:
        """The rows of a table that the day has."""
        ever, held = self._over_time, self.held(table)
        if table == "past_delegation":
            return joined(ever.ready(table), _chosen(ever.ready("delegation"), held))
        if table in ever.past or table == "instrument":
            return ever.ready(table)
        return _chosen(ever.ready(table), held)

    def _holding(self, table: str) -> Flags:
        ever, day = self._over_time, self._day
        if table == "instrument":
            papers = ever.columns[table]
            began, ended = papers["began"], papers["ended"]
            return np.concatenate([began <= day, (ended > 0) & (ended <= day)])
        if table == "past_delegation":
            rows = ever.columns["delegation"]
            over = (rows["began"] > day) | ((rows["ends"] > 0) & (rows["ends"] <= day))
            return over & ~of_kinds(rows["kind"], "power") & (rows["from"] == rows["began"])
        if table in ever.past:
            return np.zeros(0, np.bool_)
        if table == "returned":
            return _hold(ever.returned, day) & (ever.returned["returned_on"] <= day)
        return _hold(ever.columns[table], day)


def _hold(rows: Columns, day: int) -> Flags:
    return (rows["from"] <= day) & ((rows["to"] == 0) | (rows["to"] > day))


def _chosen(columns: Columns, kept: Flags) -> Columns:
    if kept.all():
        return columns
    flags = kept.tolist()
    return {name: _of(values, kept, flags) for name, values in columns.items()}


def _of(values: Any, kept: Flags, flags: list[bool]) -> Any:
    if is_array(values):
        return values[kept]
    if isinstance(values, Coded):
        return values.taken(kept)
    rows: list[Any] = values
    return list(compress(rows, flags))


def load_over_time(
    connection: psycopg.Connection[Any], known: int, units: Collection[str], matters: Collection[str]
) -> OverTime:
    """What bears on these units in these matters, as known at a position; their burdens all, for quotas count them.

    `matters` must have the powers that its duties require.
    """
    near = surroundings(connection, None, known, units, only=True)
    return _loaded(connection, known, units, near, matters)


def load_territory_over_time(connection: psycopg.Connection[Any], known: int, within: str, near: Near) -> OverTime:
    """What bears on a unit and all below it, as known at a position: for each day as `load` with `held` loads it.

    `near`: as `near_ever` gives it.
    """
    return _loaded(connection, known, [within], near, None)


def _loaded(
    connection: psycopg.Connection[Any], known: int, units: Collection[str], near: Near, matters: Collection[str] | None
) -> OverTime:
    """`matters`: None for all of the territories of the units, also what the law alone gives."""
    day: dict[str, object] = {"known": known}
    codes, indexes, mine = near
    about = {} if matters is None else {"matters": sorted(matters), "mine": sorted(mine)}

    def rows(
        table: LiteralString, column: LiteralString, named: Collection[str], condition: LiteralString = "true"
    ) -> Columns:
        which = {**day, **about, "named": sorted(set(named) - {""})}
        source = rows_named(table, column, condition + " AND " + NAMED.known("t"))
        return read_columns(connection, source, {**TABLES[table], **_DAYS, **more.get(table, {})}, "true", which)

    def of(column: LiteralString, otherwise: LiteralString = "") -> LiteralString:
        return "true" if matters is None else "(t." + column + " = ANY(%(matters)s)" + otherwise + ")"

    more = {"delegation": {"returned": past_load.TRANSFER["returned"]}}
    of_mine: LiteralString = " OR t.recipient = ANY(%(mine)s) AND t.kind NOT IN ('duty', 'power')"
    unit = rows("unit", "code", [*codes, *indexes])
    delegation = rows("delegation", "recipient", codes, of("matter", of_mine))
    demand = rows("demand", "recipient", mine, of("matter"))
    vesting = rows("vesting", "unit", codes, of("power"))
    nationwide = read_columns(
        connection, "list", {**TABLES["list"], **_DAYS}, "scope IS NULL AND " + NAMED.known(), day
    )
    listed = joined(rows("list", "scope", codes), nationwide)
    item = rows("item", "list", listed["code"])
    named = {*delegation["matter"], *item["matter"]}
    if matters is None:
        by_law = lawful(connection, day, unit, ["power", "duty"], NAMED.known("h"))
        named |= {*demand["matter"], *vesting["power"], *by_law}
    else:
        named |= set(matters)
    matter = rows("matter", "code", named)
    if matters is None and (required := {power for powers in matter["requires"] for power in powers} - named):
        matter, named = joined(matter, rows("matter", "code", required)), named | required
    columns = {
        "unit": unit,
        "matter": matter,
        "lawful_holder": rows("lawful_holder", "matter", named),
        "instrument": with_successors(
            lambda numbers: rows("instrument", "number", numbers),
            [*delegation["instrument"], *vesting["instrument"], *listed["instrument"]],
        ),
        "list": listed,
        "item": item,
        "vesting": vesting,
        "delegation": delegation,
        "demand": demand,
        "proposal": rows("proposal", "proposal", delegation["proposal"], "t.answer = 'admitted'"),
        "rectification": rows("rectification", "unit", mine),
        "waiver": rows("waiver", "unit", mine if matters is not None else codes),
    }
    # The transfers of the units asked about are all among these rows, whatever the day.
    past = past_load.around(connection, {**day, "day": date.min}, mine, delegation, demand)
    returned = read_returned_ever(connection, known, codes)
    ready = _ready(columns, past) | {"returned": returned}
    return OverTime(known, sorted(units), matters is not None, columns, past, returned, ready)


def _ready(columns: Mapping[str, Columns], past: Mapping[str, Columns]) -> dict[str, Columns]:
    """The columns of all tables for the days to choose from: what is the same on each is looked up or made once."""
    results = {table: {**rows, **_coded(table, rows)} for table, rows in (*columns.items(), *past.items())}
    delegation, gone = (dict(results[table]) for table in ("delegation", "past_delegation"))
    for names in _ALIKE:
        whole = [(rows, name) for rows in (delegation, gone) for name in names if name in rows]
        coding = Coding()
        for rows, name in whole:
            coding.add(rows[name])
        texts, start = coding.texts(), 0
        for rows, name in whole:
            end = start + len(rows[name])
            rows[name], start = texts[start:end], end
    return {**results, "delegation": delegation, "past_delegation": gone}


def _coded(table: str, rows: Columns) -> Columns:
    results: Columns = {}
    for name in _CODED.get(table, ()):
        coding = Coding()
        coding.add(rows[name])
        results[name] = coding.texts()
    for name, bits in _BITS.get(table, {}).items():
        results[name] = bits(rows[name])
    return results
