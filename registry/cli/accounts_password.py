"""`registry accounts password`."""

from __future__ import annotations

from registry.access import accounts
from registry.cli.account_options import NAME, by, typed_password
from registry.database import connect


def accounts_password(name: NAME) -> None:
    """重设密码，原有登录失效。 / Set another password; log-ins end."""
    with connect() as connection:
        account = accounts.named(connection, name)
        accounts.set_password(connection, account.name, typed_password(), by())
    print(f"账号 {account.name} 的密码已改。 / The password of {account.name} is changed.")
