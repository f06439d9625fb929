"""The rows under a heading: items, the categories that stand between them, and what is neither."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.meaning.opinions import Verdict
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import accounts, cell_texts, numbering, signatures
from registry.exchange.sheets.recognising.accounts import RowUse, Stated, Use
from registry.exchange.sheets.recognising.header_rows import Head, Rows, repeated
from registry.exchange.sheets.recognising.headings import field_of
from registry.exchange.sheets.sentences import of

_TOTAL: Final = re.compile(r"[合总小共]\s*计(?![划生])|总数|共\s*\d+\s*[项条个件]")
# In the column of names or categories: 经济发展类小计, 合计：12项; not 小计量器具.
_NAMED_TOTAL: Final = re.compile(
    r".{0,10}?(?:[合总小共]\s*计|总\s*数)\s*(?:[:：（(共]?\s*[\d一二三四五六七八九十百]*\s*[项条个件]?[）)]?)"
)
_REMARK: Final = re.compile(r"[（(][^（）()]*[）)]$")
_SUM: Final = re.compile(r"[\d.,%]+\s*(?:[项条个件张次元]|万元)?|[/—\-]+")
_NOTE: Final = re.compile(
    r"[（(]?(?:备?注|说明|附注|填[表报写]说明|编制说明|注意事项)\s*(?:[:：]|\d|[一二三四五][、.])|[※*＊]|"
    r"(?:填[报表]|制表|审核|联系|报送|编制|打印|主要|单位|分管)?(?:单位|人员?|电话|日期|时间|负责人|领导|盖章)(?:[（(].*?[）)])?\s*[:：]"
)
_PAGE: Final = re.compile(
    r"续\s*上?表.*|[接转][上下]页|第\s*\d+\s*页.*|[-—–]+\s*\d+\s*[-—–]+|共\s*\d+\s*页|附件\s*\d*[:：]?"
)
_WORDS: Final = re.compile(rf"[^\W\d{numbering.CHINESE}第项号序]")  # more than a number
_CONTINUED: Final = re.compile(r"[（(]?续[表页]?[）)]?$")
_BEFOREHAND: Final = ("number", "category", "subcategory")
_TOTALS: Final = 500  # in one table, for which items are counted anew; more are no totals of a list
_STARS: Final = "※*＊"
_LONGEST: Final = 40  # characters of a category
_NOTHING: Final = Cell("", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number and location as the reader sees them, and its cells by field; empty ones are left out.

    `category` and `subcategory` are there where numbered headings or merged cells say so. Rows of one item, written
    over several rows, have name cells of one location. `verdict`: what decides whether it stands, where anything
    does. `marks` stand beside its number or name: * or ※.
    """

    number: int
    location: str
    cells: Mapping[str, Cell]
    verdict: Verdict | None = None
    marks: str = ""


Open = list[tuple[int, Cell]]


@dataclass(slots=True)
class Entries:
    """What is read so far: rows, problems, and the categories that are open, outermost first, by their numbering.

    `uses`: what became of each row; `stated`: how many items the list says that it has; `notes`: its notes; `under`:
    the places of the categories that each row stands under.
    """

    rows: list[Row]
    problems: list[SheetProblem]
    open: Open
    uses: list[RowUse] = field(default_factory=list[RowUse])
    stated: list[Stated] = field(default_factory=list[Stated])
    notes: list[Cell] = field(default_factory=list[Cell])
    under: list[frozenset[str]] = field(default_factory=list[frozenset[str]])


@dataclass(frozen=True, slots=True)
class Body:
    """The rows under a head: their sheet, the number that the first has for the reader, which field each column holds.

    `titles` (normalised) are what stands above the table, and above it again on the next page. `noted` are columns
    that no field is for, by their heading. `numbers` are those of the rows where they do not follow on `first`.
    """

    sheet: str
    rows: Rows
    first: int
    head: Head
    columns: Mapping[int, str]
    titles: frozenset[str]
    noted: Mapping[int, str] = field(default_factory=dict[int, str])
    numbers: Sequence[int] = ()

    def number(self, at: int) -> int:
        """The number that a row, the first being 0, has for the reader."""
        return self.numbers[at] if self.numbers else self.first + at


