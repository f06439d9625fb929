"""What was read for one picture, kept for the next: many trials in one transaction see the same rows but for their own.

Within a `repeatable_read` nothing changes but what a trial writes, and that is rolled back. So a statement that reads
no table that a trial has written gives as known after it what it gave as known before, and is not sent again; and the
findings before are the same for every trial of the same units and day.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final, cast

import psycopg

from registry import checker
from registry.checker import FindingRow
from registry.projections.tables import TABLES
from registry.snapshot import Snapshot, load

Key = tuple[str, str, str]
Picture = tuple[Snapshot, dict[Key, FindingRow]]
TABLE_NAMES: Final = tuple(table.name for table in TABLES)
_NAMES: Final = re.compile(r"(?<![.\w])(" + "|".join(TABLE_NAMES) + r")(?!\w)")


@dataclass(eq=False)
class Readings:
    """Of one moment. `known`: the position before every trial; `written`: the tables of the trial under way."""

    connection: psycopg.Connection[Any]
    known: int
    written: frozenset[str] = frozenset()
    _rows: dict[Any, list[Any]] = field(default_factory=dict[Any, list[Any]])
    _snapshots: dict[Any, Snapshot] = field(default_factory=dict[Any, Snapshot])
    _findings: dict[Any, dict[Key, FindingRow]] = field(default_factory=dict[Any, dict[Key, FindingRow]])

    def snapshot(self, as_of: date, known: int, units: Collection[str] | None) -> Snapshot:
        """The snapshot of these units alone (None: of everybody)."""
        key = (as_of, None if units is None else frozenset(units))
        if known == self.known and key in self._snapshots:
            return self._snapshots[key]
        reader = cast("psycopg.Connection[Any]", _Reader(self, known))
        snapshot = load(reader, as_of, known, units, only=True)
        if known == self.known:
            self._snapshots[key] = snapshot
        return snapshot

    def picture(self, as_of: date, known: int, units: Collection[str] | None) -> Picture:
        """The same snapshot, and its findings by key."""
        snapshot = self.snapshot(as_of, known, units)
        rows = self._findings.get(id(snapshot))
        if rows is None:
            rows = {row.key: row for row in checker.finding_rows(snapshot)}
            if known == self.known:  # it is kept, so that no other gets its id
                self._findings[id(snapshot)] = rows
        return snapshot, rows

    def rows(self, known: int, statement: Any, arguments: Any, ask: Any) -> list[Any]:
        """The rows of a statement, sent only where nothing that was read before says them."""
        if known != self.known and not self.written.isdisjoint(_tables(statement)):
            return ask()
        key = (statement, _hashed(arguments))
        if key not in self._rows:
            self._rows[key] = ask()
        return self._rows[key]


@lru_cache(1000)
def _tables(statement: str | bytes) -> frozenset[str]:
    """The read tables that a statement may read: all whose names it has."""
    return frozenset(_NAMES.findall(statement.decode() if isinstance(statement, bytes) else statement))


def _hashed(arguments: Any) -> Any:
    """The arguments as a key; the position is left out, for these rows are the same at both."""
    if isinstance(arguments, Mapping):
        given = cast("Mapping[str, object]", arguments)
        return tuple((name, _hashed(value)) for name, value in sorted(given.items()) if name != "known")
    if isinstance(arguments, list | tuple | set | frozenset):
        return tuple(map(_hashed, cast("Sequence[object]", arguments)))
    return arguments


class _Rows(list[Any]):
    """Rows as a cursor gives them."""

    def fetchall(self) -> list[Any]:
        return self

    def fetchone(self) -> Any:
        return self[0] if self else None


@dataclass(eq=False)
class _Reader:
    """What a snapshot needs of a connection, out of what was read before."""

    readings: Readings
    known: int

    def execute(self, statement: Any, arguments: Any = None) -> _Rows:
        connection = self.readings.connection
        return _Rows(
            self.readings.rows(
                self.known, statement, arguments, lambda: connection.execute(statement, arguments).fetchall()
            )
        )

    def cursor(self, *, binary: bool = False) -> _Cursor:
        return _Cursor(self, binary)


@dataclass(eq=False)
class _Cursor:
    reader: _Reader
    binary: bool
    _loaders: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])

    @property
    def adapters(self) -> _Cursor:
        return self

    def register_loader(self, oid: Any, loader: Any) -> None:
        self._loaders.append((oid, loader))

    def __enter__(self) -> _Cursor:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, statement: Any, arguments: Any = None) -> Iterator[Any]:
        def ask() -> list[Any]:
            with self.reader.readings.connection.cursor(binary=self.binary) as cursor:
                for oid, loader in self._loaders:
                    cursor.adapters.register_loader(oid, loader)
                return cursor.execute(statement, arguments).fetchall()

        return iter(self.reader.readings.rows(self.reader.known, statement, arguments, ask))
