"""What is told of grids in which no table was found, and of tables without a kind or without rows."""

from __future__ import annotations

from registry.exchange.sheets.grids import PARAGRAPHS, Grid, address
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.header_rows import Head
from registry.exchange.sheets.sentences import of


def no_head(grid: Grid) -> SheetProblem:
    """What is told of a grid without headings; it is left out."""
    if grid.name == PARAGRAPHS:
        return of(grid.name, "no-table", warning=True)
    zh = "没有找到表头，未读取：表头要有“事项名称”等列名，连成一行（或两三行）放在数据上方；不是清单的请忽略。"
    en = (
        "No headings were found, so it was not read: name the columns (事项名称 and so on) in a row above the items; if"
        " it is no list, never mind."
    )
    return SheetProblem(grid.name, "", "no-heading", zh, en, warning=True)


def no_item(grid: Grid) -> SheetProblem:
    """What is told of a table of one item that could not be read among others that were: the item would be lost."""
    zh = "同一文件中各事项单独成表，这一张没有读懂：请照其他各张改成“标签、内容”两列再导入。"
    en = (
        "The items of this file have a table each, and this one was not understood: make it labels and values, as the"
        " others are, and import again."
    )
    cell = next(cell for row in grid.rows for cell in row if cell.text)
    return SheetProblem(grid.name, address(cell.location), "no-heading", zh, en)


def no_kind(grid: Grid, head: Head) -> SheetProblem:
    """What is told of a table whose kind nothing tells."""
    return of(grid.name, "no-kind", cell=_first_cell(head), problem_code="unknown-kind", warning=True)


def no_rows(grid: Grid, head: Head) -> SheetProblem:
    """What is told of headings without items below them."""
    zh = "表头下没有事项：请核对是否选错了文件或工作表。"
    en = "There are no items below the headings: check that it is the right file and sheet."
    return SheetProblem(grid.name, _first_cell(head), "no-rows", zh, en, warning=True)


def _first_cell(head: Head) -> str:
    return address(head.headings[min(head.headings)].location)