def read(body: Body, opened: Open) -> Entries:
    """The items in these rows; `opened` are the categories of those before which none of their own stands."""
    entries = _read(body, opened, ordinals=True)
    if not entries.rows and not entries.problems:  # 一、二、三 number the items themselves
        entries = _read(body, opened, ordinals=False)
    return entries


def opened(text: str, location: str) -> Open:
    """The category that a numbered heading above a table opens; none where it is not numbered."""
    level = numbering.level(text)
    return [] if level is None else [(level, Cell(numbering.bare(text), location))]


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


def items(rows: Sequence[Row]) -> int:
    """How many items rows are: those of one name cell are one."""
    return len({row.cells["name"].location for row in rows if "name" in row.cells})


def _read(body: Body, opened: Open, *, ordinals: bool) -> Entries:
    entries = Entries([], [], list(opened))
    counting = _counting(body)
    rows, noting, since_total = body.rows, False, 0
    signed = signatures.begins(rows, dict(body.columns))
    stated: dict[str, tuple[Cell, int]] = {}  # categories that say how many items they have, by their place
    categories: dict[str, Cell] = {}  # by their place, as they are written
    for at, row in enumerate(rows):
        filled = {column: cell for column, cell in enumerate(row) if cell.text}
        if not filled or (
            at and all(cell.location == rows[at - 1][column].location for column, cell in filled.items())
        ):
            continue
        use = "note" if at >= signed else _neither(body, row, filled, noting=noting)
        if use is None:
            noting = False
            use = _item_or_category(
                body, entries, at, filled, counting if ordinals else replace(counting, ordinals=False)
            )
            _note_count(stated, body, row, use)
            if use == "category" and entries.open:
                categories[entries.open[-1][1].location] = next(cell for cell in row if cell.text)
        elif use == "note":
            noting = noting or _NOTE.match(next(iter(filled.values())).text) is not None
            text = " ".join(dict.fromkeys(cell.text for cell in filled.values()))
            entries.notes.append(Cell(text, next(iter(filled.values())).location))
        if use == "unfilled":  # or a sentence in the column of numbers
            entries.notes += [each for each in filled.values() if _WORDS.search(each.text)][:1]
        if use == "total":
            _total(entries, body, row, since_total)
            since_total = len(entries.rows)
        entries.uses.append(accounts.row_use(body.sheet, body.number(at), row, use, rows[at - 1] if at else ()))
    if entries.rows:  # a category under which nothing stands is a line like any other
        with_items = frozenset[str]().union(*entries.under)
        entries.notes += [cell for location, cell in categories.items() if location not in with_items]
    entries.problems = _once(body.sheet, entries.problems)
    _count_categories(entries, stated)
    for note in entries.notes:
        if (count := accounts.counted(note.text, note=True)) is not None:
            entries.stated.append(Stated(note.location, note.text, count, (items(entries.rows),), whole=True))
    return entries


def _once(sheet: str, problems: Sequence[SheetProblem]) -> list[SheetProblem]:
    """The problems, of numbers that formulas gave no value one for all rows: =ROW()-2 stands in every one."""
    lost = [problem for problem in problems if problem.code == "error-value" and problem.warning]
    if not lost:
        return list(problems)
    summary = of(sheet, "numbers-lost", cell=lost[0].cell, warning=True, rows=len(lost))
    return [summary if problem is lost[0] else problem for problem in problems if problem not in lost[1:]]


def _neither(body: Body, row: Sequence[Cell], filled: Mapping[int, Cell], *, noting: bool) -> Use | None:
    """What a row is that is neither item nor category; None where it may be one of these."""
    if repeated(row, body.head) or _heads_again(body, filled) or _counts_columns(filled):
        return "heading"
    start = next(iter(filled.values())).text
    single = alone(row)
    if single and normalised(_CONTINUED.sub("", start)) in body.titles:
        return "title"
    if _is_total(body, filled):
        return "total"
    if _is_numbered_item(body, filled):
        return None
    if _PAGE.fullmatch(start):
        return "page"
    if _NOTE.match(start) and (single or start[0] not in _STARS) and not _is_marked_item(body, start):
        return "note"
    if single and _is_sentence(body, filled, start):
        return "note"
    if noting and single and not (numbering.level(start) in numbering.HEADINGS and _short(start)):
        return "note"
    return None


