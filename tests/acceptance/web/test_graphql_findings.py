"""Findings over GraphQL: by sender and document, by state, in an order, counted; and what rests on a document."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLNonNull

from registry import database
from registry.recording.unit_of_work import record
from registry.web.graphql.schema import CORE
from tests.support.api_client import Api, api
from tests.support.worlds import COUNTY, Line, decision, duty, grant, unit

DAY = "2022-01-01"
ORDERS = ("SEVERITY", "UNIT", "RULE", "SINCE_OLDEST", "SINCE_NEWEST")


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str]) -> Iterator[Api]:
    """Two towns with duties that they have no power for, a form on a document that is repealed, one finding waived."""
    form = {"matter": "F-LEDGER", "from": "market", "instrument": "通知2号"}
    waived = {"rule": "expired-basis", "unit": "town2", "by": "420684", "reason": "已另行发文"}
    journal = [
        *COUNTY,
        decision(
            "InstrumentIssued", "2019-01-01", instrument="通知2号", title="台账通知", kind="notice", issuer="market"
        ),
        decision("PowerVested", "2019-01-01", power="P-SAND", unit="market", instrument="通知2号"),
        decision("ListAdopted", "2019-06-01", list="FORMS", title="报表清单", polarity="positive", covers="form")
        | {"audience": "township", "instrument": "通知2号", "closed": False},
        duty("R-1", "2020-03-01"),
        duty("R-2", "2020-02-01", to="town2", from_="market"),
        duty("R-3", "2020-05-01", to="village", from_="town", role="assist"),
        grant("G-1", "2020-04-01", to="village"),
        decision("BurdenImposed", "2020-01-01", ref="B-1", to="town") | form,
        decision("BurdenImposed", "2020-01-01", ref="B-2", to="town2") | form,
        decision("BurdenImposed", "2020-01-02", ref="B-3", to="town2") | form,
        decision("InstrumentRepealed", "2021-01-01", instrument="通知2号"),
        decision("FindingWaived", "2021-02-01", subject="B-2", **waived),
        *orders(),
        duty("LATER", "2030-02-01", to="newcomer"),
    ]
    journal.insert(len(journal) - 1, unit("newcomer", "township", "government", "420684", at="2030-01-01"))
    url = module_database()
    with database.connect(url) as connection:
        record(connection, journal)
    with api(url) as opened:
        yield opened


ORDERED = {
    # Due on the day; past its day; extended past the day; in dispute; answered as done while it stands.
    "O-DUE": ("expired-basis", "town", "B-1", "2022-06-01", None),
    "O-OVERDUE": ("duty-without-power", "town", "R-1", "2021-12-01", None),
    "O-EXTENDED": ("duty-without-power", "town2", "R-2", "2021-12-01", "extended"),
    "O-DISPUTED": ("incapable-recipient", "village", "G-1", "2021-12-01", "disputed"),
    "O-DONE": ("expired-basis", "town2", "B-3", "2021-12-01", "done"),
}


def orders() -> Iterator[Line]:
    """The orders of ORDERED and their answers."""
    for ref, (rule, bearer, subject, due_on, outcome) in ORDERED.items():
        about = {"ref": ref, "rule": rule, "unit": bearer, "subject": subject}
        yield decision("RectificationOrdered", "2021-06-01", **about, by="420684", text="限期整改", due_on=due_on)
        if outcome is not None:
            later = {"due_on": "2022-03-01"} if outcome == "extended" else {}
            yield (
                decision("RectificationAnswered", "2021-07-01", ref=ref, by=bearer, text="已处理", outcome=outcome)
                | later
            )


def keys(client: Api, arguments: str, day: str = DAY) -> list[tuple[str, str]]:
    """Rule and subject of the findings asked for."""
    nodes = client.ask(f'{{ findings(asOf: "{day}"{arguments}) {{ nodes {{ rule subject }} }} }}')["findings"]["nodes"]
    return [(node["rule"], node["subject"]) for node in nodes]


def test_findings_are_asked_for_by_sender_and_document(client: Api) -> None:
    everything = keys(client, "")
    assert {subject for _, subject in keys(client, ', sender: "market"')} == {"R-2", "B-1", "B-3", "O-DONE"}
    assert {subject for _, subject in keys(client, ', instrument: "通知2号"')} == {"B-1", "B-3", "O-DONE"}
    assert keys(client, ', sender: "water", instrument: "通知2号"') == []
    by_sender = [key for sender in ("market", "water", "town") for key in keys(client, f', sender: "{sender}"')]
    assert sorted(by_sender) == sorted(key for key in everything if "#" not in key[1])


def test_a_state_says_whether_waived_findings_are_meant(client: Api) -> None:
    waived = [("expired-basis", "B-2")]
    assert keys(client, ", state: WAIVED") == waived
    assert keys(client, ", state: WAIVED, waived: true") == waived
    assert keys(client, ", state: OPEN") == keys(client, ", state: OPEN, waived: true")
    assert sorted(keys(client, ", state: OPEN") + keys(client, ", state: ORDERED")) == sorted(keys(client, ""))
    assert set(keys(client, ", waived: true")) == {*keys(client, ""), *waived}


def test_an_ordered_finding_is_in_the_states_of_its_orders(client: Api) -> None:
    about = {ref: (rule, subject) for ref, (rule, _, subject, _, _) in ORDERED.items()}
    overdue = {about["O-OVERDUE"], about["O-DISPUTED"]}
    by_rule = {"O-OVERDUE": "rectification-overdue", "O-DISPUTED": "rectification-overdue"}
    on_orders = {(rule, ref) for ref, rule in (by_rule | {"O-DONE": "rectified-on-paper"}).items()}
    assert set(keys(client, ", state: ORDERED")) == {*about.values(), *on_orders}
    assert set(keys(client, ", state: DUE")) == {about["O-DUE"], about["O-EXTENDED"]}
    assert set(keys(client, ", state: OVERDUE")) == overdue | {(by_rule[ref], ref) for ref in by_rule}
    assert set(keys(client, ", state: ON_PAPER")) == {about["O-DONE"], ("rectified-on-paper", "O-DONE")}
    disputed = ("rectification-overdue", "O-DISPUTED")
    assert set(keys(client, ", state: ANSWERED")) == {about["O-EXTENDED"], about["O-DISPUTED"], disputed}
    # Before they were ordered, all of them are open.
    assert set(about.values()) <= set(keys(client, ", state: OPEN", "2021-05-31"))
    assert keys(client, ", state: ORDERED", "2021-05-31") == []


@pytest.mark.parametrize("order", ORDERS)
def test_pages_in_an_order_are_the_whole_in_that_order(client: Api, order: str) -> None:
    query = """query ($order: FindingOrder, $first: Int, $after: String) {
        findings(asOf: "2022-01-01", orderBy: $order, first: $first, after: $after) { totalCount
            pageInfo { hasNextPage endCursor } nodes { rule severity unit { code } subject since } } }"""
    whole = client.ask(query, order=order)["findings"]
    gathered: list[Any] = []
    after = None
    while True:
        page = client.ask(query, order=order, first=2, after=after)["findings"]
        assert page["totalCount"] == whole["totalCount"] == len(whole["nodes"])
        gathered += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert gathered == whole["nodes"]
    assert len(gathered) > 5

    def sort_key(node: Any) -> tuple[Any, ...]:
        key = (node["rule"], node["unit"]["code"], node["subject"])
        return {
            "SEVERITY": (["VIOLATION", "WARNING", "REVIEW"].index(node["severity"]), *key),
            "UNIT": (key[1], key[0], key[2]),
            "RULE": key,
        }.get(order, ())

    if order.startswith("SINCE"):
        days = [node["since"] for node in gathered]
        assert len(set(days)) > 2
        assert days == sorted(days, reverse=order == "SINCE_NEWEST")
    else:
        assert gathered == sorted(gathered, key=sort_key)


def cursor(text: str) -> str:
    """A cursor that holds a text, as nobody was given one."""
    return base64.urlsafe_b64encode(f"k:{text}".encode()).decode()


BAD_CURSORS = [
    *("", "x", "k:", "!!!", "\0", cursor(""), cursor("null"), cursor("[]"), cursor("[" * 100_000), cursor("{}")),
    *(cursor(json.dumps(["rule", *rest])) for rest in ([], [0], [True, "a", "b", "c"], [0, "a", "b", 1], ["0"] * 4)),
    cursor(json.dumps(["unit", 0, "a", "b", "c"])),
    cursor(json.dumps(["a"])),
    cursor('["\\u0000", "\\ud800", "a"]'),
    cursor('["\\ud800", "\\ud800"]'),
]
PAGED = {
    "findings": "findings(first: 1, after: $after) { nodes { rule } }",
    "findings of a unit": 'unit(code: "town") { findings(first: 1, after: $after) { nodes { rule } } }',
    "findings that would open": 'restsOn(instrument: "通知1号") { openedPage(after: $after) { nodes { rule } } }',
    "holders": 'holdersPage(matter: "D-SAND", within: "420684", after: $after) { nodes { subject } }',
    "changes": 'changesPage(within: "420684", from: "2020-01-01", to: "2021-01-01", after: $after) { nodes { on } }',
}


@pytest.mark.parametrize("name", PAGED)
def test_a_cursor_that_nobody_was_given_is_an_error(client: Api, name: str) -> None:
    for after in BAD_CURSORS:
        refused = client.refused(f"query ($after: String) {{ {PAGED[name]} }}", after=after)
        assert (refused["code"], refused["field"]) == ("bad-value", "after"), after


NEEDED = {"within": '"420684"', "matter": '"D-SAND"', "from": '"2020-01-01"', "to": '"2021-01-01"'}


def test_no_cursor_is_an_error_of_the_server(client: Api) -> None:
    assert CORE.query_type is not None
    paged = {
        name: of
        for name, of in CORE.query_type.fields.items()
        if str(getattr(of.args.get("after"), "type", "")) == "String"
    }
    assert len(paged) >= 10
    cursors = [*BAD_CURSORS, cursor("9" * 30), cursor("2020-01-01 " + "9" * 30), cursor("2020-01-01 -1"), cursor("甲")]
    for name, of in paged.items():
        needed = [each for each, argument in of.args.items() if isinstance(argument.type, GraphQLNonNull)]
        given = ", ".join(f"{each}: {NEEDED[each]}" for each in needed)
        for after in cursors:
            query = f"query ($after: String) {{ {name}({given} after: $after, first: 1) {{ nodes {{ __typename }} }} }}"
            answer = client.post(query, after=after)
            codes = {error["extensions"]["code"] for error in answer.json().get("errors", ())}
            assert (answer.status_code, codes <= {"bad-value"}) == (200, True), (name, after, codes)


def test_a_cursor_of_another_order_is_an_error(client: Api) -> None:
    query = """query ($order: FindingOrder, $after: String) {
        findings(orderBy: $order, first: 1, after: $after) { pageInfo { endCursor } } }"""
    after = client.ask(query, order="UNIT")["findings"]["pageInfo"]["endCursor"]
    assert client.ask(query, order="UNIT", after=after)
    assert client.refused(query, order="SEVERITY", after=after)["field"] == "after"


def test_ages_are_left_out_where_they_are_not_asked_for(client: Api) -> None:
    query = """query ($ages: Boolean, $age: FindingAge) {
        findingFacets(asOf: "2022-01-01", ages: $ages, age: $age) {
            total aged facets { by values { key count } } } }"""
    every, fewer = client.ask(query)["findingFacets"], client.ask(query, ages=False)["findingFacets"]
    assert (every["aged"], fewer["aged"]) == (True, False)
    assert fewer["total"] == every["total"]
    assert fewer["facets"] == [facet for facet in every["facets"] if facet["by"] != "AGE"]
    assert len(fewer["facets"]) == len(every["facets"]) - 1
    (ages,) = [facet["values"] for facet in every["facets"] if facet["by"] == "AGE"]
    for age in ages:  # chosen by one, they are needed
        chosen = client.ask(query, ages=False, age=age["key"])["findingFacets"]
        assert (chosen["aged"], chosen["total"]) == (True, age["count"])


def test_counts_are_those_of_the_findings(client: Api) -> None:
    query = """query ($by: [FindingGroup!]!, $within: ID, $severity: Severity) {
        findingCounts(by: $by, within: $within, severity: $severity, asOf: "2022-01-01") {
            keys count violations warnings reviews } }"""
    nodes = client.ask(
        '{ findings(asOf: "2022-01-01") { nodes { rule severity unit { code } matter { code } subject } } }'
    )["findings"]["nodes"]
    branch = {"village": "town", "town": "town", "town2": "town2"}
    read = {
        "RULE": lambda node: node["rule"],
        "SEVERITY": lambda node: node["severity"],
        "UNIT": lambda node: branch[node["unit"]["code"]],
        "MATTER": lambda node: node["matter"]["code"],
    }
    for by in (["RULE"], ["SEVERITY"], ["UNIT"], ["MATTER"], ["UNIT", "RULE"], ["SEVERITY", "UNIT"]):
        rows = client.ask(query, by=by, within="420684")["findingCounts"]
        expected = Counter(tuple(read[group](node) for group in by) for node in nodes)
        assert {tuple(row["keys"]): row["count"] for row in rows} == dict(expected)
        for row in rows:
            assert row["count"] == row["violations"] + row["warnings"] + row["reviews"]
        narrowed = client.ask(query, by=by, within="420684", severity="WARNING")["findingCounts"]
        kept = [node for node in nodes if node["severity"] == "WARNING"]
        assert sum(row["count"] for row in narrowed) == sum(row["warnings"] for row in narrowed) == len(kept)
    senders = {row["keys"][0]: row["count"] for row in client.ask(query, by=["SENDER"])["findingCounts"]}
    assert senders["market"] == len(keys(client, ', sender: "market"'))
    papers = {row["keys"][0]: row["count"] for row in client.ask(query, by=["INSTRUMENT"])["findingCounts"]}
    assert papers["通知2号"] == 3
    # Within the town: itself and the village below it; within nothing: all under the one at the top.
    assert {row["keys"][0] for row in client.ask(query, by=["UNIT"], within="town")["findingCounts"]} == {
        *("town", "village")
    }
    assert [row["keys"] for row in client.ask(query, by=["UNIT"])["findingCounts"]] == [["4206"]]
    for bad in ([], ["RULE", "RULE"], ["RULE", "UNIT", "MATTER"]):
        assert client.refused(query, by=bad)["field"] == "by"


def test_a_delegation_is_shown_as_of_the_day(client: Api) -> None:
    query = """query ($ref: ID!, $day: Date) { delegation(ref: $ref, asOf: $day) {
        ref kind role at until from { code } to { code name } matter { code } instrument { number inForce } } }"""
    form = client.ask(query, ref="B-1", day="2021-06-01")["delegation"]
    assert (form["kind"], form["role"], form["from"]["code"], form["to"]["code"]) == ("FORM", None, "market", "town")
    assert form["instrument"] == {"number": "通知2号", "inForce": False}
    assert client.ask(query, ref="B-1", day="2020-06-01")["delegation"]["instrument"]["inForce"]
    # What is still to begin is shown as of its first day, when its units are there.
    later = client.ask(query, ref="LATER", day="2022-01-01")["delegation"]
    assert (later["at"], later["to"]["code"]) == ("2030-02-01", "newcomer")
    known = "query ($ref: ID!, $position: Int!) { delegation(ref: $ref, known: {position: $position}) { ref } }"
    assert client.ask(known, ref="B-1", position=len(COUNTY))["delegation"] is None


def test_what_rests_on_a_document_and_what_would_fall_with_it(client: Api) -> None:
    query = """query ($paper: ID!, $day: Date) { restsOn(instrument: $paper, asOf: $day) {
        delegations { ref } delegationsPage(first: 1) { totalCount nodes { ref } } lists vestings
        opened { rule unit { code } subject since } openedPage(first: 1) { totalCount nodes { rule } } } }"""
    before = client.ask(query, paper="通知2号", day="2020-12-31")["restsOn"]
    assert [each["ref"] for each in before["delegations"]] == ["B-1", "B-2", "B-3"]
    assert before["delegationsPage"] == {"totalCount": 3, "nodes": [{"ref": "B-1"}]}
    assert (before["lists"], before["vestings"]) == (["FORMS"], 1)
    opened = {(each["rule"], each["unit"]["code"], each["subject"]) for each in before["opened"]}
    assert opened == {("expired-basis", "town", "B-1"), ("expired-basis", "town2", "B-2")} | {
        ("expired-basis", "town2", "B-3")
    }
    assert before["openedPage"]["totalCount"] == 3
    # On the day of its issue, too, though a repeal on that day could not be recorded; once repealed nothing more falls.
    assert client.ask(query, paper="通知2号", day="2019-01-01")["restsOn"]["opened"] == []
    after = client.ask(query, paper="通知2号", day=DAY)["restsOn"]
    assert ([each["ref"] for each in after["delegations"]], after["opened"]) == (["B-1", "B-2", "B-3"], [])


def test_lists_and_documents_come_in_pages(client: Api) -> None:
    query = """query ($first: Int, $after: String, $covers: MatterKind, $search: String) {
        lists(asOf: "2022-01-01", first: $first, after: $after, covers: $covers, search: $search) {
            totalCount pageInfo { hasNextPage endCursor } nodes { code } } }"""
    first = client.ask(query, first=2)["lists"]
    assert ([each["code"] for each in first["nodes"]], first["totalCount"]) == (["BASIC", "FORMS"], 3)
    rest = client.ask(query, first=2, after=first["pageInfo"]["endCursor"])["lists"]
    assert ([each["code"] for each in rest["nodes"]], rest["pageInfo"]["hasNextPage"]) == (["NEG"], False)
    assert [each["code"] for each in client.ask(query, covers="FORM")["lists"]["nodes"]] == ["FORMS"]
    assert [each["code"] for each in client.ask(query, search="负面")["lists"]["nodes"]] == ["NEG"]
    reaching = '{ lists(unit: "town", covers: DUTY, asOf: "2022-01-01") { totalCount nodes { code } } }'
    assert client.ask(reaching)["lists"] == {"totalCount": 1, "nodes": [{"code": "BASIC"}]}

    query = """query ($first: Int, $after: String, $kind: String, $search: String, $issuer: ID, $inForce: Boolean) {
        instruments(asOf: "2022-01-01", first: $first, after: $after, kind: $kind, search: $search, issuer: $issuer,
            inForce: $inForce) { totalCount pageInfo { endCursor } nodes { number inForce issuer { code } } } }"""
    everything = client.ask(query)["instruments"]
    numbers = [each["number"] for each in everything["nodes"]]
    assert numbers == sorted(numbers)
    assert len(numbers) == everything["totalCount"] == 3
    gathered: list[str] = []
    after = None
    for _ in numbers:
        page = client.ask(query, first=1, after=after)["instruments"]
        gathered += [each["number"] for each in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert gathered == numbers
    assert [each["number"] for each in client.ask(query, kind="notice", inForce=True)["instruments"]["nodes"]] == [
        "通知1号"
    ]
    assert [each["number"] for each in client.ask(query, search="台账")["instruments"]["nodes"]] == ["通知2号"]
    assert [each["number"] for each in client.ask(query, issuer="market")["instruments"]["nodes"]] == ["通知2号"]


def test_pages_of_holders_and_changes_are_the_whole(client: Api) -> None:
    holders = 'matter: "D-SAND", within: "420684", asOf: "2022-01-01"'
    changes = 'within: "420684", from: "2019-12-31", to: "2021-12-31"'
    for field, arguments, row in (
        ("holders", holders, "unit { code } subject role"),
        ("changes", changes, "on change unit { code } subject"),
    ):
        whole = client.ask(f"{{ {field}({arguments}) {{ {row} }} }}")[field]
        assert len(whole) > 2
        paged = f"""query ($after: String) {{ {field}Page({arguments}, first: 2, after: $after) {{ totalCount
            pageInfo {{ hasNextPage endCursor }} nodes {{ {row} }} }} }}"""
        gathered: list[Any] = []
        page: Any = {"pageInfo": {"endCursor": None, "hasNextPage": True}}
        while page["pageInfo"]["hasNextPage"]:
            page = client.ask(paged, after=page["pageInfo"]["endCursor"])[f"{field}Page"]
            assert page["totalCount"] == len(whole)
            gathered += page["nodes"]
        assert gathered == whole


def test_text_that_no_database_can_hold_is_never_an_error_of_the_server(client: Api) -> None:
    for query in (
        "query ($text: ID!) { delegation(ref: $text) { ref } }",
        "query ($text: ID!) { restsOn(instrument: $text) { lists } }",
        "query ($text: String!) { lists(search: $text) { totalCount nodes { code } } }",
        "query ($text: String!) { instruments(search: $text) { totalCount nodes { number } } }",
        "query ($text: String!) { instruments(kind: $text) { totalCount } }",
        "query ($text: ID!) { instruments(issuer: $text) { totalCount } }",
        "query ($text: ID!) { findings(sender: $text) { totalCount } }",
        "query ($text: ID!) { findings(instrument: $text) { totalCount } }",
        "query ($text: ID!) { findingCounts(by: RULE, within: $text) { count } }",
        "query ($text: String!) { units(search: $text) { totalCount } }",
    ):
        for text in ("甲\0", "\0"):
            answer = client.post(query, text=text)
            assert answer.status_code == 200, query
            codes = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
            assert "internal" not in codes, query
