"""What can be wrong with a decision: the contract's error codes, and the sentences that go with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.domain.text import Text

# In the contract's order: of several that apply, the first is reported.
CODES: Final[tuple[str, ...]] = (
    "bad-json",
    "unknown-type",
    "unknown-field",
    "missing-field",
    "bad-value",
    "conflict",
    "unknown-unit",
    "unknown-instrument",
    "unknown-matter",
    "unknown-list",
    "unknown-ref",
    "wrong-kind",
    "not-in-force",
    "bad-interval",
    "cycle",
    "in-use",
)
ORDER: Final[dict[str, int]] = {code: rank for rank, code in enumerate(CODES)}

# What to do about each, for the person who sent the line.
HINTS: Final[dict[str, Text]] = {
    "bad-json": Text(
        "每行写一个完整的 JSON 对象，UTF-8 编码。",
        "Write one complete JSON object a line, in UTF-8.",
    ),
    "unknown-type": Text(
        "type 请用日志格式规定的决定类型。",
        "Use one of the journal's types of decision.",
    ),
    "unknown-field": Text(
        "删去该字段，或核对拼写和事项种类。",
        "Remove the field, or check its spelling and the kind of matter.",
    ),
    "missing-field": Text("补上该字段。", "Add the field."),
    "bad-value": Text(
        "按日志格式改正该值。",
        "Correct the value as the journal format says.",
    ),
    "conflict": Text(
        "编号已被使用：另取编号，或用修订、更正类决定。",
        "The id is taken: use another, or a decision that revises or corrects.",
    ),
    "unknown-unit": Text(
        "先登记该单位，或核对其代码。",
        "Register the unit first, or check its code.",
    ),
    "unknown-instrument": Text(
        "先登记该文件，或核对文号。",
        "Record the instrument first, or check its number.",
    ),
    "unknown-matter": Text(
        "先定义该事项，或核对其编码。",
        "Define the matter first, or check its code.",
    ),
    "unknown-list": Text(
        "先发布该清单，或核对其编号。",
        "Adopt the list first, or check its code.",
    ),
    "unknown-ref": Text(
        "所指记录须先存在：核对编号和先后次序。",
        "What is named must be recorded first: check the id and the order.",
    ),
    "wrong-kind": Text(
        "换用与其种类相符的事项、单位或决定。",
        "Use a matter, unit or decision of the right kind.",
    ),
    "not-in-force": Text(
        "核对生效日期，或改用当时有效的对象。",
        "Check the date, or name something in force on that day.",
    ),
    "bad-interval": Text(
        "核对起止日期，以及是否已经终止。",
        "Check the dates, and whether it has ended already.",
    ),
    "cycle": Text(
        "核对上级或承接单位，不得首尾相接。",
        "Check the parent or successor: no unit may be above itself.",
    ),
    "in-use": Text(
        "先撤销（或更正）仍以此为据的记录，再撤销本条。",
        "First annul, or correct, what still rests on it.",
    ),
}
# Not of the contract: what an account may not record is refused by the server alone.
FORBIDDEN: Final = Text(
    "请由负责该单位的账号记录，或者请管理员调整您的角色和范围。",
    "Have it recorded by an account for that unit, or your role and territory changed by an administrator.",
)


def advice(code: str) -> Text:
    """What to do about a decision that is refused with a code."""
    return FORBIDDEN if code == "forbidden" else HINTS[code]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one decision: a contract code, the journal's field it is about, and a sentence."""

    code: str
    field: str | None
    sentence: Text

    @property
    def message(self) -> Text:
        """The sentence and what to do about it."""
        hint = advice(self.code)
        return Text(self.sentence.zh + hint.zh, f"{self.sentence.en} {hint.en}")


class Refused(Exception):
    """A decision that cannot be: not well formed, or impossible given what is recorded."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message.joined)
        self.problem = problem


def bad_value(field: str, value: Any, detail: str) -> Problem:
    """A value that its field does not take; `detail` says in English what it takes."""
    written = json.dumps(value, ensure_ascii=False, default=str)  # as the journal writes it: null, true, "…"
    shown = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in written)
    if len(shown) > 80:
        shown = shown[:77] + "…"
    return Problem(
        "bad-value",
        field,
        Text(f"字段“{field}”的值不合要求：{shown}。", f"The value of {field} is not allowed: {shown} ({detail})."),
    )


def not_taken(field: str, by: Text) -> Problem:
    """A field that a decision has, but not where it is about this."""
    return Problem("unknown-field", field, Text(f"{by.zh}不用字段“{field}”。", f"{by.en} takes no {field}."))


def nothing_revised(given: Mapping[str, Any], key_field: str) -> list[Problem]:
    """What is wrong with a revision (a journal object) that names what it revises and nothing else; else nothing."""
    if given.keys() - {"type", "at", "note", key_field}:
        return []
    return [Problem("missing-field", "name", Text("没有写明要修订的内容。", "Nothing is said of what is revised."))]


def first(problems: list[Problem]) -> Problem:
    """The one to report: the first by the contract's order; of several of one code the first in the list."""
    return min(problems, key=lambda problem: ORDER[problem.code])
