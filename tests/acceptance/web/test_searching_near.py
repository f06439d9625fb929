"""Where a search finds nothing it offers what sounds so, is written like it, or has most of it; over the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.support.api_client import Api, api
from tests.support.databases import database_copy

OFFERED = "名称相近的有"


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def offered(demo: Api, text: str) -> list[str]:
    """The addresses that are offered for a text that nothing is called, in order, without their parameters."""
    answer = demo.send("GET", "/search", params={"q": text, "lang": "zh"})
    assert answer.status_code == 200, answer.text
    _, _, near = answer.text.partition(OFFERED)
    return [href.partition("?")[0] for href in re.findall('href="([^"]+)"', unescape(near))]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("郑急镇", "/overview/420684102"),  # sounds the same
        ("皇城村村民会员会", "/overview/420684102200"),  # of a village
        ("宜城市民证局", "/units/420684-civil-affairs"),  # begins with an area, which is found
        ("婚姻登计", "/matters/P-MARRIAGE-REGISTRATION"),  # written like it
        ("宜政办发202317", "/documents/%E5%AE%9C%E6%94%BF%E5%8A%9E%E5%8F%91%E3%80%942023%E3%80%9517%E5%8F%B7"),
        ("swjx", "/units/420684-commerce"),  # letters, one too many
    ],
)
def test_what_may_have_been_meant_is_offered_first_of_its_kind(demo: Api, text: str, meant: str) -> None:
    kind = meant.split("/")[1]
    assert [href for href in offered(demo, text) if href.split("/")[1] == kind][:1] == [meant]


def test_nothing_is_offered_where_something_is_called_so_or_nothing_is_near(demo: Api) -> None:
    assert offered(demo, "郑集镇") == []
    assert offered(demo, "hunyindengji") == []
    assert offered(demo, "xyzzyq") == []
    assert "没有找到" in demo.send("GET", "/search?q=xyzzyq&lang=zh").text


def test_what_is_found_is_not_offered_again(demo: Api) -> None:
    assert "/overview/420684" not in offered(demo, "宜城市民证局")


def results(demo: Api, text: str) -> list[str]:
    """The addresses that are found by a text, in order, without what is only offered as near."""
    page = unescape(demo.send("GET", "/search", params={"q": text, "lang": "zh"}).text)
    listed = page.partition('<div class="found">')[2].partition(OFFERED)[0].partition("</main>")[0]
    return [href.replace("&lang=zh", "").replace("?lang=zh", "") for href in re.findall('href="([^"]+)"', listed)]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("谁牵头 秸秆禁烧", "/matters/D-STRAW-BURNING"),
        ("秸秆禁烧由谁牵头？", "/matters/D-STRAW-BURNING"),
        ("请问企业安全生产监管归哪个部门管", "/matters/D-WORK-SAFETY"),
        ("who leads 秸秆禁烧", "/matters/D-STRAW-BURNING"),
        ("雷河镇有哪些职责", "/overview/420684109"),
        ("雷河镇的企业安全生产监管谁负责", "/matters/D-WORK-SAFETY?within=420684109"),
        ("郑集镇秸秆禁烧", "/matters/D-STRAW-BURNING?within=420684102"),  # no question, and no space between
        ("宜安责[2021]1号", "/documents/%E5%AE%9C%E5%AE%89%E8%B4%A3%E3%80%942021%E3%80%951%E5%8F%B7"),
        ("宜安责（2021）1号是什么文件", "/documents/%E5%AE%9C%E5%AE%89%E8%B4%A3%E3%80%942021%E3%80%951%E5%8F%B7"),
    ],
)
def test_a_question_is_looked_up_by_what_it_is_about(demo: Api, question: str, meant: str) -> None:
    assert results(demo, question)[:1] == [meant]


def test_the_page_names_what_a_question_was_looked_up_by_and_a_name_is_taken_whole(demo: Api) -> None:
    assert "按其中的“秸秆禁烧”查找" in re.sub("<[^>]+>", "", demo.send("GET", "/search?q=秸秆禁烧谁牵头&lang=zh").text)
    assert "按其中的" not in demo.send("GET", "/search?q=秸秆禁烧&lang=zh").text
    assert "按其中的" not in demo.send("GET", "/search?q=谁牵头&lang=zh").text  # a view is called so
    few = demo.send("GET", "/search?q=秸秆禁烧谁牵头&lang=zh", headers={"hx-request": "true"}).text
    assert "/matters/D-STRAW-BURNING" in few


@pytest.mark.parametrize("typing", [False, True])
@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("没得病的证明", ["C-ILLNESS"]),
        ("我是我妈的儿子", ["C-KINSHIP"]),  # no paper is named
        ("证明我没结婚", ["C-MARITAL"]),
        ("我跟我爷爷户口不在一本上，要证明是爷孙俩", ["C-KINSHIP"]),
        ("郑急镇", []),  # a name, that is looked for as before
        ("zzzzzz", []),
    ],
)
def test_certificates_are_found_in_the_words_of_villagers(
    demo: Api, text: str, meant: list[str], *, typing: bool
) -> None:
    headers = {"accept": "text/html", **({"hx-request": "true"} if typing else {})}
    page = demo.send("GET", "/search", params={"q": text, "lang": "zh"}, headers=headers).text
    _, _, group = page.partition("证明（按所说的意思）")
    assert re.findall(r'href="/matters/([^?]+)\?', group.partition("</ul>")[0]) == meant
    assert ("/villages?" in group) == bool(meant)
