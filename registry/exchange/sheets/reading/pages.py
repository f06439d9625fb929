"""Tables on printed pages, where there are only letters and lines: cells by the lines that are drawn around them.

The lines are made into cells by pdfplumber, whatever the file is. A table without lines is told by its columns alone,
and only where these cannot be mistaken.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final, Literal

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells, merge_edges

from registry.exchange.sheets.grids import Grid, cleaned
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.reading.spans import TITLE, Spanned, paragraphs, table
from registry.exchange.sheets.reading.unprinted import printed_beside, with_comments, with_unseen

_Piece = tuple[float, float, str, Literal["", "all", "part"]]
Box = tuple[float, float, float, float]  # x0, top, x1, bottom, in points from the page's upper left corner

TOLERANCE: Final = 3.0  # points by which lines that meet may miss each other
_SHORTEST: Final = 3.0  # of a line, in points
_NUMBER: Final = re.compile(r"[-—–\s]*\d{1,4}[-—–\s]*|第\s*\d+\s*页.*|\d+\s*/\s*\d+")
_TITLE: Final = re.compile(r"清单|目录|一览|名录|附件|^[一二三四五六七八九十]+、|^[（(][一二三四五六七八九十]+[）)]")
_LABEL: Final = re.compile(r"[\u4e00-\u9fff]{2,8}[:：]")  # 依据文件：…清单 is no title
_GAP: Final = 1.0  # heights of a letter that part two columns
_LOOSE: Final = 4  # lines in three columns or more that are a table, and no names and days below one
# A line is through a letter between these parts of its height from above and from below, most of it on letters.
_UPPER: Final = 0.25
_LOWER: Final = 0.25
_THROUGH: Final = 0.6
_SPACE: Final = 0.3  # and those that are a space between words


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, or some, and the box around it in points."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its number from 1: its letters and the lines that run straight across or down, in points.

    A line is (x0, top, x1, bottom). `notes` are stuck on it, each with its text and the box around what it is on;
    `margins` are over all of it, watermarks; `white` are the letters among its own that are white on white, `unseen`
    texts that are not shown.
    """

    number: int
    letters: Sequence[Letter]
    lines: Sequence[Box]
    notes: Sequence[Letter] = ()
    margins: Sequence[str] = ()
    white: str = ""
    unseen: Sequence[str] = ()


@dataclass(slots=True)
class _Table:
    """A table that may go on over pages: its columns' edges, its rows, the page of each, what stands above."""

    columns: list[float]
    rows: list[list[Spanned]]
    pages: list[int]
    title: list[str]
    below: list[str] = field(default_factory=list[str])


def grids(pages: Iterable[Page], filename: str) -> list[Grid]:
    """The tables, one that goes on over several pages as one; the lines of text where there is none. Raises BadSheet.

    A heading or number that stands on every page is no title.
    """
    pages = [_with_strikes(page) for page in pages]
    made = _grids(pages, filename)
    on_cells = {cell.text for each in made for cell in each.comments}
    loose = [note.text for page in pages for note in page.notes if cleaned(note.text) not in on_cells]
    margins = tuple(printed_beside(line for page in pages for line in page.margins))
    made = [replace(each, margins=margins) for each in with_comments(made, loose)]
    made = with_unseen(made, [text for page in pages for text in page.unseen], read=False)
    return with_unseen(made, [page.white for page in pages], read=True)


def _with_strikes(page: Page) -> Page:
    """The page, its letters struck that a line goes through; such a line is no edge of a cell."""
    letters = sorted(page.letters, key=_middle)
    middles = [*map(_middle, letters)]
    tallest = max((one.bottom - one.top for one in letters), default=0.0)
    lines: list[Box] = []
    for line in page.lines:
        middle, wide = (line[1] + line[3]) / 2, line[2] - line[0]
        if wide <= line[3] - line[1]:
            lines.append(line)
            continue
        near = range(bisect_right(middles, middle - tallest), bisect_right(middles, middle + tallest))
        through = [at for at in near if _is_through(line, letters[at])]
        if sum(letters[at].x1 - letters[at].x0 for at in through) <= _THROUGH * wide:
            lines.append(line)
            continue
        for at in through:
            letters[at] = replace(letters[at], struck=True)
    return replace(page, letters=letters, lines=lines)


