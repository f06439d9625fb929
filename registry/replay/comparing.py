"""Builds the read tables anew from the log and compares them with the live ones.

All in one repeatable-read transaction that is rolled back: log and read tables are those of one moment though others go
on recording, and nothing is left behind, even by a kill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from registry.database.schema import LIVE
from registry.log import recorder
from registry.projections.tables import STILL_KNOWN, TABLES, Table
from registry.replay.building import Building
from registry.replay.replay_lock import replay_lock

SHOWN: Final = 10  # rows of each kind of difference that are shown, of all that are counted
MEMORY: Final = "256MB"  # for comparing by hash rather than by sorting

Progress = Callable[[int, int], None]  # called with the decisions done and in all


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that the log gives and the table lacks (`missing`), or the other way round (`surplus`)."""

    table: str
    kind: str
    count: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of a replay."""

    decisions: int
    differences: list[Difference]


class _Undone(Exception):
    """Ends the transaction without a trace."""


def replay(connection: psycopg.Connection, progress: Progress | None = None, *, workers: int | None = 1) -> Replayed:
    """Rebuild every read table from the log beside the live ones and compare them row for row; changes nothing.

    `workers`: processes that read the log (None: one for each core). Raises Underway while the live tables are being
    replaced by a replay.
    """
    replayed: Replayed | None = None
    with replay_lock(connection, exclusive=False):
        try:
            with connection.transaction():
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                total, _ = recorder.head(connection)
                building = Building(connection, schema_of(connection), logged=False, workers=workers)
                building.go_on(total, None if progress is None else lambda done: progress(done, total))
                building.leave()
                replayed = Replayed(building.done, compare(connection, building.schema))
                raise _Undone
        except _Undone:
            pass
    assert replayed is not None
    return replayed


def schema_of(connection: psycopg.Connection) -> str:
    """The schema in which this session builds: others may be building too."""
    return f"replay_{connection.info.backend_pid}"


def compare(connection: psycopg.Connection, schema: str, known: int = STILL_KNOWN - 1) -> list[Difference]:
    """How the tables built in the schema differ from the live ones, of which only what was known at `known` counts."""
    connection.execute(sql.SQL("SET LOCAL work_mem = {}").format(MEMORY))
    return [difference for table in TABLES for difference in _compare(connection, schema, table, known)]


def _compare(connection: psycopg.Connection, schema: str, table: Table, known: int) -> list[Difference]:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    names = {"built": sql.Identifier(schema, table.name), "live": sql.Identifier(LIVE, table.name), "columns": columns}
    rows = {
        "built": sql.SQL("SELECT {columns}, known_from, known_to FROM {built}").format(**names),
        "live": sql.SQL(
            "SELECT {columns}, known_from, CASE WHEN known_to > {known} THEN {still} ELSE known_to END AS known_to"
            " FROM {live} WHERE known_from <= {known}"
        ).format(**names, known=known, still=STILL_KNOWN),
    }
    missing = _lacking(connection, rows["built"], rows["live"])
    # As many rows on both sides and none missing: none is surplus.
    if missing is None and _count(connection, rows["built"]) == _count(connection, rows["live"]):
        return []
    surplus = _lacking(connection, rows["live"], rows["built"])
    lacking_rows = {"missing": missing, "surplus": surplus}
    return [Difference(table.name, kind, *lacking) for kind, lacking in lacking_rows.items() if lacking is not None]


def _lacking(
    connection: psycopg.Connection, these: sql.Composed, those: sql.Composed
) -> tuple[int, list[dict[str, Any]]] | None:
    """How many of these rows are not among those, and some of them; None if all are."""
    rows = connection.execute(
        sql.SQL("WITH d AS ({} EXCEPT ALL {}) SELECT (SELECT count(*) FROM d), to_jsonb(d) FROM d LIMIT {}").format(
            these, those, SHOWN
        )
    ).fetchall()
    return (rows[0][0], [row[1] for row in rows]) if rows else None


def _count(connection: psycopg.Connection, rows: sql.Composed) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM ({}) r").format(rows)).fetchone()
    assert row is not None
    return int(row[0])
