"""The page that imports lists: who leads is answered there, and units are named as people name them."""

from __future__ import annotations

import html
import re

import httpx

from tests.support.api_client import Api
from tests.support.sheets_county import COUNTY

PAGE = {"accept": "text/html"}
TOWN = "420684106"
TEXT = "流水镇职责事项清单\n序号,事项名称,牵头单位\n1,示例甲养护,交通局\n2,示例乙检查,应急局\n3,示例丙监管,流水镇\n"
KIND = {"kind": "township-basic", "accept": "none"}


def hidden(page: str) -> dict[str, str]:
    """What the form brings back by itself."""
    form = page.partition('<form id="import"')[2].partition("</form>")[0]
    matches = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {html.unescape(name): html.unescape(value) for name, value in matches}


def submit(registry: Api, text: str | None, **fields: str) -> httpx.Response:
    """The form of the page, filled in and sent with its token; None: the file that it has."""
    token = hidden(registry.send("GET", "/lists/import", headers=PAGE).text)["token"]
    filled = {"token": token, "county": COUNTY, "instrument": "宜办发〔2025〕6号", "as": "LS"} | fields
    files = {"file": ("清单.csv", text.encode())} if text is not None else {"file": ("", b"")}
    answer = registry.send("POST", "/lists/import?lang=zh", data=filled, files=files, headers=PAGE)
    return registry.settled(answer, headers=PAGE)


def test_who_leads_is_chosen_on_the_page_and_nothing_recorded_before(county: Api) -> None:
    page = submit(county, TEXT, **KIND)
    assert "“牵头单位”一栏有 2 行写的是别的单位（交通局、应急局）" in page.text
    assert 'id="confirm"' not in page.text
    choice = re.search(r'<select name="lead:牵头单位">(.*?)</select>', page.text, re.DOTALL)
    assert choice
    assert re.findall(r'value="(\w+)"', choice[1]) == ["unit", "own"]
    helped = submit(county, None, **hidden(page.text), **KIND, **{"lead:牵头单位": "unit"})
    assert "这是 1 项职责，由宜城市流水镇负责承担" in helped.text
    assert "这是 2 项职责，由宜城市流水镇配合" in helped.text
    assert "由“牵头单位”一栏所写的单位牵头。" in helped.text
    led = submit(county, None, **hidden(page.text), **KIND, **{"lead:牵头单位": "own"})
    assert "这是 3 项职责，由宜城市流水镇负责承担" in led.text
    done = submit(county, None, **hidden(led.text), **KIND, record="1")
    assert "已记录" in done.text
    query = '{ list(code: "LS") { assigns scope { code } items { nodes { name from { name } } } } }'
    recorded = county.ask(query)["list"]
    assert (recorded["assigns"], recorded["scope"]["code"]) == ("lead", TOWN)
    sent = {each["name"]: each["from"] and each["from"]["name"] for each in recorded["items"]["nodes"]}
    assert sent == {"示例甲养护": "宜城市交通运输局", "示例乙检查": "宜城市应急管理局", "示例丙监管": None}


def test_kind_and_document_stand_first_and_scope_and_issuer_are_named(county: Api) -> None:
    form = county.send("GET", "/lists/import?lang=zh", headers=PAGE).text.partition('<form id="import"')[2]
    first, _, more = form.partition("<summary>更多</summary>")
    named = ("kind", "instrument", "instrument_title", "instrument_kind", "issued_on", "issuer", "scope")
    for name in named:
        assert f'name="{name}"' in first
        assert f'name="{name}"' not in more
    text = "基本履职事项清单\n序号,事项名称\n1,示例丁巡查\n"
    paper = {"instrument": "农发〔2026〕1号", "instrument_title": "示例通知", "issued_on": "2026-03-01"}
    named_units = {"scope": "流水镇", "issuer": "宜城市农业农村局", "accept": "none"}
    page = submit(county, text, **(paper | named_units | {"as": "LS-2"}))
    assert "这是 1 项职责，由宜城市流水镇负责承担" in page.text
    assert re.search(r'name="scope" value="420684106"', page.text)
    assert re.search(r'name="issuer" value="420684-agriculture"', page.text)
