"""Proposals for admission on their pages, and drafts of what has another name: both ask before anything is recorded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import psycopg
import pytest

from registry import database
from registry.domain.dates import today
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.databases import Databases
from tests.support.draft_pages import PAGE, Pages, text
from tests.support.worlds import COUNTY, decision, unit

FIELDS = {
    "kind": "delegate",
    "matter": "采砂管理",
    "from": "water",
    "instrument": "通知1号",
    "role": "lead",
    "duty_mode": "assigned",
    "at": "2024-01-01",
}
TOWNS = [unit(f"town-{number}", "township", "government", "420684") for number in range(4)]


@pytest.fixture(scope="module")
def opened(lent_databases: Databases) -> Iterator[tuple[psycopg.Connection, Pages]]:
    other = {"proposal": "P-1", "matter": "D-SAND", "from": "water", "to": "town", "instrument": "通知1号"}
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as client:
        record(connection, [*COUNTY, *TOWNS, decision("DelegationProposed", "2024-01-01") | other])
        connection.commit()
        yield connection, Pages(client.send)


def head(connection: psycopg.Connection) -> int:
    position = recorder.head(connection)[0]
    connection.rollback()
    return position


def test_a_name_that_nothing_bears_is_asked_about_where_a_matter_has_one_like_it(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    _, pages = opened
    offered = re.compile(r'name="do" value="(matter:D-SAND)"')
    unknown = pages.begun({**FIELDS, "to:town": "1", "matter": "采砂管理巡查"})
    page = pages.post(unknown, "look").text
    assert "有名称相近的" in text(page)
    assert "请勾选“新事项”" in text(page)
    given = pages.begun({**unknown, "new_matter": "1"})
    page = pages.post(given, "look").text
    assert "有责无权" not in text(
        page
    )  # a new matter takes no powers: what is broken goes unseen, so it is asked about
    assert "登记簿里已有名称相近的事项" in text(page)
    chosen = offered.search(page)
    assert chosen
    page = pages.post(given, chosen[1]).text
    assert "不掌握所需的" in text(page)
    assert 'name="new_matter"' not in page
    assert "名称相近" not in text(
        pages.post(pages.begun({**FIELDS, "to:town": "1", "matter": "茶叶评比", "new_matter": "1"}), "look").text
    )


def test_proposals_alike_are_answered_together_and_can_be_taken_back_together(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    towns = [unit["unit"] for unit in TOWNS]
    alike = {**FIELDS, **{f"to:{code}": "1" for code in towns}, "at": str(today())}
    given = pages.begun({**alike, "matter": "巡河", "role": "assist"})
    assert pages.post(given, "propose").status_code == 303
    ids = [f"{given['id']}-{code}" for code in towns]
    page = pages.get(f"/proposals/{ids[0]}")
    assert "同样的申请，另有 3 件待审核" in text(page)
    assert "在原有的之外再交一次" in text(page)  # a list has every town lead it
    before, form = head(connection), {**pages.hidden(page), "by": "420684", "answer": "admit"}
    send = [{f"also:{ids[1]}": "1"}, {"also:": "1"}]
    answer = pages.send("POST", f"/proposals/{ids[0]}", data=form | send[0] | {"also:P-1": "1"}, headers=PAGE)
    assert head(connection) == before + 2  # P-1 is not alike: it is not answered along
    page = pages.get(answer.headers["location"])
    assert "共 2 件" in text(page)
    assert f"/undo?from={before + 1}&amp;to={before + 2}" in page
    onwards = re.search(r'id="next" href="([^"]+)"', page)
    assert onwards
    assert "待审核" in text(pages.get(html.unescape(onwards[1])))
    refused = {**form, "answer": "refuse", "reason": "不合适", **send[1]}
    answer = pages.send("POST", f"/proposals/{ids[2]}", data={**refused, "by": "月球"}, headers=PAGE)
    assert (answer.status_code, head(connection)) == (404, before + 2)  # all or none
    answer = pages.send("POST", f"/proposals/{ids[2]}", data=refused, headers=PAGE)
    assert head(connection) == before + 4
    assert "另有" not in pages.get(answer.headers["location"])
    assert "不准入" in text(pages.get(f"/proposals/{ids[3]}"))
