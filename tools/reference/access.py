"""Who may see and do what: the table of operations (registry/access/operations.py), as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.operations import ADDRESSES, FIELDS, RECORDS, Answer, Rule, Where, answer
from registry.access.roles import NAMES, Role
from registry.domain.decisions import TYPES
from tools.reference.tables import page, table

HEAD: Final = """
角色授给账号，限于一个单位及其以下（按今天的上下级），或者整个登记簿。表里没有的操作，任何人都不能用。看不见的内容，如同没有：
列表、合计、分页、动态、历史和错误里都没有。人人知道的单位，问到它不公开的内容时答 `forbidden`。编号、序号是全登记簿共用的，
所以新记录用了别处已用的编号，会答编号已被使用。
A role is given for a unit and all below it, as the tree is today, or for the whole registry. What is not in the table
is for nobody. What one may not see is not there: not in lists, totals, pages, feeds, histories or errors. Of a unit,
which everybody may know, what is not published is answered with `forbidden`. Ids and positions are those of the whole
registry: an id in use elsewhere is said to be taken, and positions have gaps where others are recorded.

编辑员查阅其单位所属政府的整个辖区，只为自己的单位及以下记录。某日的问题，也按今天的上下级决定看得见什么。
An editor reads all of its unit's government's territory, and records for its own unit and those below. What is seen of
a past day hangs on the tree of today as well.
"""
WHERE: Final = {
    Where.OWN: "本单位 own",
    Where.BELOW: "以下 below",
    Where.PARENT: "上级 above",
    Where.OTHER: "其他 other",
}
ANSWERS: Final = {Answer.YES: "✓", Answer.PART: "本辖区的 its own part", Answer.NO: "—"}


def markdown() -> str:
    """The whole page."""
    return page("谁能看、谁能办 · Who may see and do what", HEAD, _lines())


def _lines() -> Iterator[str]:
    yield from ("## 规则 · Rules", "")
    for rule in Rule:
        yield from (f"### {rule.value}", "", f"{rule.text.zh} {rule.text.en}", "")
        yield from table(("角色 role", *WHERE.values()), (_row(rule, role) for role in Role))
        yield ""
    yield from ("## 决定类型 · Types of decision", "")
    yield from table(
        ("类型 type", "角色 role", "谁的行为 whose act"),
        ((f"`{name}`", _named(role), _acting(name)) for name, role in RECORDS.items()),
    )
    yield from ("", "## 地址 · Addresses", "")
    yield from table(
        ("地址 address", "规则 rule"), ((f"`{each.methods} {each.path}`", each.rule.value) for each in ADDRESSES)
    )
    yield from ("", "## GraphQL", "")
    yield from table(
        ("类型 type", "规则 rule", "字段 fields"),
        (
            (f"`{kind}`", rule.value, " ".join(f"`{name}`" for name, of in sorted(fields.items()) if of is rule))
            for kind, fields in FIELDS.items()
            for rule in Rule
            if rule in fields.values()
        ),
    )


def _row(rule: Rule, role: Role) -> tuple[str, ...]:
    return (_named(role), *(ANSWERS[answer(rule, role, where)] for where in Where))


def _named(role: Role) -> str:
    return f"{NAMES[role].zh} {NAMES[role].en}"


def _acting(kind: str) -> str:
    """The fields whose units act."""
    acting = TYPES[kind].ACTING
    if acting.source == "begun":
        return "开始它的单位 who began it"
    if acting.source == "named":
        return "所更正的决定的单位 who acted in what it corrects"
    fields = ", ".join(f"`{name.removesuffix('_')}`" for name in acting.fields)
    shared = "属于大家，改动限本人或整个登记簿 everybody's: changed by whoever brought it in, or for the whole registry"
    return "；".join(part for part in (fields, shared if acting.shared else "") if part)
