"""The rows under a heading: items, the categories that stand between them, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.meaning.opinions import Said
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import department_cells
from registry.exchange.sheets.recognising.header_rows import Head, Rows, repeated
from registry.exchange.sheets.recognising.headings import fields

_CHINESE: Final = "一二三四五六七八九十百〇零"
# How items and categories are numbered, each a level of its own: 一、 （一） 第一章 1. (1) 1.1
_NUMBERINGS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"第[{_CHINESE}\d]+[部分章节类篇编]+[、:： ]*",
        rf"[{_CHINESE}]+[、.．,，:：]\s*",
        rf"[（(][{_CHINESE}]+[）)][、.．]?\s*",
        r"[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVX]+[、.．]\s*",
        r"\d+(?:\.\d+)+[、.．]?\s*",
        r"\d+\s*[、.．](?!\d)\s*",
        r"[（(]\d+[）)][、.．]?\s*",
    )
)
_ORDINAL: Final = re.compile(rf"[（(]?[{_CHINESE}]+[）)]?[、.．]?|第[{_CHINESE}]+[部分章节类]+")
_COUNT: Final = re.compile(r"\s*[（(]?\s*共?计?\s*\d{1,6}\s*[项条个件类][）)]?\s*$")
_TOTAL: Final = re.compile(r"[合总小共]\s*计(?![划生])|总数|共\s*\d+\s*[项条个件]")
_NOTE: Final = re.compile(
    r"(?:备?注|说明|附注|填[表报写]说明|编制说明|注意事项)\s*(?:[:：]|\d|[一二三四五][、.])|[※*＊]|"
    r"(?:填[报表]|制表|审核|联系|报送|编制|打印|主要|单位|分管)?(?:单位|人员?|电话|日期|时间|负责人|领导|盖章)(?:[（(].*?[）)])?\s*[:：]"
)
_PAGE: Final = re.compile(
    r"续\s*上?表.*|[接转][上下]页|第\s*\d+\s*页.*|[-—–]+\s*\d+\s*[-—–]+|共\s*\d+\s*页|附件\s*\d*[:：]?"
)
_CONTINUED: Final = re.compile(r"[（(]?续[表页]?[）)]?$")
_EMPTY: Final = frozenset(["/", "\\", "-", "--", "—", "——", "－", "―", "–", "无", "暂无", "N/A", "n/a", "／"])
_BEFOREHAND: Final = ("number", "category", "subcategory")
_DITTO: Final = frozenset(["同上", "〃", "″", "''", '"', "“"])
_LIST_ITEM: Final = re.compile(rf"[（(]?(?:\d+|[{_CHINESE}]+)[）)、.．]|[①-⑳⑴-⒇•·●■◆\-—《]")
_ENDS: Final = ("。", "；", ";", "：", ":")
_LONGEST: Final = 40  # characters of a category
_HEADINGS: Final = (0, 1, 2)  # the numberings that are seldom an item's


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number and location as the reader sees them, and its cells by field; empty ones are left out.

    `category` and `subcategory` are there where numbered headings or merged cells say so. Rows of one item, written
    over several rows, have name cells of one location. `said`: what decides whether it stands, where anything does.
    """

    number: int
    location: str
    cells: Mapping[str, Cell]
    said: Said | None = None


Open = list[tuple[int, Cell]]


@dataclass(slots=True)
class Entries:
    """What is read so far: rows, problems, and the categories that are open, outermost first, by their numbering."""

    rows: list[Row]
    problems: list[SheetProblem]
    open: Open


@dataclass(frozen=True, slots=True)
class Body:
    """The rows under a head: their sheet, the number that the first has for the reader, which field each column holds.

    `titles` (normalised) are what stands above the table, and above it again on the next page.
    """

    sheet: str
    rows: Rows
    first: int
    head: Head
    columns: Mapping[int, str]
    titles: frozenset[str]


def read(body: Body, opened: Open) -> Entries:
    """The items in these rows; `opened` are the categories of those before which none of their own stands."""
    entries = _read(body, opened, ordinals=True)
    if not entries.rows and not entries.problems:  # 一、二、三 number the items themselves
        entries = _read(body, opened, ordinals=False)
    return entries


def opened(text: str, location: str) -> Open:
    """The category that a numbered heading above a table opens; none where it is not numbered."""
    level = _level(text)
    return [] if level is None else [(level, Cell(_bare(text), location))]


def alone(row: Sequence[Cell]) -> tuple[int, Cell] | None:
    """The only cell with text in a row, and its first column; None where there are several, or none."""
    filled = [(column, cell) for column, cell in enumerate(row) if cell.text]
    return filled[0] if filled and all(cell == filled[0][1] for _, cell in filled) else None


