"""Chinese by its sound: syllables as they are heard at a village window, and as they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

# Sounds that many speakers do not tell apart, so that one is typed for the other.
_HEARD_ALIKE: Final = ((re.compile("^([zcs])h"), r"\1"), (re.compile("^l"), "n"), (re.compile("([aei]n)g$"), r"\1"))
_LATIN: Final = re.compile("[a-z]+")


def syllables(text: str) -> tuple[str, ...]:
    """The syllables of Chinese letters, without tones; other letters stay together as they are."""
    # Imported when it is needed: to read its dictionary takes as long as all else that a command imports.
    from pypinyin import Style, lazy_pinyin

    return tuple(lazy_pinyin(text, style=Style.NORMAL))


def heard(text: str) -> tuple[str, ...]:
    """One sound for each letter, those heard alike the same."""
    return tuple(_heard(syllable) for letter in text for syllable in _read(letter))


def typed(syllables: Iterable[str]) -> str:
    """Syllables typed in one go: wufanzui."""
    return "".join(syllables)


def initials(syllables: Iterable[str]) -> str:
    """The first letters of syllables: wfz."""
    return "".join(syllable[:1] for syllable in syllables)


@cache
def _read(letter: str) -> tuple[str, ...]:
    return syllables(letter) if not letter.isascii() else (letter,)


@cache
def _heard(syllable: str) -> str:
    for pattern, instead in _HEARD_ALIKE:
        syllable = pattern.sub(instead, syllable)
    return syllable


def softened(text: str) -> str:
    """Typed pinyin with what is heard alike written alike: zhengming and zengmin are one."""
    return re.sub("ng", "n", re.sub("([zcs])h", r"\1", text)).replace("l", "n")


_AS_F: Final = {"an": "an", "ai": "ai", "a": "a", "i": "ei", "n": "en", "o": "o", "": "u"}
_H: Final = re.compile("hu(an|ai|a|i|n|o)?")


def blurred(text: str) -> str:
    """Softened pinyin in which hu is f too: hunyin and fenyin are one, as many in the south and west say them."""
    return _H.sub(lambda sound: "f" + _AS_F[sound[1] or ""], softened(text))
