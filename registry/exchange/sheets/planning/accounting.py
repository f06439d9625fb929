"""What became of every row that was read: items, categories, notes, totals and the rest, each with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from registry.domain.text import Text, counted
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.accounts import RowUse, Use
from registry.exchange.sheets.recognising.tables import Row, Table

# In the order in which they are told.
CALLED: Final[Mapping[Use, Text]] = {
    "item": Text("事项", "items"),
    "part": Text("事项续行", "further rows of items"),
    "repeated": Text("重复", "repeated"),
    "refused": Text("未采用", "refused"),
    "category": Text("类别", "categories"),
    "unfilled": Text("未填写", "not filled in"),
    "title": Text("标题", "titles"),
    "heading": Text("表头", "headings"),
    "note": Text("注释", "notes"),
    "total": Text("合计", "totals"),
    "page": Text("页码等", "page numbers and the like"),
    "contents": Text("目录", "contents"),
    "outside": Text("不成表", "in no table"),
}

# Told at a row, and no fault of that row.
_OF_THE_LIST: Final = frozenset(["count-differs", "missing-column", "unknown-kind"])


def uses(table: Table, problems: Sequence[SheetProblem]) -> list[RowUse]:
    """Every row of a table with what it was taken for; a row with an error is refused, one said twice is repeated."""
    rows = {row.number: row for row in table.rows}
    wrong = {problem.location: problem for problem in problems if not problem.warning or problem.code == "repeated-row"}
    return [
        replace(use, use=_came_to(use, rows, wrong)) if use.sheet == table.sheet or use.item is not None else use
        for use in table.uses
    ]


def _came_to(use: RowUse, rows: Mapping[int, Row], wrong: Mapping[str, SheetProblem]) -> Use:
    row = rows.get(use.number if use.item is None else use.item)
    if row is None or use.use not in ("item", "part"):
        return use.use
    locations = {row.location, use.location, *(cell.location for cell in row.cells.values())}
    codes = {wrong[location].code for location in locations if location in wrong} - _OF_THE_LIST
    if codes - {"repeated-row"}:
        return "refused"
    return "repeated" if codes else use.use


def counts(rows: Iterable[RowUse]) -> dict[Use, int]:
    """How many rows were taken for what, in the order in which that is told; their sum is the number of rows read."""
    counter = Counter(row.use for row in rows)
    return {use: counter[use] for use in CALLED if counter[use]}


def sentence(rows: Sequence[RowUse]) -> Text:
    """One line for people: 读入 14 行：事项 9、类别 2、标题 1、表头 1、注释 1。"""
    parts = counts(rows)
    zh = "、".join(f"{CALLED[use].zh} {number}" for use, number in parts.items())
    en = ", ".join(f"{CALLED[use].en} {number}" for use, number in parts.items())
    return Text(f"读入 {len(rows)} 行：{zh}。", f"{counted(len(rows), 'row')} read: {en}.")
