"""A list reaches a unit.

A list with scope S reaches every unit of its audience level, of any kind, whose chain of parents contains S's
government, or is it; without a scope, all of that level. It assigns to those of kind government or village alone
(contract, section 3).

Lists are never laid out by unit: the lists that reach a unit are looked up, by scope and audience, for each of its few
ancestors and for the nation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, LiteralString

import numpy as np

from registry.domain import words
from registry.relations.columns import NATIONWIDE, NOBODY, Day, Flags, Indexes, Numbers, expand_ranges, of_rows
from registry.relations.intervals import intersect, units_over_time
from registry.relations.territory import GOVERNMENTS, governing
from registry.relations.two_times import at, few, known

# ------------------------------------------------------------------------------------------------ SQL on a day

# scope (government, codes): the codes whose government is one of those above the units asked, a generation at a time:
# the governments themselves, their departments and teams, and dissolved units whose successors lead there. A list with
# one of these as its scope reaches every unit of its audience level that has this government above it, or is it. Many
# codes are looked up in one scan of an index, for a county has dozens of departments and few lists.
SCOPE: Final = f"""
scope (government, codes, depth) AS (
    SELECT up.code, ARRAY[up.code], 0 FROM up WHERE NOT up.merged AND up.kind IN {GOVERNMENTS} GROUP BY up.code
    UNION ALL
    SELECT s.government, n.codes, s.depth + 1
    FROM scope s,
    LATERAL (
        SELECT array_agg(n.code) AS codes FROM (
            SELECT u.code FROM unit u
            WHERE u.parent = ANY (s.codes) AND u.kind NOT IN {GOVERNMENTS} AND u.successor IS NULL AND {at("u")}
            UNION ALL
            SELECT u.code FROM unit u WHERE u.successor = ANY (s.codes) AND u.dissolved AND {at("u")}
        ) n
    ) n
    WHERE n.codes IS NOT NULL AND s.depth < 64
)"""


def reaching(condition: LiteralString) -> LiteralString:
    """SQL on a day: reaching (unit, code, …columns of list): lists in force that reach each unit asked.

    A list reaches the units of its audience level whose chain of parents contains the government of its scope, or
    which are it; without a scope, all of that level. Needs asked, up and scope before it.
    """
    lists = f"FROM list l WHERE l.audience = a.level AND {condition} AND {at('l')}"
    return f"""
