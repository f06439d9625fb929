"""Lists as .docx for the notice board: A4, title, document, table, and below every page what it rests on."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from registry.exchange.sheets.writing.as_xlsx import SOURCE_COLUMNS
from registry.exchange.sheets.writing.packing import repacked, writable
from registry.exchange.sheets.writing.printable import Column, Paper, Row, Source, document_line, documents_of

# Fonts of official documents, and what a machine without them takes instead.
FONTS: Final = {
    "方正小标宋简体": "方正小标宋_GBK;华文中宋;宋体;SimSun;Noto Serif CJK SC",
    "仿宋": "仿宋_GB2312;FangSong;华文仿宋;宋体;Noto Serif CJK SC",
    "黑体": "SimHei;Microsoft YaHei;Noto Sans CJK SC",
}
TITLE, PLAIN, BOLD = FONTS
_UPRIGHT: Final = 5  # columns that an upright page can hold
_PLACEHOLDER: Final = "<w:tbl{}/>"  # of a table: no text of a user can look like it


def of_list(paper: Paper, source: Source) -> bytes:
    """One list for the notice board."""
    (listing,) = paper.listings
    columns = paper.printed()
    document = new_document(upright=len(columns) <= _UPRIGHT)
    add_heading(document, paper.title, document_line(listing, source, titled=True))
    tables = [_table(document, columns, paper.rows)]
    add_footer(document, f"依据文件：{listing.instrument.number}　清单编号：{listing.list.code}", source)
    return written(document, tables, source, paper.title)


def of_unit(title: str, papers: Sequence[Paper], source: Source) -> bytes:
    """What lists say for a unit: a table for each kind of list, every item with its document and decision."""
    document = new_document(upright=False)
    add_heading(document, title, f"截至：{source.moment.valid_at}")
    tables: list[str] = []
    for paper in papers:
        add_paragraph(document, f"{paper.name[0]}（{len(paper.rows)}项）", BOLD, 14)
        tables.append(_table(document, (*paper.printed(), *SOURCE_COLUMNS[1:]), paper.rows))
    if not papers:
        add_paragraph(document, "没有清单适用于本单位。", PLAIN, 12)
    numbers = "、".join(each.number for each in documents_of(each for paper in papers for each in paper.listings))
    add_footer(document, f"依据文件：{numbers or '无'}", source)
    return written(document, tables, source, title)


def new_document(*, upright: bool) -> Any:
    """An empty A4 document with the fonts of official ones, upright or lying."""
    document: Any = Document()
    section = document.sections[0]
    sides = (Mm(210), Mm(297))
    section.page_width, section.page_height = sides if upright else sides[::-1]
    section.orientation = WD_ORIENT.PORTRAIT if upright else WD_ORIENT.LANDSCAPE
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin, section.footer_distance = Mm(22), Mm(20), Mm(10)
    normal = document.styles["Normal"]
    normal.font.size = Pt(12)
    _named(normal.element.get_or_add_rPr(), PLAIN)
    return document


def _named(properties: Any, font: str) -> None:
    """Chinese and Latin letters in this font."""
    fonts = properties.get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)


def add_paragraph(container: Any, text: str, font: str, size: float, *, middle: bool = False) -> None:
    """A paragraph in a font and size; `middle`: centred."""
    paragraph = container.add_paragraph()
    _add_run(paragraph, text, font, size)
    paragraph.paragraph_format.space_after = Pt(6)
    paragraph.paragraph_format.keep_with_next = True
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def fill_cell(cell: Any, text: str, font: str) -> None:
    """Write a text into a cell of a table, each of its lines on one."""
    for number, line in enumerate(text.split("\n")):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _add_run(paragraph, line, font, 12)


def _add_run(paragraph: Any, text: str, font: str, size: float) -> None:
    run = paragraph.add_run(writable(text))
    run.font.size = Pt(size)
    _named(run._r.get_or_add_rPr(), font)


def add_heading(document: Any, title: str, line: str) -> None:
    """The title, and one line below it."""
    add_paragraph(document, title, TITLE, 22, middle=True)
    add_paragraph(document, line, PLAIN, 12, middle=True)


def add_footer(document: Any, about: str, source: Source) -> None:
    """The document's number, the day, the last decision known and the log's root there; the page's number."""
    footer = document.sections[0].footer
    moment = source.moment
    paragraph = footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    text = f"{about}　截至：{moment.valid_at}　登记簿序号：{moment.known_at}　日志根：{source.root}　第 "
    _add_run(paragraph, text, PLAIN, 9)
    field = '<w:fldSimple {} w:instr="PAGE"><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field.format(nsdecls("w"))))
    _add_run(paragraph, " 页", PLAIN, 9)


