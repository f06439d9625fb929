"""The pages of logging in and out: with a password, or at the county's own identity provider."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from registry import settings
from registry.access import accounts, attempts, outside, passwords, pending, sessions
from registry.access.problems import AccountProblem
from registry.domain.text import Text
from registry.web import forms
from registry.web.cookies import needs_safety, pending_cookie, session_cookie
from registry.web.failures import STATUS
from registry.web.identities import Identities, identity_of
from registry.web.pages.failure import wants_page
from registry.web.pages.form_page import form_page
from registry.web.pages.rendering import UNKEPT, address, language, render
from registry.web.provider import Person, Provider
from registry.web.small_forms import fields_of, unsigned

HASHING: Final = 2  # passwords looked at at once: each takes 64 MiB
_WRONG: Final = Text("账号或密码不对。", "The account or the password is wrong.")


def router(identities: Identities, provider: Provider) -> APIRouter:
    """The routes."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])
    gate = _Gate(identities)

    @routes.api_route("/login", methods=["GET", "HEAD"])
    async def look(request: Request) -> Response:
        return _page(request, provider)

    @routes.post("/login")
    async def submit(request: Request) -> Response:
        fields = await fields_of(request)
        note = unsigned(request, fields)
        if note is not None:
            return _page(request, provider, fields, status=403, note=note)
        try:
            cookie = await gate.log_in(request, fields.get("name", ""), fields.get("password", ""))
        except AccountProblem as refused:
            note = Text(refused.zh, refused.en)
            answer = _page(request, provider, fields, status=STATUS[refused.code], note=note)
            if refused.wait:
                answer.headers["Retry-After"] = str(refused.wait)
            return answer
        return _entered(request, cookie, _in_language(request, _inside(fields.get("next", ""))))

    @routes.get("/login/provider")
    async def send_on(request: Request) -> Response:
        _need(provider)
        wanted = _in_language(request, _inside(request.query_params.get("next", "")))
        there, kept = await provider.begin(_here(request, "/login/callback"), wanted)
        cookie = await identities.threads.run(pending.begin, provider.issuer, kept)
        answer = RedirectResponse(there, 303)
        _set(request, answer, pending_cookie(request.scope), cookie, pending.AGE)
        return answer

    @routes.get("/login/callback")
    async def come_back(request: Request) -> Response:
        _need(provider)
        cookie = request.cookies.get(pending_cookie(request.scope), "")
        kept = await identities.threads.run(pending.take, provider.issuer, cookie)
        if kept is None:
            raise AccountProblem(
                "login-expired",
                "这次登录已过期，或不是从这个浏览器开始的。",
                "This log-in has expired, or was not begun in this browser.",
            )
        person = await provider.finish(_here(request, "/login/callback"), request.query_params, kept)
        before = request.cookies.get(session_cookie(request.scope))
        cookie = await identities.threads.run(_enter_from_outside, person, provider.meaning, before)
        identities.forget()
        answer = _entered(request, cookie, kept.next)
        _delete(request, answer, pending_cookie(request.scope))
        return answer

    @routes.api_route("/logout", methods=["GET", "HEAD"])
    async def leaving(request: Request) -> Response:
        return _leaving(request)

    @routes.post("/logout")
    async def leave(request: Request) -> Response:
        fields, identity = await fields_of(request), identity_of(request)
        note = unsigned(request, fields)
        if note is not None:
            return _leaving(request, status=403, note=note)
        further = None
        if identity.session is not None and identity.viewer.account is not None:
            await identities.threads.run(sessions.end, identity.viewer.account, identity.session)
            identities.forget()
            if identity.id_token is not None and provider.configured:
                further = await provider.farewell(identity.id_token, _here(request, "/logout"))
        answer = render(
            "logout.html", language(request), cache=UNKEPT, token="", gone=True, further=further, note=None, reader=None
        )
        _delete(request, answer, session_cookie(request.scope))
        return answer

    return routes


