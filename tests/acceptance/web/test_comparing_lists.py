"""Lists compared on the page: which list is meant, and which was there when the one that is named was not; the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import unquote

import pytest

from tests.support.api_client import Api, api
from tests.support.databases import database_copy


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def look(demo: Api, path: str, status: int = 200) -> str:
    answer = demo.send("GET", path, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


@pytest.mark.parametrize(
    ("code", "before", "items"), [("YC-PLAN-2026", "YC-PLAN-2025", None), ("YC-BASIC-2025", "YC-DUTIES-2019", 13)]
)
def test_a_list_that_had_not_begun_is_compared_with_the_one_in_force_then(
    demo: Api, code: str, before: str, items: int | None
) -> None:
    """By audience, polarity, what it covers and territory: a list of before may be called something else."""
    first = "2025-06-01" if items is None else "2024-06-01"
    address = f"/lists/compare?list={code}&from={first}&to=2026-06-01&lang=zh"
    page = look(demo, address)
    preceded = re.search(r'id="preceded">(.*?)</p>', page, re.DOTALL)
    assert preceded
    assert "前者用的是当时生效的" in preceded[1]
    assert before in preceded[1]
    assert "这一天不生效" not in page
    assert 'id="followed"' not in page
    rows = [one for one in demo.send("GET", f"{address}&only=all&format=json").json() if one["before"]]
    assert rows  # of the list of before
    if items is not None:
        assert f"{items} 项" in preceded[1]
        assert len(rows) == items
    itself = unescape(re.findall(r'href="([^"]*itself=1[^"]*)"', preceded[1])[0])
    alone = look(demo, itself)
    assert "这一天不生效" in alone
    assert not any(one["before"] for one in demo.send("GET", f"{itself}&only=all&format=json").json())
    offered = re.search(r'id="preceded">.*?href="([^"]*list=[^"]*)"', alone, re.DOTALL)
    assert offered
    assert f"list={before}" in offered[1]
    assert f"other={code}" in offered[1]
    assert 'id="preceded"' not in look(demo, offered[1])


def test_a_list_that_is_no_more_is_compared_with_the_one_in_force_then(demo: Api) -> None:
    page = look(demo, "/lists/compare?list=YC-PLAN-2025&from=2025-06-01&to=2026-06-01&lang=zh")
    followed = re.search(r'id="followed">(.*?)</p>', page, re.DOTALL)
    assert followed
    assert "YC-PLAN-2026" in followed[1]
    assert "后者用的是当时生效的" in followed[1]


def test_what_differs_leads_to_its_matter_on_the_day_of_its_side(demo: Api) -> None:
    two = "/lists/compare?list=YC-BASIC-2025&other=YC-ASSIST-2025&from=2025-06-01&to=2026-06-01&lang=zh"
    later = "/lists/compare?list=YC-BASIC-2025&from=2025-03-15&to=2026-06-01&lang=zh"
    for page, day in ((look(demo, two), "2025-06-01"), (look(demo, later), "2026-06-01")):
        matters = re.findall(r'href="(/matters/[^"]+)"', page.partition('id="table-comparison"')[2])
        assert day in {re.findall(r"as_of=([\d-]+)", link)[0] for link in matters}
        look(demo, matters[0])


def test_lists_called_something_like_what_is_typed_are_offered(demo: Api) -> None:
    page = look(demo, "/lists/compare?list=郑集镇基本履职&from=2025-06-01&lang=zh")
    (offered,) = re.findall(r'<li><a href="([^"]*list=YC-[^"]*)"', page)
    assert "list=YC-BASIC-2025" in offered
    assert "YC-BASIC-2025" in look(demo, offered)
    nothing = look(demo, "/lists/compare?list=xyzzyq&lang=zh", 404)
    assert "没有编号为“xyzzyq”的清单" in nothing


@pytest.mark.parametrize(
    ("path", "name", "offered"),
    [
        ("/accountability?unit=郑急镇&matter=D-WORK-SAFETY&on=2024-05-01", "郑急镇", True),
        ("/findings?within=郑急镇", "郑急镇", True),
        ("/findings?rule=郑急镇", "郑急镇", False),  # no name, and a choice besides
        ("/villages?in=郑急镇", "郑急镇", False),  # a villager does not look into the console
    ],
)
def test_where_nothing_is_called_so_the_search_for_what_is_near_is_a_click_away(
    demo: Api, path: str, name: str, offered: bool
) -> None:
    page = demo.send("GET", f"{path}&lang=zh", headers={"accept": "text/html"}).text
    links = re.findall(r'id="searched" href="([^"]+)"', page)
    assert [f"/search?q={name}&lang=zh"] * offered == [unescape(link) for link in map(unquote, links)]
    for link in links:
        assert "/overview/420684102" in look(demo, unescape(link))


def test_a_list_leads_from_each_item_to_its_matter_and_is_sorted_filtered_and_shown_under_the_bar(demo: Api) -> None:
    page = look(demo, "/lists/YC-BASIC-2025?as_of=2026-06-01&lang=zh")
    matters = re.findall(r'href="(/matters/[^"]+)"', page)
    assert len(matters) == page.count('data-head="事项名称"') > 50
    assert all("as_of=2026-06-01" in link for link in matters)
    assert "谁承担" in look(demo, matters[0])
    assert '<a href="/overview/420684?as_of=2026-06-01&lang=zh" aria-current="location">宜城市</a>' in page
    assert 'id="search"' in page
    numbers = [row["number"] for row in demo.send("GET", "/lists/YC-BASIC-2025?sort=number&format=json").json()]
    assert numbers == [str(number) for number in range(1, len(matters) + 1)]  # 9 before 10
    few = demo.send("GET", "/lists/YC-BASIC-2025?q=信访&format=json").json()
    assert 0 < len(few) < 5
    assert all("信访" in str(row) for row in few)
    of_village = look(demo, "/units/420684102201/lists?lang=zh&certificates-forbidden-q=亲属关系")
    section = of_village.partition('id="table-certificates-forbidden"')[2].partition("</section>")[0]
    rows = section.split("<tr>")[2:]
    assert 0 < len(rows) < 10
    assert all("亲属关系" in row for row in rows)


def test_from_a_list_the_console_is_a_click_away_on_the_same_day(demo: Api) -> None:
    page = look(demo, "/lists/YC-BASIC-2025?as_of=2026-06-01&lang=zh")
    links = re.findall(r'href="([^"]+)"', page.partition('<nav class="screen"')[2].partition("</nav>")[0])
    assert [unquote(link.partition("?")[0]) for link in links] == [
        "/lists/compare",
        "/documents/宜办发〔2025〕6号",
        "/matrix/420684",
        "/overview/420684",
        "/lists",
    ]
    assert all("2026-06-01" in link for link in links[:-1])
    for link in links:
        look(demo, link)
    nationwide = look(demo, "/lists/CERTIFICATES-NEGATIVE?lang=zh")
    assert "/overview/" not in nationwide
    assert "/matrix/" not in nationwide


def rows(demo: Api, path: str) -> list[dict[str, str | None]]:
    answer = demo.send("GET", path + "&format=json")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_lists_are_compared_by_category_in_a_column_that_is_filtered(demo: Api) -> None:
    address = "/lists/compare?unit=420684&otherUnit=420684&kind=township-basic&from=2025-03-01&to=2026-06-01&only=all"
    every = rows(demo, address)
    names = {row[key] for row in every for key in ("category_before", "category_after")} - {None}
    assert len(names) > 2
    for name in sorted(str(each) for each in names)[:3]:
        chosen = rows(demo, f"{address}&category={name}")
        assert chosen == [row for row in every if name in (row["category_before"], row["category_after"])]
        page = look(demo, f"{address}&category={name}&lang=zh")
        assert f"<option selected>{name}</option>" in page
        figures = sum(map(int, re.findall(r'<span class="figure">(\d+)</span>', page)))
        assert figures == len(chosen)
    assert 'data-head="前者的类别"' in look(demo, f"{address}&lang=zh")
    assert demo.send("GET", f"{address}&category=没有的").status_code == 400


def test_where_more_fits_a_name_than_is_listed_it_says_so(demo: Api) -> None:
    total = demo.ask('{ matters(search: "管理", first: 1) { totalCount } }')["matters"]["totalCount"]
    page = look(demo, "/accountability?unit=420684107&matter=管理&on=2024-04-01&lang=zh")
    more = re.search(r'id="more">[^<]*?还有 (\d+) 项没有列出.*?href="([^"]+)"', page)
    assert more
    assert total > 30
    assert abs(int(more[1]) + 30 - total) <= 5  # as of the other day
    assert re.search(r'class="pages">共 (\d+) 行', look(demo, more[2]))
    assert 'id="more"' not in look(demo, "/accountability?unit=420684107&matter=公路&on=2024-04-01&lang=zh")
    lists = demo.ask('{ lists(search: "清单", first: 1) { totalCount } }')["lists"]["totalCount"]
    page = look(demo, "/lists/compare?list=清单&lang=zh")
    if lists > 30:
        assert f"还有 {lists - 30} 份没有列出" in page
    assert ('id="more"' in page) == (lists > 30)
