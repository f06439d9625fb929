"""Characters that no id and no name may have: they reorder or act on what is shown.

Control characters move a terminal's cursor or set its title; bidirectional controls make a name read as another. Notes
and other texts keep what they were written with, and terminals escape it: older journals import unchanged. Unicode
Standard, chapters 23.1 (control codes), 23.2 (layout controls); Unicode Technical Report 36.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, cast

from registry.domain.problems import Problem
from registry.domain.text import Text

# Bidirectional controls; line and paragraph separators.
_HIDDEN: Final = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# Fields that hold a text; all others hold ids, names and words.
_TEXTS: Final = frozenset({"text", "note", "reason", "procedure", "alternative", "online", "basis", "terms"})
# Lines and tabs stand in names of items as they were published; ids take neither (`decision.Id`).
_UNFIT: Final = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_HIDDEN}]")
# What a line has, escaped or in UTF-8, if any of the above can be in it, or a name of nothing but blanks.
_SUSPECT: Final = re.compile(
    rb"\\[ubf]|\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
    rb'|"(?:\s|\xc2\xa0|\xe3\x80\x80)+"'
)
# All bytes but those with which what is suspect begins, quotes apart.
_HARMLESS: Final = bytes({*range(256)} - {*b"\\\x7f\xc2\xd8\xe2\xef"})


def may_be_unfit(line: bytes) -> bool:
    """Whether a line of JSON is worth `unfit`: quick, and never false where that finds something."""
    # Most lines have no byte with which anything of it begins; to see that takes a seventh of the search.
    begins = line.translate(None, _HARMLESS) or b'" ' in line or b'"\xe3\x80\x80' in line
    return bool(begins) and _SUSPECT.search(line) is not None


def unfit(fields: dict[str, Any]) -> list[Problem]:
    """The problems of a journal object's values: `bad-value` for each field with such a character, or blank."""
    return [problem for field, name, text in _values("", "", fields) for problem in _unfit(field, name, text)]


def _values(field: str, name: str, value: Any) -> Iterator[tuple[str, str, str]]:
    """The texts of a value, each with the journal's field that it is in and the nearest name above it."""
    if isinstance(value, str):
        yield field, name, value
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _values(field, name, each)
    elif isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield from _values(field or key, key, each)


def _unfit(field: str, name: str, text: str) -> Iterator[Problem]:
    if name in _TEXTS:
        return
    if not text.strip():
        yield Problem("bad-value", field, Text(f"“{name}”只有空白。", f"{name} is blank."))
    seen = _UNFIT.search(text)
    if seen is not None:
        at, code = seen.start() + 1, f"U+{ord(seen.group()):04X}"
        zh = f"“{name}”的第 {at} 个字符是看不见的控制字符（{code}），请删去。"
        yield Problem("bad-value", field, Text(zh, f"Character {at} of {name} is an invisible control ({code})."))
