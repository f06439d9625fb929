"""Sheets of .xlsx and .xls files, by calamine."""

from __future__ import annotations

import io

import python_calamine

from registry.exchange.sheets.grids import COLUMNS, ROWS, Cell, Grid, cell_location, grid, shown, too_large
from registry.exchange.sheets.problems import damaged, locked
from registry.exchange.sheets.reading.archives import transitional

SHEETS = 200


def grids(content: bytes, filename: str) -> list[Grid]:
    """The visible sheets with any text in them. Raises BadSheet."""
    if content.startswith(b"PK"):
        content = transitional(content, filename)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError:
        raise locked(filename) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged(filename, str(error)) from None
    if len(book.sheets_metadata) > SHEETS:
        raise too_large(filename, ("工作表数", "sheets"), SHEETS)
    results: list[Grid] = []
    for number, about in enumerate(book.sheets_metadata):
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet and (
            about.visible == python_calamine.SheetVisibleEnum.Visible
        ):
            try:
                sheet = _grid(book.get_sheet_by_index(number))
            except python_calamine.CalamineError as error:
                raise damaged(about.name, str(error)) from None
            if sheet:
                results.append(sheet)
    return results


def _grid(sheet: python_calamine.CalamineSheet) -> Grid | None:
    if sheet.start is None:
        return None
    top, left = sheet.start
    if sheet.height > ROWS:
        raise too_large(sheet.name, ("行数", "rows"), ROWS)
    if sheet.width > COLUMNS:
        raise too_large(sheet.name, ("列数", "columns"), COLUMNS)
    rows = [
        [Cell(shown(value), cell_location(sheet.name, row, column)) for column, value in enumerate(values, left)]
        for row, values in enumerate(sheet.to_python(skip_empty_area=True), top)
    ]
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        first = first_row - top, first_column - left
        if 0 <= first[0] < len(rows) and 0 <= first[1] < sheet.width:
            for row in range(first[0], min(last_row - top, len(rows) - 1) + 1):
                for column in range(first[1], min(last_column - left, sheet.width - 1) + 1):
                    merged.setdefault((row, column), first)  # a damaged file's ranges may overlap
    return grid(sheet.name, (), rows, top + 1, merged)
