"""The worked cases asked over GraphQL, and that everything inside an answer is of the same day and the same log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from registry.recording.journal_import import import_journal
from tests.support.api_client import Api
from tests.support.registry_under_test import empty
from tests.support.worked_cases import WORKED_CASES
from tests.support.worlds import COUNTY, decision, duty, grant, unit

CASE = """query ($asOf: Date, $known: Known, $matter: ID!, $within: ID!, $asks: Boolean!) {
  findings(asOf: $asOf, known: $known) {
    totalCount
    nodes { rule severity unit { code } subject missing message en: message(lang: "en") basis path }
  }
  holders(asOf: $asOf, known: $known, matter: $matter, within: $within) @include(if: $asks) {
    unit { code } role by subject
  }
}"""
SEVERITY = {"V": "VIOLATION", "W": "WARNING", "R": "REVIEW"}


POWERS = """query ($unit: ID!, $asOf: Date, $known: Known) {
    unit(code: $unit, asOf: $asOf, known: $known) { powers { power { code } effective } } }"""


@pytest.mark.parametrize("path", WORKED_CASES[::4], ids=lambda path: path.stem)
def test_the_case_is_answered_over_graphql(shared_api: tuple[psycopg.Connection, Api], path: Path) -> None:
    connection, client = shared_api
    # The same server goes on over another log, as after a restore: what it keeps of the last one must not show.
    empty(connection)
    import_journal(connection, path.read_bytes().splitlines(keepends=True))
    for ask in json.loads(path.with_suffix(".expect.json").read_bytes())["ask"]:
        holders = ask.get("holders") or {"matter": "", "within": "", "are": []}
        known = None if ask["known"] is None else {"position": ask["known"]}
        variables = {"asOf": ask["as_of"], "known": known, "matter": holders["matter"], "within": holders["within"]}
        answer = client.ask(CASE, **variables, asks=bool(holders["are"]))
        results = answer["findings"]["nodes"]
        expected = sorted(ask["findings"])
        assert [[each["rule"], each["unit"]["code"], each["subject"]] for each in results] == expected
        assert answer["findings"]["totalCount"] == len(expected)
        assert all(each["message"] != each["en"] and each["basis"] and each["path"] for each in results)
        missing = {tuple(key): codes for *key, codes in ask.get("missing", ())}
        lacking = {(each["rule"], each["unit"]["code"], each["subject"]): each["missing"] for each in results}
        assert {key: lacking.get(key) for key in missing} == missing
        held = [
            [each["unit"]["code"], each["role"] and each["role"].lower(), each["by"], each["subject"]]
            for each in answer.get("holders", ())
        ]
        assert sorted(held, key=str) == sorted(holders["are"], key=str)
        for code, powers in ask.get("powers", {}).items():
            answer = client.ask(POWERS, unit=code, asOf=ask["as_of"], known=known)
            assert [each["power"]["code"] for each in answer["unit"]["powers"] if each["effective"]] == powers


def test_what_is_queried_inside_a_unit_is_of_the_same_day(api_over: Callable[..., Api]) -> None:
    client = api_over(
        [
            *COUNTY,
            decision("UnitRenamed", "2021-01-01", unit="420684", name="新名市"),
            decision("UnitMoved", "2021-01-01", unit="village", parent="town2"),
            decision("MatterRevised", "2021-01-01", matter="D-SAND", name="河道采砂管理"),
            duty("R-1", "2019-06-01"),
            decision("DelegationEnded", "2021-01-01", ref="R-1", reason="completed"),
        ]
    )
    question = """query ($day: Date) { unit(code: "town", asOf: $day) {
        parent { name children(level: TOWNSHIP) { nodes { code children { nodes { code } } } } }
        responsibilities { nodes { subject matter { name } from { parent { name } } } } } }"""
    before, after = (client.ask(question, day=day)["unit"] for day in ("2020-12-31", "2021-01-01"))
    assert before["parent"]["name"] == "单位420684"
    assert after["parent"]["name"] == "新名市"

    def below(answer: Any) -> dict[str, list[str]]:
        towns = answer["parent"]["children"]["nodes"]
        return {town["code"]: [village["code"] for village in town["children"]["nodes"]] for town in towns}

    assert below(before) == {"town": ["village", "village2"], "town2": []}
    assert below(after) == {"town": ["village2"], "town2": ["village"]}
    assert [each["subject"] for each in before["responsibilities"]["nodes"]] == ["BASIC#1", "R-1"]
    assert before["responsibilities"]["nodes"][1]["matter"] == {"name": "采砂管理"}
    assert before["responsibilities"]["nodes"][1]["from"] == {"parent": {"name": "单位420684"}}
    assert [each["subject"] for each in after["responsibilities"]["nodes"]] == ["BASIC#1"]


def test_what_is_queried_inside_a_unit_is_as_known_then(api_over: Callable[..., Api]) -> None:
    client = api_over([*COUNTY, duty("R-1"), decision("Corrected", "2022-01-01", ref="R-1", set_={"role": "share"})])
    size = client.ask("{ log { size } }")["log"]["size"]
    question = """query ($known: Known) { unit(code: "town", known: $known) {
        responsibilities { nodes { subject role unit { responsibilities { nodes { subject role } } } } }
        history { totalCount nodes { position type at data } } } }"""

    def roles(position: int) -> tuple[list[Any], int]:
        unit = client.ask(question, known={"position": position})["unit"]
        outer = [each["role"] for each in unit["responsibilities"]["nodes"] if each["subject"] == "R-1"]
        inner = [
            each["role"]
            for held in unit["responsibilities"]["nodes"]
            for each in held["unit"]["responsibilities"]["nodes"]
            if each["subject"] == "R-1"
        ]
        assert set(outer) == set(inner)
        assert unit["history"]["totalCount"] == len(unit["history"]["nodes"])
        return outer, unit["history"]["totalCount"]

    assert roles(size)[0] == ["SHARE"]
    assert roles(size - 1)[0] == ["LEAD"]
    assert roles(size - 2)[0] == []
    assert roles(size - 2)[1] == roles(size - 1)[1] - 1
    when = client.ask("query ($p: Int!) { decision(position: $p) { recordedAt } }", p=size)["decision"]["recordedAt"]
    by_time = client.ask(question, known={"time": when})["unit"]["responsibilities"]["nodes"]
    assert [each["role"] for each in by_time if each["subject"] == "R-1"] == ["SHARE"]
    long_ago = client.ask('{ unit(code: "town", known: {time: "2001-01-01T00:00:00+08:00"}) { name } }')
    assert long_ago == {"unit": None}


def test_lists_powers_and_burdens_of_a_unit(api_over: Callable[..., Api]) -> None:
    client = api_over(
        [
            *COUNTY,
            grant("G-1", from_="market"),
            grant("G-2", to="town2"),
            decision("ListItemEntered", "2019-02-01", list="NEG", item="1", name="不得采砂", terms=["采砂"]),
            decision(
                "BurdenImposed", "2020-05-01", ref="B-1", matter="F-LEDGER", from_="water", to="village",
                instrument="通知1号", due_on="2020-06-01",
            ),
        ]
    )  # fmt: skip
    answer = client.ask(
        """{ village: unit(code: "village") {
                negativeList { subject name terms roles covers scope { code } instrument { number inForce } since }
                none: negativeList(covers: FORM) { subject }
                burdens(kind: FORM) { ref matter { name } from { code } to { code } dueOn at until }
             }
             town: unit(code: "town") {
                positiveList(covers: DUTY) { subject assigns matter { code } closed audience scope { code } }
                powers { power { code powerKind } effective entrustedOnly chain }
             }
             town2: unit(code: "town2") { powers { power { code } effective entrustedOnly chain } } }"""
    )
    assert answer["village"] == {
        "negativeList": [
            {
                "subject": "NEG#1",
                "name": "不得采砂",
                "terms": ["采砂"],
                "roles": ["LEAD", "SHARE"],
                "covers": "DUTY",
                "scope": None,
                "instrument": {"number": "通知1号", "inForce": True},
                "since": "2019-02-01",
            }
        ],
        "none": [],
        "burdens": [
            {
                "ref": "B-1",
                "matter": {"name": "巡河台账"},
                "from": {"code": "water"},
                "to": {"code": "village"},
                "dueOn": "2020-06-01",
                "at": "2020-05-01",
                "until": None,
            }
        ],
    }
    listed = {"subject": "BASIC#1", "assigns": "lead", "matter": {"code": "D-RIVER"}, "closed": True}
    assert answer["town"]["positiveList"] == [listed | {"audience": "TOWNSHIP", "scope": {"code": "420684"}}]
    in_vain = {"effective": False, "entrustedOnly": False, "chain": []}
    assert answer["town"]["powers"] == [{"power": {"code": "P-SAND", "powerKind": "penalty"}, **in_vain}]
    held = {"effective": True, "entrustedOnly": False, "chain": ["LAW#P-SAND", "G-2"]}
    assert answer["town2"]["powers"] == [{"power": {"code": "P-SAND"}, **held}]


def test_pages_of_everything_are_the_whole(api_over: Callable[..., Api]) -> None:
    client = api_over([*COUNTY, *(duty(f"R-{number}", to="village", from_="town") for number in range(7))])
    pages = {
        "units": 'units(within: "4206", first: 3, after: $after)',
        "matters": "matters(first: 2, after: $after)",
        "findings": "findings(first: 3, after: $after)",
    }
    for name, field in pages.items():
        key = {"units": "code", "matters": "code", "findings": "rule subject"}[name]
        page = (
            f"{{ totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ cursor node {{ {key} }} }} }}"
        )
        gathered, after = [], None
        while True:
            answer = client.ask(f"query ($after: String) {{ {field} {page} }}", after=after)[name]
            gathered += [tuple(edge["node"].values()) for edge in answer["edges"]]
            assert answer["pageInfo"]["hasPreviousPage"] == (after is not None)
            assert answer["pageInfo"]["endCursor"] == answer["edges"][-1]["cursor"]
            if not answer["pageInfo"]["hasNextPage"]:
                break
            after = answer["pageInfo"]["endCursor"]
        assert len(gathered) == len(set(gathered)) == answer["totalCount"] > 3
        assert gathered == sorted(gathered)


def test_findings_by_unit_rule_severity_and_matter(api_over: Callable[..., Api]) -> None:
    waived = decision(
        "FindingWaived", "2020-02-01", rule="duty-without-power", subject="R-1", unit="town", by="420684", reason="试点"
    )
    client = api_over([*COUNTY, duty("R-1"), duty("R-2", to="town2"), waived])

    def ask(arguments: str) -> list[str]:
        answer = client.ask(f"{{ findings({arguments}) {{ nodes {{ subject }} }} }}")
        return [each["subject"] for each in answer["findings"]["nodes"]]

    assert ask('rule: "duty-without-power"') == ["R-2"]
    assert ask('rule: "duty-without-power", waived: true') == ["R-1", "R-2"]
    assert ask('within: "town", rule: "duty-without-power"') == []
    assert ask('matter: "D-RIVER", severity: VIOLATION') == []
    assert "R-2" in ask('within: "town2", severity: VIOLATION, matter: "D-SAND"')
    by = client.ask('{ findings(waived: true, rule: "duty-without-power") { nodes { subject waivedBy } } }')
    assert by["findings"]["nodes"] == [{"subject": "R-1", "waivedBy": "420684"}, {"subject": "R-2", "waivedBy": None}]
    of_unit = client.ask('{ unit(code: "town2") { findings(rule: "duty-without-power") { nodes { subject } } } }')
    assert of_unit["unit"]["findings"]["nodes"] == [{"subject": "R-2"}]


def test_a_dissolved_unit_shows_what_it_became(api_over: Callable[..., Api]) -> None:
    client = api_over([*COUNTY, decision("UnitDissolved", "2021-03-01", unit="town2", successor="town")])
    shown = client.ask(
        """{ unit(code: "town2", asOf: "2022-01-01") { name dissolved until successor { code }
             responsibilities { totalCount } powers { effective } negativeList { name } findings { totalCount } }
             units(within: "town2", asOf: "2022-01-01") { nodes { code } } }"""
    )
    assert shown["unit"] == {
        "name": "单位town2",
        "dissolved": True,
        "until": "2021-03-01",
        "successor": {"code": "town"},
        "responsibilities": {"totalCount": 0},
        "powers": [],
        "negativeList": [],
        "findings": {"totalCount": 0},
    }
    # A territory is read as its successor's, and what hung under the one hangs under the other.
    assert {each["code"] for each in shown["units"]["nodes"]} == {"town", "village", "village2"}


def test_search_finds_names_aliases_and_codes_as_they_are_written(api_over: Callable[..., Api]) -> None:
    odd = unit("odd", "county", "department", "420684") | {"name": "100%_局", "aliases": ["老\\局"]}
    client = api_over([*COUNTY, odd])

    def search(text: str) -> list[str]:
        answer = client.ask("query ($s: String) { units(search: $s) { nodes { code } } }", s=text)
        return [each["code"] for each in answer["units"]["nodes"]]

    assert search("100%") == search("%_") == search("老\\") == search("odd") == ["odd"]
    assert search("单位VILLAGE") == ["village", "village2"]
    assert search("没有") == []
