"""What a file says outside its tables that no table has among its own lines: comments, heads of pages, other sheets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from registry.exchange.sheets.grids import Cell, Grid
from registry.exchange.sheets.meaning import changing, likely
from registry.exchange.sheets.recognising import entries


def of_grids(grids: Sequence[Grid], with_tables: Collection[str]) -> Iterator[Cell]:
    """Comments, what stands above every page and is no title, and the lines of sheets in which no table was found.

    Rows of several cells on such a sheet are those of a table that is no list: of these only what may well change an
    item. And what a sheet is called that was not adopted. `with_tables`: the other sheets.
    """
    for grid in grids:
        if changing.word(grid.name, ("unused",)) is not None:
            yield Cell(grid.name, grid.name)
        yield from grid.comments
        yield from (Cell(line, grid.name) for line in grid.margins if line not in grid.title)
        if grid.name not in with_tables:
            yield from (Cell(text, grid.name) for text in (*grid.title, *grid.below))
            for row in grid.rows:
                if (single := entries.alone(row)) is not None:
                    yield single[1]
                    continue
                text = "，".join(cell.text for cell in row if cell.text)
                if text and likely.may_change(text, "line"):
                    yield Cell(text, row[0].location)
