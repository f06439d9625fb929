"""What rows leave to be said elsewhere in a table: a department above or in a section's title, marks in a note."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.meaning import opinions
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import cell_texts, cells, department_cells
from registry.exchange.sheets.recognising.entries import Row
from registry.exchange.sheets.recognising.headings import fields, kinds
from registry.exchange.sheets.sentences import of

_OWN: Final = frozenset(["number", "name", "code", "category", "subcategory"])
_NAMED: Final = 8  # rows named one by one in a sentence
# 带*的为委托事项: what stands before what such rows are.
_OF_MARKS: Final = re.compile(r"^.{0,6}?[*※★☆▲△●○◆◇#√＊]+.{0,8}?(?:为|是|系|属于?|表示|的)+")
_LEADS: Final = re.compile("牵头|主办|主责|主管|主体|主要|负责")
_HELPS: Final = re.compile("配合|协办|协助|协同|参与|属地|次要|非主")
_DUTIES: Final = ("职责：", "责任：", "责任内容：", "工作职责：", "具体职责：", "任务：", "工作任务：")
_SHORT: Final = 16  # letters of what rows with a mark are, where that is all that is said


def with_departments_of_sections(rows: Sequence[Row], kind: str | None) -> list[Row]:
    """The rows under 一、市民政局（3项） as that department's, in a kind of list that has a column for it.

    Only where all titles of that depth that a row of its own department does not stand under are names of organs.
    """
    if kind is None or "department" not in kinds()[kind].columns:
        return list(rows)
    results = list(rows)
    for name in ("subcategory", "category"):
        titles = {row.cells[name].text for row in results if _lacks(row, name)}
        if titles and all(department_cells.is_organ(title) for title in titles):
            results = [_of_section(row, name) if _lacks(row, name) else row for row in results]
    return results


def _lacks(row: Row, name: str) -> bool:
    return name in row.cells and not _has_department(row)


def _has_department(row: Row) -> bool:
    cell = row.cells.get("department")
    return cell is not None and not cell_texts.names_nobody(cell)


def _of_section(row: Row, name: str) -> Row:
    cells = {field: cell for field, cell in row.cells.items() if field != name}
    if name == "category" and "subcategory" in cells:
        cells["category"] = cells.pop("subcategory")
    return replace(row, cells=cells | {"department": row.cells[name]})


def with_departments_above(
    sheet: str, rows: Sequence[Row], columns: Mapping[str, object], kind: str | None
) -> tuple[list[Row], list[SheetProblem]]:
    """The rows whose department is written above them only, and what is told of these and of those without any.

    A blank cell means 'as above' where departments are written once for all rows that follow: none is written twice,
    as many rows have none as have one, and the row says something beside its name, or no row does. Not across
    categories. 暂无 and / are no blanks: they stay, to be asked about, in a kind of list that needs a department.
    """
    if "department" not in columns:
        return list(rows), []
    needed = kind is not None and kinds()[kind].needs_sender
    if all(map(_has_department, rows)):
        return list(rows), []
    parts = {
        row.number for before, row in pairwise(rows) if before.cells.get("name") == row.cells.get("name")
    }  # further rows of an item, whose first row says the department or does not
    results: list[Row] = []
    filled: list[Row] = []
    nobody: set[int] = set()
    bare = all(set(row.cells) <= _OWN | {"department"} for row in rows)
    above: Row | None = None
    once = _written_once(rows)
    for row in rows:
        if cell_texts.names_nobody(row.cells.get("department")):
            nobody.add(row.number)
            results.append(row if needed else _without_department(row))
            continue
        if "department" in row.cells:
            above = row
        elif once and above is not None and (bare or set(row.cells) - _OWN) and _same_section(row, above):
            filled.append(row)
            results.append(replace(row, cells=dict(row.cells) | {"department": above.cells["department"]}))
            continue
        results.append(row)
    problems: list[SheetProblem] = []
    if unclear := [row for row in filled if row.number not in parts]:
        problems.append(_reported(sheet, unclear, "department-as-above"))
    blank = [row for row in results if "department" not in row.cells]
    missing = [row for row in blank if row.number not in parts | nobody]
    if missing and needed:
        problems.append(_reported(sheet, missing, "no-department"))
    return results, problems


def _written_once(rows: Sequence[Row]) -> bool:
    """Whether departments are written once for the rows that follow: none twice, and as many rows without as with."""
    texts = [row.cells["department"].text for row in rows if _has_department(row)]
    at_first = bool(rows) and _has_department(rows[0])
    return at_first and len(set(texts)) == len(texts) and len(rows) >= 2 * len(texts)


def _without_department(row: Row) -> Row:
    return replace(row, cells={name: cell for name, cell in row.cells.items() if name != "department"})


def _same_section(row: Row, other: Row) -> bool:
    return all(row.cells.get(name) == other.cells.get(name) for name in ("category", "subcategory"))


def without_dashes(rows: Sequence[Row]) -> list[Row]:
    """The rows, strokes (/) left out of the column of recipients where nothing else stands in it: it is not used."""
    if not all(cell_texts.is_dash(row.cells["recipient"]) for row in rows if "recipient" in row.cells):
        return list(rows)
    others = ({name: cell for name, cell in row.cells.items() if name != "recipient"} for row in rows)
    return [replace(row, cells=cells) for row, cells in zip(rows, others, strict=True)]


def with_roles(rows: Sequence[Row]) -> list[Row]:
    """The rows with what their units do, 牵头 or 配合, said beside their names, and whose duties a row of several has.

    A role that is neither stands in the remark.
    """
    return [_with_role(row) if "unit_role" in row.cells else row for row in rows]


def _with_role(row: Row) -> Row:
    cells_ = {field: cell for field, cell in row.cells.items() if field != "unit_role"}
    role, unit = row.cells["unit_role"], cells_.get("department")
    kind = "配合" if _HELPS.search(role.text) else "牵头" if _LEADS.search(role.text) else ""
    if unit is None or not kind:
        line = Cell(f"{fields()['unit_role'].heading}：{role.text}", role.location)
        return replace(row, cells=cell_texts.with_remark(cells_, [line]))
    remark = cells_.get("remark")
    if remark is not None and remark.text.startswith(_DUTIES):
        cells_["remark"] = replace(remark, text=f"{unit.text}{remark.text}")
    if department_cells.named(unit.text).alone:
        cells_["department"] = replace(unit, text=f"{unit.text}（{kind}）")
    return replace(row, cells=cells_)


def with_marks(sheet: str, rows: Sequence[Row], notes: Sequence[Cell]) -> tuple[list[Row], list[SheetProblem]]:
    """The rows with what their marks mean in the remark, as the list's notes have it: *：带*的仅部分镇承担."""
    marked = [row for row in rows if row.marks]
    if not marked:
        return list(rows), []
    meanings = {mark: _meaning(mark, notes) for row in marked for mark in _marks(row)}
    results = [_with_mark(row, meanings) if row.marks else row for row in rows]
    explained = "；".join(dict.fromkeys(meaning for meaning in meanings.values() if meaning)) or "—"
    return results, [_reported(sheet, marked, "marked-rows", marks="、".join(meanings), meaning=explained)]


