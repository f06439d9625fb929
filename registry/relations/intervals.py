"""SQL for holdings over many days at once: each row has the days on which it holds, and what began and ended it.

Pieces of recursive queries, to be put after WITH RECURSIVE. $1 is the territory (a unit), $2 the position known.
`days` is a range of dates, never empty. `begun_by` and `ended_by` name the cause of its first day and of the day after
its last: `#12` is the decision at position 12, anything else the tag of the thing (unit:42, ref:R-1) of whose stream
a decision takes effect on that day. Where two rows meet, the later beginning and the earlier end give the cause.
"""

from __future__ import annotations

from typing import Final

from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import known


def short(sql: str) -> str:
    """The statement without its indentation: asyncpg prepares anew each time what is longer than 15 KiB."""
    return " ".join(sql.split())


def days(row: str) -> str:
    """SQL: the days of a row of a read table, as a range."""
    return f"daterange({row}.valid_from, greatest({row}.valid_from, {row}.valid_to))"


def meet(first: str, *others: str) -> str:
    """SQL: days, begun_by, ended_by of the days that rows share; on one day the first named is the cause."""
    columns = [f"{first}.{name}" for name in ("days", "begun_by", "ended_by")]
    for other in others:
        shared, begun_by, ended_by = columns
        columns = [
            f"{shared} * {other}.days",
            f"CASE WHEN lower({other}.days) > lower({shared}) THEN {other}.begun_by ELSE {begun_by} END",
            f"CASE WHEN upper({other}.days) < upper({shared}) THEN {other}.ended_by ELSE {ended_by} END",
        ]
    return "{} AS days, {} AS begun_by, {} AS ended_by".format(*columns)


def _units(where: str) -> str:
    """SQL: rows of units, with their days and cause."""
    cause = "'unit:' || u.code"
    columns = f"u.*, {days('u')} AS days, {cause} AS begun_by, {cause} AS ended_by"
    return f"SELECT {columns} FROM unit u WHERE {where} AND {known('u')}"


def territory(window: str = "s.days") -> str:
    """SQL: root, below, ground, above: the territory of unit $1 over the days of `window`.

    root (code, gone, days, …): the unit, or from its dissolution its successor; gone: it is dissolved without one.
    below (code, unit, gone, path, days, …): it and all below it by parent, each day as it was; units dissolved into
    others too, with the unit they are read as (of the others unit = code); path: the codes from the root down.
    ground: below as units that exist, with level, kind and function. above: the units above the root.
    """
    own = "s.code = r.code AND s.gone = r.gone AND s.next IS NULL"
    columns = "u.days, u.begun_by, u.ended_by"
    return f"""
start (code, next, gone, days, begun_by, ended_by) AS (
    SELECT u.code, u.successor, u.dissolved, u.days, u.begun_by, u.ended_by FROM ({_units("u.code = $1")}) u
    UNION
    SELECT u.code, u.successor, u.dissolved, {meet("u", "s")}
    FROM start s, LATERAL ({_units("u.code = s.next")} OFFSET 0) u
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
    SELECT u.code, coalesce(u.unit, b.unit), coalesce(u.gone, b.gone), b.path || u.code, {meet("u", "b")}
    FROM below b,
    LATERAL (
        SELECT u.code, u.code AS unit, u.dissolved AS gone, {columns}
        FROM ({_units("u.parent = b.code AND u.successor IS NULL")}) u
        UNION ALL
        SELECT u.code, NULL, NULL, {columns} FROM ({_units("u.successor = b.code")}) u
        OFFSET 0
    ) u
    WHERE u.days && b.days
),
ground AS (
    SELECT u.code, u.level, u.kind, u.function, b.path, {meet("u", "b")}
    FROM below b, LATERAL ({_units("u.code = b.code AND NOT u.dissolved")} OFFSET 0) u
    WHERE b.code = b.unit AND u.days && b.days
),
above (code, kind, merged, next, days, begun_by, ended_by) AS (
    SELECT r.code, NULL COLLATE "C", false, u.parent, {meet("u", "r")}
    FROM root r, LATERAL ({_units("u.code = r.code AND u.successor IS NULL")} OFFSET 0) u
    WHERE u.days && r.days
    UNION
    SELECT u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent), {meet("u", "a")}
    FROM above a, LATERAL ({_units("u.code = a.next")} OFFSET 0) u
    WHERE u.days && a.days
)"""


