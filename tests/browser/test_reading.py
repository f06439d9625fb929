"""Every page for reading in a real browser, without JavaScript: wide and narrow, in Chinese and in English."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from tests.support.barriers import barriers
from tests.support.browser import WIDTHS, Visit, Visits, in_language

pytestmark = pytest.mark.browser

VILLAGE = "420684102200"
PAGES = {
    "start": "/",
    "villages": "/villages",
    "villages-in": "/villages?in=420684",
    "villages-search": "/villages?q=皇城",
    "villages-nothing": "/villages?q=月球",
    "village": f"/villages/{VILLAGE}",
    "village-answer": f"/villages/{VILLAGE}?q=受灾证明",
    "village-choices": f"/villages/{VILLAGE}?q=关系",
    "village-unknown": f"/villages/{VILLAGE}?q=天气咋样",
    "village-past": f"/villages/{VILLAGE}?q=受灾证明&as_of=2021-06-01",
    "burdens": f"/villages/{VILLAGE}/burdens?month=2026-03",
    "report": f"/villages/{VILLAGE}/report",
    "receipts": "/receipts",
    "list": "/lists/YC-CERT16",
    "list-long": "/lists/YC-BASIC-2025",
    "unit-lists": f"/units/{VILLAGE}/lists",
    "docs": "/docs",
    "login-open": "/login",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_reads_well_in_both_languages_and_at_both_widths(windows: dict[bool, Visit], name: str) -> None:
    windows[False].check_reads_well(PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barriers(windows: dict[bool, Visit], name: str) -> None:
    window = windows[True]
    for width, lang in zip(WIDTHS, ("zh", "en"), strict=True):
        window.page.set_viewport_size({"width": width, "height": 800})
        window.open(in_language(PAGES[name], lang))
        results = barriers(window.page)
        assert results.violations_count == 0, results.generate_report()


def test_a_reader_finds_a_village_and_is_answered(visits: Visits) -> None:
    window = visits.window(360, scripts=False)
    window.open("/")
    page = window.page
    page.fill("#q", "皇城")
    page.click("button")
    page.click("main .links a >> nth=0")
    page.fill("#q", "受灾证明")
    page.click("button")
    assert page.locator(".verdict").inner_text() in ("可以开", "不能开", "清单上没有")
    page.click("a.other")
    assert page.get_attribute("html", "lang") == "en"
    assert page.input_value("#q") == "受灾证明"
    window.check()


def test_a_reader_goes_back_in_time_on_a_list(visits: Visits) -> None:
    window = visits.window(scripts=False)
    window.open("/lists/YC-CERT16")
    window.page.fill("#as_of", "2023-01-01")
    window.page.click(".moment button")
    assert "2023-01-01" in window.page.inner_text("footer")
    window.check()


def test_the_address_of_nothing_is_a_page_that_says_so(visits: Visits) -> None:
    window = visits.window(360, scripts=False)
    for path in ("/nowhere", "/villages/nowhere", "/lists/nowhere", "/units/nowhere/lists"):
        answer = window.page.goto(window.address + path)
        assert answer is not None
        assert answer.status == 404
        assert "首页" in window.text()
        width = window.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1]


def test_on_the_page_of_an_error_the_bar_leads_on(visits: Visits) -> None:
    window = visits.window(scripts=False)
    page = window.page
    page.goto(window.address + "/overview/nowhere?waiting=all&lang=zh")
    assert page.locator(".bar a >> text=总览").count() == 1
    page.click("#searched")
    assert "nowhere" in page.inner_text("h1")
    page.goto(window.address + "/lists/YC-PLAN-2026?q=报表&lang=zh&known=1")
    assert "无法显示" in page.title()
    page.fill("#known", "")
    page.click(".bar .day button, #again button")
    assert "2026" in page.inner_text("h1")
    assert "q=" in page.url
    page.goto(window.address + "/units/nowhere?lang=zh")
    page.fill("#search", "郑集镇")
    page.click(".find button")
    assert page.locator("main a >> text=郑集镇").count() > 0
    page.goto(window.address + "/villages/nowhere?lang=zh")
    assert page.locator(".bar").count() == 0
    page.goto(window.address + "/proofs?lang=zh")
    assert page.locator("#search").count() == 1


def test_lists_are_folded_on_a_phone_and_count_once_what_two_documents_list(visits: Visits) -> None:
    phone, wide = (visits.window(width, scripts=False) for width in (WIDTHS[1], WIDTHS[0]))
    address = "/units/420684102201/lists?lang=zh"
    phone.open("/villages/420684102201?lang=zh")
    (village,) = re.findall(r"村里不开的证明，该找谁（(\d+)项）", phone.page.content())
    assert "几份文件都写了的，这里只列一次" in phone.page.inner_text("main")
    phone.open(address)
    assert f"41项，几份文件都有的只算一次是{village}项" in phone.page.inner_text("main")
    row = "#certificates-forbidden ~ * >> text=亲属关系证明"
    assert not phone.page.locator(row).first.is_visible()
    assert phone.page.evaluate("document.documentElement.scrollHeight") < 3000
    phone.check()
    phone.page.click("ul.contents a[href='#certificates-forbidden']")
    assert phone.page.locator(row).first.is_visible()
    wide.open(address)
    assert wide.page.locator(row).first.is_visible()
    wide.check()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("request_text", ["受灾证明", "户口本丢了"])
def test_every_line_of_an_answer_begins_below_its_own_heading(visits: Visits, width: int, request_text: str) -> None:
    window = visits.window(width, scripts=False)
    window.open(f"/villages/{VILLAGE}?q={request_text}&lang=zh")
    edges = window.page.eval_on_selector_all(
        "#answer dl > dd, #answer dl > dt",
        "all => all.map(one => one.getBoundingClientRect()).map(({left, top, bottom}) => [left, top, bottom])",
    )
    assert edges
    assert {left for left, _, _ in edges} == {edges[0][0]}
    assert all(before[2] <= after[1] + 1 for before, after in pairwise(edges))
    window.page.emulate_media(media="print")
    assert window.page.locator("dd.who").first.is_visible()  # nor is who issues it left off the paper
