"""What a unit held over time: each duty, power and burden from when to when, by law, by a list or by a delegation."""

from __future__ import annotations

from typing import Any, Final

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import word
from registry.web.pages.failure import Refused

_FROM: Final[dict[str, Any]] = {"from": "0001-01-01"}
COLUMNS: Final = (
    Column("since", Text("自", "From"), "day", width=12),
    Column("until", Text("至（不含）", "Until"), "day", width=12),
    Column("matter", Text("事项", "Matter"), chinese=True, width=40),
    Column("kind", Text("种类", "Kind"), width=10),
    Column("how", Text("承担方式", "How"), width=12),
    Column("by", Text("来自", "By"), width=10),
    Column("document", Text("依据文件", "Document"), chinese=True, width=30),
    Column("subject", Text("编号", "Id"), width=18),
)


async def held_table(view: View, code: str) -> Table | None:
    """The table `held`, what began last first; None where more changed in the territory than one answer has."""
    try:
        changes = await view.ask_all("unit_held", "changesPage", code=code, to=str(view.moment.valid_at), **_FROM)
    except Refused as refused:
        if refused.code != "too-costly":
            raise
        return None
    own = [one for one in changes if one["unit"] is not None and one["unit"]["code"] == code]
    rows = rows_of(
        sorted(_spans(own), key=lambda span: span["since"], reverse=True),
        since=lambda one: one["since"],
        until=lambda one: one["until"],
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        kind=lambda one: _kind(view, one["matter"]),
        how=lambda one: Cell(one.get("role") or one.get("mode"), word(view, one.get("role") or one.get("mode"))),
        by=lambda one: Cell(one["by"], view.localized(*cells.RESTS_ON[one["by"]])),
        document=lambda one: (
            Cell(one["instrument"], href=view.href(f"/documents/{one['instrument']}"))
            if one.get("instrument")
            else None
        ),
        subject=lambda one: one["subject"],
    )
    title = Text("历年承担的事项", "What it held over time")
    return Table("held", title, COLUMNS, rows, Text("没有承担过事项。", "It held nothing."), main=False)


def _kind(view: View, matter: Data | None) -> Cell | None:
    if matter is None:
        return None
    return Cell(matter["kind"], view.localized(*labels.MATTER_KIND[matter["kind"].lower()]))


def _spans(changes: list[Data]) -> list[dict[str, Any]]:
    """Stretches of days on which the unit held a matter under one subject in one way; `until` None: still held."""
    spans: list[dict[str, Any]] = []
    going: dict[str, dict[str, Any]] = {}
    for change in changes:
        before = going.pop(change["subject"], None)
        if before is not None:
            before["until"] = change["on"]
        if change["change"] == "ended":
            continue
        attributes = {one["field"]: one["after"] for one in change["fields"]}
        subject = change["subject"]
        span = {**(before or {}), **attributes, "subject": subject, "matter": change["matter"]}
        by_law = subject.startswith("LAW#") or span.get("mode") == "vested"
        span["by"] = "law" if by_law else "list" if "#" in subject else "delegation"
        going[subject] = {**span, "since": change["on"], "until": None}
        spans.append(going[subject])
    return spans
