"""Assessments from below: how those to whom a department sends work judge it, beside what it sent; and the form."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from registry.access.operations import recorders
from registry.domain.dates import today
from registry.domain.labels import MATTER_KIND
from registry.domain.periods import read_period
from registry.domain.text import Text
from registry.web import forms
from registry.web.console.asking import Data
from registry.web.console.cells import matter_cell, unit_cell
from registry.web.console.tables import Cell, Column, Table, rows_of, with_totals
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.numbers import whole_number
from registry.web.pages import address as lookup
from registry.web.pages.failure import NO_CHOICE, Choice, Refused, in_words, offer
from registry.web.pages.reporting import problem_of
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of
from registry.web.viewing import viewer

COLUMNS: Final = (
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("mean", Text("平均分", "Mean score"), "number"),
    Column("spread", Text("标准差", "Spread"), "number"),
    Column("assessed_by", Text("已评议单位", "Assessed by"), "number", total=True),
    Column("asked_of", Text("应评议单位", "Of so many"), "number", total=True),
    Column("duties", Text("交办职责", "Duties sent"), "number", total=True),
    Column("without_power", Text("其中缺权力", "Without power"), "number", total=True),
    Column("burdens", Text("布置负担", "Burdens sent"), "number", total=True),
    Column("findings", Text("所交办的问题", "Findings of what was sent"), "number", total=True),
    Column("overdue", Text("其中逾期未整改", "Of these overdue"), "number", total=True),
    Column("silent", Text("未评议的单位", "Did not assess"), chinese=True, hidden=True, width=40),
)
EACH: Final = (
    Column("unit", Text("被评议单位", "Assessed"), chinese=True, width=24),
    Column("by", Text("评议单位", "By"), chinese=True, width=24),
    Column("score", Text("分数", "Score"), "number"),
    Column("text", Text("意见", "Opinion"), chinese=True, width=50),
    Column("period", Text("时段", "Period"), own_words=True, width=14),
    Column("on", Text("日期", "Day"), "day", width=12),
)
WITHIN_IT: Final = (Column("period", Text("时段", "Period"), own_words=True, width=14), *COLUMNS[:4])
SENT: Final = (
    Column("unit", Text("交办单位", "Sent by"), chinese=True, width=24),
    Column("to", Text("承接单位", "To"), chinese=True, width=24),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("matter", Text("事项", "Matter"), chinese=True, width=40),
    Column("powerless", Text("是否缺权力", "Without power"), width=10),
    Column("findings", Text("问题", "Findings"), "number", total=True, width=8),
    Column("overdue", Text("逾期未整改", "Overdue"), "number", total=True, width=8),
    Column("ref", Text("编号", "Id"), width=16),
)
ASSESSORS: Final = (
    Column("unit", Text("交办单位", "Sent by"), chinese=True, width=24),
    Column("to", Text("应评议单位", "Asked to assess"), chinese=True, width=24),
    Column("work", Text("交给它的项数", "Sent to it"), "number", total=True, width=12),
    Column("done", Text("是否已评议", "Has assessed"), width=10),
)
# What a number of the summaries counts, as it is listed one by one.
TOTALS: Final = {
    "asked_of": "asked",
    "duties": "duties",
    "without_power": "powerless",
    "burdens": "burdens",
    "findings": "findings",
    "overdue": "overdue",
}
NARROWING: Final = (
    "counted",
    "of",
    "to",
    "each-q",
    "each-page",
    "sent-q",
    "asked-q",
    "recorded",
    "format",
    "table",
    "alone",
)
COUNTED: Final = {
    "asked": Text("应评议的单位", "Units asked to assess"),
    "all": Text("交办的各项", "All that was sent"),
    "duties": Text("交办的职责", "Duties sent"),
    "powerless": Text("交办的职责中缺权力的", "Duties sent without power"),
    "burdens": Text("布置的负担", "Burdens sent"),
    "findings": Text("交办的各项中有问题的", "What was sent and has findings"),
    "overdue": Text("交办的各项中逾期未整改的", "What was sent and is overdue"),
}
offer("/assessments", "counted", Text("逐项列出", "One by one"), COUNTED, every=True)
offer("/assessments", "alone", Text("只看这一时段自己的", "Of this period alone"), {"1": Text("是", "yes")})
offer("/assessments", "of", Text("交办单位（名称或代码）", "Sender (name or code of a unit)"))
offer("/assessments", "to", Text("承接单位（名称或代码）", "To whom (name or code of a unit)"))
TITLES: Final = {
    "each": Text("对这里的单位的评议", "Assessments of units here"),
    "made": Text("这里的单位作出的评议", "Assessments that units here made"),
    "inner": Text("其中各时段的评议", "Assessments of the periods within it"),
}
PARTS: Final = {
    "H1": "上半年",
    "H2": "下半年",
    "Q1": "一季度",
    "Q2": "二季度",
    "Q3": "三季度",
    "Q4": "四季度",
}


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/assessments", methods=["GET", "HEAD"])
    async def look(request: Request) -> Response:
        return await _assessments(await View.of(request, resources), {})

    @routes.post("/assessments")
    async def assess(request: Request) -> Response:
        return await _assess(await View.of(request, resources), await fields_of(request))

    return routes


async def _assessments(
    view: View,
    given: Mapping[str, str],
    note: tuple[str, str] | None = None,
    status: int = 200,
    meant: Choice = NO_CHOICE,
) -> Response:
    """`?within=`, `?period=`; without, this year. `?counted=` of COUNTED: what a number counts, one by one.

    Of these `?of=`: what one unit sent; `?to=`: to whom. The periods that lie within it are shown beside it: an
    assessment counts for the period that it names and for no other.
    """
    period = view.parameter("period") or f"{view.moment.valid_at.year}"
    unit = await territory_of(view)
    rows = (await view.ask("assessments", within=unit["code"], period=period))["assessments"]
    made = await _made(view, unit["code"], period)
    there: list[Data] = (await view.ask("assessment_periods", within=unit["code"]))["assessmentPeriods"]
    every, inner = _of_units(rows), list[Data]()
    for one in there:
        if one["period"] != period and not view.choice("alone") and _lies_in(one["period"], period):
            of_it = (await view.ask("assessments", within=unit["code"], period=one["period"]))["assessments"]
            inner += [row for row in of_it if row["assessedBy"]]
            every += _of_units(of_it)
            made += await _made(view, unit["code"], one["period"])
    tables = [_summaries(view, rows), _each(view, "each", every), _each(view, "made", made)]
    tables += [_inner(view, inner)] if inner else []
    counted = view.choice("counted")
    if counted:
        of, to = await _named(view, "of"), await _named(view, "to")
        chosen = [row for row in rows if of in ("", row["unit"]["code"])]
        tables.append(_recipients(view, chosen) if counted == "asked" else _sent(view, chosen, counted, to))
    return view.download(*tables) or view.form(
        "assessments.html",
        unit=unit,
        note=note or _recorded(made, view.parameter("recorded")),
        status=status,
        tables=tables,
        tabs=tabs(view, unit, "/assessments"),
        period=period,
        periods=_periods(view.moment.valid_at.year, there),
        there=there,
        called=_called,
        counted_on=_counted_on(view, period) if rows else None,
        rows=rows,
        counted=counted,
        uncounted=view.here(**dict.fromkeys(NARROWING)),
        given={"by": await _own(view), **given},
        meant=meant,
    )


async def _own(view: View) -> str:
    """Who most likely assesses, the first of the reader's units: by name where only it bears that, else by code."""
    own = sorted(each for each in viewer(view.request).units(*recorders("UnitAssessed")) if each is not None)
    if not own:
        return ""
    name: str = (await view.unit(own[0]))["name"]
    try:
        return name if await _code(view, name) == own[0] else own[0]
    except Refused:
        return own[0]


