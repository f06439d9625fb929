"""A table for each item, label and value in every row, made into one table with a row for each item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from registry.exchange.sheets.grids import Cell, Grid, SourceRow
from registry.exchange.sheets.recognising import accounts, entries, header_rows
from registry.exchange.sheets.recognising.accounts import RowUse, Use
from registry.exchange.sheets.recognising.headings import field_of, kind_of

_COLON: Final = re.compile(r"\s*[:：]\s*$")
_LONGEST: Final = 20  # characters of a label
_TITLE: Final = re.compile("清单|目录|一览")
_TOTAL: Final = re.compile(r"[合总小共]\s*计")

Record = dict[str, tuple[Cell, Cell]]  # label and value by the label's text


@dataclass(frozen=True, slots=True)
class _Item:
    """What an item's rows say, and these rows."""

    record: Record
    rows: list[SourceRow]


@dataclass(slots=True)
class _Joined:
    """The grids of a table that is being made: the items of all of them, the lines of one cell around these."""

    grids: list[Grid]
    items: list[_Item]
    lines: list[SourceRow]


def joined(grids: Sequence[Grid]) -> list[Grid]:
    """The grids, those that are labels and values joined into tables with the labels as headings.

    A title of a list above such a table begins another table.
    """
    results: list[Grid] = []
    open_: _Joined | None = None
    for each in grids:
        grid, lines = _without_lines(each)
        own = _items(grid)
        if own and open_ and not _begins(grid):
            open_.grids.append(grid)
            open_.items += own
            open_.lines += lines
            continue
        if open_:
            results.append(_table(open_))
        open_ = None if own is None else _Joined([grid], own, lines)
        if own is None:
            results.append(each)
    if open_:
        results.append(_table(open_))
    return results


def accounted(grid: Grid, uses: Sequence[RowUse]) -> list[RowUse]:
    """What became of each row of the file of which a table was made, where one was; else the uses as they are.

    Labels are no row of headings: each stands in its item's own rows.
    """
    if not grid.sources:
        return [*uses]
    results: list[RowUse] = []
    for line in grid.sources[0]:
        text = _line(line.cells)
        of_line: Use = "total" if _TOTAL.match(text) else "note" if entries.passed_over(text) else "title"
        results.append(accounts.row_use(line.sheet, line.number, line.cells, of_line))
    at = {grid.number(row): row for row in range(1, len(grid.rows))}
    for one in uses:
        for number, source in enumerate(grid.sources[at[one.number]] if one.use != "heading" else ()):
            of_row: Use = "part" if number and one.use == "item" else one.use
            own = accounts.row_use(source.sheet, source.number, source.cells, of_row)
            results.append(replace(own, item=one.number))
    sheets = [source.sheet for sources in (*grid.sources[1:], grid.sources[0]) for source in sources]
    return sorted(results, key=lambda one: (sheets.index(one.sheet), one.number))


def _without_lines(grid: Grid) -> tuple[Grid, list[SourceRow]]:
    """The grid with the lines of one cell above and below its rows as its title and below it, and these lines."""
    alone = [len({cell.location for cell in row if cell.text}) < 2 and not _is_label(row) for row in grid.rows]
    if all(alone):
        return grid, []
    start, end = alone.index(False), len(alone) - alone[::-1].index(False)
    lines = [_source(grid, at) for at in (*range(start), *range(end, len(alone))) if _line(grid.rows[at])]
    above, below = ([_line(row) for row in rows if _line(row)] for rows in (grid.rows[:start], grid.rows[end:]))
    made = replace(
        grid,
        title=(*grid.title, *above),
        rows=grid.rows[start:end],
        top=grid.top + start,
        below=(*below, *grid.below),
    )
    return made, lines


def _is_label(row: Sequence[Cell]) -> bool:
    """Whether a row begins with a label, if only with one that has no value."""
    return len(row) > 1 and row[0].location != row[1].location and field_of(_COLON.sub("", row[0].text)) is not None


