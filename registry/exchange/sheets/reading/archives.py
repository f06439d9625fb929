"""What kind of file the bytes are, whatever its name says, and whether an archive is safe to unpack."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged, locked

PARTS: Final = 5_000
UNPACKED: Final = 200 * 2**20
_CHUNK: Final = 2**20
_START: Final = 4096  # bytes by which a kind of file is told
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams, as the directory of such a file has them.
_ENCRYPTED, _WORD, _POWERPOINT = (
    name.encode("utf-16-le") for name in ("EncryptedPackage", "WordDocument", "PowerPoint Document")
)
_BOOK = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book\0"))
_DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_OTHERS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
)


def format_of(content: bytes, filename: str) -> str:
    """`workbook` (.xlsx or .xls), `document` (.docx) or `text` (.csv), by what the file is. Raises BadSheet for others.

    An .xlsx called .xls, or a text with tabs called .xls, as many systems export them, is read for what it is.
    """
    if content.startswith(b"PK\x03\x04"):
        return _archive(content, filename)
    if content.startswith(_OLE):
        return _compound(content, filename)
    if content.startswith(b"PK"):
        raise damaged(filename)
    for mark, name in _OTHERS:
        if content.startswith(mark):
            raise _other(filename, name)
    start = content[:_START].removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n").lower()
    if start.startswith(b"<") and any(word in start for word in (b"<html", b"<!doctype html", b"<table", b"<meta")):
        raise _other(filename, "HTML")
    if start.startswith(b"<?xml"):
        raise _other(filename, "XML")
    if content[:2] in {b"\x09\x08", b"\x09\x04", b"\x09\x02"}:
        raise _other(filename, "Excel 2.0-4.0")
    controls = sum(byte < 32 and byte not in b"\t\n\r\x0b\x0c\x1a" for byte in content[:_START])
    if controls <= 8 or _in_utf_16(content):
        return "text"
    if filename.lower().endswith((".xlsx", ".xls", ".docx", ".xlsm")):
        raise damaged(filename)
    raise _other(filename, "?")


def _in_utf_16(content: bytes) -> bool:
    """Whether there is a mark, or every second byte is often zero, as separators and digits have it."""
    start = content[:_START]
    zeros = sorted((start[::2].count(0), start[1::2].count(0)))
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or zeros[1] > max(8 * (zeros[0] + 1), len(start) / 100)


def _compound(content: bytes, filename: str) -> str:
    if _ENCRYPTED in content:
        raise locked(filename)
    if any(name in content for name in _BOOK):
        return "workbook"
    if _WORD in content:
        raise _other(filename, "Word 97-2003 .doc / WPS .wps")
    if _POWERPOINT in content:
        raise _other(filename, "PowerPoint")
    if filename.lower().endswith((".xls", ".doc", ".xlsx", ".docx")):
        raise damaged(filename)
    raise _other(filename, "WPS .et / .wps")


# What zipfile raises of damaged archives. An unknown compression or version is a NotImplementedError, a RuntimeError.
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError)


def _archive(content: bytes, filename: str) -> str:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except UNREADABLE as error:
        raise damaged(filename, str(error)) from None
    if any(info.flag_bits & 1 for info in infos):
        raise locked(filename)
    names = {info.filename.lower() for info in infos}
    if "mimetype" in names:
        raise _other(filename, "OpenDocument .ods / .odt")
    if "xl/workbook.bin" in names:
        raise _other(filename, "Excel .xlsb")
    _unpackable(archive, infos, filename)
    if any(name.startswith("xl/") for name in names):
        return "workbook"
    if any(name.startswith("word/") for name in names):
        return "document"
    if "[content_types].xml" in names:
        raise damaged(filename)
    raise _other(filename, "ZIP")


def _unpackable(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], filename: str) -> None:
    """Unpacks every part of XML once, piece by piece: not too many, not too large, whole, and without entities."""
    if len(infos) > PARTS or sum(info.file_size for info in infos) > UNPACKED:
        raise _bomb(filename)
    unpacked = 0
    for info in infos:
        if not info.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        before = b""
        try:
            with archive.open(info) as part:
                while piece := part.read(_CHUNK):
                    unpacked += len(piece)
                    if unpacked > UNPACKED:
                        raise _bomb(filename)
                    if any(word in before + piece for word in _DECLARATIONS):
                        raise _entities(filename, info.filename)
                    before = piece[-32:]
        except UNREADABLE as error:
            raise damaged(filename, f"{info.filename}: {error}") from None


def _bomb(filename: str) -> BadSheet:
    zh = f"解压后超过 {UNPACKED // 2**20} MB 或部件过多，未予读取：请只保留清单本身，另存后再导入。"
    en = f"Unpacked it has more than {UNPACKED // 2**20} MB, or too many parts: keep only the list itself."
    return BadSheet([SheetProblem(filename, "", "too-large", zh, en)])


def _entities(filename: str, part: str) -> BadSheet:
    zh = f"文件的 {part} 中有 Office 不会写的 XML 声明，为安全起见未予读取：请用 Excel、WPS 或 Word 打开后另存。"
    en = f"Its {part} declares XML entities, which no office program writes; for safety it was not read: save it anew."
    return BadSheet([SheetProblem(filename, "", "unsafe", zh, en)])


def _other(filename: str, what: str) -> BadSheet:
    zh = (
        f"不能导入这种文件（看来是 {what}）：请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv（文档另存为 .docx）后再导入。"
    )
    en = (
        f"A file of this kind cannot be imported (it seems to be {what}): open it in Excel or WPS, save it as .xlsx or"
        " .csv (a document as .docx), and import again."
    )
    return BadSheet([SheetProblem(filename, "", "wrong-format", zh, en)])
