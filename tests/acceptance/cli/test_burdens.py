"""Burdens over GraphQL and on the command line, on a small county whose answers are worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry import database
from registry.queries.burdens.landing import month_of, read_month
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.burden_world import HOUSE, JOURNAL, SHARED_FIELDS, burden, matter
from tests.support.cli_runner import Run

TALLY = "kind imposed planned unplanned admitted listed quota excess yearBefore byThen change halved"
YEAR = f"""query ($unit: ID!, $year: Int, $asOf: Date, $known: Known) {{
  burdenYear(unit: $unit, year: $year, asOf: $asOf, known: $known) {{
    year until unit {{ code }} tallies {{ {TALLY} }}
    imposed {{ plannedBy admitted beyond delegation {{ ref from {{ code }} instrument {{ number }} }} }}
    planned {{ subject kind quota refs instrument {{ number }} }}
  }}
}}"""


def tally(kind: str, imposed: int, planned: int, before: int, then: int, **more: Any) -> dict[str, Any]:
    """What is answered of one kind; unplanned, change and whether it was halved follow from the rest."""
    change = round(100 * (imposed / before - 1), 1) if before else None
    answer = {"kind": kind, "imposed": imposed, "planned": planned, "unplanned": imposed - planned, "admitted": 0}
    answer |= {"listed": True, "quota": None, "excess": 0, "yearBefore": before, "byThen": then, "change": change}
    return answer | {"halved": 2 * imposed <= before if before else None} | more


def test_a_year_against_plan_quota_and_the_year_before(client: Api) -> None:
    year = client.ask(YEAR, unit="village", asOf="2022-06-30")["burdenYear"]
    assert (year["year"], year["until"], year["unit"]) == (2022, "2022-06-30", {"code": "village"})
    assert year["tallies"] == [
        tally("FORM", 2, 1, 1, 1, quota=1, excess=1, admitted=1),
        tally("INSPECTION", 3, 2, 3, 2, quota=2, excess=1),
        tally("MECHANISM", 1, 1, 1, 2),
    ]
    assert {
        one["delegation"]["ref"]: (one["plannedBy"], one["admitted"], one["beyond"]) for one in year["imposed"]
    } == {
        "F1": (["P-FORMS#1"], False, False),
        "F2": ([], True, True),
        "J1": (["P-INSPECT#1"], False, False),
        "J2": ([], False, False),
        "J3": (["P-INSPECT#1"], False, True),
        "S0": (["P-SIGNS#1"], False, False),
    }
    assert all(one["delegation"]["from"] == {"code": "town"} for one in year["imposed"])
    assert [(one["subject"], one["kind"], one["quota"], one["refs"]) for one in year["planned"]] == [
        ("P-FORMS#1", "FORM", 1, ["F1"]),
        ("P-INSPECT#1", "INSPECTION", 2, ["J1", "J3"]),
        ("P-SIGNS#1", "MECHANISM", None, ["S0"]),
    ]


def test_a_year_gone_by_is_counted_to_its_end(client: Api) -> None:
    year = client.ask(YEAR, unit="village", year=2022)["burdenYear"]
    assert year["until"] == "2022-12-31"
    assert {one["kind"]: one["imposed"] for one in year["tallies"]} == {
        "FORM": 2,
        "INSPECTION": 3,
        "MECHANISM": 1,
        "WORKGROUP": 1,
    }
    # Nothing lists workgroups: W1 is unplanned, and no list says so.
    assert year["tallies"][-1] == tally("WORKGROUP", 1, 0, 0, 0, listed=False)
    last = client.ask(YEAR, unit="village", year=2021)["burdenYear"]
    assert [(one["kind"], one["imposed"], one["yearBefore"]) for one in last["tallies"]] == [
        ("FORM", 1, 0),
        ("INSPECTION", 3, 0),
        ("MECHANISM", 1, 0),
    ]


def test_what_was_laid_on_a_predecessor_counts_for_its_successor(client: Api) -> None:
    forms = 'query ($asOf: Date) { burdenYear(unit: "village", asOf: $asOf) { tallies { kind yearBefore } } }'
    assert client.ask(forms, asOf="2022-12-31")["burdenYear"]["tallies"][0] == {"kind": "FORM", "yearBefore": 1}
    year = client.ask(YEAR, unit="village", asOf="2023-02-01")["burdenYear"]
    # Signs and groups are still there, and V1, begun in 2021, is of neither year.
    assert [(one["kind"], one["imposed"], one["yearBefore"]) for one in year["tallies"]] == [
        ("FORM", 0, 2),
        ("INSPECTION", 0, 3),
        ("MECHANISM", 1, 1),
        ("WORKGROUP", 1, 1),
    ]
    assert client.ask(YEAR, unit="village2", asOf="2023-02-01")["burdenYear"]["unit"] == {"code": "village2"}
    assert client.ask(YEAR, unit="village2", asOf="2023-02-01")["burdenYear"]["tallies"] == []
    assert client.ask(YEAR, unit="village2", year=2021)["burdenYear"]["tallies"][0]["imposed"] == 1


def test_what_the_log_did_not_know_is_not_counted(client: Api) -> None:
    known = next(index for index, line in enumerate(JOURNAL) if line.get("ref") == "J3")
    year = client.ask(YEAR, unit="village", asOf="2022-06-30", known={"position": known})["burdenYear"]
    assert [(one["kind"], one["imposed"]) for one in year["tallies"]] == [
        ("FORM", 0),
        ("INSPECTION", 2),
        ("MECHANISM", 1),
    ]


TOTALS = f"""query ($within: ID!, $asOf: Date) {{ burdenTotals(within: $within, asOf: $asOf) {{
    until tallies {{ {TALLY} }}
    units(first: 1) {{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ unit {{ code }} }} }} }} }}"""


def test_a_territory_is_its_units_together(client: Api) -> None:
    total = client.ask(TOTALS, within="420684", asOf="2022-06-30")["burdenTotals"]
    # The village's three kinds, the town's form that no list covers, and the other village's form of last year.
    assert total["tallies"] == [
        tally("FORM", 3, 1, 2, 2, excess=1, admitted=1),
        tally("INSPECTION", 3, 2, 3, 2, excess=1),
        tally("MECHANISM", 1, 1, 1, 2),
    ]
    assert total["units"]["totalCount"] == 3
    assert total["units"]["nodes"] == [{"unit": {"code": "town"}}]
    assert total["units"]["pageInfo"]["hasNextPage"]
    after = total["units"]["pageInfo"]["endCursor"]
    page = """query ($after: String) { burdenTotals(within: "town", asOf: "2022-06-30") {
        units(after: $after) { nodes { unit { code } } } } }"""
    assert client.ask(page, after=after)["burdenTotals"]["units"]["nodes"] == [
        {"unit": {"code": "village"}},
        {"unit": {"code": "village2"}},
    ]
    assert client.ask(TOTALS, within="town2", asOf="2022-06-30")["burdenTotals"]["tallies"] == []


MONTH = """query ($unit: ID!, $month: String) { landing(unit: $unit, month: $month) { month
    burdens { due begins continues ends delegation { ref from { code } instrument { number } } }
    duties { begins delegation { ref } } } }"""


def test_a_month_says_what_is_due_first_then_what_is_new(client: Api) -> None:
    june = client.ask(MONTH, unit="village", month="2022-06")["landing"]
    states = [
        (one["delegation"]["ref"], one["due"], one["begins"], one["continues"], one["ends"]) for one in june["burdens"]
    ]
    assert states == [
        ("F1", True, False, True, False),  # due on the 10th
        ("J3", True, False, True, False),  # due on the 15th
        ("F2", False, True, False, False),
        ("I2", False, False, True, False),  # never ended: begun 2021-05
        ("S0", False, False, True, False),
        ("I3", False, False, True, False),
        ("J2", False, False, True, False),
    ]
    assert june["duties"] == [{"begins": True, "delegation": {"ref": "D1"}}]
    january = client.ask(MONTH, unit="village", month="2022-01")["landing"]
    assert [one["delegation"]["ref"] for one in january["burdens"] if one["ends"]] == ["J1"]
    assert [one["delegation"]["ref"] for one in january["burdens"]] == ["J1", "I2", "S0", "I3"]
    # S1 ended on 31 December, so its last day in force is the 30th; F0 ended on 1 December: not in it.
    december = client.ask(MONTH, unit="village", month="2021-12")["landing"]
    assert [one["delegation"]["ref"] for one in december["burdens"]] == ["I2", "S0", "S1", "I3"]


def test_a_unit_that_is_not_there_has_no_month_and_no_year(client: Api) -> None:
    assert client.ask(MONTH, unit="village2", month="1999-12")["landing"] is None
    for question, of in ((MONTH, {"month": "2022-06"}), (YEAR, {"year": 2022})):
        assert client.refused(question, unit="nowhere", **of)["code"] == "unknown-unit"


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ('{ landing(unit: "village", month: "2022-13") { month } }', "bad-value", "month"),
        ('{ landing(unit: "village", month: "٢٠٢٢-٠١") { month } }', "bad-value", "month"),
        ('{ landing(unit: "village", month: "9999-12") { month } }', "bad-value", "month"),
        ('{ burdenYear(unit: "village", year: 0) { year } }', "bad-value", "year"),
        ('{ burdenYear(unit: "village", year: 99999) { year } }', "bad-value", "year"),
        ('{ burdenYear(unit: "village", year: 2022, asOf: "2021-01-01") { year } }', "bad-value", "asOf"),
        ('{ burdenYear(unit: "village", asOf: "0001-01-01") { year } }', "bad-value", "asOf"),
        ('{ burdenYear(unit: "village", asOf: "9999-12-31") { year } }', "bad-value", "asOf"),
        ('{ burdenTotals(within: "nowhere") { until } }', "unknown-unit", "unit"),
        ('{ sameFields(unit: "nowhere") { pairs { one } } }', "unknown-unit", "unit"),
    ],
)
def test_what_is_refused(client: Api, query: str, code: str, field: str) -> None:
    refused = client.refused(query)
    assert (refused["code"], refused["field"]) == (code, field)


def test_months() -> None:
    assert str(read_month("2024-12")) == "2024-12"
    december = read_month("2024-12")
    assert december is not None
    assert (december.last.isoformat(), december.next.isoformat()) == ("2024-12-31", "2025-01-01")
    assert str(december.before.before) == "2024-10"
    assert str(month_of(december.next).before) == "2024-12"
    for wrong in ("", "2024", "2024-1", "2024-00", "24-01", "2024/01", "0001-01", "2024-1２"):
        assert read_month(wrong) is None


FORMS = """query ($unit: ID!, $below: Boolean) { sameFields(unit: $unit, below: $below, asOf: "2024-06-30") {
    forms { matter { code } doubled { code } delegations { ref } }
    pairs { one other relation common share units { code } } } }"""


def test_forms_that_ask_for_the_same(new_database: Any) -> None:
    url = new_database()
    with database.connect(url) as connection:
        record(connection, [*JOURNAL, *SHARED_FIELDS])
    with api(url) as client:
        first, second = client.ask(FORMS, unit="v")["sameFields"]
        whole = client.ask(FORMS, unit="420684", below=True)["sameFields"]
        nothing = client.ask(FORMS, unit="town2")["sameFields"]
    # F-HOUSE asks for three fields that F-POOR asks for too (its telephone is written with a space): 3 of 4. F-AWAY
    # shares two of four with F-HOUSE, half; two of five with F-POOR, less. The list of telephones alone joins nothing.
    assert [form["matter"]["code"] for form in first["forms"]] == ["F-AWAY", "F-HOUSE", "F-POOR"]
    both = [{"code": "v"}]
    assert first["pairs"] == [
        {"one": "F-HOUSE", "other": "F-POOR", "relation": "contained", "common": HOUSE, "share": 75, "units": both},
        {
            "one": "F-AWAY",
            "other": "F-HOUSE",
            "relation": "overlapping",
            "common": ["户主姓名", "家庭人口"],
            "share": 50,
            "units": both,
        },
    ]
    # The same form from two units is a group of its own.
    assert [form["matter"]["code"] for form in second["forms"]] == ["F-CROPS"]
    assert second["forms"][0]["doubled"] == both
    assert [one["ref"] for one in second["forms"][0]["delegations"]] == ["C", "C2"]
    assert second["pairs"] == []
    assert [form["matter"]["code"] for form in whole[0]["forms"]] == ["F-AWAY", "F-HOUSE", "F-POOR"]
    assert [one["ref"] for form in whole[0]["forms"] for one in form["delegations"]] == ["A", "F2", "H", "P"]
    assert nothing == []


def test_identical_fields_go_together_though_only_one(new_database: Any) -> None:
    url = new_database()
    twice = [matter("F-TEL", "form", "电话表", asks=["联系电话"]), burden("T", "2024-01-01", "F-TEL", to="village2")]
    with database.connect(url) as connection:
        current = [line for line in JOURNAL if line["type"] != "UnitDissolved"]
        record(connection, [*current, *twice, burden("N", "2024-01-01", "F-PHONE", to="village2")])
    with api(url) as client:
        (group,) = client.ask(FORMS, unit="village2")["sameFields"]
    assert [(one["relation"], one["share"], one["common"]) for one in group["pairs"]] == [
        ("identical", 100, ["联系电话"])
    ]


def lines(run: Run, *arguments: str) -> list[dict[str, Any]]:
    done = run(*arguments, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(each) for each in done.stdout.splitlines()]


def test_the_command_says_the_same(run: Run) -> None:
    answer = lines(run, "burdens", "village", "--as-of", "2022-06-30")
    assert [(one["kind"], one["imposed"], one["excess"]) for one in answer[:3]] == [
        ("form", 2, 1),
        ("inspection", 3, 1),
        ("mechanism", 1, 0),
    ]
    assert {one["ref"]: one["planned_by"] for one in answer[3:9]}["J3"] == ["P-INSPECT#1"]
    assert [one["subject"] for one in answer[9:]] == ["P-FORMS#1", "P-INSPECT#1", "P-SIGNS#1"]
    below = lines(run, "burdens", "420684", "--below", "--year", "2022")
    assert [(one["kind"], one["imposed"]) for one in below if "within" in one] == [
        ("form", 3),
        ("inspection", 3),
        ("mechanism", 1),
        ("workgroup", 1),
    ]
    june = lines(run, "burdens", "village", "--month", "2022-06")
    assert [one["ref"] for one in june] == ["F1", "J3", "F2", "D1", "I2", "S0", "I3", "J2"]
    text = run("burdens", "village", "--as-of", "2022-06-30").stdout.decode()
    assert "超出限额 beyond the quota" in text
    assert "巡河台账" in text


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("village", "--year", "2022", "--month", "2022-01"), 2),
        (("village", "--month", "2022-1"), 2),
        (("village", "--year", "0"), 2),
        (("village", "--year", "2022", "--as-of", "2021-12-31"), 2),
        (("420684", "--below", "--month", "2022-01"), 2),
        (("nowhere",), 1),
        (("nowhere", "--below"), 1),
        (("nowhere", "--forms"), 1),
        (("nowhere", "--month", "2022-01"), 1),
    ],
)
def test_what_the_command_refuses(run: Run, arguments: tuple[str, ...], status: int) -> None:
    done = run("burdens", *arguments)
    assert done.returncode == status
    printed = done.stderr.decode()
    assert "Traceback" not in printed
    assert " / " in printed
