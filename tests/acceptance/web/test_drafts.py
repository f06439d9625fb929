"""Drafts over HTTP: what is wrong is said, nothing is overwritten unseen, and what changed since is shown again."""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import psycopg
import pytest

from registry import database
from registry.domain.dates import today
from registry.log import recorder
from registry.recording import undo as undoing
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.databases import Databases
from tests.support.draft_pages import PAGE, Pages, text
from tests.support.worlds import BASIS, UNITS, decision, grant, unit

FIELDS = {
    "kind": "delegate",
    "matter": "采砂管理",
    "from": "water",
    "to:town": "1",
    "instrument": "通知1号",
    "role": "lead",
    "duty_mode": "assigned",
    "at": "2024-01-01",
}

MANY = [f"town-{number}" for number in range(14)]


@pytest.fixture(scope="module")
def opened(lent_databases: Databases) -> Iterator[tuple[psycopg.Connection, Api]]:
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as client:
        towns = [unit(code, "township", "government", "420684") for code in MANY]
        record(connection, [*UNITS, *BASIS, *towns, decision("DelegationProposed", "2023-01-01", proposal="P-1",
            matter="D-RIVER", from_="water", to="town", instrument="通知1号"),
            decision("InstrumentIssued", "2018-01-01", instrument="旧通知", title="老办法", kind="notice",
                issuer="420684"),
            decision("InstrumentRepealed", "2022-01-01", instrument="旧通知", replaced_by="通知1号"),
            grant("G-1", "2019-01-01", to="town2"),
            decision("DelegationEnded", "2019-02-01", ref="G-1", reason="revoked")])  # fmt: skip
        connection.commit()
        yield connection, client


@pytest.fixture
def pages(opened: tuple[psycopg.Connection, Api]) -> Pages:
    return Pages(opened[1].send)


