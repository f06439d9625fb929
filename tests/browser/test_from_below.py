"""A burden's way at 360 pixels, from the villager to the township and back, and an administrator's errand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from registry import database
from registry.access import accounts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from tests.support.browser import Visits
from tests.support.databases import database_copy
from tests.support.live_server import live_server
from tests.support.visitor import PASSWORD, quick_passwords

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own_url(server_url: str, judged_template: str) -> Iterator[str]:
    """A demo county of these tests alone: they record, and then make accounts."""
    with database_copy(server_url, judged_template) as url:
        yield url


@pytest.fixture
def own_visits(browser: Browser, own_url: str) -> Iterator[Visits]:
    with quick_passwords(), live_server(own_url) as address:
        made = Visits(browser, address)
        yield made
        made.close()


def test_a_villager_reports_and_looks_the_answer_up(own_visits: Visits) -> None:
    villager = own_visits.window(360, scripts=False)
    villager.open("/")
    page = villager.page
    page.fill("#q", "杨湾")
    page.click("button")
    page.click("main .links a >> nth=0")
    page.fill("#q", "户口本丢了")
    page.click("main form button")
    assert page.locator(".verdict").first.is_visible()
    page.click("main .links a >> nth=0")
    page.goto(f"{page.url.split('?')[0]}?month=2026-03&lang=zh")
    page.click("a.report >> nth=0")
    villager.check()
    page.fill("#text", "每周都要报一遍，打 13812345678 催")
    page.click("main form button")
    assert "电话号码" in page.inner_text("#note")
    villager.problems.clear()  # the browser's word for an answer that is no 200
    page.fill("#text", "每周都要报一遍")
    page.click("main form button[value=look]")
    assert page.inner_text("#preview") == "每周都要报一遍"
    villager.check()
    page.click("main form button[value=send]")
    number = page.inner_text("#receipt .verdict")
    assert re.fullmatch(r"(\d{4} ){2}\d{4}", number)
    villager.check()

    township = own_visits.window(360, scripts=False)
    township.open("/reports?within=刘猴镇&state=open&lang=zh")
    township.page.click("text=每周都要报一遍")
    township.check()
    assert number[-4:] in township.text()
    assert number not in township.text()  # with it anybody can look the answer up
    township.page.check("input[name=outcome][value=resolved]")
    township.page.fill("#text", "改为每季度报一次")
    township.page.click("main form.stacked button")
    assert "已解决：改为每季度报一次" in township.text()
    township.check()

    page.goto(f"{own_visits.address}/?lang=zh")
    page.click("main .links a[href*=receipts]")
    page.fill("#number", number)
    page.click("main form button")
    assert page.inner_text("#answer .verdict") == "已解决"
    assert "改为每季度报一次" in page.inner_text("#answer")
    assert "每周都要报一遍" not in villager.text()
    villager.check()


def test_an_administrator_makes_an_account_sees_it_in_who_did_what_and_ends_it(
    own_visits: Visits, own_url: str
) -> None:
    with database.connect(own_url) as connection:
        accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], By("test", "command"))
    window = own_visits.window()
    window.page.goto(f"{own_visits.address}/admin?lang=zh")
    page = window.page
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/admin**")
    assert page.inner_text("h1") == "系统管理"
    page.click(".tabs a >> nth=1")
    page.click("a.button")
    page.fill("#name", "刘猴镇经办")
    page.fill("#password", PASSWORD)
    page.select_option("select[name=role]", "clerk")
    page.fill("input[name=unit]", "刘猴镇")
    page.click("main form button")
    page.wait_for_url("**/accounts/**")
    page.goto(f"{own_visits.address}/admin/accounts?lang=zh")
    assert "经办员：刘猴镇" in page.inner_text("#table-accounts")
    changes = page.inner_text("#table-changes")
    assert "授予角色" in changes
    assert "刘猴镇经办" in changes
    window.check()
    page.click("#table-accounts >> text=刘猴镇经办")
    page.click("details:has(input[value=disable]) summary")
    page.click("form:has(input[value=disable]) button")
    page.goto(f"{own_visits.address}/admin/accounts?lang=zh")
    assert "停用" in page.inner_text("#table-changes tbody tr >> nth=0")
    window.check()
