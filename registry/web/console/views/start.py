"""The first page: where to go from here, as far as the reader's roles let in, first of all to its territories."""

from __future__ import annotations

from typing import Final

import asyncpg
from fastapi import APIRouter, Request, Response

from registry.access.territory import READING
from registry.database import NoDatabase
from registry.domain.text import Text
from registry.web.authorization import lets_in
from registry.web.console.view import View
from registry.web.console.views import territories
from registry.web.pages.rendering import FRESH, UNKEPT, language, render
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

MOST: Final = 12  # territories on the first page
# Pages that need no more than their address. One without a row in the table of operations is not linked.
LINKS: Final = {
    "/villages": Text("从县、乡镇里找村", "Find a village by county and township"),
    "/receipts": Text("凭回执号查反映的答复", "Look up the answer to a report by its receipt number"),
    "/lists": Text("查清单", "Lists"),
    "/overview": Text("总览", "Overview"),
    "/findings": Text("问题台账", "Findings"),
    "/reports": Text("基层反映", "Reports from below"),
    "/monitoring": Text("监测点月报", "The monitoring points' month"),
    "/assessments": Text("基层评议", "Assessments from below"),
    "/accountability": Text("问责查询", "Accountability"),
    "/cases": Text("案例", "Cases"),
    "/proposals": Text("准入申请", "Proposals for admission"),
    "/drafts": Text("草稿", "Drafts"),
    "/lists/compare": Text("比较清单", "Compare lists"),
    "/lists/import": Text("导入清单文件", "Import lists from a file"),
    "/lists/import-folder": Text("导入一个文件夹", "Import a folder of lists"),
    "/undo": Text("撤回记录", "Take recordings back"),
    "/work": Text("后台的工作", "Work in the background"),
    "/log": Text("记录", "The log"),
    "/proofs": Text("日志的证明", "Proof of the log"),
    "/admin": Text("系统管理", "Administration"),
    "/accounts": Text("账号", "Accounts"),
    "/docs": Text("程序接口", "The API for programs"),
    "/graphql": Text("查询接口（GraphQL）", "Query explorer (GraphQL)"),
}


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def start(request: Request) -> Response:
        who = viewer(request)
        own: list[dict[str, str]] | None = None
        if who.open or who.units(*READING):
            try:
                units = await territories.own(await View.of(request, resources))
                own = [{"code": unit["code"], "name": unit["name"]} for unit in units]
            except (NoDatabase, OSError, asyncpg.PostgresError):
                own = None  # the first page is there without a database too
        links = [(path, text) for path, text in LINKS.items() if lets_in(who, path)]
        cache = FRESH if own is None else UNKEPT
        return render("start.html", language(request), cache=cache, territories=own, most=MOST, links=links)

    return routes
