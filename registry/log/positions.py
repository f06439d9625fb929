"""How far the log has come: its positions and when they were recorded. Knows nothing of what decisions are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import psycopg

NEWEST: Final = 2**63 - 1  # later than every position
HEAD: Final = "SELECT position, recorded_at, clock_timestamp() FROM log.decision ORDER BY position DESC LIMIT 1"


def head(connection: psycopg.Connection[Any]) -> tuple[int, datetime]:
    """The last position (0: none) and when it was recorded."""
    return head_and_clock(connection)[:2]


def head_and_clock(connection: psycopg.Connection[Any]) -> tuple[int, datetime, datetime | None]:
    """The last position (0: none), when it was recorded, and the database's time now (None: nothing is recorded)."""
    row = connection.execute(HEAD).fetchone()
    return (0, datetime.min.replace(tzinfo=UTC), None) if row is None else (row[0], row[1], row[2])


def position_at(connection: psycopg.Connection[Any], time: datetime) -> int:
    """The newest position that the log had at that time; 0 before the first."""
    row = connection.execute("SELECT max(position) FROM log.decision WHERE recorded_at <= %s", (time,)).fetchone()
    return row[0] if row is not None and row[0] is not None else 0
