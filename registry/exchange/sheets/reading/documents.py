"""Tables of .docx files, by python-docx: merged cells, tables in cells, changes that were accepted or not."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

import docx
from docx.oxml.ns import qn

from registry.exchange.sheets.grids import COLUMNS, ROWS, Cell, Grid, cleaned, grid, too_large
from registry.exchange.sheets.problems import damaged
from registry.exchange.sheets.reading import word_notes, word_numbers
from registry.exchange.sheets.reading.archives import transitional
from registry.exchange.sheets.reading.spans import MakeTable, assembled
from registry.exchange.sheets.reading.unprinted import commented, hidden_text

_PARAGRAPH, _TABLE, _ROW, _CELL = (qn(f"w:{name}") for name in ("p", "tbl", "tr", "tc"))
# Whatever holds paragraphs, tables, rows or cells without being one: content controls, insertions, custom XML.
_WRAPPERS: Final = {qn(f"w:{name}") for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_BREAKS: Final = {qn("w:br"), qn("w:cr")}
# Text boxes are drawn twice (once for old programs), and are not in the row; deleted text is no longer there.
_SKIPPED: Final = {qn(f"w:{name}") for name in ("del", "moveFrom", "drawing", "pict", "object", "rPr", "pPr")} | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
}
_LISTED: Final = 8  # places named one by one
_LOCATION: Final = "表{0}第{1}行第{2}列 / table {0} row {1} column {2}"


def grids(content: bytes, filename: str) -> list[Grid]:
    """The document's tables, with the paragraphs before each as its title; its paragraphs where it has no table.

    A strict .docx, or one with macros (.docm), is read as any other. Raises BadSheet.
    """
    content = transitional(content, filename)
    try:
        document: Any = docx.Document(io.BytesIO(content))
        body: Any = document.element.body
        word_numbers.write_out(document)
        beside = word_notes.of_document(document)
    except Exception as error:  # python-docx lets through whatever a broken package raises on its way
        raise damaged(filename, f"{type(error).__name__}: {error}") from None
    made = assembled(_blocks(body, beside))
    if made and beside.of_paragraphs:
        comments = tuple(Cell(text, made[0].name) for text in beside.of_paragraphs)
        notices = (*made[0].notices, *commented(made[0].name, comments))
        made[0] = replace(made[0], notices=notices, comments=(*made[0].comments, *comments))
    return [replace(each, margins=beside.margins) for each in made]


def _blocks(body: Any, beside: word_notes.Beside) -> Iterator[str | MakeTable]:
    """Paragraphs and tables in their order, those in text boxes too; a footnote of a paragraph stands below it."""
    for element in _children(body, {_PARAGRAPH, _TABLE}):
        if element.tag == _TABLE:
            yield partial(_grid, element, beside)
            continue
        yield _text(element)
        beside.of_paragraphs += beside.comments_in(element)
        yield from (f"注：{text}" for text in beside.footnotes_in(element))
        for box in word_notes.boxes(element):
            yield from _blocks(box, beside)


def _grid(table: Any, beside: word_notes.Beside, number: int, title: Sequence[str]) -> Grid | None:
    name = f"表{number}"
    comments: list[Cell] = []
    footnotes: list[Cell] = []
    unseen: list[Cell] = []
    rows: list[list[Cell]] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    for row in _children(table, {_ROW}):
        if len(rows) == ROWS:
            raise too_large(name, ("行数", "rows"), ROWS)
        if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
            rows.append(_cells(row, number, len(rows), merged))
            for cell, read in zip(_children(row, {_CELL}), _own(rows[-1]), strict=False):
                comments += (replace(read, text=cleaned(text)) for text in beside.comments_in(cell))
                footnotes += (replace(read, text=cleaned(text)) for text in beside.footnotes_in(cell))
                boxed = ("\n".join(map(_text, box.iter(_PARAGRAPH))) for box in word_notes.boxes(cell))
                footnotes += (replace(read, text=cleaned(text)) for text in boxed)
                unseen += [read] if read.text and word_notes.is_unseen(cell) else []
    width = max(map(len, rows), default=0)
    made = grid(name, title, [row + [Cell("", "")] * (width - len(row)) for row in rows], 1, merged)
    notices = commented(name, comments)
    if unseen:
        places = "、".join(cell.location.partition(" / ")[0] for cell in unseen[:_LISTED])
        notices += (hidden_text(name, unseen[0].location, places + ("……" if len(unseen) > _LISTED else "")),)
    return made and replace(made, notices=notices, comments=tuple(comments), footnotes=tuple(footnotes))


def _own(cells: Sequence[Cell]) -> list[Cell]:
    """A row's cells without the columns over which others reach."""
    return [cell for cell in cells if cell.location]


