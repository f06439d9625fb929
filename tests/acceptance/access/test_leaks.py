"""What an attacker tries: ways round to what is of another county, each answered with nothing of it."""

from __future__ import annotations

import base64
import json

import pytest

from registry.access.roles import Role
from tests.support.counties import Counties, Who, mentioned
from tests.support.two_counties import mark

CLERK, AUDITOR = Who(Role.CLERK), Who(Role.AUDITOR)


@pytest.mark.parametrize(
    "query",
    [
        '{ a: unit(code: "B-town") { x: burdens { y: ref } } b: unit(code: "A-town") { name } }',
        '{ unit(code: "A-town") { ...f } } fragment f on Unit { parent { children { nodes { burdens { ref } } } } }',
        '{ unit(code: "A") { children { nodes { code responsibilities { totalCount } } } } }',
        '{ matter(code: "D-SAND") { history { nodes { data } } } }',
        '{ instrument(number: "B号") { issuer { history { nodes { data } } } } }',
        '{ list(code: "B-PLAN") { scope { burdens { ref } powers { chain } } } }',
        '{ certificate(village: "B-town-village", text: "亲属关系证明") { item { scope { burdens { ref } } } } }',
        '{ unit(code: "A-town") { responsibilities { nodes { from { burdens { ref } } } } } }',
        "{ inclusionProof(position: %d) { leaf } }",
    ],
)
def test_no_way_round_leads_to_another_county(counties: Counties, query: str) -> None:
    query = query % counties.positions["B-town"] if "%d" in query else query
    assert mentioned(str(counties.query(CLERK, query))) <= {"A-town"}
    assert mentioned(str(counties.query(Who(Role.ANYBODY), query))) == set()


def test_a_cursor_of_anothers_page_leads_to_ones_own(counties: Counties) -> None:
    ask = """query ($after: String) {
        findings(first: 1, after: $after) { nodes { subject } totalCount pageInfo { endCursor hasNextPage } } }"""
    other = counties.query(Who(Role.AUDITOR, "B"), ask)["data"]["findings"]
    own = counties.query(AUDITOR, ask)["data"]["findings"]
    moved = counties.query(AUDITOR, ask, after=other["pageInfo"]["endCursor"])["data"]["findings"]
    assert moved["totalCount"] == own["totalCount"] < other["totalCount"]
    assert mentioned(str(moved)) <= {"A-town"}


def test_totals_are_of_ones_own(counties: Counties) -> None:
    ask = '{ balance(within: "%s") { total { units } } reportStatistics(within: "%s") { reports } }'
    own = counties.query(AUDITOR, ask % ("A-town", "A-town"))
    assert own["data"]["balance"]["total"]["units"] == 2
    assert counties.query(AUDITOR, ask % ("4206", "A")) == own


def test_a_leaf_is_for_who_sees_the_decision_and_who_recorded_it(counties: Counties) -> None:
    ask = "{ inclusionProof(position: %d) { leaf leafHash } }"
    own = counties.query(AUDITOR, ask % counties.positions["A-town"])["data"]["inclusionProof"]
    assert mark("A-town") in base64.b64decode(own["leaf"]).decode(errors="ignore")
    for who, unit in ((CLERK, "A-town"), (CLERK, "B-town"), (AUDITOR, "B-town")):
        other = counties.query(who, ask % counties.positions[unit])
        assert (other["data"], other["errors"][0]["extensions"]["code"]) == (None, "forbidden")


def test_a_role_for_several_units_sees_all_of_them_and_nothing_else(counties: Counties) -> None:
    for unit, seen in (("A", {"A-town", "A-town2"}), ("4206", {"A-town", "A-town2", "B-town", "B-town2"})):
        answer = counties.query(Who(Role.AUDITOR, unit), "{ findings { nodes { subject } } }")
        assert mentioned(str(answer)) == seen


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/v1/units/$unit/balance.csv", 200),
        ("/villages/$unit/burdens", 200),
        ("/villages/$unit-village/wrong-answer", 200),
        ("/v1/rectifications/$markZ1/order.docx", 200),
    ],
)
def test_what_is_downloaded_or_shown_is_ones_own(counties: Counties, path: str, own: int) -> None:
    def status(who: Who, town: str) -> int:
        filled = path.replace("$unit", town).replace("$mark", mark(town))
        answer = counties.send(who, "GET", filled)
        assert "public" not in answer.headers.get("cache-control", "")
        return answer.status_code

    assert status(CLERK, "A-town") == own
    assert status(CLERK, "B-town") in (403, 404)
    assert status(CLERK, "A-town2") in (403, 404)
    assert status(Who(Role.ANYBODY), "A-town") in (303, 401)
    assert status(Who(Role.ADMINISTRATOR, None), "A-town") == 403


