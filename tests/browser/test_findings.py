"""From the ledger of findings to one ordered put right, and answered on paper only: by two people, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from registry import database
from registry.access import accounts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from tests.support.browser import Visit, Visits
from tests.support.databases import database_copy
from tests.support.live_server import live_server
from tests.support.visitor import PASSWORD

pytestmark = pytest.mark.browser
COUNTY, TOWN = "420684", "420684102"


@pytest.fixture(scope="module")
def address(server_url: str, judged_template: str) -> Iterator[str]:
    by = By("test", "command")
    with database_copy(server_url, judged_template) as url, database.connect(url) as connection:
        accounts.add(connection, "admin", None, [Grant(Role.ADMINISTRATOR)], by)
        accounts.add(connection, "cadre", PASSWORD, [Grant(Role.ORGANIZER, COUNTY)], by)
        accounts.add(connection, "clerk", PASSWORD, [Grant(Role.CLERK, TOWN)], by)
        connection.commit()
        with live_server(url) as served:
            yield served


@pytest.fixture
def visits(browser: Browser, address: str) -> Iterator[Visits]:
    made = Visits(browser, address)
    yield made
    made.close()


def log_in(window: Visit, name: str) -> None:
    window.open("/login")
    window.page.fill("#name", name)
    window.page.fill("#password", PASSWORD)
    window.page.click("main button")


def test_since_when_findings_hold_comes_after_the_page(visits: Visits) -> None:
    ledger, since = f"/findings?within={COUNTY}", "td[data-head=起始日]"
    plain = visits.window(scripts=False)
    log_in(plain, "cadre")
    plain.open(ledger)
    rows = plain.page.locator("#table-findings tbody tr").count()
    assert rows == 50
    assert plain.page.locator(since).all_inner_texts() == [""] * rows
    assert plain.page.locator("#ages .count").count() == 0
    plain.page.get_by_role("link", name="查起始日和持续时间").first.click()
    plain.page.wait_for_url("**ages=yes**")
    days, ages = plain.page.locator(since).all_inner_texts(), plain.page.locator("#ages").text_content()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days)
    assert len(set(days)) > 2
    assert plain.page.locator("#ages .count").count() > 1
    # No link on it leads on with it: what it leads to comes at once again.
    links = plain.page.locator("#facets a, #table-findings a").all()
    addresses = [str(link.get_attribute("href")) for link in links]
    assert len(addresses) > 100
    assert [each for each in addresses if "ages=" in each] == []
    plain.check()

    window = visits.window()
    log_in(window, "cadre")
    window.open(ledger)
    window.page.locator("#ages .count").first.wait_for(state="attached")
    assert window.page.locator(since).all_inner_texts() == days
    assert window.page.locator("#ages").text_content() == ages
    assert window.page.get_by_role("link", name="查起始日和持续时间").count() == 0
    window.check()
    # Sorted by it, or narrowed down, it is looked up before the page is shown.
    for more in ("sort=since", "age=older"):
        narrowed = plain.open(f"{ledger}&{more}")
        assert "查起始日和持续时间" not in narrowed
        shown = plain.page.locator(since).all_inner_texts()
        assert shown
        assert all(shown)


def test_a_finding_is_ordered_put_right_and_answered_on_paper_only(visits: Visits) -> None:
    cadre = visits.window(scripts=False)
    log_in(cadre, "cadre")
    cadre.open(f"/findings?within={COUNTY}")
    page = cadre.page
    for facet in ("420684102", "expired-basis"):  # each leads to as many as it says
        link = page.locator(f'.facets a[href*="{facet}"]').first
        count = int(link.locator(".count").inner_text())
        if not link.is_visible():
            page.goto(f"{cadre.address}{link.get_attribute('href')}")
        else:
            link.click()
        page.wait_for_load_state()
        assert re.search(rf"共 {count} 个问题", cadre.text())
        assert page.locator("tbody tr").count() == min(count, 50)
    page.locator("tbody td a").first.click()
    page.wait_for_url("**/findings/one?**")
    finding = page.url.removeprefix(cadre.address)
    page.get_by_role("button", name="计算整改办法").click()
    while "/work/" in page.url:
        page.get_by_role("link", name="再看一次").click()
    assert page.locator("ol.ways > li").count() > 0
    page.locator("#ordering summary").click()
    page.fill("#text-order", "所依文件已废止，请退回该项职责。")
    page.fill("#due-order", str(today() + timedelta(days=20)))
    page.locator("#ordering button").click()
    cadre.check()
    with page.expect_download() as letter:
        page.get_by_role("link", name="下载督办单").click()
    assert letter.value.suggested_filename.endswith(".docx")

    clerk = visits.window(360)
    log_in(clerk, "clerk")
    clerk.open(finding)
    assert clerk.page.locator("#ordering").count() == 0  # that is for organizers
    clerk.page.locator("article summary").focus()
    clerk.page.keyboard.press("Enter")  # by the keyboard alone
    clerk.page.locator("article textarea").focus()
    clerk.page.keyboard.type("已整改到位。")
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_url("**done=answer**")
    assert "纸面整改" in clerk.text()
    clerk.check()
    assert "共 0 个问题" not in clerk.open(f"/findings?within={TOWN}&rule=rectified-on-paper")
