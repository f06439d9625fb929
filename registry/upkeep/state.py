"""How large a registry is, who records in it, what of it is kept safe: numbers and times, nothing of the content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from registry.domain.text import Text
from registry.log import notes

LATEST: Final = 100_000  # decisions that are counted by who recorded them


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table: its rows as last counted by the database (-1: never), its bytes with and without its indexes."""

    name: str
    rows: int
    bytes: int
    table_bytes: int


@dataclass(frozen=True, slots=True)
class Recording:
    """How many of the latest decisions an account recorded (None: the command line, or nobody logged in), and when."""

    account: str | None
    decisions: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was issued: decisions it covers, when, by which keys it is signed, which witnesses cosigned."""

    size: int
    issued_at: datetime
    signers: list[str]
    witnesses: list[str]


@dataclass(frozen=True, slots=True)
class Archiving:
    """What PostgreSQL knows of its own archiving (point-in-time recovery); `mode` off: it archives nothing."""

    mode: str
    archived: int
    last_at: datetime | None
    failed: int
    failed_at: datetime | None


_SIZES: Final = """
SELECT n.nspname || '.' || c.relname AS name, c.reltuples::bigint AS rows, pg_total_relation_size(c.oid) AS bytes,
    pg_table_size(c.oid) AS table_bytes
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 3 DESC, 1
"""
_RECORDINGS: Final = """
SELECT d.recorded_by AS account, count(*) AS decisions, max(d.recorded_at) AS last_at
FROM log.decision d
WHERE d.position > (SELECT coalesce(max(position), 0) FROM log.decision) - %s
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1000
"""
_CHECKPOINTS: Final = """
SELECT c.size, c.issued_at, c.note,
    ARRAY(SELECT s.witness FROM log.cosignature s WHERE s.size = c.size ORDER BY s.witness)
FROM log.checkpoint c ORDER BY c.size DESC, c.issued_at DESC LIMIT %s
"""
_ARCHIVING: Final = """
SELECT current_setting('archive_mode') AS mode, archived_count AS archived, last_archived_time AS last_at,
    failed_count AS failed, last_failed_time AS failed_at
FROM pg_stat_archiver
"""


def sizes(connection: psycopg.Connection[Any]) -> list[TableSize]:
    """All tables of the database, the largest first."""
    with connection.cursor(row_factory=class_row(TableSize)) as cursor:
        return cursor.execute(_SIZES).fetchall()


def database_bytes(connection: psycopg.Connection[Any]) -> int:
    """The size of the whole database, in bytes."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return row[0] if row else 0


def recordings(connection: psycopg.Connection[Any]) -> list[Recording]:
    """Who recorded the latest decisions (LATEST of them), the busiest first."""
    with connection.cursor(row_factory=class_row(Recording)) as cursor:
        return cursor.execute(_RECORDINGS, (LATEST,)).fetchall()


# The page of proofs shows one all the same.
NEVER_KEPT: Final = Text(
    "没有留存过检查点（“日志的证明”一页上的是打开时现签的，不在这里留存）。",
    "No checkpoint was ever kept (that on the page of proofs is signed when it is opened, and not kept here).",
)


def checkpoints(connection: psycopg.Connection[Any], most: int) -> list[Checkpoint]:
    """The checkpoints that were issued, the largest first; at most so many."""
    return [
        Checkpoint(size, issued_at, [one.partition("+")[0] for one in notes.signers(note)], [_name(one) for one in by])
        for size, issued_at, note, by in connection.execute(_CHECKPOINTS, (most,)).fetchall()
    ]


def archiving(connection: psycopg.Connection[Any]) -> Archiving:
    """What PostgreSQL says of its archiving."""
    with connection.cursor(row_factory=class_row(Archiving)) as cursor:
        row = cursor.execute(_ARCHIVING).fetchone()
    return row or Archiving("off", 0, None, 0, None)


def _name(witness: str) -> str:
    return witness.partition("+")[0]
