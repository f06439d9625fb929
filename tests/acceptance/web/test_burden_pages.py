"""The page of what lands on a village in a month: in both languages, without JavaScript, of any month, never broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support import burden_world
from tests.support.api_client import Api, api
from tests.support.burden_world import HOUSE, burden, matter
from tests.support.worlds import decision

HTML = {"accept": "text/html"}
EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str]) -> Iterator[Api]:
    url = module_database()
    evil = [matter("F-EVIL", "form", f"表{EVIL}", asks=[EVIL, "甲"]), burden("E", "2024-05-01", "F-EVIL", to="v")]
    late = [decision("UnitDissolved", "2024-08-01", unit="v", successor="village")]
    with database.connect(url) as connection:
        record(connection, [*burden_world.JOURNAL, *burden_world.SHARED_FIELDS, *evil, *late])
    with api(url) as opened:
        yield opened


def page(client: Api, path: str, status: int = 200, **parameters: str) -> str:
    response = client.send("GET", path, headers=HTML, params=parameters or None)
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert "<script" not in response.text
    return response.text


def headings(text: str) -> list[str]:
    return re.findall("<h2>(.*?)</h2>", text)


def test_a_month_in_both_languages(client: Api) -> None:
    zh = page(client, "/villages/village/burdens", month="2022-06")
    assert "2022年6月" in zh
    assert headings(zh)[:3] == ["本月到期（2项）", "本月新来的（2项）", "以前布置、还在办的（4项）"]
    # The document, the sender and the days of what is due first.
    first = zh[zh.index("<ol") : zh.index("</li>")]
    assert re.findall("巡河台账|单位town|《通知》（通知1号）|2022年5月1日|2022年6月10日", first) == [
        "巡河台账",
        "单位town",
        "《通知》（通知1号）",
        "2022年5月1日",
        "2022年6月10日",
    ]
    assert "month=2022-05" in zh
    assert "month=2022-07" in zh
    en = page(client, "/villages/village/burdens", month="2022-06", lang="en")
    assert headings(en)[:3] == ["Due this month (2)", "New this month (2)", "Going on from before (4)"]
    assert "month=2022-06&amp;lang=zh" in en
    # The year beside it: two forms where one is allowed.
    assert _year(zh)["报表"][:3] == ["2", "1", "1"]  # laid on, most, over
    assert _year(en)["forms"][:3] == ["2", "1", "1"]
    falling = "/villages/village/burdens?month=2022-06&table=year&year-sort=-imposed"
    file = client.send("GET", f"{falling}&format=json").json()
    assert [one["imposed"] for one in file] == sorted((one["imposed"] for one in file), reverse=True)
    assert {one["kind"]: one["over"] for one in file}["form"] == 1
    assert list(_year(page(client, f"{falling}&year-q=报表"))) == ["报表"]


def _year(text: str) -> dict[str, list[str]]:
    """The table of the year: by kind what its numbers are."""
    body = text.partition('id="table-year"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    return {row[0]: row[1:] for row in rows}


def test_forms_that_ask_for_the_same_are_there(client: Api) -> None:
    text = page(client, "/villages/v/burdens", month="2024-06")
    assert "问同样内容的表格" in headings(text)
    assert f"入户登记表：{'、'.join(HOUSE)}" in text
    assert "问同样内容的表格" not in headings(page(client, "/villages/village/burdens", month="2022-06"))


def entry(text: str, ref: str) -> str:
    """What a page says of one thing that landed, without its marks."""
    part = next(each for each in re.findall("<li><strong.*?</li>", text, re.DOTALL) if f" · {ref}</span>" in each)
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", "", part))


def test_each_says_in_what_role_whether_it_was_planned_and_whether_its_day_has_passed(client: Api) -> None:
    path = "/villages/village/burdens"
    may, june = page(client, path, month="2022-05"), page(client, path, month="2022-06")
    english = page(client, path, month="2022-06", lang="en")
    assert "计划外" not in entry(june, "F1")  # its list has it
    assert "计划外" in entry(june, "J2")
    assert "计划外（经准入）" in entry(june, "F2")
    assert "not planned (admitted)" in entry(english, "F2")
    assert "期限已过" not in entry(may, "F1")
    assert "期限已过，还没有登记办结或终止" in entry(june, "F1")  # due on the 10th, and the month is over
    assert "本村配合" in entry(june, "D1")
    assert "this village assists with" in entry(english, "D1")


def test_names_are_only_text(client: Api) -> None:
    assert "表&lt;script&gt;" in page(client, "/villages/v/burdens", month="2024-06")


def test_nothing_this_month_is_reported(client: Api) -> None:
    assert "这个月没有布置到这里的事。" in page(client, "/villages/town2/burdens", month="2022-06")
    gone = page(client, "/villages/v/burdens", month="2024-09")
    assert "这个月没有布置到这里的事。" in gone


def test_this_month_is_shown_where_none_is_given_and_the_village_page_leads_here(client: Api) -> None:
    assert headings(page(client, "/villages/village/burdens"))
    village = page(client, "/villages/village")
    assert "/villages/village/burdens" in village


@pytest.mark.parametrize("month", ["0002-01", "9998-12", "2100-02"])
def test_months_far_away(client: Api, month: str) -> None:
    status = 404 if month == "0002-01" else 200
    page(client, "/villages/village/burdens", status, month=month)


@pytest.mark.parametrize(
    ("path", "given", "status", "stated"),
    [
        ("/villages/nowhere/burdens", {}, 404, "nowhere"),
        ("/villages/%00/burdens", {}, 404, ""),
        ("/villages/village/burdens", {"month": "2022-13"}, 400, "YYYY-MM"),
        ("/villages/village/burdens", {"month": EVIL}, 400, "YYYY-MM"),
        ("/villages/village/burdens", {"month": "x" * 5000}, 400, "YYYY-MM"),
    ],
)
def test_what_is_wrong_is_reported_on_a_page(
    client: Api, path: str, given: dict[str, Any], status: int, stated: str
) -> None:
    assert stated in page(client, path, status, **given)
