"""The page on which a folder of lists is imported: what each file is taken for, its questions, then recorded."""

from __future__ import annotations

import base64
import io
import tempfile
import zipfile
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES
from registry.exchange.sheets.folders.folder_answers import Answers
from registry.exchange.sheets.folders.folder_import import MOST, FolderPlan, import_folder
from registry.exchange.sheets.planning.answers import EFFECTS as EFFECTS_OF_ROWS
from registry.exchange.sheets.planning.answers import SECTIONS, Kind
from registry.exchange.sheets.planning.choosing import location_text
from registry.exchange.sheets.planning.request import Request as ImportRequest
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.recognising import headings
from registry.recording import unit_of_work
from registry.web import forms
from registry.web.pages.failure import Refused
from registry.web.pages.form_page import form_page
from registry.web.upload import folder_request, need_county, received_folder
from registry.web.viewing import viewer

Blocking = Callable[..., Awaitable[Any]]
FIELDS: Final = ("county", "instrument", "as", "instrument_title", "issued_on")
ANSWER: Final = "answer:"
SKIPPED: Final = "skip:"
# What is said of one file alone, by the name of its label: `file:instrument:DIGEST`.
OF_FILE: Final = "file:"
OF_FILES: Final[Mapping[str, str]] = {
    "instrument": "instrument",
    "instrument_title": "instrument_title",
    "issued_on": "issued_on",
    "as": "code",
    "from": "day",
    "kind": "kind",
    "polarity": "polarity",
    "effect": "effect",
    "missing": "missing",
    "audience": "audience",
    "scope": "scope",
}
_LEVELS: Final[Mapping[str, Text]] = {
    "township": Text("乡镇（街道）", "townships"),
    "village": Text("村（社区）", "villages"),
}
STATES: Final[Mapping[str, Text]] = {
    "ready": Text("可记录", "ready"),
    "recorded": Text("已记录", "recorded"),
    "unchanged": Text("已在登记簿中", "recorded before"),
    "asked": Text("待答复", "asked about"),
    "wrong": Text("有误", "wrong"),
    "skipped": Text("跳过", "left out"),
}


def router(run_in_thread: Blocking) -> APIRouter:
    """The routes; `run_in_thread` runs a function of a connection that may record."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists/import-folder", methods=["GET", "HEAD"])
    async def form(request: Request) -> Response:
        return _page(request, {}, dict(request.query_params))

    @routes.post("/lists/import-folder")
    async def submit(request: Request) -> Response:
        return await _submitted(request, run_in_thread)

    return routes


async def _submitted(request: Request, run_in_thread: Blocking) -> Response:
    """What the files are understood as; recorded together where `record` is pressed and nothing is open."""
    files, fields = await received_folder(request, MOST)
    # A page that brings back what was handed in, up to 20 MB, is made in a thread: others are answered meanwhile.
    unsigned = forms.token_problem(request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await to_thread(_page, request, files, fields, status=403, note=unsigned)
    try:
        wanted = folder_request({name: value for name, value in fields.items() if name in FIELDS})
    except Refused as refused:
        return await to_thread(_page, request, files, fields, status=refused.status, note=refused.message)
    await run_in_thread(need_county, viewer(request), wanted.county)
    record = "record" in fields
    try:
        made = await run_in_thread(_imported, files, wanted, _answers(fields), dry_run=not record)
    except BadSheet as bad:
        problem = bad.problems[0]
        return await to_thread(_page, request, files, fields, status=400, note=problem.on("page"))
    except unit_of_work.Busy as busy:
        return await to_thread(_page, request, files, fields, status=503, note=Text(busy.zh, busy.en))
    return await to_thread(_page, request, files, fields, made, recorded=record and not made.open)


def _imported(
    connection: psycopg.Connection[Any],
    files: Mapping[str, bytes],
    request: ImportRequest,
    answers: Answers,
    *,
    dry_run: bool,
) -> FolderPlan:
    """Import the files from a folder that is deleted afterwards. Raises BadSheet, Busy."""
    with tempfile.TemporaryDirectory(prefix="quanze-folder-") as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return import_folder(connection, Path(folder), request, answers, dry_run=dry_run)


def _answers(fields: Mapping[str, str]) -> Answers:
    """What was chosen in the boxes of the page."""
    chosen: dict[str, dict[str, str]] = {"unit": {}, "matter": {}, "confirm": {}}
    for name, value in fields.items():
        kind, _, key = name.removeprefix(ANSWER).partition(":")
        if name.startswith(ANSWER) and kind in chosen and value:
            chosen[kind][key] = value
    texts: dict[tuple[Kind, str], str] = {}
    for kind in SECTIONS:
        begins = f"{ANSWER}{kind}:"
        given = {name.removeprefix(begins): text for name, text in fields.items() if name.startswith(begins) and text}
        texts |= {(kind, text): answer for text, answer in given.items()}
    stated: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        what, _, digest = name.removeprefix(OF_FILE).partition(":")
        if name.startswith(OF_FILE) and what in OF_FILES and value:
            stated.setdefault(digest, {})[OF_FILES[what]] = value
    return Answers(
        stated=stated,
        texts=texts,
        skipped=frozenset(name.removeprefix(SKIPPED) for name in fields if name.startswith(SKIPPED)),
        confirmed=frozenset(key for key, value in chosen["confirm"].items() if value == "yes"),
        denied=frozenset(key for key, value in chosen["confirm"].items() if value == "no"),
        units=chosen["unit"],
        matters=chosen["matter"],
    )


def _page(
    request: Request,
    files: Mapping[str, bytes],
    fields: Mapping[str, str],
    made: FolderPlan | None = None,
    *,
    recorded: bool = False,
    status: int = 200,
    note: tuple[str, str] | None = None,
) -> Response:
    """The form with what was entered, below what the files were understood as."""
    return form_page(
        request,
        "import_folder.html",
        status=status,
        note=note,
        labels=LABELS,
        of_files=tuple(OF_FILES),
        options={
            "kind": {kind.name: (kind.zh, kind.en) for kind in headings.kinds().values()},
            "polarity": POLARITIES,
            "effect": EFFECTS,
            "missing": MISSING,
            "audience": _LEVELS,
        },
        row_answers=EFFECTS_OF_ROWS,
        given={name: fields.get(name, "") for name in FIELDS},
        chosen=fields,
        states=STATES,
        count=len(files),
        content="" if recorded else _packed(files),
        made=made,
        recorded=recorded,
        location_text=location_text,
    )


def _packed(files: Mapping[str, bytes]) -> str:
    """The files as the form carries them on: an archive in base64."""
    if not files:
        return ""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return base64.b64encode(output.getvalue()).decode()
