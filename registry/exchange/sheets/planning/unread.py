"""What a file says beside the plain reading of its cells, that may change it, and that nothing has understood.

It is asked about, and never only kept in a note: what a remark, a bracket, a section or a column that is not known says
of a row makes that row unclear; a line above the table or a note on it is a question of its own. By its words alone
(meaning/changing.yaml), so that what nobody thought of is asked about too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from registry.checker.names.normalise import simplified
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.meaning.opinions import Verdict
from registry.exchange.sheets.planning import answers, scopes
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import days
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at

_LONGEST: Final = 60  # letters of a sentence that speaks of items; what is longer is the text of a notice
_REMARK: Final = 40  # letters of a line of a remark that is no description of its item
_BRACKETS: Final = re.compile("[（(]([^（()）]{1,40})[）)]")
# What is ended or merged is something in the item, and not the item: 取消年检后改为年报.
_OF_OTHERS: Final = re.compile(
    "(?:取消|停止|停用|废止|撤销|合并|拆分|删除|终止|移交)(?!为|成|该|此|本|事项|执行|实施|办理|下放|承接|承担|由|自|给|至|到|后|前|村|乡|镇|街|市|县)[\u4e00-\u9fff]{2}"
)
_CLAUSES: Final = re.compile("[，,；;。（）()\n]")
_ON_TRIAL: Final = ("试行", "试点", "暂行")
_LIMITED: Final = re.compile("(?:仅|只限|限于).{0,18}$")
_SIGNS: Final = re.compile("[√✓×✕○●◯▲△■□☆★◆◇※*＊#]")
_LEGEND: Final = re.compile(f"(?:{_SIGNS.pattern})+.{{0,8}}(?:为|表示|指|代表|是|的)")
# Of the words in a name's bracket: what it has and has not are its own, 甲整治（不含乙拆除）.
_OF_NAMES: Final[tuple[changing.Class, ...]] = ("ends", "delays", "moves", "open")
_OF_REMARKS: Final[tuple[changing.Class, ...]] = (
    "limits",
    "ends",
    "delays",
    "moves",
    "open",
)  # 继续实施 says nothing new
_OF_MARKS: Final[tuple[changing.Class, ...]] = ("ends", "delays", "moves", "open")
_OF_SECTIONS: Final[tuple[changing.Class, ...]] = ("delays", "moves")
_OF_DEPARTMENTS: Final[tuple[changing.Class, ...]] = ("ends", "delays", "moves")


def doubted(table: Table, towns: Towns, written: date | None) -> Table:
    """The table, those rows unclear of which something is said that may change them and was not understood."""
    rows = tuple(_doubted(row, towns, written) for row in table.rows)
    return replace(table, rows=rows)


def notes(
    table: Table, others: Sequence[Table], towns: Towns, request: Request, written: date | None
) -> Iterator[SheetProblem]:
    """The questions what lines above a table and notes on it mean, but of those that were answered to change nothing.

    `others`: the tables of the file, whose titles may be below this one.
    """
    titles = {cell.text for other in others if other is not table for cell in other.above}
    for cell in dict.fromkeys((*table.above, *table.notes)):
        if cell in table.notes and cell.text in titles:
            continue
        for sentence in _unread(cell, table, towns, written):
            text = answers.key(sentence)
            if text not in request.unchanged:
                word = changing.word(sentence)
                yield at(cell, table, "note-unread", asks=("note", text), text=sentence, word=word)


def _unread(cell: Cell, table: Table, towns: Towns, written: date | None) -> Iterator[str]:
    """The sentences of a line or a note that may change items and that nothing else has read."""
    decided = [simplified(word.words) for word in table.meaning.words if word.text == cell.text]
    for sentence in changing.sentences(cell.text):
        of_some = changing.word(sentence, ("delays", "refers")) is not None
        if cell in table.above and (len(sentence) > _LONGEST or (not of_some and scopes.is_of_towns(sentence, towns))):
            continue
        # A title that decided what the list is may say in brackets what else it is.
        parts = _BRACKETS.findall(sentence) if decided else [sentence]
        for part in parts:
            plain = simplified(part)
            spoke = any((plain in words or words in plain) and words != simplified(cell.text) for words in decided)
            if not spoke and not _is_read(part, towns, written):
                rest = "，".join(clause for clause in _CLAUSES.split(part) if not is_term(clause, written))
                if changing.word(rest) and not is_legend(part, table):
                    yield part


def is_term(clause: str, written: date | None) -> bool:
    """Whether a clause says from when or until when a list holds, and nothing else."""
    return days.of_list(clause, written) != days.Period() or days.is_open_term(clause) or clause in _ON_TRIAL


def is_legend(sentence: str, table: Table) -> bool:
    """Whether a sentence explains signs that ticks or remarks have used."""
    signs = set(_SIGNS.findall(sentence)) if _LEGEND.search(sentence) else set[str]()
    return bool(signs) and not any(signs & set(_unexplained(row)) for row in table.rows)


def _unexplained(row: Row) -> str:
    """The signs beside a row's number and name of which its remark does not say what they mean."""
    remark = row.cells["remark"].text if "remark" in row.cells else ""
    marks = "" if row.marks and "未说明" not in remark else row.marks
    return marks + "".join(row.cells[name].text for name in ("number", "name") if name in row.cells)


