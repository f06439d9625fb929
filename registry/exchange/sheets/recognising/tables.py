"""The tables in a file, as lists have them: which columns they have, which kind of list they are, their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import PARAGRAPHS, Cell, Grid, too_large
from registry.exchange.sheets.meaning import opinions, readings
from registry.exchange.sheets.meaning.readings import Line, Meaning, kind_named
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.recognising import (
    accounts,
    beside,
    columns,
    completing,
    contents,
    entries,
    header_rows,
    labelled,
    noted_rows,
    numbering,
    prose,
    sequence,
    ticks,
    untabled,
)
from registry.exchange.sheets.recognising.accounts import RowUse, Stated
from registry.exchange.sheets.recognising.entries import Row
from registry.exchange.sheets.recognising.header_rows import Head, Heading, Rows
from registry.exchange.sheets.recognising.headings import field_of

__all__ = ["Heading", "Row", "Table", "recognise"]

TABLES: Final = 200
_TITLE: Final = re.compile("清单|目录|计划|名录|一览|事项|[表册]")
# A row among the items that begins another list under the same headings.
_SECTION: Final = re.compile("清单|目录|一览|(?:基本|配合)履职事项|收回事项")
# Not 附件1：…, 表二：…, which are titles with their numbers.
_LABEL: Final = re.compile(r"(?!附件|(?:附?表|清单|第)[一二三四五六七八九十\d]|附表)[（(]?\w{2,8}[:：]")
_NOTHING: Final = Cell("", "")
_UNWEIGHED: Final = frozenset({"opinion", "since", "until", "time", "roles"})  # headings that say nothing of it
_DOCUMENT: Final = " / table "  # in the place of every cell of a .docx
# What stands over the next page of a table, and is no title: 续表, — 3 —
_CONTINUED: Final = re.compile(r"[（(]?(?:续\s*上?\s*表?|接上页)[^，。]{0,4}|第\s*\d+\s*页.*|[-—–]+\s*\d+\s*[-—–]+|")


@dataclass(frozen=True, slots=True)
class Table:
    """A table under one heading: its sheet, the kind of list that it seems to be (None: not told), title and rows.

    `columns` are those told, by field; `noted` those that mean nothing to us, whose texts are in the remarks; `unused`
    those not read: ignored by a mapping, or of persons. `meaning`: all that the table can be, by what words; `above`:
    the texts over it, `over` those over the first table of its sheet or document, `notes` those on it; `beside`, of the
    first, what a file says outside its tables. `uses` says of every row with any text what it was taken for; `stated`
    are the numbers of items that the list gives of itself. A table with a problem that is no warning is not to be
    recorded.
    """

    sheet: str
    kind: str | None
    title: str
    rows: tuple[Row, ...]
    columns: Mapping[str, Heading]
    unused: tuple[Heading, ...]
    problems: tuple[SheetProblem, ...] = ()
    meaning: Meaning = field(default_factory=Meaning)
    above: tuple[Cell, ...] = ()
    uses: tuple[RowUse, ...] = ()
    stated: tuple[Stated, ...] = ()
    noted: tuple[Heading, ...] = ()
    notes: tuple[Cell, ...] = ()
    over: tuple[Cell, ...] = ()
    beside: tuple[Cell, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What has been read of a file: its tables, and how the last of them goes on."""

    mappings: Sequence[Mapping[str, Any]]
    tables: list[Table] = field(default_factory=list[Table])
    body: entries.Body | None = None
    open: entries.Open = field(default_factory=list[tuple[int, Cell]])


