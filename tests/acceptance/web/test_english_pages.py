"""English pages of the demo county have Chinese names and nothing else that is Chinese: no words, no punctuation."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final, cast

import pytest

from registry import demo as county
from tests.support.api_client import Api, api
from tests.support.databases import database_copy

PAGES: Final = (
    "/units/420684104",
    "/units/420684104?tab=powers",
    "/units/420684104?tab=lists",
    "/units/420684104?tab=assessments&period=2026-H1",
    "/overview/420684102",
    "/balance/420684104",
    "/matrix/420684?show=powerless",
    "/matters/D-STRAW-BURNING",
    "/matters/D-FOREST-FIRE?within=420684",
    "/matters/YC-D-MANHOLE?within=420684",
    "/lists/compare?list=CERTIFICATES-NEGATIVE&other=CERTIFICATES-NEGATIVE-42",
    "/assessments?within=420684&period=2026-H1",
    "/drafts/new?kind=delegate&matter=D-MARRIAGE&from=420684-civil-affairs&to:420684102=1&instrument=宜办发〔2025〕6号",
    "/proposals/ZR-2024-12",
    "/reports/YB-R1",
)
# A document is cited in Chinese with its number behind its title; the law's words are the law's.
NAME: Final = "\N{WHITE SQUARE}"
CITED: Final = re.compile(f"《[^》]*》(（[^）]*）)*|“[^”]*”|{NAME}（{NAME}）|第[零一二三四五六七八九十百]+条、?")
CHINESE: Final = re.compile("[\u4e00-\u9fff、，；：。（）]+")


def texts(given: object) -> Iterator[str]:
    """Every text in it, however deep."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, dict | list):
        each: Any
        for each in cast("dict[str, Any]", given).values() if isinstance(given, dict) else cast("list[Any]", given):
            yield from texts(each)


@pytest.fixture(scope="module")
def demo(server_url: str, judged_template: str) -> Iterator[Api]:
    with database_copy(server_url, judged_template) as url, api(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def names() -> re.Pattern[str]:
    """Whatever the county itself calls something, the longest first."""
    of_county = {text for line in county.complete() for text in texts(line) if CHINESE.search(text)}
    return re.compile("|".join(map(re.escape, sorted(of_county, key=len, reverse=True))))


@pytest.mark.parametrize("page", PAGES)
def test_an_english_page_is_english_but_for_names(demo: Api, names: re.Pattern[str], page: str) -> None:
    answer = demo.send("GET", f"{page}{'&' if '?' in page else '?'}lang=en", headers={"accept": "text/html"})
    assert answer.status_code == 200
    shown = [html.unescape(text) for text in re.split("<[^>]*>", answer.text.partition("<body")[2])]
    shown = [text for text in shown if "中文" not in text]  # the link to the Chinese page
    left = [CITED.sub("", names.sub(NAME, text)) for text in shown]
    assert [(text, rest) for text, rest in zip(shown, left, strict=True) if CHINESE.search(rest)] == []


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("duty without power", "/findings?rule=duty-without-power"),
        ("Level skipped", "/findings?rule=level-skip"),
        ("reports from below", "/reports?"),
        ("proposals", "/proposals?"),
        ("有责无权", "/findings?rule=duty-without-power"),
        # By what people call what they do there.
        ("撤回", "/undo?"),
        ("录错", "/undo?"),
        ("起草", "/drafts?"),
        ("导入", "/lists/import?"),
        ("矩阵", "/matrix/420684?"),
        ("权责平衡", "/balance/420684?"),
        ("整改逾期", "/rectifications?"),
        ("计划外", "/burdens?"),
        ("监测点", "/monitoring?"),
        ("评议", "/assessments?"),
        ("容错", "/cases?"),
        ("篡改", "/proofs?"),
        ("核验", "/proofs/check?"),
        ("证据", "/accountability?"),
        ("备份", "/admin?"),
        ("upload spreadsheet", "/lists/import?"),
        # By what the rule says, which its name does not.
        ("document is not in force", "/findings?rule=expired-basis"),
        ("word of mouth", "/findings?rule=informal-order"),
    ],
)
def test_rules_and_views_are_searched_by_their_names_in_both_languages(demo: Api, text: str, href: str) -> None:
    for lang in ("zh", "en"):
        page = demo.send("GET", f"/search?q={text}&lang={lang}").text
        assert f'href="{href}' in page


def test_a_rule_found_by_what_it_says_says_it_in_the_language_of_the_page(demo: Api) -> None:
    chinese = demo.send("GET", "/search?q=word of mouth&lang=zh").text.partition('<div class="found">')[2]
    english = demo.send("GET", "/search?q=word of mouth&lang=en").text.partition('<div class="found">')[2]
    assert "口头" in chinese
    assert "minutes or by word of mouth" in english
    assert "口头" not in english


def test_a_search_that_finds_nothing_says_what_can_be_searched(demo: Api) -> None:
    page = demo.send("GET", "/search?q=weather of the moon&lang=en").text
    assert "rules, kinds of matters and views by their Chinese or English name" in page
    assert "rules, kinds" not in demo.send("GET", "/search?q=level skipped&lang=en").text
