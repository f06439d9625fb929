"""SQL for walking the tree of units as it stood: up by parent, down by parent, and from the dissolved to successors.

Pieces of recursive queries, to be put after WITH RECURSIVE. Each step is a LATERAL with OFFSET 0: it reads one
unit by its index and the planner cannot turn it into a scan of all. UNION (not ALL) or a bound on the depth ends
every walk even if the tree were not one.
"""

from __future__ import annotations

from typing import Final

from registry.relations.two_times import at, known

GOVERNMENTS: Final = "('government', 'village')"

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

# asked: the units of $3 that exist on the day, with their spans.
ASKED: Final = f"""
asked AS (
    SELECT u.code, u.level, u.kind, u.function, u.province, u.parent, e.*
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) AS a (code)) a,
    LATERAL (SELECT * FROM unit u WHERE u.code = a.code AND {at("u")} AND NOT u.dissolved OFFSET 0) u,
    {SPAN} e
)"""

# up: from each unit asked, itself (depth 0) and all above it by parent. A parent dissolved into another (merged) is
# read as its successor; one dissolved without a successor is above it like any other (contract, section 3).
UP: Final = f"""
up (origin, code, kind, merged, next, depth) AS (
    SELECT a.code, a.code, a.kind, false, a.parent, 0 FROM asked a
    UNION ALL
    SELECT up.origin, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent), up.depth + 1
    FROM up, LATERAL (SELECT * FROM unit u WHERE u.code = up.next AND {at("u")} OFFSET 0) u
    WHERE up.depth < 64
)"""

# named: the codes read as each unit asked: its own, and those of dissolved units whose successors lead to it,
# with the day since which they do.
NAMED: Final = f"""
named (unit, code, since) AS (
    SELECT a.code, a.code, a.exists_from FROM asked a
    UNION
    SELECT n.unit, u.code, greatest(n.since, u.valid_from)
    FROM named n,
    LATERAL (SELECT * FROM unit u WHERE u.successor = n.code AND u.dissolved AND {at("u")} OFFSET 0) u
)"""

# scope: the codes whose government is one of those above the units asked: the governments themselves, their
# departments and teams, and dissolved units whose successors lead there. A list with one of these as its scope
# reaches every unit of its audience level that has this government above it, or is it.
SCOPE: Final = f"""
scope (government, code) AS (
    SELECT DISTINCT up.code, up.code FROM up WHERE NOT up.merged AND up.kind IN {GOVERNMENTS}
    UNION
    SELECT s.government, n.code
    FROM scope s,
    LATERAL (
        SELECT u.code FROM unit u
        WHERE u.parent = s.code AND u.kind NOT IN {GOVERNMENTS} AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = s.code AND u.dissolved AND {at("u")}
        OFFSET 0
    ) n
)"""


def below(start: str) -> str:
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


def standing(name: str, named: str) -> str:
    """SQL: name (named, code): each code of the subquery `named` (one column, code), and the unit it is read as.

    A dissolved unit without a successor stands for itself: it can still be shown by its name.
    """
    return f"""
{name}_walk (named, code, next) AS (
    SELECT n.code, n.code, u.successor
    FROM ({named}) n (code)
    LEFT JOIN LATERAL (
        SELECT u.successor FROM unit u WHERE u.code = n.code AND u.dissolved AND {at("u")} OFFSET 0
    ) u ON true
    UNION
    SELECT w.named, w.next, u.successor
    FROM {name}_walk w
    LEFT JOIN LATERAL (
        SELECT u.successor FROM unit u WHERE u.code = w.next AND u.dissolved AND {at("u")} OFFSET 0
    ) u ON true
    WHERE w.next IS NOT NULL
),
{name} AS (SELECT w.named, w.code FROM {name}_walk w WHERE w.next IS NULL)"""