def _table(document: Any, columns: Sequence[Column], rows: Iterable[Row]) -> str:
    heads = [(column.zh, column.width) for column in columns]
    return add_table(document, heads, ([_shown(column.field, row) for column in columns] for row in rows))


def add_table(document: Any, heads: Sequence[tuple[str, int]], rows: Iterable[Iterable[tuple[str, bool]]]) -> str:
    """Keep a table's place in the document, and give its XML for `written`: cell by cell, a long one takes minutes.

    `heads`: each column's head and width; of a cell its text, and whether that stands in the middle.
    """
    section = document.sections[0]
    space = (section.page_width - section.left_margin - section.right_margin) // 635  # in twentieths of a point
    total = sum(width for _, width in heads)
    widths = [space * width // total for _, width in heads]
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    head = _row([(title, True) for title, _ in heads], widths, head=True)
    body = "".join(_row(row, widths) for row in rows)
    location = parse_xml(_PLACEHOLDER.format(" " + nsdecls("w")))
    document.element.body.insert(-1, location)  # before the section's own properties
    document.add_paragraph().paragraph_format.space_after = Pt(0)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{sides}</w:tblBorders><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
    )


def _shown(field: str, row: Row) -> tuple[str, bool]:
    """A cell's text, and whether it stands in the middle."""
    if field == "position":
        return str(row.position), True
    return (row.instrument.number, False) if field == "instrument" else (row.cells.get(field, ""), field == "number")


def _row(texts: Iterable[tuple[str, bool]], widths: Sequence[int], *, head: bool = False) -> str:
    font = BOLD if head else PLAIN
    look = (
        f'<w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" w:cs="{font}"/>'
        '<w:sz w:val="21"/><w:szCs w:val="21"/></w:rPr>'
    )
    cells: list[str] = []
    for (text, middle), width in zip(texts, widths, strict=True):
        lines = re.split(r"\r\n|\r|\n", writable(text))
        side = "center" if middle else "left"
        runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
        cells.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="20" w:after="20"/><w:jc w:val="{side}"/></w:pPr>'
            f"<w:r>{look}{runs}</w:r></w:p></w:tc>"
        )
    kept = "<w:cantSplit/><w:tblHeader/>" if head else "<w:cantSplit/>"
    return f"<w:tr><w:trPr>{kept}</w:trPr>{''.join(cells)}</w:tr>"


def written(document: Any, tables: Iterable[str], source: Source, title: str, made: date | None = None) -> bytes:
    """The file, the same for the same source; `tables`: XML for the places kept in the document.

    `made`: the day that its properties say it was made on; without, the day that it is about.
    """
    day = datetime.combine(made or source.moment.valid_at, datetime.min.time())
    properties = document.core_properties
    properties.author, properties.last_modified_by = "权责登记簿 Quanze", ""
    properties.title, properties.comments = writable(title)[:255], ""
    properties.created = properties.modified = day
    output = io.BytesIO()
    document.save(output)
    with zipfile.ZipFile(output) as archive:
        text = archive.read("word/document.xml").decode()
    first, *rest = text.split(_PLACEHOLDER.format(""))
    whole = "".join([first, *(part for pair in zip(tables, rest, strict=True) for part in pair)])
    parts = {"word/document.xml": whole.encode(), "word/fontTable.xml": _font_table().encode()}
    return repacked(output.getvalue(), parts)


def _font_table() -> str:
    """The fonts that the document names, and what stands in for each."""
    named = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:family w:val="auto"/></w:font>'
        for name, others in FONTS.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{named}</w:fonts>'
