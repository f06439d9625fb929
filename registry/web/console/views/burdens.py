"""Burdens of a territory's year one by one: on whom, from whom, by which document, and whether any plan has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import labels
from registry.domain.text import Text
from registry.domain.words import BURDEN_KINDS
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.pages import address as lookup
from registry.web.resources import ServerResources

PLANS: Final = {"yes": Text("计划内", "planned"), "no": Text("计划外", "beyond the plan")}
BEYOND: Final = Text("超出限额", "over the quota")
ADMITTED: Final = Text("经准入", "admitted")
COLUMNS: Final = (
    Column("at", Text("布置日", "Day"), "day", width=12),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("to", Text("承接单位", "On"), chinese=True, width=22),
    Column("from", Text("布置单位", "From"), chinese=True, width=22),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("plan", Text("计划", "Plan"), width=12),
    Column("lists", Text("符合的清单事项", "Items it matches"), width=24),
    Column("beyond", Text("限额", "Quota"), width=10),
    Column("due", Text("期限", "Due"), "day", hidden=True, width=12),
    Column("ref", Text("编号", "Id"), hidden=True, width=16),
)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/burdens", methods=["GET", "HEAD"])
    async def burdens(request: Request) -> Response:
        return await _burdens(await View.of(request, resources))

    return routes


async def _burdens(view: View) -> Response:
    """`?within=`; `?kind=`: of burdens; `?planned=`: of PLANS."""
    kind, planned = view.parameter("kind").lower(), view.parameter("planned")
    if kind and kind not in BURDEN_KINDS:
        lookup.refuse("bad-value", f"负担没有“{kind}”这一种类。", f"There is no kind of burden {kind}.")
    if planned and planned not in PLANS:
        lookup.refuse("bad-value", f"planned 须是 yes、no 或空：{planned}", f"planned is yes or no: {planned}")
    unit = await territory_of(view)
    wanted: dict[str, Any] = {"kind": kind.upper() or None, "planned": (planned == "yes") if planned else None}
    nodes = await view.ask_all("burdens", "burdenTotals.imposed", within=unit["code"], **wanted)
    table = _table(view, nodes)
    return view.download(table) or view.page(
        "burdens.html",
        unit=unit,
        tables=[table],
        tabs=tabs(view, unit, "/burdens"),
        kinds={name: labels.MATTER_KIND[name] for name in BURDEN_KINDS},
        kind=kind,
        plans=PLANS,
        planned=planned,
        until=view.moment.valid_at,
    )


def _table(view: View, nodes: list[Data]) -> Table:
    rows = rows_of(
        sorted(nodes, key=lambda one: (bool(one["plannedBy"]), one["delegation"]["at"])),
        **{"from": _sender(view)},
        at=lambda one: one["delegation"]["at"],
        kind=lambda one: Cell(
            one["delegation"]["kind"], view.localized(*labels.MATTER_KIND[one["delegation"]["kind"].lower()])
        ),
        matter=lambda one: cells.matter_cell(view, one["delegation"]["matter"]),
        to=lambda one: cells.unit_cell(view, one["delegation"]["to"]),
        document=lambda one: cells.document_cell(view, one["delegation"]["instrument"]),
        plan=lambda one: _plan(view, one),
        lists=lambda one: _items(view, one["plannedBy"]),
        beyond=lambda one: Cell("BEYOND", view.localized(*BEYOND), mark="bad") if one["beyond"] else None,
        due=lambda one: cells.day_cell(view, one["delegation"]["dueOn"]),
        ref=lambda one: Cell(
            one["delegation"]["ref"], href=view.href(f"/decisions/{one['delegation']['position']}"), mark="code"
        ),
    )
    return Table("burdens", Text("负担事项", "Burdens"), COLUMNS, rows)


def _sender(view: View) -> Callable[[Data], Cell]:
    return lambda one: cells.unit_cell(view, one["delegation"]["from"])


def _plan(view: View, one: Data) -> Cell:
    """Whether any plan has it; what has none may have been admitted."""
    if one["plannedBy"]:
        return Cell("PLANNED", view.localized(*PLANS["yes"]))
    admitted = f"{view.localized('，', ', ')}{view.localized(*ADMITTED)}" if one["admitted"] else ""
    return Cell("UNPLANNED", view.localized(*PLANS["no"]) + admitted, mark="" if one["admitted"] else "bad")


def _items(view: View, items: list[str]) -> Cell | None:
    """The items (LIST#ITEM) of the plan that it matches; leads to the list of the first."""
    if not items:
        return None
    return Cell("、".join(items), href=view.href(f"/lists/{items[0].partition('#')[0]}"), mark="code")
