"""The page on which a file of lists is imported: what it was understood as, what is wrong, and only then recorded."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import words
from registry.exchange.sheets.planning import importing
from registry.exchange.sheets.planning.differing import CHANGES
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.recognising import headings
from registry.recording import unit_of_work
from registry.web import upload as uploads
from registry.web.pages.failure import Refused
from registry.web.pages.rendering import UNKEPT, language, render
from registry.web.upload import DECIDED, Upload

Blocking = Callable[..., Awaitable[Any]]
# What the form asks for, to be shown again with what was written there.
FIELDS: Final = (
    *("county", "instrument", "as", "kind", "from", "title", "quota", "audience", "accept", "sheet", "scope"),
    *("open", "replace", "holders", "instrument_title", "instrument_kind", "issued_on", "issuer"),
)


def router(blocking: Blocking) -> APIRouter:
    """The routes; `blocking` runs a function of a connection that may record."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists/import", methods=["GET", "HEAD"])
    async def form(sent: Request) -> Response:
        return _page(sent, Upload(b"", "", dict(sent.query_params)), None)

    @routes.post("/lists/import")
    async def take(sent: Request) -> Response:
        upload = await uploads.received(sent)
        asked = uploads.request_of(upload.fields)
        if not upload.ticked("record"):
            return _page(sent, upload, await blocking(importing.plan, upload.content, upload.name, asked))
        try:
            plan = await blocking(
                importing.carry_out, upload.content, upload.name, asked, shown=upload.fields.get("shown", "")
            )
        except importing.NotImported as refused:
            return _page(sent, upload, refused.plan)
        except importing.Changed as changed:
            return _page(sent, upload, changed.plan, why=(changed.zh, changed.en))
        except unit_of_work.Busy as busy:
            hint = ("返回后再次提交。", "Go back and send it again.")
            raise Refused(busy.code, 503, (busy.zh, busy.en), hint) from None
        return _page(sent, upload, plan, recorded=True)

    return routes


def _page(
    sent: Request, upload: Upload, plan: Plan | None, *, recorded: bool = False, why: tuple[str, str] | None = None
) -> Response:
    decided = {name: value for name, value in upload.fields.items() if name.startswith(DECIDED)}
    return render(
        "import.html",
        language(sent),
        cache=UNKEPT,
        given={name: upload.fields.get(name, "") for name in FIELDS},
        kinds=headings.kinds().values(),
        fields=headings.fields(),
        kind_options=[(kind.name, f"{kind.zh} {kind.en}") for kind in headings.kinds().values()],
        paper_options=[(kind, kind) for kind in words.INSTRUMENT_KINDS],
        changes=CHANGES,
        name=upload.name,
        content="" if plan is None or recorded else base64.b64encode(upload.content).decode(),
        plan=plan,
        decided=decided,
        recorded=recorded,
        why=why,
    )
