"""Pages of .ofd files (GB/T 33190-2016), the format of official documents: texts and lines by their boundaries."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from registry.exchange.sheets.grids import Grid, too_large
from registry.exchange.sheets.problems import damaged
from registry.exchange.sheets.reading import pages
from registry.exchange.sheets.reading.archives import parts_of
from registry.exchange.sheets.reading.formats import picture
from registry.exchange.sheets.reading.markup import BadMarkup, xml
from registry.exchange.sheets.reading.pages import Box, Letter, Page

PAGES: Final = 100
_POINTS: Final = 72 / 25.4  # the standard counts in millimetres
_ASCENT: Final = 0.85  # of a letter's size, above the line on which it stands
_STRUCK: Final = "划线删除"
_WHITE: Final = 250  # of 255, of each part of a colour
_STRAIGHT: Final = 0.3  # millimetres by which a line across may rise
_COMMAND: Final = re.compile(r"([SMLQBAC])|(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)")
_COORDINATES: Final = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}

Matrix = tuple[float, float, float, float, float, float]


def grids(content: bytes, filename: str) -> list[Grid]:
    """The tables, or the lines of text where nothing is drawn around it. Raises BadSheet, for scans too."""
    parts = parts_of(content, filename)
    try:
        made = list(_pages(parts, filename))
    except (KeyError, ValueError, IndexError, AttributeError, OverflowError, BadMarkup) as error:
        raise damaged(filename, f"{type(error).__name__}: {error}") from None
    return pages.grids(made, filename)


def _pages(parts: Mapping[str, bytes], filename: str) -> Iterator[Page]:
    named = {name.lower().lstrip("/"): text for name, text in parts.items()}
    number = 0
    for root in _all(_parsed(named, "OFD.xml"), "DocRoot"):
        path = _path("", root.text)
        document = _parsed(named, path)
        templates = {
            one.get("ID"): _parsed(named, _path(path, one.get("BaseLoc"))) for one in _all(document, "TemplatePage")
        }
        for page in (one for tree in _all(document, "Pages") for one in _all(tree, "Page")):
            number += 1
            if number > PAGES:
                raise too_large(filename, ("页数", "pages"), PAGES)
            content = _parsed(named, _path(path, page.get("BaseLoc")))
            behind = [templates[one.get("TemplateID")] for one in _all(content, "Template")]
            stuck = _annotations(named, path, document, page.get("ID"))
            yield _with_notes(_page(number, [*behind, content], filename), stuck)


def _annotations(named: Mapping[str, bytes], path: str, document: Any, page: str) -> list[Any]:
    """What is stuck on a page: the parts that the document's list of annotations names for it (chapter 15)."""
    results: list[Any] = []
    for each in _all(document, "Annotations"):
        listing = _path(path, each.text or "")
        for one in _all(_parsed(named, listing), "Page"):
            if one.get("PageID") == page:
                for file in _all(one, "FileLoc"):
                    results += _all(_parsed(named, _path(listing, file.text or "")), "Annot")
    return results


def _with_notes(page: Page, annotations: Sequence[Any]) -> Page:
    """The page with what annotations say, each at its place; watermarks and seals are over all of it."""
    notes: list[Letter] = []
    margins: list[str] = []
    for each in annotations:
        drawn = ("".join(code.itertext()) for code in _all(each, "TextCode"))
        own = (one.text or "" for name in ("Remark", "Parameter") for one in _all(each, name) if _says(one))
        text = "；".join(dict.fromkeys(line for line in map(str.strip, (*own, *drawn)) if line))
        kind = each.get("Type", "")
        if each.get("Subtype", "").lower() == "strikeout":
            text = f"{_STRUCK}：{text}" if text else _STRUCK
        if not text or kind == "Link":
            continue
        if kind in ("Watermark", "Stamp"):
            margins.append(text)
            continue
        boundary = next((one.get("Boundary") for one in _all(each, "Appearance")), None) or "-1 -1 0 0"
        left, top, wide, high = (value * _POINTS for value in _numbers(boundary))
        notes.append(Letter(text, left, left + wide, top, top + high))
    return replace(page, notes=notes, margins=margins)


def _says(element: Any) -> bool:
    """Whether it is a remark, or a parameter of that sense: not the width of a line."""
    return element.get("Name") is None or element.get("Name").lower() in ("contents", "content", "text", "remark")


def _page(number: int, contents: Sequence[Any], filename: str) -> Page:
    letters: list[Letter] = []
    lines: list[Box] = []
    unseen: list[str] = []
    white: list[Letter] = []
    for content in contents:
        for text in _all(content, "TextObject"):
            if text.get("Visible", "true") == "false":
                unseen.append("".join(code.text or "" for code in _all(text, "TextCode")))
                continue
            letters += (made := list(_letters(text)))
            white += made if _is_white(text) else []
        for path in _all(content, "PathObject"):
            lines += _lines(path)
    images = any(next(_all(content, "ImageObject"), None) is not None for content in contents)
    if images and not letters:
        raise picture(filename, "OFD", f"第{number}页 / page {number}")
    grounds = [box for content in contents for box in _grounds(content)]
    alone = [one for one in white if not any(_holds(box, one) for box in grounds)]
    return Page(number, letters, lines, white="".join(one.text for one in alone), unseen=unseen)