def recognise(grids: Sequence[Grid], mapping: Mapping[str, Any] | None = None) -> list[Table]:
    """The tables in a file's grids, in their order; grids without any are left out, with a warning on the first table.

    `mapping` (registry.sheets.mappings) overrides what the tables that it names seem to be. Raises BadSheet where
    there is no table at all, or more than 200.
    """
    reading = _Reading((mapping or {}).get("tables", ()))
    grids, remarks = _without_heads([*map(_with_margins, grids)])
    unread = [grid for grid in grids if not _read_grid(reading, grid) and not _go_on(reading, grid)]
    without = remarks + [untabled.no_head(grid) for grid in unread]
    if not reading.tables:
        raise BadSheet(replace(problem, warning=False) for problem in without if problem not in remarks)
    reading.tables = contents.left_out(reading.tables)
    reading.tables = _under_first_title(reading.tables)
    _count(reading)
    _follow_numbers(reading)
    first = reading.tables[0]
    outside = [use for grid in grids if not _has_table(reading, grid) for use in _all_rows(grid)]
    notices = [notice for grid in grids for notice in grid.notices]
    without += [untabled.no_item(grid) for grid in unread if any(each.sources for each in grids) and _names_item(grid)]
    problems = (*notices, *first.problems, *without)
    with_tables = {grid.name for grid in grids if _has_table(reading, grid)}
    around = tuple(dict.fromkeys(beside.of_grids(grids, with_tables)))
    reading.tables[0] = replace(first, problems=problems, uses=(*first.uses, *outside), beside=around)
    return reading.tables


def _names_item(grid: Grid) -> bool:
    """Whether a label of a grid is that of an item's name."""
    return any(field_of(cell.text) == "name" for row in grid.rows for cell in row if cell.text)


def _under_first_title(tables: Sequence[Table]) -> list[Table]:
    """The tables, each below the first of its sheet or document with what stands above that one."""
    first: dict[str, Table] = {}
    results: list[Table] = []
    for table in tables:
        group = "" if any(_DOCUMENT in row.location for row in table.rows[:1]) else table.sheet
        opening = first.setdefault(group, table)
        results.append(table if opening is table else replace(table, over=opening.above))
    return results


def _count(reading: _Reading) -> None:
    """Hold the numbers of items that lists give of themselves against those read."""
    file = sum(entries.items(table.rows) for table in reading.tables)
    for at, table in enumerate(reading.tables):
        sheet = sum(entries.items(other.rows) for other in reading.tables if other.sheet == table.sheet)
        under = _under(table)
        stated = [
            replace(one, read=(*one.read, under[one.location])) if one.location in under else one
            for one in table.stated
        ]
        problems = accounts.differences(table.sheet, stated, (entries.items(table.rows), sheet, file))
        reading.tables[at] = replace(table, problems=(*table.problems, *problems))


def _follow_numbers(reading: _Reading) -> None:
    """Look whether the numbers of each table's items go on one by one, from the table before it where they do so."""
    last = 0
    for at, table in enumerate(reading.tables):
        without = sum(use.use in ("refused", "unfilled") and use.sheet == table.sheet for use in table.uses)
        notices = sequence.problems(table.sheet, table.rows, last, without, part=table.meaning.adjusts)
        reading.tables[at] = replace(table, problems=(*table.problems, *notices))
        last = sequence.last(table.rows)


def _under(table: Table) -> dict[str, int]:
    """How many items stand under each category, by its place; those on a table's next page too."""
    names: dict[str, set[str]] = {}
    for row in table.rows:
        for field_ in ("category", "subcategory", "department"):
            if field_ in row.cells:
                names.setdefault(row.cells[field_].location, set()).add(row.cells["name"].location)
    return {location: len(items) for location, items in names.items()}


def _has_table(reading: _Reading, grid: Grid) -> bool:
    return any(use.sheet == grid.name for table in reading.tables for use in table.uses)


def _all_rows(grid: Grid) -> Iterator[RowUse]:
    """The rows of a grid in which nothing was read."""
    for at, row in enumerate(grid.rows):
        if any(cell.text for cell in row):
            yield accounts.row_use(grid.name, grid.number(at), row, "outside")