def _is_sentence(body: Body, filled: Mapping[int, Cell], text: str) -> bool:
    """Whether a text over several columns is a sentence, and so no name of an item or category: 孔湾镇只承担前两项。"""
    if numbering.level(text) is not None:
        return False
    if len(filled) < 2:  # in the column of names of a list with numbers, and with none of its own
        names = {body.columns.get(column) for column in filled}
        return names == {"name"} and {"number", "name"} < {*body.columns.values()} and text.endswith("。")
    return text.endswith("。") or (len(body.columns) > 1 and not _short(text))


def _heads_again(body: Body, filled: Mapping[int, Cell]) -> bool:
    """Whether a row is a head in other words for the same columns: 承接部门 where the table before has 牵头部门."""
    fields = {column: field_of(cell.text) for column, cell in filled.items()}
    return (
        len(fields) > 1
        and "name" in fields.values()
        and all(field is not None and field == body.columns.get(column) for column, field in fields.items())
    )


def _is_marked_item(body: Body, text: str) -> bool:
    """Whether a text with a mark is an item in a list that has no column of numbers: *2.临时救助; not *为试点事项。"""
    if text[0] not in _STARS or "number" in body.columns.values():
        return False
    bare = numbering.marked(text)[0]
    return numbering.numbered(bare)[0] is not None or not re.search("[，。；：:为的]", bare)


def _is_numbered_item(body: Body, filled: Mapping[int, Cell]) -> bool:
    """Whether a row has a number and a name, whatever these begin with: *2 | 临时救助 is no note."""
    by_field = {body.columns[column]: cell for column, cell in filled.items() if column in body.columns}
    if "number" not in by_field or "name" not in by_field or by_field["number"] == by_field["name"]:
        return False
    return numbering.item_number(by_field["number"].text) is not None


def _is_total(body: Body, filled: Mapping[int, Cell]) -> bool:
    first, *others = {(cell.location, cell.text): cell for cell in filled.values()}.values()
    if _TOTAL.match(first.text) and (
        _NAMED_TOTAL.fullmatch(_REMARK.sub("", first.text)) or all(_SUM.fullmatch(cell.text) for cell in others)
    ):
        return True
    numbered = any(
        body.columns.get(column) == "number" and numbering.item_number(cell.text) for column, cell in filled.items()
    )
    return not numbered and any(
        body.columns.get(column) in {"number", "name", "category", "subcategory"}
        and _NAMED_TOTAL.fullmatch(cell.text) is not None
        for column, cell in filled.items()
    )


def _total(entries: Entries, body: Body, row: Sequence[Cell], since: int) -> None:
    """The number that a total gives: of all items so far, or of those since the last total."""
    named = {column for column, name in body.columns.items() if name in ("name", *_BEFOREHAND)}
    count = accounts.counted_in_row(row, named)
    if count is not None:
        cell = next(cell for cell in row if cell.text)
        so_far = sum(use.use == "item" for use in entries.uses) if len(entries.stated) < _TOTALS else len(entries.rows)
        read = tuple(dict.fromkeys((so_far, items(entries.rows[since:]), len(entries.rows))))
        entries.stated.append(Stated(cell.location, cell.text, count, read, whole=True))


def _item_or_category(body: Body, entries: Entries, at: int, filled: Mapping[int, Cell], counting: _Counting) -> Use:
    row = body.rows[at]
    texts = cell_texts.of_row(body.sheet, row, body.columns, body.noted, entries.rows)
    single = alone(row)
    if single and not cell_texts.is_error(single[1].text) and _opens(entries, single, body, at, counting):
        return "category"
    if counting.ordinals and _is_ordinal_heading(entries, texts.cells, counting.following[at]):
        _open(entries, 1, texts.cells["name"])
        return "category"
    if all(body.columns.get(at) in _BEFOREHAND or cell.text in cell_texts.EMPTY for at, cell in filled.items()):
        return "unfilled"  # numbered beforehand, not filled in
    entries.problems += texts.problems
    number = texts.cells.get("number")
    value = numbering.ordinal(number.text) if number else None
    if number and value is not None and counting.digits:
        texts.cells["number"] = replace(number, text=str(value))
    return _append(entries, body.sheet, body.number(at), _own_location(body.rows, at), texts)


