"""Which cells of an .xls are struck through or white on white, all or runs of their text ([MS-XLS] Font, XF, SST)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from registry.exchange.sheets.reading import xls_details

Struck = Literal["", "all", "part"]
Runs = list[tuple[str, int]]  # pieces of a text with the numbers of their fonts; -1: the cell's own

_BOF, _EOF, _FONT, _XF, _SST, _CONTINUE = 0x809, 0x0A, 0x31, 0xE0, 0xFC, 0x3C
_LABELSST, _MULRK = 0xFD, 0xBD
# Records of one cell: texts, numbers, formulas, errors; each begins with row, column and format.
_OF_ONE_CELL: Final = {_LABELSST, 0x204, 0xD6, 0x27E, 0x203, 0x06, 0x205}
_PALETTE: Final = 0x92
_FIXED_WHITE: Final = 1
_LINE: Final = 0x08  # through the letters of a font
_MISSING: Final = 4  # the number that no font has


def white(content: bytes) -> list[set[tuple[int, int]]]:
    """Of each sheet, in the workbook's order, the cells with white letters on a ground without colour."""
    try:
        book = xls_details.workbook(content)
        whites = _whites(book)
        fonts = [struct.unpack_from("<H", body, 4)[0] in whites for body in _bodies(book, _FONT)]
        if not any(fonts):
            return []
        formats = [(_is_on(fonts, struct.unpack_from("<H", body)[0]), body) for body in _bodies(book, _XF)]
        grounds = [not _is_coloured(body, whites) for _, body in formats]
        texts = _texts(book)
        cells = (
            _of_sheet(book, offset, fonts, [on for on, _ in formats], texts, grounds)
            for offset in xls_details.sheets(book)
        )
        return [set(marked) for marked in cells]
    except (struct.error, IndexError, ValueError):
        return []


def _whites(book: bytes) -> set[int]:
    """The numbers of colours that are white: the fixed one, and those of the workbook's own palette."""
    own = next(_bodies(book, _PALETTE), b"")
    count = struct.unpack_from("<H", own)[0] if own else 0
    values = [own[2 + 4 * at : 5 + 4 * at] for at in range(count)] or [b"", b"\xff\xff\xff"]
    return {_FIXED_WHITE} | {8 + at for at, value in enumerate(values) if value == b"\xff\xff\xff"}


def _is_coloured(format_: bytes, whites: set[int]) -> bool:
    """Whether a cell format has a ground of a colour other than white."""
    pattern = struct.unpack_from("<I", format_, 14)[0] >> 26
    return pattern != 0 and (struct.unpack_from("<H", format_, 18)[0] & 0x7F) not in whites


def of_workbook(content: bytes) -> list[dict[tuple[int, int], Struck]]:
    """Of each sheet, in the workbook's order, its struck cells by row and column from 0; none of a damaged file."""
    try:
        book = xls_details.workbook(content)
        fonts = [bool(struct.unpack_from("<H", body, 2)[0] & _LINE) for body in _bodies(book, _FONT)]
        if not any(fonts):
            return []
        formats = [_is_on(fonts, struct.unpack_from("<H", body)[0]) for body in _bodies(book, _XF)]
        texts = _texts(book)
        return [_of_sheet(book, offset, fonts, formats, texts) for offset in xls_details.sheets(book)]
    except (struct.error, IndexError, ValueError):
        return []


def _bodies(book: bytes, wanted: int) -> Iterator[bytes]:
    """The records of a kind among those of the whole workbook, which come first."""
    for kind, body in xls_details.records(book, 0):
        if kind == wanted:
            yield body
        elif kind == _EOF:
            return


def _is_on(fonts: Sequence[bool], number: int) -> bool:
    number -= number > _MISSING
    return number < len(fonts) and fonts[number]


def _of_sheet(
    book: bytes,
    offset: int,
    fonts: Sequence[bool],
    formats: Sequence[bool],
    texts: Sequence[Runs],
    grounds: Sequence[bool] = (),
) -> dict[tuple[int, int], Struck]:
    """The cells of which all, or some, of the text has such a font, and a format that `grounds` let count."""
    marked: dict[tuple[int, int], Struck] = {}
    depth = 0
    for kind, body in xls_details.records(book, offset):
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            break
        if depth > 1:  # what charts within it say
            continue
        if kind in _OF_ONE_CELL and len(body) >= 6:
            row, column, format_ = struct.unpack_from("<HHH", body)
            whole = format_ < len(formats) and formats[format_]
            at = struct.unpack_from("<I", body, 6)[0] if kind == _LABELSST else len(texts)
            runs = texts[at] if at < len(texts) else []
            lines = {whole if font < 0 else _is_on(fonts, font) for text, font in runs if text.strip()} or {whole}
            if any(lines) and all(grounds[format_ : format_ + 1]):
                marked[row, column] = "all" if all(lines) else "part"
        elif kind == _MULRK:
            row, first = struct.unpack_from("<HH", body)
            for number, at in enumerate(range(4, len(body) - 2, 6)):
                format_ = struct.unpack_from("<H", body, at)[0]
                if format_ < len(formats) and formats[format_] and all(grounds[format_ : format_ + 1]):
                    marked[row, first + number] = "all"
    return marked


@dataclass(slots=True)
class _Shared:
    """The table of shared texts, which goes on in further records, and where it is read."""

    parts: list[bytes] = field(default_factory=list[bytes])
    part: int = 0
    at: int = 0

    def take(self, length: int) -> bytes:
        """The next bytes, from as many records as these take. Raises IndexError behind the last one."""
        taken = b""
        while len(taken) < length:
            piece = self.parts[self.part][self.at : self.at + length - len(taken)]
            taken += piece
            self.at += len(piece)
            if len(taken) < length:
                self.part, self.at = self.part + 1, 0
        return taken

    def letters(self, count: int, *, wide: bool) -> str:
        """So many letters; where they go on in the next record, that says anew how wide they are."""
        text = ""
        while len(text) < count:
            left = len(self.parts[self.part]) - self.at
            if not left:
                self.part, self.at = self.part + 1, 0
                wide = bool(self.take(1)[0] & 1)
                left = len(self.parts[self.part]) - 1
            size = min(count - len(text), left // (1 + wide))
            if not size:
                raise ValueError("half a letter")
            text += self.take(size * (1 + wide)).decode("utf-16-le" if wide else "latin-1", "replace")[:size]
        return text


def _texts(book: bytes) -> list[Runs]:
    """The shared texts by their numbers, each in pieces of one font."""
    shared, reading = _Shared(), False
    for kind, body in xls_details.records(book, 0):
        if kind == _SST or (reading and kind == _CONTINUE):
            shared.parts.append(body)
            reading = True
        elif reading or kind == _EOF:
            break
    if not shared.parts:
        return []
    count = struct.unpack("<4xI", shared.take(8))[0]
    texts: list[Runs] = []
    for _ in range(min(count, len(book))):
        length, flags = struct.unpack("<HB", shared.take(3))
        runs = struct.unpack("<H", shared.take(2))[0] if flags & 0x08 else 0
        more = struct.unpack("<I", shared.take(4))[0] if flags & 0x04 else 0
        text = shared.letters(length, wide=bool(flags & 1))
        starts = [struct.unpack("<HH", shared.take(4)) for _ in range(runs)]
        shared.take(more)
        edges = [(0, -1), *starts, (length, -1)]
        texts.append([(text[begin:end], font) for (begin, font), (end, _) in pairwise(edges)])
    return texts