def _recorded(made: list[Data], assessment: str) -> tuple[str, str] | None:
    """That the assessment that the address names was recorded."""
    for one in made:
        if one["assessment"] == assessment:
            by, of = one["by"]["name"], one["unit"]["name"]
            return (
                f"已记录：{by}给{of}评了 {one['score']} 分。",
                f"It is recorded: {by} gave {of} a score of {one['score']}.",
            )
    return None


async def _made(view: View, within: str, period: str) -> list[Data]:
    made = (await view.ask("assessments_made", within=within, period=period))["assessmentsMade"]
    return [{**one, "period": period} for one in made]


def _of_units(rows: list[Data]) -> list[Data]:
    """The assessments of all units, each with whom it is of, and for which period."""
    return [{**one, "unit": row["unit"], "period": row["period"]} for row in rows for one in row["assessments"]]


def _lies_in(period: str, whole: str) -> bool:
    inner, outer = read_period(period), read_period(whole)
    return inner is not None and outer is not None and outer.first <= inner.first and inner.last <= outer.last


def _called(period: str) -> Text:
    """What a period is called: 2026年上半年."""
    year, _, part = period.partition("-")
    return Text(f"{year}年{PARTS.get(part, f'{int(part)}月' if part.isdigit() else '')}", period)


def _counted_on(view: View, period: str) -> str:
    """The day as of which what is found is counted: the last of the period so far."""
    within = read_period(period)
    return str(min(within.last, view.moment.valid_at) if within else view.moment.valid_at)


