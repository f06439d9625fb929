"""Read tables under way in a schema of their own, filled from the log position by position.

Everything happens in the caller's transaction: what a killed replay had built is gone with it. Rows are closed by
their identity, for which one index is enough; the others are made when all rows are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from registry.database.schema import create_read_tables
from registry.fast.collector import uncollected
from registry.fast.processes import in_order
from registry.log import recorder
from registry.log.positions import NEWEST
from registry.projections import writing
from registry.projections.tables import TABLES
from registry.replay.projecting import Made, Projecting
from registry.replay.whole_log import several_for

PIECE: Final = 25_000  # decisions that a process takes at a time
PER_PROCESS: Final = 50_000  # with fewer, starting it takes longer than what it would do


class Building:
    """Read tables being built; `done` is the last position they hold.

    Their schema comes first on the search path until the transaction ends, or `leave` is called.
    """

    def __init__(self, connection: psycopg.Connection, schema: str, *, logged: bool, workers: int | None = 1) -> None:
        """`workers`: processes that read the log (None: one for each core); this one writes what they make of it."""
        self.connection = connection
        self.schema = schema
        self.done = 0
        self._workers = workers
        self._projecting = Projecting(connection, 0)
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
        """Take in what the log has after `done`, up to `until`; `progress` is called with `done` as it goes on."""
        last = min(until, recorder.head(self.connection)[0])
        spans = [(after, min(after + PIECE, last)) for after in range(self.done, last, PIECE)]
        several = several_for(last - self.done, self._workers, PER_PROCESS)
        if several is not None:
            info = self.connection.info
            arguments = [(info.dsn, info.password, *span) for span in spans]
            # Memory was short, or somebody ended one: alone it takes longer.
            with closing(in_order(_made, arguments, several)) as made, suppress(BrokenProcessPool):
                self._take(made, progress)
        with uncollected():
            if self._projecting.position != self.done:
                self._projecting = Projecting(self.connection, self.done)
            self._take(self._projecting.to(last), progress)

    def _take(self, made: Iterable[Made], progress: Callable[[int], None] | None) -> None:
        """Write what decisions that follow one another change."""
        for each in made:
            writing.write(self.connection, each.changes)
            self.done = each.last
            if progress is not None:
                progress(self.done)

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


def _made(dsn: str, password: str, after: int, last: int) -> Made:
    """In a process of its own: what the decisions of these positions change. They are there, and never change."""
    with psycopg.connect(dsn, password=password or None) as connection, uncollected():
        connection.execute("SET TRANSACTION READ ONLY")
        return Projecting(connection, after).whole(last)