def _uses_above(grid: Grid, start: int, head: Head) -> Iterator[RowUse]:
    """The rows from where the table before ends down to the head's last."""
    for at in range(start, head.bottom):
        row, above = grid.rows[at], grid.rows[at - 1] if at else ()
        text = next((cell.text for cell in row if cell.text), "")
        higher = {cell.location for cell in above}
        if text and any(cell.text and cell.location not in higher for cell in row):
            use: accounts.Use = "heading" if at >= head.top else "note" if entries.passed_over(text) else "title"
            yield accounts.row_use(grid.name, grid.number(at), row, use, above)


def _without_heads(grids: Sequence[Grid]) -> tuple[list[Grid], list[SheetProblem]]:
    """The grids, those without a row of headings that are lists all the same made into tables, and what is to be told.

    These are tables of labels and values, one for each item, and numbered paragraphs.
    """
    results: list[Grid] = []
    remarks: list[SheetProblem] = []
    for grid in labelled.joined(grids):
        made = prose.tabular(grid) if _is_prose(grid) and not header_rows.find(grid.rows, 0, None, {}) else []
        if not made and grid.name == PARAGRAPHS and len(grids) > 1:
            continue  # what stands below the tables of a document, and is no list of its own
        results += [table for table, _ in made] or [grid]
        remarks += [remark for _, remark in made]
    return results, remarks


def _with_margins(grid: Grid) -> Grid:
    """The grid with what stands above its pages in its title, where that is the only title, or takes the list away."""
    # A sheet has its title among its rows.
    titled = any(map(kind_named, grid.title)) or _DOCUMENT not in grid.rows[0][0].location
    lines = [line for line in grid.margins if line not in grid.title and _counts(line, titled=titled)]
    return replace(grid, title=(*lines, *grid.title)) if lines else grid


def _counts(line: str, *, titled: bool) -> bool:
    """Whether a line above the pages says something of the list."""
    named = kind_named(line) is not None
    return (readings.takes_away(line) and not named) or (not titled and (named or bool(_TITLE.search(line))))


def _is_prose(grid: Grid) -> bool:
    """Whether it is paragraphs, one below the other."""
    return bool(grid.rows) and len(grid.rows[0]) == 1


def mapping_of(mappings: Sequence[Mapping[str, Any]], sheet: str, number: int) -> Mapping[str, Any]:
    """What a mapping says of a sheet's table, the first being 1: by the sheet's name, else by `*`, else nothing."""
    named = [entry for entry in mappings if entry["sheet"] in {sheet, "*"} and entry.get("table", 1) == number]
    return min(named, key=lambda entry: entry["sheet"] == "*", default=dict[str, Any]())


def _read_grid(reading: _Reading, grid: Grid) -> int:
    """Reads a grid's tables and says how many there are."""
    number = start = 0
    mapping = mapping_of(reading.mappings, grid.name, 1)
    head = header_rows.find(grid.rows, 0, mapping.get("kind"), columns.wanted(mapping))
    while head:
        following = _following(grid.rows, head, mapping)
        end = _title_start(grid.rows, head.bottom, following.top) if following else len(grid.rows)
        uses = list(_uses_above(grid, start, head))
        parts = columns.side_by_side(head)
        for part in parts:
            above = _texts(grid.rows[start : head.top], part if len(parts) > 1 else None)
            if not start:
                above = [*(Cell(text, grid.name) for text in grid.title), *above]
                above = _lines_before(reading, grid, head, above) or above
            for first, last, section in _sections(grid.rows, head.bottom, end, _kind_above(grid, above)):
                number += 1
                if len(reading.tables) == TABLES:
                    raise too_large(grid.name, ("表格数", "tables"), TABLES)
                mapping = mapping_of(reading.mappings, grid.name, number)
                if section.text:
                    uses.append(accounts.row_use(grid.name, grid.number(first - 1), grid.rows[first - 1], "title"))
                lines = [*above, section] if section.text else above
                _read_table(reading, grid, head, part, (first, last), lines, mapping)
                every = labelled.accounted(grid, [*uses, *reading.tables[-1].uses])
                reading.tables[-1] = replace(reading.tables[-1], uses=tuple(every))
                uses = []
        start, head = end, following
        mapping = mapping_of(reading.mappings, grid.name, number + 1)
    return number


