"""What may be answered of texts in a file that are not clear: what becomes of rows, which towns, which day.

One answer settles all cells that say the same. Names of units and matters are asked about too; all answers are
remembered (remembered.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, get_args

from registry.domain.text import Text
from registry.exchange.sheets.problems import AnswerKind
from registry.exchange.sheets.recognising import days

Kind = AnswerKind
Effect = Literal["keep", "end", "deny"]
Lead = Literal["unit", "own"]

# Where a mapping has the answers of each kind, and what begins the field or the key of an answer.
SECTIONS: Final[Mapping[Kind, str]] = {"row": "rows", "town": "towns", "day": "days", "note": "notes", "lead": "leads"}
EFFECTS: Final[Mapping[Effect, Text]] = {
    "keep": Text("列入（保留）", "on the list (stays)"),
    "end": Text("不列入（取消、移出）", "not on the list (goes off it)"),
    "deny": Text("不得（列入负面清单）", "may not be (on a negative list)"),
}
# Who leads what a list has its bodies lead, where a column names others (leading.py).
LEADS: Final[Mapping[Lead, Text]] = {
    "unit": Text(
        "该栏所写的单位牵头，镇（街道）、村（社区）只配合",
        "those named in the column lead; the list's bodies only help",
    ),
    "own": Text(
        "镇（街道）、村（社区）自己牵头，该栏是对应的上级部门",
        "the list's bodies lead; the column names the departments above",
    ),
}
ALL: Final = "all"  # all towns of the county
NO_DAY: Final = "none"  # the text says no day: it stays in the note
QUESTIONS: Final[Mapping[Kind, Text]] = {
    "row": Text("“{}”的事项，是否列入清单？", "Are the items that say “{}” on the list?"),
    "town": Text("“{}”指哪些镇（街道）？", "Which townships are “{}”?"),
    "day": Text("“{}”是哪一天？", "Which day is “{}”?"),
    "note": Text("“{}”是否影响某些事项？", "Does “{}” change what holds for any item?"),
    "lead": Text("“{}”一栏所写的单位，是由它牵头吗？", "Do the units under “{}” lead?"),
}
# What tells several texts together from others (unlisted.py): for programs, not for who is asked.
_DIGEST: Final = re.compile("#[0-9a-f]{8}$")
CHOICES: Final[Mapping[Kind, Text]] = {
    "row": Text("列入；不列入；不得", "keep; end; deny"),
    "town": Text("镇名或代码，用顿号隔开；all（全部）", "names or codes, with commas; all"),
    "day": Text("2027-03-01；none（不是日期，只记入附注）", "2027-03-01; none (no day: kept in the note)"),
    "note": Text("不影响；或所说各行的序号，如 3、5", "nothing; or the numbers of the rows that it concerns: 3, 5"),
    "lead": Text(
        "unit（该单位牵头，镇、村配合）；own（镇、村牵头，该单位是对应的上级部门）",
        "unit (it leads, the list's bodies help); own (they lead, it is the department above)",
    ),
}
NOTHING: Final = "nothing"  # a text changes none of the items beside which it stands
NOTE_ANSWERS: Final[Mapping[str, Text]] = {
    NOTHING: Text("不影响任何事项，照表记录", "it changes no item: record the table as it is")
}
# What is chosen of a few answers where it is asked on a page; of texts beside items rows can be ticked too.
CHOSEN: Final[Mapping[Kind, Mapping[str, Text]]] = {"row": {**EFFECTS}, "lead": {**LEADS}}
_EFFECT_WORDS: Final[Mapping[Effect, re.Pattern[str]]] = {
    "keep": re.compile(r"keep|stays?|列入|保留|继续|列入（保留）", re.IGNORECASE),
    "end": re.compile(r"end|goes|不列入|取消|移出|收回|不列入（取消、移出）", re.IGNORECASE),
    "deny": re.compile(r"deny|不得|禁止|负面|不得（列入负面清单）", re.IGNORECASE),
}
_LEAD_WORDS: Final[Mapping[Lead, re.Pattern[str]]] = {
    "unit": re.compile(r"unit(?:（.*）)?|(?:由)?(?:该栏所写的|所列|该|上级)?(?:单位|部门)牵头(?:，.*)?", re.IGNORECASE),
    "own": re.compile(
        r"own(?:（.*）)?|township|village|(?:由)?(?:本|各|该)?(?:镇（街道）、村（社区）自己|镇（街道）|村（社区）|乡镇|镇街|镇|乡|街道|村|社区)牵头(?:，.*)?",
        re.IGNORECASE,
    ),
}
_NO_DAY: Final = re.compile("none|无|没有|不是|不是日期|不记", re.IGNORECASE)
_NOTHING: Final = re.compile(
    "nothing|none|keep|no|(?:都|均)?(?:不影响|没有影响|无影响|不改变|无)(?:任何|各)?(?:事项|各?行)?(?:，照表记录)?",
    re.IGNORECASE,
)
_ALL: Final = re.compile("all|全部|所有|各镇|全县|全市|全区", re.IGNORECASE)


def worded_question(kind: Kind, text: str) -> Text:
    """What is asked of a text, as people read it."""
    shown = _DIGEST.sub("", text)
    return Text(QUESTIONS[kind].zh.format(shown), QUESTIONS[kind].en.format(shown))


def effect(text: str) -> Effect | None:
    """What an answer says is to become of rows; None where it says nothing of that."""
    return next((name for name in get_args(Effect) if _EFFECT_WORDS[name].fullmatch(text.strip())), None)


def lead(text: str) -> Lead | None:
    """Who leads by an answer: those whom the column names, or the bodies of the list; None where it says neither."""
    return next((name for name in get_args(Lead) if _LEAD_WORDS[name].fullmatch(text.strip())), None)


def day(text: str) -> date | Literal["none"] | None:
    """The day that an answer says, `none` where the text is said to be no day; None where it is not understood."""
    if _NO_DAY.fullmatch(text.strip()):
        return "none"
    period = days.period(text)
    return period.since if period is not None and isinstance(period.since, date) else None


def shown(kind: Kind, means: str) -> Text:
    """An answer as people are told it."""
    if kind == "row":
        name = effect(means)
        return EFFECTS[name] if name is not None else Text(means, means)
    if kind == "lead":
        who = lead(means)
        return LEADS[who] if who is not None else Text(means, means)
    if kind == "note" and is_nothing(means):
        return Text("不影响任何事项", "it changes no item")
    if kind == "town" and is_all(means):
        return Text("全部镇（街道）", "all townships")
    if kind == "day" and means == NO_DAY:
        return Text("不是日期，只记入附注", "no day: kept in the note")
    return Text(means, means)


def is_nothing(text: str) -> bool:
    """Whether an answer says that a text changes no item."""
    return _NOTHING.fullmatch(text.strip()) is not None


def is_all(text: str) -> bool:
    """Whether an answer means all towns."""
    return _ALL.fullmatch(text.strip()) is not None


def given(mapping: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    """The answers of a kind in a mapping, by the text that they are of; those still open (`? …`) left out."""
    section: Mapping[str, str] = mapping.get(SECTIONS[kind], {})
    return {key(text): answer for text, answer in section.items() if answer and not answer.startswith("?")}


def key(text: str) -> str:
    """A text without regard to spaces and line breaks: what all cells that say the same have in common."""
    return "".join(text.split())[:200]
