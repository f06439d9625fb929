"""Files that are not what they should be: an error with a place and what to do, or a valid table; nothing else."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
import xlwt

from registry.exchange.sheets.reading.files import BadSheet, read
from registry.exchange.sheets.recognising.tables import recognise
from tests.support.corpus import EXPECTED, check_positions
from tests.support.damaged_files import damaged
from tests.support.paths import CORPUS

FILES = sorted(path for path in CORPUS.iterdir() if path.suffix in {".xlsx", ".xls", ".csv", ".docx"})
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def check_problems(bad: BadSheet) -> None:
    """Each says where, what and what to do."""
    assert bad.problems
    for problem in bad.problems:
        assert all((problem.code, problem.location, problem.zh, problem.en))
        assert not problem.warning


def refusal(content: bytes, filename: str) -> tuple[str, str]:
    """The code and place of what is wrong with a file; each problem has its sentences."""
    with pytest.raises(BadSheet) as bad:
        recognise(read(content, filename))
    check_problems(bad.value)
    return bad.value.problems[0].code, bad.value.problems[0].location


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_damaged_files(file: Path) -> None:
    """Five of each: 200 in all."""
    for seed in range(5):
        content = damaged(file.read_bytes(), hash_of(file.name) + seed)
        try:
            grids = read(content, file.name)
            for table in recognise(grids):
                check_positions(table, grids)
        except BadSheet as bad:
            check_problems(bad)


def hash_of(name: str) -> int:
    return sum(letter * 31**at for at, letter in enumerate(name.encode())) % 2**32


def test_two_hundred_are_damaged() -> None:
    assert 5 * len(FILES) >= 200
    assert len(FILES) == len(EXPECTED)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["序号", "事项名称"])
    book.active.append([1, "村务公开"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def with_part(content: bytes, name: str, text: bytes) -> bytes:
    """The archive with a part of other content, or one more."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info.filename, old.read(info))
        new.writestr(name, text)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "empty.xlsx", "empty"),
        (b" \r\n\t ", "blank.csv", "empty"),
        (b"\xef\xbb\xbf,,\r\n,,\r\n", "commas.csv", "empty"),
        ("没有表头的说明文字\n第二行".encode(), "text.csv", "no-heading"),
        (b"<html><body><p> </p></body></html>", "blank.html", "empty"),
        (b'{"format": 1, "list": "YC-BASIC-2025"}', "export.json", "wrong-format"),
        (b"{\\rtf1\\ansi {not closed", "cut.rtf", "damaged"),
        (b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nx", "page.mht", "damaged"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
            "2003.xls",
            "wrong-format",
        ),
        (b"%PDF-1.7 ...", "scan.xlsx", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(900), "photo.xlsx", "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(900), "photo.docx", "picture"),
        (OLE + "PowerPoint Document".encode("utf-16-le"), "talk.ppt", "wrong-format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "secret.xlsx", "password"),
        (OLE + "Workbook".encode("utf-16-le"), "stub.xls", "damaged"),
        (b"PK\x03\x04 not really", "cut.docx", "damaged"),
        (workbook()[:-400], "cut.xlsx", "damaged"),
        (bytes(range(256)) * 40, "noise.csv", "wrong-format"),
        ("序号,事项名称\n1,".encode() + b"\x81\xff\xff\n", "mixed.csv", "bad-encoding"),
        ("序号,事项名称\n1,示例甲\n".encode("gbk") + "2,示例乙事项\n".encode(), "joined.csv", "bad-encoding"),
        ('序号,事项名称\n1,"示例甲\n2,示例乙\n3,"示例丙\n'.encode(), "quotes.csv", "bad-quotes"),
        ('事项名称,备注\n示例甲,"注\n示例乙,无\n'.encode(), "open.csv", "bad-quotes"),
        ('序号,事项名称\n1,"'.encode() + "村务公开\n".encode() * 9000, "quote.csv", "bad-quotes"),
        (("序号,事项名称\n" + "1,村务公开\n" * 20_001).encode(), "long.csv", "too-large"),
        (("," * 400 + "x\n").encode(), "wide.csv", "too-large"),
        (bytes(21 * 2**20), "huge.xlsx", "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_is_no_list(content: bytes, filename: str, code: str) -> None:
    answer, index = refusal(content, filename)
    assert answer == code
    assert index.startswith(filename.partition(".")[0])


def test_a_page_called_a_sheet_is_read_as_the_page_that_it_is() -> None:
    page = b"<html><body><table><tr><td>1</td></tr></table></body></html>"
    assert refusal(page, "export.xls") == ("no-heading", "表1")


def test_entities_and_bombs() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 1000 + b'">]><a>&b;</a>'
    assert refusal(with_part(workbook(), "xl/sharedStrings.xml", bomb), "a.xlsx") == ("unsafe", "a.xlsx")
    assert refusal(with_part(workbook(), "xl/styles.xml", bomb.decode().encode("utf-16")), "a.xlsx")[0] == "unsafe"
    zeros = b"<a>" + bytes(220 * 2**20)
    assert refusal(with_part(workbook(), "xl/media/a.xml", zeros), "a.xlsx") == ("too-large", "a.xlsx")


def test_cells_at_the_end_of_a_sheet() -> None:
    """Far away cells do not make a sheet of 17 thousand million; only formatted ones are not there at all."""
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.active["XFD1048576"].number_format = "0.00"
    target = io.BytesIO()
    book.save(target)
    assert [len(grid.rows) for grid in read(target.getvalue(), "a.xlsx")] == [2]
    book.active["XFD1048576"] = "x"
    target = io.BytesIO()
    book.save(target)
    assert refusal(target.getvalue(), "a.xlsx") == ("too-large", "a.xlsx")


def test_an_encrypted_archive() -> None:
    content = bytearray(workbook())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = 0
        while (start := content.find(mark, start)) >= 0:
            content[start + at] |= 1
            start += 4
    assert refusal(bytes(content), "a.xlsx") == ("password", "a.xlsx")


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xlsx", tmp_path, Path("nul\0.xlsx")):
        with pytest.raises(BadSheet) as bad:
            read(path)
        assert bad.value.problems[0].code == "no-file"
    fifo = tmp_path / "fifo.csv"
    os.mkfifo(fifo)
    with pytest.raises(BadSheet):
        read(fifo)


def test_a_file_is_what_it_is_and_not_what_it_is_called(tmp_path: Path) -> None:
    old = xlwt.Workbook()
    for at, text in enumerate(("序号", "事项名称")):
        old.add_sheet("一").write(0, 0, "") if not at else None
        old.get_sheet(0).write(1, at, text)
    old.save(str(tmp_path / "old.xls"))
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "事项名称"
    document.save(str(tmp_path / "new.docx"))
    for content in (workbook(), (tmp_path / "old.xls").read_bytes(), (tmp_path / "new.docx").read_bytes()):
        assert read(content, "whatever.bin")[0].rows[0][-1].text == "事项名称"


def test_names_of_files_do_no_harm() -> None:
    for name in ("../../etc/passwd.csv", "a\0b.csv", "\udcff.csv", "", "-c.csv", "x" * 3000 + ".csv", "a\nb.csv"):
        assert read("序号,事项名称\n1,村务公开\n".encode(), name)[0].rows[1][1].text == "村务公开"
