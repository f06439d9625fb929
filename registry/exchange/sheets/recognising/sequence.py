"""Whether the numbers of a table's items go on one by one: none left out (1, 2, 4) and none used twice (1, 2, 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import numbering
from registry.exchange.sheets.recognising.entries import Row
from registry.exchange.sheets.sentences import of

_SHOWN: Final = 8  # numbers and rows named one by one
_SECTION: Final = ("category", "subcategory", "department")  # where one of these changes numbers may begin anew
_MOST: Final = 500  # numbers left out; where more are, they are no numbers of items


@dataclass(slots=True)
class _Run:
    """Numbers that belong together: each with its first row, and how many rows have none."""

    rows: dict[int, Row] = field(default_factory=dict[int, Row])
    again: list[tuple[int, Row]] = field(default_factory=list[tuple[int, Row]])
    blank: int = 0


def problems(sheet: str, rows: Sequence[Row], before: int, without: int, *, part: bool) -> list[SheetProblem]:
    """What is told of numbers left out and used twice, each once for the table.

    `before`: the last number of the table before, which this one may go on from; `without`: how many rows have nothing
    but a number, which are told otherwise; `part`: the file is an adjustment, whose numbers may be the whole list's.
    """
    runs = list(_runs(_items(rows)))
    again = [each for run in runs for each in run.again]
    left_out = [] if part else [one for at, run in enumerate(runs) for one in _left_out(run, before if not at else 0)]
    result: list[SheetProblem] = []
    if sum(len(numbers) for numbers, _ in left_out) > without:
        numbers, row = left_out[0][0], left_out[0][1]
        shown = _listed([str(number) for some, _ in left_out for number in some])
        count = sum(len(some) for some, _ in left_out)
        result.append(
            of(
                sheet,
                "numbers-skipped",
                cell=address(_location(row)),
                warning=True,
                numbers=shown,
                count=count,
                row=row.number,
                next=max(numbers) + 1,
            )
        )
    if again:
        row = again[0][1]
        result.append(
            of(
                sheet,
                "numbers-doubled",
                cell=address(_location(row)),
                warning=True,
                numbers=_listed(list(dict.fromkeys(str(number) for number, _ in again))),
                rows=_listed([str(row.number) for _, row in again]),
                count=len({number for number, _ in again}),
            )
        )
    return result


def last(rows: Sequence[Row]) -> int:
    """The number of the last item that has one; 0 where none has."""
    return next((number for row in reversed(rows) if (number := _number(row)) is not None), 0)


def _items(rows: Sequence[Row]) -> list[Row]:
    """The first row of each item."""
    return [next(group) for _, group in groupby(rows, key=lambda row: row.cells.get("name", Cell("", "")).location)]


def _number(row: Row) -> int | None:
    cell = row.cells.get("number")
    if cell is None:
        return None
    return int(cell.text) if cell.text.isascii() and cell.text.isdecimal() else numbering.ordinal(cell.text)


def _runs(items: Sequence[Row]) -> Iterator[_Run]:
    """The numbers of the items, cut where they begin anew at 1 in another section; none where others are among them."""
    if any("number" in row.cells and _number(row) is None for row in items):
        return  # 1.1, 7-2: numbers of another kind
    run, before = _Run(), None
    for row in items:
        number = _number(row)
        if number is None:
            run.blank += 1
            continue
        if number == 1 and 1 in run.rows and before is not None and _differs(row, before):
            yield run
            run = _Run()
        if number in run.rows:
            run.again.append((number, row))
        else:
            run.rows[number] = row
        before = row
    yield run


def _differs(row: Row, before: Row) -> bool:
    return any(row.cells.get(name) != before.cells.get(name) for name in _SECTION)


def _left_out(run: _Run, before: int) -> list[tuple[list[int], Row]]:
    """The numbers left out, each stretch with the row that comes after it; rows without a number may be these."""
    results: list[tuple[list[int], Row]] = []
    expected = before + 1 if before and before + 1 in run.rows else 1
    for number in sorted(run.rows):
        if number > expected:
            if number - expected > _MOST:
                return []
            results.append((list(range(expected, number)), run.rows[number]))
        expected = max(expected, number + 1)
    return results if sum(len(numbers) for numbers, _ in results) > run.blank else []


def _location(row: Row) -> str:
    return row.cells.get("number", row.cells["name"]).location


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("……" if len(names) > _SHOWN else "")