@pytest.fixture
def connection(opened: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    return opened[0]


def head(connection: psycopg.Connection) -> int:
    position = recorder.head(connection)[0]
    connection.rollback()
    return position


def fields_of(page: str) -> dict[str, str]:
    """The fields of a page that text is typed into."""
    fields = re.findall(r'<input id="(\w+)"[^>]* value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in fields}


def test_a_draft_tells_what_it_opens_and_changed_opens_nothing(pages: Pages, connection: psycopg.Connection) -> None:
    before = head(connection)
    given = pages.begun({**FIELDS, "instrument": "决定1号"})
    page = text(pages.post(given, "look").text)
    assert "会产生 2 个问题" in page
    assert "缺少履职所需的权力" in page
    assert "随同下放所缺的权力 则会产生 1 个" in page
    changed = pages.post(given, "way:powers").text
    assert "会产生 1 个问题" in text(changed)
    assert 'name="power:P-SAND" value="1" checked' in changed
    assert head(connection) == before


def test_what_skips_a_level_is_offered_by_the_level_between(pages: Pages, connection: psycopg.Connection) -> None:
    before = head(connection)
    given = pages.begun({**FIELDS, "matter": "巡河", "to:town": "", "to:village": "1", "brings:funds": "1"})
    page = pages.post(given, "look").text
    assert "越级交办" in text(page)
    assert re.search("改交单位town，由其再往下安排 则会产生 [0-9]+ 个", text(page))
    through = pages.post(given, "way:between").text
    assert "越级" not in text(through)
    assert 'name="to:town" value="1" checked' in through
    assert 'name="to:village" value="1" checked' not in through
    sent = pages.post(given, "way:sent-between").text
    assert "越级" not in text(sent)
    assert fields_of(sent)["from"] == "单位town（town）"
    assert 'name="to:village" value="1"' in sent
    english = pages.send("POST", "/drafts?lang=en", data={**given, "do": "look"}, headers=PAGE).text
    assert "To 单位town, to hand on" in text(english)
    assert head(connection) == before


def test_a_new_matter_has_no_link_before_it_is_recorded(pages: Pages) -> None:
    given = pages.begun({**FIELDS, "matter": "全新事项甲", "new_matter": "1", "to:town": "", "to:village": "1"})
    page = pages.post(given, "look").text
    effects = page.partition('id="effects"')[2]
    assert "全新事项甲（新事项，尚未登记）" in text(effects)
    assert f"/matters/{given['id']}" not in page
    assert f"/matters/{given['id']}" not in html.unescape(page)


def test_a_document_that_may_is_offered_for_one_that_may_not_and_for_one_that_was_replaced(
    pages: Pages, connection: psycopg.Connection
) -> None:
    before = head(connection)
    given = pages.begun({**FIELDS, "power:P-SAND": "1", "brings:staff": "1", "brings:funds": "1"})
    page = pages.post(given, "look").text
    assert "文件种类不够" in text(page)
    assert "改以《决定》（决定1号）为依据 则会产生" in text(page)
    assert 'value="way:document:决定1号"' in page
    changed = pages.post(given, "way:document:决定1号").text
    assert "文件种类不够" not in text(changed)
    assert "决定1号" in fields_of(changed)["instrument"]
    assert "document:" not in changed  # which offers it no more
    old = pages.begun({**FIELDS, "matter": "巡河", "instrument": "旧通知"})
    page = pages.post(old, "look").text
    assert "这一天不生效" in text(page)
    assert "改以《通知》（通知1号）为依据" in text(page)
    assert "这一天不生效" not in text(pages.post(old, "way:document:通知1号").text)
    english = pages.send("POST", "/drafts?lang=en", data={**given, "do": "look"}, headers=PAGE).text
    assert "Rest it on 《决定》（决定1号）" in text(english)
    assert head(connection) == before


def test_what_cannot_be_recorded_is_said_and_nothing_is_recorded(pages: Pages, connection: psycopg.Connection) -> None:
    before, given = head(connection), pages.begun(FIELDS)
    many = {f"to:unit-{number}": "1" for number in range(10_000)}
    for wrong, expected in (
        ({"matter": "没有的事"}, "没有事项“没有的事”"),
        ({"matter": "F-LEDGER"}, "这里要的是职责"),
        ({"matter": "'\x00%_\\", "title": "\x00" * 5}, "没有事项"),
        ({"from": "月球"}, "没有单位“月球”"),
        ({"to:town": ""}, "请勾选承接单位"),
        ({"to:nowhere": "1"}, "没有记录过单位“nowhere”"),
        ({"at": "2024-02-30"}, "须写成"),
        ({"at": "1990-01-01"}, "不能照此记录"),
        ({"at": "9999-12-31"}, "“从哪日起”不能是 9999-12-31"),
        ({"instrument": "新8号", "instrument_title": "新", "issued_on": "2090-01-01", "at": ""}, "文件日期 2090-01-01"),
        ({"at": "2024-05-01", "due_on": "2024-04-01"}, "办结期限早于开始之日"),
        ({"instrument": "没有的号"}, "没有登记过文号"),
        ({"role": "boss", "duty_mode": "x", "brings:gold": "1", "power:nothing": "1"}, "不能照此记录"),
        ({"instrument_title": "别的通知"}, "“通知1号”已登记为《通知》，与所填名称不同"),
        ({"instrument": "新9号", "instrument_title": "新", "issued_on": "2024-02-01"}, "开始之日早于文件日期"),
        (many, "一次最多 1000 项决定"),
        ({"kind": "nothing", "matter": ""}, "请填写事项"),
        ({"kind": "adopt", "items": "没有的事\n巡河", "list": "L", "list_title": "清单"}, "没有事项“没有的事”"),
    ):
        for act in ("look", "record", "propose"):
            answer = pages.post({**given, **wrong}, act)
            assert answer.status_code == (200 if act == "look" else 400), (wrong, act)
            assert expected in text(answer.text), (str(wrong)[:80], act)
    far = text(pages.post({**given, "at": "2090-01-01"}, "look").text)
    assert "按 2090-01-01 判断" in far
    assert "自 2090-01-01 起：" in far
    assert f"即自今天（{today()}）起" in text(pages.post({**given, "at": ""}, "look").text)
    for decisions in ("{", "[1]", '"x"', "[" * 5000, '[{"type":"\\u0000"}]'):
        assert pages.post({"decisions": decisions}, "look").status_code == 400
    assert pages.post({"decisions": json.dumps([{"type": "Nothing"}] * 1001)}, "look").status_code == 200
    assert pages.post({**given, "token": "forged"}, "record").status_code == 403
    assert pages.send("GET", "/drafts/%00", headers=PAGE).status_code == 404
    assert head(connection) == before


def test_what_is_to_begin_later_is_proposed_today_and_judged_from_then_on(pages: Pages) -> None:
    later = {"at": "2090-02-01", "instrument": "后来1号", "instrument_title": "后来的通知", "issued_on": "2090-01-15"}
    given = pages.begun({**FIELDS, "matter": "巡河", "brings:staff": "1", "brings:funds": "1", **later})
    assert pages.post(given, "propose").status_code == 303
    id_ = f"{given['id']}-town"
    assert id_ in pages.get("/proposals?within=420684&state=pending")
    page = pages.get(f"/proposals/{id_}")
    assert f"提出{today()}" in re.sub(r"\s", "", text(page))
    assert "2090-01-15 起施行" in text(page)
    assert "尚未施行" not in text(page)
    ahead = pages.get("/drafts/new?kind=delegate&as_of=2090-02-01")  # the bar is set to a day to come
    assert "这是将来的样子" in text(ahead)
    assert "这是过去的样子" in text(pages.get("/drafts/new?kind=delegate&as_of=2020-02-01"))


def test_a_form_that_nobody_has_recorded_yet_is_imposed_from_a_draft(
    pages: Pages, connection: psycopg.Connection
) -> None:
    before = head(connection)
    fields = {**FIELDS, "kind": "impose", "matter": "水库登记表"}
    assert "请勾选“新事项”" in text(pages.post(pages.begun(fields), "look").text)
    given = pages.begun({**fields, "new_matter": "1", "matter_kind": "inspection"})
    assert pages.post(given, "record").status_code == 303
    assert head(connection) == before + 2
    assert "检查" in text(pages.get(f"/matters/{given['id']}-SX"))
    again = pages.begun({**fields, "to:town": "", "to:town2": "1", "new_matter": "1"})  # by then it is there
    assert pages.post(again, "record").status_code == 303
    assert head(connection) == before + 3
    duty = pages.begun({**FIELDS, "matter": "水库巡查", "new_matter": "1"})
    assert pages.post(duty, "propose").status_code == 303
    assert head(connection) == before + 5
    refused = pages.post(pages.begun({**FIELDS, "kind": "grant", "matter": "水库处罚", "new_matter": "1"}), "record")
    assert refused.status_code == 400  # a power is somebody's by law


def test_what_opens_much_is_summed_up_by_rule_before_it_is_told_unit_by_unit(pages: Pages) -> None:
    given = pages.begun({**FIELDS, "instrument": "决定1号"})
    assert "有责无权 2" not in text(pages.post(given, "look").text)
    page = text(pages.post({**given, **{f"to:{code}": "1" for code in MANY}}, "look").text)
    assert f"有责无权 {len(MANY) + 1}" in page
    assert "其余 3 个单位的" in page
    assert f"已选 {len(MANY) + 1} 个" in page


def test_who_saves_an_older_version_is_told_and_nothing_is_overwritten(pages: Pages) -> None:
    given = pages.begun(FIELDS, "save")
    address, first, second = f"/drafts/{given['id']}", {**given, "version": "1"}, {**given, "version": "1"}
    assert pages.post({**first, "title": "甲改的"}, "save").status_code == 303
    assert pages.post({**first, "title": "甲改的"}, "save").status_code == 303  # the same, sent twice
    late = pages.post({**second, "title": "乙改的"}, "save")
    assert late.status_code == 409
    assert "您的改动没有保存" in text(late.text)
    assert 'value="乙改的"' in late.text
    assert "甲改的" in text(pages.get(address))
    assert pages.post(first, "delete").status_code == 303
    pages.get(address, 404)
    assert pages.post(first, "save").status_code == 404


def test_what_changed_since_it_was_shown_is_shown_again(pages: Pages, connection: psycopg.Connection) -> None:
    given = pages.begun({**FIELDS, "to:town": "", "to:town2": "1"})
    grant = decision("PowerGranted", "2024-01-01", ref="SINCE", matter="P-SAND", from_="water", to="town2")
    record(connection, [grant | {"mode": "devolved", "instrument": "决定1号"}])
    connection.commit()
    before = head(connection)
    stale = pages.post(given, "record")
    assert stale.status_code == 409
    assert "什么都没有记录" in text(stale.text)
    assert head(connection) == before
    again = {**given, **pages.hidden(stale.text)}
    for _ in range(2):  # a double click
        assert pages.post(again, "record").status_code == 303
    assert head(connection) == before + 1
    page = pages.get(f"/drafts/{given['id']}")
    assert f"/undo?from={before + 1}&amp;to={before + 1}" in page
    assert "已撤回" not in text(page)
    undoing.carry_out(connection, range(before + 1, before + 2))
    connection.commit()
    assert "已撤回：这份草稿记录的决定都不再有效。" in text(pages.get(f"/drafts/{given['id']}"))
    english = text(pages.get(f"/drafts/{given['id']}?lang=en"))
    assert f"by decision {before + 2}. Below is what was recorded then." in english


def test_what_a_cut_off_recording_left_is_recorded_once(pages: Pages, connection: psycopg.Connection) -> None:
    given = pages.begun({**FIELDS, "matter": "巡河", "title": "中断"}, "save")
    id_ = given["id"]
    done = decision("DutyDelegated", "2024-01-01", ref=f"{id_}-town", matter="D-RIVER", from_="water", to="town")
    record(connection, [done | {"role": "lead", "mode": "assigned", "instrument": "通知1号"}])  # and killed then
    connection.commit()
    before = head(connection)
    page = pages.get(f"/drafts/{id_}")
    assert "已经记录" in text(page)
    assert pages.post({**given, **pages.hidden(page)}, "record").status_code == 303
    assert head(connection) == before
    assert "已记录：共 1 项" in text(pages.get(f"/drafts/{id_}"))


def test_decisions_of_another_page_are_a_draft_in_words(pages: Pages, connection: psycopg.Connection) -> None:
    before = head(connection)
    grant = decision("PowerGranted", "2024-02-01", ref="OTHER", matter="P-SAND", from_="water", to="town")
    grant |= {"mode": "entrusted", "instrument": "决定1号"}
    answer = pages.send("POST", "/drafts", data={"decisions": json.dumps([grant]), "title": "办法"}, headers=PAGE)
    assert "登记权力下放 OTHER" in text(answer.text)
    given = {**pages.hidden(answer.text), "decisions": json.dumps([grant]), "title": "办法"}
    assert pages.post(given, "record").status_code == 303
    assert head(connection) == before + 1
    assert "登记权力下放 OTHER" in text(pages.get(f"/drafts/{given['id']}"))


def test_a_list_is_adopted_from_a_draft(pages: Pages, connection: psycopg.Connection) -> None:
    before = head(connection)
    fields = {"kind": "adopt", "from": "420684", "instrument": "新1号", "instrument_title": "清单通知"}
    fields |= {"instrument_kind": "notice", "issued_on": "2024-03-01", "at": "2024-03-01", "polarity": "positive"}
    fields |= {
        "covers": "duty",
        "audience": "township",
        "list": "NEW",
        "list_title": "镇级清单",
        "items": "采砂管理\n巡河",
    }
    assert pages.post(pages.begun(fields), "record").status_code == 303
    assert head(connection) == before + 4
    assert "采砂管理" in text(pages.get("/lists/NEW"))


def test_a_list_is_given_an_id_that_none_has(pages: Pages, connection: psycopg.Connection) -> None:
    fields = {"kind": "adopt", "from": "420684", "instrument": "通知1号", "at": "2024-03-01", "polarity": "positive"}
    fields |= {"covers": "duty", "audience": "township", "list_title": "镇级清单", "items": "采砂管理"}
    given = pages.begun(fields)
    page = pages.post(given, "look").text
    assert "不填编号的，用 420684-DUTY-2024。" in text(page)
    assert "请填写清单编号" not in text(page)
    assert pages.post(given, "record").status_code == 303
    assert "采砂管理" in text(pages.get("/lists/420684-DUTY-2024"))
    again = text(pages.post(pages.begun(fields), "look").text)
    assert "用 420684-DUTY-2024-2。" in again
    negative = text(pages.post(pages.begun({**fields, "polarity": "negative"}), "look").text)
    assert "用 420684-BACK-2024。" in negative


def test_a_draft_says_who_bears_its_matter_already_and_by_what(pages: Pages) -> None:
    given = {**pages.begun({**FIELDS, "matter": "巡河"}), "to:market": "1", "to:town2": "1"}
    page = text(pages.post(given, "look").text)
    assert "单位town2：牵头，清单，依据通知1号，自 2019-01-01 起" in page
    assert "单位market：" not in page
    assert "已经承担" not in text(pages.post({**given, "at": "2018-06-01"}, "look").text)
    many = {f"to:{code}": "1" for code in (*MANY, "town", "town2", "village", "village2", "market", "420684", "4206")}
    assert "单位town-13：牵头，清单" in text(pages.post({**given, **many}, "look").text)


def test_a_unit_named_in_part_is_chosen_among_those_that_may_be_meant(pages: Pages) -> None:
    given = pages.begun(FIELDS)
    page = pages.post({**given, "from": "位wate"}, "look").text
    assert "“位wate”不是一个单位的全名" in text(page)
    assert 'form="draft" name="do" value="from:water"' in page
    chosen = pages.post({**given, "from": "位wate"}, "from:water").text
    named = pages.post({**given, "from": "water"}, "look").text
    assert "单位water（water）" in chosen
    # What it opens hangs on what the tests before recorded; it is what the full name has it open.
    outcomes = [text(each).partition("会产生和消除什么问题")[2][:300] for each in (chosen, named)]
    assert outcomes[0] == outcomes[1] != ""
    assert 'formaction="/drafts?lang=zh#effects" name="do" value="look"' in chosen


def test_a_matter_named_in_part_is_chosen_among_those_that_fit(pages: Pages) -> None:
    given = pages.begun(FIELDS)
    page = pages.post({**given, "matter": "砂"}, "look").text
    assert "“砂”是哪一项，请选" in text(page)
    # The power over it is called so too, and is nothing that a duty can be handed down as.
    assert re.findall('form="draft" name="do" value="(matter:[^"]*)"', page) == ["matter:D-SAND"]
    chosen = pages.post({**given, "matter": "砂"}, "matter:D-SAND").text
    named = pages.post({**given, "matter": "D-SAND"}, "look").text
    assert "采砂管理（D-SAND）" in chosen
    outcomes = [text(each).partition("会产生和消除什么问题")[2][:300] for each in (chosen, named)]
    assert outcomes[0] == outcomes[1] != ""


def test_a_proposal_is_answered_once_and_refused_only_with_a_reason(pages: Pages) -> None:
    page = pages.get("/proposals/P-1")
    fields = {**pages.hidden(page), "by": "water"}
    assert "请写明理由" in text(pages.send("POST", "/proposals/P-1", data={**fields, "answer": "refuse"}).text)
    refused = {**fields, "answer": "refuse", "reason": "不合适"}
    assert pages.send("POST", "/proposals/P-1", data={**refused, "by": "月球"}).status_code == 404
    assert pages.send("POST", "/proposals/P-1", data=refused).status_code == 303
    again = pages.send("POST", "/proposals/P-1", data={**fields, "answer": "admit"})
    assert again.status_code < 500
    page = text(pages.get("/proposals/P-1"))
    assert "不合适" in page
    assert "这个单位无权答复" in page
    assert "不准入" in text(pages.get("/proposals?within=420684&state=answered"))
    shown = pages.get("/proposals?within=420684")
    assert "P-1" not in shown
    every = re.search(r'href="(/proposals\?[^"]*)"[^>]*>全部<', shown)
    assert every is not None
    assert "P-1" in pages.get(html.unescape(every[1]))
    pages.get("/proposals?within=420684&state=x", 400)
    pages.get("/proposals?within=nowhere", 404)
    pages.get("/proposals/nothing", 404)


def test_a_proposal_says_what_it_would_open_and_is_carried_out_twice_only_on_purpose(
    pages: Pages, connection: psycopg.Connection
) -> None:
    given = pages.begun({**FIELDS, "to:town": "", f"to:{MANY[0]}": "1", "at": str(today())})
    assert pages.post(given, "propose").status_code == 303
    outcome = text(pages.get(f"/drafts/{given['id']}"))
    assert re.search(r"会产生 [1-9]\d* 个问题", outcome)
    assert "申请本身不产生" in outcome
    address = f"/proposals/{given['id']}-{MANY[0]}"
    hidden = pages.hidden(pages.get(address))
    long = pages.send(
        "POST", address, data={**hidden, "by": "420684", "answer": "admit", "reason": "由" * 2001}, headers=PAGE
    )
    assert long.status_code == 400
    admitted = pages.send("POST", address, data={**hidden, "by": "420684", "answer": "admit"}, headers=PAGE)
    page = pages.get(admitted.headers["location"])
    assert "已记录：准入这项申请" in text(page)
    draft = re.search(r'href="(/drafts/new[^"]*)"', page)
    assert draft is not None
    first, second = ({**query(draft[1]), **pages.hidden(pages.get(html.unescape(draft[1])))} for _ in range(2))
    assert pages.post(first, "record").status_code == 303
    before = head(connection)
    back = {**query(draft[1]), **pages.hidden(pages.get(html.unescape(draft[1])))}  # by the browser's button
    for again in (second, back, {**back, "sure": "yes"}):
        refused = pages.post(again, "record")
        assert refused.status_code == 409
    assert "什么都没有记录" in text(refused.text)
    sure = re.search(r'name="sure" value="([^"]*)"', refused.text)
    assert sure is not None
    assert head(connection) == before
    given = {**back, **pages.hidden(refused.text), "sure": sure[1]}
    assert pages.post(given, "record").status_code == 303
    assert head(connection) == before + 1


def test_of_two_windows_that_carry_out_a_proposal_at_the_same_time_one_records(
    opened: tuple[psycopg.Connection, Api], pages: Pages
) -> None:
    connection, shown = opened
    wanted = {**FIELDS, "to:town": "", f"to:{MANY[1]}": "1", "at": str(today()), "proposal": "P-2"}
    proposed = decision("DelegationProposed", "2023-01-01", proposal="P-2", matter="D-SAND", from_="water", to=MANY[1])
    admitted = decision("ProposalAdmitted", "2023-02-01", proposal="P-2", by="420684")
    record(connection, [{**proposed, "instrument": "通知1号"}, admitted])
    connection.commit()
    before, windows = head(connection), [pages.begun(wanted) for _ in range(3)]

    async def pressed() -> list[httpx.Response]:
        sent = (shown.client.post("/drafts", data={**one, "do": "record"}, headers=PAGE) for one in windows)
        return await asyncio.gather(*sent)

    answers = shown.runner.run(pressed())
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert head(connection) == before + 1
    for answer in answers:
        if answer.status_code == 409:
            assert re.search("没有记录", text(answer.text))
            assert f'value="{today()}"' in answer.text  # what was filled in is there still


def query(href: str) -> dict[str, str]:
    """The fields that the address of a new draft fills in."""
    return dict(parse_qsl(urlsplit(html.unescape(href)).query))


def test_drafts_together_have_a_bound_and_are_listed_without_what_is_in_them(
    pages: Pages, connection: psycopg.Connection
) -> None:
    given = pages.begun(FIELDS, "save")
    connection.execute(
        "INSERT INTO drafts.draft (id, account, title, content, changed_by)"
        " SELECT 'CG-20260101-' || lpad(n::text, 8, '0'), '', 'T' || n,"
        " json_build_object('kind', 'delegate', 'recipients', ARRAY[repeat('x', 1000000)]), ''"
        " FROM generate_series(1, 34) AS n"
    )
    connection.commit()
    try:
        listed = pages.get("/drafts")
        assert "T34" in listed
        assert len(listed) < 200_000
        assert pages.get("/drafts?page=" + "9" * 5000)
        for fields in ({**given, "version": "1", "title": "改"}, {**given, "id": "CG-20260101-99999999"}):
            refused = pages.post(fields, "save")
            assert (refused.status_code, "请先删去" in refused.text) == (409, True)
    finally:
        connection.execute("DELETE FROM drafts.draft WHERE id LIKE 'CG-20260101-%'")
        connection.commit()
    assert pages.post({**given, "version": "1", "title": "改"}, "save").status_code == 303


def test_of_two_who_record_and_propose_a_draft_at_once_only_one_does(opened: tuple[psycopg.Connection, Api]) -> None:
    connection, client = opened
    given = {**Pages(client.send).begun({**FIELDS, "matter": "巡河"}, "save"), "version": "1"}
    before = head(connection)

    async def at_once() -> list[int]:
        posts = [
            client.client.post("/drafts", data={**given, "do": act}, headers=PAGE) for act in ["record", "propose"] * 2
        ]
        return [answer.status_code for answer in await asyncio.gather(*posts)]

    assert set(client.runner.run(at_once())) <= {303, 409}
    assert head(connection) == before + 1


def test_what_was_cut_short_while_being_recorded_is_recorded_and_not_proposed(
    pages: Pages, connection: psycopg.Connection
) -> None:
    given = {**pages.begun({**FIELDS, "matter": "巡河"}, "save"), "version": "1"}
    connection.execute("UPDATE drafts.draft SET doing = 'recorded' WHERE id = %s", (given["id"],))
    connection.commit()
    assert "什么都没有另外记录" in text(pages.post(given, "propose").text)
    assert pages.post(given, "record").status_code == 303
    assert "已记录" in text(pages.get(f"/drafts/{given['id']}"))


def test_of_a_list_with_many_unknown_lines_the_first_are_named(pages: Pages) -> None:
    given = {"kind": "adopt", "from": "water", "instrument": "通知1号", "list": "L-1", "list_title": "清单"}
    page = text(pages.post({**given, "items": "\n".join(f"没有的{number}号" for number in range(900))}, "look").text)
    assert "没有事项“没有的19号”" in page
    assert "没有事项“没有的20号”" not in page
    assert "其后各行尚未核对" in page
