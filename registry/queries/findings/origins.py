"""From whom what a finding is about came, and by which document: of findings by their subjects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from registry.relations import successors
from registry.relations.two_times import AsOf, Reader, known


@dataclass(frozen=True, slots=True)
class Origin:
    """Who handed the subject down, read as its successor on the day, and the document that it rests on.

    Of a delegation or grant its sender and document; of a demand its sender; of a list's item its `from` and the list's
    document; of an order to put a finding right those of the finding's subject. None where there is none.
    """

    sender: str | None
    instrument: str | None


NONE: Final = Origin(None, None)

# A subject is a ref or LIST#ITEM (no id contains `#`). A finding may be about what has ended: rows of any day count.
ORIGINS: Final = f"""
WITH RECURSIVE requested AS (
    SELECT a.named, coalesce(o.subject, a.named) AS subject
    FROM (SELECT DISTINCT subject COLLATE "C" AS named FROM unnest($3::text[]) a (subject)) a
    LEFT JOIN LATERAL (
        SELECT o.subject FROM rectification o WHERE o.ref = a.named AND {known("o")} LIMIT 1
    ) o ON true
),
selected AS (
    SELECT r.named, d.sender, d.instrument
    FROM requested r,
    LATERAL (
        SELECT d.sender, d.instrument FROM delegation d WHERE d.ref = r.subject AND {known("d")}
        ORDER BY d.valid_from DESC LIMIT 1
    ) d
    UNION ALL
    SELECT r.named, d.sender, NULL
    FROM requested r, LATERAL (SELECT d.sender FROM demand d WHERE d.ref = r.subject AND {known("d")} LIMIT 1) d
    UNION ALL
    SELECT r.named, i.grantor, l.instrument
    FROM requested r,
    LATERAL (
        SELECT i.list, i.grantor FROM item i
        WHERE i.list = split_part(r.subject, '#', 1) AND i.item = split_part(r.subject, '#', 2)
            AND strpos(r.subject, '#') > 0 AND {known("i")}
        ORDER BY i.valid_from DESC LIMIT 1
    ) i,
    LATERAL (
        SELECT l.instrument FROM list l WHERE l.code = i.list AND {known("l")} ORDER BY l.valid_from DESC LIMIT 1
    ) l
),
{successors.nodes("resolved", "SELECT DISTINCT f.sender FROM selected f WHERE f.sender IS NOT NULL")}
SELECT f.named AS subject, s.code AS sender, f.instrument FROM selected f LEFT JOIN resolved s ON s.named = f.sender
"""
# The matter that a subject is about, as it is called on the day (else as it was called last), or an item's own name.
_ABOUT: Final = f"""
SELECT coalesce(m.name, about.name) AS name
FROM (
    SELECT d.matter, NULL AS name FROM delegation d WHERE d.ref = $3::text COLLATE "C" AND {known("d")}
    UNION ALL
    SELECT d.matter, NULL FROM demand d WHERE d.ref = $3::text COLLATE "C" AND {known("d")}
    UNION ALL
    SELECT i.matter, i.name FROM item i
    WHERE i.list = split_part($3::text, '#', 1) COLLATE "C" AND i.item = split_part($3::text, '#', 2) COLLATE "C"
        AND strpos($3::text, '#') > 0 AND {known("i")}
    UNION ALL
    SELECT split_part($3::text, '#', 2), NULL WHERE split_part($3::text, '#', 1) = 'LAW'
) about
LEFT JOIN LATERAL (
    SELECT m.name FROM matter m WHERE m.code = about.matter COLLATE "C" AND {known("m")}
    ORDER BY m.valid_from <= $1::date DESC, m.valid_from DESC LIMIT 1
) m ON true
LIMIT 1
"""
READ_AS: Final = f"""
WITH RECURSIVE {successors.nodes("resolved", 'SELECT $3::text COLLATE "C"')} SELECT s.code FROM resolved s
"""


async def origins(reader: Reader, moment: AsOf, subjects: Iterable[str]) -> dict[str, Origin]:
    """The origin of each subject; what is held by law has none and is not in the answer."""
    rows = await reader.fetch(ORIGINS, moment.valid_at, moment.known_at, list(subjects))
    return {row["subject"]: Origin(row["sender"], row["instrument"]) for row in rows}


async def read_as(reader: Reader, moment: AsOf, unit: str) -> str:
    """The unit that a code is read as on the day: its successor where it was dissolved into another, else itself."""
    return await reader.fetchval(READ_AS, moment.valid_at, moment.known_at, unit)


async def about(reader: Reader, moment: AsOf, subject: str) -> str | None:
    """What the subject of a finding is about, in words: its matter's name, else its item's; None if unknown."""
    return await reader.fetchval(_ABOUT, moment.valid_at, moment.known_at, subject)
