"""The tables of finding events: how far they go, what stands open, and new events, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, LiteralString, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from registry.database.row_objects import as_object, as_part
from registry.domain.text import Text

SCHEMA: Final = "judged"
TABLES: Final = ("event", "standing", "day", "progress")
CHANNEL: Final = "quanze_judged"
Cause = Literal["decision", "day", "rules"]


class OpenFinding(NamedTuple):
    """A finding that is open. It is another one where its severity or matter is another."""

    rule: str
    unit: str
    subject: str
    severity: str
    matter: str


@dataclass(frozen=True, slots=True)
class Event:
    """A finding opened, with what it says, or closed. `position`: of the decision that did it, else the newest."""

    cause: Cause
    position: int
    day: date
    finding: OpenFinding
    message: Text | None

    @property
    def change(self) -> str:
        """The word of the feed: a closing has nothing to say."""
        return "opened" if self.message is not None else "closed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the feed goes: up to a position, as of a day, with so many events.

    `rules`: the versions of the rules (rule_versions), or what an earlier program kept in their place.
    """

    position: int
    day: date
    number: int
    rules: str


@dataclass(frozen=True)
class Store:
    """The tables in a schema: `judged`, or another where they are derived anew."""

    connection: psycopg.Connection[Any]
    schema: str = SCHEMA

    def _execute(self, statement: LiteralString, arguments: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        names = {name: sql.Identifier(self.schema, name) for name in TABLES}
        return self.connection.execute(sql.SQL(statement).format(**names), arguments)

    def _rows(self, statement: LiteralString, arguments: Sequence[Any] = ()) -> psycopg.Cursor[DictRow]:
        names = {name: sql.Identifier(self.schema, name) for name in TABLES}
        return self.connection.cursor(row_factory=dict_row).execute(sql.SQL(statement).format(**names), arguments)

    def progress(self) -> Progress | None:
        """How far the events go; None before they begin."""
        row = self._rows("SELECT position, day, number, rules FROM {progress}").fetchone()
        return None if row is None else as_object(Progress, row)

    def open_findings(self, units: Collection[str] | None) -> dict[OpenFinding, int]:
        """What stands open for these units (None: all), and the numbers of the events that opened it."""
        query: LiteralString = "SELECT rule, unit, subject, severity, matter, number FROM {standing}"
        of_units: LiteralString = query + " WHERE unit = ANY(%s)"
        rows = self._rows(query) if units is None else self._rows(of_units, (sorted(units),))
        return {as_part(OpenFinding, row): row["number"] for row in rows}

    def begin_day(self, day: date, position: int) -> None:
        """From after this position on the day is judged."""
        self._execute("INSERT INTO {day} (day, position) VALUES (%s, %s)", (day, position))

    def write(self, events: Iterable[Event], number: int) -> int:
        """Append events, the first of which gets the number after this one. Gives the last number.

        A finding that closes must stand open, in the table or by an earlier one of these events.
        """
        taken = list(events)
        if not taken:
            return number
        were_open = self.open_findings({event.finding.unit for event in taken})
        rows: list[tuple[Any, ...]] = []
        last = number + len(taken)
        for index, event in enumerate(taken, number + 1):
            opened = None if event.message is not None else were_open.pop(event.finding)
            if event.message is not None:
                were_open[event.finding] = index
            finding, text = event.finding, event.message or (None, None)
            which = (finding.rule, finding.severity, finding.unit, finding.subject, finding.matter)
            rows.append((index, event.cause, event.position, event.day, event.change, *which, *text, opened))
        with self.connection.cursor() as cursor:
            copied = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(self.schema, "event"))
            with cursor.copy(copied) as copy:
                for row in rows:
                    copy.write_row(row)
        units = sorted({event.finding.unit for event in taken})
        self._execute("DELETE FROM {standing} WHERE unit = ANY(%s)", (units,))
        with self.connection.cursor() as cursor:
            copied = sql.SQL("COPY {} (rule, unit, subject, severity, matter, number) FROM STDIN").format(
                sql.Identifier(self.schema, "standing")
            )
            with cursor.copy(copied) as copy:
                for finding, begun in were_open.items():
                    copy.write_row((*finding, begun))
        return last

    def advance(self, progress: Progress) -> None:
        """Say how far the events go now; whoever follows hears of it when the transaction commits."""
        self._execute(
            "INSERT INTO {progress} (position, day, number, rules) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (alone) DO UPDATE"
            " SET position = excluded.position, day = excluded.day, number = excluded.number, rules = excluded.rules",
            (progress.position, progress.day, progress.number, progress.rules),
        )
        if self.schema == SCHEMA:
            self.connection.execute(sql.SQL("NOTIFY {}").format(sql.Identifier(CHANNEL)))

    def clear(self) -> None:
        """Forget everything."""
        for table in TABLES:
            self.connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(self.schema, table)))
