"""What an .xlsx says of its sheets and the library that reads them does not: hidden rows and columns, errors, formulas.

Cells whose formula gave an error (#REF!) and formulas that nobody calculated yet read as blank otherwise; a row might
be lost so without a word.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.exchange.sheets.grids import COLUMNS, ROWS, UNCALCULATED
from registry.exchange.sheets.reading.unprinted import printed_beside

etree: Any = importlib.import_module("lxml.etree")  # it has no types
_ADDRESS: Final = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")
# What is printed above and below each page: left part, middle and right, with codes for fonts, page and day.
_MARGINS: Final = tuple(f"{which}{part}" for part in ("Header", "Footer") for which in ("odd", "even", "first"))
_PARTS: Final = re.compile("&[LCR]")
_CODES: Final = re.compile('&"[^"]*"|&K[0-9A-Fa-f]{6}|&[0-9]+|&[A-Za-z]')
_TRUE: Final = frozenset(["1", "true"])


@dataclass(slots=True)
class Details:
    """Of one sheet, rows and columns from 0: those hidden; what cells show that hold an error or a formula only.

    `comments`: what people wrote beside cells, which is no text of theirs; `margins`: what is printed above and below
    every page, and what stands in text boxes.
    """

    rows: set[int] = field(default_factory=set[int])
    columns: set[int] = field(default_factory=set[int])
    texts: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    comments: dict[tuple[int, int], str] = field(default_factory=dict[tuple[int, int], str])
    margins: list[str] = field(default_factory=list[str])


def details(content: bytes) -> Mapping[str, Details]:
    """The details of each sheet by its name; nothing of what is damaged, which the library that reads cells reports."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            made = {name: (_of_sheet(archive, part), part) for name, part in _parts(archive).items()}
            for result, part in made.values():
                with contextlib.suppress(etree.LxmlError, KeyError, ValueError):  # the cells are whole all the same
                    _add_beside(archive, part, result)
                result.margins[:] = printed_beside(result.margins)
            return {name: result for name, (result, _) in made.items()}
    except (zipfile.BadZipFile, etree.LxmlError, KeyError, ValueError, OSError, RuntimeError, EOFError):
        return {}


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which part of the archive each sheet is in."""
    targets = {
        element.get("Id"): posixpath.normpath(posixpath.join("xl", element.get("Target", "")))
        for element in _parsed(archive, "xl/_rels/workbook.xml.rels")
    }
    parts: dict[str, str] = {}
    for element in _parsed(archive, "xl/workbook.xml").iter():
        if _tag(element) == "sheet":
            link = next((value for name, value in element.attrib.items() if name.endswith("}id")), None)
            target = targets.get(link, "")
            if link is not None and target:
                absolute = posixpath.normpath(target.removeprefix("xl//").lstrip("/"))
                parts[str(element.get("name"))] = absolute if absolute in archive.namelist() else target
    return parts


def _of_sheet(archive: zipfile.ZipFile, part: str) -> Details:
    result = Details()
    row = -1
    with archive.open(part) as stream:
        parser: Any = etree.iterparse(
            stream, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=True
        )
        for event, element in parser:
            tag = _tag(element)
            if event == "start":
                if tag == "row":
                    row = int(element.get("r", row + 2)) - 1
                    if element.get("hidden") in _TRUE and row < ROWS:
                        result.rows.add(row)
                continue
            if tag == "col" and element.get("hidden") in _TRUE:
                last = min(int(element.get("max", 0)), COLUMNS)
                result.columns |= set(range(int(element.get("min", 1)) - 1, last))
            elif tag == "c":
                _note(result, element)
            elif tag == "row":
                element.clear()
            elif tag in _MARGINS:
                result.margins += in_margin(element.text or "")
    return result


def in_margin(text: str) -> list[str]:
    """The parts of what is printed above or below every page, without the codes for fonts, page and day."""
    return [part for part in (_CODES.sub("", part).strip() for part in _PARTS.split(text)) if part]


def _add_beside(archive: zipfile.ZipFile, part: str, result: Details) -> None:
    """Read the comments on a sheet's cells and the texts of what is drawn on it, which are parts of their own."""
    folder, name = posixpath.split(part)
    links = f"{folder}/_rels/{name}.rels"
    if links not in archive.namelist():
        return
    for link in _parsed(archive, links):
        kind = str(link.get("Type", "")).rpartition("/")[2]
        if kind not in ("comments", "drawing"):
            continue
        target = posixpath.normpath(posixpath.join(folder, link.get("Target", ""))).lstrip("/")
        if kind == "drawing":
            for paragraph in (each for each in _parsed(archive, target).iter() if _tag(each) == "p"):
                result.margins.append("".join(each.text or "" for each in paragraph.iter() if _tag(each) == "t"))
            continue
        for comment in _parsed(archive, target).iter():
            address = _ADDRESS.fullmatch(comment.get("ref", "")) if _tag(comment) == "comment" else None
            text = "".join(each.text or "" for each in comment.iter() if _tag(each) == "t").strip()
            if address and text:
                result.comments[int(address[2]) - 1, _column(address[1])] = text


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _note(result: Details, element: Any) -> None:
    """What the cell shows where that is an error, or a formula without a result."""
    parts = {_tag(child): child for child in element}
    value = (parts["v"].text or "") if "v" in parts else ""
    if element.get("t") == "e":
        text = value or "#N/A"
    elif "f" in parts and not value and "is" not in parts and element.get("t") != "str":
        text = UNCALCULATED
    else:
        return
    if address := _ADDRESS.fullmatch(element.get("r", "")):
        result.texts[int(address[2]) - 1, _column(address[1])] = text


def _parsed(archive: zipfile.ZipFile, part: str) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(archive.read(part), parser)


def _tag(element: Any) -> str:
    """The name without its namespace, of which strict files have another."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
