"""What the views of findings say in words: rules, severities, ages, states, roles, means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from registry.checker import RULES
from registry.domain import labels
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.tables import Cell
from registry.web.console.view import View

SEVERITY: Final = {
    "VIOLATION": Text("违规", "violation"),
    "WARNING": Text("提醒", "warning"),
    "REVIEW": Text("待核", "to review"),
}
GRAVITY: Final = ("VIOLATION", "WARNING", "REVIEW")
AGE: Final = {
    "MONTH": Text("一个月内", "within a month"),
    "QUARTER": Text("一季内", "within a quarter"),
    "YEAR": Text("一年内", "within a year"),
    "OLDER": Text("一年以上", "longer than a year"),
    "UNKNOWN": Text("不详", "not known"),
}
STATE: Final = {
    "OPEN": Text("未督办", "no order"),
    "ORDERED": Text("已督办", "ordered"),
    "DUE": Text("限期未到", "not yet due"),
    "OVERDUE": Text("逾期", "overdue"),
    "ANSWERED": Text("已答复：申请延期或有异议", "answered: more time, or disputed"),
    "ON_PAPER": Text("纸面整改", "on paper only"),
    "WAIVED": Text("已豁免", "waived"),
}
FACET: Final = {
    "branch": Text("单位", "Unit"),
    "rule": Text("规则", "Rule"),
    "severity": Text("程度", "Severity"),
    "state": Text("办理情况", "State"),
    "age": Text("已持续", "How long"),
    "sender": Text("交办单位", "Sender"),
    "instrument": Text("依据文件", "Document"),
    "kind": Text("事项种类", "Kind of matter"),
    "matter": Text("事项", "Matter"),
    "subject": Text("编号", "Reference"),
}
NOBODY: Final = Text("没有", "none")
MODE: Final[Mapping[str, Text]] = {
    **labels.MODE,
    "letter": Text("责任书", "by a letter of responsibility"),
    "assigned": Text("交办", "assigned"),
    "attached": Text("随附", "attached"),
    "lead": labels.ROLE["lead"],
    "share": labels.ROLE["share"],
    "assist": labels.ROLE["assist"],
}
MEANS: Final = {"staff": Text("人员", "staff"), "funds": Text("经费", "funds")}


def rule_name(view: View, rule: str) -> str:
    """A rule by its name; its code where this program knows none."""
    return view.localized(*RULES[rule].title) if rule in RULES else rule


def finding_href(view: View, rule: str, unit: str, subject: str, **more: str | None) -> str:
    """The address of a finding."""
    return view.href("/findings/one", rule=rule, unit=unit, subject=subject, **more)


def unit_cell(view: View, unit: Data | None) -> Cell | None:
    """A unit by name, as a link to its page."""
    return None if unit is None else Cell(unit["name"], href=view.href(f"/units/{unit['code']}"), code=unit["code"])


def matter_cell(view: View, matter: Data | None) -> Cell | None:
    """A matter by name, as a link to its page."""
    if matter is None:
        return None
    return Cell(matter["name"], href=view.href(f"/matters/{matter['code']}"), code=matter["code"])


def document_href(view: View, number: str) -> str:
    """The address of a document."""
    return view.href(f"/documents/{number}")


def document_cell(view: View, document: Data | None) -> Cell | None:
    """A document by title, as a link to its page, with its number small."""
    if document is None:
        return None
    return Cell(document["title"], href=document_href(view, document["number"]), code=document["number"])


def means(view: View, brings: list[str]) -> str:
    """The staff and funds that came with a task, in words."""
    return view.series(view.localized(*MEANS[each]) for each in brings if each in MEANS)


def severity_cell(view: View, severity: str) -> Cell:
    """A severity in words, which sorts the gravest first."""
    return Cell(severity, view.localized(*SEVERITY[severity]), mark=severity, rank=GRAVITY.index(severity))


def letter(ref: str, which: str) -> str:
    """The address of an order's letter, or of the form to answer it (`order`, `answer`)."""
    return f"/v1/rectifications/{quote(ref)}/{which}.docx"


ORDER_STATE: Final = labels.RECTIFICATION_STATE
