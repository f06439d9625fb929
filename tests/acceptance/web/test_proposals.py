"""Proposals for admission on their pages, and drafts of what has another name: both ask before anything is recorded."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import psycopg
import pytest

from registry import database
from registry.domain.dates import today
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.databases import Databases
from tests.support.draft_pages import PAGE, Pages, text
from tests.support.worlds import COUNTY, decision, unit

FIELDS = {
    "kind": "delegate",
    "matter": "采砂管理",
    "from": "water",
    "instrument": "通知1号",
    "role": "lead",
    "duty_mode": "assigned",
    "at": "2024-01-01",
}
TOWNS = [unit(f"town-{number}", "township", "government", "420684") for number in range(4)]


@pytest.fixture(scope="module")
def opened(lent_databases: Databases) -> Iterator[tuple[psycopg.Connection, Pages]]:
    other = {"proposal": "P-1", "matter": "D-SAND", "from": "water", "to": "town", "instrument": "通知1号"}
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as client:
        record(connection, [*COUNTY, *TOWNS, decision("DelegationProposed", "2024-01-01") | other])
        connection.commit()
        yield connection, Pages(client.send)


def head(connection: psycopg.Connection) -> int:
    position = recorder.head(connection)[0]
    connection.rollback()
    return position


def test_a_name_that_nothing_bears_is_asked_about_where_a_matter_has_one_like_it(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    _, pages = opened
    offered = re.compile(r'name="do" value="(matter:D-SAND)"')
    unknown = pages.begun({**FIELDS, "to:town": "1", "matter": "采砂管理巡查"})
    page = pages.post(unknown, "look").text
    assert "有名称相近的" in text(page)
    assert "请勾选“新事项”" in text(page)
    given = pages.begun({**unknown, "new_matter": "1"})
    page = pages.post(given, "look").text
    assert "有责无权" not in text(
        page
    )  # a new matter takes no powers: what is broken goes unseen, so it is asked about
    assert "登记簿里已有名称相近的事项" in text(page)
    chosen = offered.search(page)
    assert chosen
    page = pages.post(given, chosen[1]).text
    assert "不掌握所需的" in text(page)
    assert 'name="new_matter"' not in page
    assert "名称相近" not in text(
        pages.post(pages.begun({**FIELDS, "to:town": "1", "matter": "茶叶评比", "new_matter": "1"}), "look").text
    )


def test_proposals_alike_are_answered_together_and_can_be_taken_back_together(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    towns = [unit["unit"] for unit in TOWNS]
    alike = {**FIELDS, **{f"to:{code}": "1" for code in towns}, "at": str(today())}
    given = pages.begun({**alike, "matter": "巡河", "role": "assist"})
    assert pages.post(given, "propose").status_code == 303
    ids = [f"{given['id']}-{code}" for code in towns]
    page = pages.get(f"/proposals/{ids[0]}")
    assert "同样的申请，另有 3 件待审核" in text(page)
    assert "在原有的之外再交一次" in text(page)  # a list has every town lead it
    before, form = head(connection), {**pages.hidden(page), "by": "420684", "answer": "admit"}
    send = [{f"also:{ids[1]}": "1"}, {"also:": "1"}]
    answer = pages.send("POST", f"/proposals/{ids[0]}", data=form | send[0] | {"also:P-1": "1"}, headers=PAGE)
    assert head(connection) == before + 2  # P-1 is not alike: it is not answered along
    page = pages.get(answer.headers["location"])
    assert "共 2 件" in text(page)
    assert f"/undo?from={before + 1}&amp;to={before + 2}" in page
    onwards = re.search(r'id="next" href="([^"]+)"', page)
    assert onwards
    assert "待审核" in text(pages.get(html.unescape(onwards[1])))
    refused = {**form, "answer": "refuse", "reason": "不合适", **send[1]}
    answer = pages.send("POST", f"/proposals/{ids[2]}", data={**refused, "by": "月球"}, headers=PAGE)
    assert (answer.status_code, head(connection)) == (404, before + 2)  # all or none
    answer = pages.send("POST", f"/proposals/{ids[2]}", data=refused, headers=PAGE)
    assert head(connection) == before + 4
    assert "另有" not in pages.get(answer.headers["location"])
    assert "不准入" in text(pages.get(f"/proposals/{ids[3]}"))


def test_what_was_taken_back_says_so_in_the_list_of_drafts_and_on_the_page_of_the_proposal(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    town = TOWNS[0]["unit"]
    given = pages.begun({**FIELDS, f"to:{town}": "1", "at": str(today()), "title": "撤回了的"})
    assert pages.post(given, "propose").status_code == 303
    position, address = head(connection), f"/proposals/{given['id']}-{town}"
    again = pages.begun({**FIELDS, f"to:{town}": "1", "at": str(today()), "title": "没有撤回的"}, "propose")

    def state(id_: str) -> str:
        row = next(each for each in re.findall(r"<tr>.*?</tr>", pages.get("/drafts"), re.DOTALL) if id_ in each)
        return text(row)

    assert "已申请准入" in state(given["id"])
    page = pages.get(f"/undo?from={position}")
    shown = re.search(r'name="shown" value="([^"]*)"', page)
    assert shown
    form = {**pages.hidden(page), "from": str(position), "to": str(position), "shown": shown[1], "record": "1"}
    assert pages.send("POST", "/undo", data=form, files={"": ("", b"")}, headers=PAGE).status_code == 303
    assert "已撤回" in state(given["id"])
    assert "已申请准入" in state(again["id"])
    page = pages.get(address, 404)
    assert f"编号为“{given['id']}-{town}”的准入申请已撤回" in text(page)
    assert f"/decisions/{head(connection)}" in page
    assert "没有编号为" in text(pages.get("/proposals/nothing", 404))
    # Taken back in turn, it waits again.
    back = pages.get(f"/undo?from={head(connection)}")
    shown = re.search(r'name="shown" value="([^"]*)"', back)
    assert shown
    form |= {**pages.hidden(back), "from": str(head(connection)), "to": "", "shown": shown[1]}
    assert pages.send("POST", "/undo", data=form, files={"": ("", b"")}, headers=PAGE).status_code == 303
    assert "待审核" in text(pages.get(address))
    assert "已申请准入" in state(given["id"])


def proposed(pages: Pages, fields: dict[str, str]) -> list[str]:
    """The ids of proposals to two towns, one for each."""
    towns = [unit["unit"] for unit in TOWNS[:2]]
    given = pages.begun({**FIELDS, **{f"to:{code}": "1" for code in towns}, "at": str(today()), **fields})
    assert pages.post(given, "propose").status_code == 303
    return [f"{given['id']}-{code}" for code in towns]


def test_proposals_admitted_together_are_drafted_together_each_under_its_own(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    ids = proposed(pages, {"matter": "巡河", "role": "share"})
    admit = {**pages.hidden(pages.get(f"/proposals/{ids[0]}")), "by": "420684", "answer": "admit", "also:": "1"}
    pages.send("POST", f"/proposals/{ids[0]}", data=admit, headers=PAGE)
    page = pages.get(f"/proposals/{ids[0]}")
    links = [html.unescape(href) for href in re.findall(r'href="(/drafts/new\?[^"]*)"', page)]
    draft, alone = (pages.get(href) for href in links)
    ticked = re.compile(r'name="(to:[^"]+)" value="1"(?: checked)?>')
    assert [len(re.findall(rf'name="to:{unit["unit"]}" value="1" checked', draft)) for unit in TOWNS[:2]] == [1, 1]
    assert [len(re.findall(rf'name="to:{unit["unit"]}" value="1" checked', alone)) for unit in TOWNS[:2]] == [1, 0]
    assert ticked.search(draft)
    under = dict(re.findall(r'name="(under:[^"]+)" value="([^"]+)"', draft))
    assert under == {f"under:{unit['unit']}": id_ for unit, id_ in zip(TOWNS, ids, strict=False)}
    fields = {**FIELDS, **under, **pages.hidden(draft), "matter": "巡河", "role": "share", "at": str(today())}
    fields |= {f"to:{unit['unit']}": "1" for unit in TOWNS[:2]}
    looked_at = pages.post(fields, "look").text
    before = head(connection)
    assert pages.post({**fields, **pages.hidden(looked_at)}, "record").status_code == 303
    assert head(connection) == before + 2
    for id_ in ids:
        assert 'id="delegations">据此下放 <span class="counted">1</span>' in pages.get(f"/proposals/{id_}")
    # What was carried out is drafted no more, and a draft of it asks before it is recorded once more.
    assert "/drafts/new?" not in pages.get(f"/proposals/{ids[0]}")
    again = pages.get(links[0])
    assert all(f'<span class="code">{pages.hidden(draft)["id"]}-{unit["unit"]}' in again for unit in TOWNS[:2])


def test_what_is_ticked_stands_before_the_tree_and_can_be_unticked_there(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    _, pages = opened
    fresh = pages.get("/drafts/new?kind=delegate&from=water")
    assert "还没有选" in text(fresh.partition('id="chosen"')[2].partition("</p>")[0])
    fields = {**FIELDS, **{f"to:{unit['unit']}": "1" for unit in TOWNS[:2]}, **pages.hidden(fresh)}
    page = pages.post(fields, "look").text
    chosen = page.partition('id="chosen"')[2].partition("</ul>")[0]
    assert page.index('id="chosen"') < page.index('class="tree"')
    assert [unit["name"] in chosen for unit in TOWNS[:3]] == [True, True, False]
    (drop, _) = re.findall(r'name="do" value="(drop:[^"]+)"', chosen)
    page = pages.post(fields, drop).text
    assert "已选 1 个" in text(page)
    assert f'name="to:{TOWNS[0]["unit"]}" value="1"> ' in page


def test_a_matter_on_a_negative_list_is_neither_admitted_nor_refused_without_a_reason(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    listed = {"list": "NEG-TEA", "instrument": "通知1号"}
    record(connection, [
        decision("MatterDefined", "2020-01-01") | {"matter": "D-TEA", "kind": "duty", "name": "茶叶检查"},
        decision("ListAdopted", "2023-01-01") | listed | {"title": "不得交办", "polarity": "negative",
            "covers": "duty", "audience": "township", "scope": "420684"},
        decision("ListItemEntered", "2023-01-01", list="NEG-TEA", item="1", name="茶叶检查", matter="D-TEA"),
    ])  # fmt: skip
    connection.commit()
    ids = proposed(pages, {"matter": "D-TEA"})
    page, before = pages.get(f"/proposals/{ids[0]}"), head(connection)
    assert 'id="negative"' in page
    assert 'name="reason" rows="3" maxlength="2000" required' in page
    form = {**pages.hidden(page), "by": "420684"}
    for answer in ("admit", "refuse"):
        refused = pages.send("POST", f"/proposals/{ids[0]}", data=form | {"answer": answer}, headers=PAGE)
        assert (refused.status_code, head(connection)) == (400, before)
        assert "请写明理由" in text(refused.text)
    reasoned = form | {"answer": "admit", "reason": "应急期间"}
    assert pages.send("POST", f"/proposals/{ids[0]}", data=reasoned, headers=PAGE).status_code == 303
    assert head(connection) == before + 1
    # What is on no such list is admitted without.
    other = proposed(pages, {"matter": "巡河", "role": "lead"})
    plain = pages.get(f"/proposals/{other[0]}")
    assert 'id="negative"' not in plain
    form = {**pages.hidden(plain), "by": "420684", "answer": "admit"}
    assert pages.send("POST", f"/proposals/{other[0]}", data=form, headers=PAGE).status_code == 303
