"""The lists of a unit's page: what there is stands first, and those of one township are among the county's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.api_client import Api, api
from tests.support.databases import database_copy


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def test_a_countys_page_begins_with_the_lists_made_there_and_has_those_of_one_township(demo: Api) -> None:
    page = demo.send("GET", "/units/420684?tab=lists&lang=zh", headers={"accept": "text/html"}).text
    made, none = page.index("为本地域或其中单位制定、适用于下级的清单"), page.index("适用的清单")
    assert made < none
    assert "YC-PILOT" in page[made:none]  # made for one township
    town = demo.send("GET", "/units/420684105?tab=lists&lang=zh", headers={"accept": "text/html"}).text
    assert "YC-PILOT" in town
    assert "YC-BASIC-2025" in town


def test_lists_within_a_territory_are_those_made_for_it_or_for_units_below_it(demo: Api) -> None:
    question = "query ($within: ID, $scope: ID) { lists(within: $within, scope: $scope) { totalCount nodes { code } } }"
    within, scoped = (demo.ask(question, **{name: "420684"})["lists"] for name in ("within", "scope"))
    codes, own = ({one["code"] for one in part["nodes"]} for part in (within, scoped))
    assert own < codes
    assert codes - own == {"YC-PILOT"}
    assert within["totalCount"] == len(codes)
    of_town = demo.ask(question, within="420684105")["lists"]
    assert [one["code"] for one in of_town["nodes"]] == ["YC-PILOT"]
    assert demo.refused('{ lists(unit: "420684105", within: "420684") { totalCount } }')["code"] == "bad-value"