def _periods(year: int, there: list[Data]) -> list[str]:
    """What there is to choose from: this year and the last, their halves and quarters; and any that has some."""
    usual = [f"{each}{part}" for each in (year, year - 1) for part in ("", *(f"-{part}" for part in PARTS))]
    return [*usual, *(one["period"] for one in there if one["period"] not in usual)]


async def _named(view: View, name: str) -> str:
    """The code of the unit that a parameter names; empty where it names none. Raises Refused: unknown-unit."""
    given = view.parameter(name)
    return await _code(view, given) if given else ""


def _listed(view: View, counted: str, of: str | None = None, to: str | None = None) -> str:
    """Where what a number counts is listed, on the page itself."""
    name = "asked" if counted == "asked" else "sent"
    return view.here(**{**dict.fromkeys(NARROWING), "counted": counted, "of": of, "to": to}) + f"#table-{name}"


def _summaries(view: View, rows: list[Data]) -> Table:
    def counted(field: str, which: str) -> Callable[[Data], Cell]:
        def cell(one: Data) -> Cell:
            return Cell(one[field], href=_listed(view, which, one["unit"]["code"]) if one[field] else None)

        return cell

    made = rows_of(
        rows,
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        mean=lambda one: None if one["mean"] is None else round(one["mean"], 1),
        spread=lambda one: None if one["spread"] is None else round(one["spread"], 1),
        assessed_by=lambda one: _assessed_by(view, one),
        asked_of=counted("askedOf", "asked"),
        duties=counted("dutiesSent", "duties"),
        without_power=counted("withoutPower", "powerless"),
        burdens=counted("burdensSent", "burdens"),
        findings=counted("findings", "findings"),
        overdue=counted("overdue", "overdue"),
        silent=lambda one: view.series(each["name"] for each in one["silent"]),
    )
    nothing = Text(
        "这段时间没有评议，也没有往下派活。", "Nothing was assessed in this period, and nothing was sent down."
    )
    totals = {
        "assessed_by": view.here(**{**dict.fromkeys(NARROWING), "alone": "1"}) + "#table-each",
        **{key: _listed(view, which) for key, which in TOTALS.items()},
    }
    columns = with_totals(COLUMNS, totals)
    return Table("assessments", Text("基层评议", "Assessments from below"), columns, made, nothing)


def _inner(view: View, rows: list[Data]) -> Table:
    """Who was assessed in the periods that lie within the one that is shown."""
    made = rows_of(
        rows,
        period=lambda one: _period_cell(view, one["period"]),
        unit=lambda one: unit_cell(view, one["unit"]),
        mean=lambda one: round(one["mean"], 1),
        spread=lambda one: round(one["spread"], 1),
        assessed_by=lambda one: _assessed_by(view, one),
    )
    return Table("inner", TITLES["inner"], WITHIN_IT, made, main=False)


def _period_cell(view: View, period: str) -> Cell:
    narrowed = {**dict.fromkeys(NARROWING), "period": period}
    return Cell(period, view.localized(*_called(period)), view.here(**narrowed))


def _recipients(view: View, rows: list[Data]) -> Table:
    """To whom each unit sent something, and who of them assessed it."""
    silent = {(row["unit"]["code"], one["code"]) for row in rows for one in row["silent"]}
    work = Counter((row["unit"]["code"], one["to"]["code"]) for row in rows for one in row["sent"])
    names = {one["to"]["code"]: one["to"] for row in rows for one in row["sent"]}
    pairs = [
        (row["unit"], names[code]) for row in rows for sender, code in sorted(work) if sender == row["unit"]["code"]
    ]
    made = rows_of(
        pairs,
        unit=lambda pair: unit_cell(view, pair[0]),
        to=lambda pair: unit_cell(view, pair[1]),
        work=lambda pair: Cell(
            work[pair[0]["code"], pair[1]["code"]], href=_listed(view, "all", pair[0]["code"], pair[1]["code"])
        ),
        done=lambda pair: _yes(view, (pair[0]["code"], pair[1]["code"]) not in silent),
    )
    return Table("asked", COUNTED["asked"], ASSESSORS, made, main=False)


