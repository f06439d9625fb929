"""How far the feed of findings goes, for who has just recorded something."""

from __future__ import annotations

from typing import Any

import psycopg


def judged_up_to(connection: psycopg.Connection[Any]) -> int:
    """The last position whose decision the feed of findings has judged; 0 before it begins."""
    row = connection.execute("SELECT position FROM judged.progress").fetchone()
    return 0 if row is None else int(row[0])
