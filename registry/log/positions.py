"""How far the log has come: its positions and when they were recorded. Knows nothing of what decisions are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import psycopg

NEWEST: Final = 2**63 - 1  # later than every position
NEVER: Final = datetime.min.replace(tzinfo=UTC)  # before the first was recorded
HEAD: Final = """
    SELECT d.position, d.recorded_at, clock_timestamp() FROM (SELECT) one
    LEFT JOIN (SELECT position, recorded_at FROM log.decision ORDER BY position DESC LIMIT 1) d ON true
"""


def head(connection: psycopg.Connection[Any]) -> tuple[int, datetime]:
    """The last position (0: none) and when it was recorded."""
    position, recorded_at, _ = head_and_clock(connection)
    return position, recorded_at or NEVER


def head_and_clock(connection: psycopg.Connection[Any]) -> tuple[int, datetime | None, datetime]:
    """The last position (0: none), when it was recorded (None: nothing is), and the database's time now."""
    row = connection.execute(HEAD).fetchone()
    assert row is not None  # a row even where the log is empty
    position, recorded_at, clock = row
    return position or 0, recorded_at, clock


def position_at(connection: psycopg.Connection[Any], time: datetime) -> int:
    """The newest position that the log had at that time; 0 before the first."""
    row = connection.execute("SELECT max(position) FROM log.decision WHERE recorded_at <= %s", (time,)).fetchone()
    return row[0] if row is not None and row[0] is not None else 0


def leaf_at(connection: psycopg.Connection[Any], position: int) -> str:
    """The hash of the decision at a position, in hex; empty where there is none."""
    row = connection.execute("SELECT leaf FROM log.decision WHERE position = %s", (position,)).fetchone()
    return "" if row is None else bytes(row[0]).hex()
