"""`registry accounts disable`."""

from __future__ import annotations

from registry.access import accounts
from registry.cli.account_options import NAME, by
from registry.database import connect


def accounts_disable(name: NAME) -> None:
    """停用账号，登录和令牌失效。 / Disable an account; log-ins and tokens end."""
    with connect() as connection:
        accounts.disable(connection, name, by())
    print(f"账号 {accounts.normal(name)} 已停用。 / The account {accounts.normal(name)} is disabled.")
