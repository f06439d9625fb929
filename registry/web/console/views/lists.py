"""All lists: found by their title or code, or by the unit that they reach."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.resources import ServerResources

SHOWN: Final = 200  # lists at a time: a country has thousands
LISTS: Final = (
    Column("title", Text("清单", "List"), chinese=True, width=50),
    Column("covers", Text("关于", "Of"), width=10),
    Column("polarity", Text("正面或负面", "Allows or forbids"), width=10),
    Column("audience", Text("适用层级", "For"), width=10),
    Column("scope", Text("适用地域", "Within"), chinese=True, width=20),
    Column("document", Text("依据文件", "By"), chinese=True, width=30),
    Column("since", Text("施行", "Since"), "day", width=12),
)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists", methods=["GET", "HEAD"])
    async def lists(request: Request) -> Response:
        return await _lists(await View.of(request, resources))

    return routes


async def _lists(view: View) -> Response:
    """`?q=`: a text in the title or code, or the name of a unit; `?after=`: the code after which it goes on."""
    text, after = view.parameter("q"), view.parameter("after")
    answer = await view.ask(
        "lists", search=text or None, units=text, named=bool(text and not after), first=SHOWN, after=after or None
    )
    page = answer["lists"]
    rows = rows_of(
        page["nodes"],
        title=lambda one: Cell(one["title"], href=view.href(f"/lists/{one['code']}"), code=one["code"]),
        covers=lambda one: Cell(one["covers"], view.localized(*labels.MATTER_KIND[one["covers"].lower()])),
        polarity=lambda one: Cell(one["polarity"], view.localized(*labels.POLARITY[one["polarity"]])),
        audience=lambda one: Cell(one["audience"], view.localized(*labels.LEVEL[one["audience"].lower()])),
        scope=lambda one: cells.unit_cell(view, one["scope"]),
        document=lambda one: cells.document_cell(view, one["instrument"]) if one["instrument"] else None,
        since=lambda one: one["since"],
    )
    # Its own parameters begin otherwise than `q`, which is what lists are looked up by.
    table = Table("lists", Text("清单", "Lists"), LISTS, rows, main=False)
    following = page["pageInfo"]["endCursor"] if page["pageInfo"]["hasNextPage"] else None
    return view.download(table) or view.page(
        "lists.html",
        tables=[table],
        q=text,
        total=page["totalCount"],
        some=len(rows) < page["totalCount"],
        units=(answer.get("units") or {"nodes": []})["nodes"],
        following=following,
    )
