"""Lists as they stood: by code, by the unit they reach, by title; and what stands on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, LiteralString

from registry.database.row_objects import as_object, as_objects
from registry.queries import instruments
from registry.queries.instruments import Instrument
from registry.queries.lists.items import Item, on_lists
from registry.queries.matters import matters
from registry.queries.matters.matters import Matter
from registry.queries.units import units
from registry.queries.units.resolve import containing
from registry.queries.units.units import Unit
from registry.relations import reach, successors, territory
from registry.relations.reach import reaching
from registry.relations.two_times import AsOf, Reader, at, in_days, known


@dataclass(frozen=True, slots=True)
class List:
    """A list: in force from `since` up to but not including `until` (None: not repealed).

    `scope` is the unit whose territory it is for, read as its successor; None: nationwide.
    """

    code: str
    title: str
    polarity: str
    covers: str
    audience: str
    scope: str | None
    instrument: str
    closed: bool
    assigns: str | None
    quota: int | None
    since: date
    until: date | None
    in_force: bool
    position: int


@dataclass(frozen=True, slots=True)
class Entry:
    """An item with what it names: its matter, the unit above, and what the decision that entered it notes."""

    item: Item
    matter: Matter | None
    sender: Unit | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list with its document, the document's issuer, its territory, and its items in order of entry."""

    list: List
    instrument: Instrument
    issuer: Unit | None
    scope: Unit | None
    entries: tuple[Entry, ...]


def _shown(source: LiteralString) -> LiteralString:
    """SQL: the columns of List for the rows of a source, and the walk they need after WITH RECURSIVE."""
    return f"""
{successors.nodes("resolved", f"SELECT DISTINCT f.scope FROM {source} f WHERE f.scope IS NOT NULL")}
SELECT f.code, f.title, f.polarity, f.covers, f.audience, s.code AS scope, f.instrument, f.closed, f.assigns, f.quota,
    f.valid_from AS since, nullif(f.valid_to, 'infinity') AS until, {in_days("f", "$1", "$1")} AS in_force,
    f.position
FROM {source} f LEFT JOIN resolved s ON s.named = f.scope
ORDER BY f.code
"""


# A list is found whether or not it is in force on the day: who asks is told since when, and until when, it was.
BY_CODE: Final = f"""
WITH RECURSIVE selected AS (
    SELECT l.*
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) a (code)) a,
    LATERAL (SELECT * FROM list l WHERE l.code = a.code AND {known("l")} OFFSET 0) l
), {_shown("selected")}"""


async def lists(reader: Reader, moment: AsOf, codes: Sequence[str]) -> dict[str, List]:
    """Lists by code, in force on the day or not."""
    rows = await reader.fetch(BY_CODE, moment.valid_at, moment.known_at, list(codes))
    return {row["code"]: as_object(List, row) for row in rows}


REACHING: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {territory.UP}, {reach.SCOPE}, {reaching("true")}, {_shown("reaching")}"""


async def reaching_unit(reader: Reader, moment: AsOf, unit: str) -> list[List]:
    """The lists in force that reach a unit, by code."""
    rows = await reader.fetch(REACHING, moment.valid_at, moment.known_at, [unit])
    return as_objects(List, rows)


_MATCHES: Final = """($3::text IS NULL OR l.title ILIKE $3 OR l.code = $4 OR l.code = ANY($7))
    AND ($5::text IS NULL OR l.covers = $5) AND ($6::text IS NULL OR l.scope = $6)
    AND ($8::text IS NULL OR l.scope IN (SELECT b.code FROM below b))"""
_MATCHED: Final = f"""{territory.below("$8")},
matched AS (SELECT l.* FROM list l WHERE {at("l")} AND {_MATCHES})"""
_PAGE: Final = f"""
selected AS (SELECT l.* FROM matched l WHERE l.code > coalesce($9, '') ORDER BY l.code LIMIT $10),
{_shown("selected")}"""
SEARCH: Final = f"WITH RECURSIVE {_MATCHED}, {_PAGE}"
SEARCH_COUNT: Final = f"WITH RECURSIVE {_MATCHED} SELECT count(*) FROM matched"


async def search(
    reader: Reader,
    moment: AsOf,
    text: str | None,
    after: str | None,
    limit: int,
    covers: str | None = None,
    scope: str | None = None,
    heard: Sequence[str] = (),
    within: str | None = None,
) -> list[List]:
    """At most `limit` lists in force whose title contains a text, or whose code is it, after a code, by code.

    `heard`: codes of lists that are meant too.
    `covers`: only of that kind of matter; `scope`: only those made for the territory of that unit;
    `within`: only those made for its territory or for that of a unit below it.
    """
    wanted = (containing(text), text, covers, scope, list(heard), within)
    return as_objects(List, await reader.fetch(SEARCH, moment.valid_at, moment.known_at, *wanted, after, limit))


async def count(
    reader: Reader,
    moment: AsOf,
    text: str | None,
    covers: str | None,
    scope: str | None = None,
    heard: Sequence[str] = (),
    within: str | None = None,
) -> int:
    """How many lists `search` finds in all."""
    arguments = (moment.valid_at, moment.known_at, containing(text), text, covers, scope, list(heard), within)
    return await reader.fetchval(SEARCH_COUNT, *arguments)


def is_named(listed: List, text: str | None, heard: Sequence[str]) -> bool:
    """Whether `search` finds the list by a text (None: by any)."""
    return text is None or text.casefold() in listed.title.casefold() or listed.code in (text, *heard)


# `reaching` here: the lists of $3 in force, asked for themselves. $4, $5: after this position, at most so many of each.
_NAMED: Final = f"""
WITH RECURSIVE reaching AS (
    SELECT l.code AS unit, l.*
    FROM (SELECT DISTINCT code COLLATE "C" AS code FROM unnest($3::text[]) a (code)) a,
    LATERAL (SELECT * FROM list l WHERE l.code = a.code AND {at("l")} OFFSET 0) l
)"""
ITEMS: Final = f"{_NAMED}, {on_lists('AND i.position > $4 ORDER BY i.position LIMIT $5')}"
COUNTS: Final = f"""{_NAMED}
SELECT r.code, (SELECT count(*) FROM item i WHERE i.list = r.code AND {at("i")}) AS total FROM reaching r
"""


async def items(
    reader: Reader, moment: AsOf, codes: Sequence[str], after: int = 0, limit: int | None = None
) -> dict[str, list[Item]]:
    """The items in force of each list in force, in order of entry: at most `limit` after the entry at a position."""
    results: dict[str, list[Item]] = {}
    for row in await reader.fetch(ITEMS, moment.valid_at, moment.known_at, list(codes), after, limit):
        results.setdefault(row["list"], []).append(as_object(Item, row))
    return results


async def counts(reader: Reader, moment: AsOf, codes: Sequence[str]) -> dict[str, int]:
    """How many items each list in force has in all."""
    rows = await reader.fetch(COUNTS, moment.valid_at, moment.known_at, list(codes))
    return {row["code"]: row["total"] for row in rows}


# The note recorded with what entered an item, or the last that a correction set, by $2.
NOTES: Final = """
SELECT d.position,
    CASE WHEN c.position IS NULL THEN convert_from(d.data, 'UTF8')::json ->> 'note' ELSE c.note END AS note
