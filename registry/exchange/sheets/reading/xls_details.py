"""What an .xls says of its sheets and the library that reads them does not: what is hidden, error values, comments.

[MS-XLS] in a compound file [MS-CFB]. Everything is bounded by the file's own size, for a damaged one may point
anywhere.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from registry.exchange.sheets.grids import COLUMNS, ROWS
from registry.exchange.sheets.reading.unprinted import printed_beside
from registry.exchange.sheets.reading.xlsx_details import Details, in_margin

_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST: Final = 0xFFFFFFFA  # sector numbers from here on are none
_STREAMS: Final = ("Workbook", "Book")
_BOF, _EOF, _BOUNDSHEET, _ROW, _COLINFO, _BOOLERR, _FORMULA = 0x809, 0x0A, 0x85, 0x208, 0x7D, 0x205, 0x06
_OBJECT, _TEXT, _CONTINUE, _NOTE = 0x5D, 0x1B6, 0x3C, 0x1C
_MARGINS: Final = (0x14, 0x15)  # what is printed above and below every page
_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


class Endless(ValueError):
    """A chain of sectors comes back to one of its own."""


def is_endless(content: bytes) -> bool:
    """Whether the workbook's sectors come in a ring, which a reader that follows them never gets out of."""
    try:
        workbook(content)
    except Endless:
        return True
    except (struct.error, IndexError, ValueError):
        return False
    return False


def details(content: bytes) -> list[Details]:
    """The details of each sheet, in the order of the workbook; none of what cannot be followed in a damaged file."""
    if not content.startswith(_MAGIC):
        return []
    try:
        book = workbook(content)
        return [_of_sheet(book, offset) for offset in sheets(book)]
    except (struct.error, IndexError, ValueError):
        return []


def workbook(content: bytes) -> bytes:
    """The stream of the workbook in its compound file. Raises struct.error, IndexError or ValueError for none."""
    size, small = (1 << shift for shift in struct.unpack_from("<HH", content, 30))
    if size not in (512, 4096) or small != 64:
        raise ValueError("sectors of an unknown size")
    tables, directory, cutoff, first_small = struct.unpack_from("<II4xII", content, 44)
    sectors = len(content) // size

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    numbers = list(struct.unpack_from("<109I", content, 76))
    more = struct.unpack_from("<I", content, 68)[0]
    for _ in range(sectors):
        if more >= _LAST:
            break
        *part, more = struct.unpack(f"<{size // 4}I", sector(more))
        numbers += part
    if more < _LAST and sectors:
        raise Endless
    chain: list[int] = []
    for number in numbers[: min(tables, sectors)]:
        if number < _LAST:
            chain += struct.unpack(f"<{size // 4}I", sector(number))

    def joined(first: int, following: list[int], piece: int, source: bytes, shift: int) -> bytes:
        parts: list[bytes] = []
        for _ in range(len(following)):
            if first >= _LAST:
                break
            parts.append(source[(first + shift) * piece : (first + shift + 1) * piece])
            first = following[first]
        if first < _LAST:
            raise Endless
        return b"".join(parts)

    entries = joined(directory, chain, size, content, 1)
    root = _entry(entries, 0)
    for at in range(0, len(entries) - 127, 128):
        name, start, length = _entry(entries, at)
        if name in _STREAMS:
            if length >= cutoff:
                return joined(start, chain, size, content, 1)[:length]
            table = joined(first_small, chain, size, content, 1)
            following = list(struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4]))
            return joined(start, following, small, joined(root[1], chain, size, content, 1), 0)[:length]
    raise ValueError("no workbook in it")


def _entry(entries: bytes, at: int) -> tuple[str, int, int]:
    """An entry of the directory: its name, first sector and length."""
    length = min(struct.unpack_from("<H", entries, at + 64)[0], 64)
    name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
    start, size = struct.unpack_from("<II", entries, at + 116)
    return name, start, size


def records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of a workbook's stream from a place on: their kinds and what is in them."""
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        at += 4 + length


def sheets(book: bytes) -> list[int]:
    """Where each sheet begins, in their order."""
    offsets: list[int] = []
    for kind, body in records(book, 0):
        if kind == _BOUNDSHEET:
            offsets.append(struct.unpack_from("<I", body)[0])
        elif kind == _EOF:
            break
    return offsets


def _of_sheet(book: bytes, offset: int) -> Details:
    """Of one sheet; what charts and the like within it say is not its own."""
    result = Details()
    depth = drawn = before = 0
    boxes: dict[int, str] = {}  # texts of boxes that are drawn, by the number of the drawing
    notes: set[int] = set()  # those that are comments
    margins: list[str] = []
    for kind, body in records(book, offset):
        before, kind_before = kind, before
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth != 1:
            continue
        elif kind == _ROW and len(body) >= 16:
            row, flags = struct.unpack_from("<H10xI", body)
            if flags & 0x20 and row < ROWS:
                result.rows.add(row)
        elif kind == _COLINFO and len(body) >= 10:
            first, last, flags = struct.unpack_from("<HH4xH", body)
            if flags & 1:
                result.columns |= set(range(first, min(last + 1, COLUMNS)))
        elif kind == _OBJECT and len(body) >= 8:
            drawn = struct.unpack_from("<6xH", body)[0]
        elif kind == _CONTINUE and kind_before == _TEXT and len(body) > 1:
            boxes[drawn] = body[1:].decode("utf-16-le" if body[0] & 1 else "latin-1", "replace")
        elif kind == _NOTE and len(body) >= 8:
            row, column, box = struct.unpack_from("<HH2xH", body)
            result.comments[row, column] = boxes.get(box, "（未读出）")
            notes.add(box)
        elif kind in _MARGINS and len(body) > 3:
            margins += in_margin(body[3:].decode("utf-16-le" if body[2] & 1 else "latin-1", "replace"))
        elif (error := _error(kind, body)) is not None:
            result.texts[struct.unpack_from("<HH", body)] = error
    result.margins += printed_beside([*margins, *(text for box, text in boxes.items() if box not in notes)])
    return result


def _error(kind: int, body: bytes) -> str | None:
    """The error that a cell shows; None where it shows none."""
    if kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
        return _ERRORS.get(body[6], "#N/A")
    if kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return _ERRORS.get(body[8], "#N/A")
    return None
