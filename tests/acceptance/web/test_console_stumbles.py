"""What people at a desk stumbled over: two days of a unit, numbers by level, files, days and forms; the demo county."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest

from registry.domain.dates import today
from registry.web.console.views.unit_compared import CHANGES
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow  # views of a whole county


@pytest.fixture(scope="module")
def demo(server_url: str, judged_template: str) -> Iterator[Api]:
    with database_copy(server_url, judged_template) as url, api(url) as opened:
        yield opened


def rows(demo: Api, path: str) -> list[dict[str, Any]]:
    """All rows and columns of a view's table, as values."""
    answer = demo.send("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_duties_of_a_unit_on_two_days_are_compared_one_row_for_each(demo: Api) -> None:
    town, days = "420684109", ("2025-03-01", "2026-11-29")
    question = """query ($on: Date) { unit(code: "420684109", asOf: $on) { responsibilities(first: 500) {
        nodes { role matter { name } instrument { number } } } } }"""
    held: list[dict[str, set[str]]] = [{}, {}]
    papers: dict[str, set[str]] = {}
    for day, roles in zip(days, held, strict=True):
        for one in demo.ask(question, on=day)["unit"]["responsibilities"]["nodes"]:
            roles.setdefault(one["matter"]["name"], set()).add(one["role"])
            if one["instrument"]:
                papers.setdefault(one["matter"]["name"], set()).add(one["instrument"]["number"])
    before, after = held
    address = f"/units/{town}?tab=compare&from={days[0]}&to={days[1]}"
    every = {row["matter"]: row for row in rows(demo, f"{address}&only=all&format=json")}
    assert len(every) == len(rows(demo, f"{address}&only=all&format=json"))  # a duty has one row
    assert set(every) == {*before, *after}
    by_change = {name: {row["matter"] for row in every.values() if row["change"] == name} for name in CHANGES}
    assert by_change["added"] == {*after} - {*before}
    assert by_change["withdrawn"] == {*before} - {*after}
    both = {*before} & {*after}
    assert by_change["role"] == {name for name in both if before[name] != after[name]}
    assert len(by_change["added"]) > 10
    assert by_change["withdrawn"]
    for name in by_change["added"] & {*papers}:
        assert all(number in every[name]["paper_after"] for number in papers[name])
    assert all(every[name]["decision"] for name in by_change["added"] | by_change["withdrawn"])
    differing = rows(demo, f"{address}&format=json")
    assert {row["matter"] for row in differing} == {*every} - by_change["same"]
    page = demo.send("GET", f"{address}&lang=zh").text
    assert f"{days[0]} 有 {len(before)} 项，{days[1]} 有 {len(after)} 项" in page
    for name, title in CHANGES.items():
        assert f'<span class="figure">{len(by_change[name])}</span>{title.zh}</a>' in page
    assert "两日比对" in demo.send("GET", f"/units/{town}?lang=zh").text
    assert demo.send("GET", f"/units/{town}?tab=compare&from=2026-02-01&to=2026-01-01").status_code == 400
    # It is reached from the comparison of lists by the name of a township, and from its changes.
    onwards = demo.send("GET", f"/lists/compare?town=雷河镇&from={days[0]}&to={days[1]}").headers["location"]
    assert onwards.partition("&lang")[0] == address
    assert "tab=compare" in demo.send("GET", f"/changes/{town}").text


def test_changes_of_a_township_name_lists_and_papers_and_have_each_duty_once(demo: Api) -> None:
    address = "/changes/420684109?from=2025-03-01&to=2026-11-29"
    changes = rows(demo, f"{address}&format=json")
    events = [(row["unit"], tuple(row[name] for name in ("on", "change", "matter", "decision"))) for row in changes]
    assert not {event for unit, event in events if unit == "雷河镇"} & {event for unit, event in events if unit is None}
    ended = [row for row in changes if row["decision"] and row["decision"].startswith("终止清单 ")]
    assert ended
    assert all(row["matter"] and row["document"] for row in ended)
    page = demo.send("GET", f"{address}&q=收回&page=all&lang=zh").text
    assert "负面清单事项，不得交办（职责）" in page


def test_duties_led_without_power_are_counted_by_level_and_each_number_leads_to_its_units(demo: Api) -> None:
    query = """{ balance(within: "420684") { total { withoutPower } levels { level figures { withoutPower } } } }"""
    balance = demo.ask(query)["balance"]
    expected = {
        one["level"]: one["figures"]["withoutPower"] for one in balance["levels"] if one["figures"]["withoutPower"]
    }
    assert len(expected) > 1
    assert sum(expected.values()) == balance["total"]["withoutPower"]
    for path in ("/overview/420684", "/balance/420684", "/matrix/420684"):
        page = demo.send("GET", f"{path}?lang=zh").text
        links = re.findall(r'<a href="(/balance/420684\?[^"]*level=(\w+)[^"]*)">(\d+)</a>', page)
        links = [link for link in links if link[1] != "every"]
        assert {level.upper(): int(number) for _, level, number in links} == expected, path
    for address, level, number in links:
        table = rows(demo, html.unescape(address).partition("#")[0] + "&table=latest&format=json")
        assert sum(row["withoutPower"] for row in table) == int(number)
        named = demo.ask(f'{{ units(within: "420684", level: {level.upper()}, first: 500) {{ nodes {{ name }} }} }}')
        assert {row["unit"] for row in table} <= {one["name"] for one in named["units"]["nodes"]}
    assert "算关于职责的全部违规" in demo.send("GET", "/overview/420684?lang=zh").text
    assert demo.send("GET", "/balance/420684?level=nothing").status_code == 400
    # Over time they are drawn, and each number leads to the units of its level.
    drawn = "/balance/420684?from=2025-12-31&to=2026-11-20&figure=withoutPower"
    days = ("2025-12-31", "2026-11-20")
    by_level = {row["level"]: row for row in rows(demo, f"{drawn}&format=json&table=levels")}
    for day in days:
        of_day = demo.ask(query.replace('"420684"', f'"420684", asOf: "{day}"'))["balance"]["levels"]
        shown = [row[day] for row in by_level.values()]
        assert shown == [one["figures"]["withoutPower"] for one in of_day]
    page = demo.send("GET", f"{drawn}&lang=zh").text
    assert "分层级：牵头无权" in page
    assert f"level=township&amp;sort=-withoutPower&amp;to={days[0]}" in page.replace("&#38;", "&amp;")


def test_a_file_of_a_narrowed_table_has_another_name_than_that_of_the_whole(demo: Api) -> None:
    addresses = [
        f"/findings?within=420684{more}&format=csv"
        for more in ("", "&severity=violation", "&severity=warning", "&q=采砂", "&sort=unit", "&rule=off-list")
    ]
    addresses += ["/units/420684104?format=csv", "/units/420684104?show=led&format=csv"]
    names = [unquote(demo.send("GET", address).headers["content-disposition"]) for address in addresses]
    names = [name.rpartition("''")[2] for name in names]
    assert names[4] == names[0]  # the same rows, in another order
    assert len(set(names)) == len(names) - 1
    assert "违规" in names[1]
    assert "采砂" in names[3]
    assert "牵头的职责" in names[7]


def test_a_balance_says_from_which_day_it_is_drawn(demo: Api) -> None:
    page = demo.send("GET", "/balance/420684?from=2025-12-01&to=2026-11-20&step=quarter&lang=zh").text
    assert "从 2025-12-31 画起，不是 2025-12-01" in page
    address = re.search(r'<p class="quiet" id="drawn-from">.*?<a href="([^"]*)"', page)
    assert address
    first = demo.send("GET", html.unescape(address[1])).text
    assert "2025-12-01 各单位" in first
    whole = demo.send("GET", "/balance/420684?from=2025-12-31&to=2026-11-20&step=quarter&lang=zh").text
    assert "drawn-from" not in whole


def test_an_order_is_offered_with_a_day_and_the_finding_leads_to_the_picture_of_its_unit(demo: Api) -> None:
    query = '{ findings(within: "420684107", first: 1) { nodes { rule subject unit { code } matter { code } } } }'
    (one,) = demo.ask(query)["findings"]["nodes"]
    address = f"/findings/one?rule={one['rule']}&unit={one['unit']['code']}&subject={quote(one['subject'])}"
    page = demo.send("GET", f"{address}&lang=zh").text
    assert f'name="due" required min="{today()}" value="{today() + timedelta(days=14)}"' in page
    link = re.search(r'<a id="way" href="([^"]*)"', page)
    assert link
    assert f"within={one['unit']['code']}" in link[1]
    drawn = demo.send("GET", html.unescape(link[1])).text
    assert 'id="way-figure"' in drawn
    assert "按第" in drawn
    assert '"legend":[["begin"' in drawn


def test_today_is_not_called_the_past(demo: Api) -> None:
    for path in ("/burdens?within=420684", "/overview/420684?", "/units/420684104?"):
        assert "这是过去的样子" not in demo.send("GET", f"{path}&as_of={today()}&lang=zh").text
        assert "这是过去的样子" in demo.send("GET", f"{path}&as_of={today() - timedelta(days=1)}&lang=zh").text


def test_each_section_of_the_administration_is_explained_with_a_document_that_there_is(demo: Api) -> None:
    pages = [demo.send("GET", f"{path}?lang=zh").text for path in ("/admin", "/admin/accounts", "/admin/size")]
    assert all('href="/admin?lang=zh#help"' in page for page in pages)
    explained = pages[0].partition('id="help"')[2]
    sections = [title for page in pages for title in re.findall(r"<h2>([^<]+)</h2>", page.partition('id="help"')[0])]
    assert len(sections) > 7
    assert all(title in explained for title in sections)
    files = re.findall(r"<code>(docs/[^<]+)</code>", explained)
    assert len(files) >= 7
    assert all((ROOT / file).is_file() for file in files)


def test_a_duty_came_on_the_day_of_the_first_ground_and_not_of_a_later_one(demo: Api) -> None:
    """By list since March, by a letter of the bureau or by law since later days: it came in March."""
    town, days = "420684105", ("2025-01-01", "2026-11-29")
    address = f"/units/{town}?tab=compare&from={days[0]}&to={days[1]}&format=json"
    came = {row["matter"]: row for row in rows(demo, address) if row["change"] == "added"}
    question = """query ($on: Date) { unit(code: "420684105", asOf: $on) { responsibilities(first: 500) {
        nodes { since matter { name } } } } }"""
    grounds: dict[str, list[str]] = {}
    for one in demo.ask(question, on=days[1])["unit"]["responsibilities"]["nodes"]:
        grounds.setdefault(one["matter"]["name"], []).append(one["since"])
    several = {name for name in came if len(set(grounds[name])) > 1}
    assert {"农产品质量安全监管", "动物疫病强制免疫和防控", "农村集体资产监督管理"} <= several
    for name in several:  # none of these was held before the first of those that last
        assert came[name]["on"] == min(grounds[name]), name
    assert "YC-BASIC-2025" in came["农产品质量安全监管"]["decision"]
