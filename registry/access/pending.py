"""Log-ins that were sent on to the identity provider: what must come back with them, kept for ten minutes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from registry.access.sessions import digest

AGE: Final = 600  # seconds
_YOUNG: Final = "made_at > now() - make_interval(secs => %s)"


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """What was sent along (`state`, `nonce`), what was kept back (`verifier`, of PKCE), and where to go afterwards."""

    state: str
    nonce: str
    verifier: str
    next: str


def begin(connection: psycopg.Connection[Any], issuer: str, pending: PendingLogin) -> str:
    """Keep a log-in at a provider; gives what the browser's cookie for it has."""
    cookie = secrets.token_urlsafe(32)
    connection.execute(f"DELETE FROM access.pending_login WHERE NOT {_YOUNG}".encode(), (AGE,))
    connection.execute(
        "INSERT INTO access.pending_login (hash, state, nonce, verifier, next) VALUES (%s, %s, %s, %s, %s)",
        (_key(issuer, cookie), pending.state, pending.nonce, pending.verifier, pending.next),
    )
    return cookie


def take(connection: psycopg.Connection[Any], issuer: str, cookie: str) -> PendingLogin | None:
    """Give the log-in of a cookie, once; None where there is none any more, or it was begun at another provider."""
    with connection.cursor(row_factory=class_row(PendingLogin)) as cursor:
        return cursor.execute(
            f"DELETE FROM access.pending_login WHERE hash = %s AND {_YOUNG}"
            " RETURNING state, nonce, verifier, next".encode(),
            (_key(issuer, cookie), AGE),
        ).fetchone()


def _key(issuer: str, cookie: str) -> bytes:
    """By what a log-in is known. Another provider may be set while it is under way, or at another host.

    Its code, and what proves whose that is, are for the one it was begun at alone (RFC 9700, section 4.4.2).
    """
    return digest(f"{issuer} {cookie}")
