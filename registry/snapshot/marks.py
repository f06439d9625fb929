"""Codes that carry the position at which what they name is known, and rows read by them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.domain.text import Text
from registry.relations.two_times import Predicate
from registry.snapshot.column_reader import As, Columns, Part, array, no_rows, read_several
from registry.snapshot.load import TABLES

# Codes never hold control characters (registry.domain.decisions); chr(31) is between the codes of a column.
_FIRST, _LAST = "\x1d", "\x1e"
_MARK: Final = re.compile(f"{_FIRST}([0-9]+){_LAST}")
# As known at the position that goes with a name in `wanted`.
OF_WANTED: Final = Predicate("%(day)s", "wanted.moment")
# The columns that hold codes of units, documents, lists and refs; all others are the same at every position. What a
# finding is about may be a nationwide list's item, which has no mark.
MARKED: Final[Mapping[str, tuple[str, ...]]] = {
    "unit": ("code", "parent", "guided_by", "stationed_at", "successor"),
    "matter": (),
    "lawful_holder": (),
    "instrument": ("number", "replaced_by"),
    "list": ("code", "scope", "instrument"),
    "item": ("list", "grantor"),
    "vesting": ("unit", "instrument"),
    "delegation": ("ref", "sender", "recipient", "instrument", "under", "proposal"),
    "demand": ("ref", "sender", "recipient"),
    "proposal": ("proposal", "recipient"),
    "rectification": ("ref", "unit"),
    "waiver": ("unit",),
}
MARK: Final[tuple[LiteralString, As]] = ("mark", "id")
NO_MARK: Final[tuple[LiteralString, As]] = ("''", "id")
SUBJECTS: Final = ("rectification", "waiver")


def mark(position: int) -> str:
    """What stands before a code that is known at a position."""
    return f"{_FIRST}{position}{_LAST}"


def position_of(code: str) -> int:
    """The position that a code carries."""
    met = _MARK.match(code)
    if met is None:
        raise ValueError(f"no position in {code!r}")
    return int(met[1])


def plain(text: str) -> str:
    """A code or sentence without the positions that its codes carry."""
    return _MARK.sub("", text) if _FIRST in text else text


def plain_text(text: Text) -> Text:
    """Both languages of a text so."""
    return Text(plain(text.zh), plain(text.en))


class Wanted(NamedTuple):
    """The rows of a table of which a column is among some marked names, and the condition on alias `t` is so.

    A name without a mark is one that all positions have in common.
    """

    column: LiteralString
    names: Iterable[str]
    condition: LiteralString


class Rows(NamedTuple):
    """The wanted rows of a table: with which columns, and which of these are to be marked."""

    table: LiteralString
    columns: Mapping[str, tuple[LiteralString, As]]
    marked: Collection[str]
    wanted: Wanted


def asked(names: Collection[str], called: str = "codes", moment: str = "moment") -> dict[str, str]:
    """Marked names as the two arguments of a statement."""
    positions: list[str] = []
    bare: list[str] = []
    for name in names:
        position, _, rest = name[1:].partition(_LAST)
        positions.append(position)
        bare.append(rest)
    return {called: array(bare), moment: array(positions)}


@dataclass(frozen=True)
class Reading:
    """Reads rows by marked names. `last`: the position at which names without a mark are known."""

    connection: psycopg.Connection[Any]
    day: date
    last: int

    @property
    def of_day(self) -> dict[str, object]:
        """The arguments that every statement has."""
        return {"day": self.day, "known": self.last}

    def rows(self, statement: LiteralString, arguments: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.connection.execute(statement, {**self.of_day, **arguments}).fetchall()

    def named(self, wanted: Mapping[LiteralString, Wanted | Part]) -> dict[str, Columns]:
        """The wanted rows of the tables that they are called by, their codes marked; of parts as these say."""
        return self.several(
            {
                called: Rows(called, TABLES[called], MARKED[called], rows) if isinstance(rows, Wanted) else rows
                for called, rows in wanted.items()
            }
        )

    def part(self, part: Part, arguments: Mapping[str, object]) -> Columns:
        """The rows of a part that has arguments of its own."""
        return read_several(self.connection, {"part": part}, {**self.of_day, **arguments})["part"]

    def several(self, wanted: Mapping[LiteralString, Rows | Part]) -> dict[str, Columns]:
        """The wanted rows of some tables, by one statement; called as one likes."""
        parts: dict[str, Part] = {}
        results: dict[str, Columns] = {}
        arguments = self.of_day
        marked: dict[str, Collection[str]] = {}
        for called, rows in wanted.items():
            if isinstance(rows, Part):
                parts[called] = rows
                continue
            column, given, condition = rows.wanted
            with_mark: Mapping[str, tuple[LiteralString, As]] = {**rows.columns, "mark": MARK}
            names = sorted(set(given) - {""})
            if not names:
                results[called] = no_rows(with_mark)
                continue
            arguments |= self._arguments(called, names)
            parts[called] = Part(_rows_at(rows.table, column, condition, called), with_mark)
            marked[called] = rows.marked
        read = read_several(self.connection, parts, arguments)
        for called, to_mark in marked.items():
            mark_columns(read[called], to_mark)
        return results | read

    def _arguments(self, called: str, names: Collection[str]) -> dict[str, str]:
        positions: list[str] = []
        bare: list[str] = []
        marks: list[str] = []
        for name in names:
            if name[0] == _FIRST:
                at = name.index(_LAST)
                positions.append(name[1:at])
                bare.append(name[at + 1 :])
                marks.append(name[: at + 1])
            else:
                positions.append(str(self.last))
                bare.append(name)
                marks.append("")
        return {called: array(bare), f"{called}_at": array(positions), f"{called}_mark": array(marks)}

    def mark_subjects(self, columns: Mapping[str, Columns], nationwide: Iterable[str]) -> None:
        """Mark what orders and waivers are about, but for the items of these nationwide lists."""
        common = tuple(f"{code}#" for code in nationwide)
        for table in SUBJECTS:
            of = columns[table]
            of["subject"] = [
                subject if subject.startswith(common) else mark_ + subject
                for mark_, subject in zip(of["mark"], of["subject"], strict=True)
            ]


def mark_columns(columns: Columns, names: Iterable[str]) -> None:
    """Put before each code of these columns the mark of its row."""
    marks = columns["mark"]
    for name in names:
        columns[name] = [mark_ + code if code else code for mark_, code in zip(marks, columns[name], strict=True)]


def _rows_at(
    table: LiteralString, column: LiteralString, condition: LiteralString, called: LiteralString
) -> LiteralString:
    """SQL, to be read as a table: as rows_named, each name as known at its own position."""
    lookup: LiteralString = f"SELECT * FROM {table} t WHERE t.{column} = wanted.name AND {condition} OFFSET 0"
    arrays: LiteralString = f"%({called})s::text[], %({called}_at)s::bigint[], %({called}_mark)s::text[]"
    names = f'SELECT name COLLATE "C" AS name, moment, mark FROM unnest({arrays}) AS wanted (name, moment, mark)'
    return f"(SELECT wanted.mark, t.* FROM ({names}) AS wanted CROSS JOIN LATERAL ({lookup}) AS t) AS {table}"
