"""A table for each item, label and value in every row, made into one table with a row for each item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from registry.exchange.sheets.grids import Cell, Grid
from registry.exchange.sheets.recognising import header_rows
from registry.exchange.sheets.recognising.headings import field_of, kind_of

_COLON: Final = re.compile(r"\s*[:：]\s*$")
_LONGEST: Final = 20  # characters of a label
_TITLE: Final = re.compile("清单|目录|一览")

Record = dict[str, tuple[Cell, Cell]]  # label and value by the label's text


def joined(grids: Sequence[Grid]) -> list[Grid]:
    """The grids, those that are labels and values joined into tables with the labels as headings.

    A title of a list above such a table begins another table.
    """
    results: list[Grid] = []
    records: list[Record] = []
    first: Grid | None = None
    below: tuple[str, ...] = ()
    for each in grids:
        grid = _without_lines(each)
        own = _records(grid)
        if own and first and not _begins(grid):
            records += own
            below = grid.below
            continue
        if first:
            results.append(_table(first, below, records))
        first, records, below = (None, [], ()) if own is None else (grid, own, grid.below)
        if own is None:
            results.append(each)
    if first:
        results.append(_table(first, below, records))
    return results


def _without_lines(grid: Grid) -> Grid:
    """The grid with the lines of one cell above and below its rows as its title and as what stands below it."""
    alone = [len({cell.location for cell in row if cell.text}) < 2 for row in grid.rows]
    if all(alone):
        return grid
    start, end = alone.index(False), len(alone) - alone[::-1].index(False)
    above, below = ([_line(row) for row in rows if _line(row)] for rows in (grid.rows[:start], grid.rows[end:]))
    return replace(
        grid,
        title=(*grid.title, *above),
        rows=grid.rows[start:end],
        top=grid.top + start,
        below=(*below, *grid.below),
    )


def _line(row: Sequence[Cell]) -> str:
    return next((cell.text for cell in row if cell.text), "")


def _begins(grid: Grid) -> bool:
    return any(kind_of(line) or _TITLE.search(line) for line in grid.title)


def _records(grid: Grid) -> list[Record] | None:
    """What a grid of labels and values says, item by item; None where it is none."""
    if len(grid.rows) < 2 or len(grid.rows[0]) not in (2, 4):
        return None
    if header_rows.find(grid.rows, 0, None, {}) is not None and not _alternates(grid):
        return None
    records: list[Record] = []
    labels: list[str] = []
    for row in grid.rows:
        for label, value in _pairs(row):
            text = _COLON.sub("", label.text.replace("\n", ""))
            if not text or len(text) > _LONGEST:
                return None
            if records and text in records[-1] and label.location == records[-1][text][0].location:
                return None  # one label with several values beside it, which is no record of its own
            if not records or text in records[-1]:
                records.append({})
            labels.append(text)
            records[-1][text] = Cell(text, label.location), value
    meant = [field_of(label) for label in labels]
    known = sum(field is not None for field in meant)
    if 2 * known < len(labels) or any("name" not in map(field_of, record) for record in records):
        return None
    return records or None


def _alternates(grid: Grid) -> bool:
    """Whether every row begins with a label, and labels and values take turns in the first: no headings do."""
    first, *rest = ([cell.text for cell in row] for row in grid.rows)
    labels = [field_of(text) is not None for text in first]
    return labels == [True, False, True, False] and all(field_of(row[0]) for row in rest)


def _pairs(row: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Label and value, side by side, once or twice in a row; a value may reach over the columns of the second pair."""
    cells = [next(same) for _, same in groupby(row, key=lambda cell: cell.location or id(cell))]
    for at in range(0, len(cells) - 1, 2):
        if cells[at].text:
            yield cells[at], cells[at + 1]


def _table(first: Grid, below: tuple[str, ...], records: Sequence[Record]) -> Grid:
    """The records as a table, headed by all their labels in the order in which they come.

    It is called, and has the title, as its first grid; `below` is what stands below the last.
    """
    headings: dict[str, Cell] = {}
    for record in records:
        for text, (label, _) in record.items():
            headings.setdefault(text, label)
    blank = Cell("", "")
    rows = [tuple(record[text][1] if text in record else blank for text in headings) for record in records]
    names = [next(value for label, value in record.values() if field_of(label.text) == "name") for record in records]
    numbers = [_number(cell) for cell in [next(iter(headings.values())), *names]]
    known = tuple(number for number in numbers if number is not None)
    numbered = known if len(known) == len(numbers) == len(set(known[1:])) + 1 else ()
    return replace(first, rows=(tuple(headings.values()), *rows), top=1, below=below, numbers=numbered)


def _number(cell: Cell) -> int | None:
    """The number of the row in which a cell of a sheet stands; None in a document, where each table has its own."""
    match = re.search(r"![A-Z]+(\d+)$", cell.location)
    return int(match[1]) if match else None
