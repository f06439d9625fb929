"""What a decision changed, in words: one Chinese and one English sentence for each effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from registry.domain.labels import FUNCTION, INSTRUMENT_KIND, LEVEL, MATTER_KIND, POLARITY, POWER_KIND, ROLE
from registry.domain.text import Text

# What the rows of each read table are about.
NOUNS: Final = {
    "unit": Text("单位", "unit"),
    "instrument": Text("文件", "document"),
    "matter": Text("事项", "matter"),
    "lawful_holder": Text("法定承担", "holding by law of"),
    "vesting": Text("依法授予的权力", "vesting"),
    "list": Text("清单", "list"),
    "item": Text("清单事项", "item"),
    "delegation": Text("交办或赋权", "delegation"),
    "demand": Text("证明要求", "demand for a certificate"),
    "proposal": Text("准入申请", "proposal"),
    "report": Text("基层反映", "report"),
    "waiver": Text("豁免", "waiver"),
    "rectification": Text("督办", "order"),
    "rectification_answer": Text("督办答复", "answer to the order"),
    "precedent": Text("案例", "case"),
    "assessment": Text("评议", "assessment"),
}
BEGAN: Final = Text("生效", "holds")
ENDED: Final = Text("不再有效", "holds no more")
CHANGED: Final = Text("变更", "changes")

# What each column of the read tables is called; `effects` takes which columns there are from their declarations.
LABELS: Final = {
    "name": Text("名称", "name"),
    "level": Text("层级", "level"),
    "kind": Text("种类", "kind"),
    "function": Text("职能", "function"),
    "parent": Text("上级单位", "parent"),
    "guided_by": Text("业务指导单位", "guided by"),
    "stationed_at": Text("派驻地", "stationed at"),
    "aliases": Text("别名", "aliases"),
    "monitored": Text("减负监测点", "monitoring point"),
    "dissolved": Text("撤销", "dissolved"),
    "successor": Text("承接单位", "successor"),
    "title": Text("标题", "title"),
    "issuer": Text("出具或发文机关", "issuer"),
    "replaced_by": Text("替代文件", "replaced by"),
    "reenacted": Text("由替代文件重新规定", "re-enacted by it"),
    "category": Text("类别", "category"),
    "basis": Text("设定依据", "basis"),
    "lawful_holders": Text("法定承担者", "lawful holders"),
    "requires": Text("所需权力", "requires"),
    "needs": Text("所需保障", "needs"),
    "power_kind": Text("权力种类", "kind of power"),
    "alternative": Text("替代办法", "alternative"),
    "materials": Text("所需材料", "materials"),
    "includes": Text("包含事项", "includes"),
    "window_level": Text("办理窗口", "window"),
    "procedure": Text("办理方式", "procedure"),
    "online": Text("网上办理", "online"),
    "asks": Text("填报内容", "asks for"),
    "in_law": Text("有效", "in law"),
    "retired": Text("废止", "retired"),
    "instrument": Text("依据文件", "instrument"),
    "polarity": Text("正负", "polarity"),
    "covers": Text("涵盖", "covers"),
    "audience": Text("适用层级", "audience"),
    "scope": Text("适用地域", "scope"),
    "closed": Text("封闭", "closed"),
    "assigns": Text("承担方式", "assigns"),
    "quota": Text("总量上限", "quota"),
    "matter": Text("事项", "matter"),
    "terms": Text("关键词", "terms"),
    "roles": Text("承担方式", "roles"),
    "grantor": Text("来源单位", "from"),
    "brings": Text("随附保障", "brings"),
    "sender": Text("交办单位", "from"),
    "recipient": Text("承接单位", "to"),
    "role": Text("承担方式", "role"),
    "mode": Text("方式", "mode"),
    "due_on": Text("期限", "due on"),
    "under": Text("上一环节", "under"),
    "proposal": Text("准入申请", "proposal"),
    "answer": Text("答复", "answer"),
    "answered_by": Text("答复单位", "answered by"),
    "answered_on": Text("答复日", "answered on"),
    "reason": Text("理由", "reason"),
    "end_reason": Text("终止原因", "reason"),
    "text": Text("内容", "text"),
    "about": Text("所涉", "about"),
    "outcome": Text("结果", "outcome"),
    "unit": Text("单位", "unit"),
    "waived_by": Text("豁免单位", "waived by"),
    "subject": Text("问题对象", "subject"),
    "began": Text("签发日", "ordered on"),
    "ordered_by": Text("督办单位", "ordered by"),
    "done": Text("答复已整改", "answered as done"),
    "overdue": Text("逾期", "overdue"),
    "settled_by": Text("处理单位", "settled by"),
    "rule": Text("问题规则", "rule"),
    "made_by": Text("评议单位", "assessed by"),
    "period": Text("评议时段", "period"),
    "score": Text("得分", "score"),
}
# The contract's words as Chinese readers know them; English readers get the words themselves.
WORDS: Final = {
    **{word: text.zh for table in (LEVEL, INSTRUMENT_KIND, POWER_KIND, POLARITY) for word, text in table.items()},
    **{word: text.zh for table in (MATTER_KIND, FUNCTION, ROLE) for word, text in table.items()},
    "government": "政府",
    "party": "党委机构",
    "department": "部门",
    "dispatched": "派出机构",
    "assigned": "交办",
    "entrusted": "委托",
    "letter": "责任书",
    "territorial": "属地管理",
    "purchased": "购买服务",
    "devolved": "下放",
    "staff": "人员",
    "funds": "经费",
    "admitted": "准入",
    "refused": "不准入",
    "upheld": "属实",
    "rejected": "不属实",
    "resolved": "已解决",
    "done": "已整改",
    "extended": "延期",
    "disputed": "有异议",
    "exempted": "免责",
    "lightened": "从轻或减轻",
    "held": "追责",
    "returned": "退回",
    "revoked": "撤回",
    "expired": "到期",
    "completed": "完成",
    "superseded": "被取代",
}
CODED: Final = frozenset(
    {"level", "kind", "power_kind", "polarity", "covers", "audience", "assigns", "roles", "brings", "needs", "role"}
    | {"mode", "answer", "outcome", "end_reason", "window_level", "function"}
)
UNITS: Final = frozenset(
    {"parent", "guided_by", "stationed_at", "successor", "scope", "grantor", "sender", "recipient", "answered_by"}
    | {"waived_by", "unit", "settled_by", "made_by", "by", "ordered_by"}
)
MATTERS: Final = frozenset({"matter", "requires", "includes", "power"})
ISSUED: Final = frozenset({"instrument"})  # the table whose issuer is a unit's code; elsewhere it is a text

Names = Mapping[str, str]


def named(table: str, key: str, fields: Sequence[tuple[str, Any, Any]]) -> set[str]:
    """The codes of units and matters that the sentence of an effect names."""
    codes = {key} if table in ("unit", "matter") else set[str]()
    for field, before, after in fields:
        if field in UNITS or field in MATTERS or (field == "issuer" and table in ISSUED):
            for value in (before, after):
                codes |= set(cast("list[str]", value) if isinstance(value, list) else [value] if value else [])
    return codes


def sentence(
    table: str,
    key: str,
    change: str,
    since: str | None,
    until: str | None,
    fields: Sequence[tuple[str, Any, Any]],
    names: Names,
) -> Text:
    """When, what and how, e.g. 自2020-06-01起，交办或赋权 GQ-1 不再有效。"""
    noun = NOUNS[table]
    what = shown(key, names) if table in ("unit", "matter") else Text(key, key)
    verb = {"began": BEGAN, "ended": ENDED, "changed": CHANGED}[change]
    zh = f"自{since}起" if since else "自始"
    en = f"From {since}" if since else "From the beginning"
    if until:
        zh, en = f"{zh}至{until}前", f"{en} until {until}"
    zh, en = f"{zh}，{noun.zh}{what.zh}{verb.zh}", f"{en}, {noun.en} {what.en} {verb.en}"
    parts = [_field(table, *field, names) for field in fields if change != "ended" or field[0] == "end_reason"]
    if parts:
        zh, en = f"{zh}：{'；'.join(each.zh for each in parts)}", f"{en}: {'; '.join(each.en for each in parts)}"
    return Text(f"{zh}。", f"{en}.")


def shown(code: str, names: Names) -> Text:
    """A unit or a matter by name and code."""
    if code not in names:
        return Text(code, code)
    return Text(f"{names[code]}（{code}）", f"{names[code]} ({code})")


def value_of(field: str, value: Any, names: Names) -> Text:
    """The value of a field of a decision, as users read it."""
    return _value("instrument" if field == "issuer" else "", "role" if field == "reason" else field, value, names)


def _field(table: str, field: str, before: Any, after: Any, names: Names) -> Text:
    label = LABELS[field]
    was, now = _value(table, field, before, names), _value(table, field, after, names)
    if before in (None, [], False):
        return Text(f"{label.zh} {now.zh}", f"{label.en} {now.en}")
    return Text(f"{label.zh}由{was.zh}改为{now.zh}", f"{label.en} from {was.en} to {now.en}")


def _value(table: str, field: str, value: Any, names: Names) -> Text:
    if value is None or value == []:
        return Text("无", "none")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, dict):
        words = list(cast("dict[str, str]", value).values())
        return Text("".join(WORDS.get(each, each) for each in words), " ".join(words))
    if isinstance(value, list):
        every = [_value(table, field, each, names) for each in cast("list[Any]", value)]
        return Text("、".join(each.zh for each in every), ", ".join(each.en for each in every))
    text = str(value)
    if field in CODED:
        return Text(WORDS.get(text, text), text)
    if field in UNITS or field in MATTERS or (field == "issuer" and table in ISSUED):
        return shown(text, names)
    return Text(text, text)
