"""Where the headings of a table are: one row or several, with groups over columns, and what each column means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.recognising.headings import alike, field_of, fields

Rows = Sequence[Sequence[Cell]]

DEPTH: Final = 3  # rows that headings may take
_LONGEST: Final = 40  # characters of a heading; what is longer is text
_REMARK: Final = re.compile(r"[（(\[【].*?[）)\]】]", re.DOTALL)
_COUNTED: Final = re.compile(r"(?!(?:19|20)\d\d$)\d+")  # a number that is no year: a row of the table
_TOWN: Final = re.compile("[\u4e00-\u9fff]{1,8}(?:镇|乡|街道|街道办事处|办事处|开发区|农场|林场|苏木)")
_NO_TOWN: Final = re.compile("^(?:乡|镇|街道|各|全|本|所属|相关|承接|适用|涉及|责任)|乡镇|镇街")
_OWN: Final = frozenset(["duties"])  # what a group over several columns does not say of each
_LEVEL: Final = re.compile("([一二三四])级(?:事项|目录|类目|指标|职责|分类|类别|清单)(?:名称)?")
_OF_LEVELS: Final = ("category", "subcategory", "name")
_FIRST_NUMBER: Final = re.compile(r"[（(]?(1|01|001|一)[）)]?[、.．]?")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading as it stands (a group's and its own joined by a space), and the place of its own cell."""

    text: str
    location: str


@dataclass(frozen=True, slots=True)
class Head:
    """The heading rows, from `top` up to but not including `bottom`: each column's heading, and the field it means.

    `words` are a column's headings one by one, to know them again where they are repeated on the next page.
    """

    top: int
    bottom: int
    headings: Mapping[int, Heading]
    meant: Mapping[int, str]
    words: Mapping[int, frozenset[str]]


def find(rows: Rows, start: int, kind: str | None, wanted: Mapping[str, str], known: Head | None = None) -> Head | None:
    """The first head at or after a row; None where there is none. Rows that repeat a `known` head are passed over.

    `wanted` says what headings mean, whatever they mean elsewhere; "" makes one mean nothing.
    """
    for top in range(start, len(rows)):
        if not _may_begin(rows[top], kind, wanted) or (known and repeated(rows[top], known)):
            continue
        nearby = [
            head
            for first in range(top, min(top + DEPTH, len(rows)))
            for bottom in range(first + 1, min(first + DEPTH, len(rows)) + 1)
            if (head := _head(rows, first, bottom, kind, wanted)) is not None
        ]
        if any(head.top == top for head in nearby):
            return max(nearby, key=lambda head: (len(set(head.meant.values())), head.top - head.bottom, -head.top))
    return None


def _may_begin(row: Sequence[Cell], kind: str | None, wanted: Mapping[str, str]) -> bool:
    """Whether a row has a heading in it, and no number as the rows of tables have: told fast, for there are many."""
    if any(_COUNTED.fullmatch(cell.text) for cell in row):
        return False
    return any(0 < len(cell.text) <= _LONGEST and _meaning([cell], kind, wanted) for cell in row)


def repeated(row: Sequence[Cell], head: Head) -> bool:
    """Whether a row says the headings once more."""
    filled = [(column, cell.text) for column, cell in enumerate(row) if cell.text]
    return len(filled) > 1 and all(alike(text) in head.words.get(column, ()) for column, text in filled)


def is_town(name: str) -> bool:
    """Whether a heading is the name of a town, and not of what towns are in general."""
    return _TOWN.fullmatch(name) is not None and not _NO_TOWN.search(name)


