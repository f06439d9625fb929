"""Small files of lists in every format, built from what they say: paragraphs and tables.

A table is its rows of texts; `<` goes on with the cell to the left and `^` with the one above, as merged cells do.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from html import escape
from typing import Any, Final

import docx
import openpyxl
import xlwt
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

Table = Sequence[Sequence[str]]
Block = str | Table
SpanningCell = tuple[str, int, int]  # text, columns, rows over which it reaches

_STRICT: Final = (
    (b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/"),
    (b"http://schemas.openxmlformats.org/wordprocessingml/2006/", b"http://purl.oclc.org/ooxml/wordprocessingml/"),
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/", b"http://purl.oclc.org/ooxml/spreadsheetml/"),
)
_ODF: Final = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)


def cells(table: Table) -> Iterator[list[SpanningCell | None]]:
    """Each row's cells by column; None where another reaches over it."""
    width = max(map(len, table))
    texts = [[*row, *[""] * (width - len(row))] for row in table]
    for at, row in enumerate(texts):
        filled: list[SpanningCell | None] = []
        for column, text in enumerate(row):
            if text in ("<", "^"):
                filled.append(None)
                continue
            across = down = 1
            while column + across < width and row[column + across] == "<":
                across += 1
            while at + down < len(texts) and texts[at + down][column] == "^":
                down += 1
            filled.append((text, across, down))
        yield filled


def rows_of(blocks: Sequence[Block]) -> list[list[str]]:
    """Everything on one sheet, one below the other, merged cells by their marks."""
    rows: list[list[str]] = []
    for block in blocks:
        rows += [[block]] if isinstance(block, str) else [list(row) for row in block]
    return rows


