"""Codes that carry the position at which what they name is known, and rows read by them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import numpy as np
import psycopg

from registry.domain.text import Text
from registry.relations.columns import expand_ranges
from registry.relations.two_times import in_days, known_between
from registry.snapshot.column_reader import As, Columns, Part, array, is_array, no_rows, read_several, rows_named
from registry.snapshot.load import TABLES

# Codes never hold control characters (registry.domain.decisions); chr(31) is between the codes of a column.
_FIRST, _LAST = "\x1d", "\x1e"
_MARK: Final = re.compile(f"{_FIRST}([0-9]+){_LAST}")
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
NO_MARK: Final[tuple[LiteralString, As]] = ("''", "id")
# Between which positions a row is known.
KNOWN: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "known_from": ("known_from", "number"),
    "known_to": ("known_to", "number"),
}
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

    Each as known at the position of its name; a name without a mark is one that all positions have in common. The
    column must be one of those that are read, and called as in the table.
    """

    column: LiteralString
    names: Iterable[str]
    condition: LiteralString = "true"


class Rows(NamedTuple):
    """The wanted rows of a table: with which columns, and which of these are to be marked."""

    table: LiteralString
    columns: Mapping[str, tuple[LiteralString, As]]
    marked: Collection[str]
    wanted: Wanted


def of_day(row: LiteralString = "") -> LiteralString:
    """SQL: the row holds on the day, and is known at some of the positions."""
    return in_days(row, "%(day)s", "%(day)s") + " AND " + known_between(row)


def marked_arrays(names: Collection[str], called: str = "codes", moment: str = "moment") -> dict[str, str]:
    """Marked names as the two arguments of a statement: the codes, and the positions."""
    parts = [name.rpartition(_LAST) for name in names]
    return {called: array([part[2] for part in parts]), moment: array([part[0][1:] for part in parts])}


@dataclass(frozen=True)
class Reading:
    """Reads rows by marked names; `first`, `last`: of the positions. Names without a mark are known at the last."""

    connection: psycopg.Connection[Any]
    day: date
    first: int
    last: int

    @property
    def arguments(self) -> dict[str, object]:
        """What every statement has."""
        return {"day": self.day, "known": self.last, "before": self.first, "after": self.last}

    def rows(self, statement: LiteralString, arguments: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        return self.connection.execute(statement, {**self.arguments, **arguments}).fetchall()

    def named(self, wanted: Mapping[LiteralString, Wanted | Part]) -> dict[str, Columns]:
        """The wanted rows of the tables that they are called by, their codes marked; of parts as these say."""
        return self.several(
            {
                called: Rows(called, TABLES[called], MARKED[called], rows) if isinstance(rows, Wanted) else rows
                for called, rows in wanted.items()
            }
        )

    def several(self, wanted: Mapping[LiteralString, Rows | Part]) -> dict[str, Columns]:
        """The wanted rows of some tables, by one statement; called as one likes.

        What is known so at several of the positions is read once.
        """
        parts: dict[str, Part] = {}
        results: dict[str, Columns] = {}
        arguments = self.arguments
        names: dict[str, list[str]] = {}
        for called, rows in wanted.items():
            if isinstance(rows, Part):
                parts[called] = rows
                continue
            names[called] = [name for name in dict.fromkeys(rows.wanted.names) if name]
            columns = {**rows.columns, **KNOWN}
            if not names[called]:
                results[called] = no_rows({**columns, "mark": NO_MARK})
                continue
            condition: LiteralString = rows.wanted.condition + " AND " + known_between("t")
            arguments[called] = array(sorted({name.rpartition(_LAST)[2] for name in names[called]}))
            parts[called] = Part(rows_named(rows.table, rows.wanted.column, condition, called), columns)
        read = read_several(self.connection, parts, arguments)
        for called, rows in wanted.items():
            if isinstance(rows, Rows) and called in read:
                read[called] = self.at_moments(read[called], rows.wanted.column, names[called], rows.marked)
        return results | read

    def at_moments(self, columns: Columns, column: str, names: Sequence[str], to_mark: Collection[str]) -> Columns:
        """For each of the names the rows that a column names so and that are known at its position.

        The columns `to_mark` carry that position in the result. There is one more: `mark`.
        """
        index = {code: number for number, code in enumerate(dict.fromkeys(columns[column]))}
        of_row = np.fromiter(map(index.__getitem__, columns[column]), np.int64, len(columns[column]))
        order = np.argsort(of_row, kind="stable")
        ordered = of_row[order]
        parts = [name.rpartition(_LAST) for name in names]
        wanted = np.fromiter((index.get(part[2], -1) for part in parts), np.int64, len(parts))
        pairs, places = expand_ranges(
            np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right")
        )
        moments = np.fromiter((int(part[0][1:]) if part[0] else self.last for part in parts), np.int64, len(parts))
        rows = order[places]
        known = (columns["known_from"][rows] <= moments[pairs]) & (columns["known_to"][rows] > moments[pairs])
        rows, pairs = rows[known], pairs[known]
        marks = _objects([part[0] + part[1] for part in parts])[pairs].tolist()
        result: Columns = {"mark": marks}
        for name, values in columns.items():
            if is_array(values):
                result[name] = values[rows]
                continue
            of_rows = _objects(values)[rows].tolist()
            if name in to_mark:
                of_rows = [mark_ + code if code else code for mark_, code in zip(marks, of_rows, strict=True)]
            result[name] = of_rows
        return result


def mark_subjects(columns: Mapping[str, Columns], nationwide: Iterable[str]) -> None:
    """Mark what orders and waivers are about, but for the items of these nationwide lists."""
    common = tuple(f"{code}#" for code in nationwide)
    for table in SUBJECTS:
        of = columns[table]
        of["subject"] = [
            subject if subject.startswith(common) else mark_ + subject
            for mark_, subject in zip(of["mark"], of["subject"], strict=True)
        ]


def _objects(values: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.fromiter(values, np.object_, len(values))
