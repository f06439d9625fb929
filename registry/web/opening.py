"""Whom a server lets in when it starts: those with accounts, or everybody where there is none and it is meant so."""

from __future__ import annotations

import logging
import socket
import sys
from typing import Final

import psycopg

from registry import database, settings
from registry.access import accounts
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.web.cookies import on_this_machine
from registry.web.identities import Identities

log = logging.getLogger("registry.web")
_OPEN_ZH: Final = "尚无账号，谁连得上谁就能查看和记录；设立第一个账号：registry accounts add 名字"
_OPEN_EN: Final = (
    "There are no accounts: whoever reaches it can see and record everything; to make the first: "
    "registry accounts add NAME"
)

_CLOSED_ZH: Final = (
    "别的机器连得上这个地址，而登记簿还没有账号。请先设立：registry accounts add 名字；只在本机使用，请监听 127.0.0.1；"
    "确要对所有人开放，加 --open-to-everybody。"
)
_CLOSED_EN: Final = (
    "Others can reach this address, and the registry has no accounts yet. Make the first one: registry accounts add "
    "NAME; to use it on this machine only, listen on 127.0.0.1; if everybody is meant to do everything, add "
    "--open-to-everybody."
)


def who_may_enter(identities: Identities, url: str | None, listening: socket.socket, *, open_to_everybody: bool) -> str:
    """Decide whom the server lets in; gives what its first line says of it, empty where there is nothing to say.

    Makes the first administrator that the environment names. Exits with status 1 where others would reach a server
    without accounts.
    """
    here = on_this_machine(str(listening.getsockname()[0]))
    identities.open_here = here or open_to_everybody
    identities.open_elsewhere = open_to_everybody
    try:
        with database.connect(url) as connection:
            _first_administrator(connection)
            if accounts.any_accounts(connection):
                return ""
        if not identities.open_here:
            raise AccountProblem("no-accounts", _CLOSED_ZH, _CLOSED_EN)
    except database.NoDatabase as error:  # it may come yet; until then nobody is let in from elsewhere
        log.error("%s: %s / %s", error.code, error.zh, error.en)
        return ""
    except (AccountProblem, settings.BadSetting) as error:
        sys.exit(f"{error.code}: {error.zh} / {error.en}")
    return f"\n{_OPEN_ZH} / {_OPEN_EN}"


def _first_administrator(connection: psycopg.Connection) -> None:
    """Make the administrator that the environment names, where there is no account yet. Raises AccountProblem."""
    name = settings.ADMIN.read()
    if not name:
        return
    password = settings.ADMIN_PASSWORD.read()
    if not password:
        raise settings.BadSetting(
            "设了 REGISTRY_ADMIN，还须设 REGISTRY_ADMIN_PASSWORD，或 REGISTRY_ADMIN_PASSWORD_FILE。",
            "With REGISTRY_ADMIN, REGISTRY_ADMIN_PASSWORD or REGISTRY_ADMIN_PASSWORD_FILE must be set too.",
        )
    by = By("REGISTRY_ADMIN", "environment")
    accounts.add(connection, name, password, [Grant(Role.ADMINISTRATOR)], by, only_first=True)