def _marks(row: Row) -> list[str]:
    """The marks of a row: * and **, which are two, and ※."""
    return list(dict.fromkeys(match[0] for match in re.finditer(r"(.)\1*", row.marks)))


def _meaning(mark: str, notes: Sequence[Cell]) -> str:
    alone = re.compile(f"(?<!{re.escape(mark[0])}){re.escape(mark)}(?!{re.escape(mark[0])})")
    for note in notes:
        for part in re.split("[。；;\n]", note.text.replace("＊", "*")):
            if alone.search(part):
                return re.sub(r"^[（(]?(?:备?注|说明)\s*[:：]?\s*(?:\d[.、．])?\s*", "", part).strip()
    return ""


def _with_mark(row: Row, meanings: Mapping[str, str]) -> Row:
    """The row with what its marks mean: in the remark, as how it is handed down, or as that it is no more."""
    cell = row.cells.get("number", row.cells["name"])
    lines = [Cell(f"标记{mark}：{meanings[mark] or '未说明'}", cell.location) for mark in _marks(row)]
    row = replace(row, cells=cell_texts.with_remark(row.cells, lines))
    for meaning in filter(None, (meanings[mark] for mark in _marks(row))):
        bare = _OF_MARKS.sub("", meaning)
        effect, way = opinions.of_section(bare), cells.mode(bare)
        if row.verdict is None and effect in ("end", "deny", "unclear"):
            row = replace(row, verdict=opinions.Verdict(effect, Cell(meaning, cell.location)))
        if way is not None and "mode" not in row.cells and len(bare) < _SHORT:
            row = replace(row, cells=dict(row.cells) | {"mode": Cell(bare, cell.location)})
    return row


def _reported(sheet: str, rows: Sequence[Row], which: str, **texts: str) -> SheetProblem:
    """One sentence for all of the rows, at the first of them."""
    numbers = "、".join(str(row.number) for row in rows[:_NAMED]) + ("……" if len(rows) > _NAMED else "")
    values: dict[str, Any] = texts | {"rows": numbers, "count": len(rows), "heading": fields()["department"].heading}
    cell = address(rows[0].location)
    return of(sheet, which, cell=cell, problem_code=which, warning=True, **values)
