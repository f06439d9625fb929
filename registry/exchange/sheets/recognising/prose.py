"""Lists written as numbered paragraphs (一、… 1.…), without a table, made into one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from registry.exchange.sheets.grids import Cell, Grid
from registry.exchange.sheets.meaning import opinions
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.headings import field_of, kind_of
from registry.exchange.sheets.recognising.signatures import is_issuer, is_signature
from registry.exchange.sheets.sentences import of

_CHINESE: Final = "一二三四五六七八九十百"
# From the outermost numbering inwards. The items are those of 1., else of （一）, else of 一、.
_LEVELS: Final = (
    re.compile(rf"第[{_CHINESE}]+(?:部分|[部章节类编])[、:：\s]*"),
    re.compile(rf"[{_CHINESE}]+[、.．]\s*"),
    re.compile(rf"[（(][{_CHINESE}]+[）)][、.．]?\s*"),
    re.compile(r"\d{1,3}\s*[、.．](?!\d)\s*"),
)
_ITEM: Final = len(_LEVELS) - 1
_DIGITS: Final = re.compile(r"\d+")
_TITLE: Final = re.compile(r"(?:清单|目录|一览表?|名录|计划)(?:[（(].*[）)])?$")
_NOTICE: Final = re.compile("通知|通报|请示|意见|方案|办法|决定|公告|批复|复函")
_LABEL: Final = re.compile(r"([\u4e00-\u9fff（）()]{2,12})[:：]\s*(\S.*)", re.DOTALL)
_NAME: Final = re.compile(
    r"((?:[^（(【\[]|[（(][^（()）]*[）)]|【[^【】]*】|\[[^\[\]]*\]){2,40}?)(?:[:：。])\s*(\S.*)", re.DOTALL
)
# Labels in a bracket behind the name: 示例巡查（牵头部门：市公安局）
_BRACKETED: Final = re.compile(r"[（(【\[]([^（()）【】\[\]]{3,})[）)】\]][。；;]?")
_IN_BRACKET: Final = re.compile(
    r"(.{2,60}?)(?:[（(]([^（()）:：]{2,12}[:：][^（()）]+)[）)]|[【\[]([^【】\[\]:：]{2,12}[:：][^【】\[\]]+)[】\]])[。；;.]?"
)
# Who can be called or filled it in is no item, though it is numbered with them: 10.监督电话：…
_CONTACT: Final = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}(?:电话|热线|邮箱|地址|传真|邮编|网址|微信公众号|联系人|联系方式|办公时间|服务时间|受理时间)|填[报表](?:单位|人|日期|时间))"
    r"\s*[:：].*",
    re.DOTALL,
)
# The title of a part whose paragraphs say how the list is to be used: 第三部分 工作要求
_OF_USE: Final = re.compile(
    r"(?:(?:工作|有关|具体|相关|几点|落实|填报|实施)?(?:要求|说明|须知)|(?:保障|落实)措施|组织领导|附则|注意事项|监督检查)[:：]?"
)
_NOTE: Final = re.compile(r"(?:备?注|说明)\s*[:：]")
# What opens notes that are numbered as items are: 填表说明：, then 1. 2. 3.
_NOTES: Final = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}(?:说明|须知|注意事项|要求)|备?注|附注)\s*[:：]?\s*(?P<first>[1一①][、.．]\D.*)?",
    re.DOTALL,
)
_FIRST: Final = re.compile(r"[（(][1一][）)]|[1一]\s*[、.．](?!\d)|第一(?:部分|[部章节类编])")
_ENDING: Final = re.compile(r"附件.{0,40}|.{2,30}(?:人民政府|办公室|委员会|局|党委)|\d{4}年\d{1,2}月\d{1,2}日")
_PAGE: Final = re.compile(r"[-—–·]+\s*\d+\s*[-—–·]+|第\s*\d+\s*页(?:\s*共\s*\d+\s*页)?")
_CONTENTS: Final = re.compile(r"目\s*[录次]")
# Behind an entry of a table of contents: …… 3, （5项）
_PAGES: Final = re.compile(r"(?:[（(]?共?\s*\d+\s*[项条个][）)]?|[.…·\s]+\d+)+\s*$")
_LONGEST: Final = 60  # characters of a name


@dataclass(slots=True)
class _Item:
    """An item: its number and name, and what is said of it under labels or without."""

    number: Cell
    name: Cell
    stated: dict[str, Cell] = field(default_factory=dict[str, Cell])

    def add(self, label: str, text: str, location: str) -> None:
        """Add what a paragraph says of it."""
        before = self.stated.get(label)
        self.stated[label] = Cell(f"{before.text}\n{text}" if before else text, before.location if before else location)


def tabular(grid: Grid) -> list[tuple[Grid, SheetProblem]]:
    """The tables that numbered paragraphs make, each with the remark that it was made of these; none where none are.

    `grid` has one paragraph below the other. Paragraphs that are not under the title of a list are none: notices and
    notes are numbered too.
    """
    lines = _without_contents(_without_pages([row[0] for row in grid.rows]))
    titles = [at for at, line in enumerate(lines) if _is_title(line.text)]
    # A title above another, with no paragraph that is numbered between them, is of the same table.
    numbered = [at for at, line in enumerate(lines) if at not in titles and _level(line.text) is not None]
    titles = [at for last, at in pairwise([-1, *titles]) if last < 0 or any(last < number < at for number in numbered)]
    made = (_table(grid, lines[start:end]) for start, end in pairwise([*titles, len(lines)]))
    return [one for one in made if one]


def _table(grid: Grid, lines: Sequence[Cell]) -> tuple[Grid, SheetProblem] | None:
    """The table of the paragraphs below a title, which is the first of them."""
    lines, noted = _without_notes(lines)
    levels = [_level(line.text) for line in lines]
    levels[0] = None
    level = _items_level(lines, levels)
    if level is None:
        return None
    first = next(at for at, one in enumerate(levels) if one is not None)
    parts = _parts(lines[first:], level)
    items = [part for part in parts if isinstance(part, _Item)]
    title = tuple(line.text for line in lines[max(0, first - 6) : first])
    notes = tuple(line.text for line in [*noted, *lines[first:]] if line in noted or _NOTE.match(line.text))
    table = Grid(grid.name, title, tuple(_rows(parts, items, lines[first].location)), grid.top, below=notes)
    return table, of(grid.name, "text-alone", warning=True, count=len(items))


def _without_pages(lines: Sequence[Cell]) -> list[Cell]:
    """The paragraphs without the numbers of pages; one that a page's end has cut is one again."""
    results: list[Cell] = []
    cut = False
    for line in lines:
        if not line.text.strip():
            continue
        if _PAGE.fullmatch(line.text.strip()):
            cut = bool(results)
            continue
        if cut and _goes_on(results[-1].text, line.text):
            results[-1] = Cell(results[-1].text + line.text, results[-1].location)
        else:
            results.append(line)
        cut = False
    return results


