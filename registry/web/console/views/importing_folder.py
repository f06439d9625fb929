"""The view in which a folder of lists is imported: what each file is taken for, its questions, then recorded."""

from __future__ import annotations

import base64
from asyncio import to_thread
from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request, Response

from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.folders.folder_import import MOST
from registry.exchange.sheets.planning.answers import CHOSEN
from registry.exchange.sheets.planning.choosing import location_text
from registry.exchange.sheets.recognising import headings
from registry.web import forms
from registry.web.background import work
from registry.web.console.asking import Data
from registry.web.console.importing import reading
from registry.web.console.importing.folder_fields import FIELDS, folder_wanted
from registry.web.console.importing.folder_table import folder_table
from registry.web.console.importing.pages import GONE, UPLOAD, came_of, county_code, county_problem, handed_on
from registry.web.console.view import View
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.upload import need_county, packed, received_folder
from registry.web.viewing import viewer

_LEVELS: Final[Mapping[str, Text]] = {
    "township": Text("乡镇（街道）", "townships"),
    "village": Text("村（社区）", "villages"),
}
# Of the boxes of a file those that are a choice: the words, by value.
OPTIONS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "kind": {kind.name: (kind.zh, kind.en) for kind in headings.kinds().values()},
    "polarity": POLARITIES,
    "effect": EFFECTS,
    "missing": MISSING,
    "audience": _LEVELS,
}
_EMPTY: Final = ("文件夹中没有文件：请核对路径。", "There are no files in the folder: check its path.")


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/lists/import-folder", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return await _shown(await View.of(request, resources))

    @routes.post("/lists/import-folder")
    async def submit(request: Request) -> Response:
        return await _submitted(await View.of(request, resources))

    return routes


async def _shown(view: View) -> Response:
    """The empty form, or what came of the work `?work=`: on to it while it is under way."""
    id_ = view.parameter("work")
    if not id_:
        return _page(view, b"", dict(view.request.query_params))
    came = await came_of(view, reading.FOLDER, id_)
    if came is None:
        return view.go(f"/work/{id_}")
    fields = {**came.fields, UPLOAD: id_}
    return await to_thread(_page, view, b"", fields, came.result, status=came.status, note=came.note)


async def _submitted(view: View) -> Response:
    """Have the files read in the background, or recorded together where `record` is pressed and nothing is open."""
    request, run_in_thread = view.request, view.resources.run_in_thread
    files, fields = await received_folder(request, MOST)
    # A page that brings back what was handed in, up to 20 MB, is made in a thread: others are answered meanwhile.
    content = await to_thread(packed, files)
    fields["county"] = await county_code(view, fields.get("county", ""))
    unsigned = forms.token_problem(request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await to_thread(_page, view, content, fields, status=403, note=unsigned)
    try:
        wanted = folder_wanted(fields)
    except Refused as refused:
        return await to_thread(_page, view, content, fields, status=refused.status, note=refused.message)
    nowhere = await county_problem(view, wanted.county)
    if nowhere is not None:
        return await to_thread(_page, view, content, fields, status=404, note=nowhere)
    await run_in_thread(need_county, viewer(request), wanted.county)
    before = fields.get(UPLOAD, "")
    if not content and before:
        content = await work.file(view, before) or b""
        if not content:
            left = {name: text for name, text in fields.items() if name != UPLOAD}
            return _page(view, b"", left, status=409, note=GONE)
    if not content:
        return _page(view, b"", fields, status=400, note=_EMPTY)
    return await handed_on(view, reading.FOLDER, content, "", fields)


def _page(
    view: View,
    content: bytes,
    fields: Mapping[str, str],
    made: Data | None = None,
    *,
    status: int = 200,
    note: tuple[str, str] | None = None,
) -> Response:
    """The form with what was entered, below what the files were understood as. `content`: the files, packed."""
    recorded = bool(made and made["recorded"])
    tables = [folder_table(view, made, fields, OPTIONS)] if made else []
    return (view.download(*tables) if tables else None) or view.form(
        "import_folder.html",
        status=status,
        tables=tables,
        note=note,
        labels=LABELS,
        chosen_answers=CHOSEN,
        given={name: fields.get(name, "") for name in FIELDS},
        chosen=fields,
        content=base64.b64encode(content).decode(),
        upload="" if recorded or content else fields.get(UPLOAD, ""),
        made=made,
        recorded=recorded,
        location_text=location_text,
    )
