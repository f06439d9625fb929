"""The first page: where to go from here, as far as the reader's roles let in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.web.authorization import lets_in
from registry.web.pages.rendering import language, render
from registry.web.viewing import viewer

router = APIRouter(include_in_schema=False)
# Pages that need no more than their address. One without a row in the table of operations is not linked.
LINKS: Final = {
    "/villages": Text("从县、乡镇里找村", "Find a village by county and township"),
    "/lists": Text("查清单", "Lists"),
    "/overview": Text("总览", "Overview"),
    "/findings": Text("问题台账", "Findings"),
    "/accountability": Text("问责查询", "Accountability"),
    "/cases": Text("案例", "Cases"),
    "/proposals": Text("下放提议", "Proposals"),
    "/drafts": Text("草稿", "Drafts"),
    "/lists/compare": Text("比较清单", "Compare lists"),
    "/lists/import": Text("导入清单文件", "Import lists from a file"),
    "/lists/import-folder": Text("导入一个文件夹", "Import a folder of lists"),
    "/undo": Text("撤回记录", "Take recordings back"),
    "/work": Text("后台的工作", "Work in the background"),
    "/log": Text("记录", "The log"),
    "/proofs": Text("日志的证明", "Proof of the log"),
    "/accounts": Text("账号", "Accounts"),
    "/docs": Text("程序接口", "The API for programs"),
    "/graphql": Text("查询接口（GraphQL）", "Query explorer (GraphQL)"),
}


@router.api_route("/", methods=["GET", "HEAD"])
async def start(request: Request) -> Response:
    """The first page."""
    links = [(path, text) for path, text in LINKS.items() if lets_in(viewer(request), path)]
    return render("start.html", language(request), links=links)