def _lines_before(reading: _Reading, grid: Grid, head: Head, above: Sequence[Cell]) -> list[Cell]:
    """The lines above the table before, which goes on here under the same head: below 续表, or below none at all."""
    if not reading.tables or reading.body is None or reading.body.head.meant != head.meant:
        return []
    if _DOCUMENT not in grid.rows[0][0].location or not all(_CONTINUED.fullmatch(cell.text.strip()) for cell in above):
        return []
    return list(reading.tables[-1].above)


def _following(rows: Rows, head: Head, mapping: Mapping[str, Any]) -> Head | None:
    """The head of the next table, not the same one on the next page."""
    start = head.bottom
    while following := header_rows.find(rows, start, mapping.get("kind"), columns.wanted(mapping), head):
        if following.meant != head.meant:
            return following
        start = following.bottom
    return None


def _title_start(rows: Rows, bottom: int, top: int) -> int:
    """Where the title above a later head begins: the rows of one cell and the blank ones before it."""
    start = top
    while start > bottom and (entries.alone(rows[start - 1]) or not any(cell.text for cell in rows[start - 1])):
        start -= 1
    return start


def _kind_above(grid: Grid, above: Sequence[Cell]) -> str | None:
    """The kind of list that the lines above a table tell, the nearest first; else its sheet's name."""
    return next(filter(None, map(kind_named, reversed([grid.name, *_lines(above)]))), None)


def _sections(rows: Rows, bottom: int, end: int, kind: str | None) -> Iterator[tuple[int, int, Cell]]:
    """The lists under one head, each with the row that names it: 一、基本履职事项, 二、配合履职事项."""
    starts = [(bottom, _NOTHING)]
    for at in range(bottom, end):
        alone = entries.alone(rows[at])
        text = alone[1].text if alone and len(alone[1].text) < 60 else ""
        if alone and _SECTION.search(text) and kind_named(text) not in {None, kind}:
            starts.append((at, alone[1]))
            kind = kind_named(text)
    if len(starts) > 1 and not any(cell.text for row in rows[bottom : starts[1][0]] for cell in row):
        del starts[0]
    for (first, section), (last, _) in zip(starts, [*starts[1:], (end, _NOTHING)], strict=True):
        yield first + bool(section.text), last, section


def _texts(rows: Rows, part: range | None = None) -> list[Cell]:
    """The texts above a table, one a row, each with the place of its first cell.

    `part`: the columns of one of several tables side by side; of a row of several texts it is given its own.
    """
    texts: list[Cell] = []
    for row in rows:
        filled = [cell for cell in row if cell.text]
        if part is not None and len({cell.location for cell in filled}) > 1:
            filled = [cell for column, cell in enumerate(row) if cell.text and column in part]
        if filled:
            text = "".join(dict.fromkeys(cell.text.replace("\n", "") for cell in filled))
            texts.append(Cell(text, filled[0].location))
    return texts


def _lines(texts: Sequence[Cell]) -> list[str]:
    """Of the texts above a table those that may be its title: no notes, numbers of pages, nor 依据文件：…"""
    return [cell.text for cell in texts if not (_LABEL.match(cell.text) or entries.passed_over(cell.text))]


def _statements(
    texts: Sequence[Cell], body: Rows, settled: columns.Columns, rows: Sequence[Row], left: Mapping[str, str]
) -> list[Line]:
    """All that may say what a table is: the lines above it, its notes, its headings, and names that are prohibitions.

    A label, 依据文件：…, says whose and by what, but not what it is. `left`: of notes on single rows what is left.
    """
    notes = [each[1] for row in body if (each := entries.alone(row)) and entries.passed_over(each[1].text)]
    notes = noted_rows.without([cell for cell in (*texts, *notes) if entries.is_note(cell.text)], left)
    lines = [Line(cell, "remark") for cell in notes]
    lines = [readings.line_of(cell) for cell in texts if cell.text in _lines([cell])] + lines
    headings = [(name, heading) for name, heading in settled.headings.items() if name not in _UNWEIGHED]
    headings += [("", heading) for heading in (*settled.unused, *settled.headings_noted)]
    lines += [Line(Cell(heading.text, heading.location), "heading") for _, heading in headings]
    return lines + [Line(row.cells["name"], "name") for row in rows]


