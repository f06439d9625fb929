"""Is within: the tree of units on a day, up by parent and down by parent.

`within U` means U and all below it by parent on that day. The government of a unit is the unit itself when its kind is
`government` or `village`, else the nearest such ancestor by parent. A parent is read as its successor; one dissolved
without a successor stays an ancestor like any other, and those below it stay below it (contract, section 3).
"""

from __future__ import annotations

from typing import Final, LiteralString

import numpy as np

from registry.relations.columns import DEEPEST, UNIT_KIND, Flags, Indexes, Numbers, Small, UnitsOverTime, any_of
from registry.relations.intervals import intersect, units_over_time
from registry.relations.successors import node_on, rows_on
from registry.relations.two_times import at, known

GOVERNMENTS: Final = "('government', 'village')"

# ------------------------------------------------------------------------------------------------ SQL on a day

# The stretch of days for which a unit `u` has existed, and for which it has had its level and function (what it
# holds by law hangs on these). exists_to, fits_to: infinity when open.
SPAN: Final = f"""
LATERAL (
    SELECT min(o.valid_from) FILTER (WHERE NOT o.dissolved) AS exists_from,
        coalesce(min(o.valid_from) FILTER (WHERE o.dissolved), 'infinity') AS exists_to,
        coalesce(max(o.valid_to) FILTER (WHERE o.valid_to <= $1 AND other),
            min(o.valid_from) FILTER (WHERE NOT o.dissolved)) AS fits_from,
        coalesce(min(o.valid_from) FILTER (WHERE o.valid_from > $1 AND other), 'infinity') AS fits_to
    FROM (
        SELECT o.*, o.dissolved OR o.level <> u.level OR o.function IS DISTINCT FROM u.function AS other
        FROM unit o WHERE o.code = u.code AND {known("o")} OFFSET 0
    ) o
)"""

# requested: the units of $3 that exist on the day, with their spans.
REQUESTED: Final = f"""
requested AS (
    SELECT u.code, u.level, u.kind, u.function, u.parent, e.*
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) AS a (code)) a,
    LATERAL (SELECT * FROM unit u WHERE u.code = a.code AND {at("u")} AND NOT u.dissolved OFFSET 0) u,
    {SPAN} e
)"""

# up: from each unit asked, itself (depth 0) and all above it by parent. A parent dissolved into another (merged) is
# read as its successor; one dissolved without a successor is above it like any other (contract, section 3).
UP: Final = f"""
up (origin, code, kind, merged, next, depth) AS (
    SELECT a.code, a.code, a.kind, false, a.parent, 0 FROM requested a
    UNION ALL
    SELECT up.origin, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent), up.depth + 1
    FROM up, LATERAL (SELECT * FROM unit u WHERE u.code = up.next AND {at("u")} OFFSET 0) u
    WHERE up.depth < 64
)"""


def below(start: LiteralString) -> LiteralString:
    """SQL: below (code, unit, since, gone): the territory of the unit named by an SQL expression.

    The unit itself and all below it by parent on the day. What hung under a unit dissolved into another hangs under its
    successor; such a unit named as the start is itself read as its successor. Units dissolved into others are there
    too, with the unit they are read as and the day since which they are; for the rest unit = code. gone: the unit is
    dissolved without a successor; it stays in the tree, but holds nothing.
    """
    return f"""
start (code, next, gone) AS (
    SELECT u.code, u.successor, u.dissolved
    FROM (SELECT * FROM unit u WHERE u.code = {start} AND {at("u")} OFFSET 0) u
    UNION
    SELECT u.code, u.successor, u.dissolved
    FROM start s, LATERAL (SELECT * FROM unit u WHERE u.code = s.next AND {at("u")} OFFSET 0) u
),
below (code, unit, since, gone) AS (
    SELECT s.code, s.code, '-infinity'::date, s.gone FROM start s WHERE s.next IS NULL
    UNION
    SELECT n.code, coalesce(n.unit, b.unit),
        CASE WHEN n.unit IS NULL THEN greatest(n.since, b.since) ELSE '-infinity' END, coalesce(n.gone, b.gone)
    FROM below b,
    LATERAL (
        SELECT u.code, u.code AS unit, NULL::date AS since, u.dissolved AS gone FROM unit u
        WHERE u.parent = b.code AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code, NULL, u.valid_from, NULL FROM unit u WHERE u.successor = b.code AND {at("u")}
        OFFSET 0
    ) n
)"""


# ------------------------------------------------------------------------------------------------ SQL over time


