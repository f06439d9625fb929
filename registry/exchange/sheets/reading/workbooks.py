"""Sheets of .xlsx and .xls files, by calamine."""

from __future__ import annotations

import io
from dataclasses import replace

import python_calamine

from registry.exchange.sheets.grids import (
    COLUMNS,
    ROWS,
    Cell,
    Grid,
    a1,
    cell_location,
    grid,
    shown,
    too_large,
)
from registry.exchange.sheets.problems import SheetProblem, damaged, locked
from registry.exchange.sheets.reading import strikes, xls_details, xls_fonts, xlsx_details
from registry.exchange.sheets.reading.archives import transitional
from registry.exchange.sheets.reading.unprinted import (
    commented,
    filled_places,
    hidden_lines,
    hidden_sheet,
    hidden_text,
    listed,
)

SHEETS = 200


def grids(content: bytes, filename: str) -> list[Grid]:
    """The visible sheets with any text in them. Raises BadSheet."""
    if content.startswith(b"PK"):
        content = transitional(content, filename)
    if xls_details.is_endless(content):
        raise damaged(filename)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError:
        raise locked(filename) from None
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise damaged(filename, str(error)) from None
    if len(book.sheets_metadata) > SHEETS:
        raise too_large(filename, ("工作表数", "sheets"), SHEETS)
    none: dict[str, xlsx_details.Details] = {}
    more = xlsx_details.details(content) if content.startswith(b"PK") else none
    if not more:
        by_order = xls_details.details(content)
        names = [about.name for about in book.sheets_metadata]
        more = dict(zip(names, by_order, strict=True)) if len(names) == len(by_order) else none
    if content.startswith(b"PK"):
        white, struck = strikes.white(content), strikes.of_workbook(content)
    else:
        white, struck = _white_in_xls(content, book), _struck_in_xls(content, book)
    results: list[Grid] = []
    hidden: list[str] = []
    for number, about in enumerate(book.sheets_metadata):
        if about.typ == python_calamine.SheetTypeEnum.WorkSheet and (
            about.visible == python_calamine.SheetVisibleEnum.Visible
        ):
            try:
                sheet = _grid(book.get_sheet_by_index(number), more.get(about.name, xlsx_details.Details()), struck)
                if sheet:
                    at = sorted((row, column) for name, row, column in white if name == about.name)
                    sheet = replace(sheet, notices=(*sheet.notices, *_unseen(sheet, at)))
            except python_calamine.CalamineError as error:
                raise damaged(about.name, str(error)) from None
            if sheet:
                results.append(sheet)
        elif about.typ == python_calamine.SheetTypeEnum.WorkSheet:
            hidden.append(about.name)
    if results and hidden:
        results[0] = replace(results[0], notices=(*results[0].notices, *map(hidden_sheet, hidden)))
    return results


def _struck_in_xls(content: bytes, book: python_calamine.CalamineWorkbook) -> strikes.StruckCells:
    sheets = xls_fonts.of_workbook(content)
    if len(sheets) != len(book.sheets_metadata):
        return {}
    named = zip((about.name for about in book.sheets_metadata), sheets, strict=True)
    return {(name, row, column): line for name, cells in named for (row, column), line in cells.items()}


def _white_in_xls(content: bytes, book: python_calamine.CalamineWorkbook) -> set[tuple[str, int, int]]:
    sheets = xls_fonts.white(content)
    if len(sheets) != len(book.sheets_metadata):
        return set()
    named = zip((about.name for about in book.sheets_metadata), sheets, strict=True)
    return {(name, row, column) for name, cells in named for row, column in cells}


def _grid(sheet: python_calamine.CalamineSheet, more: xlsx_details.Details, struck: strikes.StruckCells) -> Grid | None:
    if sheet.start is None:
        return None
    top, left = sheet.start
    if sheet.height > ROWS:
        raise too_large(sheet.name, ("行数", "rows"), ROWS)
    if sheet.width > COLUMNS:
        raise too_large(sheet.name, ("列数", "columns"), COLUMNS)
    rows = [
        [
            Cell(
                shown(value) or more.texts.get((row, column), ""),
                cell_location(sheet.name, row, column),
                struck.get((sheet.name, row, column), ""),
            )
            for column, value in enumerate(values, left)
        ]
        for row, values in enumerate(sheet.to_python(skip_empty_area=True), top)
    ]
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for (first_row, first_column), (last_row, last_column) in sheet.merged_cell_ranges or ():
        first = first_row - top, first_column - left
        if 0 <= first[0] < len(rows) and 0 <= first[1] < sheet.width:
            for row in range(first[0], min(last_row - top, len(rows) - 1) + 1):
                for column in range(first[1], min(last_column - left, sheet.width - 1) + 1):
                    merged.setdefault((row, column), first)  # a damaged file's ranges may overlap
    result = grid(sheet.name, (), rows, top + 1, merged)
    comments = [
        Cell(shown(text), cell_location(sheet.name, row, column)) for (row, column), text in more.comments.items()
    ]
    return result and replace(
        result,
        notices=(*hidden_lines(result, more.rows, more.columns), *commented(sheet.name, comments)),
        comments=tuple(comments),
        margins=tuple(more.margins),
    )


def _unseen(sheet: Grid, places: list[tuple[int, int]]) -> tuple[SheetProblem, ...]:
    """What is told of letters that are white on white: they are read all the same."""
    filled = filled_places(sheet)
    cells = [a1(row, column) for row, column in places if (row, column) in filled]
    return (hidden_text(sheet.name, cells[0], listed(cells)),) if cells else ()
