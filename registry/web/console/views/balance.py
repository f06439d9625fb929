"""Balance over time: duties, powers, means and violations of a unit and of those below it, side by side."""

from __future__ import annotations

import asyncio
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.pictures import Panel, Picture, Series, line_charts
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import WITHOUT_TERRITORY, tabs, unit_href
from registry.web.console.view import View
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

STEPS: Final = {
    "quarter": Text("按季", "by quarter"),
    "month": Text("按月", "by month"),
    "year": Text("按年", "by year"),
}
YEARS: Final = 2  # shown where the address does not say from when
LOWER: Final = ("government", "village")
PANELS: Final = 24  # units below in one picture, those with most duties
# The figures, their names, and with which they share a chart.
FIGURES: Final[dict[str, Text]] = {
    "violationsPer100Duties": Text("每百项职责违规", "Violations per 100 duties"),
    "led": Text("牵头职责", "Duties led"),
    "withPower": Text("牵头有权", "Led with power"),
    "withoutPower": Text("牵头无权", "Led without power"),
    "duties": Text("承担职责", "Duties"),
    "powers": Text("有效权力", "Powers held"),
    "assigned": Text("下达职责", "Duties assigned"),
    "funded": Text("保障到位", "Funded"),
    "unfunded": Text("保障不足", "Not funded"),
    "violations": Text("违规", "Violations"),
}
CHARTS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (Text("职责：承担和牵头", "Duties: held and led"), ("duties", "led")),
    (Text("牵头无权", "Led without power"), ("withoutPower",)),
    (Text("有效权力", "Powers held"), ("powers",)),
    (Text("下达职责：全部和保障到位", "Duties assigned: all and funded"), ("assigned", "funded")),
    (Text("违规", "Violations"), ("violations",)),
    (Text("每百项职责违规", "Violations per 100 duties"), ("violationsPer100Duties",)),
)
offer("/balance", "step", Text("步长", "Step"), STEPS)
offer("/balance", "figure", Text("下级单位比较", "Compare the units below by"), FIGURES)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/balance/{code:path}", methods=["GET", "HEAD"])
    async def balance(request: Request, code: str) -> Response:
        return await _balance(await View.of(request, resources), code)

    return routes


async def _balance(view: View, code: str) -> Response:
    """`?from=`, `?to=`, `?step=` (quarter, month, year); `?figure=`: which of FIGURES the units are compared by."""
    unit = await view.unit(code)
    last = address.day(view.parameter("to"), "to") if view.parameter("to") else view.moment.valid_at
    first = address.day(view.parameter("from"), "from") if view.parameter("from") else _years_before(last)
    step, figure = view.choice("step", "quarter"), view.choice("figure", "violations")
    address.refuse_unless_ordered(first, last)
    period: dict[str, Any] = {"from": str(first), "to": str(last), "step": step.upper()}
    period |= {"within": unit["code"], **({} if figure == "duties" else {figure: True})}
    series: list[Data] = (await view.ask("balance", **period))["balanceOverTime"]
    # Counted with the series, whose last day it is: only one figure of each unit is asked on the others.
    day = series[-1]["asOf"]
    on_last: list[Data] = (await view.ask("balance_below", within=unit["code"], asOf=day))["balance"]["below"]
    units = {one["unit"]["code"]: one["unit"] for one in on_last}
    units |= await _gone(view, {one["unit"]["code"]: each["asOf"] for each in series for one in each["below"]}, units)
    below = _below(series, units, unit["code"])
    pictures = [_whole(view, unit, series)]
    if below:
        pictures.append(_compared(view, unit, series, below, figure))
    latest = _latest(view, unit, day, on_last)
    tables = [*(picture.shown.table for picture in pictures), latest]
    return view.download(*tables, pictures=pictures) or view.page(
        "balance.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/balance/{}"),
        pictures=pictures,
        first=first,
        last=last,
        step=step,
        steps=STEPS,
        figure=figure,
        figures=FIGURES,
        many=max(0, len(below) - PANELS),
    )


def _years_before(day: date) -> date:
    """The last day of the month, some years before, so that so many years of quarters are whole."""
    year = max(day.year - YEARS, 1)
    return date(year, day.month, monthrange(year, day.month)[1])


async def _gone(view: View, last_days: Mapping[str, str], units: Mapping[str, Data]) -> dict[str, Data]:
    """Those that are no longer among `units`, by code, as they were on the last of the days."""
    gone = [code for code in last_days if code not in units]
    answers = await asyncio.gather(*(view.ask("unit_named", code=code, asOf=last_days[code]) for code in gone))
    return {code: answer["unit"] for code, answer in zip(gone, answers, strict=True)}


def _below(series: Sequence[Data], units: Mapping[str, Data], root: str) -> list[Data]:
    """The governments and villages right below on any of the days that hold duties, those with most first.

    Where there are none, the departments. `units`: by code.
    """
    duties = {one["unit"]["code"]: one["figures"]["duties"] for balance in series for one in balance["below"]}
    chosen = [code for code in duties if duties[code] and code != root]
    lower = [code for code in chosen if units[code]["kind"] in LOWER]
    return [units[code] for code in sorted(lower or chosen, key=lambda code: (-duties[code], code))]


