"""Histories of units, matters and the log say what each decision changed, from what to what; over the demo county."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.api_client import Api, api
from tests.support.databases import database_copy


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
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