def over_time(window: LiteralString = "s.days") -> LiteralString:
    """SQL over time: root, below, ground, above: the territory of unit $1 over the days of `window`.

    root (code, gone, days, …): the unit, or from its dissolution its successor; gone: it is dissolved without one.
    below (code, unit, gone, path, days, …): it and all below it by parent, each day as it was; units dissolved into
    others too, with the unit they are read as (of the others unit = code); path: the codes from the root down.
    ground: below as units that exist, with level, kind and function. above: the units above the root.
    """
    own = "s.code = r.code AND s.gone = r.gone AND s.next IS NULL"
    columns = "u.days, u.begun_by, u.ended_by"
    return f"""
start (code, next, gone, days, begun_by, ended_by) AS (
    SELECT u.code, u.successor, u.dissolved, u.days, u.begun_by, u.ended_by FROM ({units_over_time("u.code = $1")}) u
    UNION
    SELECT u.code, u.successor, u.dissolved, {intersect("u", "s")}
    FROM start s, LATERAL ({units_over_time("u.code = s.next")} OFFSET 0) u
    WHERE u.days && s.days
),
root AS (
    SELECT r.code, r.gone, r.days,
        (SELECT s.begun_by FROM start s WHERE {own} AND lower({window}) = lower(r.days)) AS begun_by,
        (SELECT s.ended_by FROM start s WHERE {own} AND upper({window}) = upper(r.days)) AS ended_by
    FROM (
        SELECT s.code, s.gone, unnest(range_agg({window})) AS days FROM start s
        WHERE s.next IS NULL GROUP BY s.code, s.gone
    ) r
),
below (code, unit, gone, path, days, begun_by, ended_by) AS (
    SELECT r.code, r.code, r.gone, ARRAY[r.code], r.days, r.begun_by, r.ended_by FROM root r
    UNION
    SELECT u.code, coalesce(u.unit, b.unit), coalesce(u.gone, b.gone), b.path || u.code, {intersect("u", "b")}
    FROM below b,
    LATERAL (
        SELECT u.code, u.code AS unit, u.dissolved AS gone, {columns}
        FROM ({units_over_time("u.parent = b.code AND u.successor IS NULL")}) u
        UNION ALL
        SELECT u.code, NULL, NULL, {columns} FROM ({units_over_time("u.successor = b.code")}) u
        OFFSET 0
    ) u
    WHERE u.days && b.days
),
ground AS (
    SELECT u.code, u.level, u.kind, u.function, b.path, {intersect("u", "b")}
    FROM below b, LATERAL ({units_over_time("u.code = b.code AND NOT u.dissolved")} OFFSET 0) u
    WHERE b.code = b.unit AND u.days && b.days
),
above (code, kind, merged, next, days, begun_by, ended_by) AS (
    SELECT r.code, NULL COLLATE "C", false, u.parent, {intersect("u", "r")}
    FROM root r, LATERAL ({units_over_time("u.code = r.code AND u.successor IS NULL")} OFFSET 0) u
    WHERE u.days && r.days
    UNION
    SELECT u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent), {intersect("u", "a")}
    FROM above a, LATERAL ({units_over_time("u.code = a.next")} OFFSET 0) u
    WHERE u.days && a.days
)"""


# ------------------------------------------------------------------------------------------------ columns


def governing(kind: Small) -> Flags:
    """Columns: which kinds of unit are a government or a village."""
    return any_of(kind, (UNIT_KIND["government"], UNIT_KIND["village"]))


def lineages(parent: Indexes, merged: Flags) -> Indexes:
    """Columns of a day: (n, depth) each unit, its parent, and so on, then -1; nothing of those merged into others."""
    current = np.where(merged, -1, np.arange(len(parent))).astype(np.int32)
    generations = [current]
    while len(parent) and len(generations) < DEEPEST:
        current = np.where(current >= 0, parent[current], -1).astype(np.int32)
        if not (current >= 0).any():
            break
        generations.append(current)
    return np.column_stack(generations)


def governments(lineage: Indexes, kind: Small) -> Indexes:
    """Columns of a day: (n,) the nearest of each lineage that governs; -1 where none does.

    `kind`: of every unit, of one dissolved without a successor the one that it had.
    """
    nearest = np.full(len(lineage), -1, np.int32)
    for ancestors in reversed(lineage.T):
        nearest = np.where((ancestors >= 0) & governing(kind[ancestors]), ancestors, nearest)
    return nearest


def lineage_on(units: UnitsOverTime, indexes: Indexes, days: Indexes) -> tuple[Indexes, Numbers]:
    """Columns over time: (n, depth) the node of each unit on its day, its parent then, and so on, then -1; the rows."""
    current = node_on(units, indexes, days)
    generations, rows = [current], [rows_on(units, current, days)]
    while len(generations) < DEEPEST and len(units.keys):
        above = np.where(rows[-1] >= 0, units.parent[rows[-1]], -1).astype(np.int32)
        above = node_on(units, above, days)
        # A unit may be left as its own parent when its parent was dissolved into it.
        above[above == current] = -1
        if not (above >= 0).any():
            break
        current = above
        generations.append(current)
        rows.append(rows_on(units, current, days))
    return np.column_stack(generations), np.column_stack(rows)


def governments_among(units: UnitsOverTime, lineage: Indexes, rows: Numbers) -> Indexes:
    """Columns over time: (n,) the nearest of each lineage that governs on its day; -1 where none does."""
    nearest = np.full(len(lineage), -1, np.int32)
    for index, row in zip(reversed(lineage.T), reversed(rows.T), strict=True):
        governs = governing(units.kind[row]) if len(units.keys) else np.zeros(len(row), np.bool_)
        nearest = np.where((row >= 0) & governs, index, nearest).astype(np.int32)
    return nearest
