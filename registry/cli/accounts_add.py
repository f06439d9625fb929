"""`registry accounts add`: a local account."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.access import accounts
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.cli.account_options import NAME, ROLE, by, typed_password
from registry.database import connect


def accounts_add(
    name: NAME,
    role: Annotated[list[str] | None, typer.Option("--role", help=ROLE)] = None,
    tokens_only: Annotated[
        bool,
        typer.Option(
            "--tokens-only",
            help="不设密码，只供程序凭令牌使用。 / Without a password: for programs, with tokens.",
        ),
    ] = False,
) -> None:
    """设立账号；第一个就是系统管理员。 / Make an account; the first is an administrator."""
    with connect() as connection:
        name = accounts.fit_name(name)
        grants = [accounts.read_grant(connection, one) for one in role or ()]
        if not grants and not tokens_only and not accounts.any_accounts(connection):
            grants = [Grant(Role.ADMINISTRATOR)]
        password = None if tokens_only else typed_password()
        accounts.add(connection, name, password, grants, by())
    roles = ", ".join(accounts.shown(grant) for grant in grants) or "—"
    print(f"已设立账号 {name}，角色：{roles}。 / The account {name} is made; roles: {roles}.")
