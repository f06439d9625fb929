"""Reading files: the same grid however it was written, with each cell at the place where people see it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import docx
import openpyxl
import pytest
import xlwt
from hypothesis import example, given
from hypothesis import strategies as st

from registry.exchange.sheets.grids import a1, cleaned
from registry.exchange.sheets.reading.files import BadSheet, Grid, read
from tests.support.drawing import examples

Texts = list[list[str]]

# What people type, and what gets in between: wide digits, brackets, breaks, quotes, separators, emoji, radicals.
LETTERS = st.sampled_from("序号事项名称乡镇（），、；：“”《》〔〕·①…１２Ａｂab12 .,;|\"'\t\n　⽼😀-=+")
TEXT = st.text(LETTERS, max_size=12)
GRIDS = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), max_size=6))


def xlsx(texts: Texts) -> bytes:
    book = openpyxl.Workbook()
    for row, values in enumerate(texts, 1):
        for column, value in enumerate(values, 1):
            book.active.cell(row, column).value = value or None
            book.active.cell(row, column).data_type = "s"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls(texts: Texts) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet")
    for row, values in enumerate(texts):
        for column, value in enumerate(values):
            sheet.write(row, column, value)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def in_csv(encoding: str, separator: str) -> Callable[[Texts], bytes]:
    def write(texts: Texts) -> bytes:
        target = io.StringIO(newline="")
        csv.writer(target, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(texts)
        return target.getvalue().encode(encoding)

    return write


def in_docx(texts: Texts) -> bytes:
    document = docx.Document()
    table = document.add_table(len(texts), max(map(len, texts), default=0))
    for row, values in enumerate(texts):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def shorn(texts: Texts) -> tuple[list[list[str]], int, int]:
    """The texts as they must be read, without the blank rows and columns around, and how many came before."""
    clean = [[cleaned(text) for text in row] for row in texts]
    rows = [at for at, row in enumerate(clean) if any(row)]
    columns = [at for row in clean for at, text in enumerate(row) if text]
    if not rows:
        return [], 0, 0
    return (
        [row[min(columns) : max(columns) + 1] for row in clean[rows[0] : rows[-1] + 1]],
        rows[0],
        min(columns),
    )


def grids_of(content: bytes, filename: str) -> list[Grid]:
    try:
        return read(content, filename)
    except BadSheet as bad:
        if [problem.code for problem in bad.problems] != ["empty"]:
            raise
        return []


@pytest.mark.parametrize(
    ("write", "filename", "index"),
    [
        (xlsx, "a.xlsx", "Sheet!{}"),
        (xls, "a.xls", "Sheet!{}"),
        (in_csv("utf-8", ","), "名单.csv", "名单!{}"),
        (in_csv("utf-8-sig", "\t"), "名单.csv", "名单!{}"),
        (in_csv("gb18030", ","), "名单.csv", "名单!{}"),
        (in_csv("utf-16", ";"), "名单.csv", "名单!{}"),
        (in_docx, "a.docx", ""),
    ],
    ids=["xlsx", "xls", "utf-8", "tabs", "gb18030", "utf-16", "docx"],
)
@examples(25)
@example(texts=[["", "", ""], ["", "序　号", "１．２"], ["", "", ""], ["", "a\n\n b ", '"x"']])
@example(texts=[["", ";;"]])
@given(texts=GRIDS)
def test_a_grid_reads_back_equal(write: Callable[[Texts], bytes], filename: str, index: str, texts: Texts) -> None:
    wanted, top, left = shorn(texts)
    grids = grids_of(write(texts), filename)
    assert [[[cell.text for cell in row] for row in grid.rows] for grid in grids] == ([wanted] if wanted else [])
    for grid in grids:
        assert grid.top == top + 1
        for row, cells in enumerate(grid.rows, top):
            for column, cell in enumerate(cells, left):
                if cell.text:
                    answer = f"表1第{row + 1}行第{column + 1}列 / table 1 row {row + 1} column {column + 1}"
                    assert cell.location == (index.format(a1(row, column)) or answer)


def test_numbers_and_dates_as_they_are_seen() -> None:
    book = openpyxl.Workbook()
    values = (1.0, 0.1 + 0.2, 1.5, -3, True, date(2025, 3, 1), datetime(2025, 3, 1, 8, 30), time(8, 30), 20250301, 1e-7)
    book.active.append(values)
    target = io.BytesIO()
    book.save(target)
    (grid,) = read(target.getvalue(), "a.xlsx")
    shown = ["1", "0.3", "1.5", "-3", "TRUE", "2025-03-01", "2025-03-01 08:30", "08:30", "20250301", "1e-07"]
    assert [cell.text for cell in grid.rows[0]] == shown


MERGED = [["合", "合", ""], ["合", "合", ""], ["", "", "后"]]


def test_merged_cells_are_one(tmp_path: Path) -> None:
    """Each cell of a merged range has the text and the place of the first, in all three formats that merge."""
    book = openpyxl.Workbook()
    book.active["B2"], book.active["D4"] = "合", "后"
    book.active.merge_cells("B2:C3")
    book.save(tmp_path / "a.xlsx")
    old = xlwt.Workbook(encoding="utf-8")
    sheet = old.add_sheet("Sheet")
    sheet.write_merge(1, 2, 1, 2, "合")
    sheet.write(3, 3, "后")
    old.save(str(tmp_path / "a.xls"))
    for name in ("a.xlsx", "a.xls"):
        (grid,) = read(tmp_path / name)
        assert [[cell.text for cell in row] for row in grid.rows] == [
            ["合", "合", ""],
            ["合", "合", ""],
            ["", "", "后"],
        ]
        assert {cell.location for row in grid.rows for cell in row if cell.text == "合"} == {"Sheet!B2"}
    document = docx.Document()
    table = document.add_table(4, 4)
    table.cell(1, 1).merge(table.cell(2, 2)).text = "合"
    table.cell(3, 3).text = "后"
    document.save(str(tmp_path / "a.docx"))
    (grid,) = read(tmp_path / "a.docx")
    assert [[cell.text for cell in row] for row in grid.rows] == MERGED
    indexes = {cell.location for row in grid.rows for cell in row if cell.text == "合"}
    assert indexes == {"表1第2行第2列 / table 1 row 2 column 2"}


def test_what_stands_before_a_table_is_its_title(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("清单", 1)
    document.add_paragraph("（2025年）")
    document.add_table(1, 1).cell(0, 0).text = "甲"
    document.add_paragraph("其二")
    document.add_table(1, 1).cell(0, 0).text = "乙"
    document.save(str(tmp_path / "a.docx"))
    assert [(grid.name, grid.title) for grid in read(tmp_path / "a.docx")] == [
        ("表1", ("清单", "（2025年）")),
        ("表2", ("其二",)),
    ]


def test_punctuation_is_kept_and_width_is_not() -> None:
    assert (
        cleaned("　（一）２０２５年，ＡＢ类：“⽼年⼈”；①　再次\u200b\r\n\r\n 〔１〕")
        == "（一）2025年，AB类：“老年人”；① 再次\n〔1〕"
    )


def test_a_line_that_names_the_separator() -> None:
    (grid,) = read("sep=;\n序号;名,称\n1;甲\n".encode("gbk"), "a.csv")
    assert [[(cell.text, cell.location) for cell in row] for row in grid.rows] == [
        [("序号", "a!A2"), ("名,称", "a!B2")],
        [("1", "a!A3"), ("甲", "a!B3")],
    ]
