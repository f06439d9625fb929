"""The page on which a file of lists is imported: what it was understood as, what is wrong, and only then recorded."""

from __future__ import annotations

import base64
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson
import psycopg
from fastapi import APIRouter, Depends, Request, Response

from registry.domain import words
from registry.domain.labels import INSTRUMENT_KIND
from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.grids import Grid
from registry.exchange.sheets.planning import accounting, answers, confirming, importing
from registry.exchange.sheets.planning.choosing import location_text
from registry.exchange.sheets.planning.differing import CHANGES
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Request as ImportRequest
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading.files import read
from registry.exchange.sheets.recognising import headings
from registry.exchange.sheets.recognising.accounts import Use
from registry.impact.simulation import MOST
from registry.recording import unit_of_work
from registry.web import forms
from registry.web.console.asking import Data
from registry.web.console.drafting import naming
from registry.web.console.drafting.assessing import SHOWN, by_unit, effects_of
from registry.web.console.view import View
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.upload import COLUMN, DECIDED, IGNORED, Upload, import_request, need_county, received
from registry.web.viewing import viewer

ROWS: Final = 300  # of a sheet, shown beside what they were taken for
WIDTH: Final = 30  # columns of one
# What the form has boxes for, to be shown again with what was written in them.
FIELDS: Final = tuple(name for name in LABELS if name != "file")


