"""A table within a cell says something of what stands before it in the cell, and is no part of a name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import docx
import pytest

from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.list_files import odt
from tests.support.registry_under_test import Registry

TITLE = "宜城市镇（街道）基本履职事项清单"
ROWS = [["序号", "类别", "事项名称"], ["1", "经济发展", "示例甲登记"], ["2", "经济发展", "示例乙登记"]]


def word_file(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(TITLE)
    table = document.add_table(len(ROWS), len(ROWS[0]))
    for at, row in enumerate(ROWS):
        for column, value in enumerate(row):
            table.cell(at, column).text = value
    table.cell(2, 2).add_table(1, 1).cell(0, 0).text = text
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def text_document(text: str) -> bytes:
    inner = f"<table:table-row><table:table-cell><text:p>{text}</text:p></table:table-cell></table:table-row>"
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(odt([TITLE, ROWS]))) as whole, zipfile.ZipFile(written, "w") as changed:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "content.xml":
                before = f"{ROWS[2][2]}</text:p>".encode()
                assert before in content
                content = content.replace(before, before + f"<table:table>{inner}</table:table>".encode())
            changed.writestr(name, content)
    return written.getvalue()


@pytest.mark.parametrize(("ending", "file"), [("docx", word_file), ("odt", text_document)])
@pytest.mark.parametrize("text", ["此项已取消", "县里说了算"])
def test_what_it_says_is_asked_about(demo: Registry, ending: str, file: Callable[[str], bytes], text: str) -> None:
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request(county="420684", instrument="试测〔2026〕1号", code="T", accept="none", issued=issued)
    made = plan(demo.connection, file(text), f"清单.{ending}", request)
    assert {"row-unclear", "notes-unread"} & {problem.code for problem in made.errors}
    assert text in "".join(problem.zh for problem in made.errors)
