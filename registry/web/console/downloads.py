"""A table as a file: .xlsx, .csv or .json, the same rows in the same order as on the page, all of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson
from fastapi import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from registry.exchange.file_names import disposition
from registry.exchange.sheets.writing.as_xlsx import A4, FORMULA, sheet_text
from registry.web.beside import MadeBeside
from registry.web.console.tables import FORMATS, Cell, Column, Row, Table
from registry.web.pages import address as lookup

if TYPE_CHECKING:
    from registry.web.console.view import View

MEDIA: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
_HEAD: Final = Font(bold=True)
_FILL: Final = PatternFill("solid", fgColor="FFF2F2F2")
_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)


def download(view: View, tables: Sequence[Table]) -> Response | None:
    """The file that the address of a view asks for; None where it asks for none. Raises Refused: bad-value."""
    format_, name = view.parameter("format"), view.parameter("table")
    if not format_:
        return None
    if format_ not in FORMATS:
        lookup.refuse("bad-value", f"没有 {format_} 这一格式。", f"There is no format {format_}.")
    chosen = [table for table in tables if not name or table.name == name]
    if not chosen:
        lookup.refuse("bad-value", f"本页没有表 {name}。", f"This page has no table {name}.")
    table = chosen[0]
    columns, rows = table.wanted(view)
    title = view.localized(*table.title)
    make = {"xlsx": _xlsx, "csv": _csv, "json": _json}[format_]
    kept = disposition(f"{table.name}.{format_}", f"{view.file_name(title, narrowed=True)}.{format_}")
    headers = {"Content-Disposition": kept, "Cache-Control": "private, no-store"}
    return MadeBeside(lambda: make(view, title, columns, rows), headers=headers, media_type=MEDIA[format_])


def _xlsx(view: View, title: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """A workbook with one sheet: heads that stay, widths, numbers as numbers, and texts that are no formulas."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(sheet_text(title)[:31].translate(_NO_SHEET_NAME))
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    heads = [_written(sheet, view.localized(*column.title)) for column in columns]
    for head in heads:
        head.font, head.fill, head.alignment = _HEAD, _FILL, _WRAPPED
    sheet.append(heads)
    for row in rows:
        sheet.append([_written(sheet, _filed(row, column)) for column in columns])
    if rows and columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


_NO_SHEET_NAME: Final = str.maketrans("[]:*?/\\", "       ")


def _written(sheet: Any, value: Any) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    if isinstance(value, int | float) and not isinstance(value, bool):
        cell.value = value
    elif value is not None and (text := sheet_text(str(value))):
        cell._value, cell.data_type = text, "s"  # a text, whatever it begins with
        cell.quotePrefix = text.startswith(FORMULA)
    cell.alignment = _WRAPPED
    return cell


def _csv(view: View, _: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """With a byte order mark, by which spreadsheets know it for UTF-8; no text in it is taken for a formula."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow([_harmless(view.localized(*column.title)) for column in columns])
    writer.writerows([_harmless(_filed(row, column)) for column in columns] for row in rows)
    return b"\xef\xbb\xbf" + output.getvalue().encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _json(_view: View, _: str, columns: Sequence[Column], rows: Sequence[Row]) -> bytes:
    """An array of objects, one a row, by the columns' keys: values as they are, not as they are shown."""
    return orjson.dumps(
        [{column.key: row[column.key].value if column.key in row else None for column in columns} for row in rows]
    )


def _filed(row: Row, column: Column) -> Any:
    cell = row.get(column.key, Cell(None))
    return cell.value if isinstance(cell.value, int | float) and not isinstance(cell.value, bool) else cell.text
