"""The view in which an administrator sees all accounts, and makes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from registry.access import accounts, attempts, change_words, passwords
from registry.access.accounts import Account
from registry.access.problems import AccountProblem
from registry.access.roles import DOES, GIVEN
from registry.domain.text import Text
from registry.queries.units.resolve import UnknownName
from registry.web import forms
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views.account import added, need_administrator, of_administrator, refused
from registry.web.console.views.own_account import Shown, with_unit
from registry.web.console.words import time_cell
from registry.web.failures import STATUS
from registry.web.pages.rendering import address, language
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of, unsigned

COLUMNS: Final = (
    Column("name", Text("账号", "Account"), own_words=True, width=20),
    Column("how", Text("登录方式", "Logs in"), width=14),
    Column("roles", Text("角色", "Roles"), own_words=True, width=40),
    Column("state", Text("状态", "State"), width=20),
    Column("seen", Text("最近在线", "Last seen"), width=18),
    Column("made", Text("设立时间", "Made"), hidden=True, width=18),
)
ORIGINS: Final = {"provider": Text("统一身份认证", "identity provider"), "proxy": Text("单位入口", "proxy")}
PASSWORD: Final = Text("密码", "password")
TOKENS: Final = Text("只用令牌", "tokens only")
NO_ROLE: Final = Text("没有", "none")
DISABLED: Final = Text("已停用", "disabled")
IN_USE: Final = Text("在用", "in use")


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])
    run = resources.identities.threads.run

    @routes.api_route("/accounts", methods=["GET", "HEAD"])
    async def every(request: Request) -> Response:
        return need_administrator(request) or await _page(await View.of(request, resources), Shown())

    @routes.post("/accounts")
    async def add(request: Request) -> Response:
        elsewhere = need_administrator(request)
        if elsewhere is not None:
            return elsewhere
        view, fields = await View.of(request, resources), await fields_of(request)
        note = unsigned(request, fields)
        if note is not None:
            return await _page(view, Shown(note, given=fields), status=403)
        named = await with_unit(view, fields)
        if isinstance(named, Shown):
            return await _page(view, named, status=404)
        try:
            name = await run(added, named, of_administrator(request))
        except (AccountProblem, UnknownName) as problem:
            return await _page(view, refused(problem, fields), status=STATUS.get(problem.code, 400))
        return RedirectResponse(address(f"/accounts/{name}", language(request)), 303)

    return routes


async def _page(view: View, shown: Shown, *, status: int = 200) -> Response:
    run = view.resources.identities.threads.run
    every = await run(accounts.every)
    names = await run(change_words.unit_names, [grant for one in every for grant in one.grants])
    table = _table(view, every, names, await run(attempts.locked, [one.name for one in every]))
    return view.download(table) or view.form(
        "accounts.html",
        status=status,
        tables=[table],
        note=shown.note,
        given=shown.given,
        meant=shown.meant,
        roles=GIVEN,
        does=DOES,
        least=passwords.SHORTEST,
        own_day=True,
    )


def _table(view: View, every: list[Account], names: Mapping[str, str], locked: Mapping[str, int]) -> Table:
    def how(one: Account) -> str:
        return view.localized(*ORIGINS.get(one.origin, PASSWORD if one.has_password else TOKENS))

    def roles(one: Account) -> str:
        return view.series(view.localized(*change_words.role(grant, names)) for grant in one.grants)

    def state(one: Account) -> Cell:
        if one.disabled_at is not None:
            return Cell("disabled", view.localized(*DISABLED), mark="WARNING")
        if one.name in locked:
            minutes = locked[one.name]
            text = (f"试错太多，暂停登录 {minutes} 分钟", f"locked for {minutes} minutes")
            return Cell("locked", view.localized(*text), mark="VIOLATION")
        return Cell("in-use", view.localized(*IN_USE))

    rows = rows_of(
        every,
        name=lambda one: Cell(one.name, href=view.href(f"/accounts/{one.name}")),
        how=how,
        roles=lambda one: roles(one) or view.localized(*NO_ROLE),
        state=state,
        seen=lambda one: time_cell(one.seen_at.isoformat()) if one.seen_at else None,
        made=lambda one: time_cell(one.made_at.isoformat()),
    )
    return Table("accounts", Text("账号", "Accounts"), COLUMNS, rows)
