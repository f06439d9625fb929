"""Instruments: the documents that give decisions their basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.relations import successors
from registry.relations.two_times import AsOf, Reader, in_days, known


@dataclass(frozen=True, slots=True)
class Instrument:
    """A document: in force from `since` up to but not including `until` (None: not repealed)."""

    number: str
    title: str
    kind: str
    issuer: str | None
    replaced_by: str | None
    since: date
    until: date | None
    in_force: bool
    position: int


# A document is shown whether or not it is in force on the day: acting on a repealed one is recorded and flagged.
BY_NUMBER: Final = f"""
WITH RECURSIVE found AS (
    SELECT i.*
    FROM (SELECT DISTINCT number COLLATE "C" AS number FROM unnest($3::text[]) a (number)) a,
    LATERAL (
        SELECT * FROM instrument i WHERE i.number = a.number AND {known("i")}
        ORDER BY i.valid_from DESC LIMIT 1
    ) i
),
{successors.nodes("stood", "SELECT DISTINCT f.issuer FROM found f WHERE f.issuer IS NOT NULL")}
SELECT f.number, f.title, f.kind, s.code AS issuer, f.replaced_by, f.valid_from AS since,
    nullif(f.valid_to, 'infinity') AS until, {in_days("f", "$1", "$1")} AS in_force, f.position
FROM found f LEFT JOIN stood s ON s.named = f.issuer
"""


async def instruments(reader: Reader, moment: AsOf, numbers: Sequence[str]) -> dict[str, Instrument]:
    """Documents by number (文号), with whether each is in force on the day."""
    rows = await reader.fetch(BY_NUMBER, moment.valid_at, moment.known_at, list(numbers))
    return {row["number"]: Instrument(*row.values()) for row in rows}
