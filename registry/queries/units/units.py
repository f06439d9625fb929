"""Units as they stood: by code, below another, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from registry.database.row_objects import as_object, as_objects, as_part
from registry.queries.units.resolve import containing
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as of a day. `parent`, `guided_by` and `stationed_at` are read as successors where dissolved.

    A dissolved unit is shown as it last was, with its successor.
    """

    code: str
    name: str
    level: str
    kind: str
    function: str | None
    parent: str | None
    guided_by: str | None
    stationed_at: str | None
    aliases: list[str]
    monitored: bool  # a monitoring point
    dissolved: bool
    successor: str | None
    since: date
    until: date | None
    position: int


def shown(source: LiteralString) -> LiteralString:
    """SQL: the columns of Unit for the rows `u` of a source, and the walk they need after WITH RECURSIVE."""
    links = (
        f"SELECT u.parent AS code FROM {source} u WHERE u.parent IS NOT NULL"
        f" UNION SELECT u.guided_by FROM {source} u WHERE u.guided_by IS NOT NULL"
        f" UNION SELECT u.stationed_at FROM {source} u WHERE u.stationed_at IS NOT NULL"
    )
    return f"""
{successors.nodes("resolved", links)},
shown AS (
    SELECT u.code, u.name, u.level, u.kind, u.function, p.code AS parent, g.code AS guided_by, t.code AS stationed_at,
        u.aliases, u.monitored, u.dissolved, u.successor, e.since, nullif(e.until, 'infinity') AS until, u.position
    FROM {source} u
    LEFT JOIN resolved p ON p.named = u.parent
    LEFT JOIN resolved g ON g.named = u.guided_by
    LEFT JOIN resolved t ON t.named = u.stationed_at,
    LATERAL (
        SELECT min(o.valid_from) AS since,
            coalesce(min(o.valid_from) FILTER (WHERE o.dissolved), 'infinity') AS until
        FROM unit o WHERE o.code = u.code AND {known("o")} OFFSET 0
    ) e
)"""


BY_CODE: Final = f"""
WITH RECURSIVE selected AS (
    SELECT u.*
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) a (code)) a,
    LATERAL (SELECT * FROM unit u WHERE u.code = a.code AND {at("u")} OFFSET 0) u
), {shown("selected")}
SELECT * FROM shown
"""


async def units(reader: Reader, moment: AsOf, codes: Sequence[str]) -> dict[str, Unit]:
    """Units by code; one that was not registered by that day is not in the answer."""
    rows = await reader.fetch(BY_CODE, moment.valid_at, moment.known_at, list(codes))
    return {row["code"]: as_object(Unit, row) for row in rows}


# The children of each unit asked, those of dissolved units read as it among them.
CHILDREN: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
matched AS (
    SELECT n.unit AS above, u.*
    FROM named n, LATERAL (SELECT * FROM unit u WHERE u.parent = n.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
    WHERE $4::text IS NULL OR u.level = $4
),
page AS (
    SELECT * FROM (
        SELECT m.*, row_number() OVER (PARTITION BY m.above ORDER BY m.code) AS rank
        FROM matched m WHERE $5::text IS NULL OR m.code > $5
    ) m WHERE m.rank <= $6
),
counted AS (SELECT m.above, count(*) AS total FROM matched m GROUP BY m.above), {shown("page")}
SELECT a.code AS above, coalesce(c.total, 0) AS total, s.*
FROM requested a
LEFT JOIN counted c ON c.above = a.code
LEFT JOIN page p ON p.above = a.code
LEFT JOIN shown s ON s.code = p.code
ORDER BY a.code, p.rank
"""


async def children(
    reader: Reader, moment: AsOf, parents: Sequence[str], level: str | None, after: str | None, limit: int
) -> dict[str, tuple[int, list[Unit]]]:
    """The units directly below each unit: how many in all, and at most `limit` of them after a code, by code."""
    rows = await reader.fetch(CHILDREN, moment.valid_at, moment.known_at, list(parents), level, after, limit)
    pages: dict[str, tuple[int, list[Unit]]] = {}
    for row in rows:
        _, page = pages.setdefault(row["above"], (row["total"], []))
        if row["code"] is not None:
            page.append(as_part(Unit, row))
    return pages


MATCHES: Final = """($4::text IS NULL OR u.level = $4) AND ($5::text IS NULL OR u.name ILIKE $5
        OR u.code = $6 OR u.code = ANY($7) OR EXISTS (SELECT FROM unnest(u.aliases) a WHERE a ILIKE $5))"""

# $3 is the territory, or null for the whole registry: then the index on code gives the page without reading all.
WITHIN: Final = f"""
WITH RECURSIVE {territory.below("$3")},
matched AS (
    SELECT u.* FROM below b, LATERAL (SELECT * FROM unit u WHERE u.code = b.code AND {at("u")} OFFSET 0) u
    WHERE b.code = b.unit AND NOT u.dissolved AND {MATCHES}
)"""
ANYWHERE: Final = f"""
WITH RECURSIVE matched AS (
    SELECT u.* FROM unit u WHERE $3::text IS NULL AND NOT u.dissolved AND {at("u")} AND {MATCHES}
)"""
# A text of two characters or more is found by the index on the pairs of characters in names. MATERIALIZED: there is
# nothing to be gained from walking all units in the order of the page.
NAMES: Final = "quanze.pairs(u.name || u.aliases)"
NAMED: Final = f"""
WITH RECURSIVE matched AS MATERIALIZED (
    SELECT u.* FROM unit u
    WHERE $3::text IS NULL AND NOT u.dissolved AND {at("u")}
        AND ({NAMES} @> quanze.pairs(ARRAY[$6]) OR u.code = $6 OR u.code = ANY($7)) AND {MATCHES}
)"""
SEARCH_PAGE: Final = (
    """,
page AS (SELECT * FROM matched m WHERE m.code > coalesce($8, '') ORDER BY m.code LIMIT $9), """
    + shown("page")
    + "SELECT * FROM shown s ORDER BY s.code"
)


def _source(within: str | None, text: str | None) -> str:
    """The statement's first part: where to look."""
    if within is not None:
        return WITHIN
    return ANYWHERE if text is None or len(text) < 2 else NAMED


async def search(
    reader: Reader,
    moment: AsOf,
    within: str | None,
    level: str | None,
    text: str | None,
    after: str | None,
    limit: int,
    heard: Sequence[str] = (),
) -> list[Unit]:
    """Units that exist on the day, by code: a name or an alias contains a text, or the code is it or in `heard`."""
    source = _source(within, text) + SEARCH_PAGE
    arguments = (moment.valid_at, moment.known_at, within, level, containing(text), text, list(heard), after, limit)
    return as_objects(Unit, await reader.fetch(source, *arguments))


async def count(
    reader: Reader,
    moment: AsOf,
    within: str | None,
    level: str | None,
    text: str | None,
    heard: Sequence[str] = (),
) -> int:
    """How many units `search` finds in all."""
    source = _source(within, text) + "SELECT count(*) FROM matched"
    arguments = (moment.valid_at, moment.known_at, within, level, containing(text), text, list(heard))
    return await reader.fetchval(source, *arguments)


async def exists(reader: Reader, code: str) -> bool:
    """Whether the log has ever known a unit by this code."""
    return await reader.fetchval("SELECT EXISTS (SELECT FROM unit u WHERE u.code = $1)", code)
