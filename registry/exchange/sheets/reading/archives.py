"""Archives: which kind of office file one is, whether it is safe to unpack, its parts as every reader knows them."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final, Literal

from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged, locked

PARTS: Final = 5_000
UNPACKED: Final = 200 * 2**20
_CHUNK: Final = 2**20
_DECLARATIONS = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
# What zipfile raises of damaged archives. An unknown compression or version is a NotImplementedError, a RuntimeError.
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, OSError, EOFError, RuntimeError)
_OPEN_DOCUMENT: Final = b"application/vnd.oasis.opendocument."
# ISO/IEC 29500 strict names what it has by other addresses than what everybody reads.
_STRICT: Final = b"http://purl.oclc.org/ooxml/"
_ADDRESSES: Final = (
    (rb"http://purl\.oclc\.org/ooxml/([a-z]+)/main", rb"http://schemas.openxmlformats.org/\1/2006/main"),
    (
        rb"http://purl\.oclc\.org/ooxml/officeDocument/([A-Za-z]+)",
        rb"http://schemas.openxmlformats.org/officeDocument/2006/\1",
    ),
    (rb"http://purl\.oclc\.org/ooxml/drawingml/([A-Za-z]+)", rb"http://schemas.openxmlformats.org/drawingml/2006/\1"),
)
_TYPES: Final = "[Content_Types].xml"
_MACROS: Final = (
    (b"application/vnd.ms-word.document.macroEnabled.main+xml", b"wordprocessingml.document.main+xml"),
    (b"application/vnd.ms-word.template.macroEnabledTemplate.main+xml", b"wordprocessingml.document.main+xml"),
    (
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        b"wordprocessingml.document.main+xml",
    ),
)
_OFFICE_TYPE: Final = b"application/vnd.openxmlformats-officedocument."


def format_of(content: bytes, filename: str) -> Literal["workbook", "document", "opendocument", "ofd"]:
    """Which kind of office file an archive is. Raises BadSheet: damaged, protected, unsafe to unpack, or none."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        infos = archive.infolist()
    except UNREADABLE as error:
        raise damaged(filename, str(error)) from None
    if any(info.flag_bits & 1 for info in infos):
        raise locked(filename)
    names = {info.filename.lower() for info in infos}
    if "xl/workbook.bin" in names:
        raise _not_read(filename, "Excel .xlsb")
    _unpackable(archive, infos, filename)
    if "mimetype" in names:
        if not _part(archive, "mimetype", filename).startswith(_OPEN_DOCUMENT):
            raise _not_read(filename, "EPUB / ZIP")
        if b"encryption-data" in _part(archive, "META-INF/manifest.xml", filename):
            raise locked(filename)
        return "opendocument"
    if "ofd.xml" in names:
        if "encryptions.xml" in names or any(name.startswith("encrypt") for name in names):
            raise locked(filename)
        return "ofd"
    if any(name.startswith("xl/") for name in names):
        return "workbook"
    if any(name.startswith("word/") for name in names):
        return "document"
    if _TYPES.lower() in names:
        raise damaged(filename)
    raise _not_read(filename, "ZIP")


def parts_of(content: bytes, filename: str) -> Mapping[str, bytes]:
    """The parts of an archive that `format_of` looked into, by name. Raises BadSheet where one is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist() if _is_xml(info.filename)}
    except UNREADABLE as error:
        raise damaged(filename, str(error)) from None


def transitional(content: bytes, filename: str) -> bytes:
    """An office file as every reader knows it: what ISO 29500 strict names otherwise renamed, its macros left out.

    A file that is neither strict nor carries macros is given back as it is. Raises BadSheet where it is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {info.filename: archive.read(info) for info in archive.infolist()}
    except UNREADABLE as error:
        raise damaged(filename, str(error)) from None
    strict = any(_STRICT in text for name, text in parts.items() if _is_xml(name))
    types = parts.get(_TYPES, b"")
    if not strict and not any(macro in types for macro, _ in _MACROS):
        return content
    if strict:
        for name in filter(_is_xml, parts):
            for pattern, address in _ADDRESSES:
                parts[name] = re.sub(pattern, address, parts[name])
    for macro, plain in _MACROS:
        parts[_TYPES] = parts.get(_TYPES, b"").replace(macro, _OFFICE_TYPE + plain)
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return output.getvalue()


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels", ".vml"))


def _part(archive: zipfile.ZipFile, name: str, filename: str) -> bytes:
    """A part, or as much of it as it takes to tell the kind; empty where there is none."""
    try:
        with archive.open(name) as part:
            return part.read(_CHUNK)
    except KeyError:
        return b""
    except UNREADABLE as error:
        raise damaged(filename, f"{name}: {error}") from None


def _unpackable(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], filename: str) -> None:
    """Unpacks every part of XML once, piece by piece: not too many, not too large, whole, and without entities."""
    if len(infos) > PARTS or sum(info.file_size for info in infos) > UNPACKED:
        raise _bomb(filename)
    unpacked = 0
    for info in infos:
        if not _is_xml(info.filename):
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


def _not_read(filename: str, what: str) -> BadSheet:
    zh = (
        f"不能导入这种文件（看来是 {what}）：请用 Excel 或 WPS 打开，另存为 .xlsx（文档另存为 .docx）；压缩包请先解压。"
    )
    en = (
        f"A file of this kind cannot be imported (it seems to be {what}): open it in Excel or WPS and save it as .xlsx"
        " (a document as .docx); unpack an archive first."
    )
    return BadSheet([SheetProblem(filename, "", "wrong-format", zh, en)])