def _goes_on(before: str, text: str) -> bool:
    """Whether a paragraph at the head of a page may be the rest of an item at the foot of the page before."""
    if _level(before) is None or _level(text) is not None or re.search(r"[。；;：:）)]$", before):
        return False
    others = (_LABEL, _ENDING, _CONTACT, _NOTES)
    return not (any(way.fullmatch(text) for way in others) or _is_title(text) or is_signature(text) or is_issuer(text))


def _without_contents(lines: Sequence[Cell]) -> list[Cell]:
    """The paragraphs without a table of contents: what stands below 目录 and comes again below."""
    at = next((at for at, line in enumerate(lines) if _CONTENTS.fullmatch(line.text)), None)
    if at is None:
        return list(lines)
    end = at + 1
    while end < len(lines):
        entry = _PAGES.sub("", _bare(lines[end].text, _level(lines[end].text) or 0))
        if not entry or not any(entry in line.text for line in lines[end + 1 :]):
            break
        end += 1
    return [*lines[:at], *lines[end:]]


def _items_level(lines: Sequence[Cell], levels: Sequence[int | None]) -> int | None:
    """The level of the items: the innermost, but for paragraphs that say the same of each: 1.责任单位：… 2.检查频次：…

    None where nothing is numbered.
    """
    present = sorted({one for one in levels if one is not None})
    if not present:
        return None
    innermost = [at for at, one in enumerate(levels) if one == present[-1]]
    labels = [_label(lines[at].text) for at in innermost]
    if len(present) > 1 and None not in labels and len(labels) >= 2 * len(set(labels)):
        return present[-2]
    return present[-1]


def _label(text: str) -> str | None:
    """What a numbered paragraph says of its item; None where it says nothing under a label."""
    labelled = _LABEL.fullmatch(_bare(text, _level(text) or 0))
    return labelled[1] if labelled else None


