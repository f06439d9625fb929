"""What a user reads, in Chinese and in English, kept apart from where it is made to where it is shown."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One text in both languages, each complete without the other."""

    zh: str
    en: str

    @property
    def joined(self) -> str:
        """Both languages as one string, zh before en, where a contract wants one; never to be taken apart again."""
        return f"{self.zh} / {self.en}"
