"""Accounts: who may log in, with which roles for which units. Whoever changes one is kept with the change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

import psycopg

from registry.access import attempts, changes, passwords
from registry.access.account_names import fit_name, new_name, normal
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.access.roles import GIVEN, Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import NEWEST, AsOf

Origin = Literal["local", "provider", "proxy"]
WHOLE: Final = ("*", "全部", "all")  # the whole registry, in place of a unit
_LOCK: Final = 0x616363657373  # "access" in ASCII: who changes administrators


@dataclass(frozen=True, slots=True)
class Account:
    """An account with its roles. `disabled_at`: since when nobody can log in with it."""

    name: str
    origin: Origin
    has_password: bool
    made_at: datetime
    disabled_at: datetime | None
    grants: tuple[Grant, ...]
    seen_at: datetime | None  # when it was last used by somebody logged in, to a minute; also after that ended


_SELECT: Final = """
SELECT a.name, a.origin, a.password IS NOT NULL, a.made_at, a.disabled_at,
    ARRAY(SELECT DISTINCT ARRAY[r.role, r.unit] FROM access.role r WHERE r.account = a.name ORDER BY 1),
    a.seen_at
FROM access.account a
"""


def any_accounts(connection: psycopg.Connection[Any]) -> bool:
    """Whether there is any account; as long as there is none a server on this machine is open."""
    return bool(_value(connection, "SELECT EXISTS (SELECT FROM access.account)"))


def every(connection: psycopg.Connection[Any]) -> list[Account]:
    """All accounts, by name."""
    return [_account(row) for row in connection.execute(f"{_SELECT} ORDER BY a.name".encode())]


def named(connection: psycopg.Connection[Any], name: str) -> Account:
    """The account of a name. Raises AccountProblem: unknown-account."""
    row = connection.execute(f"{_SELECT} WHERE a.name = %s".encode(), (normal(name),)).fetchone()
    if row is None:
        raise unknown(name)
    return _account(row)


def unknown(name: str) -> AccountProblem:
    """There is no account of the name."""
    shown = name[:64]
    return AccountProblem("unknown-account", f"没有账号“{shown}”。", f"There is no account {shown}.")


def add(
    connection: psycopg.Connection[Any],
    name: str,
    password: str | None,
    grants: Iterable[Grant],
    by: By,
    *,
    only_first: bool = False,
) -> bool:
    """Make a local account; without a password it acts by tokens only. False: `only_first`, and it would not have been.

    Raises AccountProblem: bad-value, account-exists, weak-password.
    """
    name = fit_name(name)
    kept = None if password is None else passwords.hashed(password, name)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if only_first and any_accounts(connection):
            return False
        new_name(connection, name)
        connection.execute("INSERT INTO access.account (name, origin, password) VALUES (%s, 'local', %s)", (name, kept))
        changes.keep(connection, by, name, "added", "local")
        for grant in grants:
            _give(connection, name, grant, by)
    return True


def grant_of(connection: psycopg.Connection[Any], role: str, unit: str) -> Grant:
    """A role for a unit, named by code or name, or for the whole registry (WHOLE).

    Raises AccountProblem, bad-value; UnknownUnit.
    """
    names = ", ".join(GIVEN)
    if role not in GIVEN:
        raise AccountProblem(
            "bad-value", f"没有角色“{role}”，可用：{names}。", f"There is no role {role}; use {names}."
        )
    read = Role(role)
    if unit in WHOLE or (read is Role.ADMINISTRATOR and not unit):
        return Grant(read)
    if read is Role.ADMINISTRATOR:
        raise AccountProblem(
            "bad-value",
            "系统管理员不分单位，请不要写单位。",
            "An administrator is one of the whole registry: name no unit.",
        )
    if not unit:
        raise AccountProblem(
            "bad-value",
            f"请写明{read.text.zh}管哪个单位；管全部的写“全部”。",
            f"Say for which unit the {read.text.en} is; for all of them write all.",
        )
    return Grant(read, resolve_unit_now(connection, unit, AsOf(today(), NEWEST)))


def read_grant(connection: psycopg.Connection[Any], text: str) -> Grant:
    """A role written `ROLE:UNIT`, `ROLE:*` or `administrator`. Raises AccountProblem, bad-value; UnknownUnit."""
    role, _, unit = text.partition(":")
    return grant_of(connection, role.strip(), unit.strip())


def shown(grant: Grant) -> str:
    """A role as `read_grant` reads it."""
    return grant.role if grant.role is Role.ADMINISTRATOR else f"{grant.role}:{grant.unit or '*'}"


def give(connection: psycopg.Connection[Any], name: str, grant: Grant, by: By) -> None:
    """Give an account a role. Raises AccountProblem: unknown-account."""
    with connection.transaction():
        _give(connection, named(connection, name).name, grant, by)


def take(connection: psycopg.Connection[Any], name: str, grant: Grant, by: By) -> None:
    """Take a role away from an account. Raises AccountProblem: unknown-account, bad-value, last-administrator."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        account = named(connection, name)
        taken = connection.execute(
            "DELETE FROM access.role WHERE account = %s AND role = %s AND unit IS NOT DISTINCT FROM %s"
            " AND given_by = 'administrator'",
            (account.name, grant.role, grant.unit),
        )
        if taken.rowcount == 0:
            raise AccountProblem(
                "bad-value",
                f"账号“{account.name}”没有在这里授予的角色 {shown(grant)}。",
                f"The account {account.name} has not been given the role {shown(grant)} here.",
            )
        changes.keep(connection, by, account.name, "role-taken", shown(grant))
        if grant.role is Role.ADMINISTRATOR:
            _need_an_administrator(connection)


