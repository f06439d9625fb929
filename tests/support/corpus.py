"""The corpus: files in the shapes that real ones have, each with the tables that must be recognised in it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from registry.exchange.sheets.grids import Grid
from registry.exchange.sheets.recognising.tables import Table
from tests.support.paths import CORPUS

EXPECTED: Final[list[Path]] = sorted(CORPUS.glob("*.table.yaml"))


def check_positions(table: Table, grids: list[Grid]) -> None:
    """Each cell and problem names a place where its text is, or begins."""
    texts = {cell.location: cell.text for grid in grids for row in grid.rows for cell in row}
    hidden = {notice.location for grid in grids for notice in grid.notices}
    for row in table.rows:
        assert row.location in texts
        for field, cell in row.cells.items():
            if field not in {"category", "subcategory"}:
                assert cell.location in texts
    for problem in table.problems:
        assert problem.location in {*texts, *hidden, *(grid.name for grid in grids)}
        assert problem.zh
        assert problem.en
