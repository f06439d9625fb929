"""Every view of the console in a real browser: wide, narrow, in both languages, without scripts, without barriers."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from tests.support.barriers import barriers
from tests.support.browser import OVERLAPPING, WIDTHS, Visit, Visits, in_language
from tests.support.console_views import VIEWS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_reads_well_in_both_languages_and_at_both_widths(windows: dict[bool, Visit], name: str) -> None:
    windows[False].check_reads_well(VIEWS[name])


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_has_no_barriers_and_no_problems_with_scripts(windows: dict[bool, Visit], name: str) -> None:
    window = windows[True]
    window.problems.clear()
    for width, lang in zip(WIDTHS, ("zh", "en"), strict=True):
        window.page.set_viewport_size({"width": width, "height": 800})
        window.open(in_language(VIEWS[name], lang))
        window.check()
        results = barriers(window.page)
        assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize(
    "address",
    [
        "/units/420684109?",
        "/lists/CERTIFICATES-NEGATIVE?",
        "/units/420684102201/lists?",
        *(f"{VIEWS[name]}&" for name in ("findings", "finding", "burdens")),
        "/matters/P-SAFETY-PENALTY?",
    ],
)
def test_at_a_desk_the_whole_width_of_a_table_is_seen(windows: dict[bool, Visit], address: str) -> None:
    window = windows[True]
    window.page.set_viewport_size({"width": 1280, "height": 800})
    window.open(f"{address}lang=zh")
    wider = "frames => frames.map(frame => frame.scrollWidth - frame.clientWidth)"
    beyond = window.page.eval_on_selector_all(".scroll", wider)
    assert beyond == [0] * len(beyond) != []


def test_contrast_is_judged_of_every_way_in_which_text_looks(windows: dict[bool, Visit]) -> None:
    page = windows[True].page
    page.goto("about:blank")
    rows = "".join(f"<tr><td>第{number}行</td><td class=day>2026</td></tr>" for number in range(40))
    page.set_content(
        f"<html lang=zh><title>表</title><style>.day {{ color: #555 }} .dark {{ background: #444 }}</style><main>"
        f"<table>{rows}<tr><td style='color: #ccc'>很淡</td></tr>{rows}</table>"
        f"<div class=dark><table>{rows}</table></div><div style='opacity: 0.4'><p>半透明的文字</p></div>"
        "<p style='color: #888'>小字</p><p style='color: #888; font-size: 32px'>大字</p></main>"
    )

    def looks(*, of_each: bool) -> set[tuple[str, ...]]:
        keys = ("fgColor", "bgColor", "fontSize")
        results = cast(Any, barriers(page, of_each=of_each)).response["violations"]
        nodes = [node for each in results if each["id"] == "color-contrast" for node in each["nodes"]]
        return {tuple(node["any"][0]["data"][key] for key in keys) for node in nodes}

    every = looks(of_each=True)
    assert len(every) == 5
    assert looks(of_each=False) == every


def test_a_table_is_sorted_filtered_and_downloaded(visits: Visits) -> None:
    window = visits.window()
    window.open(VIEWS["changes"])
    page = window.page
    page.click("th.day a")
    page.wait_for_url("**sort=on**")
    days = page.locator("tbody tr > td.day:first-child").all_inner_texts()
    assert days == sorted(days)
    page.fill("#filter-changes", "郑集镇")
    page.click(".tools form button")
    page.wait_for_url("**q=**")
    assert {"郑集镇" in text for text in page.locator("tbody tr").all_inner_texts()} == {True}
    with page.expect_download() as kept:
        page.click(".files a >> nth=0")
    assert kept.value.suggested_filename.endswith(".xlsx")
    window.check()


def test_a_printed_list_has_neither_bar_nor_codes(windows: dict[bool, Visit]) -> None:
    window = windows[False]
    window.page.set_viewport_size({"width": 1020, "height": 700})  # A4 landscape
    window.open(in_language(VIEWS["list"], "zh"))
    assert window.page.locator("td .code").first.is_visible()
    window.page.emulate_media(media="print")
    try:
        shown = window.text()
        assert "C-KINSHIP" not in shown
        assert "亲属关系证明" in shown
        assert "下载" not in shown
        assert not window.page.locator("#search").is_visible()
        window.check()
    finally:
        window.page.emulate_media(media="screen")


@pytest.mark.parametrize("name", ["decision", "log"])
def test_hashes_are_no_wider_than_a_phone_where_a_browser_breaks_words_only(
    windows: dict[bool, Visit], name: str
) -> None:
    """Browsers of before 2020 do not know `overflow-wrap: anywhere`, on which the other pages' long words rest."""
    window = windows[False]
    window.page.set_viewport_size({"width": 360, "height": 800})
    window.open(in_language(VIEWS[name], "zh"))
    for summary in window.page.locator("main details > summary").all():
        summary.click()
    window.page.evaluate("document.body.style.overflowWrap = 'break-word'")
    window.check()


