"""What is told of what a file has and a print of it does not show: comments, letters hidden or white on white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.problems import SheetProblem

_LISTED: Final = 5
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


def hidden_text(sheet: str, cell: str, listed: str) -> SheetProblem:
    """What is told of letters that nobody sees, and that were read."""
    zh = f"{listed} 的文字是隐藏的或白色的，看不见，已照读：不属于清单的请删除。"
    en = f"The text of {listed} is hidden or white and cannot be seen; it was read: delete what is no part of the list."
    return SheetProblem(sheet, cell, "hidden-text", zh, en, warning=True)


def _address(sheet: str, cell: Cell) -> str:
    return "" if cell.location == sheet else address(cell.location).partition(" / ")[0]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
