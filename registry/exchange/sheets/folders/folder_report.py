"""The report of a folder as .xlsx: what each file was taken for, what is asked, and a column for the answers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from registry.exchange.sheets.folders.folder_answers import (
    ANSWER,
    DIGEST,
    FILE,
    FILES,
    IMPORTED,
    KEY,
    QUESTIONS,
    SKIP,
    STATED,
    YES,
)
from registry.exchange.sheets.folders.folder_import import FilePlan, FolderPlan, State
from registry.exchange.sheets.writing.as_xlsx import FORMULA
from registry.exchange.sheets.writing.packing import writable

_STATES: Final[dict[State, str]] = {
    "ready": "可记录",
    "recorded": "已记录",
    "unchanged": "已在登记簿中，无变化",
    "asked": "待答复",
    "wrong": "有误，见“问题”",
    "skipped": "跳过",
}
_TO_FILL: Final = PatternFill("solid", fgColor="FFFFF8DC")
_HEAD: Final = PatternFill("solid", fgColor="FFF2F2F2")
_WRAPPED: Final = Alignment(vertical="top", wrap_text=True)
_HOW: Final = (
    "浅黄色的栏可填。先看“认作”一栏，在“问题”表逐条填“答复”；不要的文件在“导入”一栏填“跳过”。存盘后用 --answers 给回："
    "全部答清才一并记录，否则什么都不记录。 Fill in what is yellow, save, and give the file back with --answers."
)
_ANSWERING: Final = "同一名称只问一次，答复适用于全部文件，并记住以后沿用。没有“键”的，按所写的改文件或在“文件”表填写。"


def written(made: FolderPlan) -> bytes:
    """The report: a sheet of files, one of questions with their answers' column, one of what else is to be known."""
    book: Any = Workbook()
    book.remove(book.active)
    _files(book, made)
    _questions(book, made)
    rows = [
        [one.name, problem.location, problem.code, *problem.on("page")]
        for one in made.files
        for problem in one.plan.warnings
    ]
    _sheet(
        book,
        "提示",
        "不影响记录，请过目。",
        [("文件", 30), ("位置", 18), ("代码", 20), ("提示", 70), ("en", 50)],
        rows,
        (),
    )
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _files(book: Any, made: FolderPlan) -> None:
    headings = [
        (FILE, 30),
        ("状态", 16),
        ("认作", 60),
        ("行数", 8),
        ("将记录", 8),
        ("问题", 8),
        (IMPORTED, 8),
        *((name, 16) for name in STATED),
        (DIGEST, 24),
    ]
    sheet = _sheet(book, FILES, _HOW, headings, map(_file, made.files), (IMPORTED, *STATED))
    choice: Any = DataValidation("list", formula1=f'"{YES},{SKIP}"', allow_blank=True)
    sheet.add_data_validation(choice)
    choice.add(f"G3:G{len(made.files) + 2}")


def _file(one: FilePlan) -> list[str | int]:
    request = one.request
    values: dict[str, str | None] = {
        "code": request.code,
        "instrument": request.instrument,
        "instrument_title": request.issued.title if request.issued else None,
        "issued_on": request.issued.at.isoformat() if request.issued else None,
        "day": request.day.isoformat() if request.day else None,
        "kind": request.kind,
        "polarity": request.polarity,
        "effect": request.effect,
        "missing": request.missing,
        "audience": request.audience,
        "scope": request.scope,
    }
    tables = one.plan.tables
    taken_for = "\n".join(sentence.zh for sentence in one.sentences) or "\n".join(
        f"{table.sheet}：{table.title}" for table in tables
    )
    return [
        one.name,
        _STATES[one.state],
        taken_for,
        sum(len(table.rows) for table in tables),
        len(one.plan.steps),
        len(one.plan.errors),
        SKIP if one.state == "skipped" else YES,
        *(values[name] or "" for name in STATED.values()),
        one.digest,
    ]


def _questions(book: Any, made: FolderPlan) -> None:
    headings = [(FILE, 30), ("位置", 18), ("问题", 80), ("可填", 50), (ANSWER, 24), ("question", 50), (KEY, 20)]
    rows: list[Sequence[str | int]] = [
        [one.file, one.location, one.text.zh, one.choices.zh, one.answer, one.text.en, one.key]
        for one in sorted(made.questions, key=lambda one: not one.needed)
    ]
    question_codes = {"unknown-department", "needs-confirmation", "notes-unread"}
    rows += [
        [
            *(one.name, problem.location, f"{problem.code}：{problem.on('page').zh}"),
            *("改文件；或在“文件”表填写，或填“跳过”", "", problem.on("page").en, ""),
        ]
        for one in made.files
        if one.state != "skipped"
        for problem in one.plan.errors
        if problem.code not in question_codes
    ]
    _sheet(book, QUESTIONS, _ANSWERING, headings, rows, (ANSWER,))


def _sheet(
    book: Any,
    name: str,
    line: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[str | int]],
    filled_in: Sequence[str],
) -> Any:
    """A sheet with a line of instructions, headings, and rows; `filled_in` are the headings of columns to fill in."""
    sheet = book.create_sheet(name)
    _put(sheet.cell(1, 1), line)
    sheet.row_dimensions[1].height = 40
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=min(len(headings), 7))
    for column, (heading, width) in enumerate(headings, 1):
        cell = sheet.cell(2, column)
        _put(cell, f"{heading}（可填）" if heading in filled_in else heading)
        cell.font, cell.fill = Font(bold=True), _TO_FILL if heading in filled_in else _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    for at, row in enumerate(rows, 3):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column)
            _put(cell, value)
            if headings[column - 1][0] in filled_in:
                cell.fill = _TO_FILL
    sheet.freeze_panes = "B3"
    return sheet


def _put(cell: Any, value: str | int) -> None:
    """A value as it is: a text never becomes a formula."""
    cell.alignment = _WRAPPED
    if isinstance(value, int):
        cell.value = value
    elif text := writable(value)[:32_000]:
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(FORMULA)
