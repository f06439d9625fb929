"""Findings ordered to be put right: how orders stand over time, in every face; and their letters."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from tests.support.api_client import Api
from tests.support.cli_runner import Run
from tests.support.worlds import COUNTY, Line, decision, duty


def order(ref: str, subject: str, to: str, due_on: str = "2020-06-30", rule: str = "out-of-line") -> Line:
    finding = {"rule": rule, "subject": subject, "unit": to}
    return decision("RectificationOrdered", "2020-03-01", ref=ref, **finding, by="4206", text="限期纠正", due_on=due_on)


def reply(ref: str, at: str, outcome: str, by: str = "town", **more: Any) -> Line:
    return decision("RectificationAnswered", at, ref=ref, by=by, text="已报告", outcome=outcome, **more)


# The first town's bureau hands down to a village of another; out of line, for the county is not above the town.
JOURNAL = [
    *COUNTY,
    *(duty(f"D-{n}", "2020-02-01", from_="town2", to="village", role="assist") for n in range(1, 7)),
    *(order(f"Z-{n}", f"D-{n}", "village") for n in range(1, 7)),
    # 1: never answered; 2: done, and it is; 3: done on paper; 4: given time till August; 5: disputed; 6: waived.
    reply("Z-2", "2020-05-01", "done"),
    decision("DelegationEnded", "2020-05-01", ref="D-2", reason="returned"),
    reply("Z-3", "2020-05-01", "done"),
    reply("Z-4", "2020-05-01", "extended", due_on="2020-08-31"),
    reply("Z-5", "2020-05-01", "disputed", by="420684"),
    decision(
        "FindingWaived", "2020-05-01", rule="out-of-line", subject="D-6", unit="village", by="4206", reason="试点"
    ),
    # From 2021 on the village is read as its neighbour.
    decision("UnitDissolved", "2021-01-01", unit="village", successor="village2"),
]
STATES = {
    "2020-04-01": ["OPEN", "OPEN", "OPEN", "OPEN", "OPEN", "OPEN"],
    "2020-05-01": ["OPEN", "CLOSED", "ON_PAPER", "ANSWERED", "DISPUTED", "CLOSED"],
    "2020-06-30": ["OPEN", "CLOSED", "ON_PAPER", "ANSWERED", "DISPUTED", "CLOSED"],
    "2020-07-01": ["OVERDUE", "CLOSED", "ON_PAPER", "ANSWERED", "OVERDUE", "CLOSED"],
    "2020-09-01": ["OVERDUE", "CLOSED", "ON_PAPER", "OVERDUE", "OVERDUE", "CLOSED"],
    "2021-01-01": ["OVERDUE", "CLOSED", "ON_PAPER", "OVERDUE", "OVERDUE", "CLOSED"],
}
ORDERS = """query ($within: ID, $state: RectificationState, $asOf: Date, $first: Int, $after: String, $dueBy: Date) {
  rectifications(within: $within, state: $state, asOf: $asOf, first: $first, after: $after, dueBy: $dueBy) {
    totalCount
    nodes { ref state dueOn unit { code } by { code } finding { subject orders { ref } } answers { outcome } }
    pageInfo { hasNextPage endCursor } } }"""


@pytest.mark.parametrize("day", STATES)
def test_an_order_stands_as_its_finding_and_answers_make_it(client: Api, day: str) -> None:
    answer = client.ask(ORDERS, within="420684", asOf=day)["rectifications"]
    by_ref = {node["ref"]: node for node in answer["nodes"]}
    assert [by_ref[f"Z-{n}"]["state"] for n in range(1, 7)] == STATES[day]
    for state in set(STATES[day]):
        chosen = client.ask(ORDERS, within="420684", asOf=day, state=state)["rectifications"]
        expected = {f"Z-{n}" for n, each in enumerate(STATES[day], 1) if each == state}
        assert ({node["ref"] for node in chosen["nodes"]}, chosen["totalCount"]) == (expected, len(expected))


@pytest.mark.parametrize("day", STATES)
def test_an_order_stands_the_same_beside_its_finding_and_by_itself(client: Api, day: str) -> None:
    alone = client.ask(ORDERS, within="420684", asOf=day)["rectifications"]["nodes"]
    by_ref = {node["ref"]: (node["state"], node["finding"] and node["finding"]["subject"]) for node in alone}
    # Both in one question: what was found answers how the orders stand, also of a finding that is waived.
    query = """query ($day: Date) {
        findings(within: "420684", asOf: $day, waived: true) { nodes { orders { ref state finding { subject } } } }
        findingCounts(within: "420684", asOf: $day, by: [RULE]) { keys }
        rectifications(within: "420684", asOf: $day, state: CLOSED) { nodes { ref } } }"""
    answer = client.ask(query, day=day)
    beside = [each for node in answer["findings"]["nodes"] for each in node["orders"]]
    assert {each["ref"] for each in beside} >= {ref for ref, (state, _) in by_ref.items() if state != "CLOSED"}
    for each in beside:
        assert (each["state"], each["finding"] and each["finding"]["subject"]) == by_ref[each["ref"]]
    closed = {ref for ref, (state, _) in by_ref.items() if state == "CLOSED"}
    assert {node["ref"] for node in answer["rectifications"]["nodes"]} == closed


def test_the_checker_says_what_is_overdue_and_what_is_on_paper(client: Api) -> None:
    query = """query ($asOf: Date) { findings(within: "420684", asOf: $asOf) {
        nodes { rule subject unit { code } matter { code } path message(lang: "en") orders { ref } } } }"""
    nodes = client.ask(query, asOf="2021-02-01")["findings"]["nodes"]
    rules = ("rectification-overdue", "rectified-on-paper")
    nodes_by_key = {(node["rule"], node["subject"]): node for node in nodes if node["rule"] in rules}
    assert set(nodes_by_key) == {
        *((rules[0], ref) for ref in ("Z-1", "Z-4", "Z-5")),
        (rules[1], "Z-3"),
    }
    on_paper = nodes_by_key[rules[1], "Z-3"]
    assert (on_paper["unit"], on_paper["matter"]) == ({"code": "village2"}, {"code": "D-SAND"})
    assert on_paper["path"][:2] == ["Z-3", "D-3"]
    assert on_paper["orders"] == [{"ref": "Z-3"}]
    ordered = next(node for node in nodes if (node["rule"], node["subject"]) == ("out-of-line", "D-3"))
    assert ordered["orders"] == [{"ref": "Z-3"}]


def test_what_ends_the_finding_closes_what_was_said_of_its_order(client: Api) -> None:
    simulate = """query ($d: [JSON!]!, $on: Date) { simulate(decisions: $d, asOf: $on) {
        opened { rule subject } closed { rule subject } errors } }"""
    ended = decision("DelegationEnded", "2020-09-01", ref="D-3", reason="returned")
    result = client.ask(simulate, d=[ended], on="2020-09-01")["simulate"]
    assert {"rule": "rectified-on-paper", "subject": "Z-3"} in result["closed"]
    waiver = decision("FindingWaived", "2020-09-01", rule="out-of-line", subject="D-1", unit="village", by="4206")
    result = client.ask(simulate, d=[waiver | {"reason": "试点"}], on="2020-09-01")["simulate"]
    assert {"rule": "rectification-overdue", "subject": "Z-1"} in result["closed"]
    answered = reply("Z-1", "2020-09-01", "done")
    result = client.ask(simulate, d=[answered], on="2020-09-01")["simulate"]
    assert result["opened"] == [{"rule": "rectified-on-paper", "subject": "Z-1"}]
    assert result["closed"] == [{"rule": "rectification-overdue", "subject": "Z-1"}]


def test_pages_and_days(client: Api) -> None:
    pages, after = list[str](), None
    while True:
        page = client.ask(ORDERS, within="village", asOf="2020-05-01", first=2, after=after)["rectifications"]
        pages += [node["ref"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == ["Z-1", "Z-2", "Z-3", "Z-5", "Z-6", "Z-4"]
    due = client.ask(ORDERS, asOf="2020-05-01", dueBy="2020-06-30")["rectifications"]
    assert due["totalCount"] == 5
    assert client.ask(ORDERS, asOf="2020-02-29")["rectifications"]["totalCount"] == 0


def test_the_letters_say_what_is_wrong_and_what_was_answered(client: Api, run: Run, tmp_path: Path) -> None:
    def text(content: bytes) -> str:
        document = Document(io.BytesIO(content))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])

    letter = text(client.send("GET", "/v1/rectifications/Z-1/order.docx?as_of=2020-04-01").content)
    for words in (
        "问题整改督办单",
        "督办编号：Z-1",
        "单位village（village）",
        "限期纠正",
        "整改期限\n2020年6月30日",
        "问题对象\n采砂管理（D-1）",
        "督办单位（盖章）：单位4206",
        "请于2020年6月30日以前整改到位",
    ):
        assert words in letter
    form = text(client.send("GET", "/v1/rectifications/Z-4/answer.docx?as_of=2020-06-01").content)
    for words in ("问题整改情况答复单", "☑ 申请延期", "□ 已整改", "2020年8月31日", "已报告"):
        assert words in form
    missing = client.send("GET", "/v1/rectifications/D-1/order.docx")
    assert (missing.status_code, missing.json()["errors"][0]["extensions"]["code"]) == (404, "unknown-ref")
    for option in ("--letter", "--form"):
        path = tmp_path / f"{option}.docx"
        done = run("rectifications", "Z-1", option, path, "--as-of", "2020-04-01")
        assert done.returncode == 0, done.stderr
        assert "督办编号：Z-1" in text(path.read_bytes())


def test_the_command_line_says_the_same(run: Run) -> None:
    done = run("rectifications", "--within", "420684", "--state", "ON_PAPER", "--as-of", "2020-07-01", "--json")
    (line,) = [json.loads(each) for each in done.stdout.splitlines()]
    assert (line["ref"], line["state"], line["finding"]["subject"]) == ("Z-3", "ON_PAPER", "D-3")
    assert [answer["outcome"] for answer in line["answers"]] == ["done"]
    shown = run("rectifications", "--as-of", "2020-07-01").stdout.decode()
    assert "2020-06-30  Z-1  逾期 OVERDUE  单位village（village）  out-of-line" in shown
    assert "共 6 份督办。 / 6 orders." in shown
    assert "共 1 份督办。 / 1 order." in run("rectifications", "Z-1", "--as-of", "2020-07-01").stdout.decode()
    assert b"unknown-ref" in run("rectifications", "D-1").stderr
    assert run("rectifications", "--state", "LATE").returncode == 2