def _append(entries: Entries, sheet: str, number: int, location: str, texts: cell_texts.Texts) -> Use:
    """Adds a row; one without number and name belongs to the item before it, as in a .csv of merged cells."""
    cells, use = texts.cells, "item"
    before: Mapping[str, Cell] = entries.rows[-1].cells if entries.rows else {}
    if "name" in before and set(cells) == {"name"} and numbering.is_part(cells["name"].text):
        cells = {"part": cells["name"]}  # （1）对…的处罚 below the power whose part it is
    cells = texts.nobody | cells
    if _goes_on(cells, before):
        cells = cells | {"name": before["name"]}
    if "name" not in cells:
        if "number" in cells or not before or texts.problems:
            if not any(not problem.warning for problem in texts.problems):
                zh = f"第 {number} 行没有事项名称：请补上；不是事项的，请删去该行或并入上一行。"
                en = f"Row {number} has no name of an item: add it, or delete the row where it is none."
                entries.problems.append(SheetProblem(sheet, address(location), "missing-name", zh, en))
            return "refused"
        cells = {field: before[field] for field in ("number", "name", "code") if field in before} | cells
    elif "number" not in cells and cells["name"] == before.get("name"):
        cells = {field: before[field] for field in ("number",) if field in before} | cells
    if before and "name" in before and cells["name"].location == before["name"].location:
        use = "part"
    named = [cell for _, cell in entries.open]
    own = [cells[field] for field in ("category", "subcategory") if field in cells]
    if not own and "category" in before and not named and "name" in before:
        own = [before[field] for field in ("category", "subcategory") if field in before]
    path = list({cell.text: cell for cell in reversed([*named, *own])}.values())[::-1]
    kept = {field: cell for field, cell in cells.items() if field not in {"category", "subcategory"}}
    if use == "part":  # what its first row says stands
        kept = {field: cell for field, cell in kept.items() if cell is not texts.nobody.get(field)}
    if path:
        kept["category"] = path[0]
    if len(path) > 1:
        kept["subcategory"] = path[-1]
    entries.rows.append(Row(number, location, kept, marks=texts.marks))
    entries.under.append(frozenset(cell.location for cell in [*named, *own]))
    return "part" if use == "part" else "item"


def _goes_on(cells: Mapping[str, Cell], before: Mapping[str, Cell]) -> bool:
    """Whether a row is the item before it again, number and name, with something else to say of it."""
    if not all(
        name in cells and name in before and cells[name].text == before[name].text for name in ("number", "name")
    ):
        return False
    others = {name for name in {*cells, *before} if name not in ("number", "name")}
    return any((name in cells) != (name in before) or cells[name].text != before[name].text for name in others)


def _opens(entries: Entries, single: tuple[int, Cell], body: Body, at: int, counting: _Counting) -> bool:
    """Whether a row's only cell is a category, which it then opens."""
    column, cell = single
    row, columns = body.rows[at], body.columns
    level = numbering.level(cell.text)
    wide = sum(other == cell for other in row) > 1
    field = columns.get(column)
    if not wide:
        if field not in {"number", "category", "subcategory", "name"} and column > min(columns):
            return False
        if field == "number" and (numbering.item_number(cell.text) or numbering.ORDINAL.fullmatch(cell.text)):
            return False
        if field == "name":
            if (level is None or level > 3) and ("number" not in columns.values() or len(columns) < 3):
                return False  # an item of which nothing but the name is said
            if level is None and _is_left_out(entries, at, counting):
                return False
            if numbering.is_part(cell.text) and entries.rows:
                return False
    if level not in numbering.HEADINGS and not _short(cell.text):
        return False
    _open(entries, -1 if level is None else level, cell)
    return True


def _is_left_out(entries: Entries, at: int, counting: _Counting) -> bool:
    """Whether a name without a number is an item that nobody filled in: no item has one, or the next one skips one."""
    if not counting.numbered:
        return True
    following = numbering.item_number(counting.following[at])
    last = entries.rows[-1].cells.get("number") if entries.rows else None
    before = last.text if last else "0"
    return following is not None and before.isdecimal() and following.text == str(int(before) + 2)


