"""The page on which a file of lists is imported: what it was understood as, what is wrong, and only then recorded."""

from __future__ import annotations

import base64
import re
from asyncio import to_thread
from dataclasses import replace
from datetime import date
from typing import Final

import orjson
from fastapi import APIRouter, Depends, Request, Response

from registry.domain import words
from registry.domain.labels import INSTRUMENT_KIND
from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.planning import answers
from registry.exchange.sheets.recognising import headings
from registry.web import forms
from registry.web.background import work
from registry.web.console.asking import Data
from registry.web.console.drafting import naming
from registry.web.console.drafting.assessing import SHOWN, by_unit, new_matters
from registry.web.console.importing import reading
from registry.web.console.importing.pages import (
    GONE,
    LOOKED,
    UPLOAD,
    came_of,
    county_code,
    county_problem,
    entries_digest,
    handed_on,
)
from registry.web.console.importing.shown import ROWS
from registry.web.console.importing.tables import ImportTables, import_tables
from registry.web.console.view import View
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.upload import DECIDED, Upload, import_request, need_county, received
from registry.web.viewing import viewer

# What the form has boxes for, to be shown again with what was written in them.
FIELDS: Final = tuple(name for name in LABELS if name != "file")
BESIDE: Final = "beside"  # how a list stands to those of its kind
_SEAT: Final = re.compile("(?:人民政府|办事处)$")
_BETWEEN: Final = re.compile("[,，、;；]")
OF_ITEMS: Final = ("new", "changed", "withdrawn", "reinstated", "ends")  # changes of a list's items


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/lists/import", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return await _shown(await View.of(request, resources))

    @routes.post("/lists/import")
    async def submit(request: Request) -> Response:
        return await _submitted(await View.of(request, resources))

    return routes


async def _shown(view: View) -> Response:
    """The empty form, or what came of the work `?work=`: on to it while it is under way."""
    id_ = view.parameter("work")
    if not id_:
        return _page(view, Upload(b"", "", dict(view.request.query_params)))
    came = await came_of(view, reading.FILE, id_)
    if came is None:
        return view.go(f"/work/{id_}")
    upload = Upload(b"", came.name, {**came.fields, UPLOAD: id_})
    note = came.note or (Text(*came.result["note"]) if came.result and came.result["note"] else None)
    return await to_thread(_page, view, upload, came.result, status=came.status, note=note)


