"""Writes the read tables: closes rows that no longer hold, opens new ones, at the position of the decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from operator import getitem, itemgetter
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from registry.database import copying
from registry.domain.dates import EVER, OPEN
from registry.projections.rows import TABLES, Row, Table, Values

STILL_KNOWN: Final = 2**63 - 1

_DATES: Final = frozenset({"valid_from", "valid_to", "began", "until", "ended", "due_on", "answered_on"})
_LISTS: Final = frozenset({"aliases", "basis", "requires", "needs", "terms", "roles", "brings", "materials", "asks"})
_OTHERS: Final[dict[str, LiteralString]] = {
    "position": "int8",
    "quota": "int4",
    "monitored": "bool",
    "dissolved": "bool",
    "in_law": "bool",
    "retired": "bool",
    "closed": "bool",
    "lawful_holders": "jsonb",
}
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()


def _day(day: date) -> bytes:
    """Days from 2000-01-01, with PostgreSQL's infinities, which Python's dates lack."""
    number = 2**31 - 1 if day == OPEN else -(2**31) if day == EVER else day.toordinal() - _DAY_ZERO
    return copying.middling(number)


_MADE: Final[dict[str, copying.Fields | copying.Unlike]] = {
    "text": copying.Fields(copying.field),
    "text[]": copying.Fields(lambda texts: copying.octets(copying.array([copying.field(text) for text in texts]))),
    "date": copying.Fields(_day),
    "bool": copying.Fields(lambda said: b"\x00\x00\x00\x01" + (b"\x01" if said else b"\x00")),
    "int4": copying.Fields(copying.middling),
    "int8": copying.Unlike(copying.number),  # positions
    "jsonb": copying.Fields(lambda text: copying.octets(b"\x01" + text.encode())),  # its text after a version byte
}


_REF: Final = copying.Unlike(copying.field)


def _type_of(column: str) -> LiteralString:
    if column in _DATES:
        return "date"
    return "text[]" if column in _LISTS else _OTHERS.get(column, "text")


class _Way:
    """How one table is written."""

    def __init__(self, table: Table) -> None:
        columns = [*table.columns, "known_from", "known_to"]
        self.copy = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        self.fields = [
            _REF if (table.name, column) == ("delegation", "ref") else _MADE[_type_of(column)]
            for column in table.columns
        ]
        self.count = len(columns).to_bytes(2, "big")
        places = [table.columns.index(column) for column in table.identity]
        pick = itemgetter(*places)
        self.identity: Callable[[Values], Values] = pick if len(places) > 1 else lambda values: (pick(values),)
        keys = [
            sql.SQL("%s::{}[]").format(sql.SQL("text" if column in _DATES else _type_of(column)))
            for column in table.identity
        ]
        matches = [
            sql.SQL("t.{0} = x.{0}::{1}").format(sql.Identifier(column), sql.SQL(_type_of(column)))
            for column in table.identity
        ]
        self.close = sql.SQL(
            "UPDATE {} t SET known_to = x.closed_at FROM unnest({}, %s::int8[]) AS x ({}, closed_at)"
            " WHERE {} AND t.known_to = {}"
        ).format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(keys),
            sql.SQL(", ").join(map(sql.Identifier, table.identity)),
            sql.SQL(" AND ").join(matches),
            STILL_KNOWN,
        )


_WAYS: Final = {table.name: _Way(table) for table in TABLES}


class Packed(NamedTuple):
    """The changes of one table as the database takes them."""

    table: str
    closed: list[list[Any]]  # what tells the rows apart that no longer hold, column by column, and since when
    rows: bytes  # new ones, as COPY takes them


class Changes:
    """What decisions changed in the read tables, gathered and written in one go."""

    def __init__(self) -> None:
        self._open: dict[str, dict[Values, tuple[Values, int]]] = defaultdict(dict)
        self._past: dict[str, list[tuple[Values, int, int]]] = defaultdict(list)
        self._closed: dict[str, list[tuple[Values, int]]] = defaultdict(list)

    def note(self, before: list[Row], after: list[Row], position: int) -> None:
        """The decision at this position made an aggregate that read as `before` read as `after`."""
        if before:
            kept = [row for row in before if row in after]
            for table, values in before:
                if (table, values) not in kept:
                    self._close(table, values, position)
            after = [row for row in after if row not in kept]
        for table, values in after:
            self._open[table.name][_WAYS[table.name].identity(values)] = (values, position)

    def _close(self, table: Table, values: Values, position: int) -> None:
        identity = _WAYS[table.name].identity(values)
        opened = self._open[table.name].pop(identity, None)
        if opened is None:
            self._closed[table.name].append((identity, position))
        else:
            self._past[table.name].append((opened[0], opened[1], position))

    def packed(self) -> list[Packed]:
        """All gathered changes, made ready to be written; gathers anew. Needs no database."""
        found = [self._packed_table(table.name) for table in TABLES]
        self._open.clear()
        self._past.clear()
        self._closed.clear()
        return [packed for packed in found if packed.closed or packed.rows]

    def _packed_table(self, name: str) -> Packed:
        closed, opened, past = self._closed[name], self._open[name], self._past[name]
        keys: list[list[Any]] = []
        if closed:
            columns = zip(*(identity for identity, _ in closed), strict=True)
            keys = [[_in_words(value) for value in column] for column in columns] + [[at for _, at in closed]]
        if not opened and not past:
            return Packed(name, keys, b"")
        way = _WAYS[name]
        still = copying.number(STILL_KNOWN)
        fields, count, number = way.fields, way.count, copying.number
        rows = [copying.HEAD]
        for values, known_from, known_to in past:
            rows += (count, *map(getitem, fields, values), number(known_from), number(known_to))
        for values, known_from in opened.values():
            rows += (count, *map(getitem, fields, values), number(known_from), still)
        rows.append(copying.END)
        return Packed(name, keys, b"".join(rows))

    def write(self, connection: psycopg.Connection) -> None:
        """Write all gathered changes in the caller's transaction, and gather anew."""
        write(connection, self.packed())


def write(connection: psycopg.Connection, changes: Iterable[Packed]) -> None:
    """Write packed changes in the caller's transaction."""
    with connection.cursor() as cursor:
        for packed in changes:
            way = _WAYS[packed.table]
            if packed.closed:
                cursor.execute(way.close, packed.closed)
            if packed.rows:
                with cursor.copy(way.copy) as copy:
                    copy.write(packed.rows)


def _in_words(value: Any) -> Any:
    if isinstance(value, date):
        return "infinity" if value == OPEN else "-infinity" if value == EVER else value.isoformat()
    return value