def _middle(letter: Letter) -> float:
    return (letter.top + letter.bottom) / 2


def _is_through(line: Box, letter: Letter) -> bool:
    """Whether a line goes through a letter, neither above nor below it."""
    high, middle = letter.bottom - letter.top, (line[1] + line[3]) / 2
    return (
        letter.top + _UPPER * high < middle < letter.bottom - _LOWER * high
        and line[0] < (letter.x0 + letter.x1) / 2 < line[2]
        and line[3] - line[1] < high / 2
    )


def _grids(pages: Sequence[Page], filename: str) -> list[Grid]:
    tables: list[_Table] = []
    before: list[str] = []
    texts: list[tuple[str, str]] = []
    unruled: list[Page] = []
    mixed: list[int] = []  # pages with a table that nothing is drawn around, where there may be others with lines
    seen: set[str] = set()
    for page in pages:
        made, outside, loose = _ruled(page)
        if not made:
            unruled.append(page)
        if loose >= _LOOSE:
            mixed.append(page.number)
        first = True
        for _, each in sorted([*((table_[0][1], table_) for table_ in made), *outside], key=lambda one: one[0]):
            if isinstance(each, str):
                key = re.sub(r"\d+", "0", each)
                if _NUMBER.fullmatch(each) or (key in seen and len(each) < 60):
                    continue
                seen.add(key)
                before.append(each)
                line = sum(where.startswith(f"第{page.number}页") for _, where in texts) + 1
                texts.append((each, f"第{page.number}页第{line}行 / page {page.number} line {line}"))
                first = False
                continue
            _, columns, rows = each
            if first and tables and _same(columns, tables[-1].columns) and not any(map(_begins_list, before)):
                before = []  # what stood at the foot of the page before
                tables[-1].rows += rows
                tables[-1].pages += [page.number] * len(rows)
            else:
                if tables:
                    tables[-1].below = before[:TITLE]
                tables.append(_Table(columns, rows, [page.number] * len(rows), before[-TITLE:]))
                before = []
            first = False
    if not tables:
        return _without_lines(unruled, texts, filename)
    if mixed:
        raise _no_lines(filename, mixed[0])
    tables[-1].below = before[:TITLE]
    made_grids = (
        (one, table(number, one.title, one.rows, one.pages, listed=True)) for number, one in enumerate(tables, 1)
    )
    return [replace(result, below=tuple(one.below)) for one, result in made_grids if result]


def _begins_list(line: str) -> bool:
    """Whether a line may be the title of what follows."""
    return bool(_TITLE.search(line)) and not _LABEL.match(line)


def _same(columns: Sequence[float], others: Sequence[float]) -> bool:
    return len(columns) == len(others) and all(
        abs(one - other) <= TOLERANCE for one, other in zip(columns, others, strict=True)
    )


def _ruled(page: Page) -> tuple[list[tuple[Box, list[float], list[list[Spanned]]]], list[tuple[float, str]], int]:
    """The tables on a page, each with its box, columns and rows, and the lines of text outside with their height.

    Last, how many of these lines stand in three columns or more.
    """
    tables: list[tuple[Box, list[float], list[list[Spanned]]]] = []
    letters: Sequence[Letter] = page.letters
    for cells in _cells(page.lines):
        box = min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells)
        if len(cells) > 1:  # one alone is a frame around something
            columns, rows, letters = _rows(cells, letters, page.notes)
            tables.append((box, columns, rows))
    outside = _lines(letters)
    lines = [(row[0].top, cleaned(_text(row))) for row in outside]
    return tables, [(top, text) for top, text in lines if text], sum(len(_pieces(row)) > 2 for row in outside)


def _cells(lines: Sequence[Box]) -> list[list[Box]]:
    """The cells that lines make, table by table."""
    # A side that two cells share is often drawn twice.
    lines = list({tuple(round(value, 1) for value in line): line for line in lines}.values())
    edges = [_edge(line) for line in [*lines, *_open_sides(lines)]]
    merged: Any = merge_edges([edge for edge in edges if edge], TOLERANCE, TOLERANCE, TOLERANCE, TOLERANCE)
    long = [edge for edge in merged if max(edge["x1"] - edge["x0"], edge["bottom"] - edge["top"]) >= _SHORTEST]
    cells: Any = intersections_to_cells(edges_to_intersections(long, TOLERANCE, TOLERANCE))
    return [list(one) for one in cells_to_tables(cells)]


