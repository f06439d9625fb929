"""Proposals to delegate: what was asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_object, as_objects
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as of a day; sender, recipient and who answered are read as successors. `delegations`: under it.

    `made_to`: the recipient as it was recorded.
    """

    proposal: str
    matter: str
    sender: str
    recipient: str
    made_to: str
    role: str | None
    mode: str | None
    instrument: str
    brings: list[str]
    due_on: date | None
    since: date
    answer: str | None
    answered_by: str | None
    answered_on: date | None
    reason: str | None
    delegations: list[str]
    position: int


_SHOWN: Final = f"""
{
    successors.nodes(
        "resolved",
        "SELECT f.sender FROM selected f UNION SELECT f.recipient FROM selected f"
        " UNION SELECT f.answered_by FROM selected f WHERE f.answered_by IS NOT NULL",
    )
}
SELECT f.proposal, f.matter, s.code AS sender, r.code AS recipient, f.recipient AS made_to, f.role, f.mode,
    f.instrument, f.brings, f.due_on,
    (SELECT min(p.valid_from) FROM proposal p
     WHERE p.proposal = f.proposal AND {known("p")}) AS since,
    f.answer, b.code AS answered_by, f.answered_on, f.reason,
    ARRAY(SELECT DISTINCT d.ref FROM delegation d
          WHERE d.matter = f.matter AND d.proposal = f.proposal AND {known("d")}
          ORDER BY d.ref) AS delegations,
    f.position
FROM selected f
JOIN resolved s ON s.named = f.sender
JOIN resolved r ON r.named = f.recipient
LEFT JOIN resolved b ON b.named = f.answered_by
"""
BY_ID: Final = f"""
WITH RECURSIVE selected AS (SELECT p.* FROM proposal p WHERE p.proposal = $3 AND {at("p")}),
{_SHOWN}
WHERE $4::text[] IS NULL OR f.recipient = ANY ($4) OR r.code = ANY ($4) OR s.code = ANY ($4)
"""
WITHIN: Final = f"""
WITH RECURSIVE {territory.below("$3")},
selected AS (
    SELECT p.*
    FROM below b,
    LATERAL (
        SELECT * FROM proposal p
        WHERE p.recipient = b.code AND ($4::boolean IS NULL OR $4 = (p.answer IS NULL)) AND {at("p")} OFFSET 0
    ) p
    WHERE NOT b.gone AND ($5::text[] IS NULL OR b.code = ANY ($5)) AND ($6::text IS NULL OR p.proposal > $6)
    ORDER BY p.proposal LIMIT $7
),
{_SHOWN}
ORDER BY f.proposal
"""
COUNT: Final = f"""
WITH RECURSIVE {territory.below("$3")}
SELECT count(*)
FROM below b,
LATERAL (
    SELECT FROM proposal p
    WHERE p.recipient = b.code AND ($4::boolean IS NULL OR $4 = (p.answer IS NULL)) AND {at("p")} OFFSET 0
) p
WHERE NOT b.gone AND ($5::text[] IS NULL OR b.code = ANY ($5))
"""


async def proposal(reader: Reader, moment: AsOf, proposal: str, seen: Sequence[str] | None = None) -> Proposal | None:
    """A proposal by its id; None where it was not made by the day, or by and for none of the units `seen`."""
    row = await reader.fetchrow(BY_ID, moment.valid_at, moment.known_at, proposal, seen)
    return None if row is None else as_object(Proposal, row)


async def within(
    reader: Reader,
    moment: AsOf,
    unit: str,
    pending: bool | None,
    after: str | None,
    limit: int,
    seen: Sequence[str] | None = None,
) -> list[Proposal]:
    """Proposals for units of a territory, by id: those still to be answered, those answered, or (None) all.

    `seen`: those for these units alone.
    """
    rows = await reader.fetch(WITHIN, moment.valid_at, moment.known_at, unit, pending, seen, after, limit)
    return as_objects(Proposal, rows)


async def count(
    reader: Reader, moment: AsOf, unit: str, pending: bool | None, seen: Sequence[str] | None = None
) -> int:
    """How many there are."""
    return await reader.fetchval(COUNT, moment.valid_at, moment.known_at, unit, pending, seen)
