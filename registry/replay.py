"""Builds the read tables anew from the log and compares them with those that stand.

All in one repeatable-read transaction that is rolled back: log and read tables are those of one moment though others go
on recording, and nothing is left behind, even by a kill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from registry.database.schema import create_read_tables
from registry.domain.things import Thing, Things
from registry.log import recorder
from registry.log.events import decision_of
from registry.projections.rows import TABLES, Row, rows
from registry.projections.writing import Changes

SCHEMA: Final = "replay"
BATCH: Final = 5000
KEPT: Final = 60_000
SHOWN: Final = 10  # rows of each kind of difference that are told, of all that are counted


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table that the log gives and the table lacks (`missing`), or the other way round (`surplus`)."""

    table: str
    kind: str
    count: int
    examples: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found."""

    decisions: int
    differences: list[Difference]


class _Undone(Exception):
    """Ends the transaction without a trace."""


def replay(connection: psycopg.Connection, progress: Callable[[int, int], None] | None = None) -> Replayed:
    """Rebuild every read table from the log beside the live ones and compare them row for row; changes nothing.

    `progress` is told of the decisions done and in all.
    """
    found: Replayed | None = None
    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            total, _ = recorder.head(connection)
            create_read_tables(connection, SCHEMA)
            connection.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(SCHEMA)))
            done = _rebuild(connection, lambda count: progress(count, total) if progress else None)
            found = Replayed(done, [difference for table in TABLES for difference in _compare(connection, table.name)])
            raise _Undone
    except _Undone:
        pass
    assert found is not None
    return found


def _rebuild(connection: psycopg.Connection, progress: Callable[[int], None]) -> int:
    """Write the read tables on the search path from the whole log. Gives the number of decisions."""
    things, changes, done = Things(capacity=KEPT), Changes(), 0
    before = 0

    def read(keys: list[str]) -> None:
        """Streams up to the batch under way: what comes later must not be known yet."""
        for key in keys:
            things.absent(key)
        for key, position, type_name, version, data in recorder.read_streams(connection, keys, before=before):
            things.recall(key, position, decision_of(type_name, version, bytes(data)))

    def kind_of(matter: str) -> str:
        key = "matter:" + matter
        if not things.has(key):
            read([key])
        return getattr(things.get(key), "kind", "")

    def rows_of(thing: Thing | None) -> list[Row]:
        return rows(thing, kind_of)

    with connection.cursor("replayed") as cursor:
        cursor.itersize = BATCH
        cursor.execute("SELECT position, type, version, data FROM log.decision ORDER BY position")
        while batch := cursor.fetchmany(BATCH):
            decisions = [(row[0], decision_of(row[1], row[2], bytes(row[3]))) for row in batch]
            before = decisions[0][0]
            wanted = {decision.key: None for _, decision in decisions if not things.has(decision.key)}
            if wanted:
                read(list(wanted))
            for position, decision in decisions:
                own = things.get(decision.key)
                was = [] if own is None else rows_of(own)
                things.position = position - 1
                things.apply(decision)
                changes.note(was, rows_of(things.get(decision.key)), position)
            changes.write(connection)
            things.rest()
            done += len(decisions)
            progress(done)
    return done


def _compare(connection: psycopg.Connection, table: str) -> list[Difference]:
    found: list[Difference] = []
    for kind, left, right in (("missing", SCHEMA, "live"), ("surplus", "live", SCHEMA)):
        rows_left = connection.execute(
            sql.SQL(
                "WITH d AS (SELECT * FROM {}.{} EXCEPT ALL SELECT * FROM {}.{})"
                " SELECT (SELECT count(*) FROM d), to_jsonb(d) FROM d LIMIT {}"
            ).format(*map(sql.Identifier, (left, table, right, table)), SHOWN)
        ).fetchall()
        if rows_left:
            found.append(Difference(table, kind, rows_left[0][0], [row[1] for row in rows_left]))
    return found
