"""What a draft's page says besides findings: what was saved, what goes with proposals, why a grant closes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from registry import database
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.databases import Databases
from tests.support.draft_pages import PAGE, Pages, text
from tests.support.worlds import COUNTY, decision, duty, grant, unit

GRANT = {"kind": "grant", "matter": "P-SAND", "from": "water", "instrument": "决定1号", "grant_mode": "devolved"}
DUTY = {"kind": "delegate", "matter": "巡河", "from": "420684", "instrument": "通知1号", "role": "assist"}
FORM = {"kind": "impose", "matter": "F-LEDGER", "from": "420684", "instrument": "通知1号"}


@pytest.fixture(scope="module")
def opened(lent_databases: Databases) -> Iterator[tuple[psycopg.Connection, Pages]]:
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as client:
        towns = [unit(code, "township", "government", "420684") for code in ("lacking", "holding", "voided")]
        void = grant("G-VOID", to="voided", from_="market", instrument="决定1号")
        record(connection, [*COUNTY, *towns, duty("D-LACKING", to="lacking"), void,
            grant("G-HELD", to="holding", instrument="决定1号")])  # fmt: skip
        connection.commit()
        yield connection, Pages(client.send)


def head(connection: psycopg.Connection) -> int:
    position = recorder.head(connection)[0]
    connection.rollback()
    return position


def looked_at(pages: Pages, fields: dict[str, str]) -> str:
    page = pages.get(f"/drafts/new?kind={fields['kind']}")
    return pages.post({**pages.hidden(page), **fields}, "look").text


def test_a_grant_that_closes_nothing_says_why(opened: tuple[psycopg.Connection, Pages]) -> None:
    _, pages = opened
    page = text(looked_at(pages, {**GRANT, "to:holding": "1", "to:town2": "1"}))
    assert "单位holding已经有效掌握这项权力" in page
    assert "其余承接单位没有职责因缺这项权力而成为问题" in page
    closing = text(looked_at(pages, {**GRANT, "to:lacking": "1"}))
    assert "会消除 1 个问题" in closing
    assert "成为问题" not in closing
    # By one that does not hold it: the duty lacks the power still, for the grant is void.
    void = text(looked_at(pages, {**GRANT, "from": "market", "to:lacking": "1"}))
    assert "单位lacking有职责缺这项权力，但这样授出的权力不成立" in void


def test_a_power_that_was_granted_already_is_called_a_grant(opened: tuple[psycopg.Connection, Pages]) -> None:
    _, pages = opened
    page = text(looked_at(pages, {**GRANT, "to:holding": "1", "to:voided": "1"}))
    warned = page.partition("照此记录的")[0][-200:] + page.partition("照此记录的")[2].partition("会产生")[0]
    assert "已经被授予这项权力" in warned
    assert re.search(r"单位holding：下放，有效", warned)
    assert re.search(r"单位voided：下放，无效：授权的来源不成立", warned)
    assert "交办" not in warned


def test_proposals_are_counted_apart_from_what_is_recorded_with_them(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    fields = {**DUTY, "instrument": "拟1号", "instrument_title": "拟发的通知", "to:lacking": "1", "to:town2": "1"}
    fields |= {"instrument_kind": "notice", "issued_on": "2024-01-01", "at": "2024-01-01"}
    page = text(looked_at(pages, fields))
    assert "申请准入（2 件）" in page
    assert "《拟发的通知》（拟1号），登记为自 2024-01-01 起有效，不等准入" in page
    before, given = head(connection), pages.begun(fields)
    assert pages.post(given, "propose").status_code == 303
    assert head(connection) == before + 3
    done = text(pages.get(f"/drafts/{given['id']}"))
    assert "已申请准入：申请 2 件，另记录 1 项" in done
    assert "《拟发的通知》（拟1号），自 2024-01-01 起有效，不等准入" in done
    assert 'id="besides"' not in looked_at(pages, {**DUTY, "to:town2": "1"})  # on a document that there is


def test_what_was_saved_copied_or_deleted_says_so(opened: tuple[psycopg.Connection, Pages]) -> None:
    _, pages = opened
    given = pages.begun({**DUTY, "to:town2": "1"})
    saved = pages.post(given, "save")
    page = pages.get(saved.headers["location"])
    assert "已保存为第 1 稿" in text(page)
    assert "能打开本站的人都能看到" in text(page)  # there are no accounts
    assert 'id="done"' not in pages.get(f"/drafts/{given['id']}")
    fields = {**given, **pages.hidden(page)}
    assert "已另存" in text(pages.get(pages.post(fields, "copy").headers["location"]))
    assert "草稿已删除" in text(pages.get(pages.post(fields, "delete").headers["location"]))


def test_all_villages_of_a_town_are_ticked_by_one_box(opened: tuple[psycopg.Connection, Pages]) -> None:
    _, pages = opened
    page = looked_at(pages, {**FORM, "below:town": "1"})
    for code in ("village", "village2"):
        assert re.search(rf'name="to:{code}" value="1" checked', page)
    assert not re.search(r'name="to:town" value="1" checked', page)
    assert re.search(r'name="below:town" value="1">\s*全部村（社区） 2 个', page)
    assert 'name="below:town2"' not in page  # which has none
    wrong = pages.send("POST", "/drafts", data={**FORM, "below:nowhere": "1", "do": "look"}, headers=PAGE)
    assert wrong.status_code == 404


def test_an_answer_says_that_it_is_recorded(opened: tuple[psycopg.Connection, Pages]) -> None:
    connection, pages = opened
    record(connection, [decision("BurdenReported", "2024-02-01", report="R-ANSWERED", unit="village", text="报表太多")])
    connection.commit()
    page = pages.get("/reports/R-ANSWERED")
    fields = {**pages.hidden(page), "by": "town", "text": "已合并", "outcome": "resolved"}
    answer = pages.send("POST", "/reports/R-ANSWERED", data=fields, headers=PAGE)
    assert answer.status_code == 303, text(answer.text)
    assert "已答复，答复已经记录" in text(pages.get(answer.headers["location"]))
    assert "答复已经记录" not in text(pages.get("/reports/R-ANSWERED"))


def test_a_burden_says_before_it_is_imposed_whether_it_is_in_the_plan(
    opened: tuple[psycopg.Connection, Pages],
) -> None:
    connection, pages = opened
    fields = {**FORM, "to:village": "1", "to:town2": "1", "at": "2024-05-01"}
    assert "单位village。这一天没有这一种类的计划清单" in squeezed(looked_at(pages, {**FORM, "to:village": "1"}))
    plan = {"title": "村级报表清单", "polarity": "positive", "covers": "form", "audience": "village"}
    plan |= {"scope": "420684", "instrument": "通知1号"}
    item = decision("ListItemEntered", "2024-01-01", list="PLAN", item="1", name="劳动力登记表", terms=["劳动力登记"])
    record(connection, [decision("ListAdopted", "2024-01-01", list="PLAN", **plan), item])
    connection.commit()
    page = squeezed(looked_at(pages, fields))
    assert "在2024年计划之外：单位village。清单《村级报表清单》没有列这一项；布置以后按计划外计算" in page
    assert "在2024年计划之外：单位town2。这一天没有这一种类的计划清单" in page
    listed = {**fields, "matter": "劳动力登记表", "new_matter": "1", "matter_kind": "form"}
    assert "在2024年计划之内：单位village。清单《村级报表清单》列有这一项" in squeezed(looked_at(pages, listed))
    # As it is counted once it is imposed.
    given = pages.begun(fields)
    assert pages.post(given, "record").status_code == 303
    totals = '{ burdenYear(unit: "village", asOf: "2024-06-01") { tallies { kind planned unplanned } } }'
    answer = pages.send("POST", "/graphql", json={"query": totals}).json()["data"]["burdenYear"]["tallies"]
    assert [(each["planned"], each["unplanned"]) for each in answer if each["kind"] == "FORM"] == [(0, 1)]


def squeezed(page: str) -> str:
    return re.sub(r"\s", "", text(page))