def _without_notes(lines: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """The paragraphs below a title without those that are notes, and these.

    Notes that are numbered as the items are end where another numbering begins, or what is said of all that follow; a
    part of them (三、工作要求) where another part begins.
    """
    rest, notes = [*lines[:1]], list[Cell]()
    noting, counted = False, 0
    part: int | None = None  # the level of a part that is all notes
    for line in lines[1:]:
        level = _level(line.text)
        if part is not None and level is not None and level <= part:
            part = None
        if level is not None and level < _ITEM and _OF_USE.fullmatch(_bare(line.text, level)):
            part = level
        bare = line.text if level is None else _bare(line.text, level)
        if part is not None or _CONTACT.fullmatch(bare):
            notes.append(line)
            continue
        if opening := _NOTES.fullmatch(line.text):
            noting, counted = True, int(opening["first"] is not None)
            notes.append(line)
            continue
        if noting and (_opens_section(line.text) or (counted and _FIRST.match(line.text) is not None)):
            noting = False
        (notes if noting else rest).append(line)
        counted += noting
    return rest, notes


def _is_title(text: str) -> bool:
    """Whether a line is the title of a list; a numbered one only where it tells a kind of list, and is no category."""
    level = _level(text)
    fits = len(text) <= _LONGEST and bool(_TITLE.search(text)) and not _NOTICE.search(text)
    return fits and (level is None or (level < _ITEM and kind_of(text) is not None))


def _level(text: str) -> int | None:
    return next((level for level, numbering in enumerate(_LEVELS) if numbering.match(text)), None)


def _bare(text: str, level: int) -> str:
    """A paragraph without its number."""
    return _LEVELS[level].sub("", text, count=1).strip()


def _parts(lines: Sequence[Cell], level: int) -> list[_Item | Cell]:
    """Items and the headings between them, in order."""
    parts: list[_Item | Cell] = []
    for line in lines:
        own = _level(line.text)
        last = parts[-1] if parts else None
        if own is not None and own < level:
            parts.append(line)
        elif own == level:
            parts.append(_item(line, len([part for part in parts if isinstance(part, _Item)]) + 1))
        elif isinstance(last, _Item):
            if own is not None and (named := _LABEL.fullmatch(_bare(line.text, own))):
                last.add(named[1], named[2], line.location)
                continue
            if _NOTE.match(line.text):
                continue
            if bracketed := _BRACKETED.fullmatch(line.text):  # what is said of the item above, in a line of its own
                last.add("备注", bracketed[1], line.location)
                continue
            if _opens_section(line.text):
                parts.append(line)
            elif is_signature(line.text):
                continue
            elif labelled := _LABEL.fullmatch(line.text):
                last.add(labelled[1], labelled[2], line.location)
            elif not (_ENDING.fullmatch(line.text) or is_signature(line.text) or is_issuer(line.text)):
                last.add("工作内容", line.text, line.location)
    return parts


def _opens_section(text: str) -> bool:
    """Whether a paragraph without a number says something of all that follow: 以下证明不得出具："""
    return len(text) <= _LONGEST and (text.endswith((":", "：")) or opinions.of_section(text.rstrip("。")) is not None)


def _item(line: Cell, counted: int) -> _Item:
    number = _DIGITS.match(line.text)
    text = _bare(line.text, _level(line.text) or 0)
    labels = list[str]()
    if bracket := _IN_BRACKET.fullmatch(text):
        text, labels = bracket[1], re.split("[；;]", bracket[2] or bracket[3])
    parted = _NAME.fullmatch(text)
    name = (parted[1] if parted else text).rstrip("。；;.")
    item = _Item(Cell(number[0] if number else str(counted), line.location), Cell(name, line.location))
    if parted:
        item.add("工作内容", parted[2], line.location)
    for one in labels:
        labelled = _LABEL.fullmatch(one.strip())
        item.add(labelled[1] if labelled else "备注", labelled[2] if labelled else one, line.location)
    return item


def _with_one_label(items: Sequence[_Item]) -> None:
    """Call by one label what several labels mean of different items: 牵头部门 of one, 承接部门 of another."""
    first: dict[str, str] = {}
    for item in items:
        for label in list(item.stated):
            meant = field_of(label)
            called = first.setdefault(meant, label) if meant else label
            if called not in item.stated:
                item.stated[called] = item.stated.pop(label)


def _rows(parts: Sequence[_Item | Cell], items: Sequence[_Item], location: str) -> list[tuple[Cell, ...]]:
    _with_one_label(items)
    labels = list(dict.fromkeys(label for item in items for label in item.stated))
    blank = Cell("", "")
    rows = [tuple(Cell(text, f"{location}（{text}）") for text in ("序号", "事项名称", *labels))]
    for part in parts:
        if isinstance(part, _Item):
            rows.append((part.number, part.name, *(part.stated.get(label, blank) for label in labels)))
        else:
            rows.append((part,) * len(rows[0]))
    return rows
