"""What can be wrong with a file of lists, as people are told it: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from registry.domain.text import Text
from registry.exchange.sheets.faces import Face

# What can be answered of a text: what becomes of rows that say it, which towns or which day it means, or whether it
# changes any item beside which it stands; of a column, whether those whom it names lead.
AnswerKind = Literal["row", "town", "day", "note", "lead"]


@dataclass(frozen=True, slots=True)
class SheetProblem:
    """One thing wrong: the sheet, the cell (`C7`; empty for all of the sheet), a code, a sentence in zh and in en.

    The sentences say what to do; `page` and `api` have them as those faces say them, where they do so otherwise than
    the terminal. A warning keeps nothing from being recorded. `asks`: the text that somebody may say the meaning of,
    and what kind of answer it takes (planning/answers.py); one answer settles all cells that say the same.
    `beside`: the lists, by code and title, of which somebody must say how the new one, `would_be`, stands to them.
    """

    sheet: str
    cell: str
    code: str
    zh: str
    en: str
    warning: bool = False
    page: Text | None = None
    api: Text | None = None
    asks: tuple[AnswerKind, str] | None = None
    beside: tuple[tuple[str, str], ...] = ()
    would_be: str = ""

    def on(self, face: Face) -> Text:
        """The sentence as a face says it, in zh and en."""
        otherwise = {"page": self.page, "api": self.api}.get(face)
        return otherwise or Text(self.zh, self.en)

    @property
    def location(self) -> str:
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
        super().__init__("\n".join(f"{problem.location}: {problem.message}" for problem in self.problems))


def locked(filename: str) -> BadSheet:
    """A refusal to read what a password protects."""
    zh = "文件有密码保护：请在 Excel 或 WPS 中取消密码后另存，再导入。"
    en = "The file is protected by a password: remove it in Excel or WPS, save, and import again."
    return BadSheet([SheetProblem(filename, "", "password", zh, en)])


def damaged(where: str, what: str = "") -> BadSheet:
    """A refusal to read a file, or a sheet of it, that is broken or incomplete."""
    detail = f"（{what[:200]}）" if what else ""
    zh = f"文件已损坏或不完整{detail}：请用 Excel 或 WPS 打开原文件，另存为 .xlsx（文档为 .docx）后再导入。"
    en = (
        f"The file is damaged or incomplete{f' ({what[:200]})' if what else ''}: open the original in Excel or WPS,"
        " save it as .xlsx (a document as .docx) and import again."
    )
    return BadSheet([SheetProblem(where, "", "damaged", zh, en)])
