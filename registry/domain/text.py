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


class Count(int):
    """A number that English text counts things with: `{rows:row begins|rows begin}` is 1 row begins, or 3 rows begin.

    What stands after the colon is for one, and after the bar for any other number. Without a bar it is a plain int.
    """

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.partition("|")
        return f"{int(self)} {one if self == 1 else many}" if bar else int(self).__format__(spec)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with what it counts, in English: 1 row, 3 rows; `many` where that is not `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"
