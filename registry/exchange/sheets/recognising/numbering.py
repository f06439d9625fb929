"""How items and categories are numbered: 一、 （一） 1. (1) ①, and with marks: *2, ※3, 2*."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

CHINESE: Final = "一二三四五六七八九十百〇零"
# Each a level of its own.
_NUMBERINGS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"第[{CHINESE}\d]+[部分章节类篇编]+[、:： ]*",
        rf"[{CHINESE}]+[、.．,，:：]\s*",
        rf"[（(][{CHINESE}]+[）)][、.．]?\s*",
        r"[ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩIVX]+[、.．]\s*",
        r"\d+(?:\.\d+)+[、.．]?\s*",
        r"\d+\s*[、.．](?!\d)\s*",
        r"[（(]\d+[）)][、.．]?\s*",
    )
)
HEADINGS: Final = (0, 1, 2)  # the numberings that are seldom an item's
ORDINAL: Final = re.compile(rf"[（(]?[{CHINESE}]+[）)]?[、.．]?|第[{CHINESE}]+[部分章节类]+")
_COUNT: Final = re.compile(r"\s*[（(]?\s*共?计?\s*\d{1,6}\s*[项条个件类][）)]?\s*$")
_MARKS: Final = "*＊※★☆▲△●○◆◇#＃√"
_MARKED: Final = re.compile(rf"^([{_MARKS}]+)\s*|\s*([{_MARKS}]+)$")
_PLAIN: Final = re.compile(
    r"(?:No\.?|№|第|序号)?\s*[（(【\[]?\s*(\d{1,6}(?:[-.]\d{1,4})*)\s*[）)】\]]?\s*[、.．,，。:：]?\s*(?:项|号|条)?",
    re.IGNORECASE,
)
_ENCLOSED: Final = re.compile("[①-⑳⑴-⒇⒈-⒛㉑-㉟㊱-㊿❶-❿➀-➓]")
_NUMERALS: Final = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")} | {"零": 0}
_PART: Final = re.compile(r"[（(]\d{1,2}[）)]|[①-⑳]|\d+\.\d+(?:\.\d+)*[、.．\s]")
_ITEM: Final = re.compile(r"[（(]?(\d{1,4})\s*(?:[、.．](?!\d)|[）)])\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class Number:
    """An item's number as digits, and the marks that stand beside it."""

    text: str
    mark: str


def marked(text: str) -> tuple[str, str]:
    """A text without the marks at its beginning and end, and these: *2 and 2* are 2 and *."""
    marks = ""
    while match := _MARKED.search(text):
        if not text[: match.start()] + text[match.end() :]:
            return text, marks
        marks += (match[1] or match[2]).replace("＊", "*").replace("＃", "#")
        text = text[: match.start()] + text[match.end() :]
    return text.strip(), marks


def item_number(text: str) -> Number | None:
    """The number that a cell of 序号 gives an item: 2, *2, ※3, 2*, ①, (3), 第3项; None where it is no number."""
    bare, mark = marked(" ".join(text.split()))
    if _ENCLOSED.fullmatch(bare):
        return Number(
            re.sub(r"\D", "", unicodedata.normalize("NFKC", bare)) or str(int(unicodedata.numeric(bare))), mark
        )
    match = _PLAIN.fullmatch(bare)
    return Number(match[1], mark) if match else None


def ordinal(text: str) -> int | None:
    """The value of a Chinese ordinal, 三、 or （十二）; None where it is none."""
    if not ORDINAL.fullmatch(text):
        return None
    digits = "".join(letter for letter in text if letter in CHINESE)
    if "百" in digits or not digits:
        return None
    if "十" not in digits:
        return int("".join(str(_NUMERALS[letter]) for letter in digits))
    tens, _, ones = digits.partition("十")
    return 10 * (_NUMERALS.get(tens, 1)) + _NUMERALS.get(ones, 0)


def level(text: str) -> int | None:
    """Which numbering a text begins with; None where it begins with none."""
    return next((at for at, numbering in enumerate(_NUMBERINGS) if numbering.match(text)), None)


def is_part(text: str) -> bool:
    """Whether a text is numbered as the parts of an item are: （1）, ①, 1.2; not as categories and items are."""
    return _PART.match(text) is not None


def bare(text: str) -> str:
    """A category without its number and the count of its items."""
    at = level(text)
    plain = _COUNT.sub("", _NUMBERINGS[at].sub("", text, count=1) if at is not None else text)
    return plain or text


def numbered(text: str) -> tuple[str | None, str]:
    """An item's number, where it stands before its name, and the name."""
    if _ENCLOSED.match(text) and len(text) > 1:
        number = item_number(text[0])
        return (number.text if number else None), text[1:].lstrip()
    match = _ITEM.match(text)
    return (match[1], text[match.end() :]) if match else (None, text)
