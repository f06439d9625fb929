"""The balance as users ask for it: over GraphQL, as CSV by address and by command."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from registry.web.graphql import explorer
from tests.support.api_client import Api
from tests.support.cli_runner import Run
from tests.support.worlds import COUNTY, decision, duty, grant, unit

FORMULA = '=HYPERLINK("http://x","y"),镇'
JOURNAL = [
    *COUNTY,
    unit("funny", "township", "government", "420684") | {"name": FORMULA},
    decision("MatterDefined", "2000-01-01", matter="D-FUND", kind="duty", name="补助发放", needs=["funds"]),
    duty("R-1"),
    duty("R-2", "2020-07-01", to="town2"),
    grant("G-1", "2021-01-01"),
    duty("R-3", to="funny", matter="D-FUND", role="assist"),
    duty("R-4", to="town2", matter="D-FUND", role="share", brings=["funds"]),
    duty("R-5", to="village", matter="D-RIVER", role="assist", mode="entrusted"),
]


QUERY = """query ($on: Date, $level: Level, $first: Int, $after: String) { balance(within: "420684", asOf: $on) {
    asOf total { units duties led withPower withoutPower noPowerNeeded powers assigned funded unfunded withoutNeeds
                 violations dutyViolations violationsPer100Duties }
    levels { level figures { led withoutPower } }
    units(level: $level, first: $first, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { unit { code name } figures { led violations } } } } }"""


def test_a_county_is_reported_by_total_level_and_unit(client: Api) -> None:
    answer = client.ask(QUERY, on="2020-08-01", level="TOWNSHIP")["balance"]
    assert answer["asOf"] == "2020-08-01"
    # Each of three towns leads the river's round by list; two also the sand, without the power over it.
    assert answer["total"] == {
        "units": 8,
        "duties": 8,
        "led": 5,
        "withPower": 3,
        "withoutPower": 2,
        "noPowerNeeded": 3,
        "powers": 1,
        "assigned": 8,
        "funded": 1,
        "unfunded": 2,
        "withoutNeeds": 5,
        "violations": 2,
        "dutyViolations": 2,
        "violationsPer100Duties": 25.0,
    }
    assert [level["level"] for level in answer["levels"]] == ["COUNTY", "TOWNSHIP", "VILLAGE"]
    rows = answer["units"]["nodes"]
    assert [(row["unit"]["code"], row["figures"]["led"]) for row in rows] == [("funny", 1), ("town", 2), ("town2", 2)]
    page = client.ask(QUERY, on="2020-08-01", first=2)["balance"]["units"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (8, True)
    rest = client.ask(QUERY, on="2020-08-01", after=page["pageInfo"]["endCursor"])["balance"]["units"]
    codes = [row["unit"]["code"] for row in [*page["nodes"], *rest["nodes"]]]
    assert codes == ["420684", "funny", "market", "town", "town2", "village", "village2", "water"]
    # The power was granted to one of the two in 2021, by a document that the law takes since July 15.
    later = client.ask(QUERY, on="2021-08-01")["balance"]["total"]
    assert (later["withPower"], later["withoutPower"], later["powers"]) == (4, 1, 2)


def test_a_series_is_reported_by_the_ends_of_quarters(client: Api) -> None:
    series = """query ($from: Date!, $to: Date!, $step: BalanceStep!) {
        balanceOverTime(within: "420684", from: $from, to: $to, step: $step) { asOf total { withoutPower } } }"""
    answer = client.ask(series, **{"from": "2020-05-01", "to": "2021-08-01", "step": "QUARTER"})["balanceOverTime"]
    assert [(each["asOf"], each["total"]["withoutPower"]) for each in answer] == [
        ("2020-06-30", 1),
        ("2020-09-30", 2),
        ("2020-12-31", 2),
        ("2021-03-31", 2),
        ("2021-06-30", 2),
        ("2021-08-01", 1),
    ]
    refused = client.refused(series, **{"from": "0001-01-01", "to": "9999-12-31", "step": "MONTH"})
    assert refused["code"] == "too-large"
    assert client.refused(QUERY.replace("420684", "nowhere"))["code"] == "unknown-unit"
    saved = client.ask(
        explorer.operations()["balance"], within="town", asOf="2021-02-01", **{"from": "2020-01-01", "to": "2020-12-31"}
    )
    assert saved["balance"]["total"]["units"] == 3
    assert len(saved["balanceOverTime"]) == 4


FIGURES = [
    *("units", "duties", "led", "withPower", "withoutPower", "noPowerNeeded", "powers", "assigned", "funded"),
    *("unfunded", "withoutNeeds", "violations", "dutyViolations", "violationsPer100Duties"),
]


def test_a_series_in_arrays_says_what_the_balance_of_each_day_says(client: Api) -> None:
    period = 'within: "420684", from: "1999-10-01", to: "2021-08-01", step: QUARTER'
    words = {name: re.sub(r"([A-Z]|\d+)", r"_\1", name).upper() for name in FIGURES}
    totals = " ".join(f"{name}: total(figure: {word})" for name, word in words.items())
    values = " ".join(f"{name}: values(figure: {word})" for name, word in words.items())
    whole = f"{{ {' '.join(FIGURES)} }}"
    answer = client.ask(
        f"""{{ balanceOverTime({period}) {{ asOf total {whole} below {{ unit {{ code }} figures {whole} }}
            levels {{ level figures {whole} }} }}
        balanceSeries({period}) {{
            days {totals} below {{ unit {{ code name }} {values} }} levels {{ level {values} }} }} }}"""
    )
    days, series = answer["balanceOverTime"], answer["balanceSeries"]
    assert series["days"] == [each["asOf"] for each in days]
    assert {name: series[name] for name in FIGURES} == {
        name: [each["total"][name] for each in days] for name in FIGURES
    }
    by_day = [{one["unit"]["code"]: one["figures"] for one in each["below"]} for each in days]
    assert [one["unit"]["code"] for one in series["below"]] == sorted({code for below in by_day for code in below})
    assert by_day[0] == {}  # before there were units each has nothing
    for one in series["below"]:
        named = [below.get(one["unit"]["code"], dict.fromkeys(FIGURES)) for below in by_day]
        assert {name: one[name] for name in FIGURES} == {name: [each[name] for each in named] for name in FIGURES}
    levels = [{one["level"]: one["figures"] for one in each["levels"]} for each in days]
    assert [one["level"] for one in series["levels"]] == ["COUNTY", "TOWNSHIP", "VILLAGE"]
    for one in series["levels"]:
        on = [of_day.get(one["level"], dict.fromkeys(FIGURES)) for of_day in levels]
        assert {name: one[name] for name in FIGURES} == {name: [each[name] for each in on] for name in FIGURES}
    refused = client.refused(
        f"{{ balanceSeries({period.replace('1999', '0001').replace('QUARTER', 'MONTH')}) {{ days }} }}"
    )
    assert refused["code"] == "too-large"


def test_before_there_were_units_there_is_nothing_to_balance(client: Api) -> None:
    answer = client.ask(QUERY, on="1990-01-01")["balance"]
    assert (answer["total"]["units"], answer["total"]["violationsPer100Duties"], answer["levels"]) == (0, None, [])


def rows_of(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_csv_opens_in_excel_and_starts_no_formula(client: Api) -> None:
    answer = client.send("GET", "/v1/units/420684/balance.csv", params={"as_of": "2020-08-01"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = rows_of(answer.content)
    assert [row["层级"] for row in rows[:4]] == ["合计", "县级", "乡级", "村级"]
    assert rows[0]["其中：无权"] == "2"
    assert rows[0]["每百项职责违规"] == "25.0"
    funny = next(row for row in rows if row["单位代码"] == "funny")
    assert funny["单位名称"] == "'" + FORMULA
    english = rows_of(client.send("GET", "/v1/units/420684/balance.csv?as_of=2020-08-01&lang=en").content)
    assert [row["of these without power"] for row in english] == [row["其中：无权"] for row in rows]
    series = client.send("GET", "/v1/units/420684/balance.csv?from=2020-05-01&to=2021-02-01&step=quarter")
    days = dict.fromkeys(row["截至日期"] for row in rows_of(series.content))
    assert list(days) == ["2020-06-30", "2020-09-30", "2020-12-31", "2021-02-01"]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("nowhere/balance.csv", 404, "unknown-unit"),
        ("%00/balance.csv", 404, "unknown-unit"),
        ("town/balance.csv?as_of=today", 400, "bad-value"),
        ("town/balance.csv?as_of=2020-01-01&from=2020-01-01", 400, "bad-value"),
        ("town/balance.csv?to=2020-01-01", 400, "bad-value"),
        ("town/balance.csv?from=2020-01-01&step=day", 400, "bad-value"),
        ("town/balance.csv?lang=fr", 400, "bad-value"),
        ("town/balance.csv?day=2020-01-01", 400, "bad-value"),
        ("town/balance.csv?from=0001-01-01", 400, "too-large"),
    ],
)
def test_what_the_address_cannot_answer_is_reported(client: Api, address: str, status: int, code: str) -> None:
    answer = client.send("GET", f"/v1/units/{address}")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (status, code)
    assert client.send("GET", "/v1/units/town/balance.csv?as_of=9999-12-31").status_code == 200


def test_the_command_reports_it_in_words_json_and_csv(run: Run) -> None:
    def balance(*arguments: str) -> tuple[int, bytes, str]:
        done = run("balance", *arguments)
        return done.returncode, done.stdout, done.stderr.decode()

    status, printed, _ = balance("420684", "--as-of", "2020-08-01")
    assert status == 0
    assert "5 = 3 + 2" in printed.decode()
    status, printed, _ = balance("420684", "--as-of", "2020-08-01", "--json")
    objects: list[dict[str, Any]] = [json.loads(line) for line in printed.splitlines()]
    assert [each["of"] for each in objects] == ["total", *["level"] * 3, *["unit"] * 8]
    assert objects[0]["without_power"] == 2
    status, printed, _ = balance("420684", "--csv", "--from", "2020-05-01", "--to", "2021-08-01", "--step", "year")
    assert [row["其中：无权"] for row in rows_of(printed) if row["层级"] == "合计"] == ["2", "1"]
    status, printed, _ = balance("420684", "--from", "2020-05-01", "--to", "2021-02-01")
    assert (status, printed.decode().count("2020-")) == (0, 8)
    for arguments, code in (
        (("nowhere",), "unknown-unit"),
        (("town", "--step", "day"), "bad-value"),
        (("town", "--to", "2020-01-01"), "bad-value"),
        (("town", "--csv", "--json"), "bad-value"),
        (("town", "--as-of", "2020-01-01", "--from", "2020-01-01"), "bad-value"),
        (("town", "--from", "0001-01-01", "--to", "9999-12-31"), "too-large"),
    ):
        status, printed, complaint = balance(*arguments)
        assert (status > 0, printed) == (True, b"")
        assert complaint.startswith(code)
