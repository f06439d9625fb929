"""Who leads what a list has its bodies lead, where a column says that others do: 牵头单位, 主责单位, 责任主体.

Such a column may name who leads, so that the townships only help; or the department above of what the townships lead.
Neither is assumed: one answer settles all rows of a column. What a body is said to lead itself it leads either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from registry.domain.text import Text
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.planning import answers
from registry.exchange.sheets.planning.choosing import Part
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns, is_townships
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.cell_texts import EMPTY
from registry.exchange.sheets.recognising.department_cells import named
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at

# Lists of what their bodies lead or hold, with the list on which it is where others lead; None: on none.
_LEAD: Final[Mapping[str, str | None]] = {
    "township-basic": "township-assist",
    "village-own": "village-assist",
    "empowerment": None,
}
_WHOM: Final = {"village-own": Text("村（社区）", "villages")}
_TOWNS: Final = Text("镇（街道）", "townships")
_WORDS: Final = "牵头|主责|主体责任|责任主体|第一责任|主要责任"
_STRICT: Final = re.compile(_WORDS)
_LOOSE: Final = re.compile(
    f"{_WORDS}|主办|承办|主导|主抓|责任(?:部门|单位|机构|机关)|(?:实施|履职|履责|执法|权责)(?:主体|部门|单位|机关|机构)|法定"
)
_IN_CELL: Final = re.compile("牵头|主责|主抓|为主|第一责任")
_BODY: Final = re.compile("(?:单位|部门|机关|主体|机构|方|局办?)(?:名称)?$")  # what a column of such a heading names
_FIELDS: Final = ("department", "exerciser", "recipient")
_VILLAGES: Final = re.compile("(?:各|本|村|居|民|委员?会|社区|组织|两委|[（(）)、和及/])+")
_OFFICE: Final = re.compile("(?<=[镇乡道])[\u4e00-\u9fff]{0,12}(?:办公室|(?<!法)办|中心|大队|人大|纪委|武装部)$")
_OF_OFFICE: Final = re.compile("(?:本|各)?(?:镇|街道)|[本各]乡")  # and not 乡: 乡村振兴办 is a bureau's
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that says who leads: its field, empty where no field is for it, and its heading."""

    field: str
    heading: str

    def cell(self, row: Row) -> Cell | None:
        """What the column says in a row; None where that is nothing."""
        if self.field:
            cell = row.cells.get(self.field)
        else:  # its text is a line of the remark
            remark = row.cells.get("remark")
            line = re.search(f"^{re.escape(self.heading)}[:：](.+)$", remark.text, re.MULTILINE) if remark else None
            cell = Cell(line[1].strip(), remark.location) if line and remark else None
        return None if cell is None or cell.text in EMPTY else cell


def parts_by_lead(
    part: Part,
    own: Collection[str],
    request: Request,
    towns: Towns,
    standing: Mapping[str, Any] | None,
    problems: list[SheetProblem],
) -> list[Part]:
    """The part, or those of what its bodies lead and of what they help with; none where it is asked who leads.

    `own`: the towns whose list it is, all where there are none; `standing`: the ListAdopted fields of the list as it
    stands.
    """
    reading = part.reading
    kind = reading.kind if reading is not None and reading.polarity == "positive" else None
    if (
        reading is None
        and standing is not None
        and (standing["polarity"], standing.get("assigns")) == ("positive", "lead")
    ):
        kind = "township-basic" if standing["audience"] == "township" else "village-own"
    if kind not in _LEAD:
        return [part]
    villages = kind == "village-own"
    column = _column(part, kind) or _helped(part, own, towns, villages=villages)
    if column is None:
        return [_without_itself(part, None, own, towns, villages=villages)]
    others = [row for row in part.table.rows if _others(column, row, own, towns, villages=villages)]
    answer = request.leads.get(answers.key(column.heading))
    if answer == "unit":
        return _led_by_others(part, kind, column, own, towns, problems)
    if others and answer is None:
        problems.append(_question(part.table, column, others, kind))
        return []
    led = _without_itself(part, column, own, towns, villages=villages)
    led.leading = _above(column) if others else led.leading
    return [led]


def _column(part: Part, kind: str) -> _Column | None:
    """The column by which others lead; None where no column says so in words."""
    says = _STRICT if _LEAD[kind] is None else _LOOSE
    for field in _FIELDS:
        heading = part.table.columns.get(field)
        if heading is not None and says.search(heading.text):
            return _Column(field, heading.text)
    for heading in part.table.noted:
        if says.search(heading.text) and _BODY.search(heading.text):
            return _Column("", heading.text.replace(" ", ""))
    cells = (row.cells.get("department") for row in part.table.rows)
    if any(cell is not None and _IN_CELL.search(cell.text) for cell in cells):
        heading = part.table.columns.get("department")
        return _Column("department", heading.text if heading is not None else "牵头单位")
    return None


def _helped(part: Part, own: Collection[str], towns: Towns, *, villages: bool) -> _Column | None:
    """The departments, where another column says that the list's bodies help these; None where none says so."""
    heading = part.table.columns.get("department")
    helps = (row.cells.get("supporting") for row in part.table.rows)
    says_so = any(cell is not None and _leads_itself(cell, own, towns, villages=villages) for cell in helps)
    return _Column("department", heading.text) if heading is not None and says_so else None


def _others(column: _Column, row: Row, own: Collection[str], towns: Towns, *, villages: bool) -> bool:
    """Whether a row says that somebody else leads."""
    cell = column.cell(row)
    return cell is not None and not _leads_itself(cell, own, towns, villages=villages)


