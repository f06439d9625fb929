"""A county drops the folder of its lists into the registry: one report, answered in the file, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from registry import database
from registry.exchange import originals
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import list_files, sheets_county
from tests.support.cli_runner import Run, cli_runner

pytestmark = pytest.mark.slow  # folders of many files, each read in a process of its own

COUNTY = ("--county", "420684", "--instrument", "宜办发〔2025〕6号", "--accept", "none")
REPORT = "清单导入报告.xlsx"
BASIC = ["宜城市镇（街道）基本履职事项清单", [["序号", "事项名称"], ["1", "临时救助"], ["2", "村口花坛浇水"]]]
ASSIST = [
    "宜城市镇（街道）配合履职事项清单",
    [["序号", "事项名称", "对应上级部门"], ["1", "社区矫正工作", "市司法局"], ["2", "小水塘清淤帮扶", "水务局"]],
]


@dataclass
class County:
    """A county's registry, the command in it, and a folder of lists."""

    run: Run
    connection: psycopg.Connection[Any]
    folder: Path

    def bring(self, *more: str) -> tuple[int, str, str]:
        """Import the folder: its status, and what it says on both outputs."""
        done = self.run("lists", "import", self.folder, *COUNTY, *more)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def head(self) -> int:
        """How long the log is."""
        length = recorder.head(self.connection)[0]
        self.connection.rollback()
        return length

    def report(self) -> dict[str, list[dict[str, Any]]]:
        """The report's sheets by name, row by row."""
        book = openpyxl.load_workbook(self.folder / REPORT)
        sheets: dict[str, list[dict[str, Any]]] = {}
        for sheet in book:
            _, headings, *rows = sheet.iter_rows(values_only=True)
            sheets[sheet.title] = [dict(zip(headings, row, strict=True)) for row in rows]
        return sheets

    def answer(self, sheet: str, column: str, answers: dict[str, str]) -> Path:
        """Fill in a column of the report where a row has this text, and save it elsewhere."""
        path = self.folder.parent / "answers.xlsx"
        book = openpyxl.load_workbook(path if path.exists() else self.folder / REPORT)
        rows = list(book[sheet].iter_rows())
        at = next(cell.column for cell in rows[1] if cell.value == f"{column}（可填）")
        for row in rows[2:]:
            for text, answer in answers.items():
                if any(text in str(cell.value or "") for cell in row):
                    book[sheet].cell(row[0].row, at).value = answer
        book.save(path)
        return path


@pytest.fixture
def county(new_database: Callable[[], str], tmp_path: Path) -> Iterator[County]:
    url = new_database()
    folder = tmp_path / "清单"
    (folder / "乡镇").mkdir(parents=True)
    (folder / "乡镇" / "基本履职.docx").write_bytes(list_files.word(BASIC))
    (folder / "乡镇" / "配合履职.pdf").write_bytes(list_files.pdf(ASSIST))
    (folder / "~$基本履职.docx").write_bytes(b"left behind")
    with database.connect(url) as connection:
        record(connection, sheets_county.journal())
        yield County(cli_runner(url), connection, folder)


def answered(county: County) -> Path:
    """The folder's questions, answered as a clerk does: first what a name means, then what each list says."""
    assert county.bring()[0] == 1
    path = county.answer("问题", "答复", {"“水务局”是哪个单位": "420684-water 宜城市水利和湖泊局", "对吗": "是"})
    assert county.bring("--answers", str(path))[0] == 1
    path.unlink()
    return county.answer("问题", "答复", {"对吗": "是"})


def test_a_folder_is_asked_about_answered_and_recorded_together(county: County) -> None:
    before = county.head()
    status, _, printed = county.bring()
    assert status == 1
    assert "open-questions" in printed
    report = county.report()
    assert {row["文件"]: row["状态"] for row in report["文件"]} == {
        "乡镇/基本履职.docx": "待答复",
        "乡镇/配合履职.pdf": "待答复",
    }
    questions = {row["键"].partition(":")[0]: row for row in report["问题"]}
    assert set(questions) == {"unit", "confirm"}
    assert "水务局" in questions["unit"]["问题"]
    assert "none（不记）" in questions["unit"]["可填"]
    assert "2 项职责，由宜城市各镇（街道）负责承担" in questions["confirm"]["问题"]
    assert county.head() == before  # a file that is clear is not recorded while another is not
    path = answered(county)
    status, printed, _ = county.bring("--answers", str(path), "--dry-run")
    assert (status, county.head()) == (0, before)
    status, printed, _ = county.bring("--answers", str(path))
    assert status == 0
    assert "已记录" in printed
    lists = county.connection.execute("SELECT code, assigns FROM list WHERE scope = '420684' ORDER BY code").fetchall()
    assert lists == [("420684-ASSIST", "assist"), ("420684-BASIC", "lead")]
    senders = county.connection.execute("SELECT name, grantor FROM item WHERE list = '420684-ASSIST' ORDER BY item")
    assert senders.fetchall() == [("社区矫正工作", "420684-justice"), ("小水塘清淤帮扶", "420684-water")]
    county.connection.rollback()
    after = county.head()
    # Once more: nothing, and nobody is asked what was answered, not even without the answers.
    for more in (("--answers", str(path)), ()):
        status, printed, _ = county.bring(*more, "--json")
        assert [json.loads(line)["state"] for line in printed.splitlines()] == ["unchanged", "unchanged"]
        assert (status, county.head()) == (0, after)