def _is_white(element: Any) -> bool:
    """Whether letters, or a ground, are filled with white."""
    colours = [one.get("Value") for one in element.iterfind("./{*}FillColor")]
    values = [_numbers(colour) for colour in colours if colour]
    return bool(values) and all(len(one) in (1, 3) and min(one) >= _WHITE for one in values)


def _grounds(content: Any) -> Iterator[Box]:
    """The stretches of the page that are filled with a colour."""
    for path in _all(content, "PathObject"):
        if path.get("Fill") == "true" and not _is_white(path):
            left, top, wide, high = (value * _POINTS for value in _numbers(path.get("Boundary")))
            yield left, top, left + wide, top + high


def _holds(box: Box, letter: Letter) -> bool:
    x, y = (letter.x0 + letter.x1) / 2, (letter.top + letter.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _letters(text: Any) -> Iterator[Letter]:
    """The letters of a text object, each in the box that its size and place give it."""
    left, top, _, _ = _numbers(text.get("Boundary"))
    matrix, size = _matrix(text), float(text.get("Size"))
    x = y = 0.0
    for code in _all(text, "TextCode"):
        x, y = float(code.get("X", x)), float(code.get("Y", y))
        across, down = _steps(code.get("DeltaX")), _steps(code.get("DeltaY"))
        at_x, at_y = x, y
        for at, letter in enumerate(code.text or ""):
            width = size if ord(letter) > 0xFF else size / 2
            x0, line = _applied(matrix, at_x, at_y)
            x1, _ = _applied(matrix, at_x + width, at_y)
            _, height = _applied(matrix, at_x, at_y - size)
            tall = abs(line - height)
            box = left + x0, left + x1, top + line - tall * _ASCENT, top + line + tall * (1 - _ASCENT)
            if letter.strip():
                x0, x1, upper, lower = (value * _POINTS for value in box)
                yield Letter(letter, x0, x1, upper, lower)
            at_x += across[at] if at < len(across) else (width if not across and not down else 0)
            at_y += down[at] if at < len(down) else 0


def _lines(path: Any) -> Iterator[Box]:
    """The parts of a path that run straight across or down."""
    left, top, _, _ = _numbers(path.get("Boundary"))
    matrix = _matrix(path)
    data = next(_all(path, "AbbreviatedData"), None)
    tokens = _COMMAND.findall((data.text or "") if data is not None else "")
    start = here = (0.0, 0.0)
    at = 0
    while at < len(tokens):
        command = tokens[at][0]
        count = _COORDINATES.get(command, 0)
        values = [float(number) for _, number in tokens[at + 1 : at + 1 + count] if number]
        at += 1 + count if command else 1
        if not command or len(values) < count:
            continue
        end = start if command == "C" else (values[-2], values[-1])
        if command in ("L", "C"):
            (x0, y0), (x1, y1) = _applied(matrix, *here), _applied(matrix, *end)
            if abs(x0 - x1) <= _STRAIGHT or abs(y0 - y1) <= _STRAIGHT:
                box = left + min(x0, x1), top + min(y0, y1), left + max(x0, x1), top + max(y0, y1)
                yield box[0] * _POINTS, box[1] * _POINTS, box[2] * _POINTS, box[3] * _POINTS
        if command in ("S", "M"):
            start = end
        here = end


def _matrix(element: Any) -> Matrix:
    values = _numbers(element.get("CTM") or "1 0 0 1 0 0")
    return values[0], values[1], values[2], values[3], values[4], values[5]


def _applied(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _steps(text: str | None) -> list[float]:
    """How far it is from each letter to the next; `g 5 3.5` is five times 3.5 (11.3)."""
    words = (text or "").split()
    results: list[float] = []
    at = 0
    while at < len(words):
        if words[at] == "g":
            results += [float(words[at + 2])] * min(int(words[at + 1]), 10_000)
            at += 3
        else:
            results.append(float(words[at]))
            at += 1
    return results


def _numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def _path(base: str, location: str) -> str:
    """A part's name, as one that is named in `base` says it."""
    location = location.strip()
    joined = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    return posixpath.normpath(joined).lstrip("/")


def _parsed(parts: Mapping[str, bytes], name: str) -> Any:
    return xml(parts[name.lower()])


def _all(element: Any, name: str) -> Iterator[Any]:
    """All elements of that name below, whatever prefix the writer gave the standard's namespace."""
    return element.iterfind(f".//{{*}}{name}")