def passed_over(text: str) -> bool:
    """Whether a text beside or below the items is a note, a total, a page's number or who filled it in."""
    return bool(_NOTE.match(text) or _TOTAL.match(text) or _PAGE.fullmatch(text))


def is_note(text: str) -> bool:
    """Whether a text is a note on the table: 注：…"""
    return _NOTE.match(text) is not None


def line(text: str) -> str:
    """The text on one line, as if it had not been wrapped."""
    return re.sub(r"(?<=[!-~])\n(?=[!-~])", " ", text).replace("\n", "")


def unwrapped(text: str) -> str:
    """The text with those line breaks alone that separate its entries, not those that wrap it."""
    kept: list[list[str]] = []
    in_title = False  # between 《 and 》 nothing begins
    for part in text.split("\n"):
        begins = _LIST_ITEM.match(part) or re.match(r"[^，。；]{2,8}[:：]", part)
        if not kept or (not in_title and (begins or kept[-1][-1].endswith(_ENDS))):
            kept.append([])
        kept[-1].append(part)
        if "《" in part or "》" in part:
            in_title = part.rfind("《") > part.rfind("》")
    return "\n".join(line("\n".join(parts)) for parts in kept)


def _read(body: Body, opened: Open, *, ordinals: bool) -> Entries:
    entries = Entries([], [], list(opened))
    rows, noting = body.rows, False
    for at, row in enumerate(rows):
        filled = {column: cell for column, cell in enumerate(row) if cell.text}
        if not filled or (
            at and all(cell.location == rows[at - 1][column].location for column, cell in filled.items())
        ):
            continue
        if repeated(row, body.head) or _counts_columns(filled):
            continue
        start = next(iter(filled.values())).text
        single = alone(row)
        if single and normalised(_CONTINUED.sub("", start)) in body.titles:
            continue
        if passed_over(start) or (noting and single and not (_level(start) in _HEADINGS and _short(start))):
            noting = noting or _NOTE.match(start) is not None
            continue
        noting = False
        cells = dict(_cells(row, body.columns, entries.rows[-1] if entries.rows else None))
        if single and _opens(entries, single, row, body.columns):
            continue
        if ordinals and _opens_beside(entries, cells):
            continue
        if all(body.columns.get(column) in _BEFOREHAND or cell.text in _EMPTY for column, cell in filled.items()):
            continue  # numbered beforehand, not filled in
        _append(entries, body.sheet, at + body.first, _own_location(rows, at), cells)
    return entries


def _append(entries: Entries, sheet: str, number: int, location: str, cells: dict[str, Cell]) -> None:
    """Adds a row; one without number and name belongs to the item before it, as in a .csv of merged cells."""
    before: Mapping[str, Cell] = entries.rows[-1].cells if entries.rows else {}
    if "name" not in cells:
        if "number" in cells or not before:
            zh = f"第 {number} 行没有事项名称：请补上；不是事项的，请删去该行或并入上一行。"
            en = f"Row {number} has no name of an item: add it, or delete the row where it is none."
            entries.problems.append(SheetProblem(sheet, address(location), "missing-name", zh, en))
            return
        cells = {field: before[field] for field in ("number", "name", "code") if field in before} | cells
    elif "number" not in cells and cells["name"] == before.get("name"):
        cells = {field: before[field] for field in ("number",) if field in before} | cells
    named = [cell for _, cell in entries.open]
    own = [cells[field] for field in ("category", "subcategory") if field in cells]
    if not own and "category" in before and not named and "name" in before:
        own = [before[field] for field in ("category", "subcategory") if field in before]
    path = list({cell.text: cell for cell in reversed([*named, *own])}.values())[::-1]
    kept = {field: cell for field, cell in cells.items() if field not in {"category", "subcategory"}}
    if path:
        kept["category"] = path[0]
    if len(path) > 1:
        kept["subcategory"] = path[-1]
    entries.rows.append(Row(number, location, kept))


def _cells(row: Sequence[Cell], columns: Mapping[int, str], before: Row | None) -> Iterator[tuple[str, Cell]]:
    """A row's cells by field, as that field is written; 同上 is what stands above."""
    numbered = "number" in columns.values()
    for column, field in columns.items():
        cell = row[column]
        text = cell.text
        if text in _DITTO and before and field in before.cells:
            text = before.cells[field].text
        if not text or text in _EMPTY:
            continue
        if field == "number":
            text = line(text).strip("、.．() （）,，")
        elif field in {"category", "subcategory"}:
            text = _bare(line(text))
        elif field == "name":
            number, text = _numbered(line(text))
            given = next((row[at].text for at, other in columns.items() if other == "number"), "")
            if number and not numbered:
                yield "number", Cell(number, cell.location)
            elif number and number != given.strip("、.．() （）"):
                text = line(cell.text)  # the number is part of the name
        elif field in {"department", "supporting"}:
            text = department_cells.lines(text)
        elif field == "department_means":
            yield from _taken_over(cell)
            continue
        else:
            text = line(text) if fields()[field].line else unwrapped(text)
        if text:
            yield field, replace(cell, text=text)