def test_one_file_that_is_wrong_keeps_all_out_until_it_is_left_out(county: County) -> None:
    (county.folder / "公示照片.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(900))
    before = county.head()
    path = answered(county)
    status, _, printed = county.bring("--answers", str(path))
    assert (status, county.head()) == (1, before)
    assert "1 个文件有误" in printed
    problems = [row["问题"] for row in county.report()["问题"] if row["文件"] == "公示照片.png"]
    assert [text.partition("：")[0] for text in problems] == ["picture"]
    path = county.answer("文件", "导入", {"公示照片.png": "跳过"})
    status, _, _ = county.bring("--answers", str(path))
    assert status == 0
    assert county.head() > before


def test_what_was_confirmed_is_what_is_recorded(county: County) -> None:
    """A file that has changed since is asked about anew: the answer was about another."""
    path = answered(county)
    before = county.head()
    more = [BASIC[0], [*BASIC[1], ["3", "路灯擦拭"]]]
    (county.folder / "乡镇" / "基本履职.docx").write_bytes(list_files.word(more))
    status, _, _ = county.bring("--answers", str(path))
    assert (status, county.head()) == (1, before)
    (questions,) = [
        row for row in county.report()["问题"] if row["键"].startswith("confirm:") and not row["答复（可填）"]
    ]
    assert "3 项职责" in questions["问题"]


def test_two_files_of_one_list_and_a_file_without_a_document(county: County) -> None:
    (county.folder / "另一份.docx").write_bytes(list_files.word([BASIC[0], [["序号", "事项名称"], ["1", "村务公开"]]]))
    path = county.folder.parent / "none.xlsx"
    done = county.run("lists", "import", county.folder, "--county", "420684", "--report", path)
    assert done.returncode == 1
    questions = [row[2].value for row in openpyxl.load_workbook(path)["问题"].iter_rows(min_row=3)]
    assert sum("依据哪份文件" in text for text in questions) == 3
    assert sum("同为清单 420684-BASIC" in text for text in questions) == 1
    assert not (county.folder / REPORT).exists()


def test_nothing_in_the_report_is_a_formula_and_what_is_no_report_is_refused(county: County) -> None:
    name = "=cmd|'x'!A1.csv"
    (county.folder / name.replace("/", "")).write_text("基本履职事项清单\n序号,事项名称\n1,=1+1\n", "utf-8")
    county.bring()
    book = openpyxl.load_workbook(county.folder / REPORT)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    other = county.folder / "乡镇" / "基本履职.docx"
    status, _, printed = county.bring("--answers", str(other))
    assert status == 1
    assert "bad-answers" in printed
    empty = county.folder.parent / "空"
    empty.mkdir()
    done = county.run("lists", "import", empty, *COUNTY)
    assert (done.returncode, b"empty" in done.stderr) == (1, True)


def test_what_was_answered_once_is_used_with_the_next_file_and_told(county: County) -> None:
    assert county.bring("--answers", str(answered(county)))[0] == 0
    next_year = county.folder.parent / "明年.csv"
    next_year.write_text("配合履职事项清单\n序号,事项名称,对应上级部门\n1,河塘巡护,水务局\n", "utf-8")
    done = county.run("lists", "import", next_year, *COUNTY, "--as", "NEXT", "--dry-run")
    assert done.returncode == 0
    assert "answered-before" in done.stderr.decode()
    assert "420684-water" in done.stderr.decode()
    (answer,) = json.loads(f"[{county.run('lists', 'answers', '--county', '420684', '--json').stdout.decode()}]")
    assert (answer["kind"], answer["name"], answer["means"]) == ("unit", "水务局", "420684-water")
    unknown = county.run("lists", "answers", "--county", "420684", "--withdraw", "unit:水务局", "--withdraw", "row:无")
    assert (unknown.returncode, b"unknown-answer" in unknown.stderr) == (1, True)
    assert b"unit:" in county.run("lists", "answers", "--county", "420684").stdout  # all are withdrawn, or none
    assert county.run("lists", "answers", "--county", "420684", "--withdraw", "unit:水务局").returncode == 0
    done = county.run("lists", "import", next_year, *COUNTY, "--as", "NEXT", "--dry-run")
    assert (done.returncode, "unknown-department" in done.stderr.decode()) == (1, True)


def test_the_file_itself_is_named_with_what_was_recorded_from_it(county: County) -> None:
    before = county.head()
    path = answered(county)
    assert county.bring("--answers", str(path))[0] == 0
    files = [county.folder / "乡镇" / "基本履职.docx", county.folder / "乡镇" / "配合履职.pdf"]
    spans = []
    for file in files:
        (original,) = originals.of_content(county.connection, file.read_bytes())
        assert original.size == file.stat().st_size
        spans.append((original.first, original.last))
    assert spans == [(before + 1, spans[0][1]), (spans[0][1] + 1, county.head())]
    (of_first,) = originals.of_positions(county.connection, [before + 1])
    assert of_first.sha256 == originals.digest(files[0].read_bytes())
    assert originals.of_positions(county.connection, [before]) == []
    assert originals.of_content(county.connection, b"another") == []


def test_what_is_not_clear_in_a_file_is_answered_in_the_report(county: County) -> None:
    rows = [["序号", "证明名称", "备注"], ["1", "示例甲证明", ""], ["2", "示例乙证明", "拟取消"]]
    (county.folder / "证明.xlsx").write_bytes(list_files.xlsx(["宜城市村级组织出具证明事项清单", rows]))
    path = answered(county)
    assert [row["可填"] for row in county.report()["问题"] if row["键"] == "row:拟取消"] == ["列入；不列入；不得"]
    path = county.answer("问题", "答复", {"“拟取消”": "不得"})
    assert county.bring("--answers", str(path))[0] == 1  # what the list says now is a question
    path.unlink()
    path = county.answer("问题", "答复", {"对吗": "是"})
    before = county.head()
    status, _, errors = county.bring("--answers", str(path))
    assert (status, county.head() > before) == (0, True), errors
    rows_ = county.connection.execute(
        "SELECT list, name FROM item WHERE list ~ 'CERTIFICATES' AND list ~ '^420684' ORDER BY list"
    )
    assert rows_.fetchall() == [
        ("420684-CERTIFICATES", "示例甲证明"),
        ("420684-NO-CERTIFICATES", "示例乙证明"),
    ]


def test_a_sentence_that_several_files_have_is_asked_once_with_these_files(county: County) -> None:
    same, own = "街道那边的活归片区包圆", "孔湾镇那几样搁着"
    rows = [["序号", "证明名称"], ["1", "示例甲证明"]]
    (county.folder / "乡镇" / "基本履职.docx").write_bytes(list_files.word([*BASIC, same]))
    (county.folder / "乡镇" / "配合履职.pdf").write_bytes(list_files.pdf([*ASSIST, same]))
    third = list_files.xlsx(["宜城市村级组织出具证明事项清单", rows, same, own])
    (county.folder / "证明.xlsx").write_bytes(third)
    path = answered(county)
    notes = [row for row in county.report()["问题"] if "包圆" in row["问题"] or "搁着" in row["问题"]]
    assert [row["键"] for row in notes] == [f"note:{same}", f"note:{own}"]
    assert notes[0]["文件"] == "乡镇/基本履职.docx、乡镇/配合履职.pdf、证明.xlsx"
    assert "3 个文件都写有" in notes[0]["问题"]
    assert "证明.xlsx A4" in notes[0]["问题"] or "证明.xlsx Sheet!A4" in notes[0]["问题"]
    assert (notes[1]["文件"], same in notes[1]["问题"]) == ("证明.xlsx", False)
    path = county.answer("问题", "答复", {same: "不影响", own: "不影响"})
    assert county.bring("--answers", str(path))[0] == 1  # what the lists say is a question now
    assert not [row for row in county.report()["问题"] if row["键"].startswith("note:") and not row["答复（可填）"]]
    path.unlink()
    path = county.answer("问题", "答复", {"“水务局”是哪个单位": "420684-water 宜城市水利和湖泊局", "对吗": "是"})
    before = county.head()
    assert (county.bring("--answers", str(path))[0], county.head()) == (1, before)
    path.unlink()
    path = county.answer("问题", "答复", {"对吗": "是"})
    assert (county.bring("--answers", str(path))[0], county.head() > before) == (0, True)


def test_a_sentence_that_changes_some_rows_is_asked_about_file_by_file(county: County) -> None:
    same = "街道那边的活归片区包圆"
    (county.folder / "乡镇" / "基本履职.docx").write_bytes(list_files.word([*BASIC, same, "孔湾镇那几样搁着"]))
    (county.folder / "乡镇" / "配合履职.pdf").write_bytes(list_files.pdf([*ASSIST, same]))
    assert county.bring()[0] == 1
    path = county.answer("问题", "答复", {"都写有": "逐个"})
    before = county.head()
    assert county.bring("--answers", str(path))[0] == 1
    open_ = [row for row in county.report()["问题"] if row["键"].startswith("note:") and not row["答复（可填）"]]
    assert {row["文件"] for row in open_} == {"乡镇/基本履职.docx", "乡镇/配合履职.pdf"}
    assert county.head() == before
