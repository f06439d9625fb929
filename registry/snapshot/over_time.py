"""Snapshots of many days of the same units, out of one reading of the read tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, LiteralString

import numpy as np
import psycopg

from registry.relations.columns import Flags, Numbers
from registry.relations.two_times import NAMED
from registry.snapshot import past_load
from registry.snapshot.assemble import assemble
from registry.snapshot.column_reader import As, Columns, is_array, joined, read_columns, rows_named
from registry.snapshot.columns import Snapshot
from registry.snapshot.letters import of_kinds
from registry.snapshot.load import TABLES, Near, lawful, with_successors
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


@dataclass(frozen=True, eq=False)
class OverTime:
    """What bears on some units in some matters, on every day; `on` gives the snapshot of one."""

    known: int
    units: list[str]
    only: bool  # these units are judged alone, without what is below them
    columns: dict[str, Columns]
    past: dict[str, Columns]
    returned: Columns
    _pictures: dict[int, Snapshot] = field(default_factory=dict[int, Snapshot], repr=False)

    def days(self, matters: Collection[str] | None = None) -> set[int]:
        """The days (ordinals) on which a row begins or ends; `matters`: only of what these have to do with."""
        results: set[int] = set()
        for table, columns in self.columns.items():
            chosen = self._about(table, matters)
            for name in ("from", "to"):
                results.update(columns[name][chosen].tolist())
        return results - {0}

    def days_after(self, table: str, column: str, days: int, matters: Collection[str] | None = None) -> set[int]:
        """The days (ordinals) that come so many days after a date of the rows of a table; `matters` as for `days`."""
        name = {"valid_from": "from", "valid_to": "to"}.get(column, column)
        values: Numbers = self.columns[table][name][self._about(table, matters)]
        return set((values[values > 0] + days).tolist())

    def _about(self, table: str, matters: Collection[str] | None) -> Flags:
        """Which rows of a table have to do with these matters (None: any)."""
        columns = self.columns[table]
        if matters is not None and table == "instrument":
            numbers = self._numbers(matters)
            return np.array([number in numbers for number in columns["number"]], np.bool_)
        if matters is None or table not in _MATTER:
            return np.ones(len(columns["from"]), np.bool_)
        return np.array([not matter or matter in matters for matter in columns[_MATTER[table]]], np.bool_)

    def _numbers(self, matters: Collection[str]) -> set[str]:
        """The documents on which rests what has to do with these matters, and those by which they were re-enacted."""
        named: set[str] = set()
        for table in ("delegation", "vesting", "list"):
            rows = np.flatnonzero(self._about(table, matters))
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

    def of_kind(self, matters: Collection[str]) -> set[str]:
        """All matters that ever were of the kind of one of these."""
        rows = list(zip(*(self.columns["matter"][name] for name in ("code", "kind")), strict=True))
        kinds = {kind for code, kind in rows if code in matters}
        return {code for code, kind in rows if kind in kinds} | set(matters)

    def on(self, day: int) -> Snapshot:
        """The snapshot of a day (an ordinal), judging these units or their territories; it is kept."""
        if day not in self._pictures:
            self._pictures[day] = self.snapshot(day)
        return self._pictures[day]

    def snapshot(self, day: int) -> Snapshot:
        """The same, made anew and not kept."""
        columns: dict[str, Columns] = dict(self.past)
        for table, rows in self.columns.items():
            columns[table] = rows if table == "instrument" else _chosen(rows, _hold(rows, day))
            if table == "delegation":
                over = (rows["began"] > day) | ((rows["ends"] > 0) & (rows["ends"] <= day))
                over &= ~of_kinds(rows["kind"], "power") & (rows["from"] == rows["began"])
                columns["past_delegation"] = joined(self.past["past_delegation"], _chosen(rows, over))
        columns["returned"] = _chosen(self.returned, _hold(self.returned, day) & (self.returned["returned_on"] <= day))
        return assemble(date.fromordinal(day), self.known, columns, self.units, only=self.only)


def _hold(rows: Columns, day: int) -> Flags:
    return (rows["from"] <= day) & ((rows["to"] == 0) | (rows["to"] > day))


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
