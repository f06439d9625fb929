"""Precedents: cases of accountability that were settled, with how and why."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import CASE_OUTCOME
from registry.domain.text import Text
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

COLUMNS: Final = (
    Column("on", Text("处理日期", "Settled"), "day", width=12),
    Column("title", Text("案例", "Case"), chinese=True, width=40),
    Column("outcome", Text("结果", "Outcome"), width=12),
    Column("by", Text("处理单位", "Settled by"), chinese=True, width=22),
    Column("matter", Text("事项", "Matter"), chinese=True, width=30),
    Column("text", Text("经过和理由", "What happened and why"), chinese=True, width=80),
    Column("about", Text("所涉编号", "About"), width=20),
    Column("document", Text("依据文件", "Document"), chinese=True, width=30),
)
offer("/cases", "outcome", Text("结果", "Outcome"), CASE_OUTCOME, every=True)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/cases", methods=["GET", "HEAD"])
    async def cases(request: Request) -> Response:
        return await _cases(await View.of(request, resources))

    return routes


async def _cases(view: View) -> Response:
    """`?q=` words of title or text, `?outcome=`, `?matter=`."""
    wanted = {"search": view.parameter("q"), "outcome": view.choice("outcome"), "matter": view.parameter("matter")}
    arguments: dict[str, Any] = {name: text or None for name, text in wanted.items()}
    unit = await view.unit(view.parameter("within")) if view.parameter("within") else None
    rows = await view.ask_all("cases", "cases", **arguments)
    table = Table(
        "cases",
        Text("案例", "Cases"),
        COLUMNS,
        rows_of(
            rows,
            on=lambda one: one["on"],
            title=lambda one: Cell(one["title"], href=view.href(f"/decisions/{one['position']}"), code=one["case"]),
            outcome=lambda one: Cell(one["outcome"], view.localized(*CASE_OUTCOME[one["outcome"]])),
            by=lambda one: Cell(one["by"]["name"], href=view.href(f"/units/{one['by']['code']}")),
            matter=lambda one: (
                one["matter"] and Cell(one["matter"]["name"], href=view.href(f"/matters/{one['matter']['code']}"))
            ),
            text=lambda one: one["text"],
            about=lambda one: (
                Cell(view.series(one["about"]), href=view.href("/history", ref=one["about"][0]))
                if one["about"]
                else None
            ),
            document=lambda one: (
                one["instrument"]
                and Cell(
                    one["instrument"]["title"],
                    href=view.href(f"/documents/{one['instrument']['number']}"),
                    code=one["instrument"]["number"],
                )
            ),
        ),
        Text("没有这样的案例。", "There is no such case."),
        main=False,
    )
    return view.download(table) or view.page(
        "cases.html",
        unit=unit,
        part=[] if unit else await view.part_seen(),
        tables=[table],
        tabs=tabs(view, unit, "/cases") if unit else [],
        wanted=wanted,
        outcomes=CASE_OUTCOME,
    )