def _of(series: Sequence[Data], code: str, figure: str) -> list[float | None]:
    """A figure of a unit below on each day; None where it was not there."""
    by_day = [{one["unit"]["code"]: one["figures"] for one in balance["below"]} for balance in series]
    return [figures[code][figure] if code in figures else None for figures in by_day]


def _whole(view: View, unit: Data, series: Sequence[Data]) -> Picture:
    """The territory as a whole: a chart for each of CHARTS."""
    days = [balance["asOf"] for balance in series]
    panels = [
        Panel(
            view.localized(*title),
            [Series(view.localized(*FIGURES[name]), [balance["total"][name] for balance in series]) for name in names],
            lang="zh-CN" if view.lang == "zh" else "en",
        )
        for title, names in CHARTS
    ]
    drawing = line_charts(
        "whole",
        view.localized(f"{unit['name']}权责平衡", f"Balance of {unit['name']}"),
        view.localized(f"{days[0]} 至 {days[-1]} 的六组曲线", f"Six charts from {days[0]} to {days[-1]}"),
        days,
        panels,
        across=3,
    )
    columns = [Column("day", Text("日期", "Day"), "day", width=12)]
    columns += [Column(name, title, "number", width=12) for name, title in FIGURES.items()]
    rows = rows_of(series, day=lambda one: Cell(one["asOf"], href=view.href(view.request.url.path, as_of=one["asOf"])))
    rows = [
        {**row, **{name: Cell(one["total"][name]) for name in FIGURES}} for row, one in zip(rows, series, strict=True)
    ]
    title = Text("本地域合计", "The territory as a whole")
    caption = Text("本单位及以下各级合计。", "The unit with all below it, added up.")
    return Picture.of(view, drawing, caption, Table("whole", title, columns, rows, main=False), unit["name"])


def _compared(view: View, unit: Data, series: Sequence[Data], below: Sequence[Data], figure: str) -> Picture:
    """The units below side by side by one figure, all on one scale."""
    days = [balance["asOf"] for balance in series]
    title = FIGURES[figure]
    panels = [
        Panel(
            one["name"], [Series(view.localized(*title), _of(series, one["code"], figure))], href=unit_href(view, one)
        )
        for one in below[:PANELS]
    ]
    drawing = line_charts(
        "compared",
        view.localized(f"{unit['name']}下级单位：{title.zh}", f"Units below {unit['name']}: {title.en}"),
        view.localized(
            f"{days[0]} 至 {days[-1]}，每个单位一张图，同一尺度",
            f"{days[0]} to {days[-1]}, a chart for each unit, on one scale",
        ),
        days,
        panels,
        same_scale=True,
    )
    columns = [Column("unit", Text("单位", "Unit"), chinese=True, width=26)]
    columns += [Column(day, Text(day, day), "number", width=11) for day in days]
    rows = [
        {
            "unit": Cell(one["name"], href=view.href(f"/balance/{one['code']}")),
            **{day: Cell(value) for day, value in zip(days, _of(series, one["code"], figure), strict=True)},
        }
        for one in below
    ]
    named = Text(f"下级单位：{title.zh}", f"Units below: {title.en}")
    caption = Text(
        f"{title.zh}：各下级单位（含其以下各级），同一尺度，便于比较。",
        f"{title.en}: each unit below with all below it, on one scale.",
    )
    return Picture.of(view, drawing, caption, Table("compared", named, columns, rows, main=False), unit["name"])


def _latest(view: View, unit: Data, day: str, below: Sequence[Data]) -> Table:
    """All figures of the last day: of each unit below, and of the unit alone."""
    several = len(below) > 1
    rows = [
        {
            "unit": Cell(
                one["unit"]["name"] + (view.itself if several and one["unit"]["code"] == unit["code"] else ""),
                href=view.href(f"/balance/{one['unit']['code']}"),
            ),
            **{name: Cell(one["figures"][name], href=_href(view, one["unit"], unit, name)) for name in FIGURES},
        }
        for one in below
    ]
    columns = [Column("unit", Text("单位", "Unit"), chinese=True, width=26)]
    columns += [
        Column(name, title, "number", total=name != "violationsPer100Duties", width=12)
        for name, title in FIGURES.items()
    ]
    return Table("latest", Text(f"{day} 各单位", f"Each unit on {day}"), columns, rows)


def _href(view: View, one: Data, root: Data, figure: str) -> str | None:
    """What a figure counts: a violation's ledger; for one unit alone its own page of duties and powers.

    For a unit with others below it: its own balance, where the figure is of each; led without power, its ledger.
    """
    own = one["code"] == root["code"] or one["kind"] in WITHOUT_TERRITORY or one["kind"] == "village"
    if figure == "violations":
        unit = one["code"] if one["code"] == root["code"] else None
        return view.href("/findings", within=one["code"], severity="VIOLATION", unit=unit)
    if not own and figure in ("duties", "led", "powers"):
        return view.href(f"/balance/{one['code']}")
    if not own and figure == "withoutPower":
        if one["level"] == "TOWNSHIP":
            return view.href("/findings", within=one["code"], rule="duty-without-power")
        return view.href(f"/balance/{one['code']}", sort="-withoutPower")
    show = {"duties": {}, "led": {"show": "led"}, "withoutPower": {"show": "powerless"}, "powers": {"tab": "powers"}}
    return view.href(f"/units/{one['code']}", **show[figure]) if figure in show else None
