"""Instruments: the documents that give decisions their basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.database.row_objects import as_object, as_objects
from registry.queries.units.resolve import containing
from registry.relations import successors
from registry.relations.two_times import AsOf, Reader, at, in_days, known


@dataclass(frozen=True, slots=True)
class Instrument:
    """A document: in force from `since` up to but not including `until` (None: not repealed)."""

    number: str
    title: str
    kind: str
    issuer: str | None
    replaced_by: str | None
    reenacted: bool  # what rests on it rests on replaced_by once it is repealed
    since: date
    until: date | None
    in_force: bool
    position: int


# The columns of Instrument for the rows of `selected`, and the walk they need.
_SHOWN: Final = f"""
{successors.nodes("resolved", "SELECT DISTINCT f.issuer FROM selected f WHERE f.issuer IS NOT NULL")}
SELECT f.number, f.title, f.kind, s.code AS issuer, f.replaced_by, f.reenacted, f.valid_from AS since,
    nullif(f.valid_to, 'infinity') AS until, {in_days("f", "$1", "$1")} AS in_force, f.position
FROM selected f LEFT JOIN resolved s ON s.named = f.issuer
"""
# A document is shown whether or not it is in force on the day: acting on a repealed one is recorded and flagged.
BY_NUMBER: Final = f"""
WITH RECURSIVE selected AS (
    SELECT i.*
    FROM (SELECT DISTINCT number COLLATE "C" AS number FROM unnest($3::text[]) a (number)) a,
    LATERAL (
        SELECT * FROM instrument i WHERE i.number = a.number AND {known("i")}
        ORDER BY i.valid_from DESC LIMIT 1
    ) i
),
{_SHOWN}
"""


async def instruments(reader: Reader, moment: AsOf, numbers: Sequence[str]) -> dict[str, Instrument]:
    """Documents by number (文号), with whether each is in force on the day."""
    rows = await reader.fetch(BY_NUMBER, moment.valid_at, moment.known_at, list(numbers))
    return {row["number"]: as_object(Instrument, row) for row in rows}


# $3: a pattern for titles and numbers; $4: a kind; $5: a unit, whose predecessors' documents are its own; $6: whether
# it is in force on the day. Any may be null.
_MATCHED: Final = f"""
WITH RECURSIVE issuers (code) AS (
    SELECT $5::text COLLATE "C" WHERE $5::text IS NOT NULL
    UNION
    SELECT u.code FROM issuers n, LATERAL (SELECT * FROM unit u WHERE u.successor = n.code AND {at("u")} OFFSET 0) u
),
matched AS (
    SELECT i.* FROM instrument i
    WHERE {known("i")} AND ($3::text IS NULL OR i.title ILIKE $3 OR i.number ILIKE $3 OR i.number = ANY($7))
        AND ($4::text IS NULL OR i.kind = $4) AND ($5::text IS NULL OR i.issuer IN (SELECT n.code FROM issuers n))
        AND ($6::boolean IS NULL OR $6 = ({in_days("i", "$1", "$1")}))
)"""
SEARCH: Final = f"""{_MATCHED},
selected AS (SELECT m.* FROM matched m WHERE m.number > coalesce($8, '') ORDER BY m.number LIMIT $9),
{_SHOWN}
ORDER BY f.number
"""
SEARCH_COUNT: Final = f"{_MATCHED} SELECT count(*) FROM matched"


@dataclass(frozen=True, slots=True)
class WantedInstruments:
    """Which documents are looked for; None narrows nothing.

    `text` is contained in the title or number, or the number in `heard`; `issuer`: the unit's own and those of units
    dissolved into it; `in_force`: on the day.
    """

    text: str | None = None
    kind: str | None = None
    issuer: str | None = None
    in_force: bool | None = None
    heard: Sequence[str] = ()


def _arguments(moment: AsOf, wanted: WantedInstruments) -> tuple[Any, ...]:
    text, heard = containing(wanted.text), list(wanted.heard)
    return moment.valid_at, moment.known_at, text, wanted.kind, wanted.issuer, wanted.in_force, heard


async def search(
    reader: Reader, moment: AsOf, wanted: WantedInstruments, after: str | None, limit: int
) -> list[Instrument]:
    """At most `limit` of the documents looked for after a number, by number."""
    rows = await reader.fetch(SEARCH, *_arguments(moment, wanted), after, limit)
    return as_objects(Instrument, rows)


async def count(reader: Reader, moment: AsOf, wanted: WantedInstruments) -> int:
    """How many documents `search` finds in all."""
    return await reader.fetchval(SEARCH_COUNT, *_arguments(moment, wanted))
