"""Changes of a territory between two days: what began, ended or reads otherwise, and by which decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import decision_cell
from registry.web.pages import address
from registry.web.resources import ServerResources

CHANGES: Final = {
    "began": Text("开始", "began"),
    "ended": Text("终止", "ended"),
    "changed": Text("变更", "changed"),
}
COLUMNS: Final = (
    Column("on", Text("日期", "Day"), "day", width=12),
    Column("change", Text("变化", "Change"), width=8),
    Column("unit", Text("单位", "Unit"), chinese=True, width=22),
    Column("matter", Text("事项", "Matter"), chinese=True, width=40),
    Column("decision", Text("由哪项决定", "By which decision"), own_words=True, width=60),
)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/changes/{code:path}", methods=["GET", "HEAD"])
    async def changes(request: Request, code: str) -> Response:
        return await _changes(await View.of(request, resources), code)

    return routes


async def _changes(view: View, code: str) -> Response:
    """`?from=` and `?to=`: after the one day up to the other; without, the month up to the day that is shown."""
    unit = await view.unit(code)
    last = address.day(view.parameter("to"), "to") if view.parameter("to") else view.moment.valid_at
    first = address.day(view.parameter("from"), "from") if view.parameter("from") else last - timedelta(days=30)
    period: dict[str, Any] = {"from": str(first), "to": str(last)}
    changes = (await view.ask("changes", within=unit["code"], **period))["changes"]
    table = Table(
        "changes",
        Text("变化", "Changes"),
        COLUMNS,
        rows_of(
            changes,
            on=lambda one: one["on"],
            change=lambda one: Cell(one["change"], view.localized(*CHANGES[one["change"]])),
            unit=lambda one: (
                one["unit"] and Cell(one["unit"]["name"], href=view.href(f"/overview/{one['unit']['code']}"))
            ),
            matter=lambda one: (
                one["matter"]
                and Cell(
                    one["matter"]["name"],
                    href=view.href(f"/matters/{one['matter']['code']}"),
                    code=one["matter"]["code"],
                )
            ),
            decision=lambda one: decision_cell(view, one["decision"]),
        ),
    )
    return view.download(table) or view.page("changes.html", unit=unit, tables=[table], first=first, last=last)
