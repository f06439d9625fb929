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
    Column("funding", Text("保障", "Means that came"), hidden=True, width=10),
    Column("finding", Text("问题", "Finding"), width=24),
    Column("until", Text("终止", "Until"), "day", hidden=True, width=12),
    Column("subject", Text("编号", "Id"), hidden=True, width=22),
)
# Which rows the address asks for; those of a duty's figures in the balance are these.
SHOWN: Final = {
    "": Text("全部职责和负担", "all duties and burdens"),
    "duties": Text("职责", "duties"),
    "led": Text("牵头的职责", "duties led"),
    "powered": Text("牵头有权的职责", "duties led with power"),
    "powerless": Text("牵头无权的职责", "duties led without power"),
    "assigned": Text("以清单或交办下达的职责", "duties assigned by a list or handed down"),
    "funded": Text("保障到位的下达职责", "duties assigned with the means they need"),
    "unfunded": Text("保障不足的下达职责", "duties assigned without all the means they need"),
    "burdens": Text("负担", "burdens"),
    "findings": Text("有问题的", "those with a finding"),
}
# Whether what is needed came with a duty that a list or somebody gave; the law's own bring nothing.
FUNDING: Final = {
    "funded": Text("到位", "complete"),
    "unfunded": Text("不足", "not complete"),
    "none": Text("无需保障", "none needed"),
}
NONE: Final = Text("没有职责和负担。", "No duties and no burdens.")


async def duties_table(view: View, code: str, level: str) -> Table | None:
    """The table of a unit of a level (VILLAGE); None where the reader may not see what the unit holds."""
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
    rows = _duties(view, code, level, duties, by_subject) + _burdens(view, code, burdens["unit"]["burdens"], by_subject)
    rows.sort(key=lambda row: row["finding"].value is None)  # what is wrong comes first
    return Table("duties", Text("职责和负担", "Duties and burdens"), COLUMNS, rows, NONE)


def _funding(level: str, duty: Data) -> str | None:
    """Of FUNDING, as the rule unfunded-mandate has it: a village that is entrusted is to be given funds in any case."""
    if duty["by"] == "law":
        return None
    needs = set(duty["matter"]["needs"])
    unpaid = level == "VILLAGE" and duty["mode"] == "entrusted" and "funds" not in duty["brings"]
    return "unfunded" if needs - set(duty["brings"]) or unpaid else "funded" if needs else "none"


def _duties(view: View, code: str, level: str, duties: Sequence[Data], findings: dict[str, list[Data]]) -> list[Row]:
    def funding(one: Data) -> Cell | None:
        word = _funding(level, one)
        return Cell(word, view.localized(*FUNDING[word])) if word else None

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
        funding=funding,
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
        funding=lambda _: None,
        finding=lambda one: cells.finding_cell(view, findings[one["ref"]], code),
        until=lambda one: one["until"],
        subject=lambda one: one["ref"],
    )


def counted(table: Table) -> dict[str, Any]:
    """What the table comes to, for the cards above it: all duties, led, led without power, burdens, with a finding.

    A duty that rests on several grounds (the law, a list, a letter) is one duty, as the balance counts it.
    """
    rows = table.rows
    duties = [row for row in rows if _shown_as(row, "duties")]
    led = [row for row in duties if _shown_as(row, "led")]
    return {
        "duties": _matters(duties),
        "led": _matters(led),
        "powerless": _matters(row for row in led if _shown_as(row, "powerless")),
        "burdens": len(rows) - len(duties),
        "findings": sum(row["finding"].value is not None for row in rows),
    }


def once(table: Table, show: str) -> int | None:
    """How many duties the rows of `show` are, each once for a matter; None for rows that are counted one by one."""
    if show not in ("duties", "led", "powered", "powerless"):
        return None
    return _matters(row for row in narrowed(table, show).rows)


def narrowed(table: Table, show: str) -> Table:
    """Only the rows of `show` (of SHOWN); all where it is empty."""
    return replace(table, rows=[row for row in table.rows if _shown_as(row, show)]) if show else table


def _shown_as(row: Row, show: str) -> bool:
    burden = str(row["role"].value).lower() in labels.MATTER_KIND
    if show in ("burdens", "duties"):
        return burden == (show == "burdens")
    if show == "findings":
        return row["finding"].value is not None
    if show == "assigned":
        return row["funding"].value is not None
    if show in FUNDING:
        return row["funding"].value == show
    lacking = bool(row["missing"].value)
    return row["role"].value == "LEAD" and (show == "led" or lacking == (show == "powerless"))


def _matters(rows: Iterable[Row]) -> int:
    return len({row["matter"].code for row in rows})
