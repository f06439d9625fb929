"""What files of lists other than .xlsx have besides their texts: white letters, notes at their places, boxes, margins.

Each function gives the file with its detail; `list_files` has made it.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from html import escape
from typing import Any, Final

import xlwt
from xlwt.CompoundDoc import XlsDoc

from registry.exchange.sheets.reading.xls_details import workbook
from tests.support.list_files import replaced

_EOF: Final = struct.pack("<HH", 0x0A, 0)
_STYLES: Final = {
    "white": "font: colour white",
    "ground": "font: colour white; pattern: pattern solid, fore_colour dark_blue",
    "paper": "font: colour white; pattern: pattern solid, fore_colour white",
}


def coded(text: str) -> str:
    """A text as an .rtf has it."""
    return "".join(f"\\u{ord(letter)}?" for letter in text)


def xls_styled(rows: list[list[str]], styles: Mapping[str, str]) -> bytes:
    """An .xls of one sheet whose texts have these styles: white, on a ground of a colour, on white."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet: Any = book.add_sheet("Sheet1")
    of: Any = xlwt
    for at, row in enumerate(rows):
        for column, text in enumerate(row):
            sheet.write(at, column, text, of.easyxf(_STYLES[styles[text]] if text in styles else ""))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls_with(content: bytes, *, box: str = "", footer: str = "") -> bytes:
    """The .xls of one sheet with a text box, and what is printed below every page."""
    book = workbook(content)
    end = book.rindex(_EOF)
    made = b""
    if footer:
        whole = f"&C{footer}"
        made += _record(0x15, struct.pack("<HB", len(whole), 1) + whole.encode("utf-16-le"))
    if box:
        part = struct.pack("<HHHHH", 0x15, 18, 0x06, 7, 0x6011) + bytes(12) + bytes(4)
        made += _record(0x5D, part) + _record(0x1B6, struct.pack("<HH6xHH4x", 0x212, 0, len(box), 16))
        made += _record(0x3C, b"\1" + box.encode("utf-16-le")) + _record(0x3C, bytes(16))
    target = io.BytesIO()
    document: Any = XlsDoc()
    document.save(target, book[:end] + made + _EOF)
    return target.getvalue()


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xlsx_box(content: bytes, text: str) -> bytes:
    """The .xlsx with a text box drawn on its sheet."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor><xdr:sp><xdr:txBody>'
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
    )
    link = f'<Relationship Id="rD1" Type="{kinds}/drawing" Target="../drawings/drawing1.xml"/>'
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    more = {
        "xl/drawings/drawing1.xml": drawing.encode(),
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{space}">{link}</Relationships>'.encode(),
    }
    return replaced(content, [], more)


def rtf_cell(content: bytes, text: str, before: str = "", after: str = "", *, row: str = "") -> bytes:
    """The .rtf with control words around a cell's text, and before the row in which it is."""
    colours = rb"{\colortbl;\red255\green255\blue255;\red0\green0\blue128;}"
    content = content.replace(rb"{\info", colours + rb"{\info", 1)
    gbk = "".join(f"\\'{byte:02x}" for byte in text.encode("gb18030"))
    for written in (coded(text).encode(), gbk.encode()):
        if written + rb"\cell" in content:
            start, _, end = content.partition(written + rb"\cell")
            if row:
                head, declared, rest = start.rpartition(rb"\trowd")
                start = head + declared + row.encode() + rest.replace(rb"\cellx", row.encode() + rb"\cellx")
            return start + before.encode() + written + after.encode() + rb"\cell" + end
    raise AssertionError(text)


def rtf_white(content: bytes, text: str) -> bytes:
    return rtf_cell(content, text, r"{\cf1 ", "}")


def rtf_white_on_ground(content: bytes, text: str) -> bytes:
    return rtf_cell(content, text, r"{\cf1 ", "}", row=r"\clcbpat2")


