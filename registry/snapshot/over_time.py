"""Snapshots of many days of the same units, out of one reading of the read tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import numpy as np
import psycopg

from registry.relations.columns import Flags, Numbers
from registry.relations.two_times import NAMED
from registry.snapshot import past_load
from registry.snapshot.column_reader import As, Columns, is_array, joined, read_columns, rows_named
from registry.snapshot.letters import of_kinds
from registry.snapshot.load import TABLES, Near, lawful, with_successors
from registry.snapshot.pictures import AS_OF, KEPT, DayColumns, Picture, Reckoned
from registry.snapshot.returned import read_returned_ever
from registry.snapshot.surroundings import surroundings

_DAYS: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "from": ("greatest(valid_from, date '0001-01-01')", "day"),
    "to": ("valid_to", "day"),
}
# The column that says of which matter a row is, in the tables whose rows of other matters bear on no finding of these.
_MATTER: Final[Mapping[str, str]] = {
    "matter": "code",
    "lawful_holder": "matter",
    "item": "matter",
    "vesting": "power",
    "delegation": "matter",
    "demand": "matter",
    "proposal": "matter",
}
BY_MATTER: Final = frozenset({*_MATTER, "instrument", "list"})
BY_NAMES: Final = frozenset({"delegation", "demand", "proposal", "vesting"})  # what no matter's or item's names are in


class About(NamedTuple):
    """Some matters, and the tables of which rows about others do not count; of all others any row does.

    `refs`: the only delegations that count, where not all of these matters do.
    """

    matters: frozenset[str]
    tables: frozenset[str]
    refs: frozenset[str] | None = None


@dataclass(frozen=True, eq=False)
class OverTime:
    """What bears on some units in some matters, on every day; `on` gives the snapshot of one."""

    known: int
    units: list[str]
    only: bool  # these units are judged alone, without what is below them
    columns: dict[str, Columns]
    past: dict[str, Columns]
    returned: Columns
    _pictures: dict[int, Picture] = field(default_factory=dict[int, Picture], repr=False)
    _chosen: dict[tuple[str, About], Flags] = field(default_factory=dict[tuple[str, About], Flags], repr=False)
    _keys: dict[tuple[int, str, About], bytes] = field(default_factory=dict[tuple[int, str, About], bytes], repr=False)
    _days: dict[int, RowsOfDay] = field(default_factory=dict[int, "RowsOfDay"], repr=False)
    _rows: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict[str, list[int]](list), repr=False)
    _reckoned: Reckoned = field(default_factory=Reckoned, repr=False)

    def days(self, about: About | None = None) -> set[int]:
        """The days (ordinals) on which a row begins or ends; `about`: only of rows that count for it."""
        results: set[int] = set()
        for table, columns in self.columns.items():
            chosen = self._about(table, about)
            for name in ("from", "to"):
                results.update(columns[name][chosen].tolist())
        return results - {0}

    def days_after(self, table: str, column: str, days: int, about: About | None = None) -> set[int]:
        """The days (ordinals) that come so many days after a date of the rows of a table; `about` as for `days`."""
        name = {"valid_from": "from", "valid_to": "to"}.get(column, column)
        values: Numbers = self.columns[table][name][self._about(table, about)]
        return set((values[values > 0] + days).tolist())

    def alike(self, day: int, tables: Iterable[str], about: About | None) -> tuple[bytes, ...]:
        """What is the same on two days (ordinals) that have the same rows of these tables; `about` as for `days`."""
        return tuple(self._alike(day, table, about) for table in tables)

    def _alike(self, day: int, table: str, about: About | None) -> bytes:
        source = "delegation" if table == "past_delegation" else table
        if about is None or source not in about.tables:
            return self._day(day).key_of(table)
        key = (day, table, about)
        if key not in self._keys:
            held, chosen = self._day(day).held(table), self._about(source, about)
            self._keys[key] = held[np.tile(chosen, 2) if table == "instrument" else chosen].tobytes()
        return self._keys[key]

    def lacks(self, day: int, ref: str) -> bool:
        """Whether a ref is that of a delegation, and the day (an ordinal) has no row of it."""
        if not self._rows:
            for row, of in enumerate(self.columns["delegation"]["ref"]):
                self._rows[of].append(row)
        held = self._day(day).held("delegation")
        return ref in self._rows and not any(held[row] for row in self._rows[ref])

    def _about(self, table: str, about: About | None) -> Flags:
        """Which rows of a table count for some matters (None: any)."""
        if about is None or table not in about.tables:
            return np.ones(len(self.columns[table]["from"]), np.bool_)
        key = (table, about)
        if key not in self._chosen:
            chosen = self._which(table, about.matters)
            if table == "delegation" and about.refs is not None:
                chosen &= _among(self.columns[table]["ref"], about.refs)
            self._chosen[key] = chosen
        return self._chosen[key]

    def _which(self, table: str, matters: frozenset[str]) -> Flags:
        columns = self.columns[table]
        if table == "instrument":
            return _among(columns["number"], self._numbers(matters))
        if table == "list":
            return self._lists(matters)
        chosen = _among(columns[_MATTER[table]], matters | {""})
        return chosen & _among(columns["list"], self._covering(matters)) if table == "item" else chosen

    def _covering(self, matters: frozenset[str]) -> set[str]:
        """The lists that cover the kinds of these matters: an item matches none of another kind."""
        of, lists = self.columns["matter"], self.columns["list"]
        kinds = {kind for code, kind in zip(of["code"], of["kind"], strict=True) if code in matters}
        return {code for code, covers in zip(lists["code"], lists["covers"], strict=True) if covers in kinds}

    def _lists(self, matters: frozenset[str]) -> Flags:
        """The lists that say something of these matters: by an item, or since what is on none of theirs counts too."""
        lists, items = self.columns["list"], self.columns["item"]
        named = {items["list"][row] for row in np.flatnonzero(self._which("item", matters)).tolist()}
        by_itself = (np.asarray(lists["closed"]) > 0) | (np.asarray(lists["quota"]) >= 0)
        return (_among(lists["code"], named) | by_itself) & _among(lists["code"], self._covering(matters))

    def _numbers(self, matters: frozenset[str]) -> set[str]:
        """The documents on which rests what has to do with these matters, and those by which they were re-enacted."""
        named: set[str] = set()
        for table in ("delegation", "vesting", "list"):
            rows = np.flatnonzero(self._which(table, matters))
            named.update(_of(self.columns[table]["instrument"], rows))
        papers = self.columns["instrument"]
        after = defaultdict[str, set[str]](set)
        for number, successor in zip(papers["number"], papers["replaced_by"], strict=True):
            after[number].add(successor)
        wanted = list(named)
        while wanted:
            fresh = after[wanted.pop()] - named
            named |= fresh
            wanted += fresh
        return named

    def of_kind(self, matters: Collection[str]) -> frozenset[str]:
        """All matters that ever were of the kind of one of these."""
        rows = list(zip(*(self.columns["matter"][name] for name in ("code", "kind")), strict=True))
        kinds = {kind for code, kind in rows if code in matters}
        return frozenset(matters).union(code for code, kind in rows if kind in kinds)

    def on(self, day: int) -> Picture:
        """The snapshot of a day (an ordinal), judging these units or their territories; it is kept."""
        if day not in self._pictures:
            self._pictures[day] = self._picture(day, self._reckoned)
        return self._pictures[day]

    def each(self, days: Iterable[int]) -> Iterator[Picture]:
        """The snapshots of days (ordinals) one after another, of which only some parts are kept meanwhile."""
        reckoned = Reckoned(KEPT)
        for day in days:
            yield self._picture(day, reckoned)

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
            return joined(ever.past[table], _chosen(ever.columns["delegation"], held))
        if table in ever.past:
            return ever.past[table]
        if table == "instrument":
            return ever.columns[table]
        return _chosen(ever.returned if table == "returned" else ever.columns[table], held)

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


def _among(values: Iterable[str], wanted: Collection[str]) -> Flags:
    return np.array([value in wanted for value in values], np.bool_)


def _chosen(columns: Columns, kept: Flags) -> Columns:
    if kept.all():
        return columns
    rows = np.flatnonzero(kept)
    return {name: _of(values, rows) for name, values in columns.items()}


def _of(values: Any, rows: Numbers) -> Any:
    return values[rows] if is_array(values) else [values[row] for row in rows.tolist()]


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
    return OverTime(
        known, sorted(units), matters is not None, columns, past, read_returned_ever(connection, known, codes)
    )
