"""Villages, and the areas that they lie in, by any part of any name they have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.database.row_objects import as_objects, as_part
from registry.queries.units.resolve import containing
from registry.queries.units.units import NAMES
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at, known

MOST: Final = 2000  # villages of one name, or areas that share two characters with what was asked
# What villages hang under: governments, and seats at townships without one (development zones, farms).
SEAT: Final = "u.level = 'township' AND u.kind <> 'party' AND u.function IS NULL AND u.stationed_at IS NULL"
AREA: Final = f"u.level <> 'village' AND u.level <> 'central' AND (u.kind = 'government' OR {SEAT})"


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A village or area as it stands on the day; `called`: the former name by which it was found, if it was."""

    code: str
    name: str
    level: str
    dissolved: bool
    called: str | None


VILLAGES: Final = f"""
WITH hit AS MATERIALIZED (
    SELECT u.code, u.name FROM unit u
    WHERE u.level = 'village' AND {NAMES} @> quanze.pairs(ARRAY[$3]) AND u.valid_from <= $1 AND {known("u")}
        AND (u.name ILIKE $4 OR EXISTS (SELECT FROM unnest(u.aliases) a WHERE a ILIKE $4))
    LIMIT {MOST}
)
SELECT u.code, u.name, u.level, u.dissolved, nullif(h.name, u.name) AS called
FROM (SELECT DISTINCT ON (h.code) h.* FROM hit h ORDER BY h.code, h.name ILIKE $4 DESC, h.name) h,
LATERAL (SELECT * FROM unit u WHERE u.code = h.code AND {at("u")} OFFSET 0) u
ORDER BY u.dissolved, u.name NOT ILIKE $5, u.code
"""


async def villages(reader: Reader, moment: AsOf, name: str) -> list[NamedUnit]:
    """The villages that have, or have had, a name with this in it (two characters or more); at most MOST.

    Those that begin with it come first; those that are no more, last.
    """
    anywhere = containing(name) or ""
    rows = await reader.fetch(VILLAGES, moment.valid_at, moment.known_at, name, anywhere, anywhere[1:])
    return as_objects(NamedUnit, rows)


@dataclass(frozen=True, slots=True)
class Area:
    """A name that an area has or has had, and the area that it is read as on the day."""

    called: str
    code: str
    name: str
    level: str


AREAS: Final = f"""
WITH RECURSIVE hit AS MATERIALIZED (
    SELECT DISTINCT u.code, u.name FROM unit u
    WHERE {AREA} AND {NAMES} && $3::text[] AND u.valid_from <= $1 AND {known("u")}
    LIMIT {MOST}
),
{successors.nodes("resolved", "SELECT h.code FROM hit h")}
SELECT h.name AS called, u.code, u.name, u.level
FROM hit h JOIN resolved s ON s.named = h.code,
LATERAL (SELECT * FROM unit u WHERE u.code = s.code AND {at("u")} AND NOT u.dissolved OFFSET 0) u
ORDER BY u.code
"""


async def areas(reader: Reader, moment: AsOf, pairs: Sequence[str]) -> list[Area]:
    """The areas with any of these pairs of characters in a name they have or had; at most MOST names."""
    rows = await reader.fetch(AREAS, moment.valid_at, moment.known_at, list(pairs))
    return as_objects(Area, rows)


CHAINS: Final = f"""
WITH RECURSIVE requested AS (
    SELECT u.code, u.kind, u.parent
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) AS a (code)) a,
    LATERAL (SELECT * FROM unit u WHERE u.code = a.code AND {at("u")} OFFSET 0) u
),
{territory.UP}
SELECT up.origin, u.code, u.name, u.level, u.dissolved, NULL::text AS called
FROM up, LATERAL (SELECT * FROM unit u WHERE u.code = up.code AND {at("u")} AND {AREA} OFFSET 0) u
WHERE up.depth > 0 AND NOT up.merged
ORDER BY up.origin, up.depth DESC
"""


async def chains(reader: Reader, moment: AsOf, codes: Sequence[str]) -> dict[str, tuple[NamedUnit, ...]]:
    """The areas that each unit lies in, from the province down, without the unit itself."""
    results: dict[str, list[NamedUnit]] = {code: [] for code in codes}
    for row in await reader.fetch(CHAINS, moment.valid_at, moment.known_at, list(codes)):
        results[row["origin"]].append(as_part(NamedUnit, row))
    return {code: tuple(above) for code, above in results.items()}


INSIDE: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED}
SELECT u.code, u.name, u.level, u.dissolved, NULL::text AS called
FROM named n,
LATERAL (SELECT * FROM unit u WHERE u.parent = n.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u, requested a
WHERE a.code = n.unit AND u.level <> a.level AND (u.kind = 'village' OR {AREA})
ORDER BY u.code
"""
GOVERNED: Final = f"""
SELECT u.code, u.name, u.level, u.dissolved, NULL::text AS called FROM unit u
WHERE u.function = 'government' AND u.level = $3 AND u.kind = 'government' AND NOT u.dissolved AND {at("u")}
ORDER BY u.code
"""


async def inside(reader: Reader, moment: AsOf, area: str) -> list[NamedUnit]:
    """The villages and areas directly below an area, in order of code."""
    rows = await reader.fetch(INSIDE, moment.valid_at, moment.known_at, [area])
    return as_objects(NamedUnit, rows)


async def governed(reader: Reader, moment: AsOf, level: str) -> list[NamedUnit]:
    """All areas of a level that have a government, in order of code."""
    rows: list[Any] = await reader.fetch(GOVERNED, moment.valid_at, moment.known_at, level)
    return as_objects(NamedUnit, rows)
