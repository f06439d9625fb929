"""Snapshots of many days of the same units, out of one reading of the read tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, LiteralString

import numpy as np
import psycopg

from registry.snapshot import past_load
from registry.snapshot.assemble import assemble
from registry.snapshot.column_reader import As, Columns, read_columns
from registry.snapshot.columns import Flags, Numbers, Snapshot
from registry.snapshot.load import TABLES
from registry.snapshot.returned import read_returned
from registry.snapshot.surroundings import SENDERS, WALK

_KNOWN: Final = "known_from <= %(known)s AND known_to > %(known)s"
# Whatever day a row holds on: what bears on the units on any day.
_ANY_DAY: Final[tuple[LiteralString, ...]] = ("u.", "d.", "l.", "i.")
_DAYS: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "from": ("greatest(valid_from, date '0001-01-01')", "day"),
    "to": ("valid_to", "day"),
}


def _on_any_day(statement: LiteralString) -> LiteralString:
    for row in _ANY_DAY:
        days: LiteralString = row + "valid_from <= %(day)s AND " + row + "valid_to > %(day)s AND "
        statement = statement.replace(days, "")
    return statement


_WALK: Final = _on_any_day(WALK)
_SENDERS: Final = _on_any_day(SENDERS)


@dataclass(frozen=True, eq=False)
class OverTime:
    """What bears on some units in some matters, on every day; `on` gives the snapshot of one."""

    connection: psycopg.Connection[Any]
    known: int
    units: list[str]
    codes: list[str]
    columns: dict[str, Columns]
    past: dict[str, Columns]
    _pictures: dict[tuple[int, bool], Snapshot] = field(default_factory=dict[tuple[int, bool], Snapshot], repr=False)

    def days(self, matters: Collection[str] | None = None) -> set[int]:
        """The days (ordinals) on which a row begins or ends; of delegations and items only those of these matters."""
        found: set[int] = set()
        for table, columns in self.columns.items():
            chosen = np.ones(len(columns["from"]), np.bool_)
            if matters is not None and table in ("delegation", "item"):
                chosen = np.array([not matter or matter in matters for matter in columns["matter"]], np.bool_)
            for name in ("from", "to"):
                found.update(columns[name][chosen].tolist())
        return found - {0}

    def on(self, day: int, *, returned: bool = False) -> Snapshot:
        """The snapshot of a day (an ordinal), judging these units alone; `returned`: with what was given back."""
        key = (day, returned)
        if key not in self._pictures:
            self._pictures[key] = self._snapshot(date.fromordinal(day), day, returned=returned)
        return self._pictures[key]

    def _snapshot(self, as_of: date, day: int, *, returned: bool) -> Snapshot:
        columns: dict[str, Columns] = dict(self.past)
        for table, rows in self.columns.items():
            holds = (rows["from"] <= day) & ((rows["to"] == 0) | (rows["to"] > day))
            columns[table] = rows if table == "instrument" else _chosen(rows, holds)
            if table == "delegation":
                over = (rows["began"] > day) | ((rows["ends"] > 0) & (rows["ends"] <= day))
                over &= (rows["kind"] != ord("p")) & (rows["from"] == rows["began"])
                columns["past_delegation"] = _joined(self.past["past_delegation"], _chosen(rows, over))
        if returned:
            at = {"day": as_of, "known": self.known}
            columns["returned"] = read_returned(self.connection, at, self.codes)
        return assemble(as_of, self.known, columns, self.units, only=True)


def _chosen(columns: Columns, kept: Flags) -> Columns:
    rows = np.flatnonzero(kept)
    return {name: _of(values, rows) for name, values in columns.items()}


def _of(values: Any, rows: Numbers) -> Any:
    return values[rows] if _is_array(values) else [values[row] for row in rows]


def _joined(first: Columns, second: Columns) -> Columns:
    return {name: _after(values, second[name]) for name, values in first.items()}


def _after(first: Any, second: Any) -> Any:
    joined: Any = np.concatenate([first, second]) if _is_array(first) else [*first, *second]
    return joined


def _is_array(values: Any) -> bool:
    return isinstance(values, np.ndarray)


def load_over_time(
    connection: psycopg.Connection[Any], known: int, units: Collection[str], matters: Collection[str]
) -> OverTime:
    """What bears on these units in these matters, as known at a position; their burdens all, for quotas count them.

    `matters` must have the powers that its duties require.
    """
    day: dict[str, object] = {"known": known}
    codes, places, mine = _surroundings(connection, day, units)
    about = {"matters": sorted(matters), "mine": sorted(mine)}

    def rows(table: LiteralString, where: LiteralString, named: Collection[str]) -> Columns:
        wanted = {**TABLES[table], **_DAYS}
        which = {**day, **about, "named": sorted(set(named) - {""})}
        return read_columns(connection, table, wanted, where + " AND " + _KNOWN, which)

    of_mine: LiteralString = "recipient = ANY(%(mine)s) AND kind NOT IN ('duty', 'power')"
    delegation = read_columns(
        connection,
        "delegation",
        {**TABLES["delegation"], **_DAYS, "returned": past_load.DEED["returned"]},
        "recipient = ANY(%(named)s) AND (matter = ANY(%(matters)s) OR " + of_mine + ") AND " + _KNOWN,
        {**day, **about, "named": codes},
    )
    demand = rows("demand", "recipient = ANY(%(named)s) AND matter = ANY(%(matters)s)", mine)
    vesting = rows("vesting", "unit = ANY(%(named)s) AND power = ANY(%(matters)s)", codes)
    listed = rows("list", "(scope = ANY(%(named)s) OR scope IS NULL)", codes)
    item = rows("item", "list = ANY(%(named)s)", listed["code"])
    named = {*matters, *delegation["matter"], *item["matter"]}
    columns = {
        "unit": rows("unit", "code = ANY(%(named)s)", [*codes, *places]),
        "matter": rows("matter", "code = ANY(%(named)s)", named),
        "lawful_holder": rows("lawful_holder", "matter = ANY(%(named)s)", named),
        "instrument": rows(
            "instrument",
            "number = ANY(%(named)s)",
            [*delegation["instrument"], *vesting["instrument"], *listed["instrument"]],
        ),
        "list": listed,
        "item": item,
        "vesting": vesting,
        "delegation": delegation,
        "demand": demand,
        "proposal": rows("proposal", "proposal = ANY(%(named)s) AND answer = 'admitted'", delegation["proposal"]),
        "waiver": rows("waiver", "unit = ANY(%(named)s)", mine),
    }
    # The transfers of the units asked about are all among these rows, whatever the day.
    past = past_load.around(connection, {**day, "day": date.min}, mine, delegation, demand)
    return OverTime(connection, known, sorted(units), codes, columns, past)


def _surroundings(
    connection: psycopg.Connection[Any], day: Mapping[str, object], units: Collection[str]
) -> tuple[list[str], list[str], set[str]]:
    """As surroundings(…, only=True) gives them, of all days at once."""
    found: set[str] = set()
    places: set[str] = set()
    mine: set[str] = set()
    codes: list[str] = sorted(set(units))
    way = "u"
    while codes:
        reached = connection.execute(_WALK, {**day, "codes": codes, "ways": [way] * len(codes)}).fetchall()
        places |= {code for code, only_place, _ in reached if only_place}
        mine |= {code for code, _, asked in reached if asked}
        fresh: set[str] = {code for code, only_place, _ in reached if not only_place} - found
        found |= fresh
        senders: set[str] = {row[0] for row in connection.execute(_SENDERS, {**day, "codes": sorted(fresh)})}
        codes, way = sorted(senders - found), "a"
    return sorted(found), sorted(places - found), mine