def _edge(line: Box) -> dict[str, Any]:
    """A line as pdfplumber has it."""
    x0, top, x1, bottom = line
    flat = bottom - top < x1 - x0
    return {
        "x0": x0,
        "x1": x1,
        "top": top,
        "bottom": top if flat else bottom,
        "width": x1 - x0,
        "height": bottom - top,
        "orientation": "h" if flat else "v",
    }


def _open_sides(lines: Sequence[Box]) -> Iterator[Box]:
    """The sides that an open table does not draw: where two lines across are joined by one down."""
    across = sorted((line for line in lines if line[2] - line[0] > line[3] - line[1]), key=lambda line: line[1])
    down = [line for line in lines if line[2] - line[0] <= line[3] - line[1]]
    for upper in across:
        lower = next(
            (
                line
                for line in across
                if line[1] > upper[1] + TOLERANCE
                and abs(line[0] - upper[0]) <= TOLERANCE
                and abs(line[2] - upper[2]) <= TOLERANCE
            ),
            None,
        )
        if lower is None:
            continue
        joined = any(
            line[1] <= upper[1] + TOLERANCE and line[3] >= lower[1] - TOLERANCE and upper[0] < line[0] < upper[2]
            for line in down
        )
        if joined:
            yield upper[0], upper[1], upper[0], lower[1]
            yield upper[2], upper[1], upper[2], lower[1]


def _rows(
    cells: Sequence[Box], letters: Sequence[Letter], notes: Sequence[Letter]
) -> tuple[list[float], list[list[Spanned]], Sequence[Letter]]:
    """A table's columns by their edges, its rows, every column of each listed, and the letters outside of it.

    A note beside the table, at the height of a row, is on the first cell of this row.
    """
    columns = _distinct(x for cell in cells for x in (cell[0], cell[2]))
    heights = _distinct(y for cell in cells for y in (cell[1], cell[3]))
    origins: dict[tuple[int, int], tuple[int, int]] = {}
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for cell in cells:
        left, right = _nearest(columns, cell[0]), _nearest(columns, cell[2])
        top, bottom = _nearest(heights, cell[1]), _nearest(heights, cell[3])
        if left < right and top < bottom:
            spans[top, left] = right - left, bottom - top
            origins |= {(row, column): (top, left) for row in range(top, bottom) for column in range(left, right)}
    within: dict[tuple[int, int], list[Letter]] = {}
    outside: list[Letter] = []
    for letter in letters:
        row = bisect_right(heights, (letter.top + letter.bottom) / 2) - 1
        origin = origins.get((row, bisect_right(columns, (letter.x0 + letter.x1) / 2) - 1))
        if origin is None:
            outside.append(letter)
        else:
            within.setdefault(origin, []).append(letter)
    stuck: dict[tuple[int, int], list[str]] = {}
    for note in notes:
        row = bisect_right(heights, (note.top + note.bottom) / 2) - 1
        first = next((origins[row, at] for at in range(len(columns)) if origins.get((row, at)) in within), None)
        origin = origins.get((row, bisect_right(columns, (note.x0 + note.x1) / 2) - 1))
        origin = origin if origin in within else first
        if origin is not None:
            stuck.setdefault(origin, []).append(note.text)
    rows = [[Spanned("", covered=True)] * (len(columns) - 1) for _ in heights[:-1]]
    for (top, left), (across, down) in spans.items():
        inside = within.get((top, left), [])
        text = "\n".join(_text(line) for line in _lines(inside))
        comments = tuple(stuck.get((top, left), ()))
        rows[top][left] = Spanned(text, across, down, struck=_struck(inside), comments=comments)
    return columns, rows, outside


def _struck(letters: Sequence[Letter]) -> Literal["", "all", "part"]:
    lines = {letter.struck for letter in letters}
    return "" if True not in lines else "part" if False in lines else "all"


def _distinct(values: Iterable[float]) -> list[float]:
    results: list[float] = []
    for value in sorted(values):
        if not results or value - results[-1] > TOLERANCE:
            results.append(value)
    return results


