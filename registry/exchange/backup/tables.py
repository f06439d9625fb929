"""What of a database a backup keeps beside the log, and by what two databases are compared."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from registry.database.row_objects import in_order
from registry.database.schema import LIVE
from registry.exchange.journal import export_pieces
from registry.projections.tables import TABLES

# Made anew: the log's indexes from the decisions, migrations by migrating, shared secrets when they are needed. Log-ins
# end with the registry that they were made at: one put back would be open again though its owner had ended it. What
# goes on in the background ends with its process; a backup says nothing of other backups.
NOT_KEPT: Final = (
    "log.decision", "log.tag", "log.ancestor", "quanze.migration", "quanze.secret",
    "access.session", "access.pending_login", "access.attempt", "background.work", "background.file", "quanze.backup",
)  # fmt: skip
_OURS: Final = """
    n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', %(live)s)
    AND n.nspname !~ '^(pg_temp_|pg_toast_temp_|replay_|replaced_)'
    AND n.nspname || '.' || c.relname <> ALL (%(not_kept)s::text[])
"""


class Table(NamedTuple):
    """A table that is kept: its columns, and the tables that must be filled before it."""

    schema: str
    name: str
    columns: list[str]
    after: list[str]

    @property
    def whole(self) -> sql.Identifier:
        """Its name in SQL."""
        return sql.Identifier(self.schema, self.name)


def kept_tables(connection: psycopg.Connection) -> list[Table]:
    """Every table of the database that a backup keeps, those that others refer to first."""
    cursor = connection.cursor(row_factory=in_order(Table))
    waiting = cursor.execute(
        f"""
        SELECT n.nspname AS schema, c.relname AS name,
            (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
            (SELECT coalesce(array_agg(f.confrelid::regclass::text), '{{}}') FROM pg_constraint f
                WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confrelid <> c.oid) AS after
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {_OURS} ORDER BY 1, 2
        """.encode(),
        {"live": LIVE, "not_kept": list(NOT_KEPT)},
    ).fetchall()
    ordered: list[Table] = []
    done: set[str] = set(NOT_KEPT)
    while waiting:
        ready = [table for table in waiting if done.issuperset(table.after)]
        ready = ready or waiting[:1]  # a ring: the database says so when it is restored
        ordered += ready
        done.update(f"{table.schema}.{table.name}" for table in ready)
        waiting = [table for table in waiting if table not in ready]
    return ordered


def sequences(connection: psycopg.Connection) -> dict[str, int]:
    """The last value of each sequence of the tables that are kept, by name; without those not used yet."""
    rows = connection.execute(
        """
        SELECT format('%%I.%%I', schemaname, sequencename), last_value FROM pg_sequences
        WHERE schemaname NOT IN ('pg_catalog', %s) AND last_value IS NOT NULL ORDER BY 1
        """,
        (LIVE,),
    ).fetchall()
    return dict(rows)


def read_tables(connection: psycopg.Connection) -> dict[str, str]:
    """Of each read table how many rows it has, and the sum of their hashes: equal where the same rows are in it."""
    digests: dict[str, str] = {}
    for table in TABLES:
        columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
        query = sql.SQL(
            "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(row({}, known_from, known_to)::text, 0)), 0)"
            " FROM {}"
        ).format(columns, sql.Identifier(LIVE, table.name))
        row = connection.execute(query).fetchone()
        digests[table.name] = row[0] if row else ""
    return digests


def journal_digest(connection: psycopg.Connection, until: int) -> str:
    """The SHA-256 of the journal that `registry export` would write, up to a position."""
    return digest(export_pieces(connection, until=until))


def digest(pieces: Iterable[bytes]) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    hashed = sha256()
    for piece in pieces:
        hashed.update(piece)
    return hashed.hexdigest()


def server_version(connection: psycopg.Connection[Any]) -> str:
    """The database server, as a backup names it."""
    version = connection.info.server_version
    return f"PostgreSQL {version // 10000}.{version % 10000}"
