"""A unit's duties and burdens in one table: by law, by list and by who handed it down, with powers, means, findings."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.view import View

COLUMNS: Final = (
    Column("role", Text("承担方式", "How"), width=10),
    Column("matter", Text("事项", "Matter"), chinese=True, width=34),
    Column("by", Text("依据种类", "By"), width=8),
    Column("sender", Text("交办单位", "From"), chinese=True, width=22),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("since", Text("起始", "Since"), "day", width=12),
    Column("due", Text("期限", "Due"), "day", width=12),
    Column("powers", Text("所需权力（✓ 有，✗ 缺）", "Powers it takes (✓ held, ✗ not)"), chinese=True, width=44),
    Column("missing", Text("缺几项权力", "Powers missing"), "number", total=True, hidden=True, width=8),
    Column("means", Text("人员经费（✓ 已配）", "Staff, funds (✓ given)"), width=14),
    Column("finding", Text("问题", "Finding"), width=24),
    Column("until", Text("终止", "Until"), "day", hidden=True, width=12),
    Column("subject", Text("编号", "Id"), hidden=True, width=22),
)
# Which rows the address asks for: all, the duties led, those led without power, the burdens.
SHOWN: Final = {
    "": Text("全部职责和负担", "all duties and burdens"),
    "led": Text("牵头的职责", "duties led"),
    "powerless": Text("牵头无权的职责", "duties led without power"),
    "burdens": Text("负担", "burdens"),
}
NONE: Final = Text("没有职责和负担。", "No duties and no burdens.")


async def duties_table(view: View, code: str) -> Table | None:
    """The table of a unit; None where the reader may not see what the unit holds."""
    duties, powers, burdens, findings = await asyncio.gather(
        view.ask_all("unit_duties", "unit.responsibilities", code=code),
        view.ask_all("unit_duty_powers", "unit.responsibilities", code=code),
        view.ask("unit_burdens", code=code),
        view.ask_all("unit_findings", "unit.findings", code=code),
    )
    if burdens["unit"] is None:
        return None
    by_subject: defaultdict[str, list[Data]] = defaultdict(list)
    for finding in findings:
        by_subject[finding["subject"]].append(finding)
    for duty, of_duty in zip(duties, powers, strict=True):
        duty |= {"requires": of_duty["matter"]["requires"], "missing": of_duty["missing"]}
    rows = _duties(view, code, duties, by_subject) + _burdens(view, code, burdens["unit"]["burdens"], by_subject)
    rows.sort(key=lambda row: row["finding"].value is None)  # what is wrong comes first
    return Table("duties", Text("职责和负担", "Duties and burdens"), COLUMNS, rows, NONE)


def _duties(view: View, code: str, duties: Sequence[Data], findings: dict[str, list[Data]]) -> list[Row]:
    return rows_of(
        duties,
        role=lambda one: cells.role_cell(view, one["role"]),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        by=lambda one: Cell(one["by"], view.localized(*cells.RESTS_ON[one["by"]])),
        sender=lambda one: cells.unit_cell(view, one["from"]),
        document=lambda one: _document(view, one),
        since=lambda one: one["since"],
        due=lambda one: cells.day_cell(view, one["dueOn"]),
        powers=lambda one: cells.powers_cell(view, one["requires"], one["missing"]),
        missing=lambda one: len(one["missing"]),
        means=lambda one: cells.means_cell(view, one["matter"]["needs"], one["brings"]),
        finding=lambda one: cells.finding_cell(view, findings[one["subject"]], code),
        until=lambda one: one["until"],
        subject=lambda one: one["subject"],
    )


def _document(view: View, duty: Data) -> Cell:
    """By law there is no document: the articles that the matter names."""
    if duty["instrument"] is None and duty["by"] == "law":
        return Cell(view.clauses(duty["matter"]["basis"]) or None)
    return cells.document_cell(view, duty["instrument"])


def _burdens(view: View, code: str, burdens: Sequence[Data], findings: dict[str, list[Data]]) -> list[Row]:
    return rows_of(
        burdens,
        role=lambda one: Cell(one["kind"], view.localized(*labels.MATTER_KIND[one["kind"].lower()])),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        by=lambda _: Cell("delegation", view.localized(*cells.RESTS_ON["delegation"])),
        sender=lambda one: cells.unit_cell(view, one["from"]),
        document=lambda one: cells.document_cell(view, one["instrument"]),
        since=lambda one: one["at"],
        due=lambda one: cells.day_cell(view, one["dueOn"]),
        powers=lambda _: None,
        missing=lambda _: 0,
        means=lambda _: None,
        finding=lambda one: cells.finding_cell(view, findings[one["ref"]], code),
        until=lambda one: one["until"],
        subject=lambda one: one["ref"],
    )


def counted(table: Table) -> dict[str, Any]:
    """What the table comes to, for the cards above it: all duties, led, led without power, burdens, with a finding.

    A duty that rests on several grounds (the law, a list, a letter) is one duty, as the balance counts it.
    """
    rows = table.rows
    duties = [row for row in rows if not _shown_as(row, "burdens")]
    led = [row for row in duties if _shown_as(row, "led")]
    return {
        "duties": _matters(duties),
        "led": _matters(led),
        "powerless": _matters(row for row in led if _shown_as(row, "powerless")),
        "burdens": len(rows) - len(duties),
        "findings": sum(row["finding"].value is not None for row in rows),
    }


def narrowed(table: Table, show: str) -> Table:
    """Only the rows of `show` (of SHOWN); all where it is empty."""
    return replace(table, rows=[row for row in table.rows if _shown_as(row, show)]) if show else table


def _shown_as(row: Row, show: str) -> bool:
    if show == "burdens":
        return str(row["role"].value).lower() in labels.MATTER_KIND
    return row["role"].value == "LEAD" and (show == "led" or bool(row["missing"].value))


def _matters(rows: Iterable[Row]) -> int:
    return len({row["matter"].code for row in rows})