def _nearest(values: Sequence[float], value: float) -> int:
    return min(range(len(values)), key=lambda at: abs(values[at] - value))


def _lines(letters: Iterable[Letter]) -> list[list[Letter]]:
    """Letters by the line on which they stand, from the top down and from left to right."""
    results: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda one: (one.top + one.bottom) / 2):
        middle = (letter.top + letter.bottom) / 2
        if results and middle < max(one.bottom for one in results[-1][:1]) - (letter.bottom - letter.top) * 0.2:
            results[-1].append(letter)
        else:
            results.append([letter])
    return [sorted(row, key=lambda one: one.x0) for row in results]


def _text(row: Sequence[Letter]) -> str:
    """A line's text, with a space where letters stand apart."""
    text = row[0].text
    for one, other in pairwise(row):
        apart = other.x0 - one.x1 > _SPACE * (one.bottom - one.top)
        text += (" " if apart else "") + other.text
    return text


def _without_lines(pages: Sequence[Page], texts: Sequence[tuple[str, str]], filename: str) -> list[Grid]:
    """Pages on which nothing is drawn: the table that the columns of the text make, else the text line by line."""
    rows: list[tuple[int, list[_Piece]]] = []
    for page in pages:
        rows += [(page.number, _pieces(line)) for line in _lines(page.letters)]
    wide = [pieces for _, pieces in rows if len(pieces) > 1]
    columns = _columns(piece for pieces in wide for piece in pieces)
    first = next((at for at, (_, pieces) in enumerate(rows) if len(pieces) > 1), len(rows))
    body = [pieces for _, pieces in rows[first:] if not _is_page_number(pieces)]
    if len(wide) > 1 and len(columns) > 1 and len(wide) * 2 > len(body):
        if any(_column(columns, pieces[0]) != 0 or len(pieces) == 1 for pieces in body):
            raise _no_lines(filename)  # a line may belong to the row above or below it
        numbers = [number for number, pieces in rows[first:] if not _is_page_number(pieces)]
        made: list[list[Spanned]] = []
        for pieces in body:
            row = [Spanned("")] * len(columns)
            for piece in pieces:
                row[_column(columns, piece)] = Spanned(piece[2], struck=piece[3])
            made.append(row)
        title = [cleaned(pieces[0][2]) for _, pieces in rows[:first]]
        result = table(1, title[-TITLE:], made, numbers)
        return [result] if result else []
    result = paragraphs(texts)
    return [result] if result else []


def _is_page_number(pieces: Sequence[_Piece]) -> bool:
    return len(pieces) == 1 and bool(_NUMBER.fullmatch(pieces[0][2]))


def _pieces(line: Sequence[Letter]) -> list[_Piece]:
    """What stands together on a line: from where to where, its text, and what of that is struck."""
    groups: list[list[Letter]] = [[line[0]]]
    for one, other in pairwise(line):
        if other.x0 - one.x1 > _GAP * (one.bottom - one.top):
            groups.append([])
        groups[-1].append(other)
    return [(group[0].x0, group[-1].x1, _text(group), _struck(group)) for group in groups]


def _columns(pieces: Iterable[_Piece]) -> list[tuple[float, float]]:
    """The stretches of the page's width on which any text stands."""
    results: list[tuple[float, float]] = []
    for left, right, *_ in sorted(pieces):
        if results and left <= results[-1][1]:
            results[-1] = results[-1][0], max(right, results[-1][1])
        else:
            results.append((left, right))
    return results


def _column(columns: Sequence[tuple[float, float]], piece: _Piece) -> int:
    middle = (piece[0] + piece[1]) / 2
    return min(range(len(columns)), key=lambda at: abs((columns[at][0] + columns[at][1]) / 2 - middle))


def _no_lines(filename: str, page: int | None = None) -> BadSheet:
    zh = "表格没有框线，分不清哪些字属于哪一格：请导入原来的电子表格或文档；没有的，给表格加上框线再存一次。"
    en = (
        "The table has no lines, so that it cannot be told which text belongs to which cell: import the original"
        " spreadsheet or document, or draw the table's lines and save it again."
    )
    return BadSheet([SheetProblem(filename, f"第{page}页 / page {page}" if page else "", "no-lines", zh, en)])