class _Gate:
    """Lets in who has the right password, and takes as long to refuse whoever has not."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        self._hashing = asyncio.Semaphore(HASHING)
        self._closed: dict[str, float] = {}  # addresses that tried too often, until when: asked without the database

    async def log_in(self, request: Request, name: str, password: str) -> str:
        """What the cookie of a new session has. Raises AccountProblem: too-many-attempts, login-failed."""
        run = self._identities.threads.run
        name, where = accounts.normal(name[:200]), request.client.host if request.client else ""
        now = asyncio.get_running_loop().time()
        closed = self._closed.get(attempts.network(where), 0) - now
        if closed > 0:
            raise attempts.refusal(int(closed) + 1, of_address=True)
        try:
            kept = await run(_counted, name, where)
        except AccountProblem as refused:
            self._close(where, now, refused)
            raise
        async with self._hashing:
            fits = await asyncio.to_thread(passwords.fits, password, kept)
        if kept is None or not fits:
            raise AccountProblem("login-failed", *_WRONG)
        before = request.cookies.get(session_cookie(request.scope))
        anew = await asyncio.to_thread(passwords.renewed, password, kept)
        cookie = await run(_enter, name, where, before, kept, anew)
        self._identities.forget()
        return cookie

    def _close(self, where: str, now: float, refused: AccountProblem) -> None:
        if refused.of_address:
            self._closed = {one: until for one, until in self._closed.items() if until > now}
            self._closed[attempts.network(where)] = now + refused.wait


def _counted(connection: psycopg.Connection[Any], name: str, where: str) -> str | None:
    attempts.count(connection, name, where)
    return accounts.kept_password(connection, name)


def _enter(
    connection: psycopg.Connection[Any], name: str, where: str, before: str | None, kept: str, anew: str | None
) -> str:
    """Begin a session of who has shown the password that was kept. Raises AccountProblem: login-failed.

    Looking at a password takes long, and waits for others': meanwhile it may be no more the account's, and whoever
    changed it has ended all sessions. So that is asked once more, and changes wait until the session is there to end.
    """
    with connection.transaction():
        if accounts.kept_password(connection, name, until_the_end=True) != kept:
            raise AccountProblem("login-failed", *_WRONG)
        if anew is not None:
            accounts.keep_password_anew(connection, name, kept, anew)
        attempts.succeeded(connection, name, where)
        return sessions.begin(connection, name, "password", before=before)


def _enter_from_outside(
    connection: psycopg.Connection[Any], person: Person, meaning: Mapping[str, str], before: str | None
) -> str:
    grants = outside.grants_of(connection, person.roles, person.units, meaning)
    with connection.transaction():  # whoever disables the account waits until the session is there to end
        account = outside.of_provider(connection, person.issuer, person.subject, person.name, grants)
        return sessions.begin(connection, account, "provider", before=before, id_token=person.id_token)


def _need(provider: Provider) -> None:
    if not provider.configured:
        raise AccountProblem("not-found", "没有设置统一身份认证。", "No identity provider is configured.")


def _entered(request: Request, cookie: str, next_address: str) -> Response:
    """The answer that brings a session's cookie and leads on."""
    answer = RedirectResponse(next_address, 303, {"Cache-Control": UNKEPT})
    _set(request, answer, session_cookie(request.scope), cookie, sessions.LONGEST)
    forms.forget_form(request, answer)
    return answer


def _set(request: Request, answer: Response, name: str, value: str, seconds: int) -> None:
    safe = needs_safety(request.scope)
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=safe)


def _delete(request: Request, answer: Response, name: str) -> None:
    answer.delete_cookie(name, httponly=True, samesite="lax", secure=needs_safety(request.scope))


def _here(request: Request, path: str) -> str:
    """An address of this server as the world knows it."""
    base = settings.PUBLIC_URL.read() or str(request.base_url)
    return base.rstrip("/") + path


def _inside(next_address: str) -> str:
    """Where to go after logging in: an address of this server, else the first page."""
    parts = urlsplit(next_address if len(next_address) < 2000 else "")
    inside = re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", next_address) and not parts.scheme and not parts.netloc
    return next_address if inside and not parts.path.startswith(("/login", "/logout")) else "/"


def _in_language(request: Request, next_address: str) -> str:
    """The address to go to, in the language that the reader chose, if one was chosen."""
    if request.query_params.get("lang") not in ("zh", "en"):
        return next_address
    return f"{next_address}{'&' if '?' in next_address else '?'}lang={language(request)}"


def _page(
    request: Request,
    provider: Provider,
    fields: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    note: Text | None = None,
) -> Response:
    given = fields or {}
    next_address = _inside(given.get("next") or request.query_params.get("next", ""))
    return form_page(
        request,
        "login.html",
        status=status,
        query={"next": next_address},
        name=given.get("name", "")[:200],
        next=next_address,
        provider=provider.title if provider.configured else None,
        provider_address=address("/login/provider", language(request), next=next_address),
        unsafe=needs_safety(request.scope) and request.url.scheme != "https",
        note=note,
    )


def _leaving(request: Request, *, status: int = 200, note: Text | None = None) -> Response:
    return form_page(request, "logout.html", status=status, gone=False, further=None, note=note)


def to_log_in(request: Request) -> Response | None:
    """The way to the page for logging in, and back, for who asks for a page; None for who asks for something else."""
    if request.method not in ("GET", "HEAD") or not wants_page(request):
        return None
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(address("/login", language(request), next=here), 303)
