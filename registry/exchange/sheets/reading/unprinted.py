"""What is told of what a file has and a print of it does not show: comments, letters hidden or white on white."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from registry.exchange.sheets.grids import Cell, Grid, a1, address, cleaned
from registry.exchange.sheets.problems import SheetProblem

_LISTED: Final = 5  # comments quoted
_MOST: Final = 12  # rows, columns or cells named one by one
_PAGE_NUMBER: Final = re.compile(r"[\d\s第共总页码/／|·•,，.。:：—–-]+|Page|PAGE|page|of")
_LONGEST: Final = 40  # letters quoted of a comment


def commented(sheet: str, comments: Sequence[Cell]) -> tuple[SheetProblem, ...]:
    """What is told of comments: that they were not read as a part of the list."""
    if not comments:
        return ()
    texts = [f"{_address(sheet, cell)}“{_short(cell.text)}”" for cell in comments[:_LISTED]]
    listed = "；".join(texts) + ("……" if len(comments) > _LISTED else "")
    zh = f"有批注 {len(comments)} 处（{listed}），不算清单内容：批注是改动意见的，请照此改好表格再导入。"
    en = (
        f"Comments ({len(comments)}: {listed}) are no part of the list: where they say what is to be changed, change it"
        " in the table and import again."
    )
    first = "" if comments[0].location == sheet else address(comments[0].location)
    return (SheetProblem(sheet, first, "comments", zh, en, warning=True),)


def with_comments(grids: Sequence[Grid], texts: Sequence[str]) -> list[Grid]:
    """The grids, what is told of a document's comments that belong to no cell with the first of them."""
    if not grids:
        return []
    first = grids[0]
    comments = [Cell(text, first.name) for text in map(cleaned, texts) if text]
    notices = (*first.notices, *commented(first.name, comments))
    return [replace(first, notices=notices, comments=(*first.comments, *comments)), *grids[1:]]


def with_unseen(grids: Sequence[Grid], texts: Sequence[str], *, read: bool) -> list[Grid]:
    """The grids, what is told of letters that nobody sees with the first of them; `read`: they are among its texts."""
    shown = [short for text in dict.fromkeys(texts) if (short := _short(text))]
    if not grids or not shown:
        return list(grids)
    first = grids[0]
    listed = "、".join(f"“{text}”" for text in shown[:_LISTED]) + ("……" if len(shown) > _LISTED else "")
    if read:
        notice = hidden_text(first.name, "", listed)
    else:
        zh = f"{listed} 是隐藏的，看不见，没有读取：属于清单的，请取消隐藏再导入。"
        en = f"{listed} is hidden and cannot be seen; it was not read: unhide what is a part of the list."
        notice = SheetProblem(first.name, "", "hidden-text", zh, en, warning=True)
    return [replace(first, notices=(*first.notices, notice)), *grids[1:]]


def hidden_text(sheet: str, cell: str, listed: str) -> SheetProblem:
    """What is told of letters that nobody sees, and that were read."""
    zh = f"{listed} 的文字是隐藏的或白色的，看不见，已照读：不属于清单的请删除。"
    en = f"The text of {listed} is hidden or white and cannot be seen; it was read: delete what is no part of the list."
    return SheetProblem(sheet, cell, "hidden-text", zh, en, warning=True)


def hidden_sheet(name: str) -> SheetProblem:
    """What is told of a sheet that is not shown: it is not read."""
    zh = f"工作表“{name}”是隐藏的，没有读取：需要导入的，请取消隐藏后再来。"
    en = f"The sheet {name} is hidden and was not read: unhide it to have it imported."
    return SheetProblem(name, "", "hidden-sheet", zh, en, warning=True)


def hidden_lines(sheet: Grid, rows: Collection[int], columns: Collection[int]) -> tuple[SheetProblem, ...]:
    """What is told of a sheet's rows and columns, from 0, that are hidden and not blank: they are read all the same."""
    filled = filled_places(sheet)
    rows = sorted(set(rows) & {row for row, _ in filled})
    columns = sorted(set(columns) & {column for _, column in filled})
    notices: list[SheetProblem] = []
    if rows:
        numbers = listed([str(row + 1) for row in rows])
        zh = f"第 {numbers} 行是隐藏的，已照读：不属于清单的请删除。"
        en = f"Rows {numbers} are hidden and were read: delete those that are no part."
        notices.append(SheetProblem(sheet.name, f"A{rows[0] + 1}", "hidden-rows", zh, en, warning=True))
    if columns:
        letters = listed([a1(0, column)[:-1] for column in columns])
        zh = f"{letters} 列是隐藏的，已照读：不属于清单的请删除。"
        en = f"The columns {letters} are hidden and were read: delete those that are no part of the list."
        notices.append(SheetProblem(sheet.name, a1(0, columns[0]), "hidden-columns", zh, en, warning=True))
    return tuple(notices)


def filled_places(sheet: Grid) -> set[tuple[int, int]]:
    """The row and column, from 0, of each cell of a sheet with any text; of merged ones where they begin."""
    places: set[tuple[int, int]] = set()
    for cell in (cell for row in sheet.rows for cell in row if cell.text):
        if match := re.fullmatch("([A-Z]+)([0-9]+)", address(cell.location)):
            column = 0
            for letter in match[1]:
                column = column * 26 + ord(letter) - 64
            places.add((int(match[2]) - 1, column - 1))
    return places


def listed(names: Sequence[str]) -> str:
    """The names of rows, columns or cells, so many of them as are told one by one."""
    return "、".join(names[:_MOST]) + ("……" if len(names) > _MOST else "")


def printed_beside(texts: Iterable[str]) -> list[str]:
    """The lines that stand above and below every page and in text boxes, each once; numbers of pages are none."""
    lines = (line for text in texts for line in cleaned(text).split("\n"))
    return [line for line in dict.fromkeys(lines) if _PAGE_NUMBER.sub("", line)]


def _address(sheet: str, cell: Cell) -> str:
    return "" if cell.location == sheet else address(cell.location).partition(" / ")[0]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
