"""The changes of a territory between two days say what became of its units, how much changed, and what powers went."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest

from registry.web.console.asking import ANSWERS
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.worlds import COUNTY, decision, duty, unit


def page(over: Api, address: str) -> str:
    answer = over.send("GET", address, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def rows(over: Api, address: str) -> list[list[str]]:
    text = over.send("GET", f"{address}&format=csv&table=units").content.decode("utf-8-sig")
    return [row[:4] for row in csv.reader(io.StringIO(text))][1:]


def sums(text: str) -> str:
    sentence = re.search(r'<p id="sums">(.*?)</p>', text, re.DOTALL)
    assert sentence
    return sentence[1]


def test_each_kind_of_change_of_a_unit_is_listed_once_with_what_became_of_it(api_over: Callable[..., Api]) -> None:
    ANSWERS.clear()
    wrong = {"type": "UnitRenamed", "unit": "town", "at": "2021-01-11"}
    early = {"type": "UnitRenamed", "unit": "420684", "at": "2020-06-01"}
    over = api_over(
        [
            *COUNTY,
            unit("new", "village", "village", "town", at="2021-01-05"),
            unit("elsewhere", "county", "department", "4206", at="2021-01-05"),
            decision("UnitRenamed", "2021-01-06", unit="water", name="水利和湖泊局"),
            decision("UnitMoved", "2021-01-07", unit="village2", parent="town2"),
            decision("UnitRevised", "2021-01-08", unit="market", function="trade"),
            decision("UnitRevised", "2021-01-08", unit="village", aliases=["老村"]),
            decision("UnitDissolved", "2021-01-09", unit="town2", successor="town"),
            decision("UnitDissolved", "2021-01-10", unit="new"),
            decision("UnitRenamed", "2021-01-11", unit="town", name="写错的镇"),
            decision("Annulled", "2021-01-11", of=wrong),
            decision("UnitRenamed", "2020-06-01", unit="4206", name="襄阳"),
            decision("UnitRenamed", "2020-06-01", unit="420684", name="宜城市"),
            decision("Corrected", "2021-02-01", of=early, set={"at": "2021-01-12"}),
            decision("UnitRenamed", "2021-03-01", unit="market", name="以后的名"),
            duty("R-1", "2021-01-20"),
        ]
    )
    address = "/changes/420684?from=2021-01-01&to=2021-01-31"
    assert [(row[0], row[1], row[2]) for row in rows(over, address)] == [
        ("2021-01-05", "设立", "单位new"),
        ("2021-01-06", "改名", "水利和湖泊局"),
        ("2021-01-07", "改隶", "单位village2"),
        ("2021-01-08", "职能变动", "单位market"),
        ("2021-01-09", "并入", "单位town2"),
        ("2021-01-10", "撤销", "单位new"),
        ("2021-01-12", "改名", "宜城市"),
    ]
    whats = [row[3] for row in rows(over, address)]
    assert whats[1:3] == ["名称：单位water → 水利和湖泊局", "上级：单位town → 单位town2"]
    assert whats[4] == "并入单位town"
    text = page(over, address)
    assert "单位：设立 1，改名 2，改隶 1，并入 1，撤销 1，职能变动 1。" in sums(text)
    assert "职责：开始 1，终止 1，变更 0。" in sums(text)
    assert "elsewhere" not in text
    english = page(over, f"{address}&lang=en")
    assert "units: 1 registered, 2 renamed, 1 moved, 1 merged" in english
    town = rows(over, "/changes/town?from=2021-01-01&to=2021-01-31")
    assert [row[1] for row in town] == ["设立", "改隶", "撤销"]  # what left the town is its change too
    quiet = page(over, "/changes/420684?from=2021-02-01&to=2021-02-20")
    assert "这段时间没有单位变动" in quiet
    assert sums(quiet) == "这段时间没有变化。"


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def test_the_powers_that_went_with_a_move_are_counted_and_lead_to_both_days(demo: Api) -> None:
    address = "/changes/420684?from=2024-01-01&to=2024-06-30"
    text = page(demo, address)
    total = '{{ balance(within: "420684", asOf: "{day}") {{ total {{ powers }} }} }}'
    was, now = (demo.ask(total.format(day=day))["balance"]["total"]["powers"] for day in ("2024-01-01", "2024-06-30"))
    began = re.search(r"权力：开始 (\d+)，终止 (\d+)", sums(text))
    assert began
    lost = [int(number) for number in re.findall(r'class="note powers-moved".*?少了 (\d+) 项', text, re.DOTALL)]
    assert lost == [11]
    assert now - was == int(began[1]) - int(began[2]) - sum(lost)
    note = text.partition('class="note powers-moved"')[2].partition("</p>")[0]
    leads = re.findall(r'href="([^"]+)"', note)
    assert "刘猴城市管理执法中队" in note
    days = [lead for lead in leads if "tab=powers" in lead]
    assert [re.search(r"as_of=([\d-]+)", lead)[1] for lead in days] == ["2024-02-29", "2024-03-01"]  # type: ignore[index]
    counts = [len(demo.send("GET", f"{lead}&format=json").json()) for lead in days]
    assert counts[0] >= counts[1]
    for lead in leads:
        page(demo, lead)


def test_what_is_counted_is_what_is_listed(demo: Api) -> None:
    address = "/changes/420684?from=2024-01-01&to=2024-06-30"
    listed = demo.send("GET", f"{address}&format=csv").content.decode("utf-8-sig")
    total = len(list(csv.reader(io.StringIO(listed)))) - 1
    counted = sums(page(demo, address)).partition("单位：")[0]
    assert sum(map(int, re.findall(r" (\d+)", counted))) == total
