"""Tables of documents as grids: cells that reach over columns and rows, each with its place for the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from registry.exchange.sheets.grids import COLUMNS, PARAGRAPHS, ROWS, Cell, Grid, cleaned, grid, too_large
from registry.exchange.sheets.reading.unprinted import commented

TITLE: Final = 6  # paragraphs before a table that may be its title
PAGE: Final = "（第{0}页）"


# Makes a table's grid of its number in the document, from 1, and the lines above it; None where it is blank.
MakeTable = Callable[[int, Sequence[str]], Grid | None]


@dataclass(frozen=True, slots=True)
class Spanned:
    """A cell as a document has it: its text, the columns and rows over which it reaches; `covered`: it is another's.

    `struck`: a line goes through all of the text, or through a part of it. `comments` and `footnotes` are on it.
    """

    text: str
    across: int = 1
    down: int = 1
    covered: bool = False
    struck: Literal["", "all", "part"] = ""
    comments: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()


def table(
    number: int,
    title: Sequence[str],
    rows: Iterable[Sequence[Spanned]],
    pages: Sequence[int] = (),
    *,
    listed: bool = False,
) -> Grid | None:
    """The grid of a document's table, numbered from 1; None where it is blank. `pages`: on which page each row is.

    As in HTML: a row lists only the cells that begin in it, from the first free column on. `listed`: as in
    OpenDocument, a row lists all its columns, `covered` those over which a cell reaches. Raises BadSheet for more rows
    or columns than a list can have.
    """
    name = f"表{number}"
    filled: list[dict[int, Cell]] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    comments: list[Cell] = []
    footnotes: list[Cell] = []
    for at, row in enumerate(rows):
        if at == ROWS:
            raise too_large(name, ("行数", "rows"), ROWS)
        cells: dict[int, Cell] = {}
        column = 0
        for cell in row:
            if cell.covered:
                column += 1
                continue
            while not listed and (at, column) in merged:
                column += 1
            if column + cell.across > COLUMNS:
                raise too_large(name, ("列数", "columns"), COLUMNS)
            where = location(number, at, column, pages[at] if pages else None)
            cells[column] = Cell(cleaned(cell.text), where, cell.struck)
            comments += (Cell(text, where) for text in map(cleaned, cell.comments) if text)
            footnotes += (Cell(text, where) for text in map(cleaned, cell.footnotes) if text)
            for below in range(at, min(at + cell.down, ROWS)):
                for beside in range(column, column + cell.across):
                    if (below, beside) != (at, column):
                        merged.setdefault((below, beside), (at, column))
            column += 1 if listed else cell.across
        filled.append(cells)
    width = max((column + 1 for cells in filled for column in cells), default=0)
    width = max(width, *(column + 1 for row, column in merged if row < len(filled)), 0)
    blank = Cell("", "")
    made = grid(
        name,
        title,
        [[cells.get(column, blank) for column in range(width)] for cells in filled],
        1,
        _within(merged, filled),
    )
    return made and replace(
        made, comments=tuple(comments), footnotes=tuple(footnotes), notices=commented(name, comments)
    )


def location(number: int, row: int, column: int, page: int | None = None) -> str:
    """The place of a cell of a document's table, by its row and column from 0."""
    zh, en = ("", "") if page is None else (PAGE.format(page), f" (page {page})")
    return f"表{number}第{row + 1}行第{column + 1}列{zh} / table {number} row {row + 1} column {column + 1}{en}"


def assembled(blocks: Iterable[str | MakeTable]) -> list[Grid]:
    """A document's tables in their order, each with the lines above it as its title and those below it.

    `blocks`: its paragraphs, and for each table what makes its grid of its number and title. Where there is no table,
    and of what stands below the last one, the paragraphs are a grid of their own.
    """
    results: list[Grid] = []
    before: list[str] = []
    lines = number = 0
    for block in blocks:
        if isinstance(block, str):
            if text := cleaned(block):
                before.append(text)
                lines += 1
            continue
        number += 1
        made = block(number, before[-TITLE:])
        if made:
            results[-1:] = [replace(each, below=tuple(before[:TITLE])) for each in results[-1:]]
            results.append(made)
            before = []
    results[-1:] = [replace(each, below=tuple(before[:TITLE])) for each in results[-1:]]
    rest = paragraphs((text, paragraph(at)) for at, text in enumerate(before, lines - len(before) + 1))
    return [*results, rest] if rest else results


def paragraphs(lines: Iterable[tuple[str, str]]) -> Grid | None:
    """A document without tables: its paragraphs with their places, one below the other; None where there is no text."""
    rows: list[list[Cell]] = []
    for text, where in lines:
        if len(rows) == ROWS:
            raise too_large("正文", ("段数", "paragraphs"), ROWS)
        rows.append([Cell(text, where)])
    return grid(PARAGRAPHS, (), rows, 1, {}) if rows else None


def paragraph(number: int) -> str:
    """The place of a paragraph, numbered from 1 with blank ones left out."""
    return f"第{number}段 / paragraph {number}"


def _within(
    merged: dict[tuple[int, int], tuple[int, int]], filled: Sequence[dict[int, Cell]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Ranges without the rows that are not there, and without cells that another claims for itself."""
    return {
        (row, column): first
        for (row, column), first in merged.items()
        if row < len(filled) and column not in filled[row]
    }