def _is_ordinal_heading(entries: Entries, cells: Mapping[str, Cell], following: str) -> bool:
    """Whether a row is a category with its number in the column of numbers: 一 | 经济发展.

    Not where it goes on counting the items themselves: 2, 三、, 4. `following` is the next number below.
    """
    number, name = cells.get("number"), cells.get("name")
    if not number or not name or set(cells) - {"number", "name", "remark"}:
        return False
    if not numbering.ORDINAL.fullmatch(number.text):
        return False
    value = numbering.ordinal(number.text)
    last = entries.rows[-1].cells.get("number") if entries.rows else None
    if value is None or last is None or last.text != str(value - 1):
        return True
    after = numbering.item_number(following)
    if after is not None:
        return after.text != str(value + 1)
    return numbering.ordinal(following) not in {None, value + 1}


@dataclass(frozen=True, slots=True)
class _Counting:
    """How the rows of a table are numbered: whether any is, most of them in digits, and the next number below each.

    `ordinals`: 一、二、三 may number categories.
    """

    numbered: bool
    digits: bool
    following: Sequence[str]
    ordinals: bool = True


def _counting(body: Body) -> _Counting:
    column = next((column for column, field in body.columns.items() if field == "number"), None)
    texts = [row[column].text if column is not None else "" for row in body.rows]
    known = sum(numbering.item_number(text) is not None for text in texts if text)
    following, below = [""] * len(texts), ""
    for at in range(len(texts) - 1, -1, -1):
        following[at] = below
        below = texts[at] or below
    return _Counting(known > 0, 2 * known > sum(map(bool, texts)), following)


def _open(entries: Entries, level: int, cell: Cell) -> None:
    """Closes what is open from this numbering inwards, and opens the category."""
    levels = [each for each, _ in entries.open]
    del entries.open[levels.index(level) if level in levels else len(levels) :]
    entries.open.append((level, Cell(numbering.bare(cell_texts.line(cell.text)), cell.location)))


def _note_count(stated: dict[str, tuple[Cell, int]], body: Body, row: Sequence[Cell], use: Use) -> None:
    """Keep what a category says of the number of its items, in a row of its own or in a column."""
    cells = (
        [next(cell for cell in row if cell.text)]
        if use == "category"
        else [row[column] for column, name in body.columns.items() if name in {"category", "subcategory"}]
    )
    for cell in cells:
        if cell.text and cell.location not in stated and (count := accounts.counted(cell.text.replace("\n", ""))):
            stated[cell.location] = cell, count


def _count_categories(entries: Entries, stated: Mapping[str, tuple[Cell, int]]) -> None:
    """Hold what categories say of their items against the rows that stand under them."""
    under: dict[str, list[Row]] = {}
    for row, locations in zip(entries.rows, entries.under, strict=True):
        for location in locations:
            under.setdefault(location, []).append(row)
    for location, (cell, count) in stated.items():
        rows = under.get(location, [])
        entries.stated.append(Stated(location, cell.text, count, tuple({items(rows): 0, len(rows): 0})))


def _short(text: str) -> bool:
    return len(text) <= _LONGEST and "。" not in text


def _counts_columns(filled: Mapping[int, Cell]) -> bool:
    """Whether a row numbers the columns, as forms do below their headings: 1 2 3 4, 甲 乙 丙, 甲 乙 1 2 3."""
    texts = [cell.text.strip("()（）") for cell in filled.values()]
    letters = next((at for at, text in enumerate(texts) if text not in "甲乙丙丁戊己庚辛"), len(texts))
    counted = [*"甲乙丙丁戊己庚辛"[:letters], *map(str, range(1, len(texts) - letters + 1))]
    return len(texts) > 2 and texts == counted


def _own_location(rows: Rows, at: int) -> str:
    """The place of a row's first cell that does not reach down into it from above."""
    for column, cell in enumerate(rows[at]):
        if cell.location and (not at or rows[at - 1][column].location != cell.location):
            return cell.location
    return rows[at][0].location
