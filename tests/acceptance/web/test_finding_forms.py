"""The forms of a finding's page ask or refuse before an order is recorded that makes no sense, or once more."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import psycopg
import pytest

from registry import database
from registry.domain.dates import today
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.databases import Databases
from tests.support.draft_pages import PAGE, Pages, text
from tests.support.worlds import COUNTY, decision, duty

FINDING: Final = "/findings/one?" + urlencode({"rule": "duty-without-power", "unit": "town", "subject": "DB-TEST"})
SOON: Final = str(today() + timedelta(days=20))


@pytest.fixture(scope="module")
def opened(lent_databases: Databases) -> Iterator[tuple[psycopg.Connection, Pages]]:
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as client:
        record(connection, [*COUNTY, duty("DB-TEST", matter="D-SAND")])
        connection.commit()
        yield connection, Pages(client.send)


def fields(page: str, **given: str) -> dict[str, str]:
    """The order's form as a page shows it, filled in; a box that the page asks to tick is ticked."""
    hidden = dict(re.findall(r'<input type="(?:hidden|checkbox)" name="(token|new_ref|sure)" value="([^"]*)"', page))
    hidden = {name: html.unescape(value) for name, value in hidden.items()}
    return {**hidden, "act": "order", "by": "420684", "text": "退回该项职责", "due": SOON, **given}


def head(connection: psycopg.Connection) -> int:
    position = recorder.head(connection)[0]
    connection.rollback()
    return position


def test_an_order_is_asked_about_or_refused_before_it_is_recorded(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    before, page = head(connection), pages.get(FINDING)
    for wrong, expected in (
        ({"by": "town"}, "不能由被督办的单位督办自己"),
        ({"by": "town2"}, "不是"),
        ({"by": "village"}, "不是"),
        ({"text": "文" * 5_000}, "超过 2000 字"),
        ({"due": "9999-12-31"}, "所填日期 9999-12-31 在 5 年以后"),
        ({"due": "9999-12-31", "sure": "9999-12-30"}, "所填日期 9999-12-31 在 5 年以后"),
        ({"act": "waive", "due": "9999-12-31"}, "所填日期 9999-12-31 在 5 年以后"),
    ):
        answer = pages.post(fields(page, **wrong), "", FINDING)
        assert answer.status_code in (400, 409), wrong
        assert expected in text(answer.text), wrong
        assert head(connection) == before, wrong


def test_a_second_order_is_asked_about_and_the_same_is_not_recorded_twice(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    before, page = head(connection), pages.get(FINDING)
    first = fields(page, by="water")
    assert pages.post(first, "", FINDING).status_code == 303
    for again in (first, {**first, "text": "改了几个字"}, fields(pages.get(FINDING), by="water")):
        answer = pages.post(again, "", FINDING)
        assert answer.status_code == 409
        assert f"已经记录，编号 {first['new_ref']}" in text(answer.text)
    other = {"text": "先报整改方案", "due": "9999-12-31"}
    refused = pages.post(fields(pages.get(FINDING), **other), "", FINDING)
    assert refused.status_code == 409
    assert f"已有未销号的督办：{first['new_ref']}" in text(refused.text)
    assert head(connection) == before + 1
    assert pages.post(fields(refused.text, **other), "", FINDING).status_code == 303
    assert head(connection) == before + 2
    rows = pages.send("GET", "/rectifications?within=420684&format=json", headers=PAGE).json()
    far = next(row for row in rows if row["text"] == other["text"])
    assert (far["due"], far["days"]) == ("9999-12-31", (today().max - today()).days)
    assert "限 9999-12-31 前" in text(pages.get(FINDING))


def test_the_same_answer_is_not_recorded_twice(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    first = fields(pages.get(FINDING), due="2090-01-01", text="另行督办")
    refused = pages.post(first, "", FINDING)
    assert pages.post(fields(refused.text, due="2090-01-01", text="另行督办"), "", FINDING).status_code == 303
    before = head(connection)
    answer = {**first, "act": "answer", "ref": first["new_ref"], "by": "town", "outcome": "disputed", "due": ""}
    assert pages.post(answer, "", FINDING).status_code == 303
    again = pages.post(answer, "", FINDING)
    assert again.status_code == 409
    assert "同样的答复刚才已经记录" in text(again.text)
    assert head(connection) == before + 1


def test_a_unit_is_asked_before_it_waives_its_own_finding(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    before, waived = head(connection), {"act": "waive", "due": "", "text": "上级已同意"}
    refused = pages.post(fields(pages.get(FINDING), by="town", **waived), "", FINDING)
    assert refused.status_code == 409
    assert "单位豁免自己的问题，应当有上级的决定" in text(refused.text)
    assert "上级已同意" in refused.text
    assert head(connection) == before
    assert pages.post(fields(refused.text, by="town", **waived), "", FINDING).status_code == 303
    assert head(connection) == before + 1
    page = pages.get(FINDING)
    assert pages.post({**fields(page), "act": "lift"}, "", FINDING).status_code == 303
    # One above it is not asked.
    assert pages.post(fields(pages.get(FINDING), by="420684", **waived), "", FINDING).status_code == 303


def test_the_page_of_a_finding_that_a_decision_closed_says_by_which(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    gone = FINDING.replace("DB-TEST", "DB-GONE").replace("unit=town", "unit=town2")
    record(connection, [duty("DB-GONE", matter="D-SAND", to="town2")])
    connection.commit()
    assert "已不成立" not in pages.get(gone)  # and so it is judged, and known to have been
    record(connection, [decision("DelegationEnded", "2024-01-01", ref="DB-GONE", reason="returned")])
    connection.commit()
    for lang, expected in (
        ("zh", rf"已不成立.*由第 {head(connection)} 号决定"),
        ("en", rf"does not hold any more.*By decision {head(connection)}:"),
    ):
        assert re.search(expected, text(pages.get(f"{gone}&lang={lang}")), re.DOTALL), lang


def test_who_has_to_act_is_offered_and_written_into_the_order(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    record(connection, [duty("DB-WHO", matter="D-SAND")])
    connection.commit()
    finding = FINDING.replace("DB-TEST", "DB-WHO")
    before, page = head(connection), pages.get(finding)
    acting = page.partition('id="acting"')[2].partition("</select>")[0]
    assert re.findall(r'value="(\w+)"', acting)[:2] == ["town", "water"]  # itself, and who handed it down
    which = pages.post(fields(page, by="位wat", acting="water"), "", finding)
    assert head(connection) == before
    assert re.search(r'<select [^>]*name="by"', which.text)
    assert re.search(r'<option value="water"[^>]*>单位water', which.text)
    assert re.search(r'<option value="water"[^>]* selected>', which.text), "what was chosen is kept"
    assert pages.post(fields(which.text, by="water", acting="nowhere"), "", finding).status_code == 404
    assert head(connection) == before
    assert pages.post(fields(which.text, by="water", acting="water"), "", finding).status_code == 303
    assert head(connection) == before + 1
    assert "责任单位：单位water。退回该项职责" in text(pages.get(finding))
