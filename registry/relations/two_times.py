"""Held on a day: the one relation that every other rests on, and the one place where its predicate is written.

A row of a read table has days (`valid_from` up to but not including `valid_to`) and positions (`known_from` up to but
not including `known_to`). It holds on a day, as known at a position, when both contain them (contract, section 3).

The builders give SQL for a row by its alias (none: for the bare columns):

    at("u")                         on day $1 as known at position $2; every question over asyncpg has these two first
    known("u")                      whatever its days, as known at $2
    on("u", "a.day")                on the day of an SQL expression, as known at $2
    NAMED.at("u"), NAMED.known()    the same with psycopg's %(day)s and %(known)s
    known_between("u")              known at some position from %(before)s to %(after)s
    still_known("u")                known at the newest position
    changed_after("u", "$1")        known, or known no more, by a decision after that position
    in_days("u", "a", "b")          on some day from a to b, both included, whatever the log knew
    days("u")                       its days as a range

`few` is for where a walk from row to row begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString, Protocol

from registry.domain.text import Text

# asyncpg writes Python's last day as infinity, before which no row ends.
LAST: Final = date.max - timedelta(days=1)
NEWEST: Final = 2**63 - 2  # rows still known have known_to = 2**63 - 1


class Reader(Protocol):
    """What a question needs of an asyncpg connection or pool."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def fetchval(self, query: str, *args: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class AsOf:
    """A day in Asia/Shanghai, and the last position that counts."""

    valid_at: date
    known_at: int


@dataclass(frozen=True, slots=True)
class Predicate:
    """The predicate with the parameters of one driver: SQL for the day and for the position."""

    day: LiteralString
    position: LiteralString

    def at(self, row: LiteralString = "") -> LiteralString:
        """SQL: the row holds on the day as known at the position."""
        return self.on(row, self.day)

    def on(self, row: LiteralString, day: LiteralString) -> LiteralString:
        """SQL: the row holds on the day of an expression, as known at the position."""
        return self.overlaps(row, day, day)

    def overlaps(self, row: LiteralString, first: LiteralString, last: LiteralString) -> LiteralString:
        """SQL: the row holds on some day from the first to the last, both included, as known at the position."""
        dot = _dot(row)
        return f"{dot}valid_from <= {last} AND {dot}valid_to > {first} AND {self.known(row)}"

    def known(self, row: LiteralString = "") -> LiteralString:
        """SQL: the row is what the log knew at the position, whatever its days."""
        dot = _dot(row)
        return f"{dot}known_from <= {self.position} AND {dot}known_to > {self.position}"


NUMBERED: Final = Predicate("$1", "$2")
NAMED: Final = Predicate("%(day)s", "%(known)s")

at: Final = NUMBERED.at
known: Final = NUMBERED.known
on: Final = NUMBERED.on


def in_days(row: LiteralString, first: LiteralString, last: LiteralString) -> LiteralString:
    """SQL: the row holds on some day from the first to the last, both included, whatever the log knew."""
    dot = _dot(row)
    return f"{dot}valid_from <= {last} AND {dot}valid_to > {first}"


def known_between(row: LiteralString = "") -> LiteralString:
    """SQL: the row was what the log knew at some position from %(before)s to %(after)s."""
    dot = _dot(row)
    return f"{dot}known_from <= %(after)s AND {dot}known_to > %(before)s"


def changed_after(row: LiteralString, position: LiteralString) -> LiteralString:
    """SQL: the log came to know the row, or knows it no more, by a decision after the position."""
    dot = _dot(row)
    return f"({dot}known_from > {position} OR {dot}known_to > {position} AND NOT {still_known(row)})"


def still_known(row: LiteralString = "") -> LiteralString:
    """SQL: the row is what the log knows at its newest position, whatever its days."""
    return f"{_dot(row)}known_to = 9223372036854775807"


def days(row: LiteralString) -> LiteralString:
    """SQL: the days of a row, as a range."""
    return f"daterange({row}.valid_from, greatest({row}.valid_from, {row}.valid_to))"


def few(column: LiteralString, codes: LiteralString) -> LiteralString:
    """SQL: the rows of the subquery `codes` (one column, which is called so), of which the planner expects few.

    For where a recursive query begins: its hash table is made before the first row, as large as the planner expects.
    Of a walk that begins with the rows of another it expects a million: 20 ms for a dozen units.
    """
    return f"(SELECT unnest(ARRAY({codes})) AS {column})"


def _dot(row: LiteralString) -> LiteralString:
    return f"{row}." if row else ""


class UnknownPosition(Exception):
    """A position that the log has not reached; `text` says so, in zh and en."""

    code = "unknown-position"

    def __init__(self, position: int, last: int) -> None:
        zh, en = f"日志只到序号 {last}，没有 {position}。", f"The log ends at position {last}; there is no {position}."
        super().__init__(en)
        self.text = Text(zh, en)


def reached(position: int, last: int) -> int:
    """The position, which the log has reached. Raises UnknownPosition where its last is an earlier one."""
    if position > last:
        raise UnknownPosition(position, last)
    return position


async def newest(reader: Reader) -> int:
    """The newest position of the log; 0 when nothing is recorded."""
    return await reader.fetchval("SELECT coalesce(max(position), 0) FROM log.decision")


async def position_at(reader: Reader, time: datetime) -> int:
    """The newest position recorded at or before a time (with its zone); 0 when there is none."""
    position = await reader.fetchval(
        "SELECT position FROM log.decision WHERE recorded_at <= $1 ORDER BY recorded_at DESC, position DESC LIMIT 1",
        time,
    )
    return position or 0
