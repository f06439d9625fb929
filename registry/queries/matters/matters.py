"""Matters: what lists and delegations are about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.database.row_objects import NamedRow, as_part
from registry.queries.units.resolve import containing
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter as of a day. `in_law`: begun and not retired; only then does anybody hold it by law."""

    code: str
    kind: str
    name: str
    category: str | None
    aliases: list[str]
    basis: list[str]
    lawful_holders: list[dict[str, str]]
    requires: list[str]
    needs: list[str]
    power_kind: str | None
    issuer: str | None
    alternative: str | None
    materials: list[str]
    procedure: str | None
    online: str | None
    asks: list[str]
    includes: list[str]
    window: str | None
    in_law: bool
    retired: bool
    position: int


COLUMNS: Final = """m.code, m.kind, m.name, m.category, m.aliases, m.basis, m.lawful_holders::text, m.requires,
    m.needs, m.power_kind, m.issuer, m.alternative, m.materials, m.procedure, m.online, m.asks, m.includes,
    m.window_level AS window, m.in_law, m.retired, m.position"""

BY_CODE: Final = f"""
SELECT {COLUMNS}
FROM unnest($3::text[]) a (code),
LATERAL (SELECT * FROM matter m WHERE m.code = a.code AND {at("m")} OFFSET 0) m
"""


def matter(row: NamedRow) -> Matter:
    """A matter from a row that has its COLUMNS."""
    return as_part(Matter, {**row, "lawful_holders": json.loads(row["lawful_holders"])})


async def matters(reader: Reader, moment: AsOf, codes: Sequence[str]) -> dict[str, Matter]:
    """Matters by code."""
    rows = await reader.fetch(BY_CODE, moment.valid_at, moment.known_at, list(set(codes)))
    return {row["code"]: matter(row) for row in rows}


MATCHED: Final = f"""
FROM matter m
WHERE {at("m")} AND ($3::text IS NULL OR m.kind = $3)
    AND ($4::text IS NULL OR m.name ILIKE $4 OR m.code = $5 OR m.code = ANY($6)
        OR EXISTS (SELECT FROM unnest(m.aliases) a WHERE a ILIKE $4))"""
SEARCH: Final = f"SELECT {COLUMNS} {MATCHED} AND m.code > coalesce($7, '') ORDER BY m.code LIMIT $8"
COUNT: Final = f"SELECT count(*) {MATCHED}"


async def search(
    reader: Reader,
    moment: AsOf,
    kind: str | None,
    text: str | None,
    heard: Sequence[str],
    after: str | None,
    limit: int,
) -> list[Matter]:
    """Matters of a kind, by code: a name or an alias contains a text, or the code is it or is in `heard`."""
    arguments = (moment.valid_at, moment.known_at, kind, containing(text), text, list(heard), after, limit)
    return [matter(row) for row in await reader.fetch(SEARCH, *arguments)]


async def count(reader: Reader, moment: AsOf, kind: str | None, text: str | None, heard: Sequence[str]) -> int:
    """How many matters `search` finds in all."""
    arguments = (moment.valid_at, moment.known_at, kind, containing(text), text, list(heard))
    return await reader.fetchval(COUNT, *arguments)


EXISTS: Final = f"SELECT EXISTS (SELECT FROM matter m WHERE m.code = $3 AND $1::date IS NOT NULL AND {known('m')})"


async def exists(reader: Reader, moment: AsOf, code: str) -> bool:
    """Whether the log, as known, has a matter of this code."""
    return await reader.fetchval(EXISTS, moment.valid_at, moment.known_at, code)
