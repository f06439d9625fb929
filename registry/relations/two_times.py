"""When a question is asked of: a day (as_of), as far as the log knew (known)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

# asyncpg writes Python's last day as infinity, before which no row ends.
LAST: Final = date.max - timedelta(days=1)
NEWEST: Final = 2**63 - 2  # rows still known have known_to = 2**63 - 1


class Reader(Protocol):
    """What a question needs of an asyncpg connection or pool."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class AsOf:
    """A day in Asia/Shanghai, and the last position that counts."""

    valid_at: date
    known_at: int


def at(row: str) -> str:
    """SQL: the row holds on day $1 as known at position $2. Every question has these two first."""
    return f"{row}.valid_from <= $1 AND {row}.valid_to > $1 AND {known(row)}"


def known(row: str) -> str:
    """SQL: the row is what the log knew at position $2, whatever its days."""
    return f"{row}.known_from <= $2 AND {row}.known_to > $2"


async def newest(reader: Reader) -> int:
    """The newest position of the log; 0 when nothing is recorded."""
    return await reader.fetchval("SELECT coalesce(max(position), 0) FROM log.decision")


async def position_at(reader: Reader, time: datetime) -> int:
    """The newest position recorded at or before a time (with its zone); 0 when there is none."""
    found = await reader.fetchval(
        "SELECT position FROM log.decision WHERE recorded_at <= $1 ORDER BY recorded_at DESC, position DESC LIMIT 1",
        time,
    )
    return found or 0
