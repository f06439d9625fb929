"""Which matter an account of an incident is about: never a power where a duty may be meant; the demo."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest
from docx import Document

from tests.support.api_client import Api, api
from tests.support.databases import database_copy

DAY = "2025-05-20"
POWER, DUTY = "P-STRAW-BURNING-PENALTY", "D-STRAW-BURNING"


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def look(demo: Api, matter: str, lang: str = "zh") -> str:
    address = f"/accountability?unit={quote('王集镇')}&matter={quote(matter)}&on={DAY}&lang={lang}"
    answer = demo.send("GET", address, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def offered(page: str) -> list[str]:
    which = re.search(r'<ul id="which">(.*?)</ul>', page, re.DOTALL)
    return re.findall(r'class="code">([^<]+)<', which[1]) if which else []


@pytest.mark.parametrize("words", ["秸秆焚烧", "烧秸秆", "秸秆焚烧处罚"])
def test_words_that_fit_a_power_alone_are_asked_back_with_the_duties_that_require_it(demo: Api, words: str) -> None:
    page = look(demo, words)
    assert offered(page) == [DUTY, POWER]
    assert 'id="conclusion"' not in page
    assert "权力不是职责" in page
    (duty,) = re.findall(rf'href="([^"]*matter={DUTY}[^"]*)"', page)
    answer = unescape(demo.send("GET", duty, headers={"accept": "text/html"}).text)
    assert "王集镇不承担“秸秆露天禁烧”这一职责" in answer


def test_words_that_fit_duties_and_powers_offer_the_duties_first(demo: Api) -> None:
    codes = offered(look(demo, "秸秆"))
    assert codes == [DUTY, POWER]
    page = look(demo, "消防")
    fire = offered(page)
    kinds = re.findall(r'<span class="quiet">(职责|权力，不是职责|报表|检查考核|会议|文件)</span>', page)
    order = [["职责", "权力，不是职责", kind].index(kind) for kind in kinds]
    assert (len(kinds), order) == (len(fire), sorted(order))
    assert {"D-FIRE-SAFETY", "P-FIRE-PENALTY"} <= {*fire}


def test_words_that_fit_one_duty_alone_are_answered_and_the_form_says_which(demo: Api) -> None:
    page = look(demo, "露天禁烧")
    assert "王集镇不承担“秸秆露天禁烧”这一职责" in page
    assert f'value="秸秆露天禁烧（{DUTY}）"' in page
    assert "王集镇不承担" in look(demo, f"秸秆露天禁烧（{DUTY}）")  # as the form sends it again


@pytest.mark.parametrize(("lang", "lead"), [("zh", "名下登记有"), ("en", "was recorded as")])
def test_a_power_that_is_chosen_is_called_a_power_and_leads_to_its_duties(demo: Api, lang: str, lead: str) -> None:
    page = look(demo, POWER, lang)
    sentence = re.search(r'id="conclusion"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert sentence
    assert lead in sentence[1]
    assert not re.search("职责|所需的权力|duty", sentence[1])
    assert "不需要专门的权力" not in page
    of_power = re.search(r'id="of-power".*?</p>', page, re.DOTALL)
    assert of_power
    assert f"matter={DUTY}" in of_power[0]


def test_the_document_of_a_power_calls_it_no_duty(demo: Api) -> None:
    address = f"/accountability.docx?unit=420684104&matter={POWER}&on={DAY}"
    letter = Document(io.BytesIO(demo.send("GET", address).content))
    text = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert "这一职责" not in text
    assert "履行该事项所需的权力" not in text
    assert "不是职责" in text


def test_no_answer_of_the_api_calls_a_power_or_a_form_a_duty(demo: Api) -> None:
    kinds = "matters(first: 500) { nodes { code kind } }"
    codes = {one["kind"]: one["code"] for one in demo.ask(f"{{ {kinds} }}")["matters"]["nodes"]}
    for kind, code in codes.items():
        where = f'matter: "{code}", unit: "420684104", on: "{DAY}"'
        message = demo.ask(f"{{ accountability({where}) {{ message }} }}")["accountability"]["message"]
        assert ("这一职责" in message) == (kind == "DUTY"), message
