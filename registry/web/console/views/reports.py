"""Reports from below: those of a territory with what they come to, and one with what speaks for it and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from registry.access.operations import recorders
from registry.domain.dates import today
from registry.domain.labels import MATTER_KIND, REPORT_OUTCOME
from registry.domain.receipts import read_receipt
from registry.domain.text import Text
from registry.queries.lists.items import speaks_of
from registry.web import forms
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of, with_totals
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused, in_words, offer
from registry.web.pages.reporting import LONGEST, problem_of
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of
from registry.web.viewing import viewer

OPEN: Final = Text("待答复", "open")
STATES: Final = {"open": OPEN, "answered": Text("已答复", "answered")}
POINTS: Final = {"yes": Text("只看监测点的", "theirs alone")}
offer("/reports", "state", Text("答复", "Answer"), STATES, every=True)
offer("/reports", "outcome", Text("怎样答复的", "How answered"), REPORT_OUTCOME, every=True)
offer("/reports", "points", Text("监测点", "Monitoring points"), POINTS, every=True)
offer("/reports", "by", Text("反映单位（名称或代码）", "Who reports (name or code of a unit)"))
offer("/reports", "from", Text("布置单位（名称或代码）", "Sender (name or code of a unit)"))
HIDDEN_DIGITS: Final = "**** ****"  # the first eight of a receipt's number, in its groups
NOBODY: Final = "-"  # `from=` of reports about nothing named
COLUMNS: Final = (
    Column("on", Text("日期", "Day"), "day", width=12),
    Column("unit", Text("单位", "Unit"), chinese=True, width=22),
    Column("text", Text("反映", "Report"), chinese=True, width=50),
    Column("about", Text("所指事项", "About"), chinese=True, width=30),
    Column("sender", Text("布置单位", "Sent by"), chinese=True, width=22),
    Column("state", Text("答复", "Answer"), width=10),
    Column("days", Text("天数", "Days"), "number", width=8),
    Column("answer", Text("答复内容", "What was answered"), chinese=True, hidden=True, width=40),
)
COUNTED: Final = (
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("reports", Text("反映", "Reports"), "number", total=True),
    Column("open", Text("待答复", "Open"), "number", total=True),
    Column("upheld", Text("属实", "Upheld"), "number", total=True),
    Column("rejected", Text("不属实", "Rejected"), "number", total=True),
    Column("resolved", Text("已解决", "Resolved"), "number", total=True),
    Column("days", Text("答复天数中位数", "Median days to the answer"), "number"),
)


# Without what narrows the reports down, for a number that counts others of them.
WHOLE: Final[dict[str, str | None]] = dict.fromkeys(("state", "outcome", "by", "from", "points", "q", "page"))


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/reports", methods=["GET", "HEAD"])
    async def every(request: Request) -> Response:
        return await _all(await View.of(request, resources))

    @routes.api_route("/reports/{report:path}", methods=["GET", "HEAD"])
    async def one(request: Request, report: str) -> Response:
        return await _one(await View.of(request, resources), report, {})

    @routes.post("/reports/{report:path}")
    async def answered(request: Request, report: str) -> Response:
        return await _answered(await View.of(request, resources), report, await fields_of(request))

    return routes


async def _all(view: View) -> Response:
    """`?within=`, `?state=` open or answered, `?outcome=`, `?since=` and `?until=`.

    `?points=yes`: those of monitoring points alone. `?by=`: who reports; `?from=`: who sent what it is about, NOBODY of
    what names nothing.
    """
    unit = await territory_of(view)
    outcome_, by, sender = view.choice("outcome"), await _named(view, "by"), await _named(view, "from")
    state, points = view.choice("state") or None, view.choice("points")
    given = {name: view.parameter(name) for name in ("since", "until")}
    days: Data = {name: str(lookup.day(text, name)) for name, text in given.items() if text}
    if len(days) > 1:
        lookup.refuse_unless_ordered(date.fromisoformat(days["since"]), date.fromisoformat(days["until"]), "since")
    every = await view.ask_all("reports", "reports", within=unit["code"], state=state, **days)
    reports = [
        one
        for one in every
        if outcome_ in ("", one["outcome"])
        and by in (None, one["unit"]["code"])
        and (not points or one["unit"]["monitored"])
        and sender in (None, one["from"]["code"] if one["from"] else NOBODY)
    ]
    counted = await view.ask("report_statistics", within=unit["code"], **days)
    table = Table(
        "reports",
        Text("基层反映", "Reports from below"),
        COLUMNS,
        rows_of(
            reports,
            on=lambda one: one["on"],
            unit=lambda one: Cell(one["unit"]["name"], href=view.href(f"/units/{one['unit']['code']}")),
            text=lambda one: Cell(
                one["text"], href=view.href(f"/reports/{one['report']}"), code=written(one["report"])
            ),
            about=lambda one: (
                one["matter"]
                and Cell(one["matter"]["name"], href=view.href(f"/matters/{one['matter']['code']}"), code=one["about"])
            ),
            sender=lambda one: (
                one["from"] and Cell(one["from"]["name"], href=view.href(f"/units/{one['from']['code']}"))
            ),
            state=lambda one: Cell(one["outcome"] or "open", view.localized(*outcome(one["outcome"])), mark="whole"),
            days=lambda one: one["days"],
            answer=lambda one: one["answer"],
        ),
        Text("没有这样的反映。", "There are no such reports."),
    )
    tables = [
        table,
        _counted(view, "senders", Text("按布置单位", "By who sent it"), counted["senders"]),
        _counted(view, "units", Text("按反映单位", "By who reports"), counted["units"]),
    ]
    (total,) = counted["all"]
    page: Data = {
        "tabs": tabs(view, unit, "/reports"),
        "total": total,
        "state": state or "",
        "states": STATES,
        "narrowed": bool(outcome_ or by or sender or points),
        "number": len(reports),
        "since": "",
        "until": "",
        **days,
    }
    return view.download(*tables) or view.page("reports.html", unit=unit, tables=tables, **page)


def _counted(view: View, name: str, title: Text, rows: Sequence[Data]) -> Table:
    """Reports counted by units, each a link to what it counts where there is one."""

    def unit(one: Data) -> Cell:
        if one["unit"] is None:
            return Cell("", view.localized("没有写明所指", "About nothing named"))
        code = one["unit"]["code"]
        leads = view.href("/reports", within=code) if name == "units" else view.href(f"/units/{code}")
        return Cell(one["unit"]["name"], href=leads)

    def number(one: Data, key: str) -> Cell:
        if not one[key]:
            return Cell(one[key])
        of = {"by" if name == "units" else "from": one["unit"]["code"] if one["unit"] else NOBODY}
        return Cell(one[key], href=view.here(**{**WHOLE, **of, **_only(key)}) + "#table-reports")

    counts = ("reports", "open", "upheld", "rejected", "resolved")
    rows_made = [
        {"unit": unit(one), **{key: number(one, key) for key in counts}, "days": Cell(one["days"])} for one in rows
    ]
    totals = {key: view.here(**{**WHOLE, **_only(key)}) + "#table-reports" for key in counts}
    return Table(name, title, with_totals(COUNTED, totals), rows_made, main=False)


def _only(count: str) -> dict[str, str]:
    """What narrows the reports down to those of a count."""
    return {"state": "open"} if count == "open" else {} if count == "reports" else {"outcome": count}


async def _named(view: View, parameter: str) -> str | None:
    """The code of the unit that a parameter names, or NOBODY; None where it has none. Raises Refused: unknown-unit."""
    given = view.parameter(parameter)
    if not given or (given == NOBODY and parameter == "from"):
        return given or None
    return await lookup.unit_by_name(await view.resources.pool(), view.moment, given, parameter)


async def _one(
    view: View, number: str, given: Mapping[str, str], note: tuple[str, str] | None = None, status: int = 200
) -> Response:
    report = (await view.ask("report", report=number))["report"]
    if report is None:
        shown = number[:100]
        lookup.refuse("unknown-ref", f"没有记录过反映“{shown}”。", f"No report {shown} is recorded.")
    unit = await view.unit(report["unit"]["code"])
    return view.form(
        "report.html",
        unit=unit,
        note=note,
        status=status,
        report=report,
        number=written(report["report"]),
        given=given,
        forbidden=[
            one for one in report["unit"]["negativeList"] if speaks_of(report["text"], one["name"], one["terms"])
        ],
        answerers=_answerers(view, report),
        outcomes=REPORT_OUTCOME,
        outcome=outcome(report["outcome"]),
        kinds={name.upper(): text for name, text in MATTER_KIND.items()},
        longest=LONGEST,
    )


def _answerers(view: View, report: Data) -> list[Data]:
    """Who may be the one to answer: the units above, and who sent what it is about; where roles are, of those first."""
    above: list[Data] = []
    parent = report["unit"]["parent"]
    while parent is not None:
        above.append(parent)
        parent = parent.get("parent")
    units = [*above, *([report["from"]] if report["from"] else [])]
    own = viewer(view.request).units(*recorders("ReportAnswered"))
    return sorted({each["code"]: each for each in units}.values(), key=lambda each: each["code"] not in own)


async def _answered(view: View, number: str, fields: Mapping[str, str]) -> Response:
    text = fields.get("text", "").strip()
    unsigned = forms.token_problem(view.request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await _one(view, number, fields, unsigned, 403)
    if fields.get("outcome") not in REPORT_OUTCOME:
        return await _one(view, number, fields, ("请选择结果。", "Choose the outcome."), 400)
    problem = problem_of(text)
    if problem is not None:
        return await _one(view, number, fields, problem, 400)
    answer = {"at": str(today()), "report": number, "by": fields.get("by", ""), "text": text}
    try:
        await view.record("answer_report", **answer, outcome=fields["outcome"])
    except Refused as refused:
        return await _one(view, number, fields, in_words("/reports", refused), refused.status)
    return view.go(f"/reports/{number}", done="answered")


def outcome(name: str | None) -> Text:
    """How a report was answered, in words."""
    return REPORT_OUTCOME[name] if name else OPEN


def written(report: str) -> str:
    """A report's number; of a receipt's the last four digits, for with all of it anybody may look the answer up."""
    return f"{HIDDEN_DIGITS} {report[-4:]}" if read_receipt(report) == report else report