def _doubted(row: Row, towns: Towns, written: date | None) -> Row:
    if row.verdict is not None:
        return row
    cell = next(_of_row(row, towns, written), None)
    return row if cell is None else replace(row, verdict=Verdict("unclear", cell))


def _of_row(row: Row, towns: Towns, written: date | None) -> Iterator[Cell]:
    """What cells of a row say that may change it and is not understood."""
    remark, name = row.cells.get("remark"), row.cells["name"]
    if remark is not None:
        yield from _of_remark(remark, towns, written)
    for part in _BRACKETS.findall(name.text):
        if changing.word(part, _OF_NAMES) and not _is_read(part, towns, written):
            yield name
    if (number := row.cells.get("number")) is not None and changing.word(number.text, _OF_NAMES):
        yield number
    content = row.cells.get("content")
    if content is not None and _LIMITED.match(content.text) and not scopes.is_of_towns(content.text, towns):
        yield content
    for field in ("subcategory", "category"):
        section = row.cells.get(field)
        if section is not None and changing.word(section.text, _OF_SECTIONS):
            yield section
    for field in ("department", "supporting"):
        unit = row.cells.get(field)
        for part in _BRACKETS.findall(unit.text) if unit is not None else ():
            if unit is not None and changing.word(part, _OF_DEPARTMENTS):
                yield unit
    recipient = row.cells.get("recipient")
    if recipient is not None and changing.word(recipient.text) and scopes.meaning(recipient.text, towns, {}) is None:
        yield recipient


def _of_remark(remark: Cell, towns: Towns, written: date | None) -> Iterator[Cell]:
    if days.of_remark(remark.text, written) != days.Period() or scopes.is_of_towns(remark.text, towns):
        return
    for line in remark.text.split("\n"):
        if days.is_open_term(line) or _OF_OTHERS.match(line) or len(line) > _REMARK:
            continue  # a term is asked about elsewhere
        # What marks mean is told of all rows that have them, and may limit them: 标记*：仅部分镇承担.
        classes = _OF_MARKS if line.startswith("标记") else _OF_REMARKS
        if changing.word(line, classes) and not _is_read(line, towns, written):
            yield replace(remark, text=line)


def _is_read(text: str, towns: Towns, written: date | None) -> bool:
    """Whether a remark or a bracket is understood: as days, or as the towns that it is for."""
    return days.of_remark(text, written) != days.Period() or scopes.is_of_towns(text, towns)
