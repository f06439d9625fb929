"""Every number of findings on an overview is how many the ledger has that it links to, as the API pairs them."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.support.browser import Visits

pytestmark = pytest.mark.browser
CHANGE = re.compile(r"(▲ 多|▼ 少) (\d+)")
MOVED = re.compile(r'<h3 id="(?:opened|closed)">[^<]*<a href="#table-moved">(\d+)</a>')
LINK = re.compile(r'<a(?: class="figure")? href="(/findings\?[^"]*)">(\d+)</a>')


def test_each_number_of_an_overview_is_what_it_links_to(demo_server: str) -> None:
    with urlopen(f"{demo_server}/overview/420684?as_of=2026-06-30&lang=zh") as page:
        links = {(html.unescape(href), int(number)) for href, number in LINK.findall(page.read().decode())}
    pairs = [({name: one[0] for name, one in parse_qs(urlsplit(href).query).items()}, number) for href, number in links]
    assert len({query.get("rule") for query, _ in pairs}) > 5
    assert {"VIOLATION", "WARNING", "REVIEW"} <= {query.get("severity") for query, _ in pairs}
    rows = _rows(demo_server, pairs)
    for (query, number), nodes in zip(pairs, rows, strict=True):
        assert number == sum(query.get("branch") in (None, node["unit"]["code"]) for node in nodes), query


FIGURES = "duties led withPower withoutPower powers assigned funded unfunded violations violationsPer100Duties"
COUNTED = re.compile(r'<td class="number[^>]*data-head="([^"]+)"[^>]*><a href="([^"]*)">([0-9.]+)</a>')
# Counted once for a matter, on however many grounds.
ONCE = ("Duties", "Duties led", "Led with power", "Led without power")


@pytest.mark.parametrize("unit", ["420684", "420684104", "420684102201"])
def test_each_number_of_a_balance_leads_to_as_many_rows(demo_server: str, unit: str) -> None:
    # Of a county each office and township, of a township its villages, of a village itself.
    day = "2026-06-30"
    fields = f"below {{ unit {{ code kind level }} figures {{ {FIGURES} }} }}"
    balance = _data(demo_server, f'{{ balance(within: "{unit}", asOf: "{day}") {{ {fields} }} }}')["balance"]["below"]
    page = _text(demo_server, f"/balance/{unit}?as_of={day}&page=all&lang=en")
    body = page.partition('id="table-latest"')[2].partition("</tbody>")[0]
    rows = [COUNTED.findall(row) for row in body.split("<tr>")[2:]]
    assert len(rows) == len(balance)
    checked: Counter[str] = Counter()
    for given, row in zip(balance, rows, strict=True):
        named = FIGURES.split() if given["figures"]["duties"] else FIGURES.split()[:-1]
        assert sorted(number for _, _, number in row) == sorted(f"{given['figures'][name]:g}" for name in named)
        for title, href, number in row:
            if (
                float(number)
                and "/balance/" not in href
                and checked[title] < 4
                and title != "Violations per 100 duties"
            ):
                checked[title] += 1
                listed = json.loads(_text(demo_server, html.unescape(href).partition("#")[0] + "&format=json"))
                once = title in ONCE
                effective = [each for each in listed if each.get("effective", 1)]
                assert (len({each["matter"] for each in listed}) if once else len(effective)) == int(number), href
    assert sum(checked.values()) >= 5, checked


@pytest.mark.parametrize(("lang", "word"), [("zh", "下放无效的不算"), ("en", "in vain are not counted")])
def test_a_balance_says_what_each_number_counts_and_leads_to_its_rows(demo_server: str, lang: str, word: str) -> None:
    page = _text(demo_server, f"/balance/420684?to=2026-06-30&lang={lang}")
    meanings = page.partition('id="meanings"')[2].partition("</details>")[0]
    assert meanings.count("<dt>") == meanings.count("<dd>") == meanings.count("<a href") == len(FIGURES.split())
    assert word in meanings
    links = re.findall(r'<a href="([^"]*)">([0-9.]+)</a></dt>', meanings)
    ledgers = {html.unescape(href) for href, _ in links if "severity=violation" in href}
    about_duties, violations = sorted(ledgers, key=lambda href: "kind=duty" not in href)
    assert "kind=duty" in about_duties
    assert "as_of=2026-06-30" in violations  # the day of the numbers, not today's
    number = next(number for href, number in links if html.unescape(href) == violations and "." not in number)
    assert len(json.loads(_text(demo_server, violations + "&format=json"))) == int(number)


@pytest.mark.parametrize("show", ["assigned", "funded", "unfunded", "findings", "duties", "burdens"])
def test_a_unit_page_lists_the_rows_that_are_asked_for(demo_server: str, show: str) -> None:
    address = "/units/420684104?as_of=2026-06-30&lang=zh&format=json&columns=by,funding,finding,role&show="
    every, shown = (json.loads(_text(demo_server, address + name)) for name in ("", show))
    duties = ("LEAD", "SHARE", "ASSIST")
    kept: dict[str, list[Any]] = {
        "assigned": [row for row in every if row["funding"] is not None],
        "funded": [row for row in every if row["funding"] == "funded"],
        "unfunded": [row for row in every if row["funding"] == "unfunded"],
        "findings": [row for row in every if row["finding"] is not None],
        "duties": [row for row in every if row["role"] in duties],
        "burdens": [row for row in every if row["role"] not in duties],
    }
    assert shown == kept[show]


def test_a_unit_counts_its_duties_as_the_balance_does_and_lists_those_led(demo_server: str) -> None:
    day = "2026-06-30"
    fields = "below { unit { code } figures { duties led withoutPower } }"
    query = f'{{ balance(within: "420684102", asOf: "{day}") {{ {fields} }} }}'
    (figures,) = (
        one["figures"] for one in _data(demo_server, query)["balance"]["below"] if one["unit"]["code"] == "420684102"
    )
    page = _text(demo_server, f"/units/420684102?as_of={day}&lang=zh")
    assert f">{figures['duties']}</a>项职责，其中牵头 <a" in page
    assert f">{figures['led']}</a></li>" in page
    assert f">{figures['withoutPower']}</a>项牵头无权" in page
    for show, number in (("led", figures["led"]), ("powerless", figures["withoutPower"])):
        rows = json.loads(
            _text(demo_server, f"/units/420684102?as_of={day}&show={show}&format=json&table=duties&columns=matter,role")
        )
        assert {row["role"] for row in rows} == {"LEAD"}
        assert len({row["matter"] for row in rows}) == number


@pytest.mark.parametrize("against", ["year", "half", "2025-12-15"])
def test_what_moved_meanwhile_is_by_how_many_the_findings_grew(demo_server: str, against: str) -> None:
    page = _text(demo_server, f"/overview/420684?as_of=2026-11-30&against={against}&lang=zh")
    grown = sum(int(number) if sign == "▲ 多" else -int(number) for sign, number in CHANGE.findall(page))
    opened, closed = (int(number) for number in MOVED.findall(page))
    assert grown == opened - closed != 0


def test_a_county_is_shown_the_lists_made_for_it_and_severities_are_words_in_files(demo_server: str) -> None:
    lists = json.loads(_text(demo_server, "/units/420684?tab=lists&format=json&table=made&lang=zh"))
    assert "宜城市镇（街道）基本履职事项清单" in {row["title"] for row in lists}
    rows = json.loads(
        _text(demo_server, "/findings?within=420684&as_of=2026-06-30&sort=severity&format=json&table=findings&lang=zh")
    )
    severities = [row["severity"] for row in rows]
    assert severities == sorted(severities, key=["VIOLATION", "WARNING", "REVIEW"].index)
    assert len(set(severities)) == 3


def test_a_matrix_says_what_it_counts_beside_what_the_balance_and_the_ledger_count(demo_server: str) -> None:
    day = "2026-11-30"
    page = _text(demo_server, f"/matrix/420684?as_of={day}&lang=zh")
    (whole,) = re.findall(r'全地域各级单位（含村、部门）牵头无权 <a href="/balance/420684[^"]*">(\d+)</a>', page)
    (ledger,) = re.findall(r'列入台账的问题 <a href="(/findings[^"]*)">(\d+)</a>', page)
    total = f'balance(within: "420684", asOf: "{day}") {{ total {{ withoutPower }} }}'
    assert _data(demo_server, f"{{ {total} }}")["balance"]["total"]["withoutPower"] == int(whole)
    assert len(json.loads(_text(demo_server, html.unescape(ledger[0]) + "&format=json"))) == int(ledger[1])
    assert re.search(r"<option[^>]* selected>下一级（乡级，\d+ 个单位）</option>", page)
    overview = _text(demo_server, f"/overview/420684?as_of={day}&lang=zh")
    assert f">{whole}</a> 项（各级单位牵头的）" in overview
    assert re.search(rf'列入台账的问题 <a href="/findings[^"]*">{ledger[1]}</a> 个', overview)


@pytest.mark.parametrize(
    ("lang", "staff", "both"),
    [
        ("zh", "随附保障：人员 → 人员、经费", "随附保障：无 → 经费"),
        ("en", "brings: staff → staff, funds", "brings: none → funds"),
    ],
)
def test_a_change_says_from_what_to_what(demo_server: str, lang: str, staff: str, both: str) -> None:
    address = f"/changes/420684?from=2024-05-31&to=2025-03-01&lang={lang}"
    rows = json.loads(_text(demo_server, f"{address}&format=json&columns=change,what"))
    changed = [row["what"] for row in rows if row["change"] == "changed"]
    assert staff in changed
    assert both in changed
    assert {row["what"] for row in rows if row["change"] != "changed"} == {None}
    page = _text(demo_server, f"{address}&q=FX24&sort=change")
    assert staff in html.unescape(page)


def _text(server: str, address: str) -> str:
    with urlopen(server + quote(address, safe="/?&=#%")) as answer:
        return answer.read().decode()


def _data(server: str, query: str) -> dict[str, Any]:
    """What the API answers."""
    request = Request(f"{server}/graphql", json.dumps({"query": query}).encode(), {"content-type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)["data"]


def _rows(server: str, pairs: list[tuple[dict[str, str], int]]) -> list[list[dict[str, dict[str, str]]]]:
    """What the API answers for each link: its findings, with their units."""
    rows: list[list[dict[str, dict[str, str]]]] = []
    for start in range(0, len(pairs), 10):
        fields: list[str] = []
        for index, (query, _) in enumerate(pairs[start : start + 10]):
            wanted = [f'within: "{query["within"]}"', f'asOf: "{query["as_of"]}"', "first: 200"]
            wanted += [f'rule: "{query["rule"]}"'] if "rule" in query else []
            wanted += [f"{name}: {query[name].upper()}" for name in ("severity", "state", "kind") if name in query]
            fields.append(f"q{index}: findings({', '.join(wanted)}) {{ nodes {{ unit {{ code }} }} }}")
        data = _data(server, "{ " + " ".join(fields) + " }")
        rows += [data[f"q{index}"]["nodes"] for index in range(len(fields))]
    return rows


def test_burdens_of_a_town_on_the_day_and_in_the_year_are_told_apart_and_lead_to_as_many(demo_server: str) -> None:
    town, day = "420684103", "2026-11-30"
    fields = "units(first: 200) { nodes { unit { code } tallies { imposed } } }"
    answer = _data(demo_server, f'{{ burdenTotals(within: "{town}", asOf: "{day}") {{ {fields} }} }}')
    of = {
        one["unit"]["code"]: sum(tally["imposed"] for tally in one["tallies"])
        for one in answer["burdenTotals"]["units"]["nodes"]
    }
    page = _text(demo_server, f"/burdens?within={town}&from=420684&as_of={day}&lang=zh")
    (own,) = re.findall(r'本级 <a href="(/burdens\?[^"]*)">(\d+)</a> 项，以下各级单位 <a [^>]*>(\d+)</a> 项', page)
    assert (int(own[1]), int(own[2])) == (of[town], sum(of.values()) - of[town])
    assert of[town]
    assert int(own[2])
    assert len(json.loads(_text(demo_server, html.unescape(own[0]) + "&format=json&table=burdens"))) == of[town]
    unit = _text(demo_server, f"/units/{town}?as_of={day}&lang=zh")
    (held,) = re.findall(r'href="(/units/[^"]*)">(\d+)</a>项负担这一天在办', unit)
    assert len(json.loads(_text(demo_server, html.unescape(held[0]) + "&format=json&table=duties"))) == int(held[1]) > 0
    assert f"/burdens?within={town}&amp;to={town}" in re.sub(r"as_of=[^&]*&amp;", "", unit)


def test_burdens_are_counted_by_who_laid_them_and_narrowed_to_a_level(demo_server: str) -> None:
    address = "/burdens?within=420684&as_of=2026-11-30&lang=zh"
    every = json.loads(_text(demo_server, f"{address}&format=json&table=burdens&columns=to,from"))
    senders = json.loads(_text(demo_server, f"{address}&format=json&table=senders"))
    assert [row["number"] for row in senders] == sorted((row["number"] for row in senders), reverse=True)
    assert {row["sender"]: row["number"] for row in senders} == Counter(row["from"] for row in every)
    links = re.findall(r'<a href="(/burdens\?[^"]*from=[^"]*)">(\d+)</a>', _text(demo_server, address))
    first, number = next(iter(links))
    assert len(json.loads(_text(demo_server, html.unescape(first) + "&format=json&table=burdens"))) == int(number)
    levels = [
        len(json.loads(_text(demo_server, f"{address}&level={level}&format=json&table=burdens")))
        for level in ("county", "township", "village")
    ]
    assert sum(levels) == len(every)
    assert levels[1]
    assert levels[2]


def test_the_heat_map_is_narrowed_to_violations_sorted_by_them_and_taken_away_as_a_picture(demo_server: str) -> None:
    address = "/overview/420684?as_of=2026-11-30&lang=zh"
    every = json.loads(_text(demo_server, f"{address}&format=json&table=heat&heat-sort=-violations"))
    violations = [row["violations"] for row in every]
    assert violations == sorted(violations, reverse=True)
    narrowed = json.loads(_text(demo_server, f"{address}&severity=V&format=json&table=heat"))
    assert {row["unit"]: row["total"] for row in narrowed} == {
        row["unit"]: row["violations"] for row in every if row["violations"]
    }
    worst = json.loads(_text(demo_server, f"{address}&format=json&table=worst"))
    assert {row["unit"]: row["violations"] for row in worst} == {row["unit"]: row["total"] for row in narrowed}
    rates = [row["rate"] for row in worst]
    assert rates == sorted(rates, reverse=True)
    page = _text(demo_server, f"{address}&severity=V")
    assert "format=svg&amp;picture=heat-map" in page
    with urlopen(f"{demo_server}{address}&severity=V&format=svg&picture=heat-map") as answer:
        drawn = answer.read().decode()
        assert unquote(answer.headers["content-disposition"]).endswith("违规分布：单位和规则 宜城市 2026-11-30.svg")
    assert "单位：宜城市" in drawn
    assert all(f">{row['unit']}</text>" in drawn for row in narrowed)
    with urlopen(f"{demo_server}/findings?within=420684103&as_of=2026-11-30&lang=zh&format=csv") as answer:
        assert unquote(answer.headers["content-disposition"]).endswith(" 小河镇 2026-11-30.csv")


def test_the_units_with_the_most_violations_are_sorted_filtered_paged_and_added_up(
    visits: Visits, demo_server: str
) -> None:
    address = "/overview/420684?lang=zh"
    rates = [row["rate"] for row in json.loads(_text(demo_server, f"{address}&format=json&table=worst"))]
    window = visits.window()
    window.open(address)
    for sign, highest_first in (("", False), ("-", True)):
        window.page.click("#table-worst th:last-child a")
        window.page.wait_for_url(f"**worst-sort={sign}rate*")
        shown = [float(text) for text in window.page.locator("#table-worst tbody td:last-child").all_inner_texts()]
        assert shown == sorted(rates, reverse=highest_first)[:10]
    window.page.click("#table-worst .pages a >> text=下一页")
    window.page.wait_for_url("**worst-page=2*")
    assert window.page.locator("#table-worst tbody tr").count() == len(rates) - 10
    window.page.fill("#filter-worst", "刘猴镇")
    window.page.click("#table-worst .tools button")
    window.page.wait_for_url("**worst-q=*")
    (row,) = window.page.locator("#table-worst tbody tr").all_inner_texts()
    assert row.startswith("刘猴镇")
    window.open(address)
    window.page.click("#table-burdens .tucked > summary")  # a short table folds what narrows it down
    window.page.fill("#filter-burdens", "报表")
    window.page.click("#table-burdens .tools button")
    window.page.wait_for_url("**burdens-q=*")
    assert window.page.locator("#table-burdens tbody tr").count() == 1
    assert window.page.locator("#table-burdens tfoot").count() == 0
    window.check()


@pytest.mark.parametrize(
    ("path", "table", "counted"),
    [
        ("/reports?within=420684", "senders", "reports"),
        ("/reports?within=420684", "units", "reports"),
        ("/reports?within=420684&since=2026-01-01", "senders", "reports"),
        ("/overview/420684?as_of=2026-06-30", "burdens", "burdens"),
        ("/overview/420684102?as_of=2026-11-30", "burdens", "burdens"),
        ("/matrix/420684?as_of=2026-11-30", "duties", "holders"),
        ("/matrix/420684?as_of=2026-11-30&group=all&category=&show=powerless", "duties", "holders"),
    ],
)
def test_a_number_leads_to_as_many_rows_as_it_counts(demo_server: str, path: str, table: str, counted: str) -> None:
    section = _text(demo_server, f"{path}&lang=zh").partition(f'id="table-{table}"')[2].partition("</section>")[0]
    numbers = re.findall(r'<td class="number[^"]*"[^>]*><a href="([^"]+)">(\d+)</a>', section)
    assert len(numbers) > 5
    for href, number in dict.fromkeys(numbers):
        address = html.unescape(href).partition("#")[0]
        rows = json.loads(_text(demo_server, f"{address}&format=json&table={counted}"))
        assert len(rows) == int(number), address


LINKED = re.compile(r'<td class="number[^"]*" data-head="([^"]+)"[^>]*><a href="([^"]+)">(\d+)(?: ✗(\d+))?</a>')


def _linked(server: str, path: str, table: str) -> list[tuple[str, str, int, int | None]]:
    """The numbers of a table: their heads, where they lead, the number and what of it lacks power."""
    section = _text(server, f"{path}&lang=zh").partition(f'id="table-{table}"')[2].partition("</section>")[0]
    links = LINKED.findall(section)
    return [
        (head, html.unescape(href), int(number), int(lacking) if lacking else None)
        for head, href, number, lacking in links
    ]


def _listed(server: str, href: str, table: str | None = None) -> list[dict[str, Any]]:
    """The rows of the table that an address leads to."""
    address, _, anchor = href.partition("#")
    return json.loads(_text(server, f"{address}&format=json&table={table or anchor.removeprefix('table-')}"))


def test_a_category_of_a_matrix_leads_to_each_duty_of_each_unit_that_it_counts(demo_server: str) -> None:
    links = _linked(demo_server, "/matrix/420684?as_of=2026-11-30&show=powerless", "categories")
    assert {"职责数", "无权合计", "郑集镇"} <= {head for head, *_ in links}
    assert any(lacking for *_, lacking in links)
    for head, href, number, lacking in links[:60]:
        rows = _listed(demo_server, href)
        assert len(rows) == number, href
        if lacking is not None:
            assert ({row["unit"] for row in rows}, Counter(row["role"] for row in rows)["牵头无权"]) == (
                {head},
                lacking,
            )


def test_powers_that_are_missing_lead_to_each_case(demo_server: str) -> None:
    links = _linked(demo_server, "/matrix/420684?as_of=2026-11-30&show=powerless", "missing")
    counted = {"所缺权力项数": "power", "缺权单位数": "unit"}
    assert {head for head, *_ in links} == {*counted, "缺权合计"}
    for head, href, number, _ in links:
        rows = _listed(demo_server, href)
        assert number == (len({row[counted[head]] for row in rows}) if head in counted else len(rows)), href


@pytest.mark.parametrize(
    ("table", "column", "others"), [("senders", "涉及单位", "recipients"), ("recipients", "布置单位数", "senders")]
)
def test_burdens_lead_from_who_laid_them_to_whom_they_are_on_and_back(
    demo_server: str, table: str, column: str, others: str
) -> None:
    links = [
        link for link in _linked(demo_server, "/burdens?within=420684&as_of=2026-11-30", table) if link[0] == column
    ]
    assert len(links) > 3
    for _, href, number, _ in links:
        assert href.endswith(f"#table-{others}")
        assert len(_listed(demo_server, href)) == number, href


def test_charts_are_as_wide_as_a_desk_and_no_wider_than_they_are_read(visits: Visits) -> None:
    window = visits.window()
    window.open("/balance/420684?from=2026-01-01&to=2026-09-30&lang=zh")
    wide = "pictures => pictures.map(each => each.getBoundingClientRect().width / each.parentElement.clientWidth)"
    widths = window.page.eval_on_selector_all(".drawn > svg", wide)
    assert len(widths) == 3
    assert all(0.95 < width <= 1 for width in widths), widths
