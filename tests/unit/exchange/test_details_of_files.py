"""What files say beside their cells' texts: automatic numbers of Word; hidden rows, errors and formulas of Excel."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import docx
import openpyxl
import pytest
import xlwt
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

from registry.exchange.sheets.grids import UNCALCULATED, Grid
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading import documents, workbooks, xls_details
from registry.exchange.sheets.recognising.tables import recognise

Texts = Sequence[Sequence[str]]


def workbook(change: Callable[[Any, Any], None]) -> bytes:
    """A list of three rows, changed."""
    book: Any = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "清单"
    for row in (["序号", "事项名称", "备注"], [1, "甲事", ""], [2, "乙事", ""], [3, "丙事", "急"]):
        sheet.append(row)
    change(book, sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def texts(grid: Grid) -> list[list[str]]:
    return [[cell.text for cell in row] for row in grid.rows]


def test_hidden_rows_columns_and_sheets_are_told() -> None:
    def change(book: Any, sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[9].hidden = True  # blank
        sheet.column_dimensions["C"].hidden = True
        sheet.column_dimensions["F"].hidden = True
        book.create_sheet("底稿").append(["序号", "事项名称"])
        book["底稿"].sheet_state = "hidden"

    (grid,) = workbooks.grids(workbook(change), "清单.xlsx")
    assert texts(grid)[2] == ["2", "乙事", ""]
    assert [(one.code, one.location, one.warning) for one in grid.notices] == [
        ("hidden-rows", "清单!A3", True),
        ("hidden-columns", "清单!C1", True),
        ("hidden-sheet", "底稿", True),
    ]
    assert "第 3 行" in grid.notices[0].zh


def test_errors_and_formulas_that_nobody_calculated_are_no_blanks() -> None:
    def change(_: Any, sheet: Any) -> None:
        sheet["B3"] = "#REF!"
        sheet["A4"] = "=A3+1"

    (grid,) = workbooks.grids(workbook(change), "清单.xlsx")
    assert texts(grid)[2:] == [["2", "#REF!", ""], [UNCALCULATED, "丙事", "急"]]


def numbered_document(formats: Sequence[tuple[str, str]], levels: Sequence[int]) -> bytes:
    """A table with one numbered paragraph in each row, of a numbering with these formats and texts of its levels."""
    document: Any = docx.Document()
    root = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "77")
    for at, (digits, text) in enumerate(formats):
        level = OxmlElement("w:lvl")
        level.set(qn("w:ilvl"), str(at))
        for tag, value in (("w:start", "1"), ("w:numFmt", digits), ("w:lvlText", text)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            level.append(child)
        abstract.append(level)
    root.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "77")
    of = OxmlElement("w:abstractNumId")
    of.set(qn("w:val"), "77")
    number.append(of)
    root.append(number)
    table = document.add_table(rows=0, cols=1)
    for at in levels:
        about = table.add_row().cells[0].paragraphs[0]._p.get_or_add_pPr().get_or_add_numPr()
        about.get_or_add_ilvl().val = at
        about.get_or_add_numId().val = 77
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("formats", "levels", "shown"),
    [
        ([("decimal", "%1")], [0, 0, 0], ["1", "2", "3"]),
        ([("decimal", "%1.")], [0] * 11, [f"{n}." for n in range(1, 12)]),
        ([("chineseCounting", "%1、")], [0] * 12, [*(f"{n}、" for n in "一二三四五六七八九十"), "十一、", "十二、"]),
        (
            [("chineseCounting", "%1、"), ("decimal", "（%2）")],
            [0, 1, 1, 0, 1],
            ["一、", "（1）", "（2）", "二、", "（1）"],
        ),
        ([("decimal", "%1"), ("decimal", "%1.%2")], [0, 1, 1, 0, 1], ["1", "1.1", "1.2", "2", "2.1"]),
        ([("decimalEnclosedCircle", "%1")], [0, 0], ["①", "②"]),
        ([("upperRoman", "%1.")], [0] * 4, ["I.", "II.", "III.", "IV."]),
        ([("lowerLetter", "%1)")], [0, 0], ["a)", "b)"]),
    ],
)
def test_automatic_numbers_are_read_as_they_are_seen(
    formats: list[tuple[str, str]], levels: list[int], shown: list[str]
) -> None:
    (grid,) = documents.grids(numbered_document(formats, levels), "清单.docx")
    assert [row[0].text for row in grid.rows] == shown


def test_bullets_are_no_numbers() -> None:
    assert documents.grids(numbered_document([("bullet", "•")], [0, 0]), "清单.docx") == []


def test_the_numbers_of_a_style_and_a_deleted_row() -> None:
    document: Any = docx.Document()
    table = document.add_table(rows=4, cols=2)
    for row, name in zip(table.rows, ("甲", "乙", "丙", "丁"), strict=True):
        row.cells[0].paragraphs[0].style = "List Number"
        row.cells[1].text = name
    about = table.rows[1]._tr.get_or_add_trPr()
    about.append(OxmlElement("w:del"))
    content = io.BytesIO()
    document.save(content)
    (grid,) = documents.grids(content.getvalue(), "清单.docx")
    assert [(re.sub(r"\D", "", row[0].text), row[1].text) for row in grid.rows] == [
        ("1", "甲"),
        ("2", "丙"),
        ("3", "丁"),
    ]


def test_a_note_below_the_table_of_a_document_explains_its_marks_and_counts() -> None:
    document: Any = docx.Document()
    document.add_paragraph("某市镇（街道）基本履职事项清单")
    table = document.add_table(rows=0, cols=2)
    for texts_ in (("序号", "事项名称"), ("1", "甲事"), ("*2", "乙事")):
        for cell, text in zip(table.add_row().cells, texts_, strict=True):
            cell.text = text
    document.add_paragraph("注：带*的仅部分镇承担。")
    document.add_paragraph("说明：本清单共3项。")
    content = io.BytesIO()
    document.save(content)
    (read,) = recognise(documents.grids(content.getvalue(), "清单.docx"))
    assert [row.cells["remark"].text for row in read.rows if "remark" in row.cells] == ["标记*：带*的仅部分镇承担"]
    assert [problem.code for problem in read.problems] == ["marked-rows", "count-differs"]


def old_workbook(rows: int) -> bytes:
    """An .xls of so many items; the second is hidden and has an error beside it, and column C is hidden too."""
    book: Any = xlwt.Workbook()
    book.add_sheet("封面").write(0, 0, "说明")
    sheet = book.add_sheet("清单")
    for at, texts_ in enumerate(
        [["序号", "事项名称", "备注"], *([str(n), f"事项{n}", ""] for n in range(1, rows + 1))]
    ):
        for column, text in enumerate(texts_):
            sheet.write(at, column, text)
    sheet.row(2).hidden = True
    sheet.row(2).set_cell_error(3, "#REF!")
    sheet.row(0).write(3, "依据")
    sheet.col(2).hidden = True
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize("rows", [3, 2000])  # in the file's small sectors, and in its large ones
def test_an_old_workbook_tells_what_is_hidden_and_what_is_an_error(rows: int) -> None:
    _, grid = workbooks.grids(old_workbook(rows), "清单.xls")
    assert len(grid.rows) == rows + 1
    assert texts(grid)[2] == ["2", "事项2", "", "#REF!"]
    assert [(one.code, one.location) for one in grid.notices] == [
        ("hidden-rows", "清单!A3"),
        ("hidden-columns", "清单!C1"),
    ]
    ((problem,),) = [[one for one in table.problems if one.code == "error-value"] for table in recognise([grid])]
    assert (problem.location, problem.warning) == ("清单!D3", False)


def test_an_old_workbook_that_is_cut_off_tells_nothing_of_what_is_hidden() -> None:
    content = old_workbook(40)
    for length in (512, 600, 2000, len(content) - 900):
        assert all(not (one.rows or one.columns) or one.rows == {2} for one in xls_details.details(content[:length]))


@pytest.mark.parametrize("rows", [3, 2000])  # in the file's small sectors, and in its large ones
def test_an_old_workbook_whose_sectors_come_in_a_ring_is_refused_before_it_is_followed(rows: int) -> None:
    content = bytearray(old_workbook(rows))
    assert not xls_details.is_endless(bytes(content))
    table = (int.from_bytes(content[76:80], "little") + 1) * 512  # the numbers of the sectors that follow
    directory = int.from_bytes(content[48:52], "little")
    content[table + 4 * directory : table + 4 * directory + 4] = directory.to_bytes(4, "little")
    assert xls_details.is_endless(bytes(content))
    with pytest.raises(BadSheet) as refused:
        workbooks.grids(bytes(content), "清单.xls")
    assert [problem.code for problem in refused.value.problems] == ["damaged"]
