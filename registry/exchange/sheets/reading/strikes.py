"""Which cells of an .xlsx are struck through, their whole font or runs of their text, or white on white.

calamine reads no fonts.
"""

from __future__ import annotations

import importlib
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

_etree: Final[Any] = importlib.import_module("lxml.etree")  # its types are not known

Struck = Literal["", "all", "part"]
StruckCells = dict[tuple[str, int, int], Struck]  # by sheet, row and column from 0

_OFF: Final = {"0", "false", "none", "noStrike"}
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


def of_workbook(content: bytes) -> StruckCells:
    """The struck cells of an .xlsx that was seen to be whole and without entities; none where anything is missing.

    `part`: only some of the cell's text is struck.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _struck(archive)
    except (KeyError, ValueError, IndexError, _etree.XMLSyntaxError, zipfile.BadZipFile):
        return {}


def white(content: bytes) -> set[tuple[str, int, int]]:
    """The cells of an .xlsx whose font is white and whose ground is not coloured, by sheet, row and column from 0."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            formats = _white_formats(archive.read("xl/styles.xml"))
            if not any(formats):
                return set()
            return {
                (sheet, row, column)
                for sheet, part in _sheets(archive)
                for row, column, style, _, _ in _cells(archive.read(part))
                if style is not None and style < len(formats) and formats[style]
            }
    except (KeyError, ValueError, IndexError, _etree.XMLSyntaxError, zipfile.BadZipFile):
        return set()


def _white_formats(content: bytes) -> list[bool]:
    """Of each cell format whether it shows white letters on a ground without colour."""
    root = _parsed(content)
    fonts = [any(_is_white(each) for each in font if _tag(each) == "color") for font in _under(root, "fonts", "font")]
    grounds = [
        all(
            pattern.get("patternType", "none") == "none" or any(map(_is_white, pattern))
            for pattern in fill
            if _tag(pattern) == "patternFill"
        )
        and all(_tag(pattern) == "patternFill" for pattern in fill)
        for fill in _under(root, "fills", "fill")
    ]
    formats = [(int(each.get("fontId", 0)), int(each.get("fillId", 0))) for each in _under(root, "cellXfs", "xf")]
    return [fonts[font] and grounds[fill] for font, fill in formats]


def _is_white(color: Any) -> bool:
    return str(color.get("rgb", ""))[-6:].upper() == "FFFFFF" or (color.get("theme") == "0" and not color.get("tint"))


def _struck(archive: zipfile.ZipFile) -> StruckCells:
    names = set(archive.namelist())
    formats = _formats(archive.read("xl/styles.xml")) if "xl/styles.xml" in names else []
    texts = _texts(archive.read("xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in names else []
    marked: StruckCells = {}
    for sheet, part in _sheets(archive):
        content = archive.read(part)
        if not (any(formats) or any(texts) or b"strike" in content):
            continue
        for row, column, style, text, inline in _cells(content):
            whole = style is not None and style < len(formats) and formats[style]
            runs = inline or (texts[text] if text is not None and text < len(texts) else "")
            struck: Struck = "all" if whole and not runs else runs
            if struck:
                marked[sheet, row, column] = struck
    return marked


def _formats(content: bytes) -> list[bool]:
    """Of each cell format whether its font is struck through."""
    if b"strike" not in content:
        return []
    root = _parsed(content)
    fonts = [any(_on(each) for each in font if _tag(each) == "strike") for font in _under(root, "fonts", "font")]
    formats = [int(each.get("fontId", 0)) for each in _under(root, "cellXfs", "xf")]
    return [font < len(fonts) and fonts[font] for font in formats]


def _texts(content: bytes) -> list[Struck]:
    """Of each shared text whether its runs are struck through."""
    if b"strike" not in content:
        return []
    root = _parsed(content)
    return [_runs(each) for each in root if _tag(each) == "si"]


def _runs(text: Any) -> Struck:
    """Whether all runs of a text are struck through, some, or none."""
    struck: list[bool] = []
    for run in text:
        if _tag(run) == "r" and any(_tag(each) == "t" and (each.text or "").strip() for each in run):
            marks = (mark for each in run if _tag(each) == "rPr" for mark in each)
            struck.append(any(_tag(mark) == "strike" and _on(mark) for mark in marks))
        elif _tag(run) == "t" and (run.text or "").strip():
            struck.append(False)
    if not any(struck):
        return ""
    return "all" if all(struck) else "part"


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The workbook's sheets by name, and the parts that they are in."""
    relations = _parsed(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    for each in _under(_parsed(archive.read("xl/workbook.xml")), "sheets", "sheet"):
        id_ = next((value for name, value in each.attrib.items() if name.endswith("}id")), None)
        target = targets.get(id_, "")
        yield each.get("name", ""), posixpath.normpath(posixpath.join("xl", target)).lstrip("/")


def _cells(content: bytes) -> Iterator[tuple[int, int, int | None, int | None, Struck]]:
    """Each cell: its row and column, format, shared text, and whether text of its own is struck through."""
    parsed: Any = _etree.iterparse(io.BytesIO(content), tag="{*}c", resolve_entities=False, no_network=True)
    for _, cell in parsed:
        match = _CELL.fullmatch(cell.get("r", ""))
        if match is not None:
            style, kind = cell.get("s"), cell.get("t")
            value = next((each.text for each in cell if _tag(each) == "v"), None)
            text = int(value) if kind == "s" and value and value.isdigit() else None
            own = [each for each in cell if _tag(each) == "is"]
            inline: Struck = _runs(own[0]) if own else ""
            yield int(match[2]) - 1, _column(match[1]), int(style) if style else None, text, inline
        cell.clear()


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _parsed(content: bytes) -> Any:
    return _etree.fromstring(content, _etree.XMLParser(resolve_entities=False, no_network=True))


def _under(root: Any, parent: str, child: str) -> Iterable[Any]:
    return [each for group in root if _tag(group) == parent for each in group if _tag(each) == child]


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _on(element: Any) -> bool:
    return element.get("val", "1") not in _OFF