def _source(grid: Grid, at: int) -> SourceRow:
    return SourceRow(grid.name, grid.number(at), grid.rows[at])


def _line(row: Sequence[Cell]) -> str:
    return next((cell.text for cell in row if cell.text), "")


def _begins(grid: Grid) -> bool:
    return any(kind_of(line) or _TITLE.search(line) for line in grid.title)


def _items(grid: Grid) -> list[_Item] | None:
    """What a grid of labels and values says, item by item; None where it is none."""
    if len(grid.rows) < 2 or len(grid.rows[0]) not in (2, 4):
        return None
    if header_rows.find(grid.rows, 0, None, {}) is not None and not _alternates(grid):
        return None
    items: list[_Item] = []
    labels: list[str] = []
    last = ""
    for at, row in enumerate(grid.rows):
        for label, value in _pairs(row):
            text = _COLON.sub("", label.text.replace("\n", ""))
            record = items[-1].record if items else {}
            if not text and record:  # the value above goes on
                first, before = record[last]
                record[last] = first, replace(before, text="\n".join(filter(None, (before.text, value.text))))
                continue
            if not text or len(text) > _LONGEST:
                return None
            if text in record and label.location == record[text][0].location:
                return None  # one label with several values beside it, which is no record of its own
            if not items or text in record:
                items.append(_Item({}, []))
            labels.append(text)
            last = text
            items[-1].record[text] = Cell(text, label.location), value
        if any(cell.text for cell in row):
            items[-1].rows.append(_source(grid, at))
    meant = [field_of(label) for label in labels]
    known = sum(field is not None for field in meant)
    if 2 * known < len(labels) or any("name" not in map(field_of, item.record) for item in items):
        return None
    return items or None


def _alternates(grid: Grid) -> bool:
    """Whether every row begins with a label, and labels and values take turns in the first: no headings do."""
    first, *rest = ([cell.text for cell in row] for row in grid.rows)
    labels = [field_of(text) is not None for text in first]
    return labels == [True, False, True, False] and all(field_of(row[0]) for row in rest)


def _pairs(row: Sequence[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Label and value, side by side, once or twice in a row; a value may reach over the columns of the second pair.

    A value without a label goes on with the one before it.
    """
    cells = [next(same) for _, same in groupby(row, key=lambda cell: cell.location or id(cell))]
    for at in range(0, len(cells) - 1, 2):
        if cells[at].text or cells[at + 1].text:
            yield cells[at], cells[at + 1]
    if len(cells) % 2 and cells[-1].text:
        yield Cell("", ""), cells[-1]


def _table(of: _Joined) -> Grid:
    """The items as a table, headed by all their labels in the order in which they come.

    It is called, and has the title, as its first grid; what stands below it stands below the last.
    """
    headings: dict[str, Cell] = {}
    for item in of.items:
        for text, (label, _) in item.record.items():
            headings.setdefault(text, label)
    blank = Cell("", "")
    rows = [tuple(item.record[text][1] if text in item.record else blank for text in headings) for item in of.items]
    names = [next(value for label, value in one.record.values() if field_of(label.text) == "name") for one in of.items]
    numbers = [_number(cell) for cell in [next(iter(headings.values())), *names]]
    known = tuple(number for number in numbers if number is not None)
    numbered = known if len(known) == len(numbers) == len(set(known[1:])) + 1 else ()
    return replace(
        of.grids[0],
        rows=(tuple(headings.values()), *rows),
        top=1,
        below=of.grids[-1].below,
        numbers=numbered,
        comments=tuple(cell for grid in of.grids for cell in grid.comments),
        footnotes=tuple(cell for grid in of.grids for cell in grid.footnotes),
        sources=(tuple(of.lines), *(tuple(item.rows) for item in of.items)),
    )


def _number(cell: Cell) -> int | None:
    """The number of the row in which a cell of a sheet stands; None in a document, where each table has its own."""
    match = re.search(r"![A-Z]+(\d+)$", cell.location)
    return int(match[1]) if match else None
