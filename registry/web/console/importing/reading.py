"""Reading and recording what was handed in, in the background: files of lists, and folders of them."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import psycopg

from registry.domain.text import Text
from registry.exchange.sheets.folders.folder_answers import Answers
from registry.exchange.sheets.folders.folder_import import MOST as MOST_FILES
from registry.exchange.sheets.folders.folder_import import FolderPlan, import_folder
from registry.exchange.sheets.grids import Grid
from registry.exchange.sheets.planning import importing
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Request as ImportRequest
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading.files import read
from registry.impact.simulation import MOST
from registry.recording import unit_of_work
from registry.web.background import work
from registry.web.background.kinds import Kind, Progress
from registry.web.console import asking
from registry.web.console.asking import Data
from registry.web.console.importing.folder_fields import folder_answers, folder_wanted
from registry.web.console.importing.pages import ALTERED, LOOKED, entries_digest
from registry.web.console.importing.shown import folder_shown, plan_shown, sheets_shown
from registry.web.failures import Refused
from registry.web.graphql.execution import Asking
from registry.web.graphql.relay import MOST as MOST_NODES
from registry.web.pages.failure import Refused as PageRefused
from registry.web.upload import import_request, unpacked


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file came to: its plan, its sheets as they are, and why it is shown again instead of being recorded."""

    plan: Plan
    grids: tuple[Grid, ...] = ()
    note: Text | None = None
    recorded: bool = False


async def _file(given: Asking, parameters: dict[str, Any], report: Progress) -> Data:
    """What a file comes to, recorded where `record` is said and it is still what was shown. Raises Refused: busy."""
    fields = dict[str, str](parameters["fields"])
    looked = fields.pop(LOOKED, "")
    wanted = import_request(fields, "page")
    report(5, "正在读取文件", "reading the file")
    run = given.resources.run_in_thread
    content, name = parameters["file"], parameters["name"]
    altered = bool(looked) and looked != entries_digest(fields, name)
    if parameters["record"] and not altered:
        made = await run(_carried_out, content, name, wanted, fields.get("shown", ""))
    else:
        made = await run(_looked_at, content, name, wanted, report)
        made = replace(made, note=ALTERED) if parameters["record"] else made
    report(60, "正在判断会产生和消除什么问题", "judging what it opens and closes")
    return {
        "plan": plan_shown(made.plan),
        "sheets": sheets_shown(made.grids, made.plan),
        "effects": None if made.recorded else await _effects(given, made.plan),
        "units": await _units(given, wanted.county) if made.plan.open_units else [],
        "note": made.note and list(made.note),
        "recorded": made.recorded,
    }


def _looked_at(
    connection: psycopg.Connection[Any], content: bytes, name: str, wanted: ImportRequest, report: Progress
) -> _Read:
    """What a file comes to, and its sheets, read once."""
    try:
        grids = read(content, name)
    except BadSheet:  # the plan says what is wrong
        return _Read(importing.plan(connection, content, name, wanted))
    report(30, "正在与登记簿比对", "comparing it with the registry")
    return _Read(importing.plan(connection, grids, name, wanted), tuple(grids))


def _carried_out(
    connection: psycopg.Connection[Any], content: bytes, name: str, wanted: ImportRequest, shown: str
) -> _Read:
    try:
        return _Read(importing.carry_out(connection, content, name, wanted, shown=shown), recorded=True)
    except importing.NotImported as refused:
        return _Read(refused.plan)
    except importing.Changed as changed:
        return _Read(changed.plan, note=Text(changed.zh, changed.en))
    except unit_of_work.Busy as busy:
        raise Refused(busy.code, busy.zh, busy.en) from None


async def _effects(given: Asking, plan: Plan) -> Data | None:
    """What recording a plan would open and close; None where that is not looked at, or cannot be said."""
    if plan.errors or plan.open_units or not 0 < len(plan.steps) <= MOST:
        return None
    try:
        answer = await asking.ask(given, "draft_effects", {"decisions": plan.decisions}, None)
    except PageRefused:  # busy, or not the reader's to ask: the file can be recorded all the same
        return None
    effects: Data = answer["simulate"]
    return None if effects["errors"] else effects


async def _units(given: Asking, county: str) -> list[Data]:
    """The departments of a county, to choose from for names that nobody has decided on."""
    units: list[Data] = []
    after: str | None = None
    while True:
        answer = await asking.ask(given, "draft_children", {"code": county, "first": MOST_NODES, "after": after}, None)
        if answer["unit"] is None:
            return units
        page = answer["unit"]["children"]
        units += [unit for unit in page["nodes"] if unit["level"] == "COUNTY"]
        if not page["pageInfo"]["hasNextPage"]:
            return units
        after = page["pageInfo"]["endCursor"]


async def _folder(given: Asking, parameters: dict[str, Any], report: Progress) -> Data:
    """What a folder comes to; recorded together where `record` is said and nothing is open. Raises Refused: busy."""
    fields: dict[str, str] = parameters["fields"]
    files = unpacked(parameters["file"], MOST_FILES)
    report(5, f"正在读取 {len(files)} 个文件", f"reading {len(files)} files")
    run, record = given.resources.run_in_thread, parameters["record"]
    made = await run(_folder_read, files, folder_wanted(fields), folder_answers(fields), dry_run=not record)
    return {**folder_shown(made), "recorded": record and not made.open}


def _folder_read(
    connection: psycopg.Connection[Any],
    files: Mapping[str, bytes],
    request: ImportRequest,
    answers: Answers,
    *,
    dry_run: bool,
) -> FolderPlan:
    """Import the files from a folder that is deleted afterwards. Raises Refused: busy, and why there are no lists."""
    with tempfile.TemporaryDirectory(prefix="quanze-folder-") as folder:
        for name, content in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        try:
            return import_folder(connection, Path(folder), request, answers, dry_run=dry_run)
        except BadSheet as bad:
            raise Refused("bad-value", *bad.problems[0].on("page")) from None
        except unit_of_work.Busy as busy:
            raise Refused(busy.code, busy.zh, busy.en) from None


def _file_page(id_: str, _: dict[str, Any]) -> tuple[str, dict[str, str]]:
    return "/lists/import", {"work": id_}


def _folder_page(id_: str, _: dict[str, Any]) -> tuple[str, dict[str, str]]:
    return "/lists/import-folder", {"work": id_}


FILE: Final = work.register(
    Kind("import-file", Text("导入清单文件", "Import of lists"), _file_page, over_api=_file, shows_failure=True)
)
FOLDER: Final = work.register(
    Kind(
        "import-folder",
        Text("导入一个文件夹", "Import of a folder"),
        _folder_page,
        over_api=_folder,
        shows_failure=True,
    )
)
