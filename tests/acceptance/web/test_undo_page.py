"""The page on which recordings are taken back: from the import that was a mistake to the undoing, and its undoing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import psycopg
import pytest

from registry.domain.dates import today
from registry.log import recorder
from registry.recording.unit_of_work import record
from registry.web.console.views import undoing
from tests.support import worlds
from tests.support.api_client import Api
from tests.support.draft_pages import text as words_of
from tests.support.sheets_county import COUNTY
from tests.support.worlds import decision, duty, unit

PAPER = "宜办发〔2025〕6号"
SHEET = "配合履职事项清单\n序号,事项名称,对应上级部门\n1,社区矫正工作,司法局\n2,人口普查入户登记,统计局\n"
PAGE = {"accept": "text/html"}


@pytest.fixture
def client(county: Api) -> Api:
    return county


@pytest.fixture
def connection(shared_api: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    return shared_api[0]


def head(connection: psycopg.Connection) -> int:
    return recorder.head(connection)[0]


def look(client: Api, path: str, status: int = 200) -> str:
    answer = client.send("GET", path, headers=PAGE)
    assert answer.status_code == status, answer.text
    return answer.text


def forms(page: str) -> dict[str, dict[str, str]]:
    """What each form of the page sends by itself, by the method and the text of its button."""
    results: dict[str, dict[str, str]] = {}
    for form in re.findall(r"<form .*?</form>", page, re.DOTALL):
        (button,) = re.findall(r"<button[^>]*>(.*?)</button>", form)[-1:]
        fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
        results[html.unescape(button)] = {html.unescape(name): html.unescape(value) for name, value in fields}
    return results


def send(client: Api, fields: dict[str, str], lang: str = "zh") -> httpx.Response:
    answer = client.send("POST", f"/undo?lang={lang}", data=fields, files={"": ("", b"")}, headers=PAGE)
    return client.settled(answer, headers=PAGE)


def test_an_import_is_taken_back_from_the_page_that_recorded_it_and_brought_back(
    client: Api, connection: psycopg.Connection
) -> None:
    before = head(connection)
    token = forms(look(client, "/lists/import"))["查看，先不记录"]["token"]
    given = {"token": token, "county": COUNTY, "instrument": PAPER, "as": "ASSIST"}
    sheet = {"file": ("清单.csv", SHEET.encode())}
    shown = client.settled(client.send("POST", "/lists/import?lang=zh", data=given, files=sheet, headers=PAGE))
    (digest,) = re.findall(r'name="shown" value="([^"]*)"', shown.text)
    given |= {"shown": digest, "record": "1"}
    done = client.settled(client.send("POST", "/lists/import?lang=zh", data=given, files=sheet, headers=PAGE))
    assert head(connection) == before + 3
    offered = forms(done.text)["有误？查看如何撤回这次导入"]
    assert offered == {"from": str(before + 1), "to": str(before + 3), "lang": "zh"}

    page = look(client, f"/undo?from={before + 1}&to={before + 3}&lang=zh")
    assert "将撤回的记录 (3)" in words_of(page)
    assert "登记清单事项 ASSIST#1：社区矫正工作" in page
    assert "registry" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    confirmed = forms(page)["确认撤回，记录以上 3 项决定"]
    assert head(connection) == before + 3
    undone = send(client, confirmed)
    assert "已撤回：记录了 3 项决定" in undone.text
    first, last = re.findall(r"登记序号 (\d+) 至 (\d+)", undone.text)[0]
    assert int(last) - int(first) == 2
    assert head(connection) == before + 6
    assert client.send("GET", "/lists/ASSIST", headers=PAGE).status_code == 404

    again = forms(undone.text)["恢复原状：查看如何撤回本次撤回"]
    page = look(client, f"/undo?from={again['from']}&to={again['to']}&lang=en")
    assert "reinstated" in page
    (button,) = (each for each in forms(page) if each.startswith("Take them back"))
    assert "Taken back: 3 decisions recorded" in send(client, forms(page)[button], "en").text
    assert "社区矫正工作" in look(client, "/lists/ASSIST")


def test_what_rests_on_it_is_shown_and_offered_to_be_taken_back_too(
    client: Api, connection: psycopg.Connection
) -> None:
    record(connection, [unit("420684199", "township", "government", COUNTY, "2021-01-01") | {"name": "孔湾镇"}])
    first = head(connection)
    record(connection, [unit("420684199201", "village", "village", "420684199", "2021-01-01") | {"name": "马河村"}])
    page = look(client, f"/undo?from={first}&lang=zh")
    assert "后来的记录以其为据，不能单独撤回 (1)" in words_of(page)
    assert "登记单位 马河村（420684199201）：上级单位 孔湾镇（420684199）" in page
    assert not any(button.startswith("确认撤回") for button in forms(page))
    more = forms(page)["连同后来的一并撤回：先看"]
    page = look(client, "/undo?" + "&".join(f"{name}={value}" for name, value in more.items()))
    assert "将撤回的记录 (2)" in words_of(page)
    # What was recorded since is not overwritten: it is shown again, and why.
    shown = forms(page)["确认撤回，记录以上 2 项决定"]
    record(connection, [decision("UnitRenamed", "2022-01-01", unit="420684199", name="新孔湾镇")])
    before = head(connection)
    refused = send(client, shown)
    assert refused.status_code == 409
    assert "查看之后登记簿又有新的记录" in refused.text
    assert "将撤回的记录 (3)" in words_of(refused.text)
    assert head(connection) == before
    alone = {name: value for name, value in shown.items() if name not in ("with_later", "shown")}
    assert send(client, alone | {"shown": ""}).status_code == 409
    assert head(connection) == before


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("from=x", 400, "序号请填写数字"),
        ("from=٣", 400, "序号请填写数字"),
        ("from=" + "9" * 40, 400, "序号请填写数字"),
        ("from=9&to=3", 400, "起止序号写反了"),
        ("from=0", 404, "没有序号 0"),
        ("from=999999", 404, "没有序号 999999"),
        ("from=1&to=999999999", 413, "一次可撤回"),
    ],
)
def test_positions_that_cannot_be_are_refused_on_the_page(client: Api, query: str, status: int, text: str) -> None:
    page = look(client, f"/undo?{query}&lang=zh", status)
    assert text in page
    assert "查看，先不记录" in forms(page)
    token = forms(look(client, "/lists/import"))["查看，先不记录"]["token"]
    refused = send(client, {"token": token} | dict(part.split("=") for part in query.split("&")))
    assert (refused.status_code, text in refused.text) == (status, True)


def test_without_its_token_and_from_other_sites_nothing_is_recorded(
    client: Api, connection: psycopg.Connection
) -> None:
    before = head(connection)
    confirmed = forms(look(client, f"/undo?from={before}&lang=zh"))["确认撤回，记录以上 1 项决定"]
    refused = send(client, confirmed | {"token": "forged"})
    assert (refused.status_code, "没有收到本页的校验信息" in refused.text) == (403, True)
    assert "确认撤回，记录以上 1 项决定" in forms(refused.text)
    elsewhere = client.send(
        "POST", "/undo", data=confirmed, files={"": ("", b"")}, headers=PAGE | {"sec-fetch-site": "cross-site"}
    )
    assert elsewhere.status_code == 403
    assert head(connection) == before


def test_long_undoings_are_listed_in_part_and_not_judged_beyond_the_limit(
    client: Api, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "SHOWN", 2)
    monkeypatch.setattr("registry.impact.undoing.MOST", 3)
    first = head(connection) + 1
    record(
        connection, [unit(f"42068419{number}", "township", "government", COUNTY, "2021-01-01") for number in range(4)]
    )
    page = look(client, f"/undo?from={first}&to={first + 3}&lang=zh")
    assert "将撤回的记录 (4)" in words_of(page)
    assert "另有 2 项" in page
    assert "不判断会产生、消除哪些问题" in page
    assert "撤回后新产生的问题" not in page
    assert "已撤回" in send(client, forms(page)["确认撤回，记录以上 4 项决定"]).text


def test_what_was_recorded_last_is_chosen_and_not_typed(client: Api, connection: psycopg.Connection) -> None:
    before = head(connection)
    day = "2021-01-01"
    village = unit("nv", "village", "village", "newtown", day)
    record(connection, [unit("newtown", "township", "government", COUNTY, day), village])
    connection.commit()
    record(connection, [unit("othertown", "township", "government", COUNTY, day)])
    connection.commit()
    page = look(client, "/undo?lang=zh")
    listed = [
        html.unescape(link)
        for link in re.findall('data-head="记录时间"><a href="(/undo[?][^"]*)"', page.partition('id="recent"')[2])
    ]
    assert listed[:2] == [
        f"/undo?from={before + 3}&to={before + 3}&lang=zh",
        f"/undo?from={before + 1}&to={before + 2}&lang=zh",
    ]
    assert "othertown" in page.partition('id="recent"')[2].partition("</tr>")[2].partition("</tr>")[0]
    # A click on a position chooses what was recorded together, too; and the page of a decision leads here.
    for column in ("自序号", "至序号"):
        row = page.partition('id="recent"')[2].partition("<tbody>")[2]
        (link,) = re.findall(rf'data-head="{column}"[^>]*><a href="([^"]*)"', row)[:1]
        assert html.unescape(link) == listed[0], column
    one = look(client, f"/decisions/{before + 3}?lang=zh")
    (link,) = re.findall(r'id="undo" href="([^"]*)"', one)
    assert "将撤回的记录 (1)" in words_of(look(client, html.unescape(link)))
    looked_at = look(client, listed[1])
    assert "将撤回的记录 (2)" in words_of(looked_at)
    assert head(connection) == before + 3
    # What reaches back beyond what is looked through is followed to its beginning, over more than a page.
    many = [unit(f"v{number}", "village", "village", "othertown", day) for number in range(undoing.PAGE + 305)]
    record(connection, many)
    connection.commit()
    listed = html.unescape(look(client, "/undo?lang=zh").partition('id="recent"')[2])
    assert f"/undo?from={before + 4}&to={before + 3 + len(many)}&lang=zh" in listed
    first = listed.partition("</tr>")[2].partition("</tr>")[0]
    assert f">{len(many)}</a>" in first
    assert "（v0）" in first


@pytest.mark.parametrize("format_", ["csv", "xlsx", "json"])
def test_what_is_taken_back_is_sorted_filtered_and_taken_away_whole(
    client: Api, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    monkeypatch.setattr(undoing, "SHOWN", 2)
    first = head(connection) + 1
    record(connection, [unit(f"t{number}", "township", "government", COUNTY, "2021-01-01") for number in range(4)])
    connection.commit()
    address = f"/undo?from={first}&to={first + 3}&lang=zh"
    page = look(client, f"{address}&taken-sort=position&taken-q=t2")
    rows = re.findall(r'data-head="登记序号"[^>]*><a href="/decisions/(\d+)', page.partition('id="table-taken"')[2])
    assert rows == [str(first + 2)]
    assert "确认撤回，记录以上 4 项决定" in forms(page)  # a filter narrows what is seen, and not what is recorded
    kept = client.send("GET", f"{address}&format={format_}&table=taken&taken-sort=position", headers=PAGE)
    assert (kept.status_code, f"taken.{format_}" in kept.headers["content-disposition"]) == (200, True)
    if format_ == "json":
        assert [row["position"] for row in kept.json()] == list(range(first, first + 4))
    recent = client.send("GET", f"/undo?format={format_}&lang=zh", headers=PAGE)
    assert (recent.status_code, f"recent.{format_}" in recent.headers["content-disposition"]) == (200, True)


def test_what_holds_from_a_day_to_come_is_judged_as_of_that_day(
    api_over: Callable[..., Api], connection: psycopg.Connection
) -> None:
    day = str(today() + timedelta(days=6))
    client = api_over([*worlds.COUNTY, worlds.decision("ListRepealed", "2019-02-01", list="BASIC")])
    recorded = client.ask(
        "mutation ($d: [JSON!]!) { record(decisions: $d) { positions opened { subject } } }", d=[duty("D-1", day)]
    )["record"]
    (position,) = recorded["positions"]
    page = look(client, f"/undo?from={position}&lang=zh")
    assert f"撤回后消除的问题 ({len(recorded['opened'])})" in page
    assert recorded["opened"]
    assert f"要撤回的到 {day} 才生效，以下问题按这一天判断。" in page
    question = "query ($p: Int!, $on: Date) { undo(from: $p, asOf: $on) { asOf closed { subject } } }"
    assert client.ask(question, p=position)["undo"] == {"asOf": day, "closed": recorded["opened"]}
    # A day that is given is kept to.
    assert client.ask(question, p=position, on=str(today()))["undo"] == {"asOf": str(today()), "closed": []}
    # The same of the correction that takes it back, tried and recorded.
    annulled = [decision("Annulled", str(today()), ref="D-1")]
    tried = client.ask("query ($d: [JSON!]!) { simulate(decisions: $d) { asOf closed { subject } } }", d=annulled)
    assert tried["simulate"] == {"asOf": day, "closed": recorded["opened"]}
    undone = send(client, forms(page)["确认撤回，记录以上 1 项决定"])
    assert "已撤回" in undone.text
    assert "要撤回的到" not in look(client, f"/undo?from={head(connection) - 5}&lang=zh")
