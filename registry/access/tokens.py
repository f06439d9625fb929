"""API tokens: for programs, shown once, in one role for one unit, until a day."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from registry.access import accounts, change_words, changes
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.access.roles import Role
from registry.access.sessions import digest
from registry.access.territory import acting_now
from registry.access.viewer import Grant, Viewer
from registry.domain.dates import SHANGHAI, today
from registry.relations.territory import below
from registry.relations.two_times import NEWEST

PREFIX: Final = "quanze_"  # by which a leaked one is known as what it is
LONGEST: Final = 366  # days
_FIND: Final = """
WITH used AS (
    UPDATE access.token SET used_at = now()
    WHERE hash = %(hash)s AND revoked_at IS NULL AND ends_at > now()
        AND (used_at IS NULL OR used_at < now() - interval '1 minute')
)
SELECT t.number, t.account, t.role, t.unit, t.of_unit
FROM access.token t JOIN access.account a ON a.name = t.account
WHERE t.hash = %(hash)s AND t.revoked_at IS NULL AND t.ends_at > now() AND a.disabled_at IS NULL
    AND EXISTS (SELECT FROM access.role r WHERE r.account = t.account AND r.role = t.role
        AND r.unit IS NOT DISTINCT FROM t.of_unit)
"""
_LINES: Final = """
SELECT number, account, label, role, unit, made_at, ends_at, used_at, revoked_at, ends_at <= now() AS over
FROM access.token
WHERE %(account)s::text IS NULL OR account = %(account)s ORDER BY number DESC LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token in use: its number and as what it acts."""

    number: int
    viewer: Viewer


@dataclass(frozen=True, slots=True)
class Line:
    """A token as its owner, or an administrator, sees it in a list: never the token itself."""

    number: int
    account: str
    label: str
    role: str
    unit: str | None
    made_at: datetime
    ends_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    over: bool

    @property
    def grant(self) -> Grant:
        """As what it acts."""
        return Grant(Role(self.role), self.unit)

    @property
    def last(self) -> date:
        """The last day on which it works, as whoever made it said."""
        return self.ends_at.astimezone(SHANGHAI).date() - timedelta(days=1)

    @property
    def works(self) -> bool:
        """Whether it has neither ended nor been revoked."""
        return self.revoked_at is None and not self.over


def make(
    connection: psycopg.Connection[Any], name: str, label: str, grant: Grant, last: date, by: By
) -> tuple[int, str]:
    """Make a token that works up to the end of a day; gives its number, and the token, which is kept nowhere.

    Raises AccountProblem: unknown-account, bad-value.
    """
    label = label.strip()
    if not 1 <= len(label) <= 100:
        raise AccountProblem(
            "bad-value", "请写明令牌的用途，不超过 100 字。", "Say what the token is for, in 100 letters."
        )
    if not today() <= last <= today() + timedelta(days=LONGEST):
        raise AccountProblem(
            "bad-value",
            f"截止日期须在今天以后、{LONGEST} 天以内。",
            f"The last day must be within {LONGEST} days from today.",
        )
    token = PREFIX + secrets.token_urlsafe(32)
    with connection.transaction():
        account = accounts.named(connection, name)
        of = _covering(connection, account.grants, grant)
        if of is None or account.disabled_at is not None:
            named = change_words.role(grant, change_words.unit_names(connection, [grant]))
            raise AccountProblem(
                "bad-value",
                f"账号“{account.name}”没有“{named.zh}”这一角色，令牌不能超出账号的权限。",
                f"The account {account.name} does not have the role {named.en}: a token can do no more than its "
                "account.",
            )
        row = connection.execute(
            "INSERT INTO access.token (hash, account, label, role, unit, of_unit, ends_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING number",
            (digest(token), account.name, label, grant.role, grant.unit, of.unit, _end_of(last)),
        ).fetchone()
        assert row is not None
        detail = f"{row[0]} {accounts.shown(grant)} {last.isoformat()} {label}"
        changes.keep(connection, by, account.name, "token-made", detail)
    return row[0], token


def same(connection: psycopg.Connection[Any], name: str, label: str, grant: Grant, last: date) -> int | None:
    """The number of a working token of an account just as described; None where there is none.

    In a transaction: until its end nobody else makes one of the account who looks for the same first.
    """
    of = connection.execute("SELECT name FROM access.account WHERE name = %s FOR UPDATE", (accounts.normal(name),))
    row = of.fetchone()
    every = () if row is None else of_account(connection, row[0])
    described = (label.strip(), grant, last)
    return next((one.number for one in every if one.works and (one.label, one.grant, one.last) == described), None)


def find(connection: psycopg.Connection[Any], token: str) -> Token | None:
    """As what a token acts; None where it has ended, was revoked, never was, or its account may do this no more."""
    row = connection.execute(_FIND, {"hash": digest(token)}).fetchone()
    if row is None:
        return None
    number, account, role, unit, of_unit = row
    # A unit that has left the territory of its account's role has taken it out of the token's reach, too.
    rests_on = Viewer(account, (Grant(Role(role), of_unit),))
    if of_unit not in (None, unit) and not acting_now(connection, rests_on, [Role(role)]).has(unit):
        return None
    return Token(number, Viewer(account, (Grant(Role(role), unit),)))


def of_account(connection: psycopg.Connection[Any], name: str) -> list[Line]:
    """The tokens of an account, newest first."""
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(_LINES, {"account": accounts.normal(name), "most": 500}).fetchall()


def every(connection: psycopg.Connection[Any], most: int) -> list[Line]:
    """The tokens of all accounts, newest first; at most so many."""
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(_LINES, {"account": None, "most": most}).fetchall()


def revoke(connection: psycopg.Connection[Any], name: str, number: int, by: By) -> None:
    """Let a token of an account work no more. Raises AccountProblem: bad-value."""
    with connection.transaction():
        revoked = connection.execute(
            "UPDATE access.token SET revoked_at = now() WHERE account = %s AND number = %s AND revoked_at IS NULL",
            (accounts.normal(name), number),
        )
        if revoked.rowcount == 0:
            raise AccountProblem("bad-value", f"没有在用的 {number} 号令牌。", f"There is no token {number} in use.")
        changes.keep(connection, by, accounts.normal(name), "token-revoked", str(number))


def _covering(connection: psycopg.Connection[Any], grants: tuple[Grant, ...], wanted: Grant) -> Grant | None:
    """The role of the account that covers the wanted one: the same, or one for a unit above; None where none does."""
    same = [grant for grant in grants if grant.role is wanted.role]
    if wanted in same:
        return wanted
    if wanted.unit is not None:
        for grant in same:
            if grant.unit is None or _is_within(connection, wanted.unit, grant.unit):
                return grant
    return None


def _is_within(connection: psycopg.Connection[Any], unit: str, territory: str) -> bool:
    statement = f"WITH RECURSIVE {below('$3')} SELECT EXISTS (SELECT FROM below WHERE code = $4)"
    with psycopg.RawCursor(connection) as cursor:
        row = cursor.execute(statement.encode(), (today(), NEWEST, territory, unit)).fetchone()
    return row is not None and bool(row[0])


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
