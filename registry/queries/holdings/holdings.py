"""Who holds what: the duties of a unit, and every holding of a matter within a territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_objects, as_part
from registry.relations import holding, successors
from registry.relations.two_times import AsOf, Reader


@dataclass(frozen=True, slots=True)
class Holding:
    """A unit holding a matter: by law, by a list that assigns, or by a delegation.

    `since` and `until` bound the stretch of days of this holding by this unit; `until` is None while open. `sender`
    is the decision's `from`, read as its successor. `mode` of a holding by law is "law" (a power vested by name:
    "vested"), of a duty by list "assigned", of a burden "imposed".
    """

    unit: str
    matter: str
    role: str | None
    by: str
    subject: str
    sender: str | None
    mode: str
    instrument: str | None
    since: date
    until: date | None
    brings: list[str]
    due_on: date | None
    position: int


# One page of each unit's duties, in order of subject: those of role $4 (null: any) after subject $5, at most $6.
PAGE: Final = f"""
{holding.HELD},
matched AS (SELECT * FROM held h WHERE $4::text IS NULL OR h.role = $4),
counted AS (SELECT m.unit, count(*) AS total FROM matched m GROUP BY m.unit),
page AS (
    SELECT * FROM (
        SELECT m.*, row_number() OVER (PARTITION BY m.unit ORDER BY m.subject COLLATE "C") AS rank
        FROM matched m WHERE $5::text IS NULL OR m.subject COLLATE "C" > $5
    ) m WHERE m.rank <= $6
),
{successors.nodes("resolved", "SELECT DISTINCT p.sender FROM page p WHERE p.sender IS NOT NULL")}"""

RESPONSIBILITIES: Final = f"""
WITH RECURSIVE {PAGE}
SELECT a.code, coalesce(c.total, 0) AS total,
    p.unit, p.matter, p.role, p.by, p.subject, s.code AS sender, p.mode, p.instrument, p.since,
    nullif(p.until, 'infinity') AS until, p.brings, p.due_on, p.position
FROM requested a
LEFT JOIN counted c ON c.unit = a.code
LEFT JOIN page p ON p.unit = a.code
LEFT JOIN resolved s ON s.named = p.sender
ORDER BY a.code, p.rank
"""


async def responsibilities(
    reader: Reader,
    moment: AsOf,
    units: Sequence[str],
    role: str | None,
    after: str | None,
    limit: int,
) -> dict[str, tuple[int, list[Holding]]]:
    """The duties each unit holds: how many in all, and at most `limit` of them after a subject, in order of subject.

    A unit that does not exist on the day is not in the answer.
    """
    rows = await reader.fetch(RESPONSIBILITIES, moment.valid_at, moment.known_at, list(units), role, after, limit)
    pages: dict[str, tuple[int, list[Holding]]] = {}
    for row in rows:
        _, page = pages.setdefault(row["code"], (row["total"], []))
        if row["unit"] is not None:
            page.append(as_part(Holding, row))
    return pages


_HOLDERS: Final = f"""
WITH RECURSIVE {holding.HELD_WITHIN},
{successors.nodes("resolved", "SELECT DISTINCT h.sender FROM held h WHERE h.sender IS NOT NULL")}"""
_HELD: Final = """
SELECT DISTINCT ON (h.unit, h.subject) h.unit, $3 AS matter, h.role, h.by, h.subject,
    s.code AS sender, h.mode, h.instrument, h.since,
    nullif(h.until, 'infinity') AS until, h.brings, h.due_on, h.position
FROM held h LEFT JOIN resolved s ON s.named = h.sender
WHERE ($5::text IS NULL OR h.role = $5) AND ($6::text[] IS NULL OR h.unit = ANY ($6))"""
_IN_ORDER: Final = "ORDER BY h.unit, h.subject, h.mode = 'vested', h.position"
HOLDERS: Final = f"{_HOLDERS} {_HELD} {_IN_ORDER}"
# One page: those after unit $7 and subject $8, at most $9.
HOLDERS_PAGE: Final = f"""{_HOLDERS} {_HELD}
    AND ($7::text IS NULL OR (h.unit, h.subject COLLATE "C") > ($7, $8)) {_IN_ORDER} LIMIT $9
"""
HOLDERS_COUNT: Final = f"""
WITH RECURSIVE {holding.HELD_WITHIN}
SELECT count(DISTINCT (h.unit, h.subject)) FROM held h
WHERE ($5::text IS NULL OR h.role = $5) AND ($6::text[] IS NULL OR h.unit = ANY ($6))
"""


async def holders(
    reader: Reader,
    moment: AsOf,
    matter: str,
    within: str,
    role: str | None = None,
    seen: Sequence[str] | None = None,
) -> list[Holding]:
    """Every holding of a matter within a unit's territory (the unit and all below it), by unit and subject.

    `seen`: those of these units alone.
    """
    rows = await reader.fetch(HOLDERS, moment.valid_at, moment.known_at, matter, within, role, seen)
    return as_objects(Holding, rows)


async def holders_page(
    reader: Reader,
    moment: AsOf,
    matter: str,
    within: str,
    role: str | None,
    after: tuple[str, str] | None,
    limit: int,
    seen: Sequence[str] | None = None,
) -> list[Holding]:
    """At most `limit` of `holders` after a unit and subject."""
    unit, subject = after or (None, None)
    arguments = (moment.valid_at, moment.known_at, matter, within, role, seen, unit, subject, limit)
    return as_objects(Holding, await reader.fetch(HOLDERS_PAGE, *arguments))


async def holders_count(
    reader: Reader, moment: AsOf, matter: str, within: str, role: str | None, seen: Sequence[str] | None = None
) -> int:
    """How many `holders` there are."""
    return await reader.fetchval(HOLDERS_COUNT, moment.valid_at, moment.known_at, matter, within, role, seen)
