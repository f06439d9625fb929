"""Assessments from below on a small county whose answers are worked out by hand."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.api_client import Api
from tests.support.cli_runner import Run
from tests.support.worlds import COUNTY, Line, decision, duty, unit


def assessed(code: str, at: str, by: str, score: int, of: str = "water", period: str = "2020-H1", **more: Any) -> Line:
    return decision("UnitAssessed", at, assessment=code, unit=of, by=by, period=period, score=score, **more)


def burden(ref: str, at: str, to: str) -> Line:
    named = {"ref": ref, "matter": "F-LEDGER", "from_": "water", "to": to, "instrument": "通知1号"}
    return decision("BurdenImposed", at, **named)


JOURNAL = [
    *COUNTY,
    unit("squad", "county", "dispatched", "water"),
    # In the first half of 2020 the water bureau sends the towns a duty without power each, forms to a town and a
    # village, one to its own squad and one to the market bureau, which is not below it.
    duty("D-1", "2020-02-01"),
    duty("D-2", "2020-06-30", to="town2"),
    duty("D-0", "2019-12-31", to="village2", role="assist"),
    duty("D-9", "2020-07-01", to="village2", role="assist"),
    burden("B-1", "2020-03-01", "town"),
    burden("B-2", "2020-03-01", "village"),
    burden("B-3", "2020-03-02", "squad"),
    burden("B-4", "2020-03-02", "market"),
    decision("DelegationEnded", "2020-04-01", ref="B-1", reason="completed"),
    assessed("Y-1", "2020-07-02", "town", 40),
    assessed("Y-2", "2020-07-03", "village", 90, text="好"),
    assessed("Y-3", "2020-07-05", "town", 60),  # instead of the first
    assessed("Y-4", "2020-07-05", "squad", 75),
    assessed("Y-5", "2020-07-05", "market", 0),  # beside it, not below
    assessed("Y-6", "2020-07-05", "420684", 0),  # above it
    assessed("Y-7", "2020-07-05", "water", 100),  # itself
    assessed("Y-8", "2020-07-05", "town2", 10, period="2020-Q2"),  # of the quarter, not the half
    assessed("Y-9", "2020-07-06", "village", 30, of="town"),
    # From 2022 on the second town is read as the first.
    decision("UnitDissolved", "2022-01-01", unit="town2", successor="town"),
]
QUERY = """query ($unit: ID, $within: ID, $period: String!, $asOf: Date) {
  assessments(unit: $unit, within: $within, period: $period, asOf: $asOf) {
    unit { code } period assessedBy askedOf mean spread dutiesSent withoutPower burdensSent findings overdue
    silent { code } assessments { assessment by { code } score text on }
  }
}"""


def summary(client: Api, **arguments: str) -> dict[str, Any]:
    (row,) = client.ask(QUERY, **({"unit": "water", "period": "2020-H1", "asOf": "2021-01-01"} | arguments))[
        "assessments"
    ]
    return row


def test_a_half_year_of_a_bureau(client: Api) -> None:
    row = summary(client)
    assert [each["assessment"] for each in row["assessments"]] == ["Y-4", "Y-3", "Y-2"]
    assert (row["assessedBy"], row["askedOf"]) == (3, 4)
    assert row["silent"] == [{"code": "town2"}]
    # 75, 60 and 90.
    assert row["mean"] == pytest.approx(75)
    assert row["spread"] == pytest.approx(150**0.5)
    assert (row["dutiesSent"], row["withoutPower"], row["burdensSent"]) == (2, 2, 3)
    # On 30 June each town's duty lacks power, is off its list, and nobody above gave anything to go with it.
    (duties,) = client.ask('{ a: findings(within: "420684", asOf: "2020-06-30") { nodes { subject } } }').values()
    sent = [each["subject"] for each in duties["nodes"] if each["subject"] in ("D-1", "D-2", "B-2", "B-3")]
    assert row["findings"] == len(sent)
    assert row["overdue"] == 0


def test_a_period_counts_for_itself_alone(client: Api) -> None:
    quarter = summary(client, period="2020-Q2")
    assert [each["assessment"] for each in quarter["assessments"]] == ["Y-8"]
    assert (quarter["assessedBy"], quarter["askedOf"], quarter["mean"], quarter["spread"]) == (1, 1, 10, 0)
    month = summary(client, period="2020-03")
    assert (month["assessedBy"], month["askedOf"], month["mean"], month["spread"]) == (0, 3, None, None)
    assert [each["code"] for each in month["silent"]] == ["squad", "town", "village"]
    assert summary(client, period="2019")["dutiesSent"] == 1


def test_it_is_as_of_a_day_and_units_are_read_as_their_successors(client: Api) -> None:
    early = summary(client, asOf="2020-07-02")
    assert [(each["assessment"], each["score"]) for each in early["assessments"]] == [("Y-1", 40)]
    running = summary(client, asOf="2020-02-15")
    assert (running["askedOf"], running["dutiesSent"], running["burdensSent"]) == (1, 1, 0)
    merged = summary(client, asOf="2023-01-01")
    assert (merged["assessedBy"], merged["askedOf"], merged["silent"]) == (3, 3, [])


def test_a_territory_gives_whom_it_is_about(client: Api, run: Run) -> None:
    rows = client.ask(QUERY, within="420684", period="2020-H1", asOf="2021-01-01")["assessments"]
    assert [row["unit"]["code"] for row in rows] == ["town", "water"]
    done = run("assessments", "--within", "420684", "--period", "2020-H1", "--as-of", "2021-01-01", "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["unit"], line["assessed_by"], line["asked_of"], line["silent"]) for line in lines] == [
        ("town", 1, 0, []),
        ("water", 3, 4, ["town2"]),
    ]
    shown = run("assessments", "--unit", "water", "--period", "2020-H1", "--as-of", "2021-01-01").stdout.decode()
    assert "2020-07-03  单位village（village）  90  好" in shown
    assert "派了活而未评议 / sent work and did not assess: 单位town2（town2）" in shown
    for wrong in (
        ["--period", "2020-13", "--unit", "water"],
        ["--period", "2020"],
        ["--period", "2020", "--unit", "x"],
    ):
        assert run("assessments", *wrong).returncode != 0


def test_one_of_unit_and_territory_is_needed(client: Api) -> None:
    assert client.refused('{ assessments(period: "2020") { period } }')["code"] == "bad-value"
    assert (
        client.refused('{ assessments(period: "2020", unit: "water", within: "town") { period } }')["code"]
        == "bad-value"
    )


def test_a_territory_gives_what_its_units_said_of_whomever(client: Api) -> None:
    query = """query ($within: ID!, $period: String!, $asOf: Date) {
      assessmentsMade(within: $within, period: $period, asOf: $asOf) {
        assessment unit { code } by { code } score text on
      }
    }"""

    def made(within: str, period: str = "2020-H1", day: str = "2021-01-01") -> list[str]:
        rows = client.ask(query, within=within, period=period, asOf=day)["assessmentsMade"]
        return [each["assessment"] for each in rows]

    # The town's latest word, not its first; the village is below it, and spoke of the town too.
    assert made("town") == ["Y-3", "Y-9", "Y-2"]
    assert made("town", day="2020-07-02") == ["Y-1"]
    assert made("village") == ["Y-9", "Y-2"]
    assert made("town2") == []
    assert made("town2", "2020-Q2") == ["Y-8"]
    # The second town is read as the first from 2022 on.
    assert made("town", "2020-Q2", "2023-01-01") == ["Y-8"]
    rows = client.ask(query, within="village", period="2020-H1", asOf="2021-01-01")["assessmentsMade"]
    assert rows[1] == {
        "assessment": "Y-2",
        "unit": {"code": "water"},
        "by": {"code": "village"},
        "score": 90,
        "text": "好",
        "on": "2020-07-03",
    }


def test_the_periods_for_which_there_are_some_are_named(client: Api) -> None:
    query = """query ($within: ID!, $asOf: Date) {
      assessmentPeriods(within: $within, asOf: $asOf) { period assessed made }
    }"""

    def there(within: str, day: str = "2021-01-01") -> dict[str, tuple[int, int]]:
        rows = client.ask(query, within=within, asOf=day)["assessmentPeriods"]
        return {each["period"]: (each["assessed"], each["made"]) for each in rows}

    # Of the water bureau: in the half the town (once, its latest), the village and the squad; in the quarter a town.
    assert there("water") == {"2020-H1": (3, 2), "2020-Q2": (1, 0)}
    assert there("town") == {"2020-H1": (1, 3)}
    assert there("420684", "2020-07-02") == {"2020-H1": (1, 1)}
    for name, (assessed_, made) in there("420684").items():
        rows = client.ask(QUERY, within="420684", period=name, asOf="2021-01-01")["assessments"]
        assert sum(row["assessedBy"] for row in rows) == assessed_
        query_made = """query ($within: ID!, $period: String!) {
          assessmentsMade(within: $within, period: $period, asOf: "2021-01-01") { assessment }
        }"""
        assert len(client.ask(query_made, within="420684", period=name)["assessmentsMade"]) == made


def test_a_year_shows_what_lies_in_it_and_its_numbers_lead_to_what_they_count(client: Api) -> None:
    page = client.send("GET", "/assessments?within=water&period=2020&as_of=2021-01-01&lang=zh").text
    assert re.findall(r'<p id="there">.*?</p>', page)[0].count("<a ") == 2
    address = "/assessments?within=water&period=2020&as_of=2021-01-01&format=json"
    inner = client.send("GET", f"{address}&table=inner").json()
    assert {(one["period"], one["assessed_by"]) for one in inner} == {("2020-H1", 3), ("2020-Q2", 1)}
    each = client.send("GET", f"{address}&table=each").json()
    assert sorted(one["score"] for one in each) == [10, 60, 75, 90]
    (year,) = client.send("GET", f"{address}&table=assessments").json()
    assert year["assessed_by"] == 0
    counted = client.send("GET", f"{address.replace('period=2020', 'period=2020-H1')}&alone=1&table=each").json()
    assert len(counted) == 3
    assert "缺权力、问题和逾期按 2020-12-31 的情形数" in page
