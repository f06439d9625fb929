"""The view of one's own account: where one is logged in, tokens for programs, another password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from registry.access import accounts, attempts, change_words, passwords, sessions, tokens
from registry.access.accounts import Account
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.domain.text import Text
from registry.queries.units.resolve import UnknownName
from registry.web import forms
from registry.web.console.account_tables import END, REVOKE, sessions_table, tokens_table
from registry.web.console.view import View
from registry.web.failures import STATUS
from registry.web.identities import identity_of
from registry.web.pages import address as lookup
from registry.web.pages.failure import NO_CHOICE, Choice, Refused
from registry.web.pages.rendering import address, language
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of, unsigned


@dataclass(frozen=True, slots=True)
class Own:
    """What is known of an account and shown to its owner."""

    account: Account
    sessions: list[sessions.Line]
    tokens: list[tokens.Line]
    names: dict[str, str]  # of units, by code


@dataclass(slots=True)
class Shown:
    """What a page shows besides: a note, what was entered, and a token just made, which is never shown again."""

    note: Text | None = None
    done: Text | None = None
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    token: str | None = None
    meant: Choice = NO_CHOICE  # the units that may be meant by the one that was entered


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])
    identities = resources.identities
    run = identities.threads.run

    @routes.api_route("/account", methods=["GET", "HEAD"])
    async def look(request: Request) -> Response:
        name = identity_of(request).viewer.account
        return _to_log_in(request) if name is None else await _page(await View.of(request, resources), name, Shown())

    @routes.post("/account")
    async def change(request: Request) -> Response:
        identity, fields = identity_of(request), await fields_of(request)
        name = identity.viewer.account
        if name is None:
            return _to_log_in(request)
        view, note = await View.of(request, resources), unsigned(request, fields)
        if note is not None:
            return await _page(view, name, Shown(note, given=fields), status=403)
        if not identity.ambient:
            raise AccountProblem(
                "forbidden",
                "令牌只供程序使用，不能改动账号。",
                "A token is for programs: with it no account is changed.",
            )
        named = await with_unit(view, fields)
        if isinstance(named, Shown):
            return await _page(view, name, named, status=404)
        try:
            shown = await run(_changed, name, named, _where(request))
        except (AccountProblem, UnknownName) as refused:
            text = refused.text if isinstance(refused, UnknownName) else Text(refused.zh, refused.en)
            shown, status = Shown(text, given=fields), STATUS.get(refused.code, 400)
            return await _page(view, name, shown, status=status)
        identities.forget()
        if fields.get("do") in ("password", "everywhere"):  # this session has ended too
            return RedirectResponse(address("/login", language(request)), 303)
        return await _page(view, name, shown)

    return routes


async def with_unit(view: View, fields: Mapping[str, str]) -> Mapping[str, str] | Shown:
    """What was entered, its unit by its code; or the form again with the units that may be meant."""
    text = fields.get("unit", "").strip()
    if not text or text in accounts.WHOLE:
        return fields
    try:
        code = await lookup.unit_by_name(await view.resources.pool(), view.moment, text, "unit")
    except Refused as refused:
        return Shown(Text(*refused.message), given=fields, meant=refused.choices)
    return {**fields, "unit": code}


def token_from(connection: psycopg.Connection[Any], name: str, fields: Mapping[str, str], by: By) -> Shown:
    """Make the token that a form asks for. Raises AccountProblem, Refused (bad-value), UnknownUnit."""
    last = lookup.read_day(fields.get("last", ""))
    if last is None:
        raise AccountProblem("bad-value", "请填写截止日期。", "Give the last day.")
    grant = accounts.grant_of(connection, fields.get("role", ""), fields.get("unit", "").strip())
    label = fields.get("label", "")
    with connection.transaction():
        # Of the same sent twice, as by loading the page with the token again, only the first makes one.
        same = tokens.same(connection, name, label, grant, last)
        if same is not None:
            raise AccountProblem(
                "bad-value",
                f"已发放过同样的令牌（{same} 号），没有再发。没有抄下来的，请先作废再发放；要两个的，请写不同的用途。",
                f"The same token has been made already (number {same}), so none was made. Where it was not copied, "
                "revoke it and make another; where two are needed, say what each is for.",
            )
        number, token = tokens.make(connection, name, label, grant, last, by)
    done = Text(f"已发放 {number} 号令牌。", f"Token {number} is made.")
    return Shown(done=done, token=token)


def number_in(fields: Mapping[str, str]) -> int:
    """The number that a form names. Raises AccountProblem: bad-value."""
    text = fields.get("number", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise AccountProblem("bad-value", "没有这个编号。", "There is no such number.")
    return int(text)


def _changed(connection: psycopg.Connection[Any], name: str, fields: Mapping[str, str], where: str) -> Shown:
    by, what = By(name, "page"), fields.get("do", "")
    if what == "session":
        sessions.end(connection, name, number_in(fields))
        return Shown(done=Text("那里的登录已经失效。", "You are logged out there."))
    if what == "everywhere":
        sessions.end_all(connection, name, by)
    elif what == "token":
        return token_from(connection, name, fields, by)
    elif what == "revoke":
        tokens.revoke(connection, name, number_in(fields), by)
        return Shown(done=Text("令牌已作废。", "The token works no more."))
    elif what == "password":
        attempts.count(connection, name, where)
        if not passwords.fits(fields.get("before", ""), accounts.kept_password(connection, name)):
            raise AccountProblem("login-failed", "现在的密码不对。", "Your present password is wrong.")
        accounts.set_password(connection, name, fields.get("password", ""), by)
        attempts.succeeded(connection, name, where)
    return Shown()


def _own(connection: psycopg.Connection[Any], name: str) -> Own:
    account = accounts.named(connection, name)
    given = tokens.of_account(connection, name)
    names = change_words.unit_names(connection, [*account.grants, *(one.grant for one in given)])
    return Own(account, sessions.of_account(connection, name), given, names)


async def _page(view: View, name: str, shown: Shown, *, status: int = 200) -> Response:
    """The page, or the file of a table of it where one is asked for; `shown`: what came of what was sent."""
    own: Own = await view.resources.identities.threads.run(_own, name)
    present = identity_of(view.request).session
    tables = [sessions_table(view, own.sessions, present), tokens_table(view, own.tokens, own.names)]
    file = view.download(*tables) if view.request.method != "POST" else None
    return file or view.form(
        "account.html",
        status=status,
        tables=tables,
        note=shown.note,
        own=own,
        came=shown,
        in_words=change_words.roles_with(own.names),
        least=passwords.SHORTEST,
        end=END,
        revoke=REVOKE,
        own_day=True,
    )


def _to_log_in(request: Request) -> Response:
    return RedirectResponse(address("/login", language(request), next="/account"), 303)


def _where(request: Request) -> str:
    return request.client.host if request.client else ""