def _yes(view: View, holds: bool) -> str:
    return view.localized("是", "yes") if holds else view.localized("否", "no")


def _sent(view: View, rows: list[Data], counted: str, to: str) -> Table:
    """The duties and burdens that units sent and a number counts, one by one."""
    fits: dict[str, Callable[[Data], bool]] = {
        "all": lambda _: True,
        "duties": lambda one: one["kind"] == "DUTY",
        "powerless": lambda one: one["withoutPower"],
        "burdens": lambda one: one["kind"] != "DUTY",
        "findings": lambda one: bool(one["findings"]),
        "overdue": lambda one: bool(one["overdue"]),
    }

    # What is found is counted as of the last day of the period so far.
    period = read_period(view.parameter("period") or f"{view.moment.valid_at.year}")
    day = {"as_of": str(period.last)} if period and period.last < view.moment.valid_at else {}

    def leading(one: Data, key: str) -> Cell:
        rule = "rectification-overdue" if key == "overdue" else None
        which = {"within": one["to"]["code"], "subject": one["ref"], "rule": rule, **day}
        return Cell(one[key], href=view.href("/findings", **which) if one[key] else None)

    made = rows_of(
        [
            {**one, "unit": row["unit"]}
            for row in rows
            for one in row["sent"]
            if fits[counted](one) and to in ("", one["to"]["code"])
        ],
        unit=lambda one: unit_cell(view, one["unit"]),
        to=lambda one: unit_cell(view, one["to"]),
        kind=lambda one: Cell(one["kind"], view.localized(*MATTER_KIND[one["kind"].lower()])),
        matter=lambda one: matter_cell(view, one["matter"]),
        powerless=lambda one: _yes(view, one["withoutPower"]) if one["kind"] == "DUTY" else None,
        findings=lambda one: leading(one, "findings"),
        overdue=lambda one: leading(one, "overdue"),
        ref=lambda one: Cell(one["ref"], href=view.href("/history", ref=one["ref"]), mark="code"),
    )
    return Table("sent", COUNTED[counted], SENT, made, main=False)


def _assessed_by(view: View, one: Data) -> Cell:
    """How many assessed a unit; leads to what they said."""
    narrowed = {**dict.fromkeys(NARROWING), "each-q": one["unit"]["name"], "period": one["period"], "alone": "1"}
    return Cell(one["assessedBy"], href=view.here(**narrowed) + "#table-each" if one["assessedBy"] else None)


def _each(view: View, name: str, every: list[Data]) -> Table:
    made = rows_of(
        every,
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        by=lambda one: Cell(one["by"]["name"], href=view.href(f"/units/{one['by']['code']}")),
        score=lambda one: one["score"],
        text=lambda one: one["text"],
        period=lambda one: _period_cell(view, one["period"]),
        on=lambda one: one["on"],
    )
    return Table(name, TITLES[name], EACH, made, Text("这段时间没有。", "None in this period."), main=False)


async def _assess(view: View, fields: Mapping[str, str]) -> Response:
    """Record what the form says; the same form sent twice is one assessment."""
    unsigned = forms.token_problem(view.request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await _assessments(view, fields, unsigned, 403)
    score, text, period = fields.get("score", "").strip(), fields.get("text", "").strip(), fields.get("period", "")
    number = whole_number(score, 100)
    if number is None:
        return await _assessments(view, fields, ("分数是 0 到 100 的整数。", "A score is a number from 0 to 100."), 400)
    if read_period(period) is None:
        return await _assessments(view, fields, ("请选择时段。", "Choose the period."), 400)
    problem = problem_of(text) if text else None
    if problem is not None:
        return await _assessments(view, fields, problem, 400)
    try:
        names = {name: await _code(view, fields.get(name, "").strip()) for name in ("unit", "by")}
        what = {**names, "period": period, "score": number, **({"text": text} if text else {})}
        drawn = hashlib.sha256(repr(sorted({**what, "at": str(today())}.items())).encode()).hexdigest()[:12]
        await view.record("assess_unit", at=str(today()), assessment=f"PY-{drawn}", **what)
    except Refused as refused:
        return await _assessments(view, fields, in_words("/assessments", refused), refused.status, refused.choices)
    return view.go("/assessments", within=view.parameter("within"), period=period, recorded=f"PY-{drawn}")


async def _code(view: View, text: str) -> str:
    """The code of a unit that is named. Raises Refused."""
    if not text:
        lookup.refuse("bad-value", "请写明单位。", "Name the unit.")
    return await lookup.unit_by_name(await view.resources.pool(), view.moment, text)
