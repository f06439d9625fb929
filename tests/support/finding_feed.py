"""The feed of findings as it is stored."""

from __future__ import annotations

from typing import Any

import psycopg

from registry.impact.finding_feed.store import OpenFinding


def feed_rows(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """The feed: number, cause, position, day, change, finding."""
    columns = "number, cause, position, day, change, rule, unit, subject, severity, matter"
    rows = connection.execute(f"SELECT {columns} FROM judged.event ORDER BY number").fetchall()
    return [(*row[:5], OpenFinding(*row[5:])) for row in rows]
