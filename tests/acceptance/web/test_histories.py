"""Histories of units, matters and the log say what each decision changed, from what to what; over the demo county."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from html import unescape

import pytest

from registry.domain.dates import SHANGHAI
from tests.support import worlds
from tests.support.api_client import Api, api
from tests.support.databases import database_copy


@pytest.fixture(scope="module")
def demo(server_url: str, judged_template: str) -> Iterator[Api]:
    with database_copy(server_url, judged_template) as url, api(url) as opened:
        yield opened


def test_a_history_says_from_what_to_what_and_of_what_replaced_nothing_nothing(demo: Api) -> None:
    question = "query ($at: Int!) { decision(position: $at) { type effects { change message fields { before } } } }"
    renamed = "名称由宜城市农业局改为宜城市农业农村局。"
    pages = {
        "/units/420684-agriculture?tab=history": renamed,
        "/history?unit=420684-agriculture": renamed,
        "/matters/D-STRAW-BURNING?tab=history": "法定承担者由县级政府、市级政府改为乡级政府、县级政府、市级政府。",
        "/log?tab=corrections": "承担方式由牵头改为配合；期限由2021-09-30改为无。",
    }
    for page, sentence in pages.items():
        shown = {row["position"]: row["what"] for row in demo.send("GET", f"{page}&format=json&lang=zh").json()}
        assert any(sentence in (text or "") for text in shown.values()), page
        assert sentence in demo.send("GET", f"{page}&page=all&lang=zh").text, page
        for position in [one for one, text in shown.items() if text is None]:
            decision = demo.ask(question, at=position)["decision"]
            if decision["type"] not in ("UnitDissolved", "Annulled", "Reinstated"):
                changed = [one for one in decision["effects"] if one["change"] == "changed"]
                assert not any(field["before"] for one in changed for field in one["fields"]), position


def test_a_page_of_a_history_says_it_of_its_own_rows(demo: Api) -> None:
    path = "/units/420684-agriculture?tab=history"
    numbers = [row["position"] for row in demo.send("GET", f"{path}&format=json").json()]
    renamed = "名称由宜城市农业局改为宜城市农业农村局"
    pages = [demo.send("GET", f"{path}&lang=zh&page={number}").text for number in (1, 2)]
    assert len(numbers) > 50
    assert [renamed in page for page in pages] == [False, True]


def test_a_correction_says_which_day_it_reaches_back_to_and_how_late_not_its_own_day(demo: Api) -> None:
    rows = demo.send("GET", "/log?tab=corrections&format=json&lang=zh").json()
    kinds: set[str] = set()
    for row in rows:
        question = "query ($at: Int!) { decision(position: $at) { type recordedAt effects { since } } }"
        decision = demo.ask(question, at=row["position"])["decision"]
        days = [one["since"] for one in decision["effects"] if one["since"]]
        kinds.add(decision["type"])
        assert row["reaches"] == min(days, default=None)
        assert row["what"] or not decision["effects"], row  # whatever kind of correction it is
        recorded = datetime.fromisoformat(decision["recordedAt"]).astimezone(SHANGHAI).date()
        assert row["late"] == (max(0, (recorded - date.fromisoformat(min(days))).days) if days else None)
    assert {"Corrected", "Annulled"} <= kinds


def test_corrections_are_sorted_and_filtered_by_how_late_they_were(demo: Api) -> None:
    def late(more: str) -> list[int]:
        rows = demo.send("GET", f"/log?tab=corrections&format=json&{more}").json()
        return [row["late"] or 0 for row in rows]

    every = late("")
    assert late("sort=-late") == sorted(every, reverse=True)
    assert sorted(late("late=366")) == sorted(days for days in every if days >= 366) != []
    page = demo.send("GET", "/log?tab=corrections&late=366&lang=zh").text
    assert '<option value="366" selected>' in page
    assert demo.send("GET", "/log?tab=corrections&late=7").status_code == 400


def test_a_correction_shows_its_own_day_nowhere_as_that_of_its_effect(demo: Api) -> None:
    corrected = "承担方式由牵头改为配合；期限由2021-09-30改为无。"
    rows = demo.send("GET", "/log?tab=corrections&format=json&lang=zh").json()
    (row,) = [one for one in rows if corrected in (one["what"] or "")]
    page = demo.send("GET", f"/decisions/{row['position']}?lang=zh").text
    assert f"<dt>改动从哪天起</dt><dd>{row['reaches']}</dd>" in page
    assert "<dt>生效日期</dt>" not in page
    number = (row["position"] - 1) // 50 + 1
    (leaf,) = [
        one
        for one in demo.send("GET", f"/log?page={number}&leaves-format=json&format=json&table=leaves").json()
        if one["position"] == row["position"]
    ]
    assert leaf["at"] is None


def test_a_decision_leads_to_the_evidence_that_has_it(demo: Api) -> None:
    decisions = demo.ask('{ decisions(type: "DutyDelegated", first: 1) { position at data } }')["decisions"]
    (one,) = decisions
    page = unescape(demo.send("GET", f"/decisions/{one['position']}?lang=zh").text)
    link = re.search(r'id="evidence">.*?href="([^"]+)"', page)
    assert link
    account = unescape(demo.send("GET", link[1]).text)
    pack = re.search(r'id="evidence" href="([^"]+)"', account)
    assert pack
    with zipfile.ZipFile(io.BytesIO(demo.send("GET", pack[1]).content)) as packed:
        assert f"decisions/{one['position']:09d}.txt" in packed.namelist()


def test_a_decision_without_unit_and_matter_leads_to_the_form_of_evidence(demo: Api) -> None:
    (one,) = demo.ask('{ decisions(type: "MatterDefined", first: 1) { position at data } }')["decisions"]
    page = unescape(demo.send("GET", f"/decisions/{one['position']}?lang=zh").text)
    link = re.search(r'id="evidence">.*?href="([^"]+)"', page)
    assert link
    form = unescape(demo.send("GET", link[1]).text)
    assert f'value="{one["data"]["matter"]}"' in form
    assert f'value="{one["at"]}"' in form
    assert 'id="conclusion"' not in form


def test_the_number_of_an_item_is_no_code_of_a_unit_that_bears_it(api_over: Callable[..., Api]) -> None:
    item = worlds.decision("ListItemEntered", "2019-03-01", list="BASIC", item="42", name="巡查", terms=["巡查"])
    power = worlds.decision("PowerVested", "2019-03-01", power="P-SAND", unit="town", instrument="决定1号")
    province = worlds.unit("42", "province", "government")
    client = api_over([*worlds.COUNTY, province, item, power])
    number = len(worlds.COUNTY) + 2
    waived = worlds.decision(
        "FindingWaived",
        "2020-01-01",
        rule="duty-without-power",
        unit="town",
        subject="BASIC#42",
        by="420684",
        reason="试点",
    )
    client.ask("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=[waived])

    def summary(position: int) -> str:
        page = client.send("GET", f"/decisions/{position}?lang=zh", headers={"accept": "text/html"}).text
        return unescape(re.findall(r'<p class="lead"[^>]*>(.*?)</p>', page)[0])

    assert summary(number).startswith("登记清单事项 BASIC#42：巡查")
    assert "P-SAND" in summary(number + 1)
    assert "单位town（town）" in summary(number + 1)
    assert summary(number + 2).startswith("登记豁免 duty-without-power#单位town（town）#BASIC#42")
