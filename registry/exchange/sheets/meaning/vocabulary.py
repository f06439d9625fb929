"""The words by which lists permit, forbid, end and leave out: vocabulary.yaml, read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.data_files import own_yaml

FILE: Final = Path(__file__).with_name("vocabulary.yaml")


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a class, the longest first."""
    return tuple(sorted(_content()[name], key=lambda word: -len(word)))


@cache
def opinions(name: str) -> tuple[str, ...]:
    """The words of opinions of a class: `keep`, `add`, `change`, `unclear`."""
    return tuple(sorted(_content()["opinions"][name], key=lambda word: -len(word)))


@cache
def pattern(*names: str) -> re.Pattern[str]:
    """Any word of these classes, the longest first."""
    return any_of([word for name in names for word in words(name)])


def any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of these texts, the longest first."""
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=lambda text: -len(text))))


@cache
def _content() -> dict[str, Any]:
    return own_yaml(FILE)
