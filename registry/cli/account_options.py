"""What the commands for accounts share: who changes them, and passwords that are typed unseen or come by a pipe."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated, Final

import typer

from registry.access.changes import By
from registry.cli.terminal import fail, login

NAME = Annotated[str, typer.Argument(help="账号名。 / The account's name.")]
ROLE: Final = (
    "角色和单位：如 editor:420684；整个登记簿 auditor:*；系统管理员 administrator；可多次。 / "
    "A role and its unit, as editor:420684; auditor:* for the whole registry; administrator. May be given again."
)


def by() -> By:
    """Give who changes accounts: the user of this machine."""
    return By(login() or "?", "command")


def typed_password() -> str:
    """Read a new password: typed twice unseen, or the first line of what is piped in. Leaves if the two differ."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码（不显示） / Password (not shown): ")
    if getpass.getpass("再输一遍 / Once more: ") != password:
        fail("bad-value", "两次输入的密码不一样。", "The two passwords differ.")
    return password
