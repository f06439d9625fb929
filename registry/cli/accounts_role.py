"""`registry accounts role`: roles given and taken away."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.access import accounts
from registry.cli.account_options import NAME, ROLE, by
from registry.cli.terminal import fail
from registry.database import connect


def accounts_role(
    name: NAME,
    give: Annotated[list[str] | None, typer.Option("--give", help=f"授予。 / Give. {ROLE}")] = None,
    take: Annotated[
        list[str] | None, typer.Option("--take", help="收回，写法同上；可多次。 / Take away, written likewise.")
    ] = None,
) -> None:
    """授予、收回角色。 / Give an account roles, or take them away."""
    if not give and not take:
        fail("bad-usage", "请写 --give 或 --take。", "Give --give or --take.", 2)
    with connect() as connection, connection.transaction():
        account = accounts.named(connection, name)
        for text in give or ():
            accounts.give(connection, name, accounts.read_grant(connection, text), by())
        known = {accounts.shown(grant): grant for grant in account.grants}
        for text in take or ():
            # A role for a unit that is gone meanwhile is taken away by what it is called.
            accounts.take(connection, name, known.get(text) or accounts.read_grant(connection, text), by())
        grants = accounts.named(connection, name).grants
    roles = ", ".join(accounts.shown(grant) for grant in grants) or "—"
    print(f"{account.name} 现有角色：{roles}。 / Roles of {account.name}: {roles}.")
