"""Reports from below and monitoring points, on a small county whose answers are worked out by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry import database
from registry.checker.names.mention import mention
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.burden_world import burden, matter
from tests.support.cli_runner import Run
from tests.support.worlds import COUNTY, Line, decision, duty


def report(code: str, at: str, text: str, unit: str = "village", **more: Any) -> Line:
    return decision("BurdenReported", at, report=code, unit=unit, text=text, **more)


def answer(code: str, at: str, outcome: str, by: str = "420684", text: str = "已核实") -> Line:
    return decision("ReportAnswered", at, report=code, by=by, text=text, outcome=outcome)


JOURNAL = [
    *COUNTY,
    matter("F-HOUSE", "form", "入户登记表", aliases=["入户表"]),
    matter("F-CROPS", "form", "播种面积核实表"),
    decision("ListItemEntered", "2019-01-01", list="NEG", item="1", name="采砂", terms=["采砂"]),
    decision("UnitRevised", "2024-01-01", unit="village", monitored=True),
    decision("UnitRevised", "2024-01-01", unit="village2", monitored=True),
    # The town makes the village lead on sand: forbidden to villages since the list, ended on 1 May.
    duty("D1", "2024-03-10", from_="town", to="village"),
    decision("DelegationEnded", "2024-05-01", ref="D1", reason="revoked"),
    burden("F1", "2024-03-05", "F-HOUSE"),
    burden("F2", "2024-04-02", "F-CROPS"),
    burden("F3", "2024-04-03", "F-HOUSE", from_="420684"),
    burden("F4", "2024-04-04", "F-HOUSE", to="village2"),
    decision("CertificateDemanded", "2024-04-10", ref="C1", matter="C-KIN", from_="market", to="village2"),
    report("R1", "2024-03-20", "村里管不了采砂", about="D1"),
    report("R2", "2024-05-10", "采砂的责任书怎么还要签", about="D1"),
    report("R3", "2024-04-15", "入户表和播种面积表天天改"),
    report("R4", "2024-04-20", "盖章盖不过来", "village2", about="C1"),
    report("R5", "2024-04-21", "人手不够", "village2"),
    answer("R1", "2024-04-01", "upheld", by="water"),
    answer("R1", "2024-04-30", "resolved"),
    answer("R4", "2024-04-20", "rejected"),
    answer("R3", "2024-05-05", "upheld"),
    # From 2025 on the second village is read as the first; the town's duty stays the town's.
    decision("UnitDissolved", "2025-01-01", unit="village2", successor="village"),
]


REPORTS = """query ($within: ID!, $state: String, $since: Date, $until: Date, $asOf: Date, $known: Known,
               $first: Int, $after: String) {
  reports(within: $within, state: $state, since: $since, until: $until, asOf: $asOf, known: $known,
          first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { report on unit { code } about kind matter { code } from { code } to { code } state outcome days
            answeredOn answeredBy { code } findings { rule unit { code } subject }
            candidates { share name delegation { ref } findings { rule } } } } }"""


def by_code(client: Api, **given: Any) -> dict[str, dict[str, Any]]:
    answer = client.ask(REPORTS, within="420684", **given)["reports"]
    return {one["report"]: one for one in answer["nodes"]}


def test_a_report_is_open_until_it_is_answered(client: Api) -> None:
    states = {
        day: {code: (one["state"], one["outcome"], one["days"]) for code, one in by_code(client, asOf=day).items()}
        for day in ("2024-03-19", "2024-03-31", "2024-04-01", "2024-05-31")
    }
    assert states["2024-03-19"] == {}
    assert states["2024-03-31"] == {"R1": ("open", None, 11)}
    assert states["2024-04-01"] == {"R1": ("answered", "upheld", 12)}
    assert states["2024-05-31"] == {
        "R2": ("open", None, 21),
        "R5": ("open", None, 40),
        "R4": ("answered", "rejected", 0),
        "R3": ("answered", "upheld", 20),
        "R1": ("answered", "resolved", 12),  # the latest answer counts, and the days to the first
    }
    assert list(states["2024-05-31"]) == ["R2", "R5", "R4", "R3", "R1"]  # the latest first
    first = by_code(client, asOf="2024-05-31")["R1"]
    assert (first["answeredOn"], first["answeredBy"]) == ("2024-04-01", {"code": "420684"})


def test_what_was_not_recorded_yet_is_not_known(client: Api) -> None:
    known = JOURNAL.index(answer("R1", "2024-04-01", "upheld", by="water"))
    assert by_code(client, asOf="2024-05-31", known={"position": known})["R1"]["state"] == "open"


def test_a_report_about_a_ref_joins_its_findings_of_that_day(client: Api) -> None:
    results = by_code(client, asOf="2024-05-31")
    # On 20 March the village led on sand against the list; on 10 May that had ended.
    rules = {one["rule"] for one in results["R1"]["findings"]}
    assert {"negative-list", "duty-without-power"} <= rules
    assert {(one["unit"]["code"], one["subject"]) for one in results["R1"]["findings"]} == {("village", "D1")}
    assert results["R2"]["findings"] == []
    one = results["R1"]
    assert (one["kind"], one["matter"], one["from"], one["to"]) == (
        "DUTY",
        {"code": "D-SAND"},
        {"code": "town"},
        {"code": "village"},
    )
    demand = results["R4"]
    assert (demand["kind"], demand["matter"], demand["from"]) == ("CERTIFICATE", {"code": "C-KIN"}, {"code": "market"})
    assert all(one["candidates"] == [] for code, one in results.items() if code in ("R1", "R2", "R4"))


def test_a_waived_finding_does_not_speak_for_a_report(new_database: Any) -> None:
    url = new_database()
    waived = {"subject": "D1", "unit": "village", "by": "420684", "reason": "容错"}
    with database.connect(url) as connection:
        record(connection, [*JOURNAL, decision("FindingWaived", "2024-03-15", rule="negative-list", **waived)])
    with api(url) as opened:
        rules = {one["rule"] for one in by_code(opened, asOf="2024-05-31")["R1"]["findings"]}
    assert "negative-list" not in rules
    assert "duty-without-power" in rules


def test_a_report_that_names_nothing_gets_candidates(client: Api) -> None:
    results = by_code(client, asOf="2024-05-31")
    # Of 播种面积核实表 the text has 播种 种面 面积, of six pairs (播种 种面 面积 积核 核实 实表): half.
    assert [(one["delegation"]["ref"], one["name"], one["share"]) for one in results["R3"]["candidates"]] == [
        ("F1", "入户表", 100),
        ("F3", "入户表", 100),
        ("F2", "播种面积核实表", 50),
    ]
    # The county imposes the same form past the town.
    assert {one["rule"] for one in results["R3"]["candidates"][1]["findings"]} == {"level-skip"}
    assert results["R3"]["findings"] == []
    assert results["R5"]["candidates"] == []


def test_the_day_of_the_report_is_what_counts_not_what_became_of_the_unit(client: Api) -> None:
    results = by_code(client, asOf="2025-06-01")
    assert results["R4"]["unit"] == {"code": "village"}  # as successor
    assert results["R1"]["findings"] != []
    assert [one["delegation"]["ref"] for one in results["R3"]["candidates"]] == ["F1", "F3", "F2"]


def test_reports_by_state_time_and_page(client: Api) -> None:
    assert set(by_code(client, asOf="2024-05-31", state="open")) == {"R2", "R5"}
    assert set(by_code(client, asOf="2024-05-31", state="answered")) == {"R1", "R3", "R4"}
    assert set(by_code(client, asOf="2024-05-31", since="2024-04-15", until="2024-04-20")) == {"R3", "R4"}
    first = client.ask(REPORTS, within="town", asOf="2024-05-31", first=2)["reports"]
    assert ([one["report"] for one in first["nodes"]], first["totalCount"]) == (["R2", "R5"], 5)
    after = first["pageInfo"]["endCursor"]
    second = client.ask(REPORTS, within="town", asOf="2024-05-31", first=3, after=after)["reports"]
    assert [one["report"] for one in second["nodes"]] == ["R4", "R3", "R1"]
    assert not second["pageInfo"]["hasNextPage"]
    assert client.ask(REPORTS, within="town2", asOf="2024-05-31")["reports"]["totalCount"] == 0


STATISTICS = """query ($by: String, $asOf: Date, $within: ID!) { reportStatistics(within: $within, by: $by, asOf: $asOf)
    { unit { code } reports open answered upheld rejected resolved days } }"""


def test_statistics_by_unit_and_by_sender(client: Api) -> None:
    def counted(by: str | None, as_of: str = "2024-05-31") -> list[tuple[Any, ...]]:
        rows = client.ask(STATISTICS, by=by, asOf=as_of, within="420684")["reportStatistics"]
        names = ("reports", "open", "upheld", "rejected", "resolved", "days")
        return [(one["unit"] and one["unit"]["code"], *(one[name] for name in names)) for one in rows]

    assert counted("unit") == [("village", 3, 1, 1, 0, 1, 16.0), ("village2", 2, 1, 0, 1, 0, 0.0)]
    assert counted("sender") == [
        ("town", 2, 1, 0, 0, 1, 12.0),
        (None, 2, 1, 1, 0, 0, 20.0),
        ("market", 1, 0, 0, 1, 0, 0.0),
    ]
    assert counted(None) == [(None, 5, 2, 1, 1, 1, 12.0)]
    assert counted("unit", "2025-06-01") == [("village", 5, 2, 1, 1, 1, 12.0)]
    assert counted(None, "2020-01-01") == [(None, 0, 0, 0, 0, 0, None)]


MONITORING = """query ($within: ID, $month: String) { monitoring(within: $within, month: $month) { month until
    points { unit { code } landed landedBefore burdens reports reportsBefore opened openedBefore }
    landed { kind from { code } burdens before } reports reportsBefore
    opened { rule unit { code } subject } openedBefore closed { rule subject } } }"""


def test_a_month_of_the_monitoring_points(client: Api) -> None:
    april = client.ask(MONITORING, within="420684", month="2024-04")["monitoring"]
    assert (april["month"], april["until"]) == ("2024-04", "2024-04-30")
    first, second = april["points"]
    # In April F2 and F3 begin beside F1; the month before F1, and the duty that opened findings.
    assert (first["unit"]["code"], first["landed"], first["landedBefore"], first["burdens"]) == ("village", 2, 1, 3)
    assert (first["reports"], first["reportsBefore"]) == (1, 1)
    assert (second["unit"]["code"], second["landed"], second["burdens"], second["reports"]) == ("village2", 1, 1, 2)
    assert april["landed"] == [
        {"kind": "FORM", "from": {"code": "town"}, "burdens": 2, "before": 1},
        {"kind": "FORM", "from": {"code": "420684"}, "burdens": 1, "before": 0},
    ]
    assert (april["reports"], april["reportsBefore"]) == (3, 1)
    opened = {(one["rule"], one["unit"]["code"], one["subject"]) for one in april["opened"]}
    assert opened == {("level-skip", "village", "F3")}
    assert first["opened"] == 1
    assert first["openedBefore"] == april["openedBefore"] == 2
    assert april["closed"] == []
    may = client.ask(MONITORING, within="town", month="2024-05")["monitoring"]
    assert {one["subject"] for one in may["closed"]} == {"D1"}
    assert may["opened"] == []
    alone = client.ask(MONITORING, within="village2", month="2024-04")["monitoring"]
    assert [one["unit"]["code"] for one in alone["points"]] == ["village2"]
    assert [one["unit"]["code"] for one in client.ask(MONITORING, month="2024-04")["monitoring"]["points"]] == [
        "village",
        "village2",
    ]


def test_there_may_be_no_point(client: Api) -> None:
    for within, month in (("town2", "2024-04"), (None, "2023-12")):
        empty = client.ask(MONITORING, within=within, month=month)["monitoring"]
        assert (empty["points"], empty["landed"], empty["opened"], empty["reports"]) == ([], [], [], 0)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ reports(within: "nowhere") { totalCount } }', "unknown-unit"),
        ('{ reports(within: "420684", state: "shut") { totalCount } }', "bad-value"),
        ('{ reports(within: "420684", after: "x") { totalCount } }', "bad-value"),
        ('{ reports(within: "420684", after: "azoyMDI0LTAxLTAxIHg=") { totalCount } }', "bad-value"),
        (
            '{ reports(within: "420684", after: "azoyMDI0LTAxLTAxIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk=") { totalCount } }',
            "bad-value",
        ),
        ('{ reportStatistics(within: "420684", by: "rule") { reports } }', "bad-value"),
        ('{ reportStatistics(within: "nowhere") { reports } }', "unknown-unit"),
        ('{ monitoring(within: "nowhere") { month } }', "unknown-unit"),
        ('{ monitoring(month: "2024") { month } }', "bad-value"),
        ('{ monitoring(month: "0001-01") { month } }', "bad-value"),
    ],
)
def test_what_is_refused(client: Api, query: str, code: str) -> None:
    assert client.refused(query)["code"] == code


def test_days_without_end(client: Api) -> None:
    first = client.ask('{ monitoring(month: "0002-01") { points { landed } } }')["monitoring"]
    last = client.ask('{ monitoring(month: "9998-12") { points { landed } } }')["monitoring"]
    assert (first["points"], last["points"]) == ([], [{"landed": 0}])
    everything = client.ask(REPORTS, within="420684", since="0001-01-01", until="9999-12-31", asOf="9999-12-31")
    assert everything["reports"]["totalCount"] == 5


def test_too_many_days_are_refused_with_what_to_do(new_database: Any) -> None:
    url = new_database()
    days = [f"2023-{month:02}-{day:02}" for month in (1, 2, 3) for day in range(1, 26)]
    with database.connect(url) as connection:
        record(connection, [*COUNTY, *(report(f"T{index}", day, "多") for index, day in enumerate(days))])
    with api(url) as opened:
        assert opened.refused(REPORTS, within="420684")["code"] == "too-costly"
        plain = opened.ask('{ reports(within: "420684", first: 100) { nodes { report text } } }')
        assert len(plain["reports"]["nodes"]) == 75


def lines(run: Run, *arguments: str) -> list[dict[str, Any]]:
    done = run(*arguments, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(each) for each in done.stdout.splitlines()]


def test_the_commands_say_the_same(run: Run) -> None:
    rows = lines(run, "reports", "--within", "420684", "--as-of", "2024-05-31")
    assert [one["report"] for one in rows] == ["R2", "R5", "R4", "R3", "R1"]
    assert "negative-list" in {one["rule"] for one in rows[-1]["findings"]}
    assert [one["ref"] for one in rows[3]["candidates"]] == ["F1", "F3", "F2"]
    text = run("reports", "--within", "420684", "--as-of", "2024-05-31").stdout.decode()
    assert "可能所指 may be about: F1  入户表  100%" in text
    counted = lines(run, "reports", "--within", "420684", "--as-of", "2024-05-31", "--count-by", "sender")
    assert [(one["unit"], one["reports"], one["days"]) for one in counted] == [
        ("town", 2, 12.0),
        (None, 2, 20.0),
        ("market", 1, 0.0),
    ]
    april = lines(run, "monitoring", "420684", "--month", "2024-04")
    assert [(one["unit"], one["landed"], one["opened"]) for one in april if "landed" in one] == [
        ("village", 2, 1),
        ("village2", 1, 0),
    ]
    assert [one["subject"] for one in april if one.get("change") == "opened"] == ["F3"]
    assert "2 (1)" in run("monitoring", "420684", "--month", "2024-04").stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("reports", "--within", "nowhere"), 1),
        (("reports", "--within", "420684", "--state", "shut"), 2),
        (("reports", "--within", "420684", "--count-by", "rule"), 2),
        (("reports", "--within", "420684", "--since", "yesterday"), 2),
        (("monitoring", "nowhere"), 1),
        (("monitoring", "--month", "2024-00"), 2),
    ],
)
def test_what_the_commands_refuse(run: Run, arguments: tuple[str, ...], status: int) -> None:
    done = run(*arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.parametrize(
    ("text", "names", "share", "name"),
    [
        ("今天又要填入户登记表", ["入户登记表", "入户表"], 1.0, "入户登记表"),
        ("入戶登記表太多", ["入户登记表"], 1.0, "入户登记表"),  # traditional characters
        ("登记", ["入户登记表"], 0.25, "入户登记表"),
        ("", ["入户登记表"], 0.0, "入户登记表"),
        ("什么都没有", [], 0.0, ""),
    ],
)
def test_how_much_of_a_name_a_text_mentions(text: str, names: list[str], share: float, name: str) -> None:
    assert mention(text, names) == (share, name)
