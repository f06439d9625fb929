"""Writes the read tables: closes rows that are no longer so, opens new ones, at the position of the decision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from registry.database.copying import Packer, SqlType, copy_packed
from registry.projections.tables import STILL_KNOWN, TABLE_OF, TABLES, Row, Table
from registry.projections.tables.table import KNOWN

Identity = tuple[Any, ...]


class _Statements:
    """How the rows of one table are closed and opened."""

    def __init__(self, table: Table) -> None:
        columns = (*table.columns, *KNOWN)
        self.open = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        )
        self.packer = Packer([(column.type, column.nullable) for column in columns])
        self.identity: Callable[[Row], Identity] = _identity(table.identity)
        types: dict[str, SqlType] = {column.name: column.type for column in table.columns}
        self.close = sql.SQL(
            "UPDATE {} t SET known_to = x.closed_at FROM unnest({}, %s::int8[]) AS x ({}, closed_at)"
            " WHERE {} AND t.known_to = {}"
        ).format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(types[name])) for name in table.identity),
            sql.SQL(", ").join(map(sql.Identifier, table.identity)),
            sql.SQL(" AND ").join(sql.SQL("t.{0} = x.{0}").format(sql.Identifier(name)) for name in table.identity),
            STILL_KNOWN,
        )


def _identity(names: Sequence[str]) -> Callable[[Row], Identity]:
    """A function that gives a row's values in these columns, as a tuple also where it is one."""
    values = attrgetter(*names)
    return values if len(names) > 1 else lambda row: (values(row),)


_STATEMENTS: Final = {table.name: _Statements(table) for table in TABLES}


class Packed(NamedTuple):
    """The changes of one table as the database takes them.

    `closed`: the identities of the rows to close, column by column, then the positions at which they are closed.
    `opened`: the new rows, each with the positions from and to which it is known, in the binary format of COPY.
    """

    table: str
    closed: list[list[Any]]
    opened: bytes


class Changes:
    """What decisions change in the read tables, gathered to be written in one go."""

    def __init__(self) -> None:
        self.written = Counter[str]()  # rows packed so far, by table
        self._open: dict[str, dict[Identity, tuple[Row, int]]] = defaultdict(dict)
        self._past: dict[str, list[tuple[Row, int, int]]] = defaultdict(list)
        self._closed: dict[str, list[tuple[Identity, int]]] = defaultdict(list)

    def note(self, before: list[Row], after: list[Row], position: int) -> None:
        """Note that by the decision at this position the rows of its aggregates are no longer these but those."""
        if before:
            # Rows of two tables that one aggregate makes are never equal: they have different numbers of columns.
            kept = [row for row in before if row in after]
            for row in before:
                if row not in kept:
                    self._close(row, position)
            after = [row for row in after if row not in kept]
        for row in after:
            table = TABLE_OF[type(row)].name
            self._open[table][_STATEMENTS[table].identity(row)] = (row, position)

    def _close(self, row: Row, position: int) -> None:
        table = TABLE_OF[type(row)].name
        identity = _STATEMENTS[table].identity(row)
        opened = self._open[table].pop(identity, None)
        if opened is None:
            self._closed[table].append((identity, position))
        else:
            self._past[table].append((*opened, position))

    def packed(self) -> list[Packed]:
        """All gathered changes, ready to be written; gathers anew. Asks nothing of the database."""
        changed = {*self._open, *self._past, *self._closed}
        packed = [self._packed_table(table.name) for table in TABLES if table.name in changed]
        self._open.clear()
        self._past.clear()
        self._closed.clear()
        return [each for each in packed if each.closed or each.opened]

    def _packed_table(self, table: str) -> Packed:
        closed = self._closed[table]
        identities: list[list[Any]] = []
        if closed:
            columns = zip(*(identity for identity, _ in closed), strict=True)
            identities = [[*column] for column in columns] + [[position for _, position in closed]]
        past, still_known = self._past[table], self._open[table].values()
        count = len(past) + len(still_known)
        self.written[table] += count
        if not count:
            return Packed(table, identities, b"")
        opened = [(*row, start, end) for row, start, end in past]
        opened += [(*row, start, STILL_KNOWN) for row, start in still_known]
        return Packed(table, identities, _STATEMENTS[table].packer.packed(opened))

    def write(self, connection: psycopg.Connection) -> None:
        """Write all gathered changes in the caller's transaction, and gather anew."""
        write(connection, self.packed())


def write(connection: psycopg.Connection, changes: Iterable[Packed]) -> None:
    """Write packed changes in the caller's transaction."""
    with connection.cursor() as cursor:
        for packed in changes:
            statements = _STATEMENTS[packed.table]
            if packed.closed:
                cursor.execute(statements.close, packed.closed)
            if packed.opened:
                copy_packed(cursor, statements.open, packed.opened)
