"""Read tables under way in a schema of their own, filled from the log position by position.

Everything happens in the caller's transaction: what a killed replay had built is gone with it. What is told apart by
its identity needs one index to be closed by; the other indexes are made when the rows are in.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from registry.database.schema import create_read_tables
from registry.domain.aggregates import Aggregate, AggregateCache
from registry.domain.decision import Step
from registry.log import recorder
from registry.log.events import decision_of, own_keys
from registry.projections.rows import TABLES, Row, rows
from registry.projections.writing import Changes

BATCH: Final = 5000
KEPT: Final = 60_000  # aggregates kept in memory, twice over at most
NEWEST: Final = 2**63 - 1

# Tags as one text, which is faster read than an array; no id has a control character.
PAGE: Final = """
SELECT position, type, version, data, array_to_string(tags, chr(31)) FROM log.decision
WHERE position > %s AND position <= %s ORDER BY position LIMIT %s
"""


class Building:
    """Read tables being built; `done` is the last position they hold.

    Their schema comes first on the search path until the transaction ends, or `leave` is called.
    """

    def __init__(self, connection: psycopg.Connection, schema: str, *, logged: bool) -> None:
        self.connection = connection
        self.schema = schema
        self.done = 0
        self._things, self._changes = AggregateCache(capacity=KEPT), Changes()
        create_read_tables(connection, schema)
        self._search(schema)
        if not logged:
            for table in TABLES:
                connection.execute(sql.SQL("ALTER TABLE {} SET UNLOGGED").format(sql.Identifier(table.name)))
        self._indexes = self._without_indexes()
        # A plan made while a table was small would read all of it ever after.
        connection.execute("SET LOCAL enable_seqscan = off")

    def _search(self, *schemas: str) -> None:
        path = sql.SQL(", ").join(map(sql.Identifier, schemas))
        self.connection.execute(sql.SQL("SET LOCAL search_path = {}").format(path))

    def _without_indexes(self) -> list[LiteralString]:
        """Drop the indexes that filling does not need; gives the statements that make them."""
        leading = {(table.name, table.identity[0]) for table in TABLES}
        found = self.connection.execute(
            "SELECT t.relname, a.attname, i.relname, pg_get_indexdef(i.oid)"
            " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]"
            " WHERE t.relnamespace = %s::regnamespace AND NOT x.indisunique ORDER BY i.relname",
            (sql.Identifier(self.schema).as_string(),),
        ).fetchall()
        later: list[LiteralString] = []
        for table, column, index, definition in found:
            if (table, column) not in leading:
                self.connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(self.schema, index)))
                later.append(cast(LiteralString, definition))  # PostgreSQL's own words for the program's own files
        return later

    def go_on(self, until: int = NEWEST, progress: Callable[[int], None] | None = None) -> None:
        """Take in what the log has after `done`, up to `until`; `progress` is told of `done` after each batch."""
        with _uncollected():
            while self.done < until:
                page = self.connection.execute(PAGE, (self.done, until, BATCH), binary=True).fetchall()
                if not page:
                    break
                self._take(page)
                if progress is not None:
                    progress(self.done)

    def _take(self, page: Sequence[tuple[int, str, int, bytes, str]]) -> None:
        """Apply decisions that follow one another, and write what they change."""
        aggregates, changes = self._things, self._changes
        taken = [
            (position, decision_of(type_name, version, data), own_keys(tags.split("\x1f")))
            for position, type_name, version, data, tags in page
        ]
        later = [keys for _, decision, keys in taken if decision.STEP is not Step.INTRODUCES]
        self._read(aggregates.not_loaded({key for keys in later for key in keys}))
        for position, decision, keys in taken:
            was = [row for key in keys if aggregates.has(key) for row in self._rows(aggregates.get(key))]
            for key in keys:
                aggregates.replay_event(key, position, decision)
            changes.note(was, [row for key in keys for row in self._rows(aggregates.get(key))], position)
        changes.write(self.connection)
        aggregates.evict()
        self.done = page[-1][0]

    def _rows(self, aggregate: Aggregate | None) -> list[Row]:
        return rows(aggregate, self._kind_of)

    def _kind_of(self, matter: str) -> str:
        key = "matter:" + matter
        if not self._things.has(key):
            self._read([key])
        return getattr(self._things.get(key), "kind", "")

    def _read(self, keys: Sequence[str]) -> None:
        """Read back the streams of aggregates that were let go, up to the batch under way."""
        self._things.mark_empty(*keys)
        wanted = self._things.evicted_keys.among(keys)
        if not wanted:
            return
        before = self.done + 1
        for key, position, type_name, version, data in recorder.read_streams(self.connection, wanted, before=before):
            self._things.replay_event(key, position, decision_of(type_name, version, bytes(data)))

    def index(self) -> None:
        """Make the indexes that filling did not need, and gather what the planner goes by."""
        for definition in self._indexes:
            self.connection.execute(definition)
        self._indexes = []
        for table in TABLES:
            self.connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(self.schema, table.name)))

    def leave(self) -> None:
        """Filling is over: the search path and the planner are as they were."""
        self._search("live")
        self.connection.execute("SET LOCAL enable_seqscan = on")


@contextmanager
def _uncollected() -> Generator[None]:
    """Without looking for rings: there are none, and looking through what is kept takes as long as the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
