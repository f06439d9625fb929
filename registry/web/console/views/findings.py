"""The ledger of findings: facets that narrow it down, each with what it leads to; the table in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.checker import RULES
from registry.domain import labels
from registry.domain.text import Text
from registry.queries.findings.facets import FACETS
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Later, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.views import finding_words as words
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

COLUMNS: Final = (
    Column("message", Text("问题", "Finding"), chinese=True, width=70),
    Column("unit", Text("单位", "Unit"), chinese=True, width=20),
    Column("matter", Text("事项", "Matter"), chinese=True, width=26),
    Column("severity", Text("程度", "Severity"), width=8),
    Column("rule", Text("规则", "Rule"), width=18),
    Column("since", Text("起始日", "Since"), "day", width=12),
    Column("state", Text("办理情况", "State"), width=18),
    Column("sender", Text("交办单位", "Sender"), chinese=True, hidden=True, width=20),
    Column("instrument", Text("依据文件", "Document"), chinese=True, hidden=True, width=40),
)
IN_WORDS: Final[Mapping[str, Mapping[str, Text]]] = {
    "severity": words.SEVERITY,
    "age": words.AGE,
    "state": words.STATE,
    "kind": {name.upper(): text for name, text in labels.MATTER_KIND.items()},
}
UPPER: Final = ("severity", "age", "state", "kind")
NONE: Final = "-"  # in the address: that have no sender, or no document
OFFERED: Final = {
    "rule": {name: rule.title for name, rule in RULES.items()},
    "severity": {name.lower(): text for name, text in words.SEVERITY.items()},
    "age": {name.lower(): text for name, text in words.AGE.items()},
    "state": {name.lower(): text for name, text in words.STATE.items()},
    "kind": labels.MATTER_KIND,
}
for facet, values in OFFERED.items():
    offer("/findings", facet, words.FACET[facet], values, every=True)
LATER: Final = Text("查起始日和持续时间", "Look up since when they hold")
SHOWN: Final = 8  # values of a facet before the others are unfolded
ORDER: Final = ("branch", "rule", "severity", "state", "age", "sender", "instrument", "kind", "matter")
CHOSEN: Final = (*FACETS, "subject")  # what the address may narrow them to


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet on the page: its name, how many it leads to, where, and whether it is chosen."""

    name: str
    count: int
    href: str
    chosen: bool
    chinese: bool


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/findings", methods=["GET", "HEAD"])
    async def findings(request: Request) -> Response:
        return await _findings(await View.of(request, resources))

    return routes


async def _findings(view: View) -> Response:
    within = view.parameter("within")
    unit = await view.unit(within) if within else None
    chosen = {
        name: view.choice(name) if name in OFFERED else view.parameter(name) for name in CHOSEN if view.parameter(name)
    }
    criteria: dict[str, Any] = {
        name: value.upper() if name in UPPER else "" if value == NONE else value for name, value in chosen.items()
    }
    criteria["within"] = unit and unit["code"]
    # Since when findings hold takes longer than all else on the page: unless the address asks for it, that comes later.
    aged = view.whole or "age" in chosen or bool(view.parameter("ages"))
    facets = (await view.ask("facets", ages=aged, **criteria))["findingFacets"]
    nodes = await view.ask_shown("ledger", "findings", order="SEVERITY", aged=facets["aged"], **criteria)
    later = None if aged or not nodes else Later(view.here(ages="yes"), LATER, "ages")
    table = _table(view, nodes, later)
    shown = {facet["by"].lower(): facet["values"] for facet in facets["facets"]}
    return view.download(table) or view.page(
        "findings.html",
        unit=unit,
        part=[] if unit else await view.part_seen(),
        tables=[table],
        tabs=tabs(view, unit, "/findings") if unit else [],
        total=facets["total"],
        facets=[
            (
                name,
                view.localized(*words.FACET[name]),
                [_choice(view, name, value, chosen) for value in shown.get(name, ())],
            )
            for name in ORDER
            if shown.get(name) or (name == "age" and (later or aged > facets["aged"]))
        ],
        chips=[
            (
                view.localized(*words.FACET[name]),
                _chip(view, name, chosen[name], shown) or await _called(view, name, chosen[name]),
                view.here(**_without(name)),
            )
            for name in (*ORDER, "subject")
            if name in chosen
        ],
        wider=view.here(**dict.fromkeys((*CHOSEN, "page", "q"))),
        later=later,
        most=SHOWN,
        orders=view.href("/rectifications", within=within),
    )


