"""Sheets and tables of OpenDocument files (.ods, .odt; ISO/IEC 26300), by lxml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

from registry.exchange.sheets.grids import COLUMNS, ROWS, Cell, Grid, cell_location, cleaned, grid, shown, too_large
from registry.exchange.sheets.problems import damaged
from registry.exchange.sheets.reading.archives import parts_of
from registry.exchange.sheets.reading.markup import BadMarkup, xml
from registry.exchange.sheets.reading.spans import MakeTable, Spanned, assembled, table
from registry.exchange.sheets.reading.unprinted import (
    commented,
    hidden_lines,
    hidden_sheet,
    printed_beside,
    with_comments,
    with_unseen,
)

SHEETS: Final = 200
Styles = Mapping[tuple[str, str], bool]  # by family and name
Struck = Literal["", "all", "part"]
_DEPTH: Final = 20  # of styles that rest on one another
_OFFICE, _TABLE, _TEXT, _STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("office", "table", "text", "style")
)
_FO: Final = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_PARAGRAPHS: Final = (f"{_TEXT}p", f"{_TEXT}h")
# What has a style for its letters: of which family, and where it names it.
_STYLED: Final = {
    f"{_TABLE}table-cell": ("table-cell", f"{_TABLE}style-name"),
    f"{_TEXT}p": ("paragraph", f"{_TEXT}style-name"),
    f"{_TEXT}h": ("paragraph", f"{_TEXT}style-name"),
    f"{_TEXT}span": ("text", f"{_TEXT}style-name"),
}
# Whatever holds rows or paragraphs without being one.
_AROUND_ROWS: Final = {f"{_TABLE}{name}" for name in ("table-rows", "table-header-rows", "table-row-group")}
_AROUND: Final = {f"{_TEXT}{name}" for name in ("section", "list", "list-item", "index-body", "list-header")} | {
    f"{_OFFICE}text",
}
_ANNOTATION: Final = f"{_OFFICE}annotation"
_DRAW: Final = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_BOX: Final = f"{_DRAW}text-box"
_SHAPES: Final = (f"{_DRAW}frame", f"{_DRAW}custom-shape", f"{_DRAW}rect", f"{_DRAW}g")
_UNREAD: Final = {f"{_TEXT}{name}" for name in ("note", "tracked-changes", "ruby-text")} | {_ANNOTATION, *_SHAPES}
_UNSHOWN: Final = ("collapse", "filter")


def grids(content: bytes, filename: str) -> list[Grid]:
    """The visible sheets of an .ods, the tables of an .odt (or its paragraphs where it has none). Raises BadSheet."""
    parts = parts_of(content, filename)
    try:
        root = xml(parts["content.xml"])
    except (KeyError, BadMarkup) as error:
        raise damaged(filename, f"content.xml: {error}") from None
    body = root.find(f"{_OFFICE}body")
    if body is None:
        raise damaged(filename, "content.xml")
    sheets = body.find(f"{_OFFICE}spreadsheet")
    struck = _struck(root, parts.get("styles.xml"))
    made = _sheets(sheets, _hidden(root), struck, filename) if sheets is not None else assembled(_tables(body, struck))
    if sheets is None:
        loose = (note for note in body.iter(_ANNOTATION) if next(note.iterancestors(*_CELLS), None) is None)
        made = with_comments(made, list(map(_note, loose)))
    margins = tuple(_margins(parts.get("styles.xml")))
    made = [replace(each, margins=(*margins, *each.margins)) for each in made]
    return with_unseen(made, list(_unseen(root, body)), read=True)


def _margins(styles: bytes | None) -> list[str]:
    """What stands above and below every page."""
    try:
        root = xml(styles) if styles is not None else None
    except BadMarkup:
        root = None
    if root is None:
        return []
    pages: Iterator[Any] = root.iter(f"{_STYLE}master-page")
    return printed_beside(_shown(line) for page in pages for line in page.iter(*_PARAGRAPHS))


def _unseen(root: Any, body: Any) -> Iterator[str]:
    """Texts of a style whose letters are not shown, or white without a ground of their own."""
    names: set[str | None] = set()
    for style in root.iter(f"{_STYLE}style"):
        grounds = [part.get(f"{_FO}background-color") for part in style]
        for part in style.findall(f"{_STYLE}text-properties"):
            white = (part.get(f"{_FO}color") or "").lower() == "#ffffff" and set(grounds) <= {None, "transparent"}
            if part.get(f"{_TEXT}display") == "none" or white:
                names.add(style.get(f"{_STYLE}name"))
    if not names:
        return
    for element in body.iter(*_STYLED):
        if element.get(_STYLED[element.tag][1]) in names and (text := cleaned("".join(element.itertext()))):
            yield text


def _struck(root: Any, styles: bytes | None) -> Styles:
    """Of each style, by family and name, whether a line goes through its letters, where it or one it rests on says."""
    try:
        roots = [root] if styles is None else [xml(styles), root]
    except BadMarkup:
        roots = [root]
    parents: dict[tuple[str, str], str] = {}
    lines: dict[tuple[str, str], bool] = {}
    for style in (style for each in roots for style in each.iter(f"{_STYLE}style")):
        of_style = style.get(f"{_STYLE}family") or "", style.get(f"{_STYLE}name") or ""
        parents[of_style] = style.get(f"{_STYLE}parent-style-name") or ""
        for properties in style.findall(f"{_STYLE}text-properties"):
            values = [properties.get(f"{_STYLE}text-line-through-{name}") for name in ("style", "type")]
            if any(values):
                lines[of_style] = "none" not in values
    result: dict[tuple[str, str], bool] = {}
    for style in parents if any(lines.values()) else ():
        above = style
        for _ in range(_DEPTH):
            if above in lines:
                result[style] = lines[above]
                break
            above = style[0], parents.get(above, "")
    return result


def _hidden(root: Any) -> frozenset[str]:
    """The names of the styles of sheets that are not shown."""
    return frozenset(
        style.get(f"{_STYLE}name")
        for style in root.iter(f"{_STYLE}style")
        for properties in style.iter(f"{_STYLE}table-properties")
        if properties.get(f"{_TABLE}display") == "false"
    )


def _sheets(body: Any, hidden: frozenset[str], struck: Styles, filename: str) -> list[Grid]:
    every = list(body.iter(f"{_TABLE}table"))
    sheets = [sheet for sheet in every if sheet.get(f"{_TABLE}style-name") not in hidden]
    if len(sheets) > SHEETS:
        raise too_large(filename, ("工作表数", "sheets"), SHEETS)
    results = (
        _sheet(sheet, cleaned(sheet.get(f"{_TABLE}name") or "") or f"Sheet{at}", struck)
        for at, sheet in enumerate(sheets, 1)
    )
    made = [result for result in results if result]
    names = [cleaned(one.get(f"{_TABLE}name") or "") for one in every if one.get(f"{_TABLE}style-name") in hidden]
    made[:1] = [replace(first, notices=(*first.notices, *map(hidden_sheet, names))) for first in made[:1]]
    return made


def _sheet(sheet: Any, name: str, struck: Styles) -> Grid | None:
    rows: list[list[Cell]] = []
    merged: dict[tuple[int, int], tuple[int, int]] = {}
    comments: list[Cell] = []
    unshown: set[int] = set()
    blank = 0  # rows that are only there if something follows them: a sheet ends with a million of these
    for row in _rows(sheet):
        count = _count(row, f"{_TABLE}number-rows-repeated")
        cells = list(_filled(row, struck))
        if not any(text for _, text, *_ in cells) and next(row.iter(_ANNOTATION), None) is None:
            blank += count
            continue
        if len(rows) + blank + count > ROWS:
            raise too_large(name, ("行数", "rows"), ROWS)
        rows += [[] for _ in range(blank)]
        blank = 0
        for _ in range(count):
            at = len(rows)
            rows.append([])
            if row.get(f"{_TABLE}visibility") in _UNSHOWN:
                unshown.add(at)
            comments += (Cell(note, cell_location(name, at, column)) for column, note in _comments(row))
            for column, text, line, across, down in cells:
                if column + across > COLUMNS:
                    raise too_large(name, ("列数", "columns"), COLUMNS)
                rows[at] += [Cell("", "")] * (column + 1 - len(rows[at]))
                rows[at][column] = Cell(text, cell_location(name, at, column), line)
                merged.update(_range(at, column, across, min(down, ROWS - at)))
    width = max(map(len, rows), default=0)
    for _ in range(max((row + 1 for row, _ in merged), default=0) - len(rows)):
        rows.append([])
    width = max(width, *(column + 1 for _, column in merged), 0)
    made = [
        [
            row[column] if column < len(row) and row[column].text else Cell("", cell_location(name, at, column))
            for column in range(width)
        ]
        for at, row in enumerate(rows)
    ]
    result = grid(name, (), made, 1, merged)
    notices = (*hidden_lines(result, unshown, _unshown_columns(sheet)), *commented(name, comments)) if result else ()
    drawn = printed_beside(_shown(line) for frame in sheet.iter(*_SHAPES) for line in frame.iter(*_PARAGRAPHS))
    return result and replace(result, notices=notices, comments=tuple(comments), margins=tuple(drawn))


def _unshown_columns(sheet: Any) -> set[int]:
    """The columns of a sheet, from 0, that are hidden."""
    columns: set[int] = set()
    at = 0
    for column in sheet.iter(f"{_TABLE}table-column"):
        count = _count(column, f"{_TABLE}number-columns-repeated")
        if column.get(f"{_TABLE}visibility") in _UNSHOWN:
            columns |= set(range(at, min(at + count, COLUMNS)))
        at += count
    return columns


def _comments(row: Any) -> Iterator[tuple[int, str]]:
    """The comments on a row's cells, each with its column."""
    column = 0
    for cell in row:
        if cell.tag in _CELLS:
            yield from ((column, text) for note in cell.iter(_ANNOTATION) if (text := cleaned(_note(note))))
            column += _count(cell, f"{_TABLE}number-columns-repeated")


