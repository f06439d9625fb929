"""What was read for one picture, kept for the next: many trials in one transaction see the same rows but for their own.

Within a `repeatable_read` nothing changes but what a trial writes, and that is rolled back. So a statement that reads
no table that a trial has written gives as known after it what it gave as known before, and is not sent again; and the
findings before are the same for every trial of the same units and day. Nor does what was known at a position change
from one transaction to the next, while nothing is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from math import inf
from typing import Any, Final, cast

import psycopg

from registry import checker
from registry.checker import FindingRow
from registry.log.recorder import head
from registry.projections.tables import TABLES
from registry.snapshot import Snapshot, load

Key = tuple[str, str, str]
Picture = tuple[Snapshot, dict[Key, FindingRow]]
FEW: Final = 1_000  # units of a snapshot that is kept for the next trials
MOST_KEPT: Final = 8  # snapshots
TABLE_NAMES: Final = tuple(table.name for table in TABLES)
_NAMES: Final = re.compile(r"(?<![.\w])(" + "|".join(TABLE_NAMES) + r")(?!\w)")


@dataclass(eq=False)
class Read:
    """What was read as known at one position: rows by statement, snapshots and their findings by day and units."""

    rows: dict[Any, list[Any]] = field(default_factory=dict[Any, list[Any]])
    snapshots: dict[Any, Snapshot] = field(default_factory=dict[Any, Snapshot])
    findings: dict[Any, dict[Key, FindingRow]] = field(default_factory=dict[Any, dict[Key, FindingRow]])
    most: float = 0  # units of one snapshot

    def copied(self) -> Read:
        """The same, to be added to by another."""
        return Read(dict(self.rows), dict(self.snapshots), dict(self.findings), self.most)


class KeptReadings:
    """What the last trials of few units read, for the next ones from the same position: what was known is known."""

    def __init__(self) -> None:
        self._last: tuple[Any, Read] = (None, Read())

    def begun(self, connection: psycopg.Connection[Any]) -> Readings:
        """The readings of a repeatable_read, with what was read before where nothing was recorded since."""
        of, read = self._last
        readings = Readings(connection, head(connection)[0])
        return replace(readings, read=read.copied()) if self._of(readings) == of else readings

    def keep(self, readings: Readings) -> None:
        """Keep what was read, unless it is of very many units or, by now, of very many trials."""
        read = readings.read
        little = read.most <= FEW and len(read.snapshots) <= MOST_KEPT
        self._last = (self._of(readings), read) if little else (None, Read())

    @staticmethod
    def _of(readings: Readings) -> Any:
        """The position and when it was recorded: a server may go on over a log that was restored."""
        recorded = "SELECT recorded_at FROM log.decision WHERE position = %s"
        return readings.known, readings.connection.execute(recorded, (readings.known,)).fetchone()


@dataclass(eq=False)
class Readings:
    """Of one moment. `known`: the position before every trial; `written`: the tables of the trial under way."""

    connection: psycopg.Connection[Any]
    known: int
    written: frozenset[str] = frozenset()
    read: Read = field(default_factory=Read)

    def snapshot(self, as_of: date, known: int, units: Collection[str] | None) -> Snapshot:
        """The snapshot of these units alone (None: of everybody)."""
        key = _key(as_of, units)
        if known == self.known and key in self.read.snapshots:
            return self.read.snapshots[key]
        reader = cast("psycopg.Connection[Any]", _Reader(self, known))
        snapshot = load(reader, as_of, known, units, only=True)
        if known == self.known:
            self.read.snapshots[key] = snapshot
            self.read.most = max(self.read.most, inf if units is None else len(units))
        return snapshot

    def picture(self, as_of: date, known: int, units: Collection[str] | None) -> Picture:
        """The same snapshot, and its findings by key."""
        snapshot, key = self.snapshot(as_of, known, units), _key(as_of, units)
        rows = self.read.findings.get(key) if known == self.known else None
        if rows is None:
            rows = {row.key: row for row in checker.finding_rows(snapshot)}
            if known == self.known:
                self.read.findings[key] = rows
        return snapshot, rows

    def rows(self, known: int, statement: Any, arguments: Any, ask: Any) -> list[Any]:
        """The rows of a statement, sent only where nothing that was read before says them."""
        if known != self.known and not self.written.isdisjoint(_tables(statement)):
            return ask()
        key = (statement, _hashed(arguments))
        if key not in self.read.rows:
            self.read.rows[key] = ask()
        return self.read.rows[key]


def _key(as_of: date, units: Collection[str] | None) -> Any:
    return as_of, None if units is None else frozenset(units)


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
