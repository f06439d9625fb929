"""Lists out whose texts, or whose length, no spreadsheet was made for."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from docx import Document

from registry import database
from registry.exchange.sheets.reading.files import read
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.worlds import COUNTY, decision


def test_texts_that_no_spreadsheet_can_hold(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {
        "1": "响铃\x07和\x0b",
        "2": "_x0041_ 不是 A",
        "3": "#N/A",
        "4": "0012",
        "5": "-1+2",
        "6": "长" * 20_000,
        "7": "<b>&amp;</b>",
        "8": "行\r\n行",
    }
    journal = [*COUNTY]
    for item, name in odd.items():
        journal.append(decision("ListItemEntered", "2020-01-01", list="NEG", item=item, name=name, terms=["无"]))
    # Earlier versions let control characters in, so logs have them.
    monkeypatch.setattr("registry.domain.lines.may_be_unfit", lambda _: False)
    with database.connect(database_url) as connection:
        record(connection, journal)
    with api(database_url) as opened:
        content = opened.send("GET", "/v1/lists/NEG.xlsx").content
        (grid,) = read(content, "list.xlsx")
        names = [row[2].text for row in grid.rows[3:]]
        assert names[1] == "_x0041_ 不是 A"
        assert names[2:5] == ["#N/A", "0012", "-1+2"]
        assert names[0] == "响铃和"
        assert len(names[5]) == 20_000
        assert names[6] == "<b>&amp;</b>"
        (table,) = Document(io.BytesIO(opened.send("GET", "/v1/lists/NEG.docx").content)).tables
        assert [table.rows[index].cells[1].text for index in (1, 7, 8)] == ["响铃和", "<b>&amp;</b>", "行\n行"]
        assert "&lt;b&gt;" in opened.send("GET", "/lists/NEG").text


def test_two_thousand_items_take_little_memory(database_url: str) -> None:
    journal = [*COUNTY]
    for number in range(2_000):
        entered = decision("ListItemEntered", "2020-01-01", list="NEG", item=str(number), name=f"事项{number}" * 5)
        journal.append(entered | {"terms": [f"词{number}"], "note": "备注：" + "说明" * 20})
    with database.connect(database_url) as connection:
        record(connection, journal)
    with api(database_url) as opened:
        opened.send("GET", "/v1/lists/BASIC.xlsx")
        opened.send("GET", "/v1/lists/BASIC.docx")
        for suffix, most in (("xlsx", 25), ("docx", 25), ("json", 25)):
            tracemalloc.start()
            answer = opened.send("GET", f"/v1/lists/NEG.{suffix}")
            peak = tracemalloc.get_traced_memory()[1] / 2**20
            tracemalloc.stop()
            assert answer.status_code == 200
            assert peak < most, f"{suffix}: {peak:.0f} MiB"
