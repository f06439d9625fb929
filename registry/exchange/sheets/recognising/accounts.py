"""What became of every row of a file, and whether a list has as many items as it says of itself: 共12项, 合计 12."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import of

# What a row can be: an item's own row or a further one of it; what stands around the items; what is kept out.
Use = Literal[
    "item", "part", "category", "title", "heading", "note", "total", "page", "unfilled", "contents", "outside",
    "refused", "repeated",
]  # fmt: skip
_NUMERALS: Final = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER: Final = "(?P<number>[0-9]{1,5}|[零〇一二两三四五六七八九十百千]{1,7})"
_UNIT: Final = r"\s*(?:大)?(?:个?事项|[项条张件]|个(?=$|[）)。；;，,]))"
# 共47项, 共计7类193项, 合计：12项, （47项）
_COUNTED: Final = re.compile(
    r"(?P<before>.?)(?:(?<!公)共计?|合\s*计|总\s*计|小\s*计|总数)(?:计|有|列出?|梳理|包[含括]|涉及|含|为|是|[:：\s])*"
    r"(?:[0-9一二三四五六七八九十]+\s*(?:大?类|个方面|个部分|部分|章)[，,、\s]?(?:共计?)?)?"
    rf"{_NUMBER}{_UNIT}"
)
# In a note only what the list says of itself: 本清单共3项; not 原共50项, 总数不超过12项.
_OF_ITSELF: Final = re.compile(
    r"(?:^|[:：。；;，,、（(]|\d[.．、])(?:本|该|全|此|以上|上述)?(?:清单|目录|表|[县市区镇])*(?:事项|职责)?$"
)
_IN_BRACKETS: Final = re.compile(rf"[（(]\s*{_NUMBER}{_UNIT}\s*[）)]\s*$")
_BARE: Final = re.compile(rf"\s*{_NUMBER}\s*(?:个?事项|[项条])?\s*")


@dataclass(frozen=True, slots=True)
class RowUse:
    """What one row of a sheet was taken for: its number and location for the reader, and how its text begins.

    `item`: the number of the item's row, where that is made of several rows of the file.
    """

    sheet: str
    number: int
    location: str
    use: Use
    text: str
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of items that a list gives of itself, where, and the numbers read that it may mean.

    `whole`: it may also be that of all tables of its sheet, or of its file.
    """

    location: str
    text: str
    count: int
    read: tuple[int, ...]
    whole: bool = False


def row_use(sheet: str, number: int, row: Sequence[Cell], use: Use, above: Sequence[Cell] = ()) -> RowUse:
    """The use of a row with any text in it; cells that reach down into it from `above` are not its own place."""
    texts = list(dict.fromkeys(cell.text.replace("\n", "") for cell in row if cell.text))
    higher = {cell.location for cell in above}
    locations = [cell.location for cell in row if cell.text]
    location = next((one for one in locations if one not in higher), locations[0] if locations else "")
    return RowUse(sheet, number, location, use, " ".join(texts)[:60])


def counted(text: str, *, note: bool = False) -> int | None:
    """The number of items that a title or category gives, or a `note`; None where it gives none, or zero."""
    match = _COUNTED.search(text)
    if note:
        before = text[: match.start()] + match["before"] if match else ""
        match = match if match and _OF_ITSELF.search(before) else None
    else:
        match = match or _IN_BRACKETS.search(text)
    return _value(match["number"]) or None if match else None


def counted_in_row(cells: Sequence[Cell], named: Collection[int]) -> int | None:
    """The number of items that a row of a total gives: 合计：12项, or beside it 12项; 12 alone in a column `named`.

    A total of another column, of times or of what a quota allows, is no number of items.
    """
    texts: dict[str, tuple[str, bool]] = {}
    for column, cell in enumerate(cells):
        if cell.text:
            texts.setdefault(cell.location, (cell.text, column in named))
    for text, _ in texts.values():
        if (number := counted(text)) is not None:
            return number
    for text, is_named in list(texts.values())[1:]:
        match = _BARE.fullmatch(text)
        if match is not None and (is_named or match["number"] != text.strip()):
            return _value(match["number"]) or None
    return None


def differences(sheet: str, stated: Iterable[Stated], whole: Iterable[int]) -> list[SheetProblem]:
    """What is told of each number that is none of those read; `whole`: how many items the sheet and the file have."""
    totals = set(whole)
    problems: list[SheetProblem] = []
    for one in stated:
        if one.count not in one.read and not (one.whole and one.count in totals):
            read = one.read[0] if one.read else min(totals, default=0)
            cell = address(one.location) if one.location != sheet else ""
            problems.append(of(sheet, "count-differs", cell=cell, text=_short(one.text), count=one.count, read=read))
    return problems


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:40]}…"


def _value(text: str) -> int:
    """A number in digits or in Chinese up to nine thousand: 一百四十二, 十二, 二〇."""
    if text.isdigit():
        return int(text)
    if not set(text) & set("十百千"):
        return int("".join(str(_NUMERALS.get(letter, 0)) for letter in text))
    total = digit = 0
    for letter in text:
        if letter in _NUMERALS:
            digit = _NUMERALS[letter]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[letter]
            digit = 0
    return total + digit
