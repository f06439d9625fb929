"""What files of lists have besides texts: comments, changes tracked, notes, boxes, what is hidden or white."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import escape
from typing import Any, Final

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font

from tests.support.list_details_others import OTHERS
from tests.support.list_files import replaced

_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_KINDS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACE: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_BY: Final = 'w:id="9" w:author="x" w:date="2026-10-30T08:00:00Z"'


def detailed(content: bytes, details: dict[str, Any]) -> bytes:
    """The file with these details."""
    for detail, value in details.items():
        content = _DETAILS[detail](content, value)
    return content


def _in_book(change: Callable[[Any, Any], None]) -> Callable[[bytes, Any], bytes]:
    def changed(content: bytes, value: Any) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        change(book.active, value)
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    return changed


def _hidden_rows(sheet: Any, rows: list[int]) -> None:
    for row in rows:
        sheet.row_dimensions[row].hidden = True


def _white(sheet: Any, places: list[str]) -> None:
    for address in places:
        sheet[address].font = Font(color="FFFFFFFF")


def _filter(sheet: Any, reach: str) -> None:
    sheet.auto_filter.ref = reach


def _comments(content: bytes, comments: dict[str, str]) -> bytes:
    if b"word/document.xml" in content:
        return _noted(content, comments, "comment")
    return _in_book(_sheet_comments)(content, comments)


def _sheet_comments(sheet: Any, comments: dict[str, str]) -> None:
    for address, text in comments.items():
        sheet[address].comment = Comment(text, "x")


def _in_runs(make: Callable[[str], str]) -> Callable[[bytes, list[str]], bytes]:
    """Makes something else of each run that says one of the texts."""

    def changed(content: bytes, texts: list[str]) -> bytes:
        pairs = [(f"<w:r><w:t>{text}</w:t></w:r>".encode(), make(text).encode()) for text in texts]
        return replaced(content, pairs)

    return changed


def _noted(content: bytes, notes: dict[str, str], kind: str) -> bytes:
    """The .docx with footnotes or comments to the runs that say this."""
    pairs: list[tuple[bytes, bytes]] = []
    made = ""
    for number, (text, note) in enumerate(notes.items(), 2):
        mark = f'<w:r><w:{kind}Reference w:id="{number}"/></w:r>'
        run = f"<w:r><w:t>{text}</w:t></w:r>"
        pairs.append((run.encode(), (run + mark).encode()))
        made += f'<w:{kind} w:id="{number}"><w:p><w:r><w:t>{escape(note)}</w:t></w:r></w:p></w:{kind}>'
    part = f'<?xml version="1.0" encoding="UTF-8"?><w:{kind}s {_SPACE}>{made}</w:{kind}s>'
    return _with_part(content, f"{kind}s", part, pairs)


def _with_part(content: bytes, name: str, part: str, pairs: list[tuple[bytes, bytes]]) -> bytes:
    kind = re.sub(r"\d", "", name)
    link = f'<Relationship Id="rX1" Type="{_KINDS}/{kind}" Target="{name}.xml"/></Relationships>'
    declared = f'<Override PartName="/word/{name}.xml" ContentType="{_WORD}.{kind}+xml"/></Types>'
    last = b"</Relationships>"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        old = archive.read("word/_rels/document.xml.rels")
    both = [*pairs, (old, old.replace(last, link.encode())), (b"</Types>", declared.encode())]
    return replaced(content, both, {f"word/{name}.xml": part.encode()})


def _header(content: bytes, text: str) -> bytes:
    part = f'<?xml version="1.0" encoding="UTF-8"?><w:hdr {_SPACE}><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:hdr>'
    link = b'<w:headerReference w:type="default" r:id="rX1"/>'
    return _with_part(content, "header1", part, [(b"<w:pgSz", link + b"<w:pgSz")])


def _frame(inside: str) -> str:
    """A text frame as Word writes it for old and new versions."""
    style = 'style="width:400pt;height:90pt"'
    return (
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" '
        f"{style}><v:textbox><w:txbxContent>{inside}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )


def _boxed_text(content: bytes, text: str) -> bytes:
    box = _frame(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    return replaced(content, [(b"<w:tbl>", box.encode() + b"<w:tbl>")])


def _boxed_tables(content: bytes, _: bool) -> bytes:
    before, after = _frame("\0").split("\0")
    return replaced(
        content, [(b"<w:tbl>", before.encode() + b"<w:tbl>"), (b"</w:tbl>", b"</w:tbl><w:p/>" + after.encode())]
    )


def _boxed_in_cell(content: bytes, value: tuple[str, str]) -> bytes:
    """A text box within the cell that says this."""
    text, boxed = value
    run = f"<w:r><w:t>{text}</w:t></w:r>"
    box = _frame(f"<w:p><w:r><w:t>{boxed}</w:t></w:r></w:p>").removeprefix("<w:p>").removesuffix("</w:p>")
    return replaced(content, [(run.encode(), (run + box).encode())])


def _sheet_name(sheet: Any, name: str) -> None:
    sheet.title = name


def _sheet_header(sheet: Any, text: str) -> None:
    sheet.oddHeader.center.text = text


_DETAILS: Final[dict[str, Callable[[bytes, Any], bytes]]] = {
    "hidden_rows": _in_book(_hidden_rows),
    "filtered_rows": _in_book(_hidden_rows),
    "filter": _in_book(_filter),
    "white": _in_book(_white),
    "comments": _comments,
    "footnotes": lambda content, notes: _noted(content, notes, "footnote"),
    "deleted": _in_runs(lambda text: f"<w:del {_BY}><w:r><w:delText>{text}</w:delText></w:r></w:del>"),
    "inserted": _in_runs(lambda text: f"<w:ins {_BY}><w:r><w:t>{text}</w:t></w:r></w:ins>"),
    "vanished": _in_runs(lambda text: f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{text}</w:t></w:r>"),
    "header": _header,
    "boxed_text": _boxed_text,
    "boxed_tables": _boxed_tables,
    "boxed_in_cell": _boxed_in_cell,
    "sheet_name": _in_book(_sheet_name),
    "sheet_header": _in_book(_sheet_header),
    **OTHERS,
}
