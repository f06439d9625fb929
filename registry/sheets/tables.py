"""The tables in a file, as lists have them: which columns they have, which kind of list they are, their rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.sheets.grids import Cell
from registry.sheets.problems import SheetProblem


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading as it stands (a group's and its own joined by a space), and the place of its cell."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number and place as the reader sees them, and its cells by field; empty ones are left out.

    `category` and `subcategory` are there where numbered headings or merged cells say so. Rows of one item, written
    over several rows, have name cells of one place.
    """

    number: int
    place: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table under one heading: its sheet, the kind of list that it seems to be (None: not told), title and rows.

    `columns` are those told, by field; `unused` those that mean nothing to us. A table with a problem that is no
    warning is not to be recorded.
    """

    sheet: str
    kind: str | None
    title: str
    rows: tuple[Row, ...]
    columns: Mapping[str, Heading]
    unused: tuple[Heading, ...]
    problems: tuple[SheetProblem, ...] = ()
