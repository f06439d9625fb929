"""Background work of the reader: how far each piece has come, and on to its result."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.web.background import work
from registry.web.background.kinds import kind
from registry.web.background.work import Work
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.resources import ServerResources

STATES: Final = {
    "running": Text("正在办理", "under way"),
    "done": Text("已办完", "done"),
    "failed": Text("没有办成", "not done"),
    "interrupted": Text("已中断，请重新发起", "interrupted: begin again"),
}
COLUMNS: Final = (
    Column("what", Text("事项", "What"), width=40),
    Column("state", Text("状态", "State"), width=16),
    Column("progress", Text("进度（%）", "Done (%)"), "number", width=10),
    Column("began", Text("发起时间", "Began"), width=20),
    Column("ended", Text("办完时间", "Ended"), width=20),
)
UNKNOWN: Final = Text("后台工作", "Background work")


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/work", methods=["GET", "HEAD"])
    async def works(request: Request) -> Response:
        return await _all(await View.of(request, resources))

    @routes.api_route("/work/{number}", methods=["GET", "HEAD"])
    async def one(request: Request, number: str) -> Response:
        return await _one(await View.of(request, resources), number)

    return routes


def title(view: View, piece: Work) -> str:
    """What a piece of work does, in words."""
    known = kind(piece.kind)
    return view.localized(*(known.title if known else UNKNOWN))


async def _all(view: View) -> Response:
    table = Table(
        "work",
        Text("后台工作", "Background work"),
        COLUMNS,
        rows_of(
            await work.listed(view),
            what=lambda one: Cell(title(view, one), href=view.href(f"/work/{one.id}")),
            state=lambda one: Cell(one.state, view.localized(*STATES[one.state])),
            progress=lambda one: one.progress,
            began=lambda one: f"{one.began_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            ended=lambda one: one.ended_at and f"{one.ended_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        ),
        Text("近一天没有发起过后台工作。", "Nothing was begun within a day."),
    )
    return view.download(table) or view.page("works.html", tables=[table])


async def _one(view: View, id_: str) -> Response:
    """How far it is; once it has ended, on to its page: by HX-Redirect where the page asks again by itself."""
    piece = await work.one(view, id_)
    known = kind(piece.kind)
    if known is not None and (piece.state == "done" or (known.shows_failure and piece.state != "running")):
        path, parameters = known.address(piece.id, piece.parameters)
        if view.request.headers.get("hx-request"):
            return Response(status_code=204, headers={"HX-Redirect": view.href(path, **parameters)})
        return view.go(path, **parameters)
    return view.page("work.html", piece=piece, title=title(view, piece), state=view.localized(*STATES[piece.state]))
