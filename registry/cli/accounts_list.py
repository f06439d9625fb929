"""`registry accounts list`."""

from __future__ import annotations

from registry.access import accounts
from registry.cli.lines import at_time, table, write
from registry.cli.terminal import JSON
from registry.database import connect

ORIGINS = {"local": "密码 password", "provider": "统一身份认证 provider", "proxy": "入口 proxy"}


def accounts_list(as_json: JSON = False) -> None:
    """列出账号及其角色。 / List the accounts and their roles."""
    with connect() as connection:
        every = accounts.every(connection)
    if as_json:
        for account in every:
            write(
                {
                    "account": account.name,
                    "origin": account.origin,
                    "password": account.has_password,
                    "roles": [accounts.shown(grant) for grant in account.grants],
                    "made_at": at_time(account.made_at),
                    "disabled_at": account.disabled_at and at_time(account.disabled_at),
                }
            )
        return
    if every:
        lines = [
            (
                account.name,
                ORIGINS[account.origin] if account.has_password or account.origin != "local" else "令牌 tokens",
                ", ".join(accounts.shown(grant) for grant in account.grants) or "—",
                "停用 disabled" if account.disabled_at else "在用 in use",
            )
            for account in every
        ]
        table(("账号 account", "登录 logs in", "角色 roles", "状态 state"), lines)
    print(f"共 {len(every)} 个账号。 / Accounts: {len(every)}.")
