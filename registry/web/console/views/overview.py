"""Overview of a territory: how many findings, since when, of whom; burdens of the year; what waits for an answer."""

from __future__ import annotations

import asyncio
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from registry.access.roles import Role
from registry.domain import labels
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of, with_totals
from registry.web.console.territory_links import Links, finding_href, findings_href, rule_title, tabs, unit_href
from registry.web.console.view import View
from registry.web.console.views import territories
from registry.web.console.views.balance import figure_href, powerless_by_level
from registry.web.console.views.heat_map import NARROWED, heat_map, heat_picture, narrowed_to
from registry.web.console.waiting import waiting as waiting_for
from registry.web.pages import address as lookup
from registry.web.resources import ServerResources

FEW: Final = 5  # of what waits, and as many lines of what moved
LISTED: Final = 1000  # findings that opened, or closed, in one table
WORST: Final = 10  # units on a page
WORST_TITLE: Final = Text("每百项职责违规最多的单位", "Units with the most violations per 100 duties")
SEVERITIES: Final = (
    ("VIOLATION", "violations", Text("违规", "Violations")),
    ("WARNING", "warnings", Text("提醒", "Warnings")),
    ("REVIEW", "reviews", Text("待核", "To review")),
)


@dataclass(frozen=True, slots=True)
class Span:
    """With which day an overview is compared: so many months before; how that day, and the time since, are called."""

    months: int
    then: Text
    title: Text


AGAINST: Final = {
    "month": Span(1, Text("上月同日", "a month ago"), Text("一个月来", "In a month")),
    "half": Span(6, Text("半年前", "half a year ago"), Text("半年来", "In half a year")),
    "year": Span(12, Text("上年同日", "a year ago"), Text("一年来", "In a year")),
}


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/overview", methods=["GET", "HEAD"])
    async def own(request: Request) -> Response:
        view = await View.of(request, resources)
        table = await territories.table(view)
        if len(table.rows) == 1 and not view.parameter("q"):
            return RedirectResponse(next(iter(table.rows))["unit"].href or "/", 303)
        return view.download(table) or view.page("territories.html", tables=[table])

    @routes.api_route("/overview/{code:path}", methods=["GET", "HEAD"])
    async def overview(request: Request, code: str) -> Response:
        return await _overview(await View.of(request, resources), code)

    return routes