def _note(note: Any) -> str:
    return "\n".join(map(_shown, note.iter(*_PARAGRAPHS)))


def _range(row: int, column: int, across: int, down: int) -> Mapping[tuple[int, int], tuple[int, int]]:
    return {
        (below, beside): (row, column)
        for below in range(row, row + down)
        for beside in range(column, column + across)
        if (below, beside) != (row, column)
    }


def _filled(row: Any, struck: Styles) -> Iterator[tuple[int, str, Struck, int, int]]:
    """A row's cells with any text: column, text, what of it is struck, columns and rows over which it reaches."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        count = _count(cell, f"{_TABLE}number-columns-repeated")
        text = _value(cell) if cell.tag == _CELLS[0] else ""
        if text:
            across, down = _spans(cell)
            line = _line_through(cell, struck)
            for at in range(min(count, COLUMNS + 1)):
                yield column + at, text, line, across, down
        column += count


def _value(cell: Any) -> str:
    """What a cell shows; of a number and a day the value itself, as it is read from an .xlsx."""
    kind, value = cell.get(f"{_OFFICE}value-type"), cell.get(f"{_OFFICE}value")
    if kind == "float" and value is not None:
        try:
            return shown(float(value))
        except ValueError:
            pass
    day = cell.get(f"{_OFFICE}date-value")
    if kind == "date" and day:
        return cleaned(day.removesuffix("T00:00:00").replace("T", " "))
    return _cell_text(cell)


def _tables(body: Any, struck: Styles) -> Iterator[str | MakeTable]:
    """The paragraphs and tables of a text document, in their order."""
    for element in _blocks(body):
        if element.tag not in _PARAGRAPHS:
            yield partial(_table, element, struck)
            continue
        yield _shown(element)
        yield from (f"注：{_note(note)}" for note in element.iter(f"{_TEXT}note-body"))
        for box in element.iter(_BOX):
            yield from _tables(box, struck)


def _table(element: Any, struck: Styles, number: int, title: Sequence[str]) -> Grid | None:
    return table(number, title, (list(_spanned(row, struck)) for row in _rows(element)), listed=True)


def _blocks(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _PARAGRAPHS or child.tag == f"{_TABLE}table":
            yield child
        elif child.tag in _AROUND:
            yield from _blocks(child)
        elif child.tag in _SHAPES:  # on a page, and in no paragraph of it
            for box in child.iter(_BOX):
                yield from _blocks(box)


def _rows(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in _AROUND_ROWS:
            yield from _rows(child)


def _spanned(row: Any, struck: Styles) -> Iterator[Spanned]:
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        count = min(_count(cell, f"{_TABLE}number-columns-repeated"), COLUMNS + 1)
        for _ in range(count):
            if cell.tag == _CELLS[1]:
                yield Spanned("", covered=True)
            else:
                # What a cell reaches over comes as covered cells, so that its columns are counted there.
                across, down = _spans(cell)
                comments = tuple(_note(note) for note in cell.iter(_ANNOTATION))
                footnotes = tuple(_note(note) for note in cell.iter(f"{_TEXT}note-body", _BOX))
                line = _line_through(cell, struck)
                yield Spanned(_cell_text(cell), across, down, struck=line, comments=comments, footnotes=footnotes)


def _spans(cell: Any) -> tuple[int, int]:
    return (
        min(_count(cell, f"{_TABLE}number-columns-spanned"), COLUMNS),
        min(_count(cell, f"{_TABLE}number-rows-spanned"), ROWS),
    )


def _count(element: Any, name: str) -> int:
    text = element.get(name) or ""
    return max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1


def _cell_text(cell: Any) -> str:
    """A cell's paragraphs, one a line; of a table in it, those in a bracket: they say something of what is above."""
    parts = [part for part in cell.iter(*_PARAGRAPHS) if not _within_note(part, cell)]
    own = cleaned("\n".join(_shown(part) for part in parts if not _within_table(part, cell)))
    inner = [text for part in parts if _within_table(part, cell) and (text := _shown(part).strip())]
    return f"{own}\n（{' '.join(inner)}）" if own and inner else own or cleaned("\n".join(inner))


