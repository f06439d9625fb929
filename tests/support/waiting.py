"""Waiting for what another process or session does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Until it holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def writing(connection: psycopg.Connection, statement: str) -> bool:
    """Whether another session of this database is in a transaction that did such a statement last."""
    results = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND xact_start IS NOT NULL AND query LIKE %s",
        (statement,),
    ).fetchone()
    return results is not None and results[0] > 0
