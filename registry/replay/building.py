"""Read tables under way in a schema of their own, filled from the log position by position.

Everything happens in the caller's transaction: what a killed replay had built is gone with it. Rows are closed by
their identity, for which one index is enough; the others are made when all rows are in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, LiteralString, cast

import psycopg
from eventsourcing.dcb.api import DCBReadResponse, DCBSequencedEvent
from psycopg import sql

from registry.database.schema import create_read_tables
from registry.fast.collector import uncollected
from registry.log import recorder
from registry.log.events import own_keys, recorded_decision
from registry.log.recorder import NEWEST, LogRecorder
from registry.projections.aggregate_store import AggregateStore
from registry.projections.tables import TABLES
from registry.projections.writing import Changes

BATCH: Final = 5000
CAPACITY: Final = 60_000  # aggregates kept in memory, twice over at most


class Building:
    """Read tables being built; `done` is the last position they hold.

    Their schema comes first on the search path until the transaction ends, or `leave` is called.
    """

    def __init__(self, connection: psycopg.Connection, schema: str, *, logged: bool) -> None:
        self.connection = connection
        self.schema = schema
        self.done = 0
        self._log = LogRecorder(connection)
        self._aggregates = AggregateStore(self._read_streams, capacity=CAPACITY, from_the_start=True)
        self._changes = Changes()
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
        indexes = self.connection.execute(
            "SELECT t.relname, a.attname, i.relname, pg_get_indexdef(i.oid)"
            " FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid"
            " JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]"
            " WHERE t.relnamespace = %s::regnamespace AND NOT x.indisunique ORDER BY i.relname",
            (sql.Identifier(self.schema).as_string(),),
        ).fetchall()
        later: list[LiteralString] = []
        for table, column, index, definition in indexes:
            if (table, column) not in leading:
                self.connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(self.schema, index)))
                later.append(cast(LiteralString, definition))  # PostgreSQL's own words for the program's own files
        return later

    def go_on(self, until: int = NEWEST, progress: Callable[[int], None] | None = None) -> None:
        """Take in what the log has after `done`, up to `until`; `progress` is called with `done` after each batch."""
        with uncollected():
            while self.done < until:
                page = list(self._log.read(after=self.done, before=min(until, NEWEST - 1) + 1, limit=BATCH))
                if not page:
                    break
                self._project(page)
                if progress is not None:
                    progress(self.done)

    def _project(self, page: Sequence[DCBSequencedEvent]) -> None:
        """Apply decisions that follow one another, and write what they change."""
        aggregates, changes = self._aggregates, self._changes
        decided = [
            (sequenced.position, recorded_decision(sequenced.event), own_keys(sequenced.event.tags))
            for sequenced in page
        ]
        aggregates.load({key for _, _, keys in decided for key in keys})
        for position, decision, keys in decided:
            before = aggregates.rows(keys)
            for key in keys:
                aggregates.cache.replay_event(key, position, decision)
            changes.note(before, aggregates.rows(keys), position)
        changes.write(self.connection)
        aggregates.cache.evict()
        self.done = page[-1].position

    def _read_streams(self, keys: Sequence[str]) -> DCBReadResponse:
        """The streams up to the batch under way."""
        return self._log.read(recorder.streams(keys), before=self.done + 1)

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
