"""Orders to put findings right within a territory, by how they stand and when they are due."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.views import finding_words as words
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

COLUMNS: Final = (
    Column("text", Text("要求", "What is ordered"), chinese=True, width=50),
    Column("unit", Text("被督办单位", "Unit"), chinese=True, width=20),
    Column("rule", Text("问题", "Finding"), width=18),
    Column("by", Text("督办单位", "Ordered by"), chinese=True, width=20),
    Column("ordered", Text("签发日", "Ordered"), "day", width=12),
    Column("due", Text("期限", "Due"), "day", width=12),
    Column("days", Text("剩余天数", "Days left"), "number", width=10),
    Column("state", Text("进展", "State"), width=14),
    Column("letter", Text("督办单", "Letter"), width=10),
)

offer(
    "/rectifications",
    "state",
    Text("进展", "State"),
    {name.lower(): text for name, text in words.ORDER_STATE.items()},
    every=True,
)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/rectifications", methods=["GET", "HEAD"])
    async def rectifications(request: Request) -> Response:
        return await _orders(await View.of(request, resources))

    return routes


async def _orders(view: View) -> Response:
    unit = await view.unit(view.parameter("within")) if view.parameter("within") else None
    state = view.choice("state").upper()
    nodes = await view.ask_all("rectifications", "rectifications", within=unit and unit["code"])
    counted = Counter(one["state"] for one in nodes)
    table = _table(view, [one for one in nodes if state in ("", one["state"])])
    links = [(view.here(state=None, page=None), view.localized(f"全部 {len(nodes)}", f"all {len(nodes)}"), not state)]
    links += [
        (view.here(state=each.lower(), page=None), f"{view.localized(*text)} {counted[each]}", each == state)
        for each, text in words.ORDER_STATE.items()
    ]
    return view.download(table) or view.page(
        "rectifications.html",
        unit=unit,
        part=[] if unit else await view.part_seen(),
        tables=[table],
        tabs=tabs(view, unit, "/rectifications") if unit else [],
        links=links,
    )


def _table(view: View, nodes: list[Data]) -> Table:
    def left(one: Data) -> int | None:
        if one["state"] in ("CLOSED", "ON_PAPER"):
            return None
        return (date.fromisoformat(one["dueOn"]) - view.moment.valid_at).days

    return Table(
        "rectifications",
        Text("整改督办", "Orders to put findings right"),
        COLUMNS,
        rows_of(
            nodes,
            text=lambda one: Cell(
                one["text"],
                href=words.finding_href(view, one["rule"], one["unit"]["code"], one["subject"]),
                code=one["ref"],
            ),
            unit=lambda one: words.unit_cell(view, one["unit"]),
            rule=lambda one: words.rule_name(view, one["rule"]),
            by=lambda one: words.unit_cell(view, one["by"]),
            ordered=lambda one: one["ordered"],
            due=lambda one: one["dueOn"],
            days=left,
            state=lambda one: Cell(one["state"], view.localized(*words.ORDER_STATE[one["state"]]), mark=one["state"]),
            letter=lambda one: Cell(
                ".docx", view.localized("下载", "download"), href=words.letter(one["ref"], "order")
            ),
        ),
        Text("没有这样的督办。", "There is no such order."),
    )
