"""Documents: one by its number, with what rests on it and what would fall with it; and all of them."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.checker import RULES
from registry.domain import labels
from registry.domain.text import Text
from registry.domain.words import INSTRUMENT_KINDS
from registry.web.console import cells
from registry.web.console.asking import NOT_SEEN, Data
from registry.web.console.decision_table import decision_table, decisions_naming
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.pages import address as lookup
from registry.web.pages.failure import TAB, Refused, offer
from registry.web.resources import ServerResources

FALLS_MOST: Final = 1000  # findings of a repeal that the page lists
TABS: Final = {
    "": Text("以它为依据的", "What rests on it"),
    "repeal": Text("若今日废止", "If it were repealed"),
    "history": Text("变更记录", "History"),
}
DOCUMENTS: Final = (
    Column("number", Text("文件", "Document"), chinese=True, width=60),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("issuer", Text("发布单位", "Issued by"), chinese=True, width=28),
    Column("since", Text("施行", "Since"), "day", width=12),
    Column("until", Text("废止", "Until"), "day", width=12),
    Column("force", Text("是否有效", "In force"), width=10),
)
RESTING: Final = (
    Column("kind", Text("种类", "Kind"), width=10),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("sender", Text("交办单位", "From"), chinese=True, width=24),
    Column("to", Text("承接单位", "To"), chinese=True, width=24),
    Column("role", Text("承担方式", "How"), width=10),
    Column("since", Text("起始", "Since"), "day", width=12),
    Column("until", Text("终止", "Until"), "day", width=12),
    Column("ref", Text("编号", "Id"), hidden=True, width=16),
)
LISTS: Final = (
    Column("title", Text("清单", "List"), chinese=True, width=50),
    Column("covers", Text("关于", "Of"), width=10),
    Column("audience", Text("适用层级", "For"), width=10),
    Column("scope", Text("适用地域", "Within"), chinese=True, width=20),
)
FALLS: Final = (
    Column("severity", Text("程度", "Severity"), width=8),
    Column("rule", Text("问题", "Finding"), width=20),
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("message", Text("说明", "What would be wrong"), own_words=True, width=80),
)


NOTHING_FALLS: Final = Text("废止它不会产生新的问题。", "Nothing new would be wrong.")
NOTHING_FALLS_SEEN: Final = Text(
    "在您能查看的范围内，废止它不会产生新的问题。", "Within what you may see nothing new would be wrong."
)
offer(
    "/documents",
    "kind",
    Text("种类", "Kind"),
    {name: labels.INSTRUMENT_KIND[name] for name in INSTRUMENT_KINDS},
    every=True,
)
offer("/documents", "tab", TAB, TABS)


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/documents", methods=["GET", "HEAD"])
    async def documents(request: Request) -> Response:
        return await _documents(await View.of(request, resources))

    @routes.api_route("/documents/{number:path}", methods=["GET", "HEAD"])
    async def document(request: Request, number: str) -> Response:
        return await _document(await View.of(request, resources), number)

    return routes


async def _documents(view: View) -> Response:
    """`?q=`: part of the title or number; `?kind=`: one of INSTRUMENT_KINDS."""
    kind = view.choice("kind")
    rows = rows_of(
        await view.ask_all("documents", "instruments", kind=kind or None),
        number=lambda one: cells.document_cell(view, one),
        kind=lambda one: Cell(one["kind"], view.localized(*labels.INSTRUMENT_KIND[one["kind"]])),
        issuer=lambda one: cells.unit_cell(view, one["issuer"]),
        since=lambda one: one["since"],
        until=lambda one: one["until"],
        force=lambda one: _in_force(view, one),
    )
    table = Table("documents", Text("文件", "Documents"), DOCUMENTS, rows)
    named = [(name, view.localized(*labels.INSTRUMENT_KIND[name])) for name in INSTRUMENT_KINDS]
    return view.download(table) or view.page("documents.html", tables=[table], kinds=named, kind=kind)


def _in_force(view: View, document: Data) -> Cell:
    return Cell(int(document["inForce"]), view.localized(*(("有效", "yes") if document["inForce"] else ("无效", "no"))))


async def _document(view: View, number: str) -> Response:
    """`?tab=`: one of TABS; that of the repeal asks only when it is asked for, for it checks whole territories."""
    about = (await view.ask("document", number=number))["instrument"]
    if about is None:
        lookup.refuse("unknown-instrument", f"没有文号为“{number}”的文件。", f"There is no document {number}.")
    tab = view.choice("tab")
    path = view.request.scope["path"]
    links = [(view.href(path, tab=name or None), view.localized(*text), name == tab) for name, text in TABS.items()]
    values: dict[str, Any] = {"asked": False, "total": 0, "vestings": 0, "seen": True}
    try:
        tables = await _tables(view, number, tab, values)
    except Refused as refused:
        if refused.code not in NOT_SEEN:
            raise
        tables, values["seen"] = [], False  # the document itself is published
    return view.download(*tables) or view.page(
        "document.html",
        about=about,
        kind=labels.INSTRUMENT_KIND[about["kind"]],
        tab=tab,
        links=links,
        tables=tables,
        most=FALLS_MOST,
        **values,
    )


async def _tables(view: View, number: str, tab: str, values: dict[str, Any]) -> list[Table]:
    """The tables of a tab; what else its page shows goes into `values`."""
    if tab == "history":
        return [await decision_table(view, (await decisions_naming(view, instrument=number))[::-1])]
    if tab == "":
        tables, values["vestings"] = await _resting(view, number)
        return tables
    if not view.parameter("ask"):
        return []
    limited = not (await view.seen()).everywhere
    if view.parameter("format"):  # files have them all
        return [_falls(view, await view.ask_all("document_falls", "restsOn.openedPage", number=number), limited)]
    first = await view.ask("document_falls", number=number, first=FALLS_MOST, after=None)
    opened = first["restsOn"]["openedPage"]
    values |= {"asked": True, "total": opened["totalCount"], "limited": limited}
    return [_falls(view, opened["nodes"], limited)]


async def _resting(view: View, number: str) -> tuple[list[Table], int]:
    """Delegations and lists in force by it, and how many powers are vested by it."""
    delegations, first, lists = await asyncio.gather(
        view.ask_all("document_rests", "restsOn.delegationsPage", number=number),
        view.ask("document_rests", number=number, first=0),
        view.ask_all("document_lists", "lists"),
    )
    by_code = {one["code"]: one for one in lists}
    rows = rows_of(
        delegations,
        kind=lambda one: Cell(one["kind"], view.localized(*labels.MATTER_KIND[one["kind"].lower()])),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        sender=lambda one: cells.unit_cell(view, one["from"]),
        to=lambda one: cells.unit_cell(view, one["to"]),
        role=lambda one: cells.role_cell(view, one["role"]),
        since=lambda one: one["at"],
        until=lambda one: one["until"],
        ref=lambda one: one["ref"],
    )
    listed = rows_of(
        [by_code[code] for code in first["restsOn"]["lists"] if code in by_code],
        title=lambda one: Cell(one["title"], href=view.href(f"/lists/{one['code']}"), code=one["code"]),
        covers=lambda one: Cell(one["covers"], view.localized(*labels.MATTER_KIND[one["covers"].lower()])),
        audience=lambda one: Cell(one["audience"], view.localized(*labels.LEVEL[one["audience"].lower()])),
        scope=lambda one: "全国" if one["scope"] is None else cells.unit_cell(view, one["scope"]),
    )
    tables = [
        Table("resting", Text("下放、赋权、交办", "Delegations"), RESTING, rows),
        Table("lists", Text("清单", "Lists"), LISTS, listed, main=False),
    ]
    return tables, first["restsOn"]["vestings"]


def _falls(view: View, findings: list[Data], limited: bool) -> Table:
    rows = rows_of(
        findings,
        severity=lambda one: Cell(one["severity"], view.localized(*cells.SEVERITY[one["severity"]])),
        rule=lambda one: Cell(one["rule"], view.localized(*RULES[one["rule"]].title)),
        unit=lambda one: cells.unit_cell(view, one["unit"]),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        message=lambda one: one["message"],
    )
    none = NOTHING_FALLS_SEEN if limited else NOTHING_FALLS
    return Table("falls", Text("会新产生的问题", "What would be found"), FALLS, rows, none)
