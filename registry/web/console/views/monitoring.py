"""The monthly form of the monitoring points: what landed, what was reported, what opened; beside the month before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.queries.burdens.landing import Month, month_of, read_month
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.pages import address as lookup
from registry.web.resources import ServerResources

COLUMNS: Final = (
    Column("unit", Text("监测点", "Monitoring point"), chinese=True, width=24),
    Column("above", Text("所属乡镇", "Township"), chinese=True, width=18),
    Column("landed", Text("本月新增负担", "Burdens begun"), "number", total=True),
    Column("landed_before", Text("上月新增", "The month before"), "number", total=True),
    Column("burdens", Text("本月在身负担", "Burdens on it"), "number", total=True),
    Column("reports", Text("本月反映", "Reports"), "number", total=True),
    Column("reports_before", Text("上月反映", "Reports before"), "number", total=True),
    Column("opened", Text("本月新出现的问题", "Findings opened"), "number", total=True),
    Column("opened_before", Text("上月新出现", "Opened before"), "number", total=True),
)
LANDED: Final = (
    Column("sender", Text("布置单位", "Sent by"), chinese=True, width=24),
    Column("kind", Text("种类", "Kind"), width=16),
    Column("burdens", Text("本月", "This month"), "number", total=True),
    Column("before", Text("上月", "The month before"), "number", total=True),
)
FINDINGS: Final = (
    Column("change", Text("变化", "Change"), width=10),
    Column("unit", Text("监测点", "Monitoring point"), chinese=True, width=24),
    Column("message", Text("问题", "Finding"), width=70),
)
SEVERITY: Final = {
    "VIOLATION": Text("违规", "violation"),
    "WARNING": Text("提醒", "warning"),
    "REVIEW": Text("待核", "to review"),
}


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/monitoring", methods=["GET", "HEAD"])
    async def monitoring(request: Request) -> Response:
        return await _monitoring(await View.of(request, resources))

    return routes


async def _monitoring(view: View) -> Response:
    """`?within=`, `?month=YYYY-MM`; without, this month."""
    given = view.parameter("month") or view.moment.valid_at.isoformat()[:7]
    month = read_month(given)
    if month is None:
        zh, en = "month 须写成 YYYY-MM，在 0002-01 至 9998-12 之间", "month must be YYYY-MM, from 0002-01 to 9998-12"
        lookup.refuse("bad-value", f"{zh}：{given}", f"{en}: {given}")
    unit = await territory_of(view)
    # It hangs on today's day beside the log.
    result = (await view.ask("monitoring", kept=False, within=unit["code"], month=str(month)))["monitoring"]
    tables = [_points(view, result, month), _landed(view, result), _findings(view, result)]
    return view.download(*tables) or view.page(
        "monitoring.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/monitoring"),
        month=month,
        before=month.before if month.first.year > 2 else None,
        after=month_of(month.next) if month.first.year < 9998 else None,
        result=result,
        landed=sum(point["landed"] for point in result["points"]),
        landed_before=sum(point["landedBefore"] for point in result["points"]),
    )


def _points(view: View, result: Data, month: Month) -> Table:
    def landed(key: str, of: Month) -> Callable[[Data], Cell]:
        def cell(one: Data) -> Cell:
            return Cell(one[key], href=view.href(f"/villages/{one['unit']['code']}/burdens", month=str(of)))

        return cell

    def reported(key: str, first: date, last: str) -> Callable[[Data], Cell]:
        def cell(one: Data) -> Cell:
            within = one["unit"]["code"]
            return Cell(one[key], href=view.href("/reports", within=within, since=str(first), until=last))

        return cell

    rows = rows_of(
        result["points"],
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        above=lambda one: one["unit"]["parent"] and one["unit"]["parent"]["name"],
        landed=landed("landed", month),
        landed_before=landed("landedBefore", month.before),
        burdens=landed("burdens", month),
        reports=reported("reports", month.first, result["until"]),
        reports_before=reported("reportsBefore", month.before.first, str(month.before.last)),
        opened=lambda one: Cell(one["opened"], href="#table-findings"),
        opened_before=lambda one: one["openedBefore"],
    )
    nothing = Text("这里没有减负监测点。", "There are no monitoring points here.")
    return Table("points", Text("减负监测点月报表", "Monthly form of the monitoring points"), COLUMNS, rows, nothing)


def _landed(view: View, result: Data) -> Table:
    rows = rows_of(
        result["landed"],
        sender=lambda one: one["from"] and Cell(one["from"]["name"], href=view.href(f"/units/{one['from']['code']}")),
        kind=lambda one: Cell(one["kind"], view.localized(*MATTER_KIND[one["kind"].lower()])),
        burdens=lambda one: one["burdens"],
        before=lambda one: one["before"],
    )
    nothing = Text("这两个月没有新增负担。", "No burdens began in these two months.")
    return Table("landed", Text("谁布置的", "Who sent it"), LANDED, rows, nothing, main=False)


def _findings(view: View, result: Data) -> Table:
    def row(one: Data, change: Text) -> Row:
        severity = view.localized(*SEVERITY[one["severity"]])
        finding = {"rule": one["rule"], "unit": one["unit"]["code"], "subject": one["subject"]}
        return {
            "change": Cell(view.localized(*change), mark="whole"),
            "unit": Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
            "message": Cell(
                one["message"],
                href=view.href("/findings/one", **finding),
                code=severity,
            ),
        }

    opened = [row(one, Text("新出现", "opened")) for one in result["opened"]]
    closed = [row(one, Text("已消除", "closed")) for one in result["closed"]]
    title = Text("本月新出现和消除的问题", "Findings that the month opened and closed")
    return Table("findings", title, FINDINGS, [*opened, *closed], main=False)
