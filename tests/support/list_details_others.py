"""What files of lists other than .xlsx and .docx have besides texts: comments, and letters that nobody sees."""

from __future__ import annotations

import io
import re
import struct
from typing import Any, Final

from xlwt.CompoundDoc import XlsDoc

from registry.exchange.sheets.reading.xls_details import workbook
from tests.support.list_files import replaced

_EOF: Final = struct.pack("<HH", 0x0A, 0)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls_comment(content: bytes, value: tuple[int, int, str]) -> bytes:
    """The .xls of one sheet with a comment on a cell, as Excel writes it: OBJ, TXO with its text, NOTE ([MS-XLS])."""
    row, column, text = value
    book = workbook(content)
    end = book.rindex(_EOF)
    part = struct.pack("<HHHHH", 0x15, 18, 0x19, 1, 0x4011) + bytes(12) + bytes(4)
    letters = b"\1" + text.encode("utf-16-le")
    made = _record(0x5D, part) + _record(0x1B6, struct.pack("<HH6xHH4x", 0x212, 0, len(text), 16))
    made += _record(0x3C, letters) + _record(0x3C, bytes(16))
    made += _record(0x1C, struct.pack("<HHHHHB", row, column, 0, 1, 1, 0) + b"x\0")
    target = io.BytesIO()
    document: Any = XlsDoc()
    document.save(target, book[:end] + made + _EOF)
    return target.getvalue()


def odf_comment(content: bytes, notes: dict[str, str]) -> bytes:
    """The .ods or .odt with annotations to the paragraphs that say this."""
    pairs: list[tuple[bytes, bytes]] = []
    for text, note in notes.items():
        made = f"<office:annotation><text:p>{note}</text:p></office:annotation>"
        whole = f"<text:p>{text}</text:p>"
        sheet = b"opendocument.spreadsheet" in content
        pairs.append((whole.encode(), (made + whole if sheet else f"<text:p>{text}{made}</text:p>").encode()))
    return replaced(content, pairs)


def odf_hidden(content: bytes, text: str) -> bytes:
    """The .odt with a text in a style that is not shown."""
    style = (
        b'<office:automatic-styles><style:style style:name="H" style:family="text">'
        b'<style:text-properties text:display="none"/></style:style></office:automatic-styles><office:body>'
    )
    span = f'<text:p><text:span text:style-name="H">{text}</text:span></text:p>'
    return replaced(content, [(f"<text:p>{text}</text:p>".encode(), span.encode()), (b"<office:body>", style)])


def html_style(content: bytes, value: tuple[str, str]) -> bytes:
    """The page with a text in a span of that style."""
    text, style = value
    return content.replace(f">{text}<".encode(), f'><span style="{style}">{text}</span><'.encode())


def rtf_comment(content: bytes, text: str) -> bytes:
    """The .rtf with an annotation in the last cell."""
    coded = "".join(rf"\u{ord(letter)}?" for letter in text)
    made = rf"{{\*\atnid x}}{{\*\atnauthor x}}\chatn{{\*\annotation \pard {coded}}}".encode()
    before, _, after = content.rpartition(rb"\cell \row")
    return before + made + rb"\cell \row" + after


def rtf_hidden(content: bytes, text: str) -> bytes:
    """The .rtf with the cell that says this hidden."""
    return content.replace(rf" {text}\cell".encode(), rf" {{\v {text}}}\cell".encode())


def pdf_note(content: bytes, text: str) -> bytes:
    """The .pdf with a note stuck on its first page; readers find the objects again, though they have moved."""
    coded = ("\ufeff" + text).encode("utf-16-be").hex()
    note = f"/Annots [ << /Type /Annot /Subtype /Text /Rect [50 50 70 70] /Contents <{coded}> >> ] /Type /Page "
    made, count = re.subn(rb"/Type /Page(?=\s)", note.encode(), content, count=1)
    assert count == 1
    return made


OTHERS: Final[dict[str, Any]] = {
    made.__name__: made
    for made in (xls_comment, odf_comment, odf_hidden, html_style, rtf_comment, rtf_hidden, pdf_note)
}