def rtf_noted(content: bytes, text: str, note: str, kind: str) -> bytes:
    """The .rtf with a comment, a footnote or a text box in the cell that says this."""
    inside = coded(note)
    made = {
        "comment": rf"{{\*\atnid x}}{{\*\atnauthor x}}\chatn{{\*\annotation \pard {inside}}}",
        "footnote": rf"{{\super\chftn}}{{\footnote \pard {{\super\chftn}} {inside}}}",
        "box": rf"{{\shp{{\*\shpinst\shpleft0{{\sp{{\sn shapeType}}{{\sv 202}}}}{{\shptxt \pard {inside}\par}}}}}}",
    }
    return rtf_cell(content, text, after=made[kind])


def rtf_around(content: bytes, *, box: str = "", header: str = "", footer: str = "") -> bytes:
    """The .rtf with a text box above its text, and what is above and below every page."""
    made = rf"{{\header \pard {coded(header)}\par}}" if header else ""
    made += rf"{{\footer \pard {coded(footer)}\par}}" if footer else ""
    if box:
        made += rf"\pard{{\shp{{\*\shpinst\shpleft0{{\shptxt \pard {coded(box)}\par}}}}{{\shprslt {coded(box)}}}}}\par"
    return content.replace(rb"\pard", made.encode() + rb"\pard", 1)


def odf_noted(content: bytes, text: str, note: str, kind: str) -> bytes:
    """The .odt or .ods with a comment, a footnote or a text box in the cell that says this."""
    made = {
        "comment": f"<office:annotation><text:p>{note}</text:p></office:annotation>",
        "footnote": '<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        f"<text:note-body><text:p>{note}</text:p></text:note-body></text:note>",
        "box": f"<draw:frame><draw:text-box><text:p>{note}</text:p></draw:text-box></draw:frame>",
    }[kind]
    whole = f"<text:p>{text}</text:p>"
    beside = made + whole if b"opendocument.spreadsheet" in content else f"<text:p>{text}{made}</text:p>"
    return _drawn(replaced(content, [(whole.encode(), beside.encode())]))


def _drawn(content: bytes) -> bytes:
    space = b'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    return replaced(content, [(b"<office:document-content ", b"<office:document-content " + space)])


def odf_box(content: bytes, text: str) -> bytes:
    """The .odt with a text box in a paragraph of its own, the .ods with one drawn on its sheet."""
    box = f"<draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
    end = "</table:table></office:spreadsheet>"
    pairs = [
        (b"<office:text>", f"<office:text><text:p>{box}</text:p>".encode()),
        (
            end.encode(),
            f"<table:shapes>{box}</table:shapes>{end}".encode(),
        ),
    ]
    return _drawn(replaced(content, pairs))


def odf_margin(content: bytes, text: str, part: str) -> bytes:
    """The file with a `header` or `footer` of its pages."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        spaces = " ".join(re.findall(r'xmlns:\w+="[^"]+"', archive.read("content.xml").decode()))
    styles = (
        f"<office:document-styles {spaces}><office:master-styles><style:master-page><style:{part}>"
        f"<text:p>{text}</text:p></style:{part}></style:master-page></office:master-styles></office:document-styles>"
    )
    return replaced(content, [], {"styles.xml": styles.encode()})


def ods_hidden(content: bytes, row: str, *, column: int | None = None) -> bytes:
    """The .ods with the row hidden that has this text, or filtered out; and a column from 0."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml").decode()
    changed = text
    if row:
        before, _, after = text.partition(row)
        head, _, tail = before.rpartition("<table:table-row>")
        changed = f'{head}<table:table-row table:visibility="filter">{tail}{row}{after}'
    if column is not None:
        columns = f'<table:table-column table:number-columns-repeated="{column}"/>' if column else ""
        hidden = f'{columns}<table:table-column table:visibility="collapse"/>'
        changed = changed.replace('table:name="Sheet1">', f'table:name="Sheet1">{hidden}', 1)
    return replaced(content, [(text.encode(), changed.encode())])


