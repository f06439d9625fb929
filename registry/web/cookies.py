"""The cookie of a session: its name, and whether it goes over safe connections only."""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection
from starlette.types import Scope


def session_cookie(scope: Scope) -> str:
    """The name of the session's cookie: one that only this very host can set, where it goes over https only."""
    return "__Host-quanze_session" if needs_safety(scope) else "quanze_session"


def needs_safety(scope: Scope) -> bool:
    """Whether cookies go over https only: everywhere but on this machine itself."""
    return scope["scheme"] in ("https", "wss") or not on_this_machine(HTTPConnection(scope).url.hostname)


def on_this_machine(host: str | None) -> bool:
    """Whether a host's name or address is this machine's own (loopback)."""
    name = (host or "").strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
