"""Forms that only this server's own pages may send: `Sec-Fetch-Site`, and a signed token bound to a cookie.

A page of another site can make a browser send a form here, and nobody behind it has seen what it would record. Browsers
say by `Sec-Fetch-Site` where a request comes from, but to https and localhost only; so each form carries a token too
(signed double submit, OWASP), bound to the session of who is logged in. The key is one for all server processes on a
database, so that a form may be sent to another process or host than showed it. `Origin` is compared with nothing, for
our pages send `Referrer-Policy: no-referrer`, and with it browsers write `Origin: null` (Fetch standard, section 3.1).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from registry.web.cookies import FORM, cookie_name
from registry.web.identities import identity_of
from registry.web.pages.failure import Refused

AGE: Final = 12 * 3600  # seconds for which a form may be left open
FIELD: Final = "token"
OUR_OWN: Final = ("same-origin", "none")  # none: the reader's own doing, as typing an address
_EXPIRED: Final = (
    "页面打开得太久，已经失效；填写的内容还在下面，请再提交一次。",
    "This page was open for too long; what you entered is kept below: please send it again.",
)
_UNSIGNED_ZH: Final = "没有收到本页的校验信息（浏览器可能禁用了 Cookie）；填写的内容还在下面，请再提交一次。"
_UNSIGNED_EN: Final = (
    "This page's check did not come along (cookies may be off in the browser); what you entered is kept below: please "
    "send it again."
)
UNSIGNED: Final = (_UNSIGNED_ZH, _UNSIGNED_EN)


@dataclass(frozen=True, slots=True)
class FormToken:
    """What a form carries (`text`) and what the browser keeps for it (`cookie`)."""

    text: str
    cookie: str

    def keep(self, request: Request, response: Response) -> None:
        """Set the cookie: for this browser's session, unseen by scripts, not sent by forms of other sites."""
        secure = _is_safe(request)
        response.set_cookie(cookie_name(FORM, secure), self.cookie, httponly=True, samesite="lax", secure=secure)


def new_token(request: Request) -> FormToken:
    """A token for a form that is shown, bound to the browser's cookie, or to a new one."""
    cookie = _cookie(request)
    if not re.fullmatch(r"[\w-]{22}", cookie, re.ASCII):
        cookie = secrets.token_urlsafe(16)
    return FormToken(_serializer(request).dumps(_bound(request, cookie)), cookie)


def forget_form(request: Request, response: Response) -> None:
    """Have the browser forget its cookie: forms that were shown to it are worth nothing from now on."""
    secure = _is_safe(request)
    response.delete_cookie(cookie_name(FORM, secure), secure=secure, httponly=True, samesite="lax")


async def with_forms(request: Request) -> None:
    """Have the key of forms read before a page with one is answered: a dependency of routes. Raises NoDatabase."""
    await request.app.state.resources.primary()


def refuse_other_sites(request: Request) -> None:
    """Refuse what a page of another site sends. Raises Refused: `forbidden`.

    A program sends neither `Sec-Fetch-Site` nor `Origin`. A browser that sends only the latter does not say whether a
    page of ours sent it.
    """
    site = request.headers.get("sec-fetch-site")
    if site not in OUR_OWN if site is not None else "origin" in request.headers:
        raise _forbidden()


def token_problem(request: Request, token: str) -> tuple[str, str] | None:
    """What is wrong with the token of a form of ours, in zh and en; None where nothing is.

    Raises Refused, `forbidden`, where the browser says that a page of another site sent it.
    """
    if request.headers.get("sec-fetch-site", "none") not in OUR_OWN:
        raise _forbidden()
    cookie = _cookie(request)
    try:
        signed: object = _serializer(request).loads(token, max_age=AGE)
    except SignatureExpired:
        return _EXPIRED
    except BadSignature:
        return UNSIGNED
    ours = isinstance(signed, str) and secrets.compare_digest(signed.encode(), _bound(request, cookie).encode())
    return None if ours else UNSIGNED


def sender(request: Request) -> str:
    """Who sends a form whose token was right: the same browser in the same session, as an opaque text."""
    return _bound(request, _cookie(request))


def _is_safe(request: Request) -> bool:
    """Whether the cookie goes over https only. Without https forms work too, for open servers in a closed network."""
    return request.url.scheme == "https"


def _cookie(request: Request) -> str:
    return request.cookies.get(cookie_name(FORM, _is_safe(request)), "")


def _bound(request: Request, cookie: str) -> str:
    """What a form is bound to: the browser's cookie, and the session in which it is shown."""
    return f"{cookie} {identity_of(request).bound}"


def _forbidden() -> Refused:
    zh, en = "不接受其他网站的页面提交的内容。", "What a page of another site sends is not accepted."
    return Refused("forbidden", 403, (zh, en), ("请从本站页面提交。", "Send it from a page of this server."))


def _serializer(request: Request) -> URLSafeTimedSerializer:
    """What signs tokens, with the key of this request's database: pages with forms have it read (`with_forms`)."""
    return URLSafeTimedSerializer(request.app.state.resources.form_key, salt="form")