def test_a_letter_about_anothers_order_is_answered_as_one_that_there_is_not(counties: Counties) -> None:
    def answer(ref: str) -> str:
        return counties.send(CLERK, "GET", f"/v1/rectifications/{ref}/order.docx").text.replace(ref, "REF")

    assert answer(f"{mark('B-town')}Z1") == answer("nothing")


def test_the_hot_question_is_answered_of_ones_own_alone(counties: Counties) -> None:
    hot = "query ($code: ID!) { unit(code: $code) { responsibilities(first: 5) { nodes { subject } totalCount } } }"
    for _ in range(2):  # the second time what the viewer sees is known
        assert mentioned(json.dumps(counties.query(CLERK, hot, code="A-town"))) == {"A-town"}
        refused = counties.query(CLERK, hot, code="B-town")
        assert refused["data"]["unit"] is None
        assert refused["errors"][0]["extensions"]["code"] == "forbidden"


def test_a_unit_that_moves_is_seen_by_whom_it_comes_to_at_once(counties: Counties) -> None:
    record = "mutation ($decisions: [JSON!]!) { record(decisions: $decisions) { positions } }"
    new = {"type": "UnitRegistered", "at": "2023-01-01", "unit": "moving", "name": "迁移村", "parent": "B-town"}
    moved = {"type": "UnitMoved", "at": "2023-02-01", "unit": "moving", "parent": "B-town2"}
    organizer, hot = Who(Role.ORGANIZER, "B"), '{ unit(code: "moving") { responsibilities { totalCount } } }'
    counties.query(organizer, record, decisions=[{**new, "level": "village", "kind": "village"}])
    before, after = Who(Role.CLERK, "B-town"), Who(Role.CLERK, "B-town2")
    assert ("errors" in counties.query(before, hot), "errors" in counties.query(after, hot)) == (False, True)
    counties.query(organizer, record, decisions=[moved])
    assert ("errors" in counties.query(before, hot), "errors" in counties.query(after, hot)) == (True, False)


@pytest.mark.parametrize(
    "query",
    [
        '{ cases(search: "$markA1") { totalCount nodes { case } } }',
        '{ decisions(ref: "$markD2") { position } }',
        '{ delegation(ref: "$markD2") { position } }',
        '{ proposal(proposal: "$markP1") { position opinion { opened { subject } } } }',
        '{ accountability(matter: "D-SAND", unit: "A-town", on: "2022-02-01") { precedents { case { case } } } }',
        (
            '{ simulate(decisions: [{type: "DelegationEnded", at: "2023-01-01", ref: "$markD2", reason: "completed"}])'
            " { errors opened { message } closed { message } } }"
        ),
        (
            '{ simulate(decisions: [{type: "BurdenReported", at: "2023-01-01", report: "new", unit: "A-town", '
            'text: "x", about: "$markB1"}]) { errors opened { message } } }'
        ),
        (
            'mutation { record(decisions: [{type: "RectificationAnswered", at: "2023-01-01", ref: "$markZ1", '
            'by: "A-town", text: "x", outcome: "done"}]) { positions } }'
        ),
        (
            'mutation { record(decisions: [{type: "ReportAnswered", at: "2023-01-01", report: "$markQ2", by: "A-town", '
            'text: "x", outcome: "upheld"}]) { positions } }'
        ),
    ],
)
def test_what_names_anothers_is_answered_as_what_names_nothing(counties: Counties, query: str) -> None:
    for who in (CLERK, Who(Role.ORGANIZER)):
        named, nothing = (
            json.dumps(counties.query(who, query.replace("$mark", given)), ensure_ascii=False).replace(given, "$")
            for given in (mark("B-town"), "S-C-town.")
        )
        assert named == nothing
        assert not mentioned(named) - {"A-town"}


def test_ways_out_and_what_they_open_are_of_ones_own(counties: Counties) -> None:
    ask = """{ findings(first: 20) { nodes { message remedies { message decisions opens { subject message }
        closes { subject message } } } } }"""
    answer = counties.query(Who(Role.ORGANIZER), ask)
    assert "errors" not in answer
    assert mentioned(str(answer)) == {"A-town"}