def test_on_a_phone_a_table_is_sorted_by_a_choice_which_a_filter_keeps(visits: Visits) -> None:
    window = visits.window(360, scripts=False)
    page = window.page
    window.open(in_language("/lists/YC-BASIC-2025", "zh"))
    page.select_option("#order-list", "-position")
    page.click("#table-list .tools button")
    positions = [int(text.split()[-1]) for text in page.locator("#table-list td.number").all_inner_texts()]
    assert positions == sorted(positions, reverse=True)
    page.fill("#filter-list", "管理")
    page.click("#table-list .tools button")
    assert page.input_value("#order-list") == "-position"
    fewer = [int(text.split()[-1]) for text in page.locator("#table-list td.number").all_inner_texts()]
    assert fewer == sorted(fewer, reverse=True)
    assert 0 < len(fewer) < len(positions)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert not page.is_visible("#order-list")
    page.click("#table-list th >> text=序号 >> nth=0")
    page.fill("#filter-list", "指导")
    page.click("#table-list .tools button")
    assert "sort=number" in page.url
    window.check()


def test_the_way_down_is_drawn_with_scripts_and_a_tree_without(visits: Visits) -> None:
    address = "/matters/D-FOREST-FIRE?within=420684"
    plain = visits.window(scripts=False)
    plain.open(address)
    assert plain.page.locator("#way svg").count() == 0
    assert not plain.page.locator("#way-figure").is_visible()
    plain.page.click("details.tree-of > summary")
    lines = plain.page.locator(".tree li").all_inner_texts()
    assert any(line.startswith("郑集镇的 33 个村") for line in lines)
    for width in WIDTHS:
        window = visits.window(width)
        window.open(address)
        labels = window.page.locator("#way svg text")
        labels.first.wait_for()
        folded = set(labels.all_text_contents())
        assert width < 1000 or "郑集镇的 33 个村" in folded  # a narrow one shortens names
        window.page.click("[data-folds=way]")
        window.page.wait_for_function(
            "count => document.querySelectorAll('#way svg text').length > count + 200", arg=len(folded)
        )
        unfolded = set(labels.all_text_contents())
        assert "郑集镇的 33 个村" not in unfolded
        window.check()


# Of every station of a flow, how many links lie behind its middle (elementsFromPoint has what is covered too).
BEHIND = """stations => stations.filter(one => one.getAttribute('fill-opacity') === null).map(one => {
  one.scrollIntoView({ block: 'center' });
  const box = one.getBoundingClientRect();
  return document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    .filter(each => each.getAttribute('fill-opacity') === '0.35').length;
})"""


def test_a_link_that_leaps_over_a_level_lies_behind_no_station_and_names_are_apart_on_a_phone(visits: Visits) -> None:
    for width in WIDTHS:
        window = visits.window(width)
        window.open(in_language("/matters/D-STRAW-BURNING?within=420684", "zh"))
        window.page.locator("#way svg text").first.wait_for()
        behind = window.page.eval_on_selector_all("#way svg path", BEHIND)
        assert len(behind) > 10
        assert sum(behind) == 0
        assert window.page.eval_on_selector_all("#way svg", OVERLAPPING) == []
        for format_, begins in {"svg": b"<svg", "png": b"\x89PNG"}.items():
            with window.page.expect_download() as kept:
                window.page.click(f"[data-flow-file={format_}]")
            assert kept.value.suggested_filename.endswith(f".{format_}")
            assert Path(kept.value.path()).read_bytes().startswith(begins)
        window.check()


def test_a_way_down_taken_away_has_title_territory_day_legend_and_whole_names(visits: Visits) -> None:
    window = visits.window(360)
    window.open(in_language("/matters/D-STRAW-BURNING?within=420684&as_of=2026-09-30", "zh"))
    window.page.locator("#way svg text").first.wait_for()
    data = json.loads(window.page.locator("#way-data").text_content() or "")
    assert any(text.endswith("...") for text in window.page.locator("#way svg text").all_text_contents())
    with window.page.expect_download() as kept:
        window.page.click("[data-flow-file=svg]")
    svg = Path(kept.value.path()).read_text()
    window.page.set_content(f"<!doctype html>{svg}")
    texts = window.page.locator("svg text").all_text_contents()
    assert texts[0] == "怎样一级一级交下去：秸秆露天禁烧"
    assert "宜城市" in texts[1]
    assert "截至 2026-09-30" in texts[1]
    assert "牵头" in texts
    shown = {one["name"] for one in data["nodes"] if "fold" not in one}
    assert shown <= {*texts}
    assert window.page.eval_on_selector_all("svg", OVERLAPPING) == []