reaching AS (
    SELECT a.code AS unit, l.*
    FROM requested a JOIN up ON up.origin = a.code JOIN scope s ON s.government = up.code,
    LATERAL (SELECT l.* {lists} AND l.scope = ANY (s.codes) OFFSET 0) l
    UNION ALL
    SELECT a.code, l.* FROM requested a, LATERAL (SELECT l.* {lists} AND l.scope IS NULL OFFSET 0) l
)"""


# For a whole territory. Needs `start` and `below` (registry.relations.territory) before it.
# above (code, next, merged): the root and the units above it. ground: the units of the territory that exist.
ABOVE: Final = f"""
above (code, next, merged) AS (
    SELECT u.code, u.parent, false
    FROM {few("code", "SELECT code FROM start")} s,
    LATERAL (SELECT * FROM unit u WHERE u.code = s.code AND u.successor IS NULL AND {at("u")} OFFSET 0) u
    UNION
    SELECT u.code, coalesce(u.successor, u.parent), u.successor IS NOT NULL
    FROM above a, LATERAL (SELECT * FROM unit u WHERE u.code = a.next AND {at("u")} OFFSET 0) u
),
ground AS (
    SELECT u.code, u.level, u.kind, u.function
    FROM below b, LATERAL (SELECT * FROM unit u WHERE u.code = b.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
    WHERE b.code = b.unit
)"""


# near: lists in force that may reach the territory: nationwide, or with a scope in it, above it, or of an office of a
# government above it (scoping).
def near(condition: LiteralString) -> LiteralString:
    """SQL on a day: near: the lists in force, of which the condition on `l` is so, that may reach the territory."""
    return f"""
scoping (code) AS (
    SELECT a.code FROM {few("code", "SELECT code FROM above WHERE NOT merged")} a
    UNION
    SELECT n.code
    FROM scoping s,
    LATERAL (
        SELECT u.code FROM unit u
        WHERE u.parent = s.code AND u.kind NOT IN {GOVERNMENTS} AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = s.code AND {at("u")}
        OFFSET 0
    ) n
),
near AS (
    SELECT l.* FROM list l WHERE l.scope IS NULL AND {condition} AND {at("l")}
    UNION ALL
    SELECT l.* FROM list l
    WHERE l.scope = ANY (ARRAY(SELECT code FROM scoping UNION SELECT code FROM below))
        AND {condition} AND {at("l")}
)"""


# seat (scope, code): the government of the scope of each of `lists`. inside (government, code): the units of the
# territory that are below such a government, or are it.
SEATS: Final = f"""
seat_walk (scope, code, kind, merged, next) AS (
    SELECT l.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent)
    FROM lists l, LATERAL (SELECT * FROM unit u WHERE u.code = l.scope AND {at("u")} OFFSET 0) u
    UNION
    SELECT w.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent)
    FROM seat_walk w, LATERAL (SELECT * FROM unit u WHERE u.code = w.next AND {at("u")} OFFSET 0) u
    WHERE w.merged OR w.kind NOT IN {GOVERNMENTS}
),
seat AS (SELECT w.scope, w.code FROM seat_walk w WHERE NOT w.merged AND w.kind IN {GOVERNMENTS}),
inside (government, code) AS (
    SELECT DISTINCT s.code, s.code FROM seat s JOIN below b ON b.code = s.code AND b.unit = s.code
    UNION
    SELECT i.government, n.code
    FROM inside i,
    LATERAL (
        SELECT u.code FROM unit u WHERE u.parent = i.code AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = i.code AND {at("u")}
        OFFSET 0
    ) n
)"""
# Of a list `l` and a unit `u` of its audience in the territory: the list reaches the unit.
REACHES: Final = """(
    l.scope IS NULL OR EXISTS (
        SELECT FROM seat s WHERE s.scope = l.scope
            AND (s.code IN (SELECT a.code FROM above a WHERE NOT a.merged)
                OR (s.code, u.code) IN (SELECT i.government, i.code FROM inside i))
    )
)"""

# ------------------------------------------------------------------------------------------------ SQL over time

# near: lists that may reach the territory, on any day, with the columns of `list`: nationwide, or with a scope in it,
# above it, or of an office of a government above. scoping: those scopes. Found by scope, whatever lists there are.
NEAR_OVER_TIME: Final = f"""
scoping (code) AS (
    SELECT a.code FROM {few("code", "SELECT code FROM above WHERE NOT merged")} a
    UNION
    SELECT u.code
    FROM scoping s,
    LATERAL (
        SELECT u.code FROM unit u WHERE u.parent = s.code AND u.kind NOT IN {GOVERNMENTS} AND {known("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = s.code AND {known("u")}
        OFFSET 0
    ) u
),
near AS (
    SELECT l.* FROM list l WHERE l.scope IS NULL AND {known("l")}
    UNION ALL
    SELECT l.* FROM list l
    WHERE l.scope = ANY (ARRAY(SELECT code FROM scoping UNION SELECT code FROM below)) AND {known("l")}
)"""

# seat (scope, code, days, …): the government of each list's scope, each day as it was. reach: the units of the
# territory that each of `lists` (list, audience, scope, days, …) reaches.
OVER_TIME: Final = f"""
seat_walk (scope, code, kind, merged, next, days, begun_by, ended_by) AS (
    SELECT l.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent),
        u.days, u.begun_by, u.ended_by
    FROM (SELECT DISTINCT scope FROM lists) l, LATERAL ({units_over_time("u.code = l.scope")} OFFSET 0) u
    UNION
    SELECT w.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent),
        {intersect("u", "w")}
    FROM seat_walk w, LATERAL ({units_over_time("u.code = w.next")} OFFSET 0) u
    WHERE (w.merged OR w.kind NOT IN {GOVERNMENTS}) AND u.days && w.days
),
seat AS (SELECT w.* FROM seat_walk w WHERE NOT w.merged AND w.kind IN {GOVERNMENTS}),
line AS (SELECT g.*, unnest(g.path) AS seat FROM ground g),
reach AS (
    SELECT l.list, g.code, g.kind, {intersect("l", "g")}
    FROM lists l JOIN ground g ON g.level = l.audience AND g.days && l.days
    WHERE l.scope IS NULL
    UNION ALL
    SELECT l.list, g.code, g.kind, {intersect("l", "s", "g")}
    FROM lists l JOIN seat s ON s.scope = l.scope AND s.days && l.days
    JOIN line g ON g.seat = s.code AND g.level = l.audience AND g.days && l.days * s.days
    UNION ALL
    SELECT l.list, g.code, g.kind, {intersect("l", "s", "a", "g")}
    FROM lists l JOIN seat s ON s.scope = l.scope AND s.days && l.days
    JOIN above a ON a.code = s.code AND a.kind IS NOT NULL AND NOT a.merged AND a.days && l.days * s.days
    JOIN ground g ON g.level = l.audience AND g.days && l.days * s.days * a.days
)"""


# ------------------------------------------------------------------------------------------------ columns

_LEVELS = len(words.LEVELS)
_AT_ONCE: Final = 1 << 16  # units that are looked at together


@dataclass(frozen=True, eq=False)
class Reaching:
    """Rows of lists, each about something (a matter, a kind …), found by scope, audience and that something."""

    keys: Numbers  # sorted
    rows: Numbers  # in the order of keys
    scoped: Flags  # by (scope, audience): is there any row
    width: int  # of what the rows are about


def reaching_rows(day: Day, lists: Indexes, about: Indexes, width: int) -> Reaching:
    """Makes rows findable: row i belongs to lists[i] and is about about[i] < width."""
    indexes = _keys(day, day.lists.scope[lists], day.lists.audience[lists])
    kept = np.flatnonzero((day.lists.scope[lists] != NOBODY) & (about >= 0))
    keys = indexes[kept] * width + about[kept]
    order = np.argsort(keys, kind="stable")
    scoped = np.zeros((len(day.units) + 1) * _LEVELS, np.bool_)
    scoped[indexes[kept]] = True
    return Reaching(keys[order], kept[order], scoped, width)


def reached_by(day: Day, rows: Reaching, units: Indexes, about: Indexes) -> tuple[Numbers, Numbers]:
    """The rows that reach each unit and are about the same: pairs (place in `units`, row)."""
    if not len(rows.keys) or not len(units):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = [_reached_by(day, rows, units, about, start) for start in range(0, len(units), _AT_ONCE)]
    if len(pairs) == 1:
        return pairs[0]
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _reached_by(day: Day, rows: Reaching, units: Indexes, about: Indexes, start: int) -> tuple[Numbers, Numbers]:
    """`reached_by` of so many units from one on, by all above each of them together, and by the nation."""
    units = units[start : start + _AT_ONCE]
    level = day.units.level[units]
    above = day.units.lineage.T[:, units]
    scope = np.concatenate([above, np.full((1, len(units)), len(day.units), above.dtype)]).astype(np.int64)
    keys = np.maximum(scope * _LEVELS + level, 0)
    generation, looked = np.nonzero(rows.scoped[keys] & (scope >= 0) & ((units >= 0) & (level >= 0)))
    wanted = keys[generation, looked] * rows.width + about[start + looked]
    starts = np.searchsorted(rows.keys, wanted, "left")
    ends = np.searchsorted(rows.keys, wanted, "right")
    which, hits = expand_ranges(starts, ends)
    return start + looked[which], rows.rows[hits]


def _keys(day: Day, scope: Indexes, audience: Indexes | np.ndarray) -> Numbers:
    """The place of (scope, audience); nationwide comes after the last unit."""
    node = np.where(scope == NATIONWIDE, len(day.units), scope).astype(np.int64)
    return np.maximum(node * _LEVELS + audience, 0)


@of_rows
def closed_lists(day: Day) -> Reaching:
    """The closed positive lists, findable by the kind they cover."""
    lists = np.flatnonzero(day.lists.positive & day.lists.closed).astype(np.int32)
    return reaching_rows(day, lists, day.lists.covers[lists].astype(np.int32), len(words.MATTER_KINDS))


@dataclass(frozen=True, eq=False)
class _Below:
    """Units of kind government or village by an ancestor (or themselves, or the nation) and their own level."""

    start: Numbers
    unit: Indexes


@of_rows
def _below(day: Day) -> _Below:
    units = day.units
    able = governing(units.kind)
    everyone = np.flatnonzero(able)
    results = [everyone]
    index = [_keys(day, np.full(len(everyone), NATIONWIDE, np.int32), units.level[everyone])]
    for ancestor in units.lineage.T:
        rows = np.flatnonzero(able & (ancestor >= 0))
        index.append(_keys(day, ancestor[rows], units.level[rows]))
        results.append(rows)
    indexes, unit = np.concatenate(index), np.concatenate(results)
    order = np.argsort(indexes, kind="stable")
    start = np.searchsorted(indexes[order], np.arange((len(units) + 1) * _LEVELS + 1))
    return _Below(start, unit[order].astype(np.int32))


def holders_by_list(day: Day, items: Indexes) -> tuple[Indexes, Indexes]:
    """Every unit that holds each of these items of lists that assign: pairs (unit, item), laid out."""
    below = day.once(_below)
    lists = day.items.list[items]
    scope = day.lists.scope[lists]
    indexes = _keys(day, scope, day.lists.audience[lists])
    starts = below.start[indexes]
    ends = np.where(scope == NOBODY, starts, below.start[indexes + 1])
    rows, result = expand_ranges(starts, ends)
    return below.unit[result], items[rows]