def xlsx(blocks: Sequence[Block], *, strict: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for at, row in enumerate(cells(rows_of(blocks)), 1):
        for column, span in enumerate(row, 1):
            if span is None or not span[0]:
                continue
            sheet.cell(at, column, span[0])
            if span[1:] != (1, 1):
                sheet.merge_cells(
                    start_row=at, start_column=column, end_row=at + span[2] - 1, end_column=column + span[1] - 1
                )
    target = io.BytesIO()
    book.save(target)
    return in_strict(target.getvalue()) if strict else target.getvalue()


def xls(blocks: Sequence[Block]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    for at, row in enumerate(cells(rows_of(blocks))):
        for column, span in enumerate(row):
            if span is not None and span[0]:
                text, across, down = span
                sheet.write_merge(at, at + down - 1, column, column + across - 1, text)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def delimited(blocks: Sequence[Block], encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator)
    for row in cells(rows_of(blocks)):
        writer.writerow([span[0] if span else "" for span in row])
    return target.getvalue().encode(encoding)


def txt(blocks: Sequence[Block], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(str(block) for block in blocks).encode(encoding)


def word(blocks: Sequence[Block], *, strict: bool = False, macros: bool = False) -> bytes:
    document: Any = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), max(map(len, block)))
        for at, row in enumerate(cells(block)):
            for column, span in enumerate(row):
                if span is not None:
                    cell = table.cell(at, column)
                    if span[1:] != (1, 1):
                        cell = cell.merge(table.cell(at + span[2] - 1, column + span[1] - 1))
                    cell.text = span[0]
    target = io.BytesIO()
    document.save(target)
    content = target.getvalue()
    if macros:
        main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
        content = replaced(content, [(main, b"application/vnd.ms-word.document.macroEnabled.main+xml")])
    return in_strict(content) if strict else content


def replaced(content: bytes, pairs: Sequence[tuple[bytes, bytes]], more: dict[str, bytes] | None = None) -> bytes:
    """The archive with texts in its parts replaced, and more parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            for before, after in pairs:
                text = text.replace(before, after)
            new.writestr(name, text)
        for name, text in (more or {}).items():
            new.writestr(name, text)
    return target.getvalue()


def in_strict(content: bytes) -> bytes:
    """The file as ISO 29500 strict has it."""
    return replaced(content, _STRICT)


def archive(parts: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return target.getvalue()


def _odf_table(table: Table, name: str) -> str:
    rows = ""
    for row in cells(table):
        made = ""
        for span in row:
            if span is None:
                made += "<table:covered-table-cell/>"
                continue
            text, across, down = span
            spans = f' table:number-columns-spanned="{across}" table:number-rows-spanned="{down}"'
            lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n")) if text else ""
            made += f'<table:table-cell office:value-type="string"{spans}>{lines}</table:table-cell>'
        rows += f"<table:table-row>{made}</table:table-row>"
    return f'<table:table table:name="{name}">{rows}</table:table>'


def _odf(kind: str, body: str) -> bytes:
    mime = f"application/vnd.oasis.opendocument.{kind}"
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODF} office:version="1.3">'
        f"<office:body>{body}</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mime}"/></manifest:manifest>'
    )
    return archive({"mimetype": mime, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods(blocks: Sequence[Block]) -> bytes:
    end = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
    )
    sheet = _odf_table(rows_of(blocks), "Sheet1").replace("</table:table>", f"{end}</table:table-row></table:table>")
    return _odf("spreadsheet", f"<office:spreadsheet>{sheet}</office:spreadsheet>")


def odt(blocks: Sequence[Block]) -> bytes:
    body = "".join(
        f"<text:p>{escape(block)}</text:p>" if isinstance(block, str) else _odf_table(block, f"T{at}")
        for at, block in enumerate(blocks)
    )
    return _odf("text", f"<office:text>{body}</office:text>")


def html(blocks: Sequence[Block], encoding: str = "utf-8") -> bytes:
    body = ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<p>{escape(block)}</p>\n"
            continue
        rows = ""
        for row in cells(block):
            made = "".join(
                f'<td colspan="{span[1]}" rowspan="{span[2]}">{"<br>".join(escape(span[0]).splitlines())}</td>'
                for span in row
                if span is not None
            )
            rows += f"<tr>{made}</tr>\n"
        body += f"<table border=1>{rows}</table>\n"
    name = {"gb18030": "gb2312"}.get(encoding, encoding)
    head = f'<head><meta http-equiv="Content-Type" content="text/html; charset={name}"><title>清单</title></head>'
    return f"<html>{head}<body>{body}</body></html>".encode(encoding)


def mht(blocks: Sequence[Block]) -> bytes:
    message = MIMEMultipart("related")
    message["Subject"] = "list"
    message["MIME-Version"] = "1.0"
    page = html(blocks).decode().replace("charset=utf-8", "charset=gb2312")
    message.attach(MIMEText(page, "html", "gb18030"))
    return b"MIME-Version: 1.0\r\n" + message.as_bytes().replace(b"MIME-Version: 1.0\n", b"", 1)


def rtf(blocks: Sequence[Block]) -> bytes:
    made = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}{\info{\title x}}" + "\n"
    for at, block in enumerate(blocks):
        if isinstance(block, str):
            made += rf"\pard\f0 {_rtf_text(block, at % 2 == 1)}\par" + "\n"
            continue
        for row in cells(block):
            made += r"\trowd"
            texts = ""
            for column, span in enumerate(row):
                edge = f"\\cellx{(column + 1) * 1500}"
                if span is None:
                    made += (r"\clmrg" if _left(block, row, column) else r"\clvmrg") + edge
                    texts += r"\cell "
                    continue
                text, across, down = span
                made += (r"\clmgf" if across > 1 else "") + (r"\clvmgf" if down > 1 else "") + edge
                texts += rf"{_rtf_text(text, column % 2 == 0)}\cell "
            made += rf"\pard\intbl {texts}\row" + "\n"
        made += r"\pard"
    return (made + "}").encode("ascii")


def _left(block: Table, row: list[SpanningCell | None], column: int) -> bool:
    """Whether a cell that is reached over is so from the left."""
    for before in range(column - 1, -1, -1):
        span = row[before]
        if span is not None:
            return before + span[1] > column
    return False


def _rtf_text(text: str, in_unicode: bool) -> str:
    """As Word writes it (\\u) or as WPS does (bytes of GBK)."""
    made = ""
    for letter in text:
        if letter == "\n":
            made += r"\line "
        elif ord(letter) < 128:
            made += f"\\{letter}" if letter in "\\{}" else letter
        elif in_unicode:
            made += rf"\u{ord(letter) if ord(letter) < 32768 else ord(letter) - 65536}?"
        else:
            made += "".join(f"\\'{byte:02x}" for byte in letter.encode("gb18030"))
    return made


WIDE: Final = 90  # points of a column
HIGH: Final = 16  # points of a line
_FONT: Final = "STSong-Light"


def _laid_out(blocks: Sequence[Block]) -> Iterator[tuple[str, Any]]:
    """Texts (x, y, line) and boxes (x0, y0, x1, y1) on a page, in points from its upper left corner."""
    y = 40.0
    for block in blocks:
        if isinstance(block, str):
            yield "text", (60, y + 12, block)
            y += HIGH + 6
            continue
        filled = list(cells(block))
        heights = [
            HIGH * max(1, *(len(_wrapped(span[0], span[1])) for span in row if span and span[2] == 1), 1) + 6
            for row in filled
        ]
        tops = [y + sum(heights[:at]) for at in range(len(heights) + 1)]
        for at, row in enumerate(filled):
            for column, span in enumerate(row):
                if span is None:
                    continue
                text, across, down = span
                x0 = 50 + column * WIDE
                yield "box", (x0, tops[at], x0 + across * WIDE, tops[at + down])
                for line, part in enumerate(_wrapped(text, across)):
                    yield "text", (x0 + 3, tops[at] + HIGH * (line + 1) - 2, part)
        y = tops[-1] + 12


def _wrapped(text: str, across: int) -> list[str]:
    most = int(across * (WIDE - 6) / 10)
    return [line[at : at + most] for line in text.split("\n") for at in range(0, max(len(line), 1), most)]


def pdf(
    blocks: Sequence[Block],
    *,
    ruled: bool = True,
    pages: int = 1,
    above: float = 9999,
    marks: Mapping[str, str] | None = None,
) -> bytes:
    """On one page, or the same blocks divided over several: a table's rows go on overleaf.

    `ruled`: with lines around the cells, `above` so many points from the top alone. `marks`: texts that are white, the
    same on a ground, or struck.
    """
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    width, height = landscape(A4)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(width, height), invariant=1)
    for number, part in enumerate(_divided(blocks, pages), 1):
        canvas.setFont(_FONT, 10)
        for kind, what in _laid_out(part):
            if kind == "text":
                mark = (marks or {}).get(what[2], "")
                if mark == "ground":
                    canvas.setFillColorRGB(0.1, 0.2, 0.6)
                    canvas.rect(what[0] - 2, height - what[1] - 3, 80, HIGH - 2, stroke=0, fill=1)
                canvas.setFillColorRGB(*([1, 1, 1] if mark in ("white", "ground") else [0, 0, 0]))
                canvas.drawString(what[0], height - what[1], what[2])
                if mark == "struck":
                    middle = height - what[1] + 3.5
                    canvas.line(what[0], middle, what[0] + 10 * len(what[2]), middle)
            elif ruled and what[1] < above:
                x0, y0, x1, y1 = what
                canvas.rect(x0, height - y1, x1 - x0, y1 - y0)
        canvas.drawString(width / 2, 20, f"- {number} -")
        if ruled:
            canvas.drawString(60, 34, "依据文件：宜办发〔2025〕6号 清单编号：BASIC")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _divided(blocks: Sequence[Block], pages: int) -> list[list[Block]]:
    if pages == 1:
        return [list(blocks)]
    *before, last = blocks
    assert not isinstance(last, str)
    size = -(-len(last) // pages)
    parts = [list(last[at : at + size]) for at in range(0, len(last), size)]
    return [[*before, parts[0]], *([part] for part in parts[1:])]


def ofd(blocks: Sequence[Block], *, ruled: bool = True, marks: Mapping[str, str] | None = None) -> bytes:
    """As GB/T 33190 has it, in millimetres: a text object for each line, a path for each box; `marks` as of a pdf."""
    mm = 25.4 / 72
    objects = ""
    for number, (kind, what) in enumerate(_laid_out(blocks), 10):
        if kind == "text":
            x, y, text = what
            size = 10 * mm
            deltas = " ".join(f"{size if ord(letter) > 255 else size / 2:.3f}" for letter in text[:-1])
            mark = (marks or {}).get(text, "")
            box = f'Boundary="{x * mm:.3f} {(y - 10) * mm:.3f} {len(text) * size:.3f} {12 * mm:.3f}"'
            if mark == "ground":
                objects += (
                    f'<ofd:PathObject ID="900" {box} Stroke="false" Fill="true"><ofd:FillColor Value="20 40 160"/>'
                )
                objects += "<ofd:AbbreviatedData>M 0 0 L 80 0 L 80 12 L 0 12 C</ofd:AbbreviatedData></ofd:PathObject>"
            if mark == "struck":
                line = f"M 0 {5.8 * mm:.3f} L {len(text) * size:.3f} {5.8 * mm:.3f}"
                objects += f'<ofd:PathObject ID="901" {box}><ofd:AbbreviatedData>{line}</ofd:AbbreviatedData>'
                objects += "</ofd:PathObject>"
            colour = '<ofd:FillColor Value="255 255 255"/>' if mark in ("white", "ground") else ""
            visible = ' Visible="false"' if mark == "unseen" else ""
            objects += (
                f'<ofd:TextObject ID="{number}" {box} Font="2" Size="{size:.3f}"{visible}>{colour}'
                f'<ofd:TextCode X="0" Y="{9 * mm:.3f}" DeltaX="{deltas}">{escape(text)}</ofd:TextCode></ofd:TextObject>'
            )
        elif ruled:
            x0, y0, x1, y1 = (value * mm for value in what)
            w, h = x1 - x0, y1 - y0
            objects += (
                f'<ofd:PathObject ID="{number}" Boundary="{x0:.3f} {y0:.3f} {w:.3f} {h:.3f}" LineWidth="0.3">'
                f"<ofd:AbbreviatedData>M 0 0 L {w:.3f} 0 L {w:.3f} {h:.3f} L 0 {h:.3f} C</ofd:AbbreviatedData>"
                "</ofd:PathObject>"
            )
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    return archive(
        {
            "OFD.xml": f'<?xml version="1.0"?><ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody>'
            "<ofd:DocInfo><ofd:DocID>0</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
            "</ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID>"
            "<ofd:PageArea><ofd:PhysicalBox>0 0 297 210</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>"
            '<ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>',
            "Doc_0/Pages/Page_0/Content.xml": f'<ofd:Page {space}><ofd:Content><ofd:Layer ID="3" Type="Body">{objects}'
            "</ofd:Layer></ofd:Content></ofd:Page>",
        }
    )


def picture(_: Sequence[Block] = ()) -> bytes:
    """A scan: a page with nothing but a picture on it."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4, invariant=1)
    from PIL import Image

    canvas.drawInlineImage(Image.new("L", (60, 80), 200), 0, 0, *A4)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


# Every format that is read, with the ending under which it usually goes.
FORMATS: Final[dict[str, tuple[str, Callable[[Sequence[Block]], bytes]]]] = {
    "xlsx": ("xlsx", xlsx),
    "xlsm": ("xlsm", xlsx),
    "strict-xlsx": ("xlsx", lambda blocks: xlsx(blocks, strict=True)),
    "xls": ("xls", xls),
    "et": ("et", xls),
    "ods": ("ods", ods),
    "csv": ("csv", delimited),
    "csv-gbk": ("csv", lambda blocks: delimited(blocks, "gb18030")),
    "tsv-as-xls": ("xls", lambda blocks: delimited(blocks, "utf-16", "\t")),
    "docx": ("docx", word),
    "docm": ("docm", lambda blocks: word(blocks, macros=True)),
    "strict-docx": ("docx", lambda blocks: word(blocks, strict=True)),
    "odt": ("odt", odt),
    "rtf": ("rtf", rtf),
    "rtf-as-doc": ("doc", rtf),
    "html": ("html", html),
    "html-as-xls": ("xls", lambda blocks: html(blocks, "gb18030")),
    "mht": ("mht", mht),
    "pdf": ("pdf", pdf),
    "pdf-two-pages": ("pdf", lambda blocks: pdf(blocks, pages=2)),
    "pdf-without-lines": ("pdf", lambda blocks: pdf(blocks, ruled=False)),
    "ofd": ("ofd", ofd),
    "txt": ("txt", txt),
    "txt-gbk": ("txt", lambda blocks: txt(blocks, "gb18030")),
}
