"""Sayings as they are typed or dictated wrongly: made out of the right ones, the same ones every time.

A letter becomes another common one that sounds the same to many speakers (平困 for 贫困), or one that looks like it
(因难 for 困难). Which letter and which other is decided by a hash of the saying.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from registry.queries.certificates import pinyin

LONGEST: Final = 16  # letters: in a longer saying one wrong letter changes little
ONE_IN: Final = 4  # sayings
_PAPER: Final = "证明"
# Letters that are taken for one another by their look.
_LOOKS: Final = (
    "己已巳|未末|土士|干千于|人入八|日曰目|田由甲申|贷货贫贪|困因囚|残浅践|婚昏|育盲|产户|遗遣|继断|承丞|宅它|狗拘|失夫矢|养羊美|采釆|伐代|"
    "监临|往住注|罪非|居届|犯范泛|记纪|灾炎|疾痰|病疒|亡忘|儿几|守寺|林材|木术|地他|自白目|销消|墓基幕|葬藏|任仕|职识|选迁|民氏|"
    "调词|纠纤|解触|亲新|属厲|系糸|身射|份分|历厉|财材|票漂|据剧|转传|学字|校较|场汤|所斩|包句|同向|农衣|作昨|物勿|种钟|植值|"
    "死化|无天元|健建|在左|明朋|证征|丢去|本木|薄簿|收牧|入人|单早|离禹|结给|生主|出山|指脂|定走|护沪|留溜|童重|围国|边力|四西"
)


def of(texts: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Some of the short ones of these again, each with what it means and with one letter wrong."""
    known = {text for text, _ in texts}
    for text, means in texts:
        number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
        if len(text) > LONGEST or number % ONE_IN:
            continue
        wrong = misspelt(text, number // ONE_IN)
        if wrong is not None and wrong not in known:
            known.add(wrong)
            yield wrong, means


def misspelt(text: str, number: int) -> str | None:
    """The text with one letter wrong, chosen by a number; None where no letter of it has another like it."""
    likely = [index for index, letter in enumerate(text) if letter not in _PAPER and _like(letter)]
    if not likely:
        return None
    index = likely[number % len(likely)]
    others = _like(text[index])
    return text[:index] + others[number // len(likely) % len(others)] + text[index + 1 :]


@cache
def _like(letter: str) -> str:
    """The letters that one is taken for, by its sound and by its look: the latter as often as the former."""
    if not "\u4e00" <= letter <= "\u9fff":
        return ""
    heard = "".join(other for other in _by_sound().get(_sound(letter), ()) if other != letter)
    seen = "".join(other for group in _LOOKS.split("|") if letter in group for other in group if other != letter)
    return heard + seen * max(1, len(heard) // max(1, len(seen)))


@cache
def _by_sound() -> Mapping[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for letter in _common():
        groups[_sound(letter)].append(letter)
    return groups


def _common() -> Iterable[str]:
    """The 3,755 letters of the first level of GB 2312."""
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                yield bytes((row, cell)).decode("gb2312")
            except UnicodeDecodeError:
                continue


def _sound(letter: str) -> str:
    return pinyin.blurred("".join(pinyin.syllables(letter)))
