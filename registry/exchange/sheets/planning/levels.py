"""Rows for others than those whose list it is: 市直学校 inspected, on the plan of what townships are inspected for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from registry.exchange.sheets.planning.plans import Sheets
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import at

_COVERS: Final = ("inspection", "form", "meeting", "document")
_FIELDS: Final = ("tier", "object")
_NAMED: Final = 8  # rows named one by one in a sentence
_CALLED: Final = {"township": ("镇（街道）", "townships"), "village": ("村（社区）", "villages")}
# Whom a cell may name; who is named as neither, 有关单位, may be anybody.
_LEVELS: Final = {
    "township": re.compile("[乡镇]|街道|基层|属地"),
    "village": re.compile("村|社区|居委|基层|网格"),
}
_OTHERS: Final = re.compile(
    "企业|公司|学校|幼儿园|医院|卫生院|养老院|[市县区省]直|机关|经营|商户|业主|餐饮|工地|场所|农户|合作社|居民|群众|[省市县区]级|"
    "(?:职能|主管|市|县|区)部门"
)


def of_others(sheets: Sheets, covers: str, audience: str) -> Iterator[SheetProblem]:
    """Rows whose column of levels or of whom it concerns names others alone, once for a table and column.

    The other level's rows are asked about, since they are on another list; bodies of no level, 企业, are told.
    """
    if covers not in _COVERS or audience not in _CALLED:
        return
    for table in sheets.tables:
        for field in _FIELDS:
            cells = [(row, row.cells[field]) for row in table.rows if field in row.cells]
            for which in ("other-level", "other-bodies"):
                rows = [(row, cell) for row, cell in cells if _names(cell.text, audience) == which]
                if not rows:
                    continue
                numbers = "、".join(str(row.number) for row, _ in rows[:_NAMED]) + ("……" if len(rows) > _NAMED else "")
                zh, en = _CALLED[audience]
                values: dict[str, Any] = {
                    "text": rows[0][1].text,
                    "rows": numbers,
                    "heading": table.columns[field].text,
                }
                values |= {"count": len(rows), "audience": zh, "audience_en": en}
                yield at(rows[0][1], table, which, warning=which == "other-bodies", **values)


def _names(text: str, audience: str) -> str | None:
    """Whether a cell names the other level alone, bodies of no level, or (None) its own, or nobody in particular."""
    if _LEVELS[audience].search(text):
        return None
    if any(level.search(text) for level in _LEVELS.values()):
        return "other-level"
    return "other-bodies" if _OTHERS.search(text) else None