def _leads_itself(cell: Cell, own: Collection[str], towns: Towns, *, villages: bool) -> bool:
    """Whether a cell names first, or alone, the bodies whose list it is, or an office of theirs."""
    leads = named(cell.text).leads
    texts = [cell.text, *([leads[0].written] if leads else [])]
    return any(_is_body(text, own, towns, villages=villages) or _is_office(text, own, towns) for text in texts)


def _is_body(text: str, own: Collection[str], towns: Towns, *, villages: bool) -> bool:
    return _VILLAGES.fullmatch(text) is not None if villages else is_townships(text, towns, own)


def _is_office(text: str, own: Collection[str], towns: Towns) -> bool:
    """Whether a text names an office of a township, 孔湾镇党建办, and no station of a bureau there."""
    office = _OFFICE.search(text)
    if office is None:
        return False
    whose = text[: office.start()]
    return _OF_OFFICE.fullmatch(whose) is not None or (towns.only(whose) and towns.named(whose) <= set(own))


def _question(table: Table, column: _Column, rows: list[Row], kind: str) -> SheetProblem:
    cells = [cell for row in rows if (cell := column.cell(row)) is not None]
    texts = list(dict.fromkeys(cell.text.replace("\n", "、") for cell in cells))
    shown = "、".join(texts[:_NAMED]) + ("……" if len(texts) > _NAMED else "")
    whom = _WHOM.get(kind, _TOWNS)
    which = "who-holds" if _LEAD[kind] is None else "who-leads"
    values: dict[str, Any] = {"heading": column.heading, "units": shown, "count": len(rows)}
    values |= {"whom": whom.zh, "whom_en": whom.en, "text": answers.key(column.heading)}
    return at(cells[0], table, which, asks=("lead", answers.key(column.heading)), **values)


def _led_by_others(
    part: Part, kind: str, column: _Column, own: Collection[str], towns: Towns, problems: list[SheetProblem]
) -> list[Part]:
    """The parts of what the bodies lead, by their own name or nobody's, and of what others lead."""
    villages, helps = kind == "village-own", _LEAD[kind]
    if part.reading is None:
        row = next((row for row in part.table.rows if _others(column, row, own, towns, villages=villages)), None)
        if row is not None:
            problems.append(at(row.cells["name"], part.table, "stands-as-led", heading=column.heading))
            return []
        return [_without_itself(part, column, own, towns, villages=villages)]
    led, helped = _apart(part, lambda row: _others(column, row, own, towns, villages=villages))
    results = [_without_itself(led, column, own, towns, villages=villages)] if led.table.rows or led.gone else []
    if not (helped.table.rows or helped.gone):
        return results
    if helps is None:
        cell, count = helped.table.rows[0].cells["name"] if helped.table.rows else None, len(helped.table.rows)
        if cell is not None:
            values: dict[str, Any] = {"heading": column.heading, "count": count}
            problems.append(at(cell, part.table, "not-handed-down", warning=bool(led.table.rows), **values))
        return results
    helped = replace(
        helped,
        table=replace(helped.table, rows=tuple(_under(row, column) for row in helped.table.rows)),
        reading=replace(part.reading, kind=helps),
        leading=Text(f"由“{column.heading}”一栏所写的单位牵头。", f" The units under {column.heading} lead."),
    )
    return [*results, helped]


def _apart(part: Part, other: Callable[[Row], bool]) -> tuple[Part, Part]:
    """The rows of which something is not so, and those of which it is."""
    rows, gone = part.table.rows, part.gone
    return (
        replace(
            part,
            table=replace(part.table, rows=tuple(r for r in rows if not other(r))),
            gone=[r for r in gone if not other(r)],
        ),
        replace(
            part, table=replace(part.table, rows=tuple(r for r in rows if other(r))), gone=[r for r in gone if other(r)]
        ),
    )


def _without_itself(part: Part, column: _Column | None, own: Collection[str], towns: Towns, *, villages: bool) -> Part:
    """The part without its bodies as their own departments above: what else the cell says is a remark."""
    column = column or _Column("department", "")
    rows = (_row_without_itself(row, column, own, towns, villages=villages) for row in part.table.rows)
    return replace(part, table=replace(part.table, rows=tuple(rows)))


def _row_without_itself(row: Row, column: _Column, own: Collection[str], towns: Towns, *, villages: bool) -> Row:
    cell = column.cell(row) if column.field == "department" else None
    if cell is None or not _leads_itself(cell, own, towns, villages=villages):
        return row
    cells = {name: one for name, one in row.cells.items() if name != "department"}
    if not _is_body(cell.text, own, towns, villages=villages):
        before = cells.get("remark")
        line = f"{column.heading or '部门'}：{cell.text.replace(chr(10), '、')}"
        cells["remark"] = Cell(f"{before.text}\n{line}", before.location) if before else Cell(line, cell.location)
    leads = named(cell.text).leads
    leader = cell.text if towns.only(cell.text) or not leads else leads[0].written
    if column.heading and "recipient" not in cells and towns.only(leader) and towns.named(leader) < set(own):
        cells["recipient"] = Cell(leader, cell.location)  # led by some of the towns: theirs alone
    return replace(row, cells=cells)


def _under(row: Row, column: _Column) -> Row:
    """The row with who leads as its department, where it has none."""
    cell = column.cell(row)
    if cell is None or column.field == "department" or "department" in row.cells:
        return row
    return replace(
        row, cells={name: one for name, one in row.cells.items() if name != column.field} | {"department": cell}
    )


def _above(column: _Column) -> Text:
    return Text(
        f"“{column.heading}”一栏所写的单位是对应的上级部门，不牵头。",
        f" The units under {column.heading} are the departments above, and do not lead.",
    )
