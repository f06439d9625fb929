"""What a user reads, in Chinese and in English, kept apart from where it is made to where it is shown."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str