FROM log.decision d LEFT JOIN LATERAL (
    SELECT k.position, k.data -> 'set' ->> 'note' AS note
    FROM log.tag t, LATERAL (
        SELECT e.position, convert_from(e.data, 'UTF8')::jsonb AS data FROM log.decision e
        WHERE e.position = t.position AND e.type = 'Corrected'
    ) k
    WHERE t.tag = ANY(d.tags) AND t.tag LIKE 'item:%' AND t.position > d.position AND t.position <= $2
        AND k.data -> 'of' ->> 'type' = 'ListItemEntered' AND k.data -> 'set' ? 'note'
    ORDER BY k.position DESC LIMIT 1
) c ON true
WHERE d.position = ANY($1::bigint[])
"""


async def notes(reader: Reader, positions: Iterable[int], known_at: int) -> dict[int, str]:
    """The notes of the decisions that entered items at these positions, as corrected by `known_at`, where there are."""
    rows = await reader.fetch(NOTES, list(positions), known_at)
    return {row["position"]: row["note"] for row in rows if row["note"] is not None}


async def listings(reader: Reader, moment: AsOf, wanted: Iterable[List]) -> list[Listing]:
    """These lists with all that stands on them and is named there: five statements, however many there are."""
    chosen = list(wanted)
    if not chosen:
        return []
    on = await items(reader, moment, [each.code for each in chosen])
    every = [item for of in on.values() for item in of]
    papers = await instruments.instruments(reader, moment, [each.instrument for each in chosen])
    named = [code for each in chosen for code in (each.scope, papers[each.instrument].issuer)]
    named += [item.sender for item in every]
    by_code = await units.units(reader, moment, sorted({code for code in named if code is not None}))
    about = await matters.matters(reader, moment, [item.matter for item in every if item.matter is not None])
    noted = await notes(reader, [item.position for item in every], moment.known_at)

    def entry(item: Item) -> Entry:
        matter = None if item.matter is None else about[item.matter]
        return Entry(item, matter, by_code.get(item.sender or ""), noted.get(item.position))

    return [
        Listing(
            each,
            papers[each.instrument],
            by_code.get(papers[each.instrument].issuer or ""),
            by_code.get(each.scope or ""),
            tuple(map(entry, on.get(each.code, ()))),
        )
        for each in chosen
    ]


async def of_list(reader: Reader, moment: AsOf, code: str) -> Listing | List | None:
    """A list with all that stands on it; without that where it is not in force that day; None where there is none."""
    result = (await lists(reader, moment, [code])).get(code)
    if result is None or not result.in_force:
        return result
    return (await listings(reader, moment, [result]))[0]


async def of_unit(reader: Reader, moment: AsOf, code: str) -> tuple[Unit, list[Listing]] | None:
    """A unit, and every list in force that reaches it with all that stands on it; None where there is no such unit.

    A unit dissolved by that day is reached by nothing.
    """
    unit = (await units.units(reader, moment, [code])).get(code)
    if unit is None:
        return None
    return unit, await listings(reader, moment, await reaching_unit(reader, moment, code))
