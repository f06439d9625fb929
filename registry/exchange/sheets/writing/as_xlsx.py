"""Lists as .xlsx: one sheet a paper, with the headings under which it is imported again; A4 across when printed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.xml.functions import tostring

from registry.exchange.sheets.writing.packing import repacked, writable
from registry.exchange.sheets.writing.printable import Column, Paper, Row, Source, document_line

A4: Final = 9  # as OOXML numbers paper sizes
MOST: Final = 32_767  # characters in a cell; what is longer is cut, and says so
CUT: Final = "……（过长，未完 / cut）"
# A spreadsheet takes what begins so for a formula when somebody edits the cell.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# Only in sheets of a unit, whose items come from several lists; not among the headings that are imported.
SOURCE_COLUMNS: Final = (
    Column("list", "清单编号", "list", 18),
    Column("instrument", "依据文号", "document", 22),
    Column("position", "登记序号", "position in the log", 10),
)

_LINE: Final = Side(style="thin", color="FF808080")
_BORDER: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_PLAIN: Final = Font(name="仿宋", size=11)
_MIDDLE: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT: Final = Alignment(horizontal="left", vertical="center", wrap_text=True)
_LOOKS: Final = {
    "title": (Font(name="方正小标宋简体", size=18), _MIDDLE, None, None),
    "line": (_PLAIN, _MIDDLE, None, None),
    "head": (Font(name="黑体", size=11), _MIDDLE, _BORDER, PatternFill("solid", fgColor="FFF2F2F2")),
    "number": (_PLAIN, _MIDDLE, _BORDER, None),
    "text": (_PLAIN, _LEFT, _BORDER, None),
}
Looks = dict[tuple[str, bool], Any]


def of_list(paper: Paper, source: Source) -> bytes:
    """One list as a workbook that imports back to the same decisions."""
    (listing,) = paper.listings
    book = _book([(paper, paper.columns, document_line(listing, source, titled=False), listing.list.code)], source)
    _describe(book, source, list=listing.list.code, instrument=listing.list.instrument)
    return _written(book, source, paper.title)


def of_unit(unit: str, title: str, papers: Sequence[Paper], source: Source) -> bytes:
    """What lists say for a unit as a workbook: a sheet for each kind, every item with its list, document and decision.

    Of a unit that no list reaches, a sheet that says so.
    """
    day = source.moment.valid_at
    sheets = [
        (paper, (*paper.columns, *SOURCE_COLUMNS), f"截至：{day}　共{len(paper.rows)}项", unit) for paper in papers
    ]
    if not sheets:
        nothing = Paper(None, f"{title}（无清单）", ("无清单", "no lists"), (), (), ())
        sheets.append((nothing, SOURCE_COLUMNS, f"截至：{day}　共0项", unit))
    book = _book(sheets, source)
    _describe(book, source, unit=unit)
    return _written(book, source, title)


def _book(sheets: Iterable[tuple[Paper, Sequence[Column], str, str]], source: Source) -> Workbook:
    book = Workbook(write_only=True)
    taken: set[str] = set()
    for paper, columns, line, about in sheets:
        _sheet(book, paper, columns, line, footer(about, source), _sheet_name(paper, taken))
    return book


def _sheet(book: Workbook, paper: Paper, columns: Sequence[Column], line: str, provenance: str, name: str) -> None:
    sheet: Any = book.create_sheet(name)  # openpyxl's types know less than it does
    for location, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(location)].width = column.width
    sheet.freeze_panes = "A4"
    sheet.print_title_rows = "3:3"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.6
    margins.top, margins.bottom, margins.footer = 0.8, 0.9, 0.4
    sheet.oddFooter.left.text, sheet.oddFooter.left.size = provenance, 8
    sheet.oddFooter.right.text, sheet.oddFooter.right.size = "第 &P 页 共 &N 页", 8
    last = get_column_letter(len(columns))
    for row in (1, 2):
        sheet.merged_cells.add(f"A{row}:{last}{row}")
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 34, 32
    looks: Looks = {}
    sheet.append([_cell(sheet, looks, paper.title, "title")])
    sheet.append([_cell(sheet, looks, line, "line")])
    sheet.append([_cell(sheet, looks, column.zh, "head") for column in columns])
    for row in paper.rows:
        sheet.append([_entered(sheet, looks, column.field, row) for column in columns])


def _entered(sheet: Any, looks: Looks, field: str, row: Row) -> Any:
    if field == "position":
        return _cell(sheet, looks, row.position, "number")
    from_source = {"list": row.subject.partition("#")[0], "instrument": row.instrument.number}
    text = from_source.get(field) or row.cells.get(field, "")
    return _cell(sheet, looks, text, "number" if field == "number" else "text")


def _cell(sheet: Any, looks: Looks, value: str | int, look: str) -> Any:
    """A cell that shows the value as it is: a text never becomes a formula, a number or an error."""
    if isinstance(value, int):
        cell: Any = WriteOnlyCell(sheet, value)
        cell._style = _look(sheet, looks, look, quoted=False)
        return cell
    cell = WriteOnlyCell(sheet)
    text = sheet_text(value)
    if text:
        cell._value, cell.data_type = text, "s"
    cell._style = _look(sheet, looks, look, quoted=text.startswith(FORMULA))
    return cell


def _look(sheet: Any, looks: Looks, name: str, *, quoted: bool) -> Any:
    """The style of a look of this sheet, made once: to make it for every cell takes most of the time."""
    result = looks.get((name, quoted))
    if result is None:
        cell: Any = WriteOnlyCell(sheet)
        cell.font, cell.alignment, border, fill = _LOOKS[name]
        if border is not None:
            cell.border = border
        if fill is not None:
            cell.fill = fill
        cell.quotePrefix = quoted
        result = looks[name, quoted] = cell._style
    return result


def sheet_text(text: str) -> str:
    """The text as a cell can hold it and every reader shows it: it may be cut, and says so then."""
    return _shortened(_literal(writable(text)))


def _literal(text: str) -> str:
    """The text so that no reader takes a piece of it for an escaped character (_x0041_)."""
    return re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _shortened(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - len(CUT)] + CUT


def footer(about: str, source: Source) -> str:
    """What stands below every page: the list or unit, the day, the last decision known and the log's root there.

    `&` begins a code in a footer, and all of a footer may have 255 characters.
    """
    shown = about if len(about) <= 40 else about[:39] + "…"
    day, known = source.moment.valid_at, source.moment.known_at
    text = f"编号 {shown}　截至 {day}　登记簿序号 {known}　日志根 {source.root}"
    return writable(text).replace("\n", " ").replace("&", "&&")


def _sheet_name(paper: Paper, taken: set[str]) -> str:
    """A name that a sheet can have: at most 31 characters, without those that are forbidden, not used twice."""
    given = paper.name[0] if len(paper.listings) != 1 else paper.listings[0].list.title
    base = re.sub(r"[\[\]:*?/\\\s]+", " ", writable(given)).strip(" '") or "清单"
    name, number = base[:31].strip(" '"), 2
    while name.casefold() in taken or name.casefold() == "history":  # Excel keeps History for itself
        name = f"{base[:27].strip(' ')}-{number}"
        number += 1
    taken.add(name.casefold())
    return name


def _describe(book: Any, source: Source, **about: str) -> None:
    """Say in the file's own properties what it rests on."""
    properties = book.custom_doc_props
    properties.append(StringProperty(name="as_of", value=str(source.moment.valid_at)))
    properties.append(StringProperty(name="known", value=str(source.moment.known_at)))
    properties.append(StringProperty(name="root", value=source.root))
    for name, value in about.items():
        properties.append(StringProperty(name=name, value=writable(value)))


def _written(book: Workbook, source: Source, title: str) -> bytes:
    output = io.BytesIO()
    book.save(output)
    day = datetime.combine(source.moment.valid_at, datetime.min.time())
    properties = DocumentProperties(
        creator="权责登记簿 Quanze", title=_shortened(writable(title)), created=day, modified=day
    )
    core: Any = tostring(properties.to_tree())
    return repacked(output.getvalue(), {"docProps/core.xml": core})
