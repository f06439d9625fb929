"""What the forms of a finding's page refuse or ask about before recording; the API records what the contract allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.pages import address as lookup
from registry.web.pages.failure import NO_CHOICE, Choice, Refused

LONGEST: Final = 2000  # characters of what is written
FAR: Final = 5  # years ahead: a later day is asked about
REF: Final = re.compile(r"DB-\d{8}-[0-9A-F]{6}", re.ASCII)
_TOO_LONG: Final = Text(
    f"文字超过 {LONGEST} 字，没有记录；请缩短，详情附在公文里。",
    f"The text is longer than {LONGEST} characters; nothing was recorded: shorten it, and send the rest as a letter.",
)
_ITSELF: Final = Text(
    "不能由被督办的单位督办自己，没有记录；请填写它的上级单位，或上级单位的部门。",
    "A unit does not order itself; nothing was recorded: name a unit above it, or an office of one.",
)


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why a form is shown again, with what was entered; `confirmation`: the value of the box that is to be ticked.

    `meant`: the units that may be meant by the one that was entered.
    """

    note: tuple[str, str]
    given: Mapping[str, str] = field(default_factory=dict[str, str])
    status: int = 400
    confirmation: str = ""
    meant: Choice = NO_CHOICE


def too_long(text: str) -> Text | None:
    """Why a text is not recorded; None where it is short enough."""
    return _TOO_LONG if len(text) > LONGEST else None


async def with_who_acts(view: View, unit: str, acting: str, text: str) -> str:
    """What an order says, led by who is to act where that is not the unit itself. Raises Refused: unknown-unit."""
    if not acting or acting == unit:
        return text
    code = await lookup.unit(await view.resources.pool(), view.moment, acting)
    named = (await view.ask("draft_unit", code=code))["unit"]
    return f"责任单位：{named['name'] if named else acting}。{text}"


async def not_above(view: View, unit: str, by: str) -> Text | None:
    """Why `by` (a code) does not order this unit: it is not above it, nor an office of one that is. None: it does."""
    if by == unit:
        return _ITSELF
    try:
        bearer = await view.unit(unit)
    except Refused:  # one that is no more: nobody is above it
        return None
    if by == bearer["code"]:
        return _ITSELF
    above = {each["code"]: each["level"] for each in bearer["above"]}
    row = (await view.ask("draft_unit", code=by))["unit"]
    if not above or row is None or by in above:
        return None
    if row["parent"] and above.get(row["parent"]["code"]) == row["level"]:  # an office is of the level of whose it is
        return None
    return Text(
        f"{row['name']}不是{bearer['name']}的上级单位，也不是其上级单位的部门，没有记录。",
        f"{row['name']} is not above {bearer['name']}, nor an office of a unit above it; nothing was recorded.",
    )


def ordered_already(orders: Sequence[Data], decision: Data) -> Text | None:
    """Why an order is not recorded again: its form was used, or the same is open. None where neither is so."""
    same = [one["ref"] for one in orders if one["ref"] == decision["ref"]]
    words = (decision["by"], decision["text"], decision["due_on"])
    same += [
        one["ref"]
        for one in orders
        if one["state"] != "CLOSED" and (one["by"]["code"], one["text"], one["dueOn"]) == words
    ]
    if not same:
        return None
    return Text(
        f"这项督办已经记录，编号 {same[0]}；没有重复记录。",
        f"This order is recorded already, as {same[0]}; it was not recorded again.",
    )


def answered_already(orders: Sequence[Data], decision: Data) -> Text | None:
    """Why an answer is not recorded again: the latest one is the same. None where it is not."""
    answers = [one for order in orders if order["ref"] == decision["ref"] for one in order["answers"]]
    names = ("outcome", "text", "dueOn")
    last = answers and (answers[-1]["by"]["code"], *(answers[-1][name] for name in names))
    if last != (decision["by"], decision["outcome"], decision["text"], decision.get("due_on")):
        return None
    return Text(
        "同样的答复刚才已经记录；没有重复记录。",
        "The same answer is recorded already; it was not recorded again.",
    )


def to_confirm(orders: Sequence[Data], due: date | None, by_itself: str = "") -> tuple[str, Text] | None:
    """What is asked before recording, with a key that confirms just this; None where there is nothing to ask.

    `by_itself`: who waives though it is not above the unit that bears the finding; the contract lets anybody.
    """
    keys: list[str] = []
    zh: list[str] = []
    en: list[str] = []
    if by_itself:
        keys.append(f"by:{by_itself}")
        zh.append("豁免不是由问题所在单位的上级单位或其部门作出的：单位豁免自己的问题，应当有上级的决定")
        en.append("It is not waived by a unit above the one that bears it, nor by an office of one, as it should be")
    unsettled = [one for one in orders if one["state"] != "CLOSED"]
    if unsettled:
        keys += [one["ref"] for one in unsettled]
        zh.append("这个问题已有未销号的督办：" + "、".join(f"{one['ref']}（限 {one['dueOn']}）" for one in unsettled))
        en.append("It is under order already: " + ", ".join(f"{one['ref']} (due {one['dueOn']})" for one in unsettled))
    now = today()
    if due is not None and (due.year - FAR, due.month, due.day) > (now.year, now.month, now.day):
        keys.append(str(due))
        zh.append(f"所填日期 {due} 在 {FAR} 年以后")
        en.append(f"{due} is more than {FAR} years ahead")
    if not keys:
        return None
    return " ".join(keys), Text(
        "；".join(zh) + "。还没有记录：确要这样记录的，请在下面勾选确认，再提交一次。",
        "; ".join(en) + ". Nothing was recorded yet: to record it so, tick the box below and send it again.",
    )
