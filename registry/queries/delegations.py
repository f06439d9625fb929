"""Delegations by ref, and what rests on a document: delegations, lists and vestings in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from registry.database.row_objects import as_objects, as_part
from registry.queries.burdens.burdens import DELEGATION, Delegation
from registry.queries.lists.items import Item, on_lists
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at, known

_NAMED: Final = "SELECT f.sender FROM selected f UNION SELECT f.recipient FROM selected f"
_NAMED_BY_DAY: Final = "SELECT f.sender, f.day FROM selected f UNION SELECT f.recipient, f.day FROM selected f"

# In force that day or not: what it was on its last days until then. One that is still to begin, on its first day.
BY_REF: Final = f"""
WITH RECURSIVE requested AS (SELECT DISTINCT ref COLLATE "C" AS ref FROM unnest($3::text[]) a (ref)),
selected AS (
    SELECT b.day, d.*
    FROM requested r,
    LATERAL (
        SELECT greatest($1::date, min(d.began)) AS day FROM delegation d WHERE d.ref = r.ref AND {known("d")}
    ) b,
    LATERAL (
        SELECT * FROM delegation d WHERE d.ref = r.ref AND d.valid_from <= b.day AND {known("d")}
        ORDER BY d.valid_from DESC LIMIT 1
    ) d
),
{successors.nodes_of_days("resolved", _NAMED_BY_DAY)}
SELECT f.day, r.code AS recipient, {DELEGATION.format(row="f", sender="s.code")}
FROM selected f
JOIN resolved s ON s.named = f.sender AND s.day = f.day
JOIN resolved r ON r.named = f.recipient AND r.day = f.day
"""

# resting: the delegations in force on the day by document $3; what a unit dissolved without a successor received is
# not in force (contract, section 3).
RESTING: Final = f"""
WITH RECURSIVE selected AS (SELECT d.* FROM delegation d WHERE d.instrument = $3 AND {at("d")}),
{successors.nodes("resolved", _NAMED)},
resting AS (
    SELECT f.*, s.code AS read_sender, r.code AS read_recipient
    FROM selected f JOIN resolved s ON s.named = f.sender JOIN resolved r ON r.named = f.recipient,
    LATERAL (SELECT FROM unit u WHERE u.code = r.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
    WHERE $4::text[] IS NULL OR s.code = ANY ($4) OR r.code = ANY ($4)
)"""
RESTING_PAGE: Final = f"""{RESTING}
SELECT r.read_recipient AS recipient, {DELEGATION.format(row="r", sender="r.read_sender")}
FROM resting r WHERE $5::text IS NULL OR r.ref > $5 ORDER BY r.ref LIMIT $6
"""
RESTING_COUNT: Final = f"{RESTING} SELECT count(*) FROM resting"
RESTING_LISTS: Final = f"SELECT l.code FROM list l WHERE l.instrument = $3 AND {at('l')} ORDER BY l.code"
RESTING_VESTINGS: Final = f"""
WITH RECURSIVE selected AS (SELECT v.* FROM vesting v WHERE v.instrument = $3 AND {at("v")}),
{successors.nodes("resolved", "SELECT f.unit FROM selected f")}
SELECT count(*)
FROM selected f JOIN resolved s ON s.named = f.unit,
LATERAL (SELECT FROM unit u WHERE u.code = s.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
WHERE $4::text[] IS NULL OR s.code = ANY ($4)
"""

# sent: the delegations in force that each unit of $3 handed down, one read as it too, to units that exist.
SENT: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
selected AS (
    SELECT n.unit, d.*
    FROM named n, LATERAL (SELECT * FROM delegation d WHERE d.sender = n.code AND {at("d")} OFFSET 0) d
),
{successors.nodes("resolved", "SELECT DISTINCT f.recipient FROM selected f")},
sent AS (
    SELECT f.*, r.code AS read_recipient
    FROM selected f JOIN resolved r ON r.named = f.recipient,
    LATERAL (SELECT FROM unit u WHERE u.code = r.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
),
counted AS (SELECT s.unit, count(*) AS total FROM sent s GROUP BY s.unit),
page AS (
    SELECT * FROM (
        SELECT s.*, row_number() OVER (PARTITION BY s.unit ORDER BY s.ref) AS rank
        FROM sent s WHERE $4::text IS NULL OR s.ref > $4
    ) s WHERE s.rank <= $5
)
SELECT c.unit, c.total, p.read_recipient AS recipient, {DELEGATION.format(row="p", sender="p.unit")}
FROM counted c LEFT JOIN page p ON p.unit = c.unit ORDER BY c.unit, p.rank
"""
# The items of lists in force that name a unit of $3, or one read as it, as who hands down.
SENT_ITEMS: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
reaching AS (
    SELECT DISTINCT ON (n.unit, l.code) n.unit, l.*
    FROM named n,
    LATERAL (SELECT DISTINCT i.list FROM item i WHERE i.grantor = n.code AND {at("i")} OFFSET 0) i,
    LATERAL (SELECT * FROM list l WHERE l.code = i.list AND {at("l")} OFFSET 0) l
),
{on_lists("AND i.grantor IN (SELECT n.code FROM named n WHERE n.unit = r.unit) OFFSET 0")}"""


@dataclass(frozen=True, slots=True)
class DelegationOn:
    """A delegation and the moment as of which it is shown: of the day asked about, or of its first day if later."""

    moment: AsOf
    delegation: Delegation


async def delegations(reader: Reader, moment: AsOf, refs: Sequence[str]) -> dict[str, DelegationOn]:
    """Delegations by ref, in force or not; what the log, as known, has none of (a demand is none) is not there."""
    results: dict[str, DelegationOn] = {}
    for row in await reader.fetch(BY_REF, moment.valid_at, moment.known_at, list(refs)):
        delegation = as_part(Delegation, row)
        results[delegation.ref] = DelegationOn(replace(moment, valid_at=row["day"]), delegation)
    return results


async def sent(
    reader: Reader, moment: AsOf, units: Sequence[str], after: str | None, limit: int
) -> dict[str, tuple[int, list[Delegation]]]:
    """What each unit handed down and is in force: how many, and at most `limit` after a ref, by ref.

    A unit that handed nothing down is not in the answer.
    """
    pages: dict[str, tuple[int, list[Delegation]]] = {}
    for row in await reader.fetch(SENT, moment.valid_at, moment.known_at, list(units), after, limit):
        _, page = pages.setdefault(row["unit"], (row["total"], []))
        if row["ref"] is not None:
            page.append(as_part(Delegation, row))
    return pages


async def sent_items(reader: Reader, moment: AsOf, units: Sequence[str]) -> dict[str, list[Item]]:
    """The items of lists in force by which each unit hands something down, by list and order of entry."""
    results: dict[str, list[Item]] = {}
    for item in as_objects(Item, await reader.fetch(SENT_ITEMS, moment.valid_at, moment.known_at, list(units))):
        results.setdefault(item.unit, []).append(item)
    return results


async def resting(
    reader: Reader, moment: AsOf, instrument: str, after: str | None, limit: int, seen: Sequence[str] | None = None
) -> list[Delegation]:
    """The delegations in force by a document, by ref: at most `limit` after a ref; `seen`: from or to these units."""
    rows = await reader.fetch(RESTING_PAGE, moment.valid_at, moment.known_at, instrument, seen, after, limit)
    return as_objects(Delegation, rows)


async def resting_count(reader: Reader, moment: AsOf, instrument: str, seen: Sequence[str] | None = None) -> int:
    """How many delegations are in force by a document; `seen`: from or to these units."""
    return await reader.fetchval(RESTING_COUNT, moment.valid_at, moment.known_at, instrument, seen)


async def resting_lists(reader: Reader, moment: AsOf, instrument: str) -> list[str]:
    """The codes of the lists in force by a document."""
    return [row["code"] for row in await reader.fetch(RESTING_LISTS, moment.valid_at, moment.known_at, instrument)]


async def resting_vestings(reader: Reader, moment: AsOf, instrument: str, seen: Sequence[str] | None = None) -> int:
    """How many powers are vested in units that exist by a document, each unit's counted apart; `seen`: in these."""
    return await reader.fetchval(RESTING_VESTINGS, moment.valid_at, moment.known_at, instrument, seen)
