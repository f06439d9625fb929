"""Cookies: their names, and whether they go over safe connections only."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

SESSION: Final = "quanze_session"  # who is logged in
PENDING: Final = "quanze_login"  # a log-in under way at the identity provider
FORM: Final = "quanze_form"  # which browser a form was shown to


def cookie_name(name: str, secure: bool) -> str:
    """The name under which a cookie is kept: one that only this very host can set, where it is `Secure`.

    Browsers take `__Host-` from nobody but the host itself, over https, for all its paths: so no neighbour under the
    same domain, and nobody on the wire, can put a cookie of his own in its place.
    """
    return f"__Host-{name}" if secure else name


def session_cookie(scope: Scope) -> str:
    """The name of the session's cookie."""
    return cookie_name(SESSION, needs_safety(scope))


def pending_cookie(scope: Scope) -> str:
    """The name of the cookie of a log-in under way."""
    return cookie_name(PENDING, needs_safety(scope))


def needs_safety(scope: Scope) -> bool:
    """Whether cookies go over https only: everywhere but on this machine itself."""
    if scope["scheme"] in ("https", "wss"):
        return True
    return not _names_this_machine(next((value for name, value in scope["headers"] if name == b"host"), b""))


@lru_cache(1000)
def _names_this_machine(host: bytes) -> bool:
    """Whether a value of `Host` is a name of this machine itself. Raises nothing: what is no name is none of it."""
    try:
        return on_this_machine(urlsplit(f"//{host.decode('latin-1')}").hostname)
    except ValueError:
        return False


@lru_cache(1000)
def on_this_machine(host: str | None) -> bool:
    """Whether a host's name or address is this machine's own (loopback)."""
    name = (host or "").strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
