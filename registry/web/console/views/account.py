"""The view in which an administrator keeps an account: its roles, disabled or not; tokens; and who changed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from registry.access import accounts, attempts, change_words, changes, passwords, sessions, tokens
from registry.access.accounts import Account
from registry.access.changes import By, Change
from registry.access.problems import AccountProblem
from registry.access.roles import DOES, GIVEN, Role
from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.queries.units.resolve import UnknownName
from registry.web import forms
from registry.web.console.account_tables import REVOKE, changes_table, tokens_table
from registry.web.console.view import View
from registry.web.console.views.own_account import Shown, number_in, token_from, with_unit
from registry.web.failures import STATUS
from registry.web.identities import identity_of
from registry.web.pages.rendering import address, language
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of, unsigned

CHANGES: Final = 1000  # listed, the newest


@dataclass(frozen=True, slots=True)
class One:
    """An account as an administrator sees it."""

    account: Account
    sessions: list[sessions.Line]
    tokens: list[tokens.Line]
    changes: list[Change]
    names: dict[str, str]  # of units, by code
    tried: int  # how often the password was wrong of late
    locked: int | None  # in how many minutes one can log in again, where it was tried too often


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])
    identities = resources.identities
    run = identities.threads.run

    @routes.api_route("/accounts/{name}", methods=["GET", "HEAD"])
    async def one(request: Request, name: str) -> Response:
        return need_administrator(request) or await _one(await View.of(request, resources), name, Shown())

    @routes.post("/accounts/{name}")
    async def change(request: Request, name: str) -> Response:
        elsewhere = need_administrator(request)
        if elsewhere is not None:
            return elsewhere
        by, fields = of_administrator(request), await fields_of(request)
        view, note = await View.of(request, resources), unsigned(request, fields)
        if note is not None:
            return await _one(view, name, Shown(note, given=fields), status=403)
        named = await with_unit(view, fields)
        if isinstance(named, Shown):
            return await _one(view, name, named, status=404)
        try:
            shown = await run(_changed, name, named, by)
        except (AccountProblem, UnknownName) as problem:
            status = STATUS.get(problem.code, 400)
            return await _one(view, name, refused(problem, fields), status=status)
        identities.forget()
        return await _one(view, name, shown)

    return routes


def added(connection: psycopg.Connection[Any], fields: Mapping[str, str], by: By) -> str:
    """Make the account that a form says; gives its name. Raises AccountProblem, UnknownName."""
    name = accounts.fit_name(fields.get("name", ""))
    grants = [_grant(connection, fields)] if fields.get("role") else []
    accounts.add(connection, name, fields.get("password") or None, grants, by)
    return name


def _grant(connection: psycopg.Connection[Any], fields: Mapping[str, str]) -> Any:
    return accounts.grant_of(connection, fields.get("role", ""), fields.get("unit", "").strip())


def _changed(connection: psycopg.Connection[Any], name: str, fields: Mapping[str, str], by: By) -> Shown:
    """Do what a form asks for. Raises AccountProblem, UnknownUnit."""
    match fields.get("do", ""):
        case "give":
            accounts.give(connection, name, _grant(connection, fields), by)
            return Shown(done=Text("已授予。", "The role is given."))
        case "take":
            accounts.take(connection, name, _taken(connection, name, fields), by)
            return Shown(done=Text("已收回。", "The role is taken away."))
        case "disable":
            accounts.disable(connection, name, by)
            return Shown(
                done=Text("已停用，登录和令牌都已失效。", "It is disabled: its log-ins and tokens work no more.")
            )
        case "enable":
            accounts.enable(connection, name, by)
            return Shown(done=Text("已恢复使用。", "It can be used again."))
        case "unlock":
            accounts.unlock(connection, name, by)
            return Shown(done=Text("已解除锁定，可以再登录。", "It is unlocked: one can log in again."))
        case "password":
            kept = accounts.named(connection, name).name
            locked = bool(attempts.locked(connection, [kept]))
            accounts.set_password(connection, name, fields.get("password", ""), by)
            if locked:
                return Shown(done=Text("密码已改，锁定也已解除。", "The password is changed, and it is unlocked."))
            return Shown(done=Text("密码已改。", "The password is changed."))
        case "everywhere":
            sessions.end_all(connection, accounts.named(connection, name).name, by)
            return Shown(done=Text("已在所有地方退出。", "It is logged out everywhere."))
        case "revoke":
            tokens.revoke(connection, name, number_in(fields), by)
            return Shown(done=Text("令牌已作废。", "The token works no more."))
        case "token":
            return token_from(connection, name, fields, by)
        case _:
            return Shown()


def _taken(connection: psycopg.Connection[Any], name: str, fields: Mapping[str, str]) -> Any:
    """The role of the account that a form names; its unit need not be one any more. Raises AccountProblem."""
    for grant in accounts.named(connection, name).grants:
        if accounts.shown(grant) == fields.get("grant"):
            return grant
    raise AccountProblem("bad-value", "这个账号没有这一角色。", "The account does not have this role.")


def of_administrator(request: Request) -> By:
    """Who changes an account on a page."""
    return By(identity_of(request).viewer.account or "", "page")


def need_administrator(request: Request) -> Response | None:
    """The way to log in for who has not. Raises AccountProblem, forbidden, for who is no administrator."""
    identity = identity_of(request)
    if identity.viewer.account is None:
        return RedirectResponse(address("/login", language(request), next="/accounts"), 303)
    if Role.ADMINISTRATOR not in {grant.role for grant in identity.viewer.grants} or not identity.ambient:
        raise AccountProblem("forbidden", "账号由系统管理员管理。", "Accounts are kept by administrators.")
    return None


def refused(problem: AccountProblem | UnknownName, fields: Mapping[str, str]) -> Shown:
    """Why a form is shown again, with what was entered."""
    text = problem.text if isinstance(problem, UnknownName) else Text(problem.zh, problem.en)
    return Shown(text, given=fields)


async def _one(view: View, name: str, shown: Shown, *, status: int = 200) -> Response:
    """The page, or the file of a table of it where one is asked for; `shown`: what came of what was sent."""
    known: One = await view.resources.identities.threads.run(_known, name)
    tables = [tokens_table(view, known.tokens, known.names), changes_table(view, known.changes, known.names)]
    file = view.download(*tables) if view.request.method != "POST" else None
    return file or view.form(
        "account_of.html",
        status=status,
        tables=tables,
        note=shown.note,
        one=known,
        seen=f"{known.account.seen_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if known.account.seen_at else "",
        came=shown,
        roles=GIVEN,
        does=DOES,
        spelled=accounts.shown,
        in_words=change_words.roles_with(known.names),
        least=passwords.SHORTEST,
        revoke=REVOKE,
        own_day=True,
    )


def _known(connection: psycopg.Connection[Any], name: str) -> One:
    account = accounts.named(connection, name)
    given, changed = tokens.of_account(connection, account.name), changes.newest(connection, account.name, CHANGES)
    grants = [*account.grants, *(one.grant for one in given)]
    names = change_words.unit_names(connection, grants, changed)
    locked = attempts.locked(connection, [account.name]).get(account.name)
    tried = attempts.tried(connection, account.name)
    return One(account, sessions.of_account(connection, account.name), given, changed, names, tried, locked)
