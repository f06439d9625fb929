"""The cookie of a session: its name, and whether it goes over safe connections only."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import Scope


def session_cookie(scope: Scope) -> str:
    """The name of the session's cookie: one that only this very host can set, where it goes over https only."""
    return "__Host-quanze_session" if needs_safety(scope) else "quanze_session"


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
