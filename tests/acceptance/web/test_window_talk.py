"""What people come to the certificate window with that is no certificate, and what is answered in particular."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest

from registry.queries import certificates
from tests.support.api_client import Api, api
from tests.support.certificate_window import DAY, VILLAGE, Window

PAGE = {"Accept": "text/html"}
DIPLOMA = "普通高等学校学生管理规定（教育部令第41号）第三十九条"


@pytest.fixture(scope="module")
def client(demo_database: str) -> Iterator[Api]:
    with api(demo_database) as opened:
        yield opened


def look(client: Api, text: str, **query: str) -> str:
    answer = client.send("GET", f"/villages/{VILLAGE}", params={"q": text, **query}, headers=PAGE)
    assert answer.status_code == 200
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    "text",
    [
        "毕业证丢了",
        "学位证掉了要村里开遗失证明",
        "娃的毕业证丢了，厂里要村里证明他毕了业",
        "学历证明",
        "我的文凭搞丢了",
    ],
)
def test_a_lost_diploma_is_certified_by_the_school(window: Window, text: str) -> None:
    answer = window.ask(text)
    assert answer.status in ("FORBIDDEN", "UNLISTED")
    assert answer.issuer == "毕业的学校"
    spoken = certificates.sentence(answer, "zh")
    assert "学信网" in spoken
    assert "证明书" in spoken
    assert "教育局" in spoken
    assert DIPLOMA in spoken
    assert "居民身份证法" not in spoken
    assert "补领、换领" not in spoken
    assert "chsi.com.cn" in certificates.sentence(answer, "en")


@pytest.mark.parametrize(
    ("text", "issuer"),
    [("户口本丢了", "派出所"), ("存折掉了", "银行"), ("驾驶证丢了", "车辆管理所"), ("残疾证丢了", "残联")],
)
def test_whatever_was_lost_is_issued_again_by_whoever_issues_it_not_by_the_law_of_another(
    window: Window, text: str, issuer: str
) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.matter) == ("FORBIDDEN", "C-DOCUMENT-LOSS")
    assert answer.issuer is not None
    assert issuer in answer.issuer
    assert not any("居民身份证法" in one for one in answer.basis)
    assert answer.basis  # the list that says so


@pytest.mark.parametrize(
    "text",
    ["没得收入", "我没得收入，要村里开个证明", "无收入证明", "没有收入", "I have no income", "我家没有收入来源"],
)
def test_who_has_no_income_is_answered_the_same_however_it_is_said(window: Window, text: str) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.name) == ("FORBIDDEN", "居民财产证明")
    assert answer.advice is not None
    assert answer.advice.about.zh == "收入"


def test_one_and_the_same_person_offers_nothing_else(window: Window) -> None:
    answer = window.ask("同一人证明")
    assert answer.status == "FORBIDDEN"
    assert answer.advice is not None
    assert answer.advice.about.zh == "同一人"


def test_what_was_said_first_still_counts_once_a_certificate_is_chosen(window: Window, client: Api) -> None:
    plain = window.runner.run(certificates.answer(window.pool, VILLAGE, "居民财产证明", DAY))
    assert plain.advice is None
    chosen = window.runner.run(certificates.answer(window.pool, VILLAGE, "居民财产证明", DAY, before="打工挣钱的条子"))
    assert chosen.advice is not None
    assert chosen.advice.about.zh == "收入"
    page = look(client, "关系证明")
    followed = re.findall(r'<li><a href="(/villages/\d+\?[^"]*)">', page)
    assert followed
    assert all("said=" in link for link in followed if "q=" in link and "choices" in page.split(link)[0][-900:])
    assert "您问的是收入" in look(client, "居民财产证明", said="打工挣钱的条子")


@pytest.mark.parametrize("text", ["镇里让我们挂牌子", "又要填表", "上面要我们拉个群", "街道叫我们天天打卡，要不要理"])
def test_what_is_laid_on_the_village_leads_to_reporting_it(window: Window, client: Api, text: str) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.reason, answer.matter) == ("UNKNOWN", "burden", None)
    assert "可以反映" in certificates.sentence(answer, "zh")
    page = look(client, text)
    assert f"/villages/{VILLAGE}/report" in page.partition('id="errand"')[2].partition("</section>")[0]
    assert "没听懂" not in page


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("村里的路灯坏了谁来修", "村内道路和小型公共设施管护"),
        ("垃圾没人收", "村内公共环境卫生保洁"),
        ("门口水沟堵了找谁", "村内道路和小型公共设施管护"),
    ],
)
def test_whose_duty_a_thing_is_leads_to_the_lists_and_to_the_search(
    window: Window, client: Api, text: str, duty: str
) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.reason) == ("UNKNOWN", "duty")
    page = look(client, text)
    shown = page.partition('id="errand"')[2].partition("</section>")[0]
    assert duty in shown
    assert f"/units/{VILLAGE}/lists" in shown
    (search,) = re.findall(r'href="(/search\?[^"]*)"', shown)
    result = client.send("GET", html.unescape(search), headers=PAGE)
    assert result.status_code == 200
    assert duty in result.text
    assert "没听懂" not in page


@pytest.mark.parametrize("text", ["挂牌子要村里盖章的证明", "路灯工程的证明"])
def test_a_paper_that_is_spoken_of_is_no_errand(window: Window, text: str) -> None:
    assert window.ask(text).reason not in ("burden", "duty")


def test_who_demands_what_the_village_may_not_issue_is_named_and_may_be_reported(window: Window, client: Api) -> None:
    text = "派出所要我证明我和我儿子是一家人"
    answer = window.ask(text)
    assert answer.status == "FORBIDDEN"
    assert "派出所要村里开这个证明，是不该要的" in certificates.sentence(answer, "zh")
    shown = look(client, text).partition('id="improper"')[2].partition("</p>")[0]
    assert f"/villages/{VILLAGE}/report" in shown
    assert window.ask("亲属关系证明").demander is None
    assert window.ask("村里要我写亲属关系证明").demander is None
