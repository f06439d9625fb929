"""The items of lists in force that reach a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_objects
from registry.relations import reach, successors, territory
from registry.relations.two_times import AsOf, Reader, at


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list in force, with what matters of its list."""

    unit: str  # what it was asked for: a unit, or its list
    list: str
    title: str
    polarity: str
    covers: str
    audience: str
    scope: str | None
    closed: bool
    assigns: str | None
    quota: int | None
    instrument: str
    item: str
    name: str
    matter: str | None
    category: str | None
    terms: list[str]
    roles: list[str]
    sender: str | None
    brings: list[str]
    issuer: str | None
    alternative: str | None
    since: date
    until: date | None
    position: int


# After `reaching`: its items in force, with what matters of their lists; {page} narrows the items of each list.
ON_LISTS: Final = """
selected AS (
    SELECT r.unit, r.code AS list, r.title, r.polarity, r.covers, r.audience, r.scope, r.closed, r.assigns, r.quota,
        r.instrument, i.item, i.name, i.matter, i.category, coalesce(i.terms, '{{}}') AS terms, i.roles, i.grantor,
        i.brings, i.issuer, i.alternative, greatest(i.valid_from, r.valid_from) AS since,
        nullif(least(i.valid_to, r.valid_to), 'infinity') AS until, i.position
    FROM reaching r, LATERAL (SELECT * FROM item i WHERE i.list = r.code AND {at} {page}) i
),
{resolved}
SELECT f.unit, f.list, f.title, f.polarity, f.covers, f.audience, f.scope, f.closed, f.assigns, f.quota, f.instrument,
    f.item, f.name, f.matter, f.category, f.terms, f.roles, s.code AS sender, f.brings, f.issuer, f.alternative,
    f.since, f.until, f.position
FROM selected f LEFT JOIN resolved s ON s.named = f.grantor
ORDER BY f.unit, f.list, f.position
"""


def on_lists(page: str = "OFFSET 0") -> str:
    """SQL: the items in force of the lists in `reaching`, as columns of Item; `page` ends each list's own subquery."""
    resolved = successors.nodes("resolved", "SELECT DISTINCT f.grantor FROM selected f WHERE f.grantor IS NOT NULL")
    return ON_LISTS.format(at=at("i"), page=page, resolved=resolved)


ITEMS: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {territory.UP}, {reach.SCOPE},
{reach.reaching("l.polarity = $4 AND ($5::text IS NULL OR l.covers = $5)")},
{on_lists()}"""


async def items(
    reader: Reader, moment: AsOf, units: Sequence[str], polarity: str, covers: str | None = None
) -> list[Item]:
    """Items in force on lists of a polarity that reach each unit, by unit, list and order of entry."""
    rows = await reader.fetch(ITEMS, moment.valid_at, moment.known_at, list(units), polarity, covers)
    return as_objects(Item, rows)


def speaks_of(text: str, name: str, terms: Sequence[str]) -> bool:
    """Whether a term of an item is in what somebody says, or its name where it has no terms.

    As with matters' names (registry.relations.matching), terms are compared as they are written: a name such as
    环境整治 is also in that of other matters.
    """
    return any(word in text for word in terms or (name,))
