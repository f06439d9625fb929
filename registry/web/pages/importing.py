"""The page on which a file of lists is imported: what it was understood as, what is wrong, and only then recorded."""

from __future__ import annotations

import base64
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import words
from registry.domain.labels import INSTRUMENT_KIND
from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.planning import accounting, answers, confirming, importing
from registry.exchange.sheets.planning.choosing import location_text
from registry.exchange.sheets.planning.differing import CHANGES
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.recognising import headings
from registry.recording import unit_of_work
from registry.web import forms
from registry.web.pages.failure import Refused
from registry.web.pages.form_page import form_page
from registry.web.upload import DECIDED, Upload, import_request, need_county, received
from registry.web.viewing import viewer

Blocking = Callable[..., Awaitable[Any]]
# What the form has boxes for, to be shown again with what was written in them.
FIELDS: Final = tuple(name for name in LABELS if name != "file")


def router(run_in_thread: Blocking) -> APIRouter:
    """The routes; `blocking` runs a function of a connection that may record."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists/import", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return _page(request, Upload(b"", "", dict(request.query_params)))

    @routes.post("/lists/import")
    async def submit(request: Request) -> Response:
        return await _submitted(request, run_in_thread)

    return routes


async def _submitted(request: Request, run_in_thread: Blocking) -> Response:
    """What the file is understood as; recorded where `record` is ticked and it is still what was shown.

    Where the form cannot be taken as it is, it is shown again with what was entered, and why.
    """
    upload = await received(request)
    # A page that brings back what was handed in, up to 20 MB, is made in a thread: others are answered meanwhile.
    unsigned = forms.token_problem(request, upload.fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await to_thread(_page, request, upload, status=403, note=unsigned)
    try:
        wanted = import_request(upload.fields, "page")
    except Refused as refused:
        return await to_thread(_page, request, upload, status=refused.status, note=refused.message)
    await run_in_thread(need_county, viewer(request), wanted.county)
    if not upload.ticked("record"):
        plan = await run_in_thread(importing.plan, upload.content, upload.name, wanted)
        return await to_thread(_page, request, upload, plan)
    try:
        shown = upload.fields.get("shown", "")
        plan = await run_in_thread(importing.carry_out, upload.content, upload.name, wanted, shown=shown)
    except importing.NotImported as refused:
        return await to_thread(_page, request, upload, refused.plan)
    except importing.Changed as changed:
        return await to_thread(_page, request, upload, changed.plan, note=Text(changed.zh, changed.en))
    except unit_of_work.Busy as busy:
        return await to_thread(_page, request, upload, status=503, note=Text(busy.zh, busy.en))
    return await to_thread(_page, request, upload, plan, recorded=True)


def _page(
    request: Request,
    upload: Upload,
    plan: Plan | None = None,
    *,
    recorded: bool = False,
    status: int = 200,
    note: tuple[str, str] | None = None,
) -> Response:
    """The form with what was entered, below what the file was understood as; `note`: why it is shown again."""
    return form_page(
        request,
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
        recorded=recorded,
        location_text=location_text,
    )