async def _submitted(view: View) -> Response:
    """Have the file read in the background, or recorded where `record` is ticked; on to what it came to.

    Where the form cannot be taken as it is, it is shown again with what was entered, and why.
    """
    request, run_in_thread = view.request, view.resources.run_in_thread
    upload = await _with_codes(view, await received(request))
    # A page that brings back what was handed in, up to 20 MB, is made in a thread: others are answered meanwhile.
    unsigned = forms.token_problem(request, upload.fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await to_thread(_page, view, upload, status=403, note=unsigned)
    try:
        wanted = import_request(
            {name: text for name, text in upload.fields.items() if name not in (UPLOAD, LOOKED)}, "page"
        )
    except Refused as refused:
        return await to_thread(_page, view, upload, status=refused.status, note=refused.message)
    nowhere = await county_problem(view, wanted.county)
    if nowhere is not None:
        return await to_thread(_page, view, upload, status=404, note=nowhere)
    await run_in_thread(need_county, viewer(request), wanted.county)
    content, before = upload.content, upload.fields.get(UPLOAD, "")
    if not content and before:
        kept = await work.file(view, before)
        if kept is None:
            fields = {name: text for name, text in upload.fields.items() if name != UPLOAD}
            return _page(view, Upload(b"", "", fields), status=409, note=GONE)
        content = kept
    record = "1" if upload.ticked("record") else ""
    return await handed_on(view, reading.FILE, content, upload.name, {**upload.fields, "record": record})


async def _with_codes(view: View, upload: Upload) -> Upload:
    """The same with the county and the list by their codes, where they are named otherwise.

    A button of BESIDE (`adjust:CODE`, `replace:CODE`, `both:CODE`) fills in what the form has for it.
    """
    fields = dict(upload.fields)
    chosen, _, code = fields.pop(BESIDE, "").partition(":")
    if chosen:
        fields |= {"as": code, "replace": "1" if chosen == "replace" else ""}
    fields["county"] = await county_code(view, fields.get("county", ""))
    for name in ("scope", "issuer"):
        if fields.get(name):
            fields[name] = await _unit_codes(view, fields[name], fields["county"])
    if fields.get("as"):
        fields["as"] = await naming.list_code(view, fields["as"])
    return replace(upload, fields=fields)


async def _unit_codes(view: View, text: str, county: str) -> str:
    """Units by their codes, joined by commas; what names none, or several, as it was written."""
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    return ",".join([await _unit_code(view, part, county) for part in parts])


async def _unit_code(view: View, text: str, county: str) -> str:
    """The code of a unit by its name, or of the only one of the county whose name ends so: 流水镇, 宜城市流水镇."""
    unit = await naming.unit(view, text)
    if unit is not None:
        return unit["code"]
    near = (await view.ask("draft_unit_search", search=text[:100], first=naming.CANDIDATES))["units"]["nodes"]
    own = [one["code"] for one in near if one["code"].startswith(county) and _SEAT.sub("", one["name"]).endswith(text)]
    return own[0] if len(own) == 1 else text


def _page(
    view: View,
    upload: Upload,
    result: Data | None = None,
    *,
    status: int = 200,
    note: tuple[str, str] | None = None,
) -> Response:
    """The form with what was entered, below what the file was understood as; `note`: why it is shown again."""
    plan = result["plan"] if result else None
    effects = result["effects"] if result else None
    recorded = bool(result and result["recorded"])
    # The boxes of a text beside items hold the whole answer: what was answered before, and did not do, goes.
    shown_again = {f"note:{text}" for kind, text, _ in (plan["open_texts"] if plan else ()) if kind == "note"}
    tables = import_tables(view, result, upload.fields) if result else ImportTables((), {})
    return view.download(*tables.tables) or view.form(
        "import.html",
        tables=tables.tables,
        unboxed=tables.hidden,
        status=status,
        note=note,
        given={name: upload.fields.get(name, "") for name in FIELDS},
        labels=LABELS,
        kinds=headings.kinds().values(),
        kind_options=[(kind.name, kind.zh, kind.en) for kind in headings.kinds().values()],
        paper_options=[(kind, *INSTRUMENT_KIND[kind]) for kind in words.INSTRUMENT_KINDS],
        polarity_options=[(name, *text) for name, text in POLARITIES.items()],
        effect_options=[(name, *text) for name, text in EFFECTS.items()],
        text_question=answers.worded_question,
        text_choices=answers.CHOICES,
        chosen_answers=answers.CHOSEN,
        note_answers=answers.NOTE_ANSWERS,
        missing_options=[(name, *text) for name, text in MISSING.items()],
        name=upload.name,
        content=base64.b64encode(upload.content).decode(),
        upload="" if recorded or upload.content else upload.fields.get(UPLOAD, ""),
        plan=plan,
        looked=entries_digest(upload.fields, upload.name),
        decided={
            name: value for name, value in upload.fields.items() if name.startswith(DECIDED) and name not in shown_again
        },
        units=result["units"] if result else [],
        adjusted_from=_adjusted_from(plan) if plan and not recorded else None,
        sheets=result["sheets"] if result and not recorded else [],
        effects=effects,
        opened=by_unit(effects["opened"]) if effects else [],
        unborn=new_matters(plan["decisions"] or ()) if plan and not recorded else set[str](),
        closed=by_unit(effects["closed"]) if effects else [],
        drafted=orjson.dumps(plan["decisions"]).decode() if plan and plan["decisions"] and not recorded else "",
        recorded=recorded,
        rows_shown=ROWS,
        most=SHOWN,
    )


def _adjusted_from(plan: Data) -> date | None:
    """The first day on which a list that stands would read otherwise; None where no list that stands is adjusted."""
    steps = plan["steps"]
    if {"adopted", "repealed"} & {step["change"] for step in steps} or not plan["lists"]:
        return None
    days = [date.fromisoformat(str(step["at"])) for step in steps if step["change"] in OF_ITEMS]
    return min(days, default=None)
