"""What belongs to an account as tables of its pages: where it is logged in, its tokens, who changed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup

from registry.access import change_words, sessions, tokens
from registry.access.changes import Change
from registry.domain.text import Text
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import time_cell

SESSIONS: Final = (
    Column("began", Text("登录时间", "Since"), "day", width=18),
    Column("seen", Text("上次使用", "Last used"), "day", width=18),
    Column("how", Text("方式", "How"), width=16),
    Column("state", Text("哪里", "Where"), width=12),
)
TOKENS: Final = (
    Column("number", Text("编号", "Number"), "number", width=8),
    Column("label", Text("用途", "For"), own_words=True, width=30),
    Column("role", Text("角色", "Role"), own_words=True, width=30),
    Column("ends", Text("用到哪天", "Last day"), "day", width=14),
    Column("used", Text("上次使用", "Last used"), "day", width=18),
    Column("state", Text("状态", "State"), width=12),
)
CHANGES: Final = (
    Column("at", Text("时间", "When"), "day", width=18),
    Column("by", Text("谁", "Who"), own_words=True, width=20),
    Column("via", Text("途径", "By"), width=14),
    Column("what", Text("做了什么", "Did what"), width=20),
    Column("detail", Text("内容", "Detail"), own_words=True, width=40),
)
HOW: Final[Mapping[sessions.How, Text]] = {
    "password": Text("密码", "password"),
    "provider": Text("统一身份认证", "identity provider"),
}
# A button in a row sends the form of that id, which is on the page once, with the number of the row.
END: Final = "end-session"
REVOKE: Final = "revoke-token"
_BUTTON: Final = Markup(
    ' <button class="second small" form="{}" name="number" value="{}">{}<span class="unseen"> {}</span></button>'
)


def sessions_table(view: View, lines: Sequence[sessions.Line], present: int | None) -> Table:
    """Where an account is logged in; each but the `present` one with a button that ends it."""

    def state(one: sessions.Line) -> Cell:
        if one.number == present:
            return Cell("here", view.localized("本机", "here"))
        button = _BUTTON.format(END, one.number, view.localized("退出", "Log out"), _minute(view, one.began_at))
        return Cell("elsewhere", view.localized("别处", "elsewhere"), inner=button)

    rows = rows_of(
        lines,
        began=lambda one: time_cell(one.began_at.isoformat()),
        seen=lambda one: time_cell(one.seen_at.isoformat()),
        how=lambda one: Cell(one.how, view.localized(*HOW[one.how])),
        state=state,
    )
    return Table("sessions", Text("登录着的地方", "Where it is logged in"), SESSIONS, rows, main=False)


def tokens_table(view: View, lines: Sequence[tokens.Line], names: Mapping[str, str]) -> Table:
    """The tokens of an account, each that works with a button that revokes it; `names`: of units, by code."""

    def state(one: tokens.Line) -> Cell:
        if not one.works:
            return Cell("ended", view.localized("已失效", "ended"))
        button = _BUTTON.format(REVOKE, one.number, view.localized("作废", "Revoke"), one.number)
        return Cell("in-use", view.localized("在用", "in use"), inner=button)

    def used(one: tokens.Line) -> Cell:
        never = view.localized("没有用过", "never")
        return Cell(None, never) if one.used_at is None else time_cell(one.used_at.isoformat())

    rows = rows_of(
        lines,
        number=lambda one: one.number,
        label=lambda one: one.label,
        role=lambda one: view.localized(*change_words.role(one.grant, names)),
        ends=lambda one: str(one.last),
        used=used,
        state=state,
    )
    return Table("tokens", Text("给程序用的令牌", "Tokens for programs"), TOKENS, rows, main=False)


def changes_table(view: View, lines: Sequence[Change], names: Mapping[str, str]) -> Table:
    """Who changed an account, the newest first; `names`: of units, by code."""
    rows = rows_of(
        lines,
        at=lambda one: time_cell(one.at.isoformat()),
        by=lambda one: view.localized(*change_words.who(one)),
        via=lambda one: view.localized(*change_words.VIAS[one.via]),
        what=lambda one: view.localized(*one.text),
        detail=lambda one: view.localized(*change_words.detail(one, names)),
    )
    return Table("changes", Text("谁改动过", "Who changed it"), CHANGES, rows, main=False)


def _minute(view: View, at: datetime) -> str:
    """A time that tells a row from the others, for who hears the button alone."""
    return view.localized("登录于 ", "since ") + time_cell(at.isoformat()).text
