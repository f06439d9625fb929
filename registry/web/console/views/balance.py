"""Balance over time: duties, powers, means and violations of a unit and of those below it, side by side."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import LEVEL
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.pictures import Panel, Picture, Series, line_charts
from registry.web.console.tables import Cell, Column, Table, with_totals
from registry.web.console.territory_links import tabs, unit_href
from registry.web.console.view import View
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

STEPS: Final = {
    "quarter": Text("按季", "by quarter"),
    "month": Text("按月", "by month"),
    "year": Text("按年", "by year"),
}
RATE: Final = "violationsPer100Duties"
AT_ONCE: Final = 12  # days of a series that are counted before the page is shown
REFUSED: Final = 120  # about: of more than the API counts it says so at once
MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
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
# What each counts, as checker/balance.py does it.
MEANINGS: Final[dict[str, Text]] = {
    "duties": Text(
        "按法律、清单或交办承担的职责，牵头、共同承担、配合都算；同一单位的同一项职责，依据再多也只算一次。",
        "Duties held by law, by a list or by delegation, in any role; each once for a unit, on however many grounds.",
    ),
    "led": Text(
        "其中由本单位牵头的；牵头有权与牵头无权之和。", "Of these as lead: those with and without power together."
    ),
    "withPower": Text(
        "牵头的职责中，所需的权力本单位和所属部门全部有效持有的，包括不需要权力的。",
        "Of those led: the unit and its own departments effectively hold every power required, or none is.",
    ),
    "withoutPower": Text(
        "牵头的职责中，所需的权力至少缺一项，或者下放无效的；各级单位、各种依据都算。问题台账里的“有责无权”只查乡级、村级"
        "以清单或交办承担的，所以可能少一些。",
        "Of those led: at least one power required is lacking or was handed down in vain; of units of every level, on "
        "any ground. The finding of duty without power is of townships and villages by lists and delegations only.",
    ),
    "powers": Text(
        "依法、按清单或受下放、受委托而有效持有的权力；下放无效的不算。",
        "Powers effectively held, by law, by a list or handed down; those handed down in vain are not counted.",
    ),
    "assigned": Text(
        "以清单或交办下达的职责，每份清单、每次交办各算一次；法律直接规定的不算。除保障到位、保障不足的以外，都是不需要保障的。",
        "Duties assigned by a list or handed down, each list and each delegation once; not what the law itself gives. "
        "What is neither funded nor not needs no means.",
    ),
    "funded": Text(
        "下达的职责中，所需的人员、经费都随之配备的。",
        "Of those assigned: all staff and funds they need came with them.",
    ),
    "unfunded": Text(
        "下达的职责中，所需的人员、经费没有全部随之配备的，或者委托给村而没有给经费的。",
        "Of those assigned: not all they need came with them, or a village was entrusted and given no funds.",
    ),
    "violations": Text(
        "程度为违规、没有豁免的问题，算在承受它的单位。",
        "Findings that are violations and not waived, of who bears them.",
    ),
    "violationsPer100Duties": Text(
        "关于职责的违规（关于权力和负担的不算）除以承担职责数，乘以一百；没有职责的空着。",
        "Violations about duties, not about powers or burdens, for each 100 duties held; empty where there are none.",
    ),
}
CHARTS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
    (Text("职责：承担和牵头", "Duties: held and led"), ("duties", "led")),
    (Text("牵头无权", "Led without power"), ("withoutPower",)),
    (Text("有效权力", "Powers held"), ("powers",)),
    (Text("下达职责：全部和保障到位", "Duties assigned: all and funded"), ("assigned", "funded")),
    (Text("违规", "Violations"), ("violations",)),
    (Text("每百项职责违规", "Violations per 100 duties"), ("violationsPer100Duties",)),
)
# A level's units, for which a territory may be counted alone; departments are of the level of their government.
LEVELS: Final = {
    name: Text(f"{title.zh}（含部门）", f"{title.en}, departments too")
    if name not in ("township", "village")
    else title
    for name, title in LEVEL.items()
}
EVERY: Final = "every"  # in addresses: the units of all levels, each alone
LEVELS_OFFERED: Final = {EVERY: Text("各级", "any level"), **LEVELS}
offer("/balance", "level", Text("只看一级", "Level"), LEVELS_OFFERED, every=True)
offer("/balance", "step", Text("步长", "Step"), STEPS)
offer("/balance", "figure", Text("分层级、分单位比较", "Compare levels and units by"), FIGURES)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/balance/{code:path}", methods=["GET", "HEAD"])
    async def balance(request: Request, code: str) -> Response:
        return await _balance(await View.of(request, resources), code)

    return routes


async def _balance(view: View, code: str) -> Response:
    """`?from=`, `?to=`, `?step=` (quarter, month, year); `?figure=`: by which of FIGURES levels and units are compared.

    `?level=`: in the table of the last day the units of a level, or of EVERY level, each alone.
    """
    unit = await view.unit(code)
    last = address.day(view.parameter("to"), "to") if view.parameter("to") else view.moment.valid_at
    first = address.day(view.parameter("from"), "from") if view.parameter("from") else _years_before(last)
    step, figure = view.choice("step", "quarter"), view.choice("figure", "violations")
    address.refuse_unless_ordered(first, last)
    # Many days take seconds to count: the page is shown with its last day, and what is drawn comes after it.
    later = AT_ONCE < _days(first, last, step) < REFUSED and not any(map(view.parameter, ("series", "format")))
    pictures, many = ([], 0) if later else await _drawn(view, unit, (first, last, step), figure)
    # After the series, where there is one: its last day was counted with the others.
    on_last = (await view.ask("balance_below", within=unit["code"], asOf=str(last)))["balance"]
    total, day = on_last["total"], str(last)
    level = view.choice("level")
    if level:  # each unit of a level alone, in the stead of the branches right below
        within: dict[str, Any] = {
            "within": unit["code"],
            "asOf": day,
            "level": None if level == EVERY else level.upper(),
        }
        of_level = await view.ask_all("balance_units", "balance.units", **within)
        latest = _latest(view, unit, day, of_level, LEVELS_OFFERED[level])
    else:
        latest = _latest(view, unit, day, on_last["below"])
    tables = [*(picture.shown.table for picture in pictures), latest]
    return view.download(*tables, pictures=pictures) or view.page(
        "balance.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/balance/{}"),
        pictures=pictures,
        later=view.here(series="yes") if later else None,
        first=first,
        last=last,
        drawn_from=pictures[0].shown.table.rows[0]["day"].text if pictures else None,
        step=step,
        steps=STEPS,
        figure=figure,
        figures=FIGURES,
        many=many,
        counted_on=day,
        level=LEVELS_OFFERED[level] if level else None,
        powerless=powerless_by_level(view, unit["code"], on_last["levels"], day),
        meanings=[
            (title, MEANINGS[name], Cell(total[name], href=_whole_href(view, unit["code"], day, name)))
            for name, title in FIGURES.items()
        ],
    )


async def _drawn(view: View, unit: Data, period: tuple[date, date, str], figure: str) -> tuple[list[Picture], int]:
    """What is drawn of a series (from, to, step), and how many units are in its table alone."""
    first, last, step = period
    given: dict[str, Any] = {"from": str(first), "to": str(last), "step": step.upper(), "within": unit["code"]}
    answer = await view.ask("balance", **given, figure=re.sub(r"([A-Z]|\d+)", r"_\1", figure).upper())
    series = _whole_numbers(answer["balanceSeries"], figure)
    below = _below(series["below"], unit["code"])
    pictures = [_whole(view, unit, series)]
    if len(series["levels"]) > 1:
        pictures.append(_by_level(view, unit, series, figure))
    if below:
        pictures.append(_compared(view, unit, series["days"], below, figure))
    return pictures, max(0, len(below) - PANELS)


def _days(first: date, last: date, step: str) -> int:
    """About how many days a series has."""
    return ((last.year - first.year) * 12 + last.month - first.month) // MONTHS[step] + 1


def _years_before(day: date) -> date:
    """The last day of the month, some years before, so that so many years of quarters are whole."""
    year = max(day.year - YEARS, 1)
    return date(year, day.month, monthrange(year, day.month)[1])


def _whole_numbers(series: Data, figure: str) -> Data:
    """The arrays of an answer; all figures but the rate are whole numbers, which the API writes as any other."""
    made = {name: _whole_of(name, values) if name in FIGURES else values for name, values in series.items()}
    arrays = {"units": "units", "duties": "duties", "chosen": figure}
    for part in ("levels", "below"):
        made[part] = [
            {**one, **{name: _whole_of(of, one[name]) for name, of in arrays.items() if name in one}}
            for one in series[part]
        ]
    return made


def _whole_of(figure: str, values: Sequence[float | None]) -> list[float | None]:
    return list(values) if figure == RATE else [None if value is None else int(value) for value in values]


def _below(branches: Sequence[Data], root: str) -> list[Data]:
    """The governments and villages right below on any of the days that hold duties, those with most first.

    Where there are none, the departments.
    """
    duties = {one["unit"]["code"]: _last(one["duties"]) for one in branches}
    chosen = [one for one in branches if duties[one["unit"]["code"]] and one["unit"]["code"] != root]
    lower = [one for one in chosen if one["unit"]["kind"] in LOWER]
    return sorted(lower or chosen, key=lambda one: (-duties[one["unit"]["code"]], one["unit"]["code"]))


def _last(values: Sequence[int | None]) -> int:
    return next((value for value in reversed(values) if value is not None), 0)


def _whole(view: View, unit: Data, series: Data) -> Picture:
    """The territory as a whole: a chart for each of CHARTS."""
    days: list[str] = series["days"]
    panels = [
        Panel(
            view.localized(*title),
            [Series(view.localized(*FIGURES[name]), series[name]) for name in names],
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
    rows = [
        {
            "day": Cell(day, href=view.href(view.request.url.path, as_of=day)),
            **{name: Cell(series[name][row], href=_whole_href(view, unit["code"], day, name)) for name in FIGURES},
        }
        for row, day in enumerate(days)
    ]
    title = Text("本地域合计", "The territory as a whole")
    caption = Text("本单位及以下各级合计。", "The unit with all below it, added up.")
    return Picture.of(view, drawing, caption, Table("whole", title, columns, rows, main=False), unit["name"])


def _by_level(view: View, unit: Data, series: Data, figure: str) -> Picture:
    """The units of each level, each alone, added up, by one figure."""
    title, days = FIGURES[figure], series["days"]
    named = [(one, LEVELS[one["level"].lower()]) for one in series["levels"]]

    def at(level: str, day: str) -> str:
        return view.href(f"/balance/{unit['code']}", level=level.lower(), sort=f"-{figure}", to=day) + "#table-latest"

    drawing = line_charts(
        "levels",
        view.localized(f"{unit['name']}各层级：{title.zh}", f"Levels of {unit['name']}: {title.en}"),
        view.localized(
            f"{days[0]} 至 {days[-1]}，每个层级一张图，各用各的尺度",
            f"{days[0]} to {days[-1]}, a chart for each level, each on its own scale",
        ),
        days,
        [
            Panel(
                view.localized(*level),
                [Series(view.localized(*title), one["chosen"])],
                href=at(one["level"], days[-1]),
                lang="zh-CN" if view.lang == "zh" else "en",
            )
            for one, level in named
        ],
    )
    columns = [Column("level", Text("层级", "Level"), width=22)]
    columns += [Column(day, Text(day, day), "number", width=11) for day in days]
    rows = [
        {
            "level": Cell(view.localized(*level)),
            **{
                day: Cell(value, href=at(one["level"], day) if value is not None else None)
                for day, value in zip(days, one["chosen"], strict=True)
            },
        }
        for one, level in named
    ]
    caption = Text(
        f"{title.zh}：每个层级的单位各算自己的，加在一起。",
        f"{title.en}: the units of each level, each alone, added up.",
    )
    heading = Text(f"分层级：{title.zh}", f"By level: {title.en}")
    return Picture.of(view, drawing, caption, Table("levels", heading, columns, rows, main=False), unit["name"])


def _compared(view: View, unit: Data, days: Sequence[str], below: Sequence[Data], figure: str) -> Picture:
    """The units below side by side by one figure, all on one scale."""
    title = FIGURES[figure]
    panels = [
        Panel(one["unit"]["name"], [Series(view.localized(*title), one["chosen"])], href=unit_href(view, one["unit"]))
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
            "unit": Cell(one["unit"]["name"], href=view.href(f"/balance/{one['unit']['code']}")),
            **{
                day: Cell(value, href=figure_href(view, one["unit"], unit["code"], figure, day, many) if many else None)
                for day, value, many in zip(days, one["chosen"], one["units"], strict=True)
            },
        }
        for one in below
    ]
    named = Text(f"下级单位：{title.zh}", f"Units below: {title.en}")
    caption = Text(
        f"{title.zh}：各下级单位（含其以下各级），同一尺度，便于比较。",
        f"{title.en}: each unit below with all below it, on one scale.",
    )
    return Picture.of(view, drawing, caption, Table("compared", named, columns, rows, main=False), unit["name"])


def powerless_by_level(view: View, within: str, levels: Sequence[Data], day: str) -> list[tuple[str, int, str]]:
    """How many duties the units of each level lead without power, where any do, and where these units are listed."""
    return [
        (
            view.localized(*LEVELS[(level := one["level"].lower())]),
            one["figures"]["withoutPower"],
            view.href(f"/balance/{within}", level=level, sort="-withoutPower", to=day) + "#table-latest",
        )
        for one in levels
        if one["figures"]["withoutPower"]
    ]


def _latest(view: View, unit: Data, day: str, below: Sequence[Data], level: Text | None = None) -> Table:
    """All figures of the last day: of each unit below, and of the unit alone; or of each unit of a `level` alone."""
    several = len(below) > 1 and level is None

    def counted(one: Data, name: str) -> Cell:
        figures, root = one["figures"], (unit if level is None else one["unit"])["code"]
        return Cell(figures[name], href=figure_href(view, one["unit"], root, name, day, figures["units"]))

    rows = [
        {
            "unit": Cell(
                one["unit"]["name"] + (view.itself if several and one["unit"]["code"] == unit["code"] else ""),
                href=view.href(f"/balance/{one['unit']['code']}"),
            ),
            **{name: counted(one, name) for name in FIGURES},
        }
        for one in below
    ]
    columns = [Column("unit", Text("单位", "Unit"), chinese=True, width=26)]
    columns += [
        Column(name, title, "number", total=name != "violationsPer100Duties", width=12)
        for name, title in FIGURES.items()
    ]
    if level is None:  # of the whole territory: each unit alone adds up to the same
        rest = dict.fromkeys(("q", "sort", "page", "format", "table"))
        every = f"{view.here(level=EVERY, to=day, **rest)}#table-latest"
        ledger = {name: _whole_href(view, unit["code"], day, name) for name in OF_FINDINGS}
        columns = with_totals(columns, {name: ledger.get(name, every) for name in FIGURES})
    title = Text(f"{day} 各单位", f"Each unit on {day}")
    if level is not None:
        title = Text(f"{day} {level.zh}各单位", f"Each unit of the level {level.en} on {day}")
    return Table("latest", title, columns, rows)


# Of one unit alone: its duties that a figure counts, as its page has them (unit_duties.SHOWN).
OWN_ROWS: Final = {
    "duties": "duties",
    "led": "led",
    "withPower": "powered",
    "withoutPower": "powerless",
    "assigned": "assigned",
    "funded": "funded",
    "unfunded": "unfunded",
}
OF_FINDINGS: Final = {"violations": None, "violationsPer100Duties": "duty"}  # each: about which kind of matter


def _whole_href(view: View, code: str, day: str, figure: str) -> str:
    """What a figure of the whole territory is the sum of: the ledger of violations, else the units on that day."""
    if figure in OF_FINDINGS:
        return _ledger(view, code, figure, as_of=_as_of(view, day))
    rest = dict.fromkeys(("level", "q", "page", "format", "table"))
    return view.here(to=day, sort=f"-{figure}", **rest) + "#table-latest"


def _ledger(view: View, within: str, figure: str, **more: str | None) -> str:
    return view.href("/findings", within=within, severity="violation", kind=OF_FINDINGS[figure], **more)


def figure_href(view: View, one: Data, root: str, figure: str, day: str, units: int) -> str:
    """What a figure of a unit counts on a day: violations in the ledger; of one unit alone the rows on its own page.

    Of several `units`, it and those below it: its own balance, where the figure is of each.
    """
    code, as_of = one["code"], _as_of(view, day)
    if figure in OF_FINDINGS:
        branch = code if code == root else None
        return _ledger(view, code, figure, branch=branch, as_of=as_of)
    if units > 1:
        return view.href(f"/balance/{code}", sort=f"-{figure}", as_of=as_of) + "#table-latest"
    rows = {"tab": "powers", "effective": "yes"} if figure == "powers" else {"show": OWN_ROWS[figure]}
    return view.href(f"/units/{code}", **rows, as_of=as_of)


def _as_of(view: View, day: str) -> str | None:
    """What the bar is set to so that it shows a day; None for the day that it shows of itself."""
    return day if view.parameter("as_of") or day != str(view.moment.valid_at) else None
