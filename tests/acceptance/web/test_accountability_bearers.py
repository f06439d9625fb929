"""An account of an incident says who did bear the matter where the unit asked about did not; page and document."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from docx import Document

from registry.web.console.asking import ANSWERS
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.worlds import COUNTY, decision, duty, unit

SAND = {"level": "county", "function": "water"}
OF_LAW = decision(
    "MatterRevised", "2001-01-01", matter="D-SAND", basis=["《河道管理条例》第二十五条"], lawful_holders=[SAND]
)
CITY = decision(
    "MatterRevised",
    "2001-01-01",
    matter="D-SAND",
    lawful_holders=[{"level": "prefecture", "function": "water"}],
)
CITY_BUREAU = unit("city-water", "prefecture", "department", "4206", function="water")


def texts(over: Api, where: str, day: str = "2021-01-01") -> tuple[str, str, str]:
    """The sentence of the page about who bore it, all of the page, and the document's text."""
    ANSWERS.clear()  # of the registry that a test before this one emptied
    answer = over.send("GET", f"/accountability?{where}&on={day}", headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    page = unescape(answer.text)
    sentence = re.search(r'id="borne-by"[^>]*>(.*?)</p>', page, re.DOTALL)
    letter = over.send("GET", f"/accountability.docx?{where}&on={day}")
    document = "\n".join(paragraph.text for paragraph in Document(io.BytesIO(letter.content)).paragraphs)
    return (sentence[1] if sentence else "", page, document)


@pytest.mark.parametrize(
    ("more", "unit_", "sentence"),
    [
        ([OF_LAW], "town", "当天承担这一职责的，是上一级的单位water（牵头）。"),
        ([OF_LAW], "village", "当天承担这一职责的，是往上第二级的单位water（牵头）；其间各级都没有承担。"),
        ([OF_LAW], "420684", "当天承担这一职责的，是其所属的单位water（牵头）。"),
        (
            [CITY_BUREAU, CITY],
            "village",
            "当天承担这一职责的，是往上第三级的单位city-water（牵头）；其间各级都没有承担。",
        ),
        ([duty("R-1")], "town2", "它的上级当天都没有承担；单位420684范围内承担这一职责的，是单位town（牵头）。"),
        (
            [duty("R-1", role="assist"), OF_LAW],
            "village",
            "是往上第二级的单位water（牵头）；其间各级没有牵头或者共同承担的。",
        ),
        ([duty("R-1", role="assist")], "village", "是上一级的单位town（配合）。没有单位牵头或者共同承担。"),
        ([duty("R-1", role="assist"), OF_LAW], "town", "是上一级的单位water（牵头）。"),
        ([], "village", "当天没有任何单位承担这一职责：单位420684及其所属各单位、往上各级，都没有登记。"),
    ],
)
def test_who_bore_it_is_named_on_the_page_and_in_the_document(
    api_over: Callable[..., Api], more: list[dict[str, object]], unit_: str, sentence: str
) -> None:
    stated, page, document = texts(api_over([*COUNTY, *more]), f"unit={unit_}&matter=D-SAND")
    assert sentence in stated
    assert sentence in document
    named = re.findall(r"单位[\w-]+(?=（)", stated)
    table = page.partition('id="borne-heading"')[2].partition("<h2")[0]
    assert all(name in table for name in named)
    english = texts(api_over([*COUNTY, *more]), f"unit={unit_}&matter=D-SAND&lang=en")[0]
    assert all(name in english for name in named)
    assert english.isascii() is False or not named


def test_who_bears_it_itself_is_not_told_who_else_did(api_over: Callable[..., Api]) -> None:
    stated, page, document = texts(api_over([*COUNTY, OF_LAW, duty("R-1")]), "unit=town&matter=D-SAND")
    assert stated == ""
    assert 'id="borne-heading"' not in page
    assert "当天由谁承担" not in document
    assert "《河道管理条例》第二十五条" in page  # by which the law has it with the bureau
    assert "依据《河道管理条例》第二十五条" in document


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def test_a_village_of_the_demo_is_answered_with_the_county_its_law_and_its_power(demo: Api) -> None:
    stated, page, document = texts(demo, "unit=420684109205&matter=D-STRAW-BURNING", "2025-10-03")
    assert "是往上第二级的宜城市（牵头）" in stated
    for text in (page, document):
        assert "宜城市承担“秸秆露天禁烧”这一职责，且具备所需的权力" in text
        assert "《大气污染防治法》第七十七条" in text
        assert "宜城市农业农村局，法律规定，依据《大气污染防治法》第一百一十九条" in text


def test_every_power_that_is_there_has_its_source(demo: Api) -> None:
    ask = "{ matters(kind: DUTY, first: 500) { nodes { code requires { code } } } }"
    duties = [one["code"] for one in demo.ask(ask)["matters"]["nodes"] if one["requires"]][:12]
    marked = 0
    for code in duties:
        for of in ("420684", "420684104"):
            _, page, document = texts(demo, f"unit={of}&matter={code}", "2025-10-03")
            powers = page.partition("<dt>所需权力</dt>")[2].partition("</dd>")[0]
            held = powers.count('class="holds"')
            marked += held
            assert powers.count('class="quiet source"') >= held
            assert "没有写明由谁掌握" not in powers
            assert document.count("”：") >= held
    assert marked > 5


def test_the_document_says_what_the_page_says_and_where_the_evidence_is(demo: Api) -> None:
    _, page, document = texts(demo, "unit=420684109205&matter=D-STRAW-BURNING", "2025-10-03")
    means = page.partition("<dt>所需保障</dt>")[2].partition("</dd>")[0]
    assert "没有写明" in means
    assert "需要的保障：没有写明；随附的保障：没有。" in document
    assert "事发之日登记簿还没有记录" in page
    assert "事发之日登记簿还没有记录" in document
    assert "1项是事发之日以后记入的" in document
    known = demo.ask("{ log { size root } }")["log"]
    assert f"按登记簿到第{known['size']}号记录时所知" in document
    assert (
        "证据包（可离线核验），由能查阅整个登记簿的审计员在同一页面下载：单位420684109205，事项D-STRAW-BURNING"
        in document
    )
    assert known["root"] in document