def _cells(row: Any, table: int, at: int, merged: dict[tuple[int, int], tuple[int, int]]) -> list[Cell]:
    """A row's cells over the table's columns; those that a cell reaches over, to the right or down, say which it is."""
    skipped = row.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")
    cells = [Cell("", "")] * _count(skipped, 0)
    for cell in _children(row, {_CELL}):
        about = cell.find(qn("w:tcPr"))
        span = down = None
        if about is not None:
            span, down = about.find(qn("w:gridSpan")), about.find(qn("w:vMerge"))
        column, width = len(cells), _count(span, 1)
        if column + width > COLUMNS:
            raise too_large(f"表{table}", ("列数", "columns"), COLUMNS)
        first = at, column
        if down is not None and down.get(qn("w:val"), "continue") == "continue" and at:
            first = merged.get((at - 1, column), (at - 1, column))
        text = cleaned("\n".join(_paragraphs(cell))) if first == (at, column) else ""
        struck = _struck(cell) if text else ""
        cells += [Cell(text, _LOCATION.format(table, at + 1, column + 1), struck)] + [Cell("", "")] * (width - 1)
        merged.update({(at, column + beside): first for beside in range(width) if (at, column + beside) != first})
    return cells


def _count(element: Any, least: int) -> int:
    try:
        return max(least, int(element.get(qn("w:val"))))
    except (AttributeError, TypeError, ValueError):
        return least


def _children(element: Any, tags: set[str]) -> Iterator[Any]:
    """The element's own children of these tags, wrapped or not."""
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _children(child, tags)


def _paragraphs(cell: Any) -> Iterator[str]:
    """A cell's lines; of a table in it, the cells in a bracket: they say something of what stands before them."""
    shown = False
    for child in _children(cell, {_PARAGRAPH, _TABLE}):
        if child.tag == _PARAGRAPH:
            text = _text(child)
            shown = shown or bool(text.strip())
            yield text
        else:
            cells = (inner for row in _children(child, {_ROW}) for inner in _children(row, {_CELL}))
            lines = [line.strip() for inner in cells for line in _paragraphs(inner) if line.strip()]
            yield f"（{' '.join(lines)}）" if shown and lines else "\n".join(lines)


def _struck(cell: Any) -> Literal["", "all", "part"]:
    """Whether a line goes through all of a cell's runs of text, some, or none."""
    struck = [
        any(_on(mark) for name in ("strike", "dstrike") for mark in run.findall(f"{qn('w:rPr')}/{qn(f'w:{name}')}"))
        for run in cell.iter(qn("w:r"))
        if any((text.text or "").strip() for text in run.iter(qn("w:t")))
    ]
    return "" if not any(struck) else "all" if all(struck) else "part"


def _on(mark: Any) -> bool:
    return mark.get(qn("w:val"), "1") not in ("0", "false", "off")


def _text(element: Any) -> str:
    """What a paragraph shows, its breaks and tabs among it."""
    if element.tag == qn("w:t"):
        return element.text or ""
    if element.tag in _BREAKS:
        return "\n"
    if element.tag == qn("w:tab"):
        return "\t"
    if element.tag == qn("w:noBreakHyphen"):
        return "-"
    return "".join(_text(child) for child in element if child.tag not in _SKIPPED)
