"""Waiting for what another process or session does."""

from __future__ import annotations

import psycopg

from tools.waiting import PATIENCE, wait_for

__all__ = ["PATIENCE", "blocked", "wait_for", "writing"]

BLOCKED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def blocked(connection: psycopg.Connection) -> int:
    """How many sessions of this database wait for a lock that another holds."""
    row = connection.execute(BLOCKED).fetchone()
    assert row is not None
    return int(row[0])


def writing(connection: psycopg.Connection, statement: str) -> bool:
    """Whether another session of this database is in a transaction that did such a statement last."""
    results = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND xact_start IS NOT NULL AND query LIKE %s",
        (statement,),
    ).fetchone()
    return results is not None and results[0] > 0
