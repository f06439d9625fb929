"""`registry accounts enable`."""

from __future__ import annotations

from registry.access import accounts
from registry.cli.account_options import NAME, by
from registry.database import connect


def accounts_enable(name: NAME) -> None:
    """恢复使用停用的账号。 / Let a disabled account be used again."""
    with connect() as connection:
        accounts.enable(connection, name, by())
    print(f"账号 {accounts.normal(name)} 已恢复使用。 / The account {accounts.normal(name)} can be used again.")