def _below(grid: Grid, left: Mapping[str, str]) -> list[Line]:
    """The paragraphs after a table that speak of its items: 以上事项不得…"""
    cells = [Cell(text, grid.name) for text in grid.below if readings.of_these(text)]
    return [Line(cell, "remark") for cell in noted_rows.without(cells, left)]


def _read_table(
    reading: _Reading,
    grid: Grid,
    head: Head,
    part: range,
    rows: tuple[int, int],
    texts: Sequence[Cell],
    mapping: Mapping[str, Any],
) -> None:
    """Reads one table: rows and columns of a grid, under a head, with what stands above it."""
    body = grid.rows[rows[0] : rows[1]]
    above = _lines(texts)
    kind = mapping.get("kind") or _kind_above(grid, texts)
    if kind is None and reading.body and reading.body.head.words == head.words:
        kind = reading.tables[-1].kind  # the next part of the same list
    kind = kind or columns.kind_by(head)
    # Some headings mean something in one kind of list only.
    again = header_rows.find(grid.rows, head.top, kind, columns.wanted(mapping))
    if again and (again.top, again.bottom) == (head.top, head.bottom):
        head = again
    settled = columns.settle(grid.name, head, part, body, kind, mapping)
    body = ticks.gathered(grid.name, head, part, body, settled, grid.below)
    # What is beside this table is another's; the columns keep their places.
    body = [[cell if at in part or at in settled.noted else _NOTHING for at, cell in enumerate(row)] for row in body]
    titles = frozenset(normalised(line) for line in above)
    opened = next(
        (result for line in reversed(above) if (result := _opened(line, grid.name))), list[tuple[int, Cell]]()
    )
    numbers = grid.numbers[rows[0] : rows[1]]
    first = grid.top + rows[0]
    reading.body = entries.Body(grid.name, body, first, head, settled.meant, titles, settled.noted, numbers)
    named = "name" in settled.headings
    read = entries.read(reading.body, opened) if named else entries.Entries([], [], [])
    reading.open = read.open
    around = [*texts, *(Cell(text, grid.name) for text in grid.below)]
    notes = [*read.notes, *(cell for cell in around if entries.is_note(cell.text))]
    spoken_of, left = noted_rows.spoken_of(read.rows, notes)
    spoken_of = noted_rows.remarked(spoken_of, grid.comments, grid.footnotes)
    rows_ = _with_opinions(spoken_of, settled.headings)
    by_number = {reading.body.number(at): row for at, row in enumerate(body)}
    rows_ = [_doubted(row, by_number[row.number], settled.doubting) for row in rows_]
    meaning = readings.of_table(
        [*_statements(texts, body, settled, rows_, left), *_below(grid, left)],
        Cell(grid.name, grid.name),
        columns.kind_by(head),
        kind,
        rows_decide=bool(rows_) and all(row.verdict for row in rows_),
    )
    kind = mapping.get("kind") or (meaning.readings[0].kind if meaning.readings else kind)
    rows_, more_problems = _completed(grid.name, replace(read, rows=rows_, notes=notes), settled.headings, kind)
    problems = [*settled.problems, *read.problems, *more_problems]
    if kind is None:
        problems.append(untabled.no_kind(grid, head))
    if named and not read.rows:
        problems.append(untabled.no_rows(grid, head))
    title = _title(above)
    title = title or next((line for line in above if _TITLE.search(line)), above[0] if above else "")
    unused = tuple(settled.unused)
    made = Table(grid.name, kind, title, tuple(rows_), settled.headings, unused, tuple(problems), meaning, tuple(texts))
    stated = (*_stated_around(around, entries.items(read.rows)), *read.stated)
    noted = tuple(settled.headings_noted)
    below = (*notes, *(Cell(text, grid.name) for text in grid.below))
    on_all = tuple(noted_rows.without(below, left))
    reading.tables.append(replace(made, uses=tuple(read.uses), stated=stated, noted=noted, notes=on_all))