def months_before(day: date, months: int) -> date:
    """The same day so many months before, or that month's last; not before the year 1."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    year, month = max(year, 1), month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


async def _overview(view: View, code: str) -> Response:
    """`?waiting=all`: everything that waits, not the first few.

    `?against=`: with which of AGAINST, or with which day before, it is compared; `?severity=`: of NARROWED, to which
    findings the heat map is narrowed.
    """
    unit = await view.unit(code)
    against = view.parameter("against") or "month"
    (span, before), letter, within = _compared(view, against), narrowed_to(view), unit["code"]
    first = LISTED if view.parameter("waiting") == "all" else FEW
    counts, waiting = await asyncio.gather(
        view.ask("overview", within=within, before=str(before)),
        waiting_for(view, unit, first),
    )
    # Only then: what the days were judged to be is known by now.
    moved = await view.ask("overview_moved", within=within, before=str(before), first=LISTED)
    compared: Data = moved["findingsCompared"]
    heat, worst = heat_map(view, unit, counts, letter), _worst(view, within, counts["balance"])
    tables = [heat, worst, _burdens(view, within, counts["burdenTotals"]), _moved(view, compared, before, span)]
    picture = heat_picture(view, unit, heat)
    return view.download(*tables, pictures=[picture]) or view.page(
        "overview.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/overview/{}"),
        cards=_cards(view, within, counts, before),
        rate=counts["balance"]["total"],
        powerless=powerless_by_level(view, within, counts["balance"]["levels"], str(view.moment.valid_at)),
        before=before,
        span=span,
        spans={name: view.here(against=None if name == "month" else name, **{"moved-page": None}) for name in AGAINST},
        against=against,
        texts=AGAINST,
        kept={name: view.parameter(name) for name in ("as_of", "known", "severity") if view.parameter(name)},
        opened=compared["opened"],
        closed=compared["closed"],
        picture=picture,
        narrow=letter,
        narrowed={name: (view.here(severity=name or None), title) for name, (_, _, title) in NARROWED.items()},
        lacking=sum(one["count"] for one in counts["now"] if one["keys"][1] == "duty-without-power"),
        quiet=len(counts["balance"]["below"]) - len(heat.rows),
        waiting=waiting,
        names=[view.localized(*role.text) for role in waiting.roles],
        only_sees=list(waiting.roles) == [Role.AUDITOR],
        few=FEW,
        year=counts["burdenTotals"]["year"],
        until=date.fromisoformat(counts["burdenTotals"]["until"]),
        links=Links(view, within),
    )


def _compared(view: View, against: str) -> tuple[Span, date]:
    """With which day, one of AGAINST or written out, an overview is compared. Raises Refused: bad-value."""
    if against in AGAINST:
        return AGAINST[against], months_before(view.moment.valid_at, AGAINST[against].months)
    before = lookup.day(against, "against")
    if before >= view.moment.valid_at:
        zh, en = (
            f"对照的日子 {before} 须早于截至的日子。",
            f"The day compared with, {before}, must be before the day shown.",
        )
        lookup.refuse("bad-value", zh, en, field="against")
    return Span(0, Text(f"{before}", f"{before}"), Text(f"{before} 以来", f"Since {before}")), before


def _cards(view: View, within: str, counts: Data, before: date) -> list[Data]:
    """How many findings of each severity, how many more than on the day before, and where they are listed."""
    then = {one["keys"][0]: one["count"] for one in counts["before"]}
    cards: list[Data] = []
    for name, key, title in SEVERITIES:
        number = sum(one[key] for one in counts["now"])
        cards.append(
            {
                "name": name,
                "title": view.localized(*title),
                "number": number,
                "href": findings_href(view, within, severity=name),
                "then": then.get(name, 0),
                "change": number - then.get(name, 0),
                "then_href": findings_href(view, within, severity=name, as_of=str(before)),
            }
        )
    return cards


def _worst(view: View, within: str, balance: Data) -> Table:
    """The units below with violations, those with the most for each 100 duties first."""
    rated = [one for one in balance["below"] if one["figures"]["violations"]]

    def order(one: Data) -> tuple[float, int, str]:
        figures = one["figures"]
        return -(figures["violationsPer100Duties"] or 0), -figures["violations"], one["unit"]["code"]

    rated.sort(key=order)

    def ledger(one: Data, kind: str | None = None) -> str:
        code = one["unit"]["code"]
        return findings_href(view, code, severity="VIOLATION", kind=kind, branch=code if code == within else None)

    def duties(one: Data) -> str:
        day = str(view.moment.valid_at)
        return figure_href(view, one["unit"], within, "duties", day, one["figures"]["units"])

    def named(unit: Data) -> str:
        return unit["name"] + (view.itself if unit["code"] == within and len(balance["below"]) > 1 else "")

    rows = rows_of(
        rated,
        unit=lambda one: Cell(named(one["unit"]), href=unit_href(view, one["unit"])),
        rate=lambda one: Cell(
            one["figures"]["violationsPer100Duties"], href=view.href(f"/balance/{one['unit']['code']}")
        ),
        violations=lambda one: Cell(one["figures"]["violations"], href=ledger(one)),
        about_duties=lambda one: Cell(
            one["figures"]["dutyViolations"], href=ledger(one, "duty") if one["figures"]["dutyViolations"] else None
        ),
        duties=lambda one: Cell(one["figures"]["duties"], href=duties(one) if one["figures"]["duties"] else None),
    )
    columns = (
        Column("unit", Text("单位", "Unit"), chinese=True, width=26),
        Column("violations", Text("违规", "Violations"), "number", total=True),
        Column("about_duties", Text("其中职责违规", "of these about duties"), "number", total=True),
        Column("duties", Text("职责", "Duties"), "number"),  # no total: these are not all units
        Column("rate", Text("每百项职责违规", "Violations per 100 duties"), "number"),
    )
    every = {"violations": findings_href(view, within, severity="VIOLATION")}
    every["about_duties"] = findings_href(view, within, severity="VIOLATION", kind="duty")
    columns = with_totals(columns, every)
    return Table("worst", WORST_TITLE, columns, rows, Text("没有违规。", "No violations."), size=WORST, main=False)


def _burdens(view: View, within: str, totals: Data) -> Table:
    """The burdens of the year by kind, against what was planned and against the year before."""

    def linked(one: Data, name: str, planned: str | None, mark: str = "") -> Cell:
        href = view.href("/burdens", within=within, kind=one["kind"].lower(), planned=planned)
        return Cell(one[name], href=href if one[name] else None, mark=mark)

    def before(one: Data, name: str, day: date) -> Cell:
        href = view.href("/burdens", within=within, kind=one["kind"].lower(), as_of=str(day))
        return Cell(one[name], href=href if one[name] else None)

    until = date.fromisoformat(totals["until"])
    rows = rows_of(
        totals["tallies"],
        kind=lambda one: Cell(one["kind"], view.localized(*labels.MATTER_KIND[one["kind"].lower()])),
        imposed=lambda one: linked(one, "imposed", None),
        planned=lambda one: linked(one, "planned", "yes"),
        unplanned=lambda one: linked(one, "unplanned", "no", "bad" if one["unplanned"] and one["listed"] else ""),
        then=lambda one: before(one, "byThen", months_before(until, 12)),
        year_before=lambda one: before(one, "yearBefore", date(max(until.year - 1, 1), 12, 31)),
    )
    columns = (
        Column("kind", Text("种类", "Kind"), width=14),
        Column("imposed", Text("计入今年", "Counted this year"), "number", total=True),
        Column("planned", Text("计划内", "Planned"), "number", total=True),
        Column("unplanned", Text("计划外", "Beyond the plan"), "number", total=True),
        Column("then", Text("上年同期", "Last year by this day"), "number", total=True),
        Column("year_before", Text("上年全年", "All of last year"), "number", total=True),
    )
    days = {"then": str(months_before(until, 12)), "year_before": str(date(max(until.year - 1, 1), 12, 31))}
    all_kinds = {"imposed": view.href("/burdens", within=within)}
    all_kinds |= {
        name: view.href("/burdens", within=within, planned=word)
        for name, word in (("planned", "yes"), ("unplanned", "no"))
    }
    all_kinds |= {name: view.href("/burdens", within=within, as_of=day) for name, day in days.items()}
    columns = with_totals(columns, all_kinds)
    return Table("burdens", Text("今年的负担事项", "Burdens of this year"), columns, rows, main=False)


def _moved(view: View, compared: Data, before: date, span: Span) -> Table:
    """What opened and closed, each with where it is told."""
    moved: list[tuple[str, Data]] = [("opened", one) for one in compared["opened"]["nodes"]]
    moved += [("closed", one) for one in compared["closed"]["nodes"]]
    words = {"opened": Text("新增", "opened"), "closed": Text("消除", "closed")}
    severities = {name: title for name, _, title in SEVERITIES}

    def finding(change: str, one: Data) -> Cell:
        day = str(before) if change == "closed" else None
        more: dict[str, Any] = {"as_of": day} if day else {}
        href = finding_href(view, one["rule"], one["unit"]["code"], one["subject"], **more)
        return Cell(rule_title(view, one["rule"]), href=href)

    rows = rows_of(
        moved,
        change=lambda each: Cell(each[0], view.localized(*words[each[0]]), mark=each[0]),
        rule=lambda each: finding(*each),
        severity=lambda each: Cell(
            each[1]["severity"], view.localized(*severities[each[1]["severity"]]), mark=each[1]["severity"]
        ),
        unit=lambda each: Cell(each[1]["unit"]["name"], href=unit_href(view, each[1]["unit"])),
        matter=lambda each: Cell(each[1]["matter"]["name"], href=view.href(f"/matters/{each[1]['matter']['code']}")),
        subject=lambda each: Cell(each[1]["subject"], mark="code"),
    )
    columns = (
        Column("change", Text("变动", "Change"), width=8),
        Column("rule", Text("问题", "Finding"), width=18),
        Column("severity", Text("程度", "Severity"), width=8),
        Column("unit", Text("单位", "Unit"), chinese=True, width=24),
        Column("matter", Text("事项", "Matter"), chinese=True, width=36),
        Column("subject", Text("编号", "Reference"), width=16),
    )
    title = Text(f"{span.title.zh}新增和消除的问题", f"Findings that opened and closed {span.title.en.lower()}")
    return Table("moved", title, columns, rows, Text("没有变动。", "Nothing moved."), main=False)