# near: lists that may reach the territory, on any day, with the columns of `list`: nationwide, or with a scope in it,
# above it, or of an office of a government above. scoping: those scopes. Found by scope, whatever lists there are.
NEAR: Final = f"""
scoping (code) AS (
    SELECT a.code FROM above a WHERE NOT a.merged
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
REACH: Final = f"""
seat_walk (scope, code, kind, merged, next, days, begun_by, ended_by) AS (
    SELECT l.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent),
        u.days, u.begun_by, u.ended_by
    FROM (SELECT DISTINCT scope FROM lists) l, LATERAL ({_units("u.code = l.scope")} OFFSET 0) u
    UNION
    SELECT w.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent),
        {meet("u", "w")}
    FROM seat_walk w, LATERAL ({_units("u.code = w.next")} OFFSET 0) u
    WHERE (w.merged OR w.kind NOT IN {GOVERNMENTS}) AND u.days && w.days
),
seat AS (SELECT w.* FROM seat_walk w WHERE NOT w.merged AND w.kind IN {GOVERNMENTS}),
line AS (SELECT g.*, unnest(g.path) AS seat FROM ground g),
reach AS (
    SELECT l.list, g.code, g.kind, {meet("l", "g")}
    FROM lists l JOIN ground g ON g.level = l.audience AND g.days && l.days
    WHERE l.scope IS NULL
    UNION ALL
    SELECT l.list, g.code, g.kind, {meet("l", "s", "g")}
    FROM lists l JOIN seat s ON s.scope = l.scope AND s.days && l.days
    JOIN line g ON g.seat = s.code AND g.level = l.audience AND g.days && l.days * s.days
    UNION ALL
    SELECT l.list, g.code, g.kind, {meet("l", "s", "a", "g")}
    FROM lists l JOIN seat s ON s.scope = l.scope AND s.days && l.days
    JOIN above a ON a.code = s.code AND a.kind IS NOT NULL AND NOT a.merged AND a.days && l.days * s.days
    JOIN ground g ON g.level = l.audience AND g.days && l.days * s.days * a.days
)"""


def at_position(row: str) -> str:
    """SQL: the decision of a row as a cause."""
    return f"('#' || {row}.position) COLLATE \"C\""


def listed(row: str = "l") -> str:
    """SQL: days and cause of a row of `list`."""
    return f"{days(row)} AS days, {at_position(row)} AS begun_by, 'list:' || {row}.code AS ended_by"


def entered(row: str = "i") -> str:
    """SQL: days and cause of a row of `item`."""
    return (
        f"{days(row)} AS days, {at_position(row)} AS begun_by, 'item:' || {row}.list || '#' || {row}.item AS ended_by"
    )


def lawful(row: str = "h") -> str:
    """SQL: days and cause of a row of `lawful_holder`."""
    return f"{days(row)} AS days, 'matter:' || {row}.matter AS begun_by, 'matter:' || {row}.matter AS ended_by"


def defined(row: str = "m") -> str:
    """SQL: days and cause of a row of `matter`."""
    return f"{days(row)} AS days, 'matter:' || {row}.code AS begun_by, 'matter:' || {row}.code AS ended_by"


def issued(row: str = "i") -> str:
    """SQL: days and cause of a row of `instrument`."""
    return f"{days(row)} AS days, 'instrument:' || {row}.number AS begun_by, 'instrument:' || {row}.number AS ended_by"


def vested(row: str = "v") -> str:
    """SQL: days and cause of a row of `vesting`."""
    key = f"'vesting:' || {row}.power || '#' || {row}.unit"
    return f"{days(row)} AS days, {at_position(row)} AS begun_by, {key} AS ended_by"


def delegated(row: str = "d") -> str:
    """SQL: days and cause of a row of `delegation`: begun by itself or by new resources; ended, or over by itself."""
    return f"""{days(row)} AS days,
        CASE WHEN {row}.valid_from = {row}.began THEN {at_position(row)} ELSE 'ref:' || {row}.ref END AS begun_by,
        CASE WHEN {row}.valid_to = {row}.until AND {row}.ended IS DISTINCT FROM {row}.until THEN {at_position(row)}
            ELSE 'ref:' || {row}.ref END AS ended_by"""


def standing(name: str, named: str) -> str:
    """SQL: name (named, code, days, …): as which unit each code of the subquery `named` is read, by days.

    A unit dissolved without a successor stands for itself, as in tree.standing.
    """
    return f"""
{name}_walk (named, code, since, begun_by, step) AS (
    SELECT n.code, n.code, '-infinity'::date, NULL COLLATE "C", 0 FROM ({named}) n (code)
    UNION ALL
    SELECT w.named, u.successor, greatest(w.since, lower(u.days)), 'unit:' || u.code, w.step + 1
    FROM {name}_walk w,
    LATERAL ({_units("u.code = w.code AND u.dissolved AND u.successor IS NOT NULL")} OFFSET 0) u
    WHERE w.step < 64
),
{name} AS (
    SELECT w.named, w.code, daterange(w.since, coalesce(lead(w.since) OVER path, 'infinity')) AS days, w.begun_by,
        lead(w.begun_by) OVER path AS ended_by
    FROM {name}_walk w
    WINDOW path AS (PARTITION BY w.named ORDER BY w.step)
)"""