def _title(above: Sequence[str]) -> str | None:
    """The line above a table that tells what it is, the nearest first; not 一、保留悬挂的牌子 below 宜城市挂牌清单."""
    telling = [line for line in reversed(above) if kind_named(line)]
    if telling and numbering.level(telling[0]) is not None:
        whole = (line for line in telling[1:] if numbering.level(line) is None)
        return next((line for line in whole if kind_named(line) == kind_named(telling[0])), telling[0])
    return telling[0] if telling else None


def _with_opinions(rows: Sequence[Row], headings: Mapping[str, Heading]) -> list[Row]:
    """The rows with what is said of each."""
    heading = headings["opinion"].text if "opinion" in headings else ""
    verdicts = [(row.cells, opinions.of_row(row.cells, heading, row.cells["name"].struck)) for row in rows]
    decided = zip(rows, opinions.left_blank(verdicts, heading), strict=True)
    return [replace(row, verdict=row.verdict or one) for row, one in decided]


def _doubted(row: Row, cells: Sequence[Cell], doubting: Mapping[int, Heading]) -> Row:
    """The row, unclear where another column of opinions says the opposite of what decides about it."""
    effect = row.verdict.effect if row.verdict else None
    for column, heading in doubting.items():
        cell = cells[column]
        if ticks.against(cell, heading, effect):
            decided = f"{row.verdict.cell.text}；" if row.verdict else ""
            text = f"{decided}{heading.text}：{cell.text}"
            return replace(row, verdict=opinions.Verdict("unclear", replace(cell, text=text)))
    return row


def _stated_around(texts: Sequence[Cell], items: int) -> Iterator[Stated]:
    """What the lines above a table, and below it in a document, say of how many items it has."""
    for cell in texts:
        if (count := accounts.counted(cell.text, note=entries.is_note(cell.text))) is not None:
            yield Stated(cell.location, cell.text, count, (items,), whole=True)


def _completed(
    sheet: str, read: entries.Entries, headings: Mapping[str, Heading], kind: str | None
) -> tuple[list[Row], list[SheetProblem]]:
    """The rows with what the table says of them elsewhere, and what is to be told of that."""
    rows = completing.with_departments_of_sections(read.rows, kind)
    rows, above = completing.with_departments_above(sheet, rows, headings, kind)
    rows = completing.with_roles(completing.without_dashes(rows))
    rows, marks = completing.with_marks(sheet, rows, read.notes)
    return rows, [*above, *marks]


def _go_on(reading: _Reading, grid: Grid) -> bool:
    """Whether a table of a .docx without headings is the rest of the one before it; if so, reads it as that."""
    body, width = reading.body, len(grid.rows[0])
    if not body or not reading.tables or grid.title or len(body.rows[0]) != width:
        return False
    if not all(_DOCUMENT in rows[0][0].location for rows in (body.rows, grid.rows)):
        return False
    rest = replace(body, sheet=grid.name, rows=grid.rows, first=grid.top)
    read = entries.read(rest, reading.open)
    table = reading.tables[-1]
    rows = _with_opinions(noted_rows.remarked(read.rows, grid.comments, grid.footnotes), table.columns)
    reading.tables[-1] = replace(
        table,
        rows=(*table.rows, *rows),
        problems=(*table.problems, *read.problems),
        uses=(*table.uses, *read.uses),
        stated=(*table.stated, *read.stated),
    )
    reading.body, reading.open = rest, read.open
    return True


def _opened(line: str, location: str) -> entries.Open:
    """The category that a line above a table opens, if it is one and no title."""
    return [] if kind_named(line) or _TITLE.search(line) else entries.opened(line, location)