def _within_table(part: Any, cell: Any) -> bool:
    parent = part.getparent()
    while parent is not None and parent is not cell:
        if parent.tag == f"{_TABLE}table":
            return True
        parent = parent.getparent()
    return False


def _line_through(cell: Any, struck: Styles) -> Struck:
    """Whether a line goes through all of what a cell shows, or a part of it."""
    if not struck:
        return ""
    lines: set[bool] = set()

    def walk(element: Any, *, line: bool) -> None:
        family, named = _STYLED.get(element.tag, ("", ""))
        line = struck.get((family, element.get(named) or ""), line)
        for text in (element.text, *(child.tail for child in element)):
            if (text or "").strip():
                lines.add(line)
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _UNREAD:
                walk(child, line=line)

    walk(cell, line=False)
    return "" if not any(lines) else "all" if all(lines) else "part"


def _within_note(part: Any, cell: Any) -> bool:
    parent = part.getparent()
    while parent is not None and parent is not cell:
        if parent.tag in _UNREAD:
            return True
        parent = parent.getparent()
    return False


def _shown(element: Any) -> str:
    """What a paragraph shows: breaks, tabs and repeated spaces among it, notes left out."""
    pieces = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}line-break":
            pieces.append("\n")
        elif child.tag == f"{_TEXT}tab":
            pieces.append("\t")
        elif child.tag == f"{_TEXT}s":
            pieces.append(" ")
        elif isinstance(child.tag, str) and child.tag not in _UNREAD:
            pieces.append(_shown(child))
        pieces.append(child.tail or "")
    return "".join(pieces)
