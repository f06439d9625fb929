"""`registry accounts tokens`: tokens for programs."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.access import accounts, tokens
from registry.cli.account_options import NAME, by
from registry.cli.lines import at_time, table
from registry.cli.terminal import day, fail
from registry.database import connect


def accounts_tokens(
    name: NAME,
    new: Annotated[
        str | None,
        typer.Option("--new", metavar="LABEL", help="发放一个：写用途。 / Make one: say what for."),
    ] = None,
    role: Annotated[
        str | None,
        typer.Option("--role", help="令牌的角色和单位，如 editor:420684。 / Its role and unit, as editor:420684."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", help="用到哪天为止，最长一年。 / Its last day, within a year.")
    ] = None,
    revoke: Annotated[
        int | None,
        typer.Option("--revoke", metavar="NUMBER", min=1, help="作废这一编号的。 / Revoke that of this number."),
    ] = None,
) -> None:
    """程序用的令牌：列出、发放、作废。 / Tokens for programs: list, make, revoke."""
    if new is not None and (role is None or until is None):
        fail("bad-usage", "发放令牌还须写 --role 和 --until。", "To make a token give --role and --until too.", 2)
    with connect() as connection:
        account = accounts.named(connection, name)
        if revoke is not None:
            tokens.revoke(connection, account.name, revoke, by())
        if new is not None and role is not None:
            grant = accounts.read_grant(connection, role)
            number, token = tokens.make(connection, account.name, new, grant, day(until), by())
            typer.echo(f"{number} 号令牌只显示这一次： / Token {number}, shown only this once:", err=True)
            print(token)
            return
        lines = tokens.of_account(connection, account.name)
    if lines:
        head = ("编号 number", "用途 for", "角色 role", "截止 ends", "上次使用 last used", "状态 state")
        table(
            head,
            [
                (
                    str(line.number),
                    line.label,
                    accounts.shown(line.grant),
                    at_time(line.ends_at),
                    at_time(line.used_at) if line.used_at else "—",
                    "在用 in use" if line.works else "失效 ended",
                )
                for line in lines
            ],
        )
    print(f"共 {len(lines)} 个令牌。 / Tokens: {len(lines)}.")
