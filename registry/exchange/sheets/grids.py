"""A file's tables as grids of text, before anybody asks what they mean."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from registry.exchange.sheets.problems import BadSheet, SheetProblem

ROWS: Final = 20_000  # of a sheet; the longest list known here has some 2,000
COLUMNS: Final = 256
CELLS: Final = 300_000  # of a file
TEXT: Final = 10_000_000  # characters of a file
LETTERS: Final = 32_767  # of a cell, as in Excel
PARAGRAPHS: Final = "正文"  # what the grid of a document without tables is called

# What a cell shows that has a formula nobody has calculated yet: such files come out of programs, not out of Excel.
UNCALCULATED: Final = "#未计算!"
# Invisible: zero-width spaces and joiners, marks of direction, soft hyphens; controls but line breaks and tabs.
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]|_x000[Dd]_")
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_BREAKS: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES: Final = re.compile("[\\s\u3000]+")
# Full-width digits and letters, and the same character under two numbers (as in text copied out of a PDF). Not the
# punctuation: a list's own （）， and ： are its text, and what is exported must read back the same.
_WIDE: Final = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_POINT: Final = re.compile("(?<=[0-9])\uff0e(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and where: `Sheet1!C7`, in a .docx `表2第3行第2列 / table 2 row 3 column 2`.

    All cells of a merged range show the same text and have the location of the first: cells of one location are one.
    `struck`: a line goes through all of the text, or through a part of it.
    """

    text: str
    location: str
    struck: Literal["", "all", "part"] = ""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row as it is in the file: of which sheet, its number there, its cells."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, or one table of a .docx: its rows, all of the same width, from the first to the last with any text.

    `title` is what stands before a table in a .docx; a sheet's title is still among its rows. `top` is the number that
    its first row has for the reader. `notices` are warnings about the sheet itself: what of it is hidden. `below` are
    the paragraphs after it in a .docx, notes among them. `comments` and `footnotes` are on the cells whose places they
    have; `margins` is what stands above and below every page, and in boxes on a sheet. `numbers` are those of its rows
    where they do not follow on `top`. `sources`: of rows made of several of the file, which these are; of the first,
    which has the headings, the lines around them.
    """

    name: str
    title: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    top: int = 1
    notices: tuple[SheetProblem, ...] = ()
    below: tuple[str, ...] = ()
    comments: tuple[Cell, ...] = ()
    footnotes: tuple[Cell, ...] = ()
    margins: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    sources: tuple[tuple[SourceRow, ...], ...] = ()

    def number(self, at: int) -> int:
        """The number that a row, the first being 0, has for the reader."""
        return self.numbers[at] if self.numbers else self.top + at


def cleaned(text: str) -> str:
    """The text as people read it: letters and digits of one width, single spaces, no blank lines, nothing invisible."""
    text = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), _INVISIBLE.sub("", text))
    lines = _BREAKS.split(_CONTROLS.sub("", _POINT.sub(".", text)))
    return "\n".join(line for line in (_SPACES.sub(" ", line).strip() for line in lines) if line)


def shown(value: object) -> str:
    """A cell's value as a spreadsheet shows it: 1 and not 1.0, 2025-03-01, 08:30, TRUE."""
    match value:
        case str():
            return cleaned(value)
        case bool():
            return str(value).upper()
        case float():
            return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
        case datetime():
            if value.time() == time():
                return value.date().isoformat()
            return value.isoformat(" ", "seconds" if value.second else "minutes")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("seconds" if value.second else "minutes")
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case _:
            return cleaned(str(value))


def a1(row: int, column: int) -> str:
    """The address of a cell by its row and column from 0: (6, 2) is C7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def cell_location(sheet: str, row: int, column: int) -> str:
    """The location of a sheet's cell, by its row and column from 0."""
    return f"{sheet}!{a1(row, column)}"


def address(location: str) -> str:
    """The cell of a location without its sheet: `C7`; of a .docx the location as it is."""
    return location.rpartition("!")[2]


def grid(
    name: str,
    title: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    top: int,
    merged: Mapping[tuple[int, int], tuple[int, int]],
) -> Grid | None:
    """The grid of these rows without what is blank around it, each merged cell as its first; None when all is blank.

    `merged` says of a cell, by its place among the rows, which is the first of its range.
    """
    filled = [[cell.text != "" for cell in row] for row in rows]
    used = [number for number, row in enumerate(filled) if any(row)]
    if not used:
        return None
    columns = [
        number for number in range(max(map(len, rows))) if any(row[number : number + 1] == [True] for row in filled)
    ]
    return Grid(
        name,
        tuple(title),
        tuple(
            tuple(_first(rows, merged, row, column) for column in range(columns[0], columns[-1] + 1))
            for row in range(used[0], used[-1] + 1)
        ),
        top + used[0],
    )


def _first(
    rows: Sequence[Sequence[Cell]], merged: Mapping[tuple[int, int], tuple[int, int]], row: int, column: int
) -> Cell:
    row, column = merged.get((row, column), (row, column))
    return rows[row][column] if column < len(rows[row]) else Cell("", "")


def too_large(sheet: str, what: tuple[str, str], most: int) -> BadSheet:
    """A refusal to read a sheet with more rows, columns or cells than any list has."""
    zh = f"{what[0]}超过 {most}：请删去表外多余的内容，或拆成几个文件。"
    en = f"More than {most} {what[1]}: delete what is no part of the list, or split the file."
    return BadSheet([SheetProblem(sheet, "", "too-large", zh, en)])


def check_cells(grids: Iterable[Grid]) -> None:
    """Raises BadSheet for more cells than a file of lists can have, or one with more text than Excel allows."""
    cells = letters = 0
    for each in grids:
        cells += len(each.rows) * len(each.rows[0])
        letters += sum(len(cell.text) for row in each.rows for cell in row)
        if cells > CELLS:
            raise too_large(each.name, ("单元格数", "cells"), CELLS)
        if letters > TEXT:
            raise too_large(each.name, ("字数", "characters"), TEXT)
        for cell in (cell for row in each.rows for cell in row if len(cell.text) > LETTERS):
            zh = f"单元格超过 {LETTERS} 字：请检查引号或分隔符，或拆成几行。"
            en = f"More than {LETTERS} characters in a cell: check the quotes and separators, or split it."
            sheet, _, address = cell.location.rpartition("!")
            raise BadSheet([SheetProblem(sheet or each.name, address, "too-large", zh, en)])
