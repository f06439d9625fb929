"""The log as it is read: decisions by position, about a unit or a matter, of a type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from registry.log.events import current_line
from registry.queries.moment import Reader


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as recorded: its place in the log, when and by whom it was recorded, and the journal object."""

    position: int
    type: str
    recorded_at: datetime
    recorded_by: str | None
    data: dict[str, Any]


def decision_of(row: Any) -> Decision:
    """A row of COLUMNS."""
    line = current_line(row["type"], row["version"], row["data"])
    return Decision(row["position"], row["type"], row["recorded_at"], row["recorded_by"], orjson.loads(line))


COLUMNS: Final = "d.position, d.type, d.version, d.recorded_at, d.recorded_by, d.data"
ONE: Final = f"SELECT {COLUMNS} FROM log.decision d WHERE d.position = $1"


async def decision(reader: Reader, position: int) -> Decision | None:
    """The decision at a position; None where there is none."""
    row = await reader.fetchrow(ONE, position)
    return None if row is None else decision_of(row)


EVERY: Final = f"""
SELECT {COLUMNS} FROM log.decision d
WHERE d.position > $1 AND ($2::text IS NULL OR d.type = $2)
ORDER BY d.position LIMIT $3
"""
# A unit or matter is found by its tags: what is about it, and (@) what names it.
TAGGED: Final = f"""
SELECT {COLUMNS}
FROM (
    SELECT DISTINCT t.position FROM log.tag t
    WHERE t.tag = ANY($4::text[]) AND t.position > $1
        AND ($5::text[] IS NULL OR EXISTS (SELECT FROM log.tag o WHERE o.tag = ANY($5) AND o.position = t.position))
) t JOIN log.decision d USING (position)
WHERE $2::text IS NULL OR d.type = $2
ORDER BY d.position LIMIT $3
"""


def tags(thing: str, code: str) -> list[str]:
    """The tags of decisions about a unit or matter, and of those that name it."""
    return [f"{thing}:{code}", f"@{thing}:{code}"]


async def decisions(
    reader: Reader, after: int, limit: int, unit: str | None = None, matter: str | None = None, kind: str | None = None
) -> list[Decision]:
    """At most `limit` decisions after a position, in order: those that name the unit, the matter, of the type."""
    wanted = [tags(thing, code) for thing, code in (("unit", unit), ("matter", matter)) if code is not None]
    if not wanted:
        rows = await reader.fetch(EVERY, after, kind, limit)
    else:
        rows = await reader.fetch(TAGGED, after, kind, limit, wanted[0], wanted[1] if len(wanted) > 1 else None)
    return [decision_of(row) for row in rows]


HISTORY: Final = f"""
SELECT u.code, {COLUMNS}
FROM (SELECT DISTINCT code FROM unnest($1::text[]) u (code)) u,
LATERAL (
    SELECT DISTINCT t.position FROM log.tag t
    WHERE t.tag IN ('unit:' || u.code, '@unit:' || u.code) AND t.position > $2 AND t.position <= $3
    ORDER BY t.position LIMIT $4
) t JOIN log.decision d USING (position)
ORDER BY u.code, d.position
"""
HISTORY_LENGTH: Final = """
SELECT u.code, (
    SELECT count(DISTINCT t.position) FROM log.tag t
    WHERE t.tag IN ('unit:' || u.code, '@unit:' || u.code) AND t.position <= $2
) AS length
FROM (SELECT DISTINCT code FROM unnest($1::text[]) u (code)) u
"""


async def history(
    reader: Reader, known: int, units: Sequence[str], after: int, limit: int
) -> dict[str, list[Decision]]:
    """For each unit, at most `limit` decisions that name it after a position, up to the one known, in order."""
    found: dict[str, list[Decision]] = {}
    for row in await reader.fetch(HISTORY, list(units), after, known, limit):
        found.setdefault(row["code"], []).append(decision_of(row))
    return found


async def history_length(reader: Reader, known: int, units: Sequence[str]) -> dict[str, int]:
    """For each unit, how many decisions name it, up to the position known."""
    return {row["code"]: row["length"] for row in await reader.fetch(HISTORY_LENGTH, list(units), known)}
