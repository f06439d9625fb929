"""A folder of lists on the page: its questions answered in boxes, and everything recorded together or nothing."""

from __future__ import annotations

import html
import re

import httpx
import psycopg
import pytest

from registry.log import recorder
from tests.support import list_files, sheets_county
from tests.support.api_client import Api

PAGE = {"accept": "text/html"}
BASIC = ["宜城市镇（街道）基本履职事项清单", [["序号", "事项名称"], ["1", "花坛浇水"]]]
ASSIST = [
    "宜城市镇（街道）配合履职事项清单",
    [["序号", "事项名称", "对应上级部门"], ["1", "池塘清淤", "水务局"]],
]
FILES = {
    "清单/基本.docx": list_files.word(BASIC),
    "清单/乡镇/配合.ods": list_files.ods(ASSIST),
    "清单/../照片.png": b"\x89PNG\r\n\x1a\n" + bytes(99),
}


@pytest.fixture
def connection(shared_api: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    """A connection to the database of `county`."""
    return shared_api[0]


def inputs(page: str) -> dict[str, str]:
    """What the form of a page sends by itself: its hidden fields, and the boxes that are ticked."""
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.partition('id="import"')[2])
    ticked = re.findall(r'<input type="checkbox" name="([^"]*)" value="1"[^>]* checked>', page)
    return {html.unescape(name): html.unescape(value) for name, value in fields} | dict.fromkeys(ticked, "1")


def submit(county: Api, files: dict[str, bytes], **fields: str) -> httpx.Response:
    filled = {"county": sheets_county.COUNTY, "instrument": "宜办发〔2025〕6号"} | fields
    if "token" not in filled:
        filled["token"] = inputs(county.send("GET", "/lists/import-folder", headers=PAGE).text)["token"]
    sent = [("files", (name, content)) for name, content in files.items()] or [("files", ("", b""))]
    answer = county.send("POST", "/lists/import-folder", data=filled, files=sent, headers=PAGE)
    return county.settled(answer, headers=PAGE)


def test_a_folder_is_asked_about_and_recorded_on_the_page(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    first = submit(county, FILES)
    assert first.status_code == 200
    assert "“水务局”是哪个单位？" in first.text
    assert "1 项职责，由宜城市各镇（街道）负责承担" in first.text
    assert "这是图片" in first.text
    assert 'id="record"' not in first.text
    skip = re.search(
        r'name="(skip:[0-9a-f]{64})" value="1" aria-label="跳过 照片.png"', first.text.replace("清单/", "")
    )
    assert skip is not None
    answers = {"answer:unit:水务局": "420684-water", skip[1]: "1"}
    second = submit(county, {}, **inputs(first.text) | answers)
    for key in re.findall(r'name="(answer:confirm:\w+)"', second.text):
        answers[key] = "yes"
    assert sum(key.startswith("answer:confirm:") for key in answers) == 2
    third = submit(county, {}, **inputs(second.text) | answers)
    assert 'id="record"' in third.text
    assert recorder.head(connection)[0] == before
    # Pressed with an answer taken back: nothing.
    taken_back = {name: value for name, value in answers.items() if not name.startswith("answer:confirm")}
    assert "什么都没有记录" in submit(county, {}, **inputs(third.text) | taken_back, record="1").text
    assert recorder.head(connection)[0] == before
    last = submit(county, {}, **inputs(third.text) | answers, record="1")
    assert "已一并记录" in last.text
    assert 'id="undo"' in last.text
    assert recorder.head(connection)[0] > before
    rows = connection.execute("SELECT list, name, grantor FROM item WHERE list ~ '^420684-' ORDER BY list").fetchall()
    assert rows == [("420684-ASSIST", "池塘清淤", "420684-water"), ("420684-BASIC", "花坛浇水", None)]


def test_what_is_wrong_with_the_form_is_said_on_the_page(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    assert submit(county, FILES, token="x").status_code == 403
    missing = submit(county, FILES, instrument_title="某通知")
    assert (missing.status_code, "依据文件的日期" in missing.text) == (400, True)
    empty = submit(county, {})
    assert (empty.status_code, "没有文件" in empty.text) == (400, True)
    broken = submit(county, {}, content="bm8gYXJjaGl2ZQ==")
    assert (broken.status_code, "不完整" in broken.text) == (400, True)
    english = county.send("GET", "/lists/import-folder?lang=en", headers=PAGE)
    assert "Import a folder" in english.text
    assert recorder.head(connection)[0] == before


CERTIFICATES = [
    "宜城市村级组织出具证明事项清单",
    [["序号", "证明名称", "备注"], ["1", "示例甲证明", ""], ["2", "示例乙证明", "拟取消"]],
]


def test_each_file_rests_on_its_own_document_and_answers_for_itself(
    county: Api, connection: psycopg.Connection
) -> None:
    files = {"基本.xlsx": list_files.xlsx(BASIC), "证明.xlsx": list_files.xlsx(CERTIFICATES)}
    first = submit(county, files, instrument="")
    assert first.text.count("依据哪份文件？") == 2
    assert 'id="record"' not in first.text
    boxes = dict(
        re.findall(r'data-head="文件"[^>]*>([^<]+)</td>(?:.|\n)*?name="file:instrument:([0-9a-f]{64})"', first.text)
    )
    assert set(boxes) == set(files)
    given = {
        f"file:instrument:{boxes['基本.xlsx']}": "宜办发〔2025〕6号",
        f"file:instrument:{boxes['证明.xlsx']}": "宜办发〔2026〕1号",
        f"file:instrument_title:{boxes['证明.xlsx']}": "村级证明事项清单",
        f"file:issued_on:{boxes['证明.xlsx']}": "2026-03-01",
        "instrument": "",
    }
    second = submit(county, {}, **inputs(first.text) | given)
    assert "“拟取消”的事项，是否列入清单？" in second.text
    assert '<select name="answer:row:拟取消">' in second.text
    given["answer:row:拟取消"] = "keep"
    third = submit(county, {}, **inputs(second.text) | given)
    given |= dict.fromkeys(re.findall(r'name="(answer:confirm:\w+)"', third.text), "yes")
    fourth = submit(county, {}, **inputs(third.text) | given)
    assert 'id="record"' in fourth.text
    assert 'value="宜办发〔2026〕1号"' in fourth.text  # what was said of a file is still there
    assert "已一并记录" in submit(county, {}, **inputs(fourth.text) | given, record="1").text
    rows = connection.execute(
        "SELECT l.code, l.instrument, i.name FROM list l JOIN item i ON i.list = l.code WHERE l.code ~ '^420684-'"
        " ORDER BY l.code, i.item"
    ).fetchall()
    assert rows == [
        ("420684-BASIC", "宜办发〔2025〕6号", "花坛浇水"),
        ("420684-CERTIFICATES", "宜办发〔2026〕1号", "示例甲证明"),
        ("420684-CERTIFICATES", "宜办发〔2026〕1号", "示例乙证明"),
    ]