def _head(rows: Rows, top: int, bottom: int, kind: str | None, wanted: Mapping[str, str]) -> Head | None:
    """The head that these rows make; None if they do not."""
    if top and any(
        cell.text and cell.location == above.location for cell, above in zip(rows[top], rows[top - 1], strict=True)
    ):
        return None  # its upper part is missing
    if bottom < len(rows) and any(
        cell.text and cell.location == below.location
        for cell, below in zip(rows[bottom - 1], rows[bottom], strict=True)
    ):
        return None  # its lower part is missing
    stacks = _stacks(rows[top:bottom])
    locations = {stack[-1].location or str(column) for column, stack in stacks.items()}
    if any(len(cell.text) > _LONGEST for stack in stacks.values() for cell in stack) or not stacks:
        return None
    if len({cell.location for cell in rows[top] if cell.text}) < 2 and len(rows[top]) > 1 and len(locations) > 1:
        return None  # a title
    # 部门 under 职责 is 部门职责, unless another column says 部门职责 itself.
    own = {column: _meaning(stack[-1:], kind, wanted) for column, stack in stacks.items()}
    joined = {column: _meaning(stack, kind, wanted) for column, stack in stacks.items()}
    meant = {
        column: field
        for column in stacks
        if (field := own[column] if joined[column] in own.values() and own[column] else joined[column])
    }
    meant |= _levels(stacks, meant)
    if "name" not in meant.values():
        other = next((at for at, name in meant.items() if fields()[name].otherwise == "name"), None)
        meant |= {} if other is None else {other: "name"}
    if not {"name", "number"} & set(meant.values()):
        return None
    for column, field in meant.items():
        if field == "number" and len({cell.location for cell in stacks[column]}) > 1:
            return None  # a row of the table taken for headings
    known_locations = {stacks[column][-1].location or str(column) for column in meant}
    if len(set(meant.values())) < 2 or 2 * len(known_locations) < len(locations):
        alone = set(meant.values()) == {"name"} and len(locations) == 1
        if not (alone and len(rows[top]) == 1) and not _numbered(rows, bottom, meant, locations):
            return None
    headings = {
        column: Heading(" ".join(cell.text.replace("\n", "") for cell in stack), stack[-1].location)
        for column, stack in stacks.items()
    }
    words = {column: frozenset(alike(cell.text) for cell in stack) for column, stack in stacks.items()}
    return Head(top, bottom, headings, meant, words)


def _levels(stacks: Mapping[int, Sequence[Cell]], meant: Mapping[int, str]) -> dict[int, str]:
    """What 一级事项, 二级事项 and 三级事项 are: the item where no other column is it, and its categories."""
    levels = {
        column: "一二三四".index(match[1])
        for column, stack in stacks.items()
        if (match := _LEVEL.fullmatch(alike(stack[-1].text))) and meant.get(column, "category") in _OF_LEVELS
    }
    if not levels:
        return {}
    named = any(name == "name" and column not in levels for column, name in meant.items())
    ordered = sorted(levels, key=lambda column: levels[column])
    result: dict[int, str] = {}
    if not named and len(ordered) > 1:
        result[ordered.pop()] = "name"
    return result | dict(zip(ordered, ("category", "subcategory"), strict=False))


def _numbered(rows: Rows, bottom: int, meant: Mapping[int, str], locations: set[str]) -> bool:
    """Whether a row with little but 序号 known is a head all the same: the next row is number 1."""
    if bottom >= len(rows) or len(locations) < 2:
        return False
    return any(field == "number" and _FIRST_NUMBER.fullmatch(rows[bottom][at].text) for at, field in meant.items())


def _stacks(block: Rows) -> dict[int, list[Cell]]:
    """Each column's headings from the top down, a merged one once. A group reaches over the blanks to its right."""
    stacks: dict[int, list[Cell]] = {}
    for column in range(len(block[0])):
        stack: list[Cell] = []
        for depth, row in enumerate(block):
            cell = row[column]
            if not cell.text and depth + 1 < len(block) and block[depth + 1][column].text:
                cell = _group(row, block[depth + 1], column)
            if cell.text and all(cell.location != other.location for other in stack):
                stack.append(cell)
        if stack:
            stacks[column] = stack
    return stacks


def _group(row: Sequence[Cell], below: Sequence[Cell], column: int) -> Cell:
    """The heading to the left of a blank one, if it has headings of its own below it."""
    while column and not row[column].text and below[column].text:
        column -= 1
    return row[column] if below[column].text else Cell("", "")


def _meaning(stack: Sequence[Cell], kind: str | None, wanted: Mapping[str, str]) -> str | None:
    """What a column means: 部门 under 职责 is 部门职责 before it is 部门."""
    return _meant(tuple(cell.text for cell in reversed(stack)), kind, tuple(wanted.items()))


# The same headings are asked about for every pair of rows that may be a head, and in every sheet of a file again.
@lru_cache(maxsize=1 << 12)
def _meant(texts: tuple[str, ...], kind: str | None, pairs: tuple[tuple[str, str], ...]) -> str | None:
    """What headings mean that stand one above another, the lowest first."""
    (own, *groups), wanted = texts, dict(pairs)
    groups = [] if is_town(own) else groups  # 郑集镇 under 适用镇（街道）: a column to tick
    for text in (*(one for group in groups for one in (own + group, group + own)), own, *groups):
        for word in (text, _REMARK.sub("", text)):
            if alike(word) in wanted:
                return wanted[alike(word)]
            if (field := field_of(word, kind)) and (text not in groups or field not in _OWN):
                return field
    return None
