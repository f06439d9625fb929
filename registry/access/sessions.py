"""Sessions: what a browser's cookie stands for, in the database, so that every process knows when one has ended."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import psycopg
from psycopg.rows import class_row

from registry.access import changes
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant, Viewer

How = Literal["password", "provider"]
LONGEST: Final = 12 * 3600  # seconds from logging in, whatever is done
IDLE: Final = 2 * 3600  # seconds in which nothing is done
_LASTING: Final = "s.ends_at > now() AND s.seen_at > now() - make_interval(secs => %(idle)s)"
# Written once a minute, or every question would write.
_FIND: Final = f"""
WITH seen AS (
    UPDATE access.session s SET seen_at = now()
    WHERE s.hash = %(hash)s AND {_LASTING} AND s.seen_at < now() - interval '1 minute' RETURNING s.account
), lasting AS (
    UPDATE access.account a SET seen_at = now() FROM seen WHERE a.name = seen.account
)
SELECT s.number, a.name, s.how, s.id_token,
    ARRAY(SELECT DISTINCT ARRAY[r.role, r.unit] FROM access.role r WHERE r.account = a.name ORDER BY 1)
FROM access.session s JOIN access.account a ON a.name = s.account
WHERE s.hash = %(hash)s AND {_LASTING} AND a.disabled_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A session in use: its number, whose it is and as what, how it began, and what ends it at the provider."""

    number: int
    viewer: Viewer
    how: How
    id_token: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A session as its owner sees it in a list."""

    number: int
    how: How
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


def digest(secret: str) -> bytes:
    """What is kept of a secret that is random and long: SHA-256, from which it cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def begin(
    connection: psycopg.Connection[Any],
    account: str,
    how: How,
    *,
    before: str | None = None,
    id_token: str | None = None,
) -> str:
    """Begin a session and give what its cookie has; the one that the browser had before ends, as do old ones."""
    cookie = secrets.token_urlsafe(32)
    with connection.transaction():
        if before is not None:
            connection.execute("DELETE FROM access.session WHERE hash = %s", (digest(before),))
        connection.execute("DELETE FROM access.session WHERE ends_at < now()")
        connection.execute(
            "INSERT INTO access.session (hash, account, how, id_token, ends_at)"
            " VALUES (%s, %s, %s, %s, now() + make_interval(secs => %s))",
            (digest(cookie), account, how, id_token, LONGEST),
        )
        # Kept with the account, for a session takes its own along when it ends.
        connection.execute("UPDATE access.account SET seen_at = now() WHERE name = %s", (account,))
    return cookie


def find(connection: psycopg.Connection[Any], cookie: str) -> Session | None:
    """The session of a cookie; None where it has ended, never was, or its account is disabled."""
    row = connection.execute(_FIND.encode(), {"hash": digest(cookie), "idle": IDLE}).fetchone()
    if row is None:
        return None
    number, account, how, id_token, grants = row
    return Session(number, Viewer(account, read_grants(grants)), how, id_token)


def read_grants(rows: list[list[str | None]]) -> tuple[Grant, ...]:
    """Roles with their units as the database gives them."""
    return tuple(Grant(Role(role), unit) for role, unit in rows if role is not None)


def of_account(connection: psycopg.Connection[Any], account: str) -> list[Line]:
    """The sessions of an account that go on, newest first."""
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(
            f"SELECT number, how, began_at, seen_at, ends_at FROM access.session s"
            f" WHERE account = %(account)s AND {_LASTING} ORDER BY number DESC".encode(),
            {"account": account, "idle": IDLE},
        ).fetchall()


def end(connection: psycopg.Connection[Any], account: str, number: int) -> None:
    """End one session of an account."""
    connection.execute("DELETE FROM access.session WHERE account = %s AND number = %s", (account, number))


def end_all(connection: psycopg.Connection[Any], account: str, by: By) -> int:
    """End every session of an account; gives how many that were."""
    with connection.transaction():
        count = connection.execute("DELETE FROM access.session WHERE account = %s", (account,)).rowcount
        changes.keep(connection, by, account, "logged-out", str(count))
    return count
