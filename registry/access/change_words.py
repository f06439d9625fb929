"""What was done to accounts in words: roles by their names, units by theirs, last days of tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import psycopg

from registry.access.changes import Change
from registry.access.roles import GIVEN, Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.domain.text import Text
from registry.queries.units.resolve import names_now
from registry.relations.two_times import NEWEST, AsOf

ORIGINS: Final = {
    "local": Text("在本系统设立", "made here"),
    "provider": Text("由统一身份认证", "by the identity provider"),
    "proxy": Text("由单位入口", "by the proxy"),
}
VIAS: Final = {
    "command": Text("命令行", "command line"),
    "page": Text("网页", "page"),
    "environment": Text("启动设置", "environment"),
    "provider": Text("统一身份认证", "identity provider"),
    "proxy": Text("单位入口", "proxy"),
}
_ROLES: Final = {each.value: each for each in GIVEN}


def role(grant: Grant, names: Mapping[str, str]) -> Text:
    """A role with the unit that it is for, by name where there is one."""
    zh, en = grant.role.text
    if grant.role is Role.ADMINISTRATOR:
        return Text(zh, en)
    if grant.unit is None:
        return Text(f"{zh}（全部单位）", f"{en} (all units)")
    unit = names.get(grant.unit, grant.unit)
    return Text(f"{zh}：{unit}", f"{en}: {unit}")


def detail(change: Change, names: Mapping[str, str]) -> Text:
    """The detail of a change as people read it; as it was kept where that is nothing that is known."""
    kept = change.detail
    first, _, rest = kept.partition(" ")
    match change.what:
        case "added" if kept in ORIGINS:
            return ORIGINS[kept]
        case "role-given" | "role-taken":
            given = _grant(kept)
            return Text(kept, kept) if given is None else role(given, names)
        case "token-made":
            written, _, after = rest.partition(" ")
            last, _, label = after.partition(" ")
            given = _grant(written)
            of = Text(written, written) if given is None else role(given, names)
            return Text(
                f"{first} 号（{label}），{of.zh}，用到 {last}", f"number {first} ({label}), {of.en}, until {last}"
            )
        case "token-revoked" if kept.isdecimal():
            return Text(f"{kept} 号", f"number {kept}")
        case "logged-out" if kept.isdecimal():
            return Text(f"{kept} 处", f"at {kept} places")
        case _:
            return Text(kept, kept)


def roles_with(names: Mapping[str, str]) -> Callable[[Grant], Text]:
    """`role` with the names of units that are known."""
    return lambda grant: role(grant, names)


def details_with(names: Mapping[str, str]) -> Callable[[Change], Text]:
    """`detail` with the names of units that are known."""
    return lambda change: detail(change, names)


def who(change: Change) -> Text:
    """Who made a change; on a machine that does not say who works at it, nobody's name is kept."""
    if change.by in ("", "?"):
        return Text("未留名", "not named")
    return Text(change.by, change.by)


def unit_names(
    connection: psycopg.Connection[Any], grants: Iterable[Grant], changes: Iterable[Change] = ()
) -> dict[str, str]:
    """The names today of the units that roles are for, and that changes of accounts name, by code."""
    given = (*grants, *(_named(each) for each in changes))
    codes = {grant.unit for grant in given if grant is not None and grant.unit is not None}
    return names_now(connection, sorted(codes), AsOf(today(), NEWEST))


def _named(change: Change) -> Grant | None:
    words = change.detail.split(" ")
    return _grant(words[1] if change.what == "token-made" and len(words) > 1 else words[0])


def _grant(written: str) -> Grant | None:
    """A role as accounts.shown writes it; its unit need not be one any more. None: it is no role."""
    name, _, unit = written.partition(":")
    return Grant(_ROLES[name], unit if unit not in ("", "*") else None) if name in _ROLES else None
