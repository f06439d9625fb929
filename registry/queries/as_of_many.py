"""Units, matters and documents, each as it stood on a day of its own: to show spans and changes of many days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, Final

from registry.database.row_objects import as_part
from registry.queries.instruments import Instrument
from registry.queries.matters.matters import COLUMNS, Matter, matter
from registry.queries.units.units import Unit
from registry.relations.successors import nodes_of_days
from registry.relations.two_times import Reader, in_days, known, on

Key = tuple[str, date]  # a code and a day

REQUESTED: Final = (
    'requested AS (SELECT DISTINCT code COLLATE "C" AS code, day FROM unnest($3::text[], $1::date[]) a (code, day))'
)


LINKS: Final = (
    "SELECT f.parent, f.day FROM selected f WHERE f.parent IS NOT NULL"
    " UNION SELECT f.guided_by, f.day FROM selected f WHERE f.guided_by IS NOT NULL"
    " UNION SELECT f.stationed_at, f.day FROM selected f WHERE f.stationed_at IS NOT NULL"
)
UNITS: Final = f"""
WITH RECURSIVE {REQUESTED},
selected AS (
    SELECT a.day, u.*
    FROM requested a, LATERAL (SELECT * FROM unit u WHERE u.code = a.code AND {on("u", "a.day")} OFFSET 0) u
),
{nodes_of_days("resolved", LINKS)}
SELECT f.day, f.code, f.name, f.level, f.kind, f.function, p.code AS parent, g.code AS guided_by,
    t.code AS stationed_at, f.aliases, f.monitored, f.dissolved, f.successor, e.since,
    nullif(e.until, 'infinity') AS until, f.position
FROM selected f
LEFT JOIN resolved p ON p.named = f.parent AND p.day = f.day
LEFT JOIN resolved g ON g.named = f.guided_by AND g.day = f.day
LEFT JOIN resolved t ON t.named = f.stationed_at AND t.day = f.day,
LATERAL (
    SELECT min(o.valid_from) AS since, coalesce(min(o.valid_from) FILTER (WHERE o.dissolved), 'infinity') AS until
    FROM unit o WHERE o.code = f.code AND {known("o")} OFFSET 0
) e
"""
MATTERS: Final = f"""
WITH {REQUESTED}
SELECT a.day, {COLUMNS}
FROM requested a, LATERAL (SELECT * FROM matter m WHERE m.code = a.code AND {on("m", "a.day")} OFFSET 0) m
"""
INSTRUMENTS: Final = f"""
WITH RECURSIVE {REQUESTED},
selected AS (
    SELECT a.day, i.*
    FROM requested a,
    LATERAL (
        SELECT * FROM instrument i WHERE i.number = a.code AND {known("i")} ORDER BY i.valid_from DESC LIMIT 1
    ) i
),
{nodes_of_days("resolved", "SELECT f.issuer, f.day FROM selected f WHERE f.issuer IS NOT NULL")}
SELECT f.day, f.number, f.title, f.kind, s.code AS issuer, f.replaced_by, f.reenacted, f.valid_from AS since,
    nullif(f.valid_to, 'infinity') AS until, {in_days("f", "f.day", "f.day")} AS in_force, f.position
FROM selected f LEFT JOIN resolved s ON s.named = f.issuer AND s.day = f.day
"""


async def _fetch(reader: Reader, statement: str, position: int, keys: Collection[Key]) -> list[Any]:
    """The rows of a statement for these codes, each as of its day ($1), as known at a position ($2)."""
    wanted = sorted(set(keys))
    return await reader.fetch(statement, [day for _, day in wanted], position, [code for code, _ in wanted])


async def units(reader: Reader, position: int, keys: Collection[Key]) -> dict[Key, Unit]:
    """Units by code and day; one that was not registered by its day is not in the answer."""
    return {(row["code"], row["day"]): as_part(Unit, row) for row in await _fetch(reader, UNITS, position, keys)}


async def matters(reader: Reader, position: int, keys: Collection[Key]) -> dict[Key, Matter]:
    """Matters by code and day."""
    return {(row["code"], row["day"]): matter(row) for row in await _fetch(reader, MATTERS, position, keys)}


async def instruments(reader: Reader, position: int, keys: Collection[Key]) -> dict[Key, Instrument]:
    """Documents by number and day, in force on it or not."""
    rows = await _fetch(reader, INSTRUMENTS, position, keys)
    return {(row["number"], row["day"]): as_part(Instrument, row) for row in rows}