def _taken_over(cell: Cell) -> Iterator[tuple[str, Cell]]:
    """承接部门及工作方式 in one cell: `承接部门：… 工作方式：…`, or `…局：…`, or the department on its own line."""
    result = re.match(
        r"(?:\d[.、．]\s*)?(?:收回后)?(?:承接|牵头|责任|实施)?(?:部门|单位)\s*[:：]\s*(?P<who>[^\n]+?)[。；;]?\s*"
        r"(?:\n|(?=(?:\d[.、．]\s*)?(?:工作|履职|承接|收回)(?:方式|措施)))\s*"
        r"(?:\d[.、．]\s*)?(?:(?:工作|履职|承接|收回)?(?:后?工作)?(?:方式|措施)\s*[:：])?\s*(?P<how>.+)",
        cell.text,
        re.DOTALL,
    ) or re.match(
        r"(?P<who>[^\n:：。；，,]{2,60}?(?:局|委|委员会|部|办|办公室|厅|中心|大队|队|院|会|公司|政府)"
        r"(?:[（(][^（）()]*[）)])?)\s*(?:[:：]|\n)\s*(?P<how>.+)",
        cell.text,
        re.DOTALL,
    )
    if result:
        yield "department", replace(cell, text=line(result["who"]))
    yield "means", replace(cell, text=unwrapped(result["how"] if result else cell.text))


def _opens(entries: Entries, single: tuple[int, Cell], row: Sequence[Cell], columns: Mapping[int, str]) -> bool:
    """Whether a row's only cell is a category, which it then opens."""
    column, cell = single
    level = _level(cell.text)
    wide = sum(other == cell for other in row) > 1
    field = columns.get(column)
    if not wide:
        if field not in {"number", "category", "subcategory", "name"} and column > min(columns):
            return False
        if field == "number" and (cell.text.strip("、.() （）").isdecimal() or _ORDINAL.fullmatch(cell.text)):
            return False
        if field == "name" and (level is None or level > 3) and ("number" not in columns.values() or len(columns) < 3):
            return False  # an item of which nothing but the name is said
    if level not in _HEADINGS and not _short(cell.text):
        return False
    _open(entries, -1 if level is None else level, cell)
    return True


def _opens_beside(entries: Entries, cells: Mapping[str, Cell]) -> bool:
    """Whether a row is a category with its number in the column of numbers: 一 | 经济发展."""
    number, name = cells.get("number"), cells.get("name")
    if not number or not name or set(cells) - {"number", "name", "remark"} or not _ORDINAL.fullmatch(number.text):
        return False
    _open(entries, 1, name)
    return True


def _open(entries: Entries, level: int, cell: Cell) -> None:
    """Closes what is open from this numbering inwards, and opens the category."""
    levels = [each for each, _ in entries.open]
    del entries.open[levels.index(level) if level in levels else len(levels) :]
    entries.open.append((level, Cell(_bare(line(cell.text)), cell.location)))


def _level(text: str) -> int | None:
    """Which numbering a text begins with; None where it begins with none."""
    return next((level for level, numbering in enumerate(_NUMBERINGS) if numbering.match(text)), None)


def _short(text: str) -> bool:
    return len(text) <= _LONGEST and "。" not in text


def _bare(text: str) -> str:
    """A category without its number and the count of its items."""
    level = _level(text)
    bare = _COUNT.sub("", _NUMBERINGS[level].sub("", text, count=1) if level is not None else text)
    return bare or text


def _numbered(text: str) -> tuple[str | None, str]:
    """An item's number, where it stands before its name, and the name."""
    result = re.match(r"[（(]?(\d{1,4})\s*(?:[、.．](?!\d)|[）)])\s*(?=\D)", text)
    return (result[1], text[result.end() :]) if result else (None, text)


def _counts_columns(filled: Mapping[int, Cell]) -> bool:
    """Whether a row numbers the columns: 1 2 3 4, as forms do below their headings."""
    texts = [cell.text.strip("()（）") for cell in filled.values()]
    return len(texts) > 2 and texts in (
        [str(n) for n in range(1, len(texts) + 1)],
        list("甲乙丙丁戊己庚辛")[: len(texts)],
    )


def _own_location(rows: Rows, at: int) -> str:
    """The place of a row's first cell that does not reach down into it from above."""
    for column, cell in enumerate(rows[at]):
        if cell.location and (not at or rows[at - 1][column].location != cell.location):
            return cell.location
    return rows[at][0].location
