"""Read as its successor: which unit a code stands for on a day.

From its dissolution a unit is read as its successor, and that one as its own in turn, wherever a decision names it.
Dissolved without a successor it is no more: what it received is not in force, and as a sender it holds nothing; but it
stays in the tree where it was (contract, section 3). So a code has two readings: the *unit* that it is read as, or
none; and its *node*, which is that unit or else the one where the successors end.

A row of the table `unit` names a successor only from the dissolution on: `successor IS NOT NULL` says dissolved into
another (merged), `dissolved AND successor IS NULL` gone.
"""

from __future__ import annotations

from typing import Final, LiteralString

import numpy as np

from registry.relations.columns import DAYS, Flags, Indexes, Numbers, UnitsOverTime
from registry.relations.two_times import at, known, on

# Pieces of recursive queries, to be put after WITH RECURSIVE. Each step is a LATERAL with OFFSET 0: it reads one unit
# by its index and the planner cannot turn it into a scan of all. UNION (not ALL) or a bound on depth ends each walk.


def nodes(name: LiteralString, named: LiteralString) -> LiteralString:
    """SQL on a day: name (named, code): each code of the subquery `named` (one column, code), and its node."""
    return f"""
{name}_walk (named, code, next) AS (
    SELECT n.code, n.code, u.successor
    FROM ({named}) n (code)
    LEFT JOIN LATERAL (SELECT u.successor FROM unit u WHERE u.code = n.code AND {at("u")} OFFSET 0) u ON true
    UNION
    SELECT w.named, w.next, u.successor
    FROM {name}_walk w
    LEFT JOIN LATERAL (SELECT u.successor FROM unit u WHERE u.code = w.next AND {at("u")} OFFSET 0) u ON true
    WHERE w.next IS NOT NULL
),
{name} AS (SELECT w.named, w.code FROM {name}_walk w WHERE w.next IS NULL)"""


def nodes_of_days(name: LiteralString, named: LiteralString) -> LiteralString:
    """SQL on days: name (named, day, code): nodes of the subquery `named` (code, day), each on its own day."""
    return f"""
{name}_walk (named, day, code, next) AS (
    SELECT n.code, n.day, n.code, u.successor
    FROM ({named}) n (code, day)
    LEFT JOIN LATERAL (
        SELECT u.successor FROM unit u WHERE u.code = n.code AND {on("u", "n.day")} OFFSET 0
    ) u ON true
    UNION
    SELECT w.named, w.day, w.next, u.successor
    FROM {name}_walk w
    LEFT JOIN LATERAL (
        SELECT u.successor FROM unit u WHERE u.code = w.next AND {on("u", "w.day")} OFFSET 0
    ) u ON true
    WHERE w.next IS NOT NULL
),
{name} AS (SELECT w.named, w.day, w.code FROM {name}_walk w WHERE w.next IS NULL)"""


def nodes_over_time(name: LiteralString, named: LiteralString) -> LiteralString:
    """SQL over time: name (named, code, days, begun_by, ended_by): nodes of the subquery `named` (code), by days.

    Days and causes are those of registry.relations.intervals.
    """
    return f"""
{name}_walk (named, code, since, begun_by, step) AS (
    SELECT n.code, n.code, '-infinity'::date, NULL COLLATE "C", 0 FROM ({named}) n (code)
    UNION ALL
    SELECT w.named, u.successor, greatest(w.since, u.valid_from), 'unit:' || u.code, w.step + 1
    FROM {name}_walk w,
    LATERAL (
        SELECT * FROM unit u WHERE u.code = w.code AND u.successor IS NOT NULL AND {known("u")} OFFSET 0
    ) u
    WHERE w.step < 64
),
{name} AS (
    SELECT w.named, w.code, daterange(w.since, coalesce(lead(w.since) OVER path, 'infinity')) AS days, w.begun_by,
        lead(w.begun_by) OVER path AS ended_by
    FROM {name}_walk w
    WINDOW path AS (PARTITION BY w.named ORDER BY w.step)
)"""


# named (unit, code, since): the codes read as each unit of `requested` (registry.relations.territory): its own, and
# those of units dissolved whose successors lead to it, with the day since which they do.
NAMED: Final = f"""
named (unit, code, since) AS (
    SELECT a.code, a.code, a.exists_from FROM requested a
    UNION
    SELECT n.unit, u.code, greatest(n.since, u.valid_from)
    FROM named n, LATERAL (SELECT * FROM unit u WHERE u.successor = n.code AND {at("u")} OFFSET 0) u
)"""


def node_indexes(dissolved: Flags, successor: Indexes) -> Indexes:
    """Columns of a day: (n,) the node of each unit. `successor` is -1 where there is none."""
    node = np.arange(len(dissolved), dtype=np.int32)
    for unit in np.flatnonzero(dissolved):
        last, steps = int(unit), 0
        while successor[last] >= 0 and steps <= len(node):
            last, steps = int(successor[last]), steps + 1
        node[unit] = last
    return node


def rows_on(units: UnitsOverTime, indexes: Indexes, days: Indexes) -> Numbers:
    """The row of each unit on its day; -1 where it is not registered yet (or there is no unit)."""
    if not len(units.keys):
        return np.full(len(indexes), -1, np.int64)
    # An index of -1 picks some unit, and is put right after.
    first, end = units.start[indexes], units.start[indexes + 1]
    row = np.minimum(first, len(units.keys) - 1)
    rows = np.where((indexes >= 0) & (first < end) & (units.since[row] <= days), row, -1)
    # Most units have one row.
    several = np.flatnonzero((rows >= 0) & (end - first > 1))
    keys = indexes[several].astype(np.int64) * DAYS + days[several]
    rows[several] = np.searchsorted(units.keys, keys, "right") - 1
    return rows


def node_on(units: UnitsOverTime, indexes: Indexes, days: Indexes) -> Indexes:
    """Columns over time: (n,) the node of each unit on its day; -1 where it is not registered yet."""
    current = indexes.astype(np.int32)
    if not len(units.keys):
        return np.full(len(indexes), -1, np.int32)
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
    return np.full(len(indexes), -1, np.int32)


def read_on(units: UnitsOverTime, indexes: Indexes, days: Indexes) -> Indexes:
    """Columns over time: (n,) the unit that each is read as on its day; -1 where there is none."""
    node = node_on(units, indexes, days)
    rows = rows_on(units, node, days)
    if not len(units.keys):
        return node
    return np.where((rows >= 0) & ~units.dissolved[rows], node, -1).astype(np.int32)
