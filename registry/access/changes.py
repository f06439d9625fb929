"""Who changed which account, when: rows that are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg
from psycopg.rows import class_row

from registry.domain.text import Text

Via = Literal["command", "page", "environment", "provider", "proxy"]
What = Literal[
    "added",
    "role-given",
    "role-taken",
    "disabled",
    "enabled",
    "password",
    "token-made",
    "token-revoked",
    "logged-out",
    "unlocked",
]
NAMES: dict[str, Text] = {
    "added": Text("建立账号", "account added"),
    "role-given": Text("授予角色", "role given"),
    "role-taken": Text("收回角色", "role taken away"),
    "disabled": Text("停用", "disabled"),
    "enabled": Text("恢复使用", "enabled again"),
    "password": Text("改密码", "password changed"),
    "token-made": Text("发放令牌", "token made"),
    "token-revoked": Text("作废令牌", "token revoked"),
    "logged-out": Text("全部退出", "logged out everywhere"),
    "unlocked": Text("解除锁定", "unlocked"),
}


@dataclass(frozen=True, slots=True)
class By:
    """Who changes an account, and by which face."""

    name: str
    via: Via


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an account as it is kept."""

    number: int
    at: datetime
    by: str
    via: Via
    account: str
    what: What
    detail: str

    @property
    def text(self) -> Text:
        """What was done, in words."""
        return NAMES[self.what]


def keep(connection: psycopg.Connection[Any], by: By, account: str, what: What, detail: str = "") -> None:
    """Keep that somebody changed an account."""
    connection.execute(
        "INSERT INTO access.change (by, via, account, what, detail) VALUES (%s, %s, %s, %s, %s)",
        (by.name, by.via, account, what, detail),
    )


def newest(connection: psycopg.Connection[Any], account: str | None = None, most: int = 100) -> list[Change]:
    """The newest changes, of one account or of all, newest first."""
    with connection.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(
            "SELECT number, at, by, via, account, what, detail FROM access.change"
            " WHERE %(account)s::text IS NULL OR account = %(account)s ORDER BY number DESC LIMIT %(most)s",
            {"account": account, "most": most},
        ).fetchall()
