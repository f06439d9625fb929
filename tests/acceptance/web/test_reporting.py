"""A burden reported from the village's page: its receipt, who may, what is refused; and the answer looked up by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import psycopg
import pytest

from registry import database
from registry.access import accounts, attempts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.domain.receipts import grouped, read_receipt
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.visitor import PASSWORD, Visitor, quick_passwords
from tests.support.worlds import COUNTY, duty

BY = By("test", "command")
REPORT = "/villages/village/report"
COUNT = "SELECT count(*) FROM log.decision WHERE type = 'BurdenReported'"


@pytest.fixture(scope="module")
def shared(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, Api]]:
    """A county with a duty laid on a village, a clerk of its town, and one of another town."""
    url = module_database()
    with quick_passwords(), database.connect(url) as connection, api(url) as opened:
        record(connection, [*COUNTY, duty("RIVER", matter="D-RIVER", from_="town", to="village")])
        for name, grant in (
            ("admin", Grant(Role.ADMINISTRATOR)),
            ("clerk", Grant(Role.CLERK, "town")),
            ("other", Grant(Role.CLERK, "town2")),
        ):
            accounts.add(connection, name, PASSWORD, [grant], BY)
        yield connection, opened


@pytest.fixture
def clerk(shared: tuple[psycopg.Connection, Api]) -> Visitor:
    visitor = Visitor(shared[1])
    visitor.log_in("clerk")
    return visitor


def reports(connection: psycopg.Connection) -> int:
    row = connection.execute(COUNT).fetchone()
    assert row is not None
    return row[0]


def test_a_report_is_given_a_receipt_that_says_no_more_than_its_answer(
    shared: tuple[psycopg.Connection, Api], clerk: Visitor
) -> None:
    connection, opened = shared
    before = reports(connection)
    clerk.get(f"{REPORT}?about=RIVER")
    assert "巡河" in clerk.page
    fields = {"about": "RIVER", "text": "巡河要天天打卡"}
    first = clerk.post(REPORT, None, **fields)
    clerk.get(f"{REPORT}?about=RIVER")  # back: the form is shown anew
    again = clerk.post(REPORT, None, **fields)
    assert (first.status_code, again.headers["location"]) == (303, first.headers["location"])
    assert reports(connection) == before + 1
    led_to = re.match(r"/receipts/(\d{12})\?", first.headers["location"])
    assert led_to is not None
    number = led_to[1]
    assert clerk.get(first.headers["location"]).status_code == 200
    assert grouped(number) in clerk.page

    stranger = Visitor(opened)
    assert stranger.get(f"/receipts?number=  {grouped(number)}").headers["location"].startswith(f"/receipts/{number}?")
    stranger.get(f"/receipts/{number}")
    assert "还没有答复" in stranger.page
    answer = (
        f'mutation {{ answerReport(report: "{number}", by: "town", outcome: "resolved", text: "改为每周一次", '
        f'at: "{today()}") {{ positions }} }}'
    )
    assert "errors" not in clerk.ask(answer)
    stranger.get(f"/receipts/{number}")
    assert "已解决" in stranger.page
    assert "改为每周一次" in stranger.page
    for hidden in ("打卡", "RIVER", "巡河要", "单位village", "单位town"):
        assert hidden not in stranger.page


def test_who_may_report_is_a_clerk_of_the_territory(shared: tuple[psycopg.Connection, Api]) -> None:
    connection, opened = shared
    before = reports(connection)
    stranger = Visitor(opened)
    answer = stranger.get(REPORT)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")
    assert stranger.post(REPORT, text="不该记下").status_code == 401
    other = Visitor(opened)
    other.log_in("other")
    assert other.get(REPORT).status_code == 403
    assert other.post(REPORT, text="不该记下").status_code == 403
    admin = Visitor(opened)
    admin.log_in("admin")
    assert admin.get(REPORT).status_code == 403
    assert reports(connection) == before


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"text": ""}, 400, "请写明是什么事"),
        ({"text": "。。。"}, 400, "用文字"),
        ({"text": "长" * 501}, 400, "不超过 500 字"),
        ({"text": "找我 13812345678"}, 400, "电话号码"),
        ({"text": "户主 11010519491231002X 又填"}, 400, "身份证号"),
        ({"text": "一\x01二"}, 400, "用文字"),
        ({"text": "好", "token": "wrong"}, 403, "校验信息"),
        ({"text": "找他要：42068419851201001X"}, 400, "身份证号"),
        ({"text": "加他微信号zhangsan_88"}, 400, "微信号或 QQ 号"),
        ({"text": "好", "about": "NO-SUCH"}, 404, "NO-SUCH"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_words_and_kept_in_the_form(
    shared: tuple[psycopg.Connection, Api], clerk: Visitor, fields: dict[str, str], status: int, words: str
) -> None:
    before = reports(shared[0])
    clerk.get(REPORT)
    answer = clerk.post(REPORT, None, **fields)
    assert answer.status_code == status
    assert words in answer.text
    assert reports(shared[0]) == before


def test_a_report_is_looked_at_before_it_is_sent_and_names_in_it_are_shown_by_their_index(
    shared: tuple[psycopg.Connection, Api], clerk: Visitor
) -> None:
    connection = shared[0]
    before = reports(connection)
    clerk.get(REPORT)
    text = "我叫李二，天天要填表"
    assert clerk.post(REPORT, None, text=text, step="look").status_code == 200
    assert "“李二”（第 3 至 4 个字）" in re.sub("<[^>]*>", "", clerk.page)
    assert text in clerk.page.partition('id="preview"')[2].partition("</blockquote>")[0]
    assert reports(connection) == before
    # Sent without a look, as by a page of before, it is shown all the same.
    assert clerk.post(REPORT, None, text=text).status_code == 200
    assert reports(connection) == before
    assert clerk.post(REPORT, None, text=text, step="edit").status_code == 200
    assert "<textarea" in clerk.page
    assert text in clerk.page
    assert clerk.post(REPORT, None, text="天天要填表，没有名字", step="look").status_code == 200
    assert 'id="preview"' in clerk.page
    assert 'id="names"' not in clerk.page
    assert reports(connection) == before
    sent = clerk.post(REPORT, None, text=text, step="send")  # who says that it is no name is not kept from it
    assert sent.status_code == 303
    assert reports(connection) == before + 1


def test_the_receipt_leads_back_and_the_whole_number_is_shown_to_nobody_else(
    shared: tuple[psycopg.Connection, Api], clerk: Visitor
) -> None:
    clerk.get(REPORT)
    assert "/villages/village?" in clerk.page
    to = clerk.post(REPORT, None, text="牌子太多，挂不下", step="send").headers["location"]
    number = re.match(r"/receipts/(\d{12})\?", to)
    assert number is not None
    clerk.get(to)
    assert grouped(number[1]) in clerk.page
    assert 'href="/villages/village?' in clerk.page
    assert "没有写明几天内必须答复" in clerk.page
    assert "不记录所问内容" not in clerk.page
    for page in ("/reports?within=town", f"/reports/{number[1]}"):
        clerk.get(page)
        assert "牌子太多" in clerk.page
        assert grouped(number[1]) not in clerk.page
        assert f"**** **** {number[1][-4:]}" in clerk.page


def test_numbers_cannot_be_tried_out(shared: tuple[psycopg.Connection, Api]) -> None:
    connection, opened = shared
    connection.execute("DELETE FROM access.attempt")
    stranger = Visitor(opened, address="198.51.100.7")
    missing = next(number for number in map(str, range(10**11, 10**11 + 100)) if read_receipt(number))
    assert stranger.get(f"/receipts/{missing[:-1]}").status_code == 400
    assert stranger.get("/receipts?number=abc").status_code == 400
    assert {stranger.get(f"/receipts/{missing}").status_code for _ in range(attempts.RECEIPTS)} == {404}
    refused = stranger.get(f"/receipts/{missing}")
    assert (refused.status_code, "too-many-attempts" in refused.text) == (429, True)
    assert 0 < int(refused.headers["retry-after"]) <= attempts.WINDOW
    assert Visitor(opened, address="198.51.100.8").get(f"/receipts/{missing}").status_code == 404


def test_who_has_no_account_reads_before_that_it_takes_one_to_tell_of_a_wrong_answer(
    shared: tuple[psycopg.Connection, Api], clerk: Visitor
) -> None:
    noted = r'/wrong-answer[^"]*">[^<]*<span class="more">[^<]*登录后填写'
    village = "/villages/village?q=亲属关系证明&lang=zh"
    page = Visitor(shared[1]).get(village).text
    assert re.search(noted, page)
    page = clerk.get(village).text
    assert "/wrong-answer" in page
    assert not re.search(noted, page)