@dataclass(frozen=True, slots=True)
class Understood:
    """A file as it was understood. `grids`: its sheets as they are; `effects`: what recording it would open and close.

    `effects` is None where that was not looked at: there is nothing to record, or too much at once.
    """

    plan: Plan
    grids: Sequence[Grid] = ()
    effects: Data | None = None
    units: Sequence[Data] = ()  # of the county, for names of units that nobody has decided on


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet as it is: its number, what it was taken for, and its cells with the problem of each, from 1."""

    number: int
    use: Text | None
    cells: list[tuple[str, int, bool]] = field(default_factory=list[tuple[str, int, bool]])


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/lists/import", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return _page(await View.of(request, resources), Upload(b"", "", dict(request.query_params)))

    @routes.post("/lists/import")
    async def submit(request: Request) -> Response:
        return await _submitted(await View.of(request, resources))

    return routes


async def _submitted(view: View) -> Response:
    """What the file is understood as; recorded where `record` is ticked and it is still what was shown.

    Where the form cannot be taken as it is, it is shown again with what was entered, and why.
    """
    request, run_in_thread = view.request, view.resources.run_in_thread
    upload = await _with_codes(view, await received(request))
    # A page that brings back what was handed in, up to 20 MB, is made in a thread: others are answered meanwhile.
    unsigned = forms.token_problem(request, upload.fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await to_thread(_page, view, upload, status=403, note=unsigned)
    try:
        wanted = import_request(upload.fields, "page")
    except Refused as refused:
        return await to_thread(_page, view, upload, status=refused.status, note=refused.message)
    if not wanted.county.isdecimal() and await naming.unit(view, wanted.county) is None:
        zh, en = (
            f"没有县（市、区）“{wanted.county[:80]}”，或同名的有几个：核对名称，或写代码。",
            f"There is no county “{wanted.county[:80]}”, or several are called so: check the name, or write its code.",
        )
        return await to_thread(_page, view, upload, status=404, note=Text(zh, en))
    await run_in_thread(need_county, viewer(request), wanted.county)
    if not upload.ticked("record"):
        understood = await run_in_thread(_understood, upload, wanted)
        return await to_thread(_page, view, upload, await _with_effects(view, understood, wanted.county))
    try:
        shown = upload.fields.get("shown", "")
        plan = await run_in_thread(importing.carry_out, upload.content, upload.name, wanted, shown=shown)
    except importing.NotImported as refused:
        return await to_thread(_page, view, upload, Understood(refused.plan))
    except importing.Changed as changed:
        made = await _with_effects(view, Understood(changed.plan), wanted.county)
        return await to_thread(_page, view, upload, made, note=Text(changed.zh, changed.en))
    except unit_of_work.Busy as busy:
        return await to_thread(_page, view, upload, status=503, note=Text(busy.zh, busy.en))
    return await to_thread(_page, view, upload, Understood(plan), recorded=True)


async def _with_codes(view: View, upload: Upload) -> Upload:
    """The same with the county and the list by their codes, where they are named otherwise."""
    fields = dict(upload.fields)
    county = fields.get("county", "")
    if county and not county.isdecimal():
        row = await naming.unit(view, county)
        fields["county"] = row["code"] if row else county
    if fields.get("as"):
        fields["as"] = await naming.list_code(view, fields["as"])
    return replace(upload, fields=fields)


def _understood(connection: psycopg.Connection[Any], upload: Upload, wanted: ImportRequest) -> Understood:
    """What a file comes to, and its sheets, read once."""
    try:
        grids = read(upload.content, upload.name)
    except BadSheet:  # the plan says what is wrong
        return Understood(importing.plan(connection, upload.content, upload.name, wanted))
    return Understood(importing.plan(connection, grids, upload.name, wanted), grids)


async def _with_effects(view: View, understood: Understood, county: str) -> Understood:
    """The same with what it would open and close, as far as that is looked at; with units to choose from, if needed."""
    plan = understood.plan
    if plan.open_units:
        units = await view.ask_all("draft_children", "unit.children", code=county)
        return replace(understood, units=[unit for unit in units if unit["level"] == "COUNTY"])
    if plan.errors or not 0 < len(plan.steps) <= MOST:
        return understood
    try:
        effects = await effects_of(view, plan.decisions)
    except Refused:  # busy, or not the reader's to ask: the file can be recorded all the same
        return understood
    return understood if effects["errors"] else replace(understood, effects=effects)


def _sheets(understood: Understood) -> list[tuple[Grid, list[Line]]]:
    """The sheets as they are, each row with what it was taken for, cells with what is wrong in them."""
    plan = understood.plan
    numbers = {problem.location: number for number, problem in enumerate([*plan.errors, *plan.warnings], 1)}
    wrong = {problem.location for problem in plan.errors}
    uses: dict[tuple[str, int], Use] = {
        (use.sheet, use.number): use.use for table in plan.tables for use in accounting.uses(table, plan.problems)
    }
    return [
        (
            grid,
            [
                Line(
                    number,
                    accounting.CALLED[uses[grid.name, number]] if (grid.name, number) in uses else None,
                    _cells(row, numbers, wrong),
                )
                for number, row in enumerate(grid.rows[:ROWS], grid.top)
            ],
        )
        for grid in understood.grids
    ]


def _cells(row: Sequence[Any], numbers: Mapping[str, int], wrong: set[str]) -> list[tuple[str, int, bool]]:
    return [
        (cell.text[:400], numbers.get(cell.location, 0) if cell.location else 0, cell.location in wrong)
        for cell in row[:WIDTH]
    ]


def _page(
    view: View,
    upload: Upload,
    understood: Understood | None = None,
    *,
    recorded: bool = False,
    status: int = 200,
    note: tuple[str, str] | None = None,
) -> Response:
    """The form with what was entered, below what the file was understood as; `note`: why it is shown again."""
    plan = understood.plan if understood else None
    effects = understood.effects if understood else None
    drafted = plan and not plan.errors and not recorded and 0 < len(plan.steps) <= MOST
    return view.form(
        "import.html",
        status=status,
        note=note,
        given={name: upload.fields.get(name, "") for name in FIELDS},
        labels=LABELS,
        kinds=headings.kinds().values(),
        fields=headings.fields(),
        kind_options=[(kind.name, kind.zh, kind.en) for kind in headings.kinds().values()],
        paper_options=[(kind, *INSTRUMENT_KIND[kind]) for kind in words.INSTRUMENT_KINDS],
        changes=CHANGES,
        questions=confirming.questions(plan) if plan and not plan.errors else [],
        polarity_options=[(name, *text) for name, text in POLARITIES.items()],
        effect_options=[(name, *text) for name, text in EFFECTS.items()],
        text_questions=answers.QUESTIONS,
        text_choices=answers.CHOICES,
        row_answers=answers.EFFECTS,
        missing_options=[(name, *text) for name, text in MISSING.items()],
        name=upload.name,
        content="" if recorded else base64.b64encode(upload.content).decode(),
        plan=plan,
        accounts=[accounting.uses(table, plan.problems) for table in plan.tables] if plan else [],
        accounting=accounting,
        decided={name: value for name, value in upload.fields.items() if name.startswith(DECIDED)},
        columns={name: value for name, value in upload.fields.items() if name.startswith(COLUMN)},
        ignored=IGNORED,
        units=understood.units if understood else [],
        numbers=_numbers(plan) if plan else [],
        sheets=_sheets(understood) if understood and not recorded else [],
        effects=effects,
        opened=by_unit(effects["opened"]) if effects else [],
        closed=by_unit(effects["closed"]) if effects else [],
        too_many=plan is not None and len(plan.steps) > MOST,
        drafted=orjson.dumps(plan.decisions).decode() if plan and drafted else "",
        recorded=recorded,
        location_text=location_text,
        rows_shown=ROWS,
        most=SHOWN,
    )


def _numbers(plan: Plan) -> list[int]:
    """Which table of its sheet each table is, from 1."""
    seen: dict[str, int] = {}
    numbers: list[int] = []
    for table in plan.tables:
        seen[table.sheet] = seen.get(table.sheet, 0) + 1
        numbers.append(seen[table.sheet])
    return numbers