def _without(name: str) -> dict[str, None]:
    return {name: None, "page": None}


def _choice(view: View, name: str, value: Data, chosen: dict[str, str]) -> Choice:
    key = value["key"] or NONE
    key = key.lower() if name in UPPER else key
    here = chosen.get(name, "").lower() == key.lower() if name in UPPER else chosen.get(name) == key
    href = view.here(**_without(name)) if here else view.here(**{name: key, "page": None})
    return Choice(_name(view, name, value), value["count"], href, here, _chinese(name, value))


def _chinese(name: str, value: Data) -> bool:
    return bool(value["key"]) and name in ("branch", "sender", "instrument", "matter")


def _name(view: View, name: str, value: Data) -> str:
    """A value of a facet in words."""
    key = value["key"]
    if not key:
        return view.localized(*words.NOBODY)
    if name == "rule":
        return words.rule_name(view, key)
    if name in UPPER:
        return view.localized(*IN_WORDS[name][key])
    if name == "instrument":
        return value["instrument"]["title"] if value["instrument"] else key
    return (value["matter"] if name == "matter" else value["unit"] or {"name": key})["name"]


async def _called(view: View, name: str, given: str) -> str:
    """What a unit, a matter or a document that no finding has is called; as it was given where there is none."""
    if name == "matter":
        known = (await view.ask("matter-name", code=given))["matter"]
        return known["name"] if known else given
    if name == "instrument":
        known = (await view.ask("document-name", number=given))["instrument"]
        return known["title"] if known else given
    if name == "subject":
        return given
    known = (await view.ask("breadcrumb", code=given))["unit"]
    return known["name"] if known else given


def _chip(view: View, name: str, given: str, shown: dict[str, list[Data]]) -> str | None:
    """What is chosen in a facet, in words; None for what is not among what the facet offers."""
    for value in shown.get(name, ()):
        if given.casefold() in (value["key"].casefold(), NONE if not value["key"] else ""):
            return _name(view, name, value)
    if name in UPPER:
        return view.localized(*IN_WORDS[name][given.upper()])
    return words.rule_name(view, given) if name == "rule" else None


def _table(view: View, nodes: list[Data | None], later: Later | None) -> Table:
    def state(one: Data) -> Cell:
        if one["waivedBy"]:
            return Cell("WAIVED", view.localized(*words.STATE["WAIVED"]))
        if not one["orders"]:
            return Cell("OPEN", view.localized(*words.STATE["OPEN"]))
        order = one["orders"][0]
        text = view.localized(*words.ORDER_STATE[order["state"]])
        due = view.localized(f"，限 {order['dueOn']}", f", due {order['dueOn']}")
        return Cell(order["state"], text + due, mark=order["state"])

    return Table(
        "findings",
        Text("问题台账", "Findings"),
        COLUMNS,
        rows_of(
            nodes,
            message=lambda one: Cell(
                one["message"], href=words.finding_href(view, one["rule"], one["unit"]["code"], one["subject"])
            ),
            unit=lambda one: words.unit_cell(view, one["unit"]),
            matter=lambda one: words.matter_cell(view, one["matter"]),
            severity=lambda one: words.severity_cell(view, one["severity"]),
            rule=lambda one: words.rule_name(view, one["rule"]),
            since=lambda one: one.get("since"),
            state=state,
            sender=lambda one: words.unit_cell(view, one["sender"]),
            instrument=lambda one: words.document_cell(view, one["instrument"]),
        ),
        Text("没有这样的问题。", "There is no such finding."),
        later,
    )
