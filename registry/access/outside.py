"""Accounts of people whom somebody else has recognised: the identity provider, or the proxy in front of the server.

Their roles come from there too, at each log-in anew, beside those that an administrator gives here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString
from urllib.parse import urlsplit

import psycopg

from registry.access import account_names, accounts, changes
from registry.access.accounts import Origin
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.access.roles import GIVEN, Role
from registry.access.sessions import read_grants
from registry.access.viewer import Grant, Viewer
from registry.queries.units.resolve import UnknownName

_MOST: Final = 200  # roles that one person can have


def grants_of(
    connection: psycopg.Connection[Any], roles: Sequence[str], units: Sequence[str], meaning: Mapping[str, str]
) -> set[Grant]:
    """The roles that names stand for: each for every unit named, unless its meaning names one (`ROLE:UNIT`).

    A name means what `meaning` says, else itself; what is no role of ours, or for no unit of ours, gives nothing.
    """
    grants: set[Grant] = set()
    for name in roles[:_MOST]:
        role, _, own = meaning.get(name, name).partition(":")
        if role not in GIVEN:
            continue
        for unit in [own] if own or role == Role.ADMINISTRATOR else units[:_MOST]:
            try:
                grants.add(accounts.grant_of(connection, role, unit))
            except (UnknownName, AccountProblem):
                continue
    return grants


def of_provider(connection: psycopg.Connection[Any], issuer: str, subject: str, name: str, grants: set[Grant]) -> str:
    """The name of the account of a person at a provider, made at the first log-in, with these roles from now on.

    The name that the provider uses may be another account's here: then the provider's host stands behind it.
    Raises AccountProblem: account-disabled, account-exists.
    """
    by = By(urlsplit(issuer).hostname or issuer, "provider")
    with connection.transaction():
        statement = (
            "SELECT name, disabled_at IS NOT NULL FROM access.account WHERE issuer = %s AND subject = %s FOR UPDATE"
        )
        row = _kept_or_locked(connection, statement, issuer, subject)
        if row is None:
            row = (_made(connection, (name, f"{name}@{by.name}"), "provider", (issuer, subject), by), False)
        account, disabled = row
        if disabled:
            raise _disabled(account)
        _set_roles(connection, account, grants, by)
    return account


def of_proxy(connection: psycopg.Connection[Any], name: str, grants: set[Grant]) -> Viewer:
    """As whom a person acts whom the proxy names, in whose name an account is made when first seen.

    Raises AccountProblem: account-disabled; account-exists where the name is that of an account of another origin.
    """
    account, by = account_names.fit_name(name), By("proxy", "proxy")
    with connection.transaction():
        statement = "SELECT origin, disabled_at IS NOT NULL FROM access.account WHERE name = %s"
        row = _kept_or_locked(connection, statement, account)
        if row is None:
            _made(connection, (account,), "proxy", (None, None), by)
        origin, disabled = row or ("proxy", False)
        if origin != "proxy":
            raise _exists(account)
        if disabled:
            raise _disabled(account)
        _set_roles(connection, account, grants, by)
        rows = connection.execute(
            "SELECT DISTINCT role, unit FROM access.role WHERE account = %s ORDER BY 1, 2", (account,)
        )
        return Viewer(account, read_grants([list(row) for row in rows]))


def _kept_or_locked(connection: psycopg.Connection[Any], statement: LiteralString, *values: str) -> Any:
    """The row of an account; None where there is none, and nobody else makes one before this transaction ends.

    Somebody new sends several requests at once, of which one makes the account.
    """
    row = connection.execute(statement, values).fetchone()
    if row is None:
        account_names.lock(connection)
        row = connection.execute(statement, values).fetchone()
    return row


def _made(
    connection: psycopg.Connection[Any],
    names: Sequence[str],
    origin: Origin,
    person: tuple[str | None, str | None],
    by: By,
) -> str:
    """Make an account under the first of the names that is free. Raises AccountProblem: account-exists, bad-value."""
    for name in names:
        try:
            fit = account_names.new_name(connection, name)
        except AccountProblem as refused:
            if refused.code != "account-exists":
                raise
            continue
        connection.execute(
            "INSERT INTO access.account (name, origin, issuer, subject) VALUES (%s, %s, %s, %s)", (fit, origin, *person)
        )
        changes.keep(connection, by, fit, "added", origin)
        return fit
    raise _exists(names[-1])


def _set_roles(connection: psycopg.Connection[Any], account: str, grants: set[Grant], by: By) -> None:
    """Have an account have just these roles from outside."""
    rows = connection.execute(
        "SELECT role, unit FROM access.role WHERE account = %s AND given_by = 'provider'", (account,)
    ).fetchall()
    before = set(read_grants([list(row) for row in rows]))
    for grant in sorted(before - grants, key=accounts.shown):
        connection.execute(
            "DELETE FROM access.role WHERE account = %s AND role = %s AND unit IS NOT DISTINCT FROM %s"
            " AND given_by = 'provider'",
            (account, grant.role, grant.unit),
        )
        changes.keep(connection, by, account, "role-taken", accounts.shown(grant))
    for grant in sorted(grants - before, key=accounts.shown):
        given = connection.execute(
            "INSERT INTO access.role (account, role, unit, given_by) VALUES (%s, %s, %s, 'provider')"
            " ON CONFLICT DO NOTHING",
            (account, grant.role, grant.unit),
        )
        if given.rowcount:
            changes.keep(connection, by, account, "role-given", accounts.shown(grant))


def _disabled(name: str) -> AccountProblem:
    return AccountProblem("account-disabled", f"账号“{name}”已停用。", f"The account {name} is disabled.")


def _exists(name: str) -> AccountProblem:
    return AccountProblem(
        "account-exists",
        f"已有别的账号叫“{name}”，不能用这个名字登录。",
        f"Another account is called {name} already, so that nobody else can log in under that name.",
    )
