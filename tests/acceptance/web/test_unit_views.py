"""A unit's view shows what the API answers, row by row, and its paper says the same; over the demo county."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import docx
import pytest

from registry import law
from registry.domain.dates import today
from registry.queries import sounds
from registry.web.console.views import documents
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.visitor import Visitor

pytestmark = pytest.mark.slow  # every view of many units

UNITS: Final = ("420684104", "420684106201", "420684-emergency")
ANSWER: Final = """query ($code: ID!) { unit(code: $code) {
    responsibilities { nodes { subject by role since dueOn brings from { name } instrument { number }
        matter { code name needs requires { code name } } missing { code } } }
    burdens { ref kind at matter { name } from { name } }
    findings { nodes { rule subject severity missing matter { code } } } } }"""
TABS: Final = ("powers", "lists", "sent", "below", "reports", "assessments", "history", "compare")


@pytest.fixture(scope="module")
def demo(server_url: str, judged_template: str) -> Iterator[Api]:
    with database_copy(server_url, judged_template) as url, api(url) as opened:
        yield opened


def rows(demo: Api, path: str) -> list[dict[str, Any]]:
    """All rows and columns of a view's table, as values."""
    answer = demo.send("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("code", UNITS)
def test_the_table_is_what_the_api_answers(demo: Api, code: str) -> None:
    unit = demo.ask(ANSWER, code=code)["unit"]
    columns = "role,matter,by,sender,document,since,due,powers,missing,means,finding,subject"
    shown = {row["subject"]: row for row in rows(demo, f"/units/{code}?format=json&columns={columns}&lang=zh")}
    duties, burdens = unit["responsibilities"]["nodes"], unit["burdens"]
    assert shown.keys() == {each["subject"] for each in duties} | {each["ref"] for each in burdens}
    for duty in duties:
        row, lacking = shown[duty["subject"]], {power["code"] for power in duty["missing"]}
        assert (row["role"], row["by"], row["since"], row["due"]) == (
            *(duty["role"], duty["by"], duty["since"], duty["dueOn"]),
        )
        assert row["matter"] == duty["matter"]["name"]
        assert row["sender"] == (duty["from"] and duty["from"]["name"])
        powers = [("✗ " if each["code"] in lacking else "✓ ") + each["name"] for each in duty["matter"]["requires"]]
        assert (row["powers"] or "") == "；".join(powers)
        assert row["missing"] == len(lacking)
        assert duty["instrument"] is None or row["document"] == duty["instrument"]["number"]
    for burden in burdens:
        row = shown[burden["ref"]]
        assert (row["role"], row["matter"], row["since"]) == (burden["kind"], burden["matter"]["name"], burden["at"])
    marked = {subject for subject, row in shown.items() if row["finding"] is not None}
    assert marked == {each["subject"] for each in unit["findings"]["nodes"]} & shown.keys()


def test_what_is_missing_is_what_the_checker_finds(demo: Api) -> None:
    query = """{ findings(within: "420684", rule: "duty-without-power") { nodes { subject missing unit { code } } } }"""
    findings = demo.ask(query)["findings"]["nodes"]
    assert len(findings) > 3
    held = "query ($c: ID!) { unit(code: $c) { responsibilities { nodes { subject missing { code } } } } }"
    for finding in findings:
        holdings = demo.ask(held, c=finding["unit"]["code"])["unit"]["responsibilities"]["nodes"]
        (missing,) = [each["missing"] for each in holdings if each["subject"] == finding["subject"]]
        assert [power["code"] for power in missing] == finding["missing"]


def test_missing_powers_are_added_up_by_the_bureaus_that_hold_them(demo: Api) -> None:
    query = """{ findings(within: "420684", rule: "duty-without-power") { nodes { subject missing unit { code } } } }"""
    findings = demo.ask(query)["findings"]["nodes"]
    lacking = [(one["unit"]["code"], one["subject"], power) for one in findings for power in one["missing"]]
    held = """query ($m: ID!) { holdersPage(matter: $m, within: "420684") { nodes {
        unit { name level powers { effective power { code } } } } } }"""
    expected: dict[str, list[tuple[str, str, str]]] = {}
    for case in lacking:
        nodes = demo.ask(held, m=case[2])["holdersPage"]["nodes"]
        bureaus = {
            one["unit"]["name"]
            for one in nodes
            if one["unit"]["level"] not in ("TOWNSHIP", "VILLAGE")
            and {"effective": True, "power": {"code": case[2]}} in one["unit"]["powers"]
        }
        for name in bureaus or {"本地域内没有部门有效掌握"}:
            expected.setdefault(name, []).append(case)
    shown = rows(demo, "/matrix/420684?show=powerless&format=json&table=missing")
    assert {(row["bureau"], row["cases"], row["powers"], row["units"]) for row in shown} == {
        (name, len(cases), len({case[2] for case in cases}), len({case[0] for case in cases}))
        for name, cases in expected.items()
    }
    assert len(shown) > 1
    assert any(
        "户外电子显示屏设置许可" in row["names"] for row in shown if "有效掌握" in row["bureau"]
    )  # a ring of void grants
    page = demo.send("GET", "/matrix/420684?show=powerless&lang=zh").text
    whole = re.search(r'共缺 <a href="([^"]+)">(\d+)</a> 项次', page)
    assert whole
    every = rows(demo, html.unescape(whole[1]).partition("#")[0] + "&format=json&table=lacking")
    assert len(every) == int(whole[2]) == len(lacking)


def test_a_finding_tells_of_those_who_hold_a_missing_power_which_hold_it_effectively(demo: Api) -> None:
    nodes = demo.ask(
        """{ findings(within: "420684", rule: "duty-without-power") { nodes { subject unit { code name } } } }"""
    )
    seen = set[bool]()
    for one in nodes["findings"]["nodes"]:
        address = f"/findings/one?rule=duty-without-power&unit={one['unit']['code']}&subject={one['subject']}"
        for row in rows(demo, f"{address}&format=json&table=holders"):
            if row["unit"] is not None:
                seen.add(row["effective"])
                assert not (row["effective"] and row["unit"] == one["unit"]["name"]), one  # it is what it lacks
    assert seen == {True, False}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_bar_finds_units_and_matters_as_they_sound_and_the_rest_by_number_and_title(demo: Api, lang: str) -> None:
    for typed, address in {
        "yingjiguanliju": "/units/420684-emergency?",
        "yjglj": "/units/420684-emergency?",
        "zhengjizhen": "/overview/420684102?",
        "森林防灭火": "/matters/D-FOREST-FIRE?",
        "senlinfangmiehuo": "/matters/D-FOREST-FIRE?",
        "slfmh": "/matters/D-FOREST-FIRE?",
        "宜政办发〔2023〕17号": "/documents/",
        "YC-CERT16": "/lists/YC-CERT16?",
        "420684-emergency": "/units/420684-emergency?",
        "D-FOREST-FIRE": "/matters/D-FOREST-FIRE?",
        "budexiangcun": "/lists/VILLAGE-DOCUMENTS-NEGATIVE?",
        "bdxc": "/lists/VILLAGE-DOCUMENTS-NEGATIVE?",
        "nongchanpinzhiliang": f"/documents/{quote('主席令第120号（2022）')}?",
        "ncpzlaq": f"/documents/{quote('主席令第120号（2022）')}?",
    }.items():
        page = demo.send("GET", f"/search?q={typed}&lang={lang}", headers={"accept": "text/html"}).text
        assert f'href="{address}' in page, typed
        few = demo.send("GET", f"/search?q={typed}&lang={lang}", headers={"accept": "text/html", "hx-request": "true"})
        assert f'href="{address}' in few.text, typed
    page = demo.send("GET", f"/search?q=senlinfanghuo&lang={lang}", headers={"accept": "text/html"}).text
    assert "· 森林防火</span>" in page  # by which of its names it was meant


@pytest.mark.parametrize(
    ("question", "typed", "code"),
    [
        ('units(within: "420684", search: $q', "yingjiguanliju", "420684-emergency"),
        ("units(search: $q", "yjglj", "420684-emergency"),
        ("units(level: COUNTY, search: $q", "yjglj", "420684-emergency"),
        ("matters(search: $q", "slfmh", "D-FOREST-FIRE"),
        ("matters(kind: DUTY, search: $q", "senlinfanghuo", "D-FOREST-FIRE"),  # an alias
        ("lists(search: $q", "budexiangcun", "VILLAGE-DOCUMENTS-NEGATIVE"),
        ('lists(unit: "420684102", search: $q', "bdxxz", "TOWNSHIP-DOCUMENTS-NEGATIVE"),
        ("instruments(search: $q", "ncpzlaq", "主席令第120号（2022）"),
        ("instruments(inForce: true, search: $q", "nongchanpinzhiliang", "主席令第120号（2022）"),
    ],
)
def test_searches_of_the_api_find_what_sounds_so_page_by_page(demo: Api, question: str, typed: str, code: str) -> None:
    name = "number" if question.startswith("instruments") else "code"
    arguments = f"first: 1, after: $after) {{ totalCount nodes {{ {name} }} pageInfo {{ hasNextPage endCursor }} }}"
    query = f"query ($q: String!, $after: String) {{ found: {question}, {arguments} }}"
    results: list[str] = []
    after: str | None = None
    while True:
        page = demo.ask(query, q=typed, after=after)["found"]
        results += [each[name] for each in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert code in results
    assert results == sorted(set(results))
    assert page["totalCount"] == len(results)
    assert demo.ask(query, q=f"{typed}xqz", after=None)["found"]["totalCount"] == 0


def test_where_very_many_sound_so_the_api_asks_for_more_and_the_bar_says_it(
    demo: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sounds, "MOST_HEARD", 2)
    refused = demo.refused('{ lists(search: "budexiang") { totalCount } }')
    assert "超过 2 个" in refused["message"]["zh"]
    page = demo.send("GET", "/search?q=budexiang", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "清单和文件：读音像“budexiang”的超过 2 个" in page.text


def test_each_tab_is_an_address_and_a_tables_file(demo: Api) -> None:
    for tab in TABS:
        for code in ("420684104", "420684-agriculture", "420684"):
            page = demo.send("GET", f"/units/{code}?tab={tab}")
            assert page.status_code == 200, (tab, code, page.text)
            assert 'aria-current="page"' in page.text
    handed = rows(demo, "/units/420684-agriculture?tab=sent&format=json&columns=ref,matter,to")
    query = """{ unit(code: "420684-agriculture") { handedDown { totalCount nodes { ref matter { name } to { name } } }
        handedDownByLists { subject name } } }"""
    unit = demo.ask(query)["unit"]
    nodes = unit["handedDown"]["nodes"]
    assert handed == [{"ref": one["ref"], "matter": one["matter"]["name"], "to": one["to"]["name"]} for one in nodes]
    assert len(handed) == unit["handedDown"]["totalCount"] > 5
    by_lists = rows(demo, "/units/420684-agriculture?tab=sent&format=json&table=sent-by-lists")
    assert len(by_lists) == len(unit["handedDownByLists"]) > 5
    powers = demo.ask('{ unit(code: "420684104") { powers { effective power { name } chain links { subject } } } }')
    for power in powers["unit"]["powers"]:
        assert [link["subject"] for link in power["links"]] == power["chain"]
    shown = rows(demo, "/units/420684104?tab=powers&format=json")
    assert {row["power"] for row in shown} == {each["power"]["name"] for each in powers["unit"]["powers"]}
    assert demo.send("GET", "/units/420684104/lists").status_code == 200


def test_a_page_can_have_all_rows_for_printing(demo: Api) -> None:
    page = demo.send("GET", "/units/420684104?lang=en").text
    assert page.count("<tr>") == 51
    address = re.search(r'href="([^"]+)">All, for printing', page)
    assert address is not None
    whole = demo.send("GET", html.unescape(address[1])).text
    assert whole.count("<tr>") == len(rows(demo, "/units/420684104?format=json")) + 1
    assert "All, for printing" not in whole


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("/findings?within=420684&lang=zh", "message"),
        ("/changes/420684?from=2025-09-01&to=2026-06-30&lang=zh", "matter"),
    ],
)
def test_each_page_shows_its_own_rows_of_all(demo: Api, path: str, column: str) -> None:
    every = [row[column] for row in rows(demo, f"{path}&format=json")]
    assert len(every) > 100
    for page in (1, 2, len(every) // 50 + 1, 1000):
        text = demo.send("GET", f"{path}&page={page}", headers={"accept": "text/html"}).text
        assert f"共 {len(every)} 行" in text
        table = text[text.index("<tbody>") : text.index("</tbody>")]
        expected = every[(min(page, len(every) // 50 + 1) - 1) * 50 :][:50]
        assert table.count("<tr>") == len(expected)
        at = 0
        for cell in expected:
            at = table.index(html.escape(cell, quote=True) if cell else "<tr>", at) + 1


def test_the_paper_says_what_the_page_says(demo: Api) -> None:
    answer = demo.send("GET", "/units/420684104?format=docx&lang=en")
    assert answer.status_code == 200
    paper = docx.Document(io.BytesIO(answer.content))
    texts = [paragraph.text for paragraph in paper.paragraphs]
    assert texts[0] == "刘猴镇权责情况表"
    assert texts[1].startswith("截至")
    duties, powers = paper.tables
    page = rows(demo, "/units/420684104?format=json&columns=matter")
    assert [row.cells[1].text for row in duties.rows[1:]] == [row["matter"] for row in page]
    assert len(powers.rows) > 1
    assert "日志根" in paper.sections[0].footer.paragraphs[0].text


def drawn(demo: Api, path: str) -> dict[str, Any]:
    """What the chart of a page draws."""
    page = demo.send("GET", path).text
    return json.loads(page.partition('<script type="application/json" id="way-data">')[2].partition("</script>")[0])


def test_a_matters_holders_are_those_of_the_api_and_all_on_its_way_down(demo: Api) -> None:
    query = """{ holders(matter: "D-FOREST-FIRE", within: "420684") { subject role since unit { name level } } }"""
    held = demo.ask(query)["holders"]
    shown = rows(demo, "/matters/D-FOREST-FIRE?within=420684&format=json&columns=unit,level,role,since")
    expected = [(each["unit"]["name"], each["unit"]["level"], each["role"], each["since"]) for each in held]
    assert [tuple(row.values()) for row in shown] == expected
    chart = drawn(demo, "/matters/D-FOREST-FIRE?within=宜城市")
    names = {node["id"]: node["name"] for node in chart["nodes"]}
    assert {each["unit"]["name"] for each in held} <= set(names.values())
    assert {end for link in chart["links"] for end in (link["source"], link["target"])} <= names.keys()
    folds = [node for node in chart["nodes"] if node.get("folds")]
    folded = [node for node in chart["nodes"] if node.get("fold")]
    assert len(folds) > 5
    assert {node["fold"] for node in folded} == {node["id"] for node in folds}
    # Deep enough to be told apart: no link leads back.
    depth = {node["id"]: node["depth"] for node in chart["nodes"]}
    assert all(depth[link["source"]] < depth[link["target"]] for link in chart["links"])


@pytest.mark.parametrize("power", ["P-FOOD-PROCESS-PENALTY", "YC-P-SCREEN", "P-STREET-OCCUPATION-LICENCE"])
def test_a_power_that_was_handed_down_in_vain_is_marked_so_with_why(demo: Api, power: str) -> None:
    of = f'(matter: "{power}", within: "420684")'
    findings = f"findings{of} {{ nodes {{ message subject unit {{ code }} }} }}"
    held = demo.ask(f"{{ holders{of} {{ subject effective unit {{ code name }} }} {findings} }}")
    shown = rows(demo, f"/matters/{power}?within=420684&format=json&columns=unit,effective,why&lang=zh")
    assert [(row["unit"], row["effective"]) for row in shown] == [
        (one["unit"]["name"], int(one["effective"])) for one in held["holders"]
    ]
    vain = [one for one in held["holders"] if not one["effective"]]
    assert vain
    for one, row in zip(held["holders"], shown, strict=True):
        key = (one["subject"], one["unit"]["code"])
        wrong = [
            each["message"] for each in held["findings"]["nodes"] if (each["subject"], each["unit"]["code"]) == key
        ]
        assert bool(row["why"]) == bool(wrong)
        assert all(message.rstrip("。") in row["why"] for message in wrong)
        assert one["effective"] or wrong
    page = demo.send("GET", f"/matters/{power}?within=420684&lang=zh").text
    assert f"其中 {len(vain)} 个单位没有有效取得这项权力" in page
    tree = page.partition('<ul class="tree">')[2].partition("<h2>")[0]
    assert tree.count("✗ 无效") == len(vain)
    english = demo.send("GET", f"/matters/{power}?within=420684&lang=en").text
    assert english.count(">✗ in vain<") == len(vain)


def test_a_duty_has_no_word_of_being_held_in_effect(demo: Api) -> None:
    page = demo.send("GET", "/matters/D-FOREST-FIRE?within=420684&lang=zh").text
    assert "是否有效" not in page
    assert 'id="void"' not in page


def test_a_ring_is_drawn_apart_from_the_way_down(demo: Api) -> None:
    findings = demo.ask(
        """{ findings(within: "420684", rule: "delegation-loop") { nodes { path matter { code } } } }"""
    )
    about = {each["matter"]["code"] for each in findings["findings"]["nodes"]}
    assert about == {"YC-D-MANHOLE"}
    address = "/matters/YC-D-MANHOLE?within=420684"
    ring = rows(demo, f"{address}&format=json&table=ring-1")
    assert {row["source"] for row in ring} == {row["target"] for row in ring}
    assert len(ring) == len(findings["findings"]["nodes"][0]["path"]) == 3
    picture = demo.send("GET", f"{address}&format=svg&picture=ring-1")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert all(row["source"][:10] in picture.text for row in ring)
    assert len(drawn(demo, address)["links"]) == 2


def test_who_led_a_duty_is_a_table_with_the_moment_of_each_change(demo: Api) -> None:
    query = """{ custody(matter: "D-STRAW-BURNING", within: "420684") { since until holder { name }
        decision { position } } }"""
    spans = demo.ask(query)["custody"]
    shown = rows(demo, "/matters/D-STRAW-BURNING?within=420684&format=json&table=custody")
    assert [(row["since"], row["until"], row["holder"], row["then"]) for row in shown] == [
        (one["since"], one["until"], one["holder"]["name"], one["decision"] and one["decision"]["position"])
        for one in spans
    ]
    page = demo.send("GET", "/matters/D-STRAW-BURNING?within=420684&lang=zh").text
    assert page.count("看当时") == sum(one["decision"] is not None for one in spans) > 3
    assert demo.send("GET", "/matters/D-STRAW-BURNING?within=420684&format=svg&picture=custody").status_code == 200


def test_who_led_a_duty_ends_on_a_day_of_the_past(demo: Api) -> None:
    address = "/matters/D-STRAW-BURNING?within=420684"
    every = rows(demo, f"{address}&format=json&table=custody")
    first, last = min(row["since"] for row in every), max(row["since"] for row in every)
    assert first < last
    for day in sorted({row[name] for row in every for name in ("since", "until") if row[name]}):
        if day > str(today()):
            continue
        shown = rows(demo, f"{address}&as_of={day}&format=json&table=custody")
        stood = [
            (row["since"], row["until"] if row["until"] and row["until"] <= day else None, row["holder"])
            for row in every
            if row["since"] <= day
        ]
        past = day < str(today())
        whole = [(row["since"], row["until"], row["holder"]) for row in every]
        assert [(row["since"], row["until"], row["holder"]) for row in shown] == (stood if past else whole), day
    page = demo.send("GET", f"{address}&as_of={first}&lang=zh").text
    assert f"图和表只到 {first}，以后的变化不在其中" in page
    drawing = demo.send("GET", f"{address}&as_of={first}&format=svg&picture=custody").text
    assert first in drawing
    assert last not in drawing
    assert "图和表只到" not in demo.send("GET", f"{address}&lang=zh").text


def test_a_finding_quotes_the_article_in_force_on_the_day_as_far_as_it_was_read(demo: Api) -> None:
    query = """query ($day: Date) { findings(within: "420684", asOf: $day) { nodes {
        rule subject unit { code } basis } } }"""
    for day, citation, words in (
        ("2026-06-01", "村民委员会组织法》（2025年修正）", "自我管理、自我服务、自我教育、自我监督"),
        ("2025-06-01", "村民委员会组织法》（2018年修正）", "自我管理、自我教育、自我服务的"),
        ("2022-06-01", "行政处罚法》（2021年修订）第十七条、第二十四条", "决定应当公布。"),
    ):
        nodes = demo.ask(query, day=day)["findings"]["nodes"]
        one = next(node for node in nodes if any(citation in basis for basis in node["basis"]))
        address = f"/findings/one?rule={one['rule']}&unit={one['unit']['code']}&subject={one['subject']}"
        page = demo.send("GET", f"{address}&as_of={day}&lang=zh", headers={"accept": "text/html"}).text
        quoted = "".join(re.findall("<blockquote>.*?</blockquote>", page, re.DOTALL))
        assert words in quoted, day
    ledger = demo.send("GET", "/findings?lang=zh", headers={"accept": "text/html"}).text
    assert "一个问题可在几项之中" in ledger
    assert law.quoted("《中华人民共和国村民委员会组织法》（1998年公布）第二条、第四条") == []  # not read: not quoted


def test_a_document_shows_what_rests_on_it_and_what_would_fall(demo: Api) -> None:
    number = "宜政办发〔2023〕17号"
    query = """query ($n: ID!) { restsOn(instrument: $n) { vestings delegations { ref to { name } }
        opened { rule unit { name } } } }"""
    rests = demo.ask(query, n=number)["restsOn"]
    shown = rows(demo, f"/documents/{number}?format=json&columns=ref,to")
    assert shown == [{"to": each["to"]["name"], "ref": each["ref"]} for each in rests["delegations"]]
    assert len(shown) > 10
    falls = rows(demo, f"/documents/{number}?tab=repeal&ask=1&format=json&columns=rule,unit")
    assert falls == [{"rule": each["rule"], "unit": each["unit"]["name"]} for each in rests["opened"]]
    assert len(falls) > 10
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "FALLS_MOST", 5)  # the page has fewer than there are, its files all
        page = Visitor(demo).get(f"/documents/{number}?tab=repeal&ask=1").text
        assert f"还有 {len(falls) - 5} 个没有列出" in page
        assert rows(demo, f"/documents/{number}?tab=repeal&ask=1&format=json&columns=rule,unit") == falls
    assert number in {row["number"] for row in rows(demo, "/documents?q=森林防灭火&format=json")}
    assert {row["name"] for row in rows(demo, "/matters?q=森林防灭火&format=json")} >= {"森林防灭火"}


def test_a_list_that_ended_is_compared_with_the_one_that_followed(demo: Api) -> None:
    visitor = Visitor(demo)
    visitor.get("/lists/compare?list=YC-PLAN-2025&from=2025-06-01&to=2026-06-01&itself=1")
    followed = re.search(r'id="followed">.*?href="([^"]*other=[^"]*)"', visitor.page)
    assert followed
    assert "other=YC-PLAN-2026" in followed[1]
    visitor.get(followed[1].replace("&amp;", "&"))
    assert 'id="followed"' not in visitor.page


@pytest.mark.parametrize("code", [*UNITS, "420684107"])
def test_what_a_unit_held_over_time_ends_with_what_it_holds_today(demo: Api, code: str) -> None:
    unit = demo.ask(ANSWER, code=code)["unit"]
    held = rows(demo, f"/units/{code}?tab=history&table=held&format=json")
    today = {row["subject"] for row in held if row["until"] is None and row["kind"] != "POWER"}
    duties = {(one["subject"], one["since"]) for one in unit["responsibilities"]["nodes"]}
    burdens = {(one["ref"], one["at"]) for one in unit["burdens"]}
    assert today == {subject for subject, _ in duties | burdens}
    since = {row["subject"]: row["since"] for row in reversed(held)}  # the first stretch of each comes last
    delegated = {each for each in duties | burdens if "#" not in each[0]}
    assert {(subject, since[subject]) for subject, _ in delegated} == delegated


def test_what_was_returned_is_in_the_history_with_its_days(demo: Api) -> None:
    held = rows(demo, "/units/420684107?tab=history&table=held&format=json")
    (returned,) = [row for row in held if row["subject"] == "GS-1"]
    assert (returned["since"], returned["until"]) == ("2020-03-10", "2020-06-01")
    assert returned["document"] == "宜交发〔2020〕12号"
    assert (returned["kind"], returned["by"], returned["how"]) == ("DUTY", "delegation", "lead")
    of_list = {row["by"] for row in held if row["subject"].startswith("YC-POWERS#")}
    assert of_list == {"list"}


def test_changes_say_whether_a_duty_or_a_power_changed(demo: Api) -> None:
    changes = rows(demo, "/changes/420684107?from=2021-07-14&to=2021-07-15&format=json")
    kinds = {row["kind"] for row in changes if row["unit"] == "板桥店镇"}
    assert "POWER" in kinds
    assert {row["kind"] for row in changes} <= {"POWER", "DUTY", None}
    assert all(row["kind"] for row in changes if row["matter"])
    shown = demo.send("GET", "/changes/420684107?from=2021-07-14&to=2021-07-15&lang=zh").text
    assert 'data-label="种类">权力' in shown or ">权力</td>" in shown


def test_a_list_goes_by_its_numbers(demo: Api) -> None:
    for code in ("YC-VILLAGE-HELP", "YC-POWERS", "YC-BASIC-2025"):
        numbers = [int(row["item"]) for row in demo.send("GET", f"/v1/lists/{code}.json").json()["items"]]
        assert len(numbers) > 20, code
        assert numbers == sorted(numbers), code


@pytest.mark.parametrize("words", ["郑集镇 森林防灭火", "森林防灭火 郑集镇", "郑集 防灭火"])
def test_a_unit_and_a_matter_in_several_words_give_that_matter_within_that_unit(demo: Api, words: str) -> None:
    page = html.unescape(demo.send("GET", f"/search?q={words}", headers={"accept": "text/html"}).text)
    assert 'href="/matters/D-FOREST-FIRE?within=420684102&' in page
    assert "郑集镇 · 森林防灭火" in page
    assert "within=" not in demo.send("GET", "/search?q=森林防灭火", headers={"accept": "text/html"}).text
