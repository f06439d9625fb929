"""What can be wrong with a file of lists, as people are told it: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One thing wrong: the sheet, the cell (`C7`; empty for all of the sheet), a code, a sentence in zh and in en.

    The sentences say what to do. A warning keeps nothing from being recorded.
    """

    sheet: str
    cell: str
    code: str
    zh: str
    en: str
    warning: bool = False

    @property
    def place(self) -> str:
        """`Sheet1!C7`; the sheet or the file alone where no cell is to blame; a .docx table's cell says it all."""
        if " / table " in self.cell:
            return self.cell
        return f"{self.sheet}!{self.cell}" if self.cell else self.sheet

    @property
    def message(self) -> str:
        """The sentence, zh before en."""
        return f"{self.zh} / {self.en}"


class BadSheet(Exception):
    """A file that cannot be read as tables, or in which there are none: all that is wrong with it."""

    def __init__(self, problems: Iterable[SheetProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{problem.place}: {problem.message}" for problem in self.problems))
