"""`registry accounts logout`."""

from __future__ import annotations

from registry.access import accounts, sessions
from registry.cli.account_options import NAME, by
from registry.database import connect


def accounts_logout(name: NAME) -> None:
    """让账号在所有地方退出。 / Log an account out everywhere."""
    with connect() as connection:
        account = accounts.named(connection, name)
        count = sessions.end_all(connection, account.name, by())
    print(f"账号 {account.name} 退出了 {count} 处。 / Log-ins of {account.name} ended: {count}.")
