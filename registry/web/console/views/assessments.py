"""Assessments from below: how those to whom a department sends work judge it, beside what it sent; and the form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from registry.access.operations import recorders
from registry.domain.dates import today
from registry.domain.periods import read_period
from registry.domain.text import Text
from registry.web import forms
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.numbers import whole_number
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused, in_words
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
    Column("on", Text("日期", "Day"), "day", width=12),
)
TITLES: Final = {
    "each": Text("对这里的单位的评议", "Assessments of units here"),
    "made": Text("这里的单位作出的评议", "Assessments that units here made"),
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
    view: View, given: Mapping[str, str], note: tuple[str, str] | None = None, status: int = 200
) -> Response:
    """`?within=`, `?period=`; without, this year."""
    period = view.parameter("period") or f"{view.moment.valid_at.year}"
    unit = await territory_of(view)
    rows = (await view.ask("assessments", within=unit["code"], period=period))["assessments"]
    made = (await view.ask("assessments_made", within=unit["code"], period=period))["assessmentsMade"]
    every: list[Data] = [{**one, "unit": row["unit"]} for row in rows for one in row["assessments"]]
    tables = [_summaries(view, rows), _each(view, "each", every), _each(view, "made", made)]
    return view.download(*tables) or view.form(
        "assessments.html",
        unit=unit,
        note=note or _recorded(made, view.parameter("recorded")),
        status=status,
        tables=tables,
        tabs=tabs(view, unit, "/assessments"),
        period=period,
        periods=_periods(view.moment.valid_at.year),
        rows=rows,
        given={"by": await _own(view), **given},
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


def _periods(year: int) -> list[str]:
    """What there is to choose from: this year and the last, their halves and quarters."""
    parts = ("", "-H1", "-H2", "-Q1", "-Q2", "-Q3", "-Q4")
    return [f"{each}{part}" for each in (year, year - 1) for part in parts]


def _summaries(view: View, rows: list[Data]) -> Table:
    made = rows_of(
        rows,
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        mean=lambda one: None if one["mean"] is None else round(one["mean"], 1),
        spread=lambda one: None if one["spread"] is None else round(one["spread"], 1),
        assessed_by=lambda one: _assessed_by(view, one),
        asked_of=lambda one: one["askedOf"],
        duties=lambda one: one["dutiesSent"],
        without_power=lambda one: one["withoutPower"],
        burdens=lambda one: one["burdensSent"],
        findings=lambda one: one["findings"],
        overdue=lambda one: one["overdue"],
        silent=lambda one: view.series(each["name"] for each in one["silent"]),
    )
    nothing = Text(
        "这段时间没有评议，也没有往下派活。", "Nothing was assessed in this period, and nothing was sent down."
    )
    return Table("assessments", Text("基层评议", "Assessments from below"), COLUMNS, made, nothing)


def _assessed_by(view: View, one: Data) -> Cell:
    """How many assessed a unit; leads to what they said."""
    narrowed = {"each-q": one["unit"]["name"], "each-page": None, "recorded": None, "format": None, "table": None}
    return Cell(one["assessedBy"], href=view.here(**narrowed) + "#table-each" if one["assessedBy"] else None)


def _each(view: View, name: str, every: list[Data]) -> Table:
    made = rows_of(
        every,
        unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
        by=lambda one: Cell(one["by"]["name"], href=view.href(f"/units/{one['by']['code']}")),
        score=lambda one: one["score"],
        text=lambda one: one["text"],
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
        return await _assessments(view, fields, in_words("/assessments", refused), refused.status)
    return view.go("/assessments", within=view.parameter("within"), period=period, recorded=f"PY-{drawn}")


async def _code(view: View, text: str) -> str:
    """The code of a unit that is named. Raises Refused."""
    if not text:
        lookup.refuse("bad-value", "请写明单位。", "Name the unit.")
    return await lookup.unit(await view.resources.pool(), view.moment, text)
