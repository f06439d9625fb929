"""What lies outside a reader's territory is said to be outside it, never that there is none of it."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from urllib.parse import unquote

import pytest

from registry.access.roles import Role
from registry.domain.dates import today
from registry.web.console.territory_links import TABS
from tests.support.counties import Counties, Who

AUDITOR_OF_ALL = Who(Role.AUDITOR, None)
INCIDENT = "unit=A-town&matter=D-SAND&on=2022-02-01"


def _page(counties: Counties, who: Who, address: str) -> str:
    headers = {**counties.cookie(who), "host": "localhost", "accept": "text/html"}
    answer = counties.api.send("GET", address, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_incident_is_not_said_to_have_nothing_above_where_that_is_outside(counties: Counties) -> None:
    for who in (Who(Role.CLERK), Who(Role.EDITOR)):
        page = _page(counties, who, f"/accountability?{INCIDENT}")
        assert "上一级没有承担" not in page
        assert "上一级不在您能查看的范围内" in page
        assert 'id="chain-outside"' in page
        assert "您的角色不能下载" in page
        english = _page(counties, who, f"/accountability?{INCIDENT}&lang=en")
        assert "The level above lies outside what you may see" in english
    whole = _page(counties, AUDITOR_OF_ALL, f"/accountability?{INCIDENT}")
    assert "不在您能查看的范围内" not in whole
    assert 'id="evidence"' in whole
    village = _page(counties, Who(Role.CLERK), f"/accountability?{INCIDENT.replace('A-town', 'A-town-village')}")
    assert "上一级不在" not in village  # the town is the clerk's


def test_who_bore_it_is_said_of_what_the_reader_sees_alone(counties: Counties) -> None:
    for who, part in ((Who(Role.CLERK), True), (Who(Role.AUDITOR, None), False)):
        page = _page(counties, who, "/accountability?unit=A-town-village&matter=D-SAND&on=2019-02-01")
        sentence = re.search(r'id="borne-by"[^>]*>(.*?)</p>', page, re.DOTALL)
        assert sentence
        assert ("范围以外的是否承担，这里不能说明" in sentence[1]) == part
        assert ("没有任何单位" in sentence[1]) <= (not part)


def test_the_document_says_what_is_outside_as_the_page_does(counties: Counties) -> None:
    address = f"/accountability.docx?{INCIDENT}"
    headers = {"host": "localhost"}
    for who, outside in ((Who(Role.CLERK), True), (AUDITOR_OF_ALL, False)):
        answer = counties.api.send("GET", address, headers={**counties.cookie(who), **headers})
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            text = packed.read("word/document.xml").decode()
        assert ("上一级不在您能查看的范围内" in text, "再往上的来源不在您能查看的范围内" in text) == (outside, outside)
        assert "上一级没有承担" not in text or not outside


def test_records_outside_are_not_said_to_have_been_recorded_by_the_day(counties: Counties) -> None:
    listed = f"unit=A-town&matter=D-LISTED-ABOVE&on={today()}"
    position = counties.last()[0]
    record = "mutation ($decisions: [JSON!]!) { record(decisions: $decisions) { positions } }"
    day, paper = "2022-01-01", {"instrument": "A号"}
    lists = [
        {"type": "MatterDefined", "at": day, "matter": "D-LISTED-ABOVE", "kind": "duty", "name": "清单外事"},
        {
            "type": "ListAdopted",
            "at": day,
            "list": "A-OUTSIDE",
            "title": "镇清单",
            "scope": "A",
            "polarity": "positive",
            "covers": "duty",
            "audience": "township",
            "assigns": "lead",
            **paper,
        },
        {
            "type": "ListItemEntered",
            "at": day,
            "list": "A-OUTSIDE",
            "item": "1",
            "name": "清单外事",
            "matter": "D-LISTED-ABOVE",
        },
    ]
    answer = counties.query(Who(Role.ORGANIZER, None), record, decisions=lists)
    assert "errors" not in answer, answer
    assert counties.last()[0] == position + len(lists)
    for who, seen in ((Who(Role.CLERK), False), (AUDITOR_OF_ALL, True)):
        page = _page(counties, who, f"/accountability?{listed}")
        assert ("不在您能查看的范围内</td>" in page) != seen, who
        assert ("事发之日都已记入" in page) == seen, who
        assert ("是否在事发之日以前记入，这里不能说明" in page) != seen, who


def test_a_day_to_come_is_no_incident(counties: Counties) -> None:
    coming = INCIDENT.replace("2022-02-01", str(today() + timedelta(days=400)))
    for lang, text in (("zh", "这一天还没有到"), ("en", "This day is still to come")):
        page = _page(counties, AUDITOR_OF_ALL, f"/accountability?{coming}&lang={lang}")
        assert text in page
        assert 'id="evidence"' not in page
        assert "accountability.docx" not in page
        assert "事发之日都已记入" not in page
    assert 'id="to-come"' not in _page(counties, AUDITOR_OF_ALL, f"/accountability?{INCIDENT}")


def test_every_view_of_a_territory_says_that_the_reader_sees_a_part_of_it(counties: Counties) -> None:
    def address(path: str, unit: str) -> str:
        return path.format(unit) if "{}" in path else f"{path}?within={unit}"

    # What is published of a unit is all there; drafts are the reader's own.
    views = [path for path, _ in TABS if not path.startswith("/units/") and path != "/drafts"]
    assert len(views) > 10
    for view in (*views, "/matters/D-SAND?within={}"):
        in_part = _page(counties, Who(Role.EDITOR), address(view, "A"))
        assert "您只能看到单位A-town：本页各数、各表只含这一部分，不是单位A的全部" in in_part, view
        assert 'id="partly"' not in _page(counties, Who(Role.EDITOR), address(view, "A-town")), view
    assert 'id="partly"' not in _page(counties, Who(Role.EDITOR), "/units/A")
    headers = {**counties.cookie(Who(Role.EDITOR)), "host": "localhost"}
    file = counties.api.send("GET", "/overview/A?format=csv", headers=headers)
    assert "单位A（只含单位A-town）" in unquote(file.headers["content-disposition"])
    assert 'id="partly"' not in _page(counties, AUDITOR_OF_ALL, "/overview/A")


@pytest.mark.parametrize("view", ["/findings", "/rectifications", "/cases"])
def test_a_view_of_no_territory_says_that_the_reader_sees_a_part(counties: Counties, view: str) -> None:
    assert "您只能看到单位A-town：本页只含这一部分，不是全部" in _page(counties, Who(Role.EDITOR), view)
    english = _page(counties, Who(Role.EDITOR), f"{view}?lang=en")
    assert "You see 单位A-town only: this page is of that part, not of everything" in english
    assert 'id="partly"' not in _page(counties, AUDITOR_OF_ALL, view)


def test_what_would_be_wrong_without_a_document_is_said_of_what_the_reader_sees(counties: Counties) -> None:
    for who, in_part in ((Who(Role.CLERK), True), (AUDITOR_OF_ALL, False)):
        page = _page(counties, who, "/documents/A号?tab=repeal&ask=1")
        assert "会新产生" in page
        assert ("在您能查看的范围内，" in page) == in_part
    finding = "/findings/one?rule=duty-without-power&unit=A-town-village&subject=S-A-town.D2"
    assert "本县内没有单位掌握" not in _page(counties, Who(Role.CLERK), finding)


def test_a_matter_that_nobody_holds_within_what_is_seen_may_be_held_outside(counties: Counties) -> None:
    headers = {"host": "localhost", "accept": "text/html"}
    address = "/matters/P-SAND?within=A-town-village&lang=zh"
    pages = {
        who: counties.api.send("GET", address, headers={**counties.cookie(who), **headers}).text
        for who in (Who(Role.CLERK), AUDITOR_OF_ALL)
    }
    assert "在您能看到的范围内" in pages[Who(Role.CLERK)]
    assert "在您能看到的范围内" not in pages[AUDITOR_OF_ALL]
    assert "范围内没有单位承担。" in pages[AUDITOR_OF_ALL]


def test_a_unit_outside_is_named_and_leads_to_what_is_published_of_it(counties: Counties) -> None:
    names = counties.api.ask('{ unit(code: "B-town") { name } }')["unit"]
    headers = {**counties.cookie(Who(Role.CLERK)), "host": "localhost", "accept": "text/html"}
    answer = counties.api.send("GET", "/overview/B-town?lang=zh", headers=headers)
    assert answer.status_code == 403
    assert f"单位“{names['name']}”不在您的范围内" in answer.text
    published = re.search(r'id="published" href="([^"]+)"', answer.text)
    assert published
    assert counties.api.send("GET", published[1].replace("&amp;", "&"), headers=headers).status_code == 200
