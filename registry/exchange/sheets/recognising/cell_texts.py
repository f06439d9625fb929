"""A row's cells by field, as that field is written: numbers bare, names on one line, 同上 as what stands above."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from registry.exchange.sheets.grids import UNCALCULATED, Cell, address
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import department_cells, numbering
from registry.exchange.sheets.recognising.headings import fields
from registry.exchange.sheets.sentences import of

if TYPE_CHECKING:
    from registry.exchange.sheets.recognising.entries import Row

EMPTY: Final = frozenset(["/", "\\", "-", "--", "—", "——", "－", "―", "–", "无", "暂无", "N/A", "n/a", "／"])
_WHO: Final = ("recipient", "department")  # where 无 says something: that nobody is named
_DITTO: Final = re.compile("[（(]?(?:同上(?:一?[行项条])?|同前|上同|〃|″|''|\"|“|”|々)[）)]?[。.]?")
# 同第3项, 同序号3, 同3
_SAME_AS: Final = re.compile(r"同(?:第|序号)?\s*(\d{1,4})\s*(?:项|号|条)?")
_ERROR: Final = re.compile(
    f"#(?:REF!?|N/A|VALUE!|DIV/0!|NAME\\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|GETTING_DATA)|{re.escape(UNCALCULATED)}|#+"
)
_LIST_ITEM: Final = re.compile(rf"[（(]?(?:\d+|[{numbering.CHINESE}]+)[）)、.．]|[①-⑳⑴-⒇•·●■◆\-—《]")
_ENDS: Final = ("。", "；", ";", "：", ":")


@dataclass(slots=True)
class Texts:
    """The cells of one row by field; marks beside its number or name; what is wrong with its cells.

    `nobody`: cells that name nobody where a unit is to be named: 暂无, /.
    """

    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])
    nobody: dict[str, Cell] = field(default_factory=dict[str, Cell])
    marks: str = ""
    problems: list[SheetProblem] = field(default_factory=list[SheetProblem])


def of_row(
    sheet: str,
    row: Sequence[Cell],
    columns: Mapping[int, str],
    noted: Mapping[int, str],
    before: Sequence[Row],
) -> Texts:
    """The cells of a row by the field that each column holds, empty ones left out.

    `noted`: columns that no field is for, by their heading: they go into the remark. `before`: the rows above.
    """
    result = Texts()
    given = next((row[at].text for at, name in columns.items() if name == "number"), "")
    for column, name in columns.items():
        cell = row[column]
        if _ERROR.fullmatch(cell.text):
            warning = name == "number"  # the row is told by its name all the same
            result.problems.append(
                of(sheet, "error-value", cell=address(cell.location), warning=warning, text=cell.text)
            )
            continue
        text = _above(cell.text, name, before)
        if name == "name" and (count := _numbered_lines(text)) > 1:
            problem = of(sheet, "several-in-cell", cell=address(cell.location), text=line(text)[:40], count=count)
            result.problems.append(problem)
            continue
        if text and text not in EMPTY:
            result.cells |= _cell(result, name, replace(cell, text=text), columns, given)
        elif text and name in _WHO:
            result.nobody[name] = replace(cell, text=text)
    used = {row[column].location for column in columns}  # a cell that reaches over from another column is that one's
    lines: list[Cell] = []
    for column, heading in noted.items():
        cell = row[column]
        if cell.text and cell.text not in EMPTY and cell.location not in used:
            lines.append(Cell(f"{heading}：{unwrapped(cell.text)}", cell.location))
            used.add(cell.location)
    return replace(result, cells=with_remark(result.cells, lines))


def _numbered_lines(text: str) -> int:
    """How many lines of a cell are numbered one by one: 1.种子生产经营许可, 2.农药经营许可; 0 where they are not."""
    lines = [each for each in text.split("\n") if each.strip()]
    starts = [
        match and int(match[1]) for match in (re.match(r"\s*(\d{1,2})\s*[.、．)）](?!\d)", each) for each in lines)
    ]
    return len(lines) if starts == list(range(1, len(lines) + 1)) else 0


def with_remark(cells: Mapping[str, Cell], lines: Sequence[Cell]) -> dict[str, Cell]:
    """The cells with these lines below the remark, which stands where the first of them does."""
    remark = [cells["remark"]] if "remark" in cells else []
    texts = [*remark, *lines]
    if not texts:
        return dict(cells)
    return dict(cells) | {"remark": Cell("\n".join(cell.text for cell in texts), texts[0].location)}


def names_nobody(cell: Cell | None) -> bool:
    """Whether a cell that is to name a unit says that there is none: 暂无, 无, /; False where there is no cell."""
    return cell is not None and cell.text in EMPTY


def is_dash(cell: Cell | None) -> bool:
    """Whether a cell has a dash or stroke alone, which may only stand for a blank: /, —."""
    return names_nobody(cell) and cell is not None and re.search(r"\w", cell.text) is None


def is_error(text: str) -> bool:
    """Whether a cell shows that its formula came to nothing: #REF!, #N/A, or not calculated yet."""
    return _ERROR.fullmatch(text) is not None


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


def _above(text: str, name: str, before: Sequence[Row]) -> str:
    """What 同上 or 同第3项 stands for; the text itself where it is neither, or nothing is there."""
    if len(text) > 8 or not before:
        return text
    if _DITTO.fullmatch(text):
        nearest = before[::-1] if name in ("department", "supporting") else before[-1:]  # blank: as above, too
        return next((row.cells[name].text for row in nearest if name in row.cells), text)
    if match := _SAME_AS.fullmatch(text):
        rows = (row.cells for row in before if "number" in row.cells and row.cells["number"].text == match[1])
        return next((cells[name].text for cells in rows if name in cells), text)
    return text


def _cell(result: Texts, name: str, cell: Cell, columns: Mapping[int, str], given: str) -> dict[str, Cell]:
    text = cell.text
    if name == "number":
        number = numbering.item_number(line(text))
        if number is not None:
            text = number.text
            result.marks += number.mark
        else:
            text = line(text).strip("、.．() （）,，")
    elif name in {"category", "subcategory"}:
        text = numbering.bare(line(text))
    elif name == "name":
        text, marks = numbering.marked(line(text))
        result.marks += marks
        number, text = numbering.numbered(text)
        if number and "number" not in columns.values():
            return {"number": Cell(number, cell.location), "name": replace(cell, text=text)}
        of_cell = numbering.item_number(given)
        if number and number != (of_cell.text if of_cell else given.strip("、.．() （）")):
            text = numbering.marked(line(cell.text))[0]  # the number is part of the name
    elif name in {"department", "supporting"}:
        text = department_cells.lines(text)
    elif name == "department_means":
        return dict(_taken_over(cell))
    else:
        text = line(text) if fields()[name].line else unwrapped(text)
    return {name: replace(cell, text=text)} if text else {}


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