def test_on_a_phone_the_table_comes_before_what_narrows_it_down(windows: dict[bool, Visit]) -> None:
    window = windows[False]
    window.page.set_viewport_size({"width": 1280, "height": 800})
    window.open(in_language(VIEWS["findings"], "zh"))
    facets, table = window.page.locator(".facets"), window.page.locator("#table-findings")
    beside, wide = facets.bounding_box(), table.bounding_box()
    assert beside is not None
    assert wide is not None
    assert beside["x"] + beside["width"] <= wide["x"]
    window.page.set_viewport_size({"width": 360, "height": 800})
    assert not facets.is_visible()
    folded, narrow = window.page.locator(".narrowing").bounding_box(), table.bounding_box()
    assert folded is not None
    assert narrow is not None
    assert folded["y"] >= narrow["y"] + narrow["height"]
    window.page.click(".to-narrowing")  # the way there, above the table
    assert facets.is_visible()
    window.check()


@pytest.mark.parametrize("address", ["/burdens?within=420684103", VIEWS["matrix"], VIEWS["balance"]])
def test_on_a_phone_tabs_are_folded_and_fields_stand_beside_their_labels(
    windows: dict[bool, Visit], address: str
) -> None:
    window = windows[False]
    tabs = window.page.locator(".more-tabs .tabs")
    window.page.set_viewport_size({"width": 1280, "height": 800})
    window.open(in_language(address, "zh"))
    assert tabs.is_visible()
    window.page.set_viewport_size({"width": 360, "height": 740})
    assert not tabs.is_visible()
    for label in window.page.locator(".choose > label, .moment > label").all():
        beside = window.page.locator(f"#{label.get_attribute('for')}").bounding_box()
        words = label.bounding_box()
        assert beside is not None
        assert words is not None
        assert beside["y"] < words["y"] + words["height"]
        assert words["y"] < beside["y"] + beside["height"]
    window.page.click(".more-tabs > summary")
    assert tabs.is_visible()
    window.check()


def test_a_picture_taken_away_is_headed_by_its_title_territory_and_day(windows: dict[bool, Visit]) -> None:
    window = windows[True]
    window.page.set_viewport_size({"width": 1280, "height": 800})
    window.open(in_language(f"{VIEWS['balance']}&as_of=2026-09-30", "zh"))
    file = window.page.locator("#picture-whole a", has_text="svg").get_attribute("href")
    svg = window.page.request.get(window.address + str(file)).text()
    assert all(
        text in svg for text in (">宜城市权责平衡</text>", "单位：宜城市", "截至 2026-09-30", "本单位及以下各级合计")
    )
    with window.page.expect_download() as taken:
        window.page.click("#picture-whole [data-png]")
    assert taken.value.suggested_filename == "宜城市权责平衡 2026-09-30.png"
    image = taken.value.path().read_bytes()
    shown = [int(number) for number in re.findall(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)[0]]
    assert [int.from_bytes(image[at : at + 4], "big") for at in (16, 20)] == [2 * number for number in shown]


CHOICE = re.compile(r'<form class="choose" method="get"(?P<action>[^>]*)>(?P<fields>.*?)</form>', re.DOTALL)
SELECT = re.compile(r'<select [^>]*name="(?P<name>[^"]+)"[^>]*>(?P<options>.*?)</select>', re.DOTALL)


def test_every_choice_of_a_form_is_one_that_the_page_knows(demo_server: str) -> None:
    tried: set[tuple[str, str, str]] = set()
    for view in VIEWS.values():
        for form in CHOICE.finditer(_shown(demo_server, view)):
            (path,) = re.findall(r'action="([^"?]*)', form["action"]) or [urlsplit(view).path]
            for select in SELECT.finditer(form["fields"]):
                for word in re.findall(r'<option value="([^"]*)"', select["options"]):
                    tried.add((path, select["name"], html.unescape(word)))
    assert ("/balance/420684", "figure", "violationsPer100Duties") in tried
    assert len({(path, name) for path, name, _ in tried}) > 8
    refused: dict[tuple[str, str, str], int] = {}
    for path, name, word in sorted(tried):
        try:
            _shown(demo_server, f"{path}?{urlencode({name: word})}")
        except HTTPError as error:
            refused[path, name, word] = error.code
    assert refused == {}


def _shown(server: str, address: str) -> str:
    with urlopen(server + quote(address, safe="/?&=#%")) as answer:
        return answer.read().decode()