def disable(connection: psycopg.Connection[Any], name: str, by: By) -> None:
    """Let nobody log in with an account; its sessions end.

    Raises AccountProblem: unknown-account, last-administrator.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        account = named(connection, name)
        if account.disabled_at is None:
            connection.execute("UPDATE access.account SET disabled_at = now() WHERE name = %s", (account.name,))
            connection.execute("DELETE FROM access.session WHERE account = %s", (account.name,))
            changes.keep(connection, by, account.name, "disabled")
            if Grant(Role.ADMINISTRATOR) in account.grants:
                _need_an_administrator(connection)


def enable(connection: psycopg.Connection[Any], name: str, by: By) -> None:
    """Let an account be used again. Raises AccountProblem: unknown-account."""
    with connection.transaction():
        account = named(connection, name)
        if account.disabled_at is not None:
            connection.execute("UPDATE access.account SET disabled_at = NULL WHERE name = %s", (account.name,))
            changes.keep(connection, by, account.name, "enabled")


def unlock(connection: psycopg.Connection[Any], name: str, by: By) -> None:
    """Let an account log in again that was tried with too often. Raises AccountProblem: unknown-account."""
    with connection.transaction():
        account = named(connection, name)
        if attempts.forget(connection, account.name):
            changes.keep(connection, by, account.name, "unlocked")


def set_password(connection: psycopg.Connection[Any], name: str, password: str, by: By) -> None:
    """Give an account another password; its sessions end, and tries with the one before are forgotten.

    Raises AccountProblem: unknown-account, weak-password, bad-value for one that logs in elsewhere.
    """
    account = named(connection, name)
    if account.origin != "local":
        raise AccountProblem(
            "bad-value",
            f"账号“{account.name}”经统一身份认证登录，这里不设密码。",
            f"The account {account.name} logs in with the identity provider: it has no password here.",
        )
    kept = passwords.hashed(password, account.name)
    with connection.transaction():
        connection.execute("UPDATE access.account SET password = %s WHERE name = %s", (kept, account.name))
        connection.execute("DELETE FROM access.session WHERE account = %s", (account.name,))
        attempts.forget(connection, account.name)
        changes.keep(connection, by, account.name, "password")


def kept_password(connection: psycopg.Connection[Any], name: str, *, until_the_end: bool = False) -> str | None:
    """The hash of the password that logs in with this name; None where none does.

    `until_the_end`: nobody changes it, or disables the account, before this transaction ends.
    """
    statement = "SELECT password FROM access.account WHERE name = %s AND origin = 'local' AND disabled_at IS NULL"
    statement += " FOR UPDATE" if until_the_end else ""
    return cast("str | None", _value(connection, statement, normal(name)))


def keep_password_anew(connection: psycopg.Connection[Any], name: str, before: str, kept: str) -> None:
    """Keep the same password with newer parameters, unless it was changed meanwhile."""
    connection.execute(
        "UPDATE access.account SET password = %s WHERE name = %s AND password = %s", (kept, normal(name), before)
    )


def _give(connection: psycopg.Connection[Any], name: str, grant: Grant, by: By) -> None:
    given = connection.execute(
        "INSERT INTO access.role (account, role, unit, given_by) VALUES (%s, %s, %s, 'administrator')"
        " ON CONFLICT DO NOTHING",
        (name, grant.role, grant.unit),
    )
    if given.rowcount:
        changes.keep(connection, by, name, "role-given", shown(grant))


def _need_an_administrator(connection: psycopg.Connection[Any]) -> None:
    """Raise AccountProblem, last-administrator, where nobody is left who could give roles."""
    left = _value(
        connection,
        "SELECT EXISTS (SELECT FROM access.role r JOIN access.account a ON a.name = r.account"
        " WHERE r.role = 'administrator' AND a.disabled_at IS NULL)",
    )
    if not left:
        raise AccountProblem(
            "last-administrator",
            "这是最后一个系统管理员：请先让另一个账号担任。",
            "This is the last administrator: make another account one first.",
        )


def _account(row: tuple[Any, ...]) -> Account:
    name, origin, has_password, made_at, disabled_at, grants, seen_at = row
    read = tuple(Grant(Role(role), unit) for role, unit in grants)
    return Account(name, origin, has_password, made_at, disabled_at, read, seen_at)


def _value(connection: psycopg.Connection[Any], statement: str, *values: object) -> object:
    row = connection.execute(statement.encode(), values).fetchone()
    return None if row is None else row[0]
