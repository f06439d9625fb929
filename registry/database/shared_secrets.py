"""Secrets that all processes and hosts on one database share, made when first asked for."""

from __future__ import annotations

import secrets
from typing import Final

import psycopg

SIZE: Final = 32  # bytes


def shared_secret(connection: psycopg.Connection, name: str) -> bytes:
    """The random secret of this name, the same for whoever asks on this database: whoever comes first makes it."""
    query = "SELECT value FROM quanze.secret WHERE name = %s"
    row = connection.execute(query, (name,)).fetchone()
    if row is None:
        made = "INSERT INTO quanze.secret (name, value) VALUES (%s, %s) ON CONFLICT DO NOTHING"
        connection.execute(made, (name, secrets.token_bytes(SIZE)))
        row = connection.execute(query, (name,)).fetchone()
    assert row is not None, "made just now, by this process or another"
    return bytes(row[0])
