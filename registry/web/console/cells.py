"""Cells that several views show: a unit, a matter, a document, means, powers and findings, each leading to its view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from registry.checker import RULES
from registry.domain import labels
from registry.domain.text import Text
from registry.exchange.sheets.writing.printable import MEANS
from registry.web.console.tables import Cell

if TYPE_CHECKING:
    from registry.web.console.view import View

ORDER: Final = ("VIOLATION", "WARNING", "REVIEW")  # the gravest first
SEVERITY: Final = {
    "VIOLATION": Text("违规", "violation"),
    "WARNING": Text("提醒", "warning"),
    "REVIEW": Text("待核", "to review"),
}
RESTS_ON: Final[Mapping[str, Text]] = {  # also by how a power was granted
    "law": Text("法定", "law"),
    "list": Text("清单", "list"),
    "delegation": Text("交办", "handed down"),
    "vested": Text("法定授予", "vested by law"),
    **labels.MODE,
}
_MEANS: Final = {"staff": Text("人员", "staff"), "funds": Text("经费", "funds")}
assert _MEANS.keys() == MEANS.keys()
Data = Mapping[str, Any]


def unit_cell(view: View, unit: Data | None) -> Cell:
    """A unit by its name."""
    return Cell(None) if unit is None else Cell(unit["name"], href=view.href(f"/units/{unit['code']}"))


def matter_cell(view: View, matter: Data | None) -> Cell:
    """A matter by its name, its code small."""
    if matter is None:
        return Cell(None)
    return Cell(matter["name"], href=view.href(f"/matters/{matter['code']}"), code=matter["code"])


def document_cell(view: View, document: Data | None) -> Cell:
    """A document by its title and number."""
    if document is None:
        return Cell(None)
    number, title = document["number"], document["title"]
    shown = title if number in title else f"{title}（{number}）"
    return Cell(number, shown, view.href(f"/documents/{number}"))


def role_cell(view: View, role: str | None) -> Cell:
    """How a duty is held; empty for what is held in no role."""
    return Cell(None) if role is None else Cell(role, view.localized(*labels.ROLE[role.lower()]))


def day_cell(view: View, day: str | None) -> Cell:
    """A day; marked where it has passed by the day that is shown."""
    over = day is not None and date.fromisoformat(day) < view.moment.valid_at
    return Cell(day, mark="over" if over else "")


def powers_cell(view: View, required: Sequence[Data], missing: Sequence[Data]) -> Cell:
    """The powers that a duty requires: ✓ held, ✗ not."""
    lacking = {power["code"] for power in missing}
    texts = [f"{'✗' if power['code'] in lacking else '✓'} {power['name']}" for power in required]
    return Cell(view.clauses(texts) or None, mark="lacking" if lacking else "")


def means_cell(view: View, needs: Sequence[str], brings: Sequence[str]) -> Cell:
    """Staff and funds: ✓ came with it, ✗ needed and did not come."""
    named = [each for each in _MEANS if each in needs or each in brings]
    texts = [f"{'✓' if each in brings else '✗'} {view.localized(*_MEANS[each])}" for each in named]
    return Cell(view.clauses(texts) or None, mark="lacking" if set(needs) - set(brings) else "")


def finding_cell(view: View, findings: Sequence[Data], unit: str) -> Cell:
    """What is found of a subject: the gravest by its rule, and how many more; leads to the gravest one's page."""
    if not findings:
        return Cell(None)
    first, *others = sorted(findings, key=lambda each: ORDER.index(each["severity"]))
    text = f"{view.localized(*SEVERITY[first['severity']])} · {view.localized(*RULES[first['rule']].title)}"
    if others:
        text += view.localized(f" 等 {len(findings)} 项", f" and {len(others)} more")
    href = view.href("/findings/one", rule=first["rule"], unit=unit, subject=first["subject"])
    return Cell(text, href=href, mark=first["severity"])
