"""What kind of file the bytes are, whatever the file is called."""

from __future__ import annotations

import re
from typing import Final, Literal

from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged, locked
from registry.exchange.sheets.reading import archives

Format = Literal["workbook", "document", "text", "html", "mht", "rtf", "pdf", "ofd", "opendocument", "office"]

_START: Final = 4096  # bytes by which a kind of file is told
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams, as the directory of such a file has them.
_ENCRYPTED, _WORD, _POWERPOINT = (
    name.encode("utf-16-le") for name in ("EncryptedPackage", "WordDocument", "PowerPoint Document")
)
_BOOK: Final = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book\0"))
_PICTURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
)
_BYTE_MARKS: Final = b"\xef\xbb\xbf"
_HTML: Final = re.compile(rb"<(?:!doctype\s+html|html|table|meta|body|head|div)\b")
_MIME: Final = re.compile(rb"(?im)^(?:mime-version|content-type|from|subject|date)\s*:")
_OFFICE_NAMES: Final = (".xlsx", ".xls", ".docx", ".xlsm", ".docm", ".doc", ".ods", ".odt", ".ofd", ".et", ".wps")


def format_of(content: bytes, filename: str) -> Format:
    """By what the file is: which reader takes it; `office`: what only an office program can open (.doc, .wps).

    An .xlsx called .xls, a page or a text with tabs called .xls, as many systems export them, is read for what it is.
    Raises BadSheet for anything else, with what to do.
    """
    if content.startswith(b"PK\x03\x04"):
        return archives.format_of(content, filename)
    if content.startswith(_OLE):
        return _compound(content, filename)
    if content.startswith(b"PK"):
        raise damaged(filename)
    for mark, name in _PICTURES:
        if content.startswith(mark) and (mark != b"BM" or b"\0" in content[:32]):
            raise picture(filename, name)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        raise picture(filename, "WebP")
    if content[4:12] in {b"ftypheic", b"ftypmif1"}:
        raise picture(filename, "HEIC")
    if b"%PDF-" in content[:1024]:
        return "pdf"
    if content.removeprefix(_BYTE_MARKS).startswith(b"{\\rtf"):
        return "rtf"
    for mark, name in _OTHERS:
        if content.startswith(mark):
            raise other(filename, name)
    return _written(content, filename)


def _written(content: bytes, filename: str) -> Format:
    """The kind of a file of text."""
    start = content[:_START].removeprefix(_BYTE_MARKS).replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n").lower()
    if start.startswith(b"<") and _HTML.search(start):
        return "html"
    if start.startswith(b"<?xml"):
        raise other(filename, "XML")
    if len(_MIME.findall(start)) > 1 and b"mime-version" in start:
        return "mht"
    if start.startswith((b"{", b"[")) and re.match(rb'[{\[]\s*[{"\]}]', start):
        raise _for_programs(filename)
    if content[:2] in {b"\x09\x08", b"\x09\x04", b"\x09\x02"}:
        raise other(filename, "Excel 2.0-4.0")
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a" for byte in content[:_START])
    if controls <= 8 or _in_utf_16(content):
        return "text"
    if filename.lower().endswith(_OFFICE_NAMES):
        raise damaged(filename)
    raise other(filename, "")


def _in_utf_16(content: bytes) -> bool:
    """Whether there is a mark, or every second byte is often zero, as separators and digits have it."""
    start = content[:_START]
    zeros = sorted((start[::2].count(0), start[1::2].count(0)))
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros[1] > max(8 * (zeros[0] + 1), len(start) / 100)


def _compound(content: bytes, filename: str) -> Format:
    if _ENCRYPTED in content:
        raise locked(filename)
    if any(name in content for name in _BOOK):
        return "workbook"
    if _WORD in content:
        return "office"
    if _POWERPOINT in content:
        raise other(filename, "PowerPoint")
    if filename.lower().endswith((".xls", ".doc", ".xlsx", ".docx")):
        raise damaged(filename)
    if filename.lower().endswith((".et", ".wps")):
        return "office"
    raise other(filename, "OLE")


def picture(filename: str, what: str, where: str = "") -> BadSheet:
    """A refusal to read what is only to be looked at; `where`: which page of the file is."""
    zh = (
        f"这是图片（{what}），读不到其中的文字：请导入原来的电子表格或文档；只有图片或扫描件的，请先识别文字（OCR）、"
        "逐项核对后存为 .xlsx 再导入。"
    )
    en = (
        f"This is a picture ({what}), whose text cannot be read: import the original spreadsheet or document; where"
        " there is only a scan, have its text recognised, check it item by item and save it as .xlsx."
    )
    return BadSheet([SheetProblem(filename, where, "picture", zh, en)])


def _for_programs(filename: str) -> BadSheet:
    zh = "JSON 是给程序用的格式，不能作为清单导入：请把清单导出为 .xlsx（或 .docx）再导入；日志文件用“导入日志”。"
    en = (
        "JSON is a format for programs and is not imported as a list: export the list as .xlsx (or .docx) and import"
        " that; a journal is imported as a journal."
    )
    return BadSheet([SheetProblem(filename, "", "wrong-format", zh, en)])


def other(filename: str, what: str) -> BadSheet:
    """A refusal to read a file of a kind that holds no lists; `what` is empty where nobody knows its kind."""
    seems_zh = f"看来是 {what}" if what else "看不出是什么文件，不是文字"
    seems_en = f"it seems to be {what}" if what else "of what kind it is cannot be told, and it is no text"
    zh = (
        f"不能导入这种文件（{seems_zh}）：请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv（文档另存为 .docx）后再导入；"
        "压缩包请先解压。"
    )
    en = (
        f"A file of this kind cannot be imported ({seems_en}): open it in Excel or WPS, save it as .xlsx or"
        " .csv (a document as .docx), and import again; unpack an archive first."
    )
    return BadSheet([SheetProblem(filename, "", "wrong-format", zh, en)])
