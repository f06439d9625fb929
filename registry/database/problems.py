"""Why there is no database to work with, in words by which the reader can do something about it."""

from __future__ import annotations

from typing import Final, Literal

Code = Literal["database-unavailable", "database-newer", "database-differs"]

CODES: Final[tuple[Code, ...]] = ("database-unavailable", "database-newer", "database-differs")


class NoDatabase(Exception):
    """The database cannot be used.

    code: `database-unavailable` (it cannot be started, reached or entered), `database-newer` (a newer program has
    changed its tables) or `database-differs` (its tables were made by other migrations than this program's).
    zh, en: what happened and what to do, each a sentence or two; never a password.
    """

    def __init__(self, code: Code, zh: str, en: str) -> None:
        super().__init__(f"{code}: {zh} / {en}")
        self.code: Code = code
        self.zh = zh
        self.en = en
