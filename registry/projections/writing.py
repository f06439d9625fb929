"""Writes the read tables: closes rows that no longer hold, opens new ones, at the position of the decision."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final, LiteralString

import psycopg
from psycopg import sql

from registry.database import copying
from registry.domain.dates import EVER, OPEN
from registry.projections.rows import TABLES, Row, Table, Values

STILL_KNOWN: Final = 2**63 - 1

_DATES: Final = frozenset({"valid_from", "valid_to", "began", "until", "ended", "due_on", "answered_on"})
_LISTS: Final = frozenset({"aliases", "basis", "requires", "needs", "terms", "roles", "brings"})
_OTHERS: Final[dict[str, LiteralString]] = {
    "position": "int8",
    "quota": "int4",
    "dissolved": "bool",
    "in_law": "bool",
    "retired": "bool",
    "closed": "bool",
    "lawful_holders": "jsonb",
}
# What their binary forms are: a date is its number of days, jsonb its text after a version byte.
_SENT_AS: Final = {"date": "int4", "jsonb": "bytea", "text[]": "bytea"}
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()


class _Days(dict[date | None, int | None]):
    """A date as PostgreSQL sends it: days from 2000-01-01, with its infinities, which Python's dates lack."""

    def __missing__(self, day: date | None) -> int | None:
        number = None if day is None else day.toordinal() - _DAY_ZERO
        if len(self) < 100_000:
            self[day] = number
        return number


_DAYS: Final = _Days({OPEN: 2**31 - 1, EVER: -(2**31)})


class _Arrays(dict[tuple[str, ...] | None, bytes | None]):
    """Texts as PostgreSQL sends an array of them; most are a few words that come again and again."""

    def __missing__(self, texts: tuple[str, ...] | None) -> bytes | None:
        sent = None if texts is None else copying.array([copying.field(text) for text in texts])
        if len(self) < 10_000:
            self[texts] = sent
        return sent


_ARRAYS: Final = _Arrays()


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
        self.types = [_SENT_AS.get(kind := _type_of(column), kind) for column in table.columns]
        self.types += ["int8", "int8"]
        self.dates = [place for place, column in enumerate(table.columns) if column in _DATES]
        self.json = [place for place, column in enumerate(table.columns) if _type_of(column) == "jsonb"]
        self.lists = [place for place, column in enumerate(table.columns) if column in _LISTS]
        self.identity = [table.columns.index(column) for column in table.identity]
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


class Changes:
    """What decisions changed in the read tables, gathered and written in one go."""

    def __init__(self) -> None:
        self._open: dict[str, dict[Values, tuple[Values, int]]] = defaultdict(dict)
        self._past: dict[str, list[tuple[Values, int, int]]] = defaultdict(list)
        self._closed: dict[str, list[tuple[Values, int]]] = defaultdict(list)

    def note(self, before: list[Row], after: list[Row], position: int) -> None:
        """The decision at this position made a thing that read as `before` read as `after`."""
        if before:
            kept = [row for row in before if row in after]
            for table, values in before:
                if (table, values) not in kept:
                    self._close(table, values, position)
            after = [row for row in after if row not in kept]
        for table, values in after:
            self._open[table.name][self._identity(table, values)] = (values, position)

    def _identity(self, table: Table, values: Values) -> Values:
        return tuple(values[place] for place in _WAYS[table.name].identity)

    def _close(self, table: Table, values: Values, position: int) -> None:
        identity = self._identity(table, values)
        opened = self._open[table.name].pop(identity, None)
        if opened is None:
            self._closed[table.name].append((identity, position))
        else:
            self._past[table.name].append((opened[0], opened[1], position))

    def write(self, connection: psycopg.Connection) -> None:
        """Write all gathered changes in the caller's transaction, and gather anew."""
        with connection.cursor() as cursor:
            for table in TABLES:
                self._write_table(cursor, table.name)
        self._open.clear()
        self._past.clear()
        self._closed.clear()

    def _write_table(self, cursor: psycopg.Cursor, name: str) -> None:
        way = _WAYS[name]
        closed, opened, past = self._closed[name], self._open[name], self._past[name]
        if closed:
            keys: list[list[Any]] = [list(column) for column in zip(*(identity for identity, _ in closed), strict=True)]
            cursor.execute(
                way.close, [[_in_words(value) for value in key] for key in keys] + [[at for _, at in closed]]
            )
        if not opened and not past:
            return
        with cursor.copy(way.copy) as copy:
            copy.set_types(way.types)
            for values, known_from, known_to in past:
                copy.write_row(_wire(way, values, known_from, known_to))
            for values, known_from in opened.values():
                copy.write_row(_wire(way, values, known_from, STILL_KNOWN))


def _wire(way: _Way, values: Values, known_from: int, known_to: int) -> list[Any]:
    row: list[Any] = [*values, known_from, known_to]
    for place in way.dates:
        row[place] = _DAYS[row[place]]
    for place in way.json:
        row[place] = b"\x01" + row[place].encode()
    for place in way.lists:
        row[place] = _ARRAYS[row[place]]
    return row


def _in_words(value: Any) -> Any:
    if isinstance(value, date):
        return "infinity" if value == OPEN else "-infinity" if value == EVER else value.isoformat()
    return value
