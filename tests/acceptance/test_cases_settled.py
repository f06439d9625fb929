"""Cases: found by their words, and beside an incident that they resemble."""

from __future__ import annotations

import json

import pytest

from tests.support.api_client import Api
from tests.support.cli_runner import Run
from tests.support.worlds import COUNTY, Line, decision, duty


def case(code: str, at: str, outcome: str, title: str = "案例", text: str = "已尽职", **more: object) -> Line:
    fields = {"title": title, "text": text, "outcome": outcome, "by": "420684"}
    return decision("CaseRecorded", at, case=code, **fields, **more)


JOURNAL = [
    *COUNTY,
    decision("MatterDefined", "2000-01-01", matter="D-DREDGE", kind="duty", name="清淤", category="河道"),
    decision("MatterRevised", "2001-01-01", matter="D-SAND", category="河道"),
    # The town leads on sand without the penalty; the village helps.
    duty("R-1", "2020-01-01"),
    duty("R-2", "2020-01-01", to="village", role="assist"),
    duty("R-3", "2020-01-01", matter="D-RIVER"),
    case("SAME", "2019-05-01", "held", matter="D-SAND", category="别类"),
    case("CATEGORY", "2022-05-01", "exempted", category="河道"),
    case("OF-MATTER", "2021-05-01", "lightened", matter="D-DREDGE"),
    case(
        "POWERLESS",
        "2021-06-01",
        "exempted",
        "无处罚权",
        "劝阻 SAND 无效，三次上报",
        rule="duty-without-power",
        about=["R-3"],
    ),
    case("ASSISTED", "2021-07-01", "exempted", rule="duty-without-power", about=["R-2"]),
    case("OTHER", "2021-08-01", "held", "瞒报 100%", "_虚报_", rule="negative-list"),
    decision("UnitRegistered", "2023-01-01", unit="late", name="后设单位", level="county", kind="party"),
    case("LATE", "2023-02-01", "held", matter="D-SAND") | {"by": "late"},
]
PRECEDENTS = """
query ($unit: ID!, $known: Known) {
  accountability(matter: "D-SAND", unit: $unit, on: "2020-06-01", known: $known) {
    conclusion
    precedents { case why(lang: "en") by { code } }
    precedentOutcomes { exempted lightened held }
  }
}"""
CASES = """query ($search: String, $matter: ID, $outcome: String, $asOf: Date, $first: Int, $after: String) {
    cases(search: $search, matter: $matter, outcome: $outcome, asOf: $asOf, first: $first, after: $after) {
    totalCount nodes { case } pageInfo { hasNextPage endCursor } } }"""


def test_precedents_are_of_the_matter_else_its_category_else_the_same_finding(client: Api) -> None:
    answer = client.ask(PRECEDENTS, unit="town")["accountability"]
    assert answer["conclusion"] == "HELD_WITHOUT_POWER"
    precedents = [(each["case"], each["why"].partition(":")[0]) for each in answer["precedents"]]
    assert precedents == [
        ("LATE", "The same matter"),
        ("SAME", "The same matter"),
        ("CATEGORY", "The same category"),
        ("OF-MATTER", "The same category"),
        ("POWERLESS", "The same finding, with the same conclusion"),
    ]
    assert answer["precedents"][0]["by"] == {"code": "late"}
    assert answer["precedentOutcomes"] == {"exempted": 2, "lightened": 1, "held": 2}
    # What was not recorded yet is no precedent; who only assisted has no such finding.
    size = len(JOURNAL)
    before = client.ask(PRECEDENTS, unit="town", known={"position": size - 3})["accountability"]["precedents"]
    assert next(each["case"] for each in before) == "SAME"
    assisted = client.ask(PRECEDENTS, unit="village")["accountability"]
    assert assisted["conclusion"] == "ASSISTED"
    assert [each["case"] for each in assisted["precedents"]] == ["LATE", "SAME", "CATEGORY", "OF-MATTER"]


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({"search": "处罚"}, ["POWERLESS"]),
        ({"search": "上报 无处罚权 sand"}, ["POWERLESS"]),
        ({"search": "上报 没有"}, []),
        ({"search": "0%"}, ["OTHER"]),
        ({"search": "_"}, ["OTHER"]),
        ({"search": "权"}, ["POWERLESS"]),
        ({"search": "  "}, ["LATE", "CATEGORY", "OTHER", "ASSISTED", "POWERLESS", "OF-MATTER", "SAME"]),
        ({"matter": "D-SAND"}, ["LATE", "SAME"]),
        ({"matter": "D-SAND", "asOf": "2022-12-31"}, ["SAME"]),
        ({"outcome": "exempted", "search": "职"}, ["CATEGORY", "ASSISTED"]),
    ],
)
def test_cases_are_found_by_any_part_of_their_words(client: Api, given: dict[str, str], codes: list[str]) -> None:
    answer = client.ask(CASES, **given)["cases"]
    assert [node["case"] for node in answer["nodes"]] == codes
    assert answer["totalCount"] == len(codes)


def test_pages_follow_each_other(client: Api) -> None:
    pages, after = list[list[str]](), None
    while True:
        page = client.ask(CASES, first=3, after=after)["cases"]
        pages.append([node["case"] for node in page["nodes"]])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == [["LATE", "CATEGORY", "OTHER"], ["ASSISTED", "POWERLESS", "OF-MATTER"], ["SAME"]]


def test_a_case_that_names_a_person_is_refused_with_the_place(client: Api) -> None:
    bad = case("P", "2022-01-01", "held", text="当事人１３８ ００１３ ８０００未到场")
    mutation = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"
    (error,) = client.refused(mutation, d=[bad])["errors"]
    assert (error["code"], error["field"]) == ("bad-value", "text")
    assert "第 4 至 16 个字看来是电话号码" in error["zh"]
    assert "８０００" not in error["zh"] + error["en"]


def test_the_command_line_says_the_same(run: Run) -> None:
    lines = run("cases", "处罚", "--json").stdout.decode().splitlines()
    assert [json.loads(line)["case"] for line in lines] == ["POWERLESS"]
    printed = run("cases", "--outcome", "held").stdout.decode()
    assert "共 3 个案例，列出 3 个。" in printed
    assert run("cases", "--outcome", "upheld").returncode == 2
    assert b"unknown-matter" in run("cases", "--matter", "D-NONE").stderr
    account = run("account", "D-SAND", "--unit", "town", "--on", "2020-06-01").stdout.decode()
    assert "免责 exempted 2，从轻或减轻 lightened 1，追责 held 2" in account
    assert "同样的问题，结论相同：" in account