def ods_hidden_sheet(content: bytes, name: str) -> bytes:
    """The .ods with one sheet more, which is not shown."""
    style = (
        '<office:automatic-styles><style:style style:name="Away" style:family="table"><style:table-properties '
        'table:display="false"/></style:style></office:automatic-styles><office:body>'
    )
    sheet = (
        f'<table:table table:name="{name}" table:style-name="Away"><table:table-row><table:table-cell '
        'office:value-type="string"><text:p>示例丁登记</text:p></table:table-cell></table:table-row></table:table>'
    )
    end = b"</office:spreadsheet>"
    return replaced(content, [(end, sheet.encode() + end), (b"<office:body>", style.encode())])


def html_class(content: bytes, text: str, declared: str, *, row: bool = False) -> bytes:
    """The page with a class of its style sheet on the cell, or row, that says this, as Excel writes them."""
    made = content.decode()
    made = made.replace(
        "<title>", f"<style><!--\n.xl1\n\t{{mso-number-format:General;\n\t{declared};}}\n--></style><title>"
    )
    before, _, after = made.partition(f">{text}<")
    head, tag, tail = before.rpartition("<tr" if row else "<td")
    return f'{head}{tag} class="xl1"{tail}>{text}<{after}'.encode()


def mht_class(content: bytes, text: str, declared: str) -> bytes:
    """The page as a web archive whose style sheet is a part of its own, as Excel writes workbooks."""
    page = content.decode()
    before, _, after = page.partition(f">{text}<")
    head, tag, tail = before.rpartition("<td")
    page = f"{head}{tag} class=xl1{tail}>{text}<{after}"
    parts = [("text/html", page), ("text/css", f".xl1 {{{declared};}}")]
    made = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n"
    for kind, body in parts:
        made += f"--B\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
    return f"{made}--B--\r\n".encode()


def ofd_annotated(
    content: bytes, note: str, at: tuple[float, float], *, kind: str = "Path", subtype: str = ""
) -> bytes:
    """The .ofd with an annotation at that point of its page, in millimetres (GB/T 33190, chapter 15)."""
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    sub = f' Subtype="{subtype}"' if subtype else ""
    remark = f"<ofd:Remark>{escape(note)}</ofd:Remark>" if note else ""
    more = {
        "Doc_0/Annots/Annotations.xml": f'<ofd:Annotations {space}><ofd:Page PageID="1">'
        "<ofd:FileLoc>Page_0/Annotation.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>",
        "Doc_0/Annots/Page_0/Annotation.xml": f'<ofd:PageAnnot {space}><ofd:Annot ID="800" Type="{kind}"{sub}'
        f' Creator="x" LastModDate="2026-10-30">{remark}'
        f'<ofd:Appearance Boundary="{at[0]:.2f} {at[1]:.2f} 4 4"/></ofd:Annot>'
        "</ofd:PageAnnot>",
    }
    end = b"</ofd:Document>"
    named = b"<ofd:Annotations>Annots/Annotations.xml</ofd:Annotations>" + end
    return replaced(content, [(end, named)], {name: text.encode() for name, text in more.items()})


def pdf_annotated(content: bytes, note: str, at: tuple[float, float], kind: str = "Text") -> bytes:
    """The .pdf with an annotation around that point of its first page, in points from the lower left corner."""
    x, y = at
    written = ("\ufeff" + note).encode("utf-16-be").hex()
    contents = f"/Contents <{written}> " if note else ""
    box = f"[{x - 3} {y - 3} {x + 3} {y + 3}]"
    made = f"/Annots [ << /Type /Annot /Subtype /{kind} /Rect {box} {contents}>> ] /Type /Page "
    changed, count = re.subn(rb"/Type /Page(?=\s)", made.encode(), content, count=1)
    assert count == 1
    return changed
