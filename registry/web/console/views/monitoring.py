"""The monthly form of the monitoring points: what landed, what was reported, what opened; beside the month before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain.dates import today
from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.domain.words import BURDEN_KINDS
from registry.queries.burdens.landing import Month, month_of, read_month
from registry.web.console.asking import Data
from registry.web.console.cells import SEVERITY, document_cell, matter_cell, unit_cell
from registry.web.console.tables import Cell, Column, Table, rows_of, with_totals
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.pages import address as lookup
from registry.web.pages.failure import offer
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
BURDENS: Final = (
    Column("at", Text("布置日", "Day"), "day", width=12),
    Column("to", Text("监测点", "Monitoring point"), chinese=True, width=22),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("sender", Text("布置单位", "Sent by"), chinese=True, width=22),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("due", Text("期限", "Due"), "day", hidden=True, width=12),
    Column("ref", Text("编号", "Id"), hidden=True, width=16),
)
# Which burdens, and which findings, the page lists one by one.
BEGUN: Final = {
    "now": Text("本月新增的负担", "Burdens that began in the month"),
    "before": Text("上月新增的负担", "Burdens that began in the month before"),
    "on": Text("本月在身的负担", "Burdens on the points in the month"),
}
MOVED: Final = {
    "opened": Text("新出现", "opened"),
    "closed": Text("已消除", "closed"),
    "before": Text("上月新出现", "opened the month before"),
}
NARROWING: Final = ("burdens", "findings", "kind", "unit", "from")
offer("/monitoring", "burdens", Text("负担", "Burdens"), BEGUN)
offer("/monitoring", "findings", Text("问题", "Findings"), MOVED, every=True)
offer("/monitoring", "kind", Text("种类", "Kind"), {name: MATTER_KIND[name] for name in BURDEN_KINDS}, every=True)
offer("/monitoring", "unit", Text("监测点（名称或代码）", "Monitoring point (name or code of a unit)"))
offer("/monitoring", "from", Text("布置单位（名称或代码）", "Sender (name or code of a unit)"))


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/monitoring", methods=["GET", "HEAD"])
    async def monitoring(request: Request) -> Response:
        return await _monitoring(await View.of(request, resources))

    return routes


async def _monitoring(view: View) -> Response:
    """`?within=`, `?month=YYYY-MM`; without, this month.

    What a number counts is listed on the same page: `?burdens=` of BEGUN, `?findings=` of MOVED; of one point
    (`?unit=`), from one sender (`?from=`), of one kind (`?kind=`).
    """
    given = view.parameter("month") or view.moment.valid_at.isoformat()[:7]
    month = read_month(given)
    if month is None:
        zh, en = "month 须写成 YYYY-MM，在 0002-01 至 9998-12 之间", "month must be YYYY-MM, from 0002-01 to 9998-12"
        lookup.refuse("bad-value", f"{zh}：{given}", f"{en}: {given}")
    chosen = {
        name: view.choice(name, default) for name, default in (("burdens", "now"), ("findings", ""), ("kind", ""))
    }
    unit = await territory_of(view)
    chosen |= {name: await _named(view, name) for name in ("unit", "from")}
    # It hangs on today's day beside the log.
    result = (await view.ask("monitoring", kept=False, within=unit["code"], month=str(month)))["monitoring"]
    tables = [
        _points(view, unit["code"], result, month),
        _landed(view, result),
        _burdens(view, result, month, chosen),
        _findings(view, result, month, chosen),
    ]
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
        listed=_Listed(view),
        reports=[_reports_href(view, result, unit["code"], days) for days in _months(result, month)],
        narrowed=any(map(view.parameter, NARROWING)),
        whole=view.here(**dict.fromkeys(NARROWING), page=None),
    )


async def _named(view: View, name: str) -> str:
    """The code of the unit that a parameter names; empty where it names none. Raises Refused: unknown-unit."""
    given = view.parameter(name)
    return await lookup.unit_by_name(await view.resources.pool(), view.moment, given) if given else ""


@dataclass(frozen=True, slots=True)
class _Listed:
    """The addresses at which the page itself lists what its numbers count."""

    view: View

    def burdens(self, which: str, **only: str | None) -> str:
        """The burdens of BEGUN, of one point, sender and kind."""
        return self._here(burdens=which, **only) + "#table-burdens"

    def findings(self, which: str, **only: str | None) -> str:
        """The findings of MOVED, of one point."""
        return self._here(findings=which, **only) + "#table-findings"

    def _here(self, **only: str | None) -> str:
        return self.view.here(**{**dict.fromkeys(NARROWING), **only})


def _reports_href(view: View, result: Data, within: str, days: tuple[date, str], by: str | None = None) -> str:
    """The reports of the points of a territory, or of one of them (`by`), from one day to another.

    As of the day up to which the month is counted, for on it units are read as they are and are monitoring points.
    """
    as_of = None if result["until"] == str(today()) else result["until"]
    only = {"by": by} if by else {"points": "yes"}
    return view.href("/reports", within=within, since=str(days[0]), until=days[1], as_of=as_of, **only)


def _months(result: Data, month: Month) -> tuple[tuple[date, str], tuple[date, str]]:
    """First and last day of the month so far, and of the month before."""
    return (month.first, result["until"]), (month.before.first, str(month.before.last))


def _points(view: View, within: str, result: Data, month: Month) -> Table:
    listed, (now, before) = _Listed(view), _months(result, month)

    def counted(key: str, list_: Callable[..., str], which: str) -> Callable[[Data], Cell]:
        return lambda one: Cell(one[key], href=list_(which, unit=one["unit"]["code"]) if one[key] else None)

    def reported(key: str, first: date, last: str) -> Callable[[Data], Cell]:
        def cell(one: Data) -> Cell:
            code = one["unit"]["code"]
            return Cell(one[key], href=_reports_href(view, result, code, (first, last), by=code) if one[key] else None)

        return cell

    rows = rows_of(
        result["points"],
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        above=lambda one: one["unit"]["parent"] and one["unit"]["parent"]["name"],
        landed=counted("landed", listed.burdens, "now"),
        landed_before=counted("landedBefore", listed.burdens, "before"),
        burdens=counted("burdens", listed.burdens, "on"),
        reports=reported("reports", *now),
        reports_before=reported("reportsBefore", *before),
        opened=counted("opened", listed.findings, "opened"),
        opened_before=counted("openedBefore", listed.findings, "before"),
    )
    columns = with_totals(
        COLUMNS,
        {
            "landed": listed.burdens("now"),
            "landed_before": listed.burdens("before"),
            "burdens": listed.burdens("on"),
            "reports": _reports_href(view, result, within, now),
            "reports_before": _reports_href(view, result, within, before),
            "opened": listed.findings("opened"),
            "opened_before": listed.findings("before"),
        },
    )
    nothing = Text("这里没有减负监测点。", "There are no monitoring points here.")
    return Table("points", Text("减负监测点月报表", "Monthly form of the monitoring points"), columns, rows, nothing)


def _landed(view: View, result: Data) -> Table:
    def counted(key: str, which: str) -> Callable[[Data], Cell]:
        def cell(one: Data) -> Cell:
            only = {"from": one["from"]["code"] if one["from"] else None, "kind": one["kind"].lower()}
            return Cell(one[key], href=_Listed(view).burdens(which, **only) if one[key] else None)

        return cell

    rows = rows_of(
        result["landed"],
        sender=lambda one: one["from"] and Cell(one["from"]["name"], href=view.href(f"/units/{one['from']['code']}")),
        kind=lambda one: Cell(one["kind"], view.localized(*MATTER_KIND[one["kind"].lower()])),
        burdens=counted("burdens", "now"),
        before=counted("before", "before"),
    )
    columns = with_totals(LANDED, {"burdens": _Listed(view).burdens("now"), "before": _Listed(view).burdens("before")})
    nothing = Text("这两个月没有新增负担。", "No burdens began in these two months.")
    return Table("landed", Text("谁布置的", "Who sent it"), columns, rows, nothing, main=False)


def _burdens(view: View, result: Data, month: Month, chosen: Mapping[str, str]) -> Table:
    """The burdens that the numbers above count, one by one."""
    which = chosen["burdens"]
    every = result["begunBefore"] if which == "before" else result["burdens"]
    rows = rows_of(
        [
            one
            for one in every
            if (which != "now" or month.has(date.fromisoformat(one["at"])))
            and chosen["unit"] in ("", one["to"]["code"])
            and chosen["from"] in ("", one["from"]["code"])
            and chosen["kind"] in ("", one["kind"].lower())
        ],
        at=lambda one: one["at"],
        to=lambda one: unit_cell(view, one["to"]),
        kind=lambda one: Cell(one["kind"], view.localized(*MATTER_KIND[one["kind"].lower()])),
        matter=lambda one: matter_cell(view, one["matter"]),
        sender=lambda one: unit_cell(view, one["from"]),
        document=lambda one: document_cell(view, one["instrument"]),
        due=lambda one: one["dueOn"],
        ref=lambda one: Cell(one["ref"], href=view.href(f"/decisions/{one['position']}"), mark="code"),
    )
    return Table("burdens", BEGUN[which], BURDENS, rows, Text("没有这样的负担。", "There are none."), main=False)


def _findings(view: View, result: Data, month: Month, chosen: Mapping[str, str]) -> Table:
    # What no longer holds is shown as of the last day on which it did, if not before.
    days = {"opened": None, "closed": str(month.before.last), "before": str(month.before.last)}
    fields = {"opened": "opened", "closed": "closed", "before": "openedTheMonthBefore"}
    names = [chosen["findings"]] if chosen["findings"] else ["opened", "closed"]

    def finding(change: str, one: Data) -> Cell:
        key = {"rule": one["rule"], "unit": one["unit"]["code"], "subject": one["subject"]}
        day = {"as_of": days[change]} if days[change] else {}
        return Cell(
            one["message"],
            href=view.href("/findings/one", **key, **day),
            code=view.localized(*SEVERITY[one["severity"]]),
        )

    rows = rows_of(
        [(name, one) for name in names for one in result[fields[name]] if chosen["unit"] in ("", one["unit"]["code"])],
        change=lambda each: Cell(view.localized(*MOVED[each[0]]), mark="whole"),
        unit=lambda each: unit_cell(view, each[1]["unit"]),
        message=lambda each: finding(*each),
    )
    title = Text("本月新出现和消除的问题", "Findings that the month opened and closed")
    return Table("findings", title, FINDINGS, rows, main=False)
