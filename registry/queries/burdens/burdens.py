"""Burdens put on a unit: forms, inspections, meetings, documents, mechanisms and workgroups in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_object
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at


@dataclass(frozen=True, slots=True)
class Delegation:
    """One duty delegated, power granted or burden imposed; sender and recipient are read as successors."""

    recipient: str
    ref: str
    kind: str
    matter: str
    sender: str
    role: str | None
    mode: str | None
    instrument: str
    at: date
    until: date | None
    due_on: date | None
    brings: list[str]
    under: str | None
    proposal: str | None
    position: int


# The columns of Delegation but its recipient, of a row of `delegation`; `sender` is where its sender is read from.
DELEGATION: Final = """{row}.ref, {row}.kind, {row}.matter, {sender} AS sender, {row}.role, {row}.mode,
    {row}.instrument, {row}.began AS at, least({row}.until, {row}.ended) AS until, {row}.due_on, {row}.brings,
    {row}.under, {row}.proposal, {row}.position"""

BURDENS: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
selected AS (
    SELECT n.unit, d.*
    FROM named n,
    LATERAL (
        SELECT * FROM delegation d
        WHERE d.recipient = n.code AND d.kind IN ('form', 'inspection', 'meeting', 'document', 'mechanism',
                'workgroup')
            AND ($4::text IS NULL OR d.kind = $4) AND {at("d")} OFFSET 0
    ) d
),
{successors.nodes("resolved", "SELECT DISTINCT f.sender FROM selected f")}
SELECT f.unit AS recipient, {DELEGATION.format(row="f", sender="s.code")}
FROM selected f JOIN resolved s ON s.named = f.sender
ORDER BY f.unit, f.began, f.position
"""


async def burdens(
    reader: Reader, moment: AsOf, units: Sequence[str], kind: str | None = None
) -> dict[str, list[Delegation]]:
    """The burdens in force on each unit, in order of their day, then position."""
    results: dict[str, list[Delegation]] = {}
    for row in await reader.fetch(BURDENS, moment.valid_at, moment.known_at, list(units), kind):
        results.setdefault(row["recipient"], []).append(as_object(Delegation, row))
    return results
