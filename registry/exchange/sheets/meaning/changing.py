"""Whether a text beside the items of a list may change what it says of some of them: by its words (changing.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, Literal

from registry.checker.names.normalise import simplified
from registry.data_files import own_yaml

FILE: Final = Path(__file__).with_name("changing.yaml")
Class = Literal["limits", "ends", "delays", "moves", "open", "refers", "stays", "unused"]
ALL: Final[tuple[Class, ...]] = ("limits", "ends", "delays", "moves", "open", "refers", "stays")

# With what is quoted goes the article of a law: 《…》第二十四条 is no row.
_QUOTED: Final = re.compile(
    '《[^》]*》(?:第[\\d零〇一二三四五六七八九十百、和及至—-]+[条款项](?:之[一二三])?)*|“[^”]*”|"[^"]*"'
)
_SENTENCES: Final = re.compile("[。；;！!\n]")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without what is quoted in them and without spaces."""
    for sentence in _SENTENCES.split(text):
        plain = re.sub(r"\s", "", _QUOTED.sub("", sentence))
        if plain:
            yield plain


def word(text: str, classes: tuple[Class, ...] = ALL) -> str | None:
    """The first word of these classes in a text; None where there is none, but for what is harmless."""
    match = _words(classes).search(_harmless().sub("", simplified(text)))
    return match[0] if match else None


@cache
def _words(classes: tuple[Class, ...]) -> re.Pattern[str]:
    return re.compile("|".join(word for name in classes for word in own_yaml(FILE)[name]))


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile("|".join(own_yaml(FILE)["harmless"]))
