"""Whatever an argument names must be there: of every field, an id, rule, kind or position that is not gets an error.

The table is held against the schema: an argument that is new there fails until it is decided what a wrong name means.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from graphql import GraphQLEnumType, GraphQLField, GraphQLNonNull, GraphQLObjectType, get_named_type

from registry import database
from registry.recording.unit_of_work import record
from registry.web.graphql.schema import CORE, SCHEMA
from registry.web.resources import ServerResources
from tests.support.api_client import Api, api
from tests.support.worlds import COUNTY, decision, duty

NONE: Final = "the answer is null, as the contract has it"
# What a wrong value of an argument gets: the value, and the code of the error.
UNIT: Final = ('"nowhere"', "unknown-unit")
MATTER: Final = ('"NO-SUCH"', "unknown-matter")
RULE: Final = ('"bad-weather"', "bad-value")
BURDEN: Final = ("DUTY", "bad-value")
INSTRUMENT: Final = ('"无此文号"', "unknown-instrument")
REFUSED: Final[dict[str, tuple[str, str]]] = {
    "Query.assessmentPeriods.within": UNIT,
    "Query.assessments.unit": UNIT,
    "Query.assessments.within": UNIT,
    "Query.assessments.period": ('"2026-Q5"', "bad-value"),
    "Query.assessmentsMade.within": UNIT,
    "Query.assessmentsMade.period": ('"2026-Q5"', "bad-value"),
    "Query.balance.within": UNIT,
    "Query.balanceOverTime.within": UNIT,
    "Query.balanceSeries.within": UNIT,
    "Query.dutyMatrix.within": UNIT,
    "Query.findingsCompared.within": UNIT,
    "Query.burdenYear.unit": UNIT,
    "Query.burdenYear.year": ("0", "bad-value"),
    "Query.burdenTotals.within": UNIT,
    "Query.burdenTotals.year": ("0", "bad-value"),
    "Query.landing.unit": UNIT,
    "Query.landing.month": ('"2024-13"', "bad-value"),
    "Query.sameFields.unit": UNIT,
    "Query.cases.matter": MATTER,
    "Query.cases.outcome": ('"upheld"', "bad-value"),
    "Query.certificate.village": UNIT,
    "Query.certificateDemands.within": UNIT,
    "Query.services.village": UNIT,
    "Query.services.unit": UNIT,
    "Query.findingEvents.within": UNIT,
    "Query.findingEvents.rule": RULE,
    "Query.custody.matter": MATTER,
    "Query.custody.within": UNIT,
    "Query.changes.within": UNIT,
    "Query.accountability.matter": MATTER,
    "Query.accountability.unit": UNIT,
    "Query.decisions.after": ("1000000", "bad-value"),
    "Query.decisions.unit": UNIT,
    "Query.decisions.matter": MATTER,
    "Query.decisions.type": ('"UnitAbolished"', "bad-value"),
    "Query.decisions.instrument": INSTRUMENT,
    "Query.decisions.ref": ('"R-NONE"', "unknown-ref"),
    "Query.decisions.proposal": ('"P-NONE"', "unknown-ref"),
    "Query.proposals.within": UNIT,
    "Query.lists.unit": UNIT,
    "Query.lists.scope": UNIT,
    "Query.lists.within": UNIT,
    "Query.inclusionProof.position": ("1000000", "bad-value"),
    "Query.inclusionProof.size": ("1000000", "bad-value"),
    "Query.consistencyProof.first": ("1000000", "bad-value"),
    "Query.consistencyProof.second": ("1000000", "bad-value"),
    "Query.consistency.first": ("1000000", "bad-value"),
    "Query.consistency.second": ("1000000", "bad-value"),
    "Query.listComparison.list": ('"NO-SUCH"', "unknown-list"),
    "Query.listComparison.other": ('"NO-SUCH"', "unknown-list"),
    "Query.listComparison.unit": UNIT,
    "Query.listComparison.otherUnit": UNIT,
    "Query.listComparison.kind": ('"bad-weather"', "bad-value"),
    "Log.leaves.after": ("1000000", "bad-value"),
    "Query.undo.from": ("1000000", "unknown-position"),
    "Query.undo.to": ("1000", "unknown-position"),
    "Query.rectifications.within": UNIT,
    "Query.reports.within": UNIT,
    "Query.reports.state": ('"forgotten"', "bad-value"),
    "Query.reportStatistics.within": UNIT,
    "Query.reportStatistics.by": ('"weather"', "bad-value"),
    "Query.monitoring.within": UNIT,
    "Query.monitoring.month": ('"2024-13"', "bad-value"),
    "Query.units.within": UNIT,
    "Query.holders.matter": MATTER,
    "Query.holders.within": UNIT,
    "Query.holdersPage.matter": MATTER,
    "Query.holdersPage.within": UNIT,
    "Query.powerHolders.within": UNIT,
    "Query.powerHolders.powers": ('["D-NONE"]', "unknown-matter"),
    "Query.changesPage.within": UNIT,
    "Query.findings.within": UNIT,
    "Query.findings.rule": RULE,
    "Query.findings.matter": MATTER,
    "Query.findings.sender": UNIT,
    "Query.findings.instrument": INSTRUMENT,
    "Query.finding.rule": RULE,
    "Query.finding.unit": UNIT,
    "Query.findingFacets.within": UNIT,
    "Query.findingFacets.rule": RULE,
    "Query.findingFacets.matter": MATTER,
    "Query.findingFacets.sender": UNIT,
    "Query.findingFacets.instrument": INSTRUMENT,
    "Query.findingCounts.within": UNIT,
    "Query.findingCounts.by": ("[]", "bad-value"),
    "Query.restsOn.instrument": INSTRUMENT,
    "Query.instruments.issuer": UNIT,
    "Query.instruments.kind": ('"leaflet"', "bad-value"),
    "Matter.fitInstrument.mode": ('"given"', "bad-value"),
    "Unit.burdens.kind": BURDEN,
    "Unit.findings.rule": RULE,
    "BurdenTotals.imposed.kind": BURDEN,
    "BurdenYear.imposed.kind": BURDEN,
    "BurdenYear.planned.kind": BURDEN,
    "CertificateAnswer.message.lang": ('"fr"', "bad-value"),
    "CertificateAdvice.about.lang": ('"fr"', "bad-value"),
    "CertificateAdvice.text.lang": ('"fr"', "bad-value"),
    "Subscription.decisions.after": ("1000000", "bad-value"),
    "Subscription.findingEvents.after": ("1000000", "bad-value"),
    "Subscription.findingEvents.within": UNIT,
    "Subscription.findingEvents.rule": RULE,
}
# These are fields that may be null, and null says that there is none.
ABSENT: Final = {
    "Query.unit.code": '"nowhere"',
    "Query.matter.code": '"NO-SUCH"',
    "Query.list.code": '"NO-SUCH"',
    "Query.instrument.number": '"无此文号"',
    "Query.proposal.proposal": '"P-NONE"',
    "Query.report.report": '"R-NONE"',
    "Query.decision.position": "1000000",
    "Query.delegation.ref": '"R-NONE"',
    "Query.finding.subject": '"R-NONE"',
}
# Free words, or filters each of whose values there is: that nothing matches is an answer.
FREE: Final = {
    *("Query.certificate.text", "Query.decisions.recordedBy", "Query.units.search", "Query.matters.search"),
    *("Query.cases.search", "Query.services.text", "Query.rectifications.state", "Query.rectifications.dueBy"),
    "Query.simulateEach.alternatives",
    *("Query.simulate.decisions", "Query.matters.kind", "Query.holders.role", "Unit.responsibilities.role"),
    *("Query.balanceSeries.step", "BalanceSeries.total.figure", "BranchSeries.values.figure"),
    "LevelSeries.values.figure",
    *("Query.balanceOverTime.step", "Query.findingEvents.severity", "Query.findings.severity", "Query.units.level"),
    *("Balance.units.level", "Unit.children.level", "Unit.negativeList.covers", "Unit.positiveList.covers"),
    *("Unit.findings.severity", "Subscription.findingEvents.severity", "Query.findingCounts.severity"),
    *("Query.findings.state", "Query.findings.orderBy", "Query.holdersPage.role", "Query.lists.covers"),
    *("Query.findings.branch", "Query.findings.age", "Query.findingEvents.unit", "Query.findingEvents.subject"),
    *("Query.findingFacets.branch", "Query.findingFacets.age", "Query.findingFacets.state"),
    *("Query.findingFacets.severity", "Query.findingFacets.kind", "Query.findings.kind"),
    *("Query.findingFacets.subject", "Query.findings.subject"),
    *("Query.lists.search", "Query.instruments.search"),
    # zh, en and their variants; Chinese for any other.
    *(
        "Case.why.lang",
        "Accountability.message.lang",
        "Decision.message.lang",
        "Decision.stated.lang",
        "Decision.summary.lang",
        "Effect.message.lang",
        "Finding.message.lang",
        "Remedy.message.lang",
        "Simulation.messages.lang",
        "ToldFinding.message.lang",
    ),
}
# Pages, days and what the log knew: tests of their own in test_graphql_errors.
COMMON: Final = {"first", "asOf", "known", "from", "to", "on", "since", "until", "atFrom", "atTo"}
# Arguments that are called so and name a position.
POSITIONS: Final = {"Query.consistency.first", "Query.consistencyProof.first", "Query.undo.from", "Query.undo.to"}
RIGHT: Final = {
    "within": '"420684"',
    "rule": '"off-list"',
    "subject": '"R-1"',
    "unit": '"town"',
    "village": '"village"',
    "matter": '"D-SAND"',
    "text": '"亲属关系证明"',
    "from": '"2020-01-01"',
    "to": '"2020-06-30"',
    "on": '"2020-06-30"',
    "step": "MONTH",
    "period": '"2020"',
    "position": "1",
    "first": "1",
    "powers": '["P-SAND"]',
    "second": "1",
    "by": "RULE",
}
# What else has to be given for an argument to be looked at.
BESIDE: Final = {
    "Query.listComparison.other": {"list": '"BASIC"'},
    "Query.listComparison.unit": {"kind": '"township-basic"'},
    "Query.listComparison.otherUnit": {"unit": '"420684"', "kind": '"township-basic"'},
    "Query.listComparison.kind": {"unit": '"420684"'},
}
# How to come to an object.
PATHS: Final = {
    "Query": "%s",
    "Unit": 'unit(code: "town") { %s }',
    "Log": "log { %s }",
    "Matter": 'matter(code: "P-SAND") { %s }',
    "BurdenTotals": 'burdenTotals(within: "town", year: 2020) { %s }',
    "BurdenYear": 'burdenYear(unit: "town", year: 2020) { %s }',
    "CertificateAnswer": 'certificate(village: "village", text: "亲属关系证明") { %s }',
    "CertificateAdvice": 'certificate(village: "village", text: "收入证明") { advice { %s } }',
}


def coordinates() -> dict[str, GraphQLField]:
    """Every argument of the schema that could name something, as Type.field.argument, with its field."""
    results: dict[str, GraphQLField] = {}
    for kind in CORE.type_map.values():
        if not isinstance(kind, GraphQLObjectType) or kind.name.startswith("__") or kind.name == "Mutation":
            continue
        for name, field in kind.fields.items():
            for argument, given in field.args.items():
                cursor = argument == "after" and str(given.type) == "String"
                if get_named_type(given.type).name == "Boolean" or cursor:
                    continue
                coordinate = f"{kind.name}.{name}.{argument}"
                if argument not in COMMON or coordinate in POSITIONS:
                    results[coordinate] = field
    return results


def question(coordinate: str, value: str) -> str:
    """A question in which this one argument is the value, and the others that are needed are right."""
    kind, name, argument = coordinate.split(".")
    field = coordinates()[coordinate]
    needed = [each for each, of in field.args.items() if isinstance(of.type, GraphQLNonNull) and each != "lang"]
    right = {each: "1" if f"{kind}.{name}.{each}" in POSITIONS else RIGHT[each] for each in needed if each != argument}
    given = right | BESIDE.get(coordinate, {}) | {argument: value}
    written = ", ".join(f"{each}: {of}" for each, of in given.items())
    of = get_named_type(field.type)
    leaf = not isinstance(of, GraphQLObjectType) or isinstance(of, GraphQLEnumType)
    inner = f"{name}({written})" + ("" if leaf else " { __typename }")
    if kind == "Subscription":
        return f"subscription {{ {inner} }}"
    return "{ " + PATHS[kind] % inner + " }"


@pytest.fixture(scope="module")
def named_database(module_database: Callable[[], str]) -> str:
    url = module_database()
    with database.connect(url) as connection:
        record(connection, [*COUNTY, duty("R-1"), decision("UnitRenamed", "2021-01-01", unit="town2", name="新镇")])
    return url


@pytest.fixture(scope="module")
def client(named_database: str) -> Iterator[Api]:
    with api(named_database) as opened:
        yield opened


def test_of_every_argument_it_is_decided_what_a_wrong_name_gets() -> None:
    assert set(coordinates()) == set(REFUSED) | set(ABSENT) | FREE
    assert len(REFUSED) + len(ABSENT) + len(FREE) == len(coordinates())


@pytest.mark.parametrize("coordinate", [each for each in REFUSED if not each.startswith("Subscription")])
def test_what_is_not_there_is_an_error(client: Api, coordinate: str) -> None:
    value, code = REFUSED[coordinate]
    assert client.refused(question(coordinate, value))["code"] == code


@pytest.mark.parametrize("coordinate", ABSENT)
def test_a_field_that_may_be_null_says_that_there_is_none(client: Api, coordinate: str) -> None:
    answer = client.ask(question(coordinate, ABSENT[coordinate]))
    assert list(answer.values()) == [None]


@pytest.mark.parametrize("coordinate", [each for each in REFUSED if each.startswith("Subscription")])
def test_a_subscription_to_what_is_not_there_is_an_error(named_database: str, coordinate: str) -> None:
    value, code = REFUSED[coordinate]

    async def first() -> Any:
        resources = ServerResources(named_database)
        try:
            results = await SCHEMA.stream(question(coordinate, value), {}, resources)
            result = await asyncio.wait_for(anext(results), 60)
            await results.aclose()
            return result
        finally:
            await resources.close()

    result = asyncio.run(first())
    assert [error.extensions["code"] for error in result.errors] == [code]


def test_a_unit_may_be_given_by_a_name_that_is_its_own(client: Api) -> None:
    by_name = '{ holders(matter: "D-SAND", within: "单位town") { subject unit { code } } }'
    by_code = '{ holders(matter: "D-SAND", within: "town") { subject unit { code } } }'
    assert client.ask(by_name) == client.ask(by_code)
    assert client.ask('{ decisions(unit: "新镇", type: "UnitRenamed") { type } }') == {
        "decisions": [{"type": "UnitRenamed"}]
    }


def test_errors_carry_each_language_apart_whatever_a_name_holds(client: Api) -> None:
    answer = client.refused('{ findings(within: "甲 / B / 乙") { totalCount } }')["message"]
    assert "甲 / B / 乙" in answer["zh"]
    assert "甲 / B / 乙" in answer["en"]
    assert "单位" not in answer["en"]
    bad = decision("UnitRenamed", "2022-01-01", unit="甲 / B", name="乙")
    query = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"
    refused = client.refused(query, d=[bad])
    assert "甲 / B" in refused["message"]["zh"]
    assert "甲 / B" in refused["message"]["en"]
    (error,) = refused["errors"]
    assert error["zh"] == refused["message"]["zh"]
    assert error["en"] == refused["message"]["en"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/decisions?unit=nowhere", 404, "unknown-unit"),
        ("/v1/decisions?matter=NO", 404, "unknown-matter"),
        ("/v1/decisions?instrument=NO", 404, "unknown-instrument"),
        ("/v1/decisions?ref=NO", 404, "unknown-ref"),
        ("/v1/decisions?after=1000000", 400, "bad-value"),
        ("/v1/findings?within=nowhere", 404, "unknown-unit"),
        ("/v1/findings?rule=bad-weather", 400, "bad-value"),
        ("/v1/findings?severity=AWFUL", 400, "bad-value"),
    ],
)
def test_a_feed_of_what_is_not_there_is_an_error(client: Api, path: str, status: int, code: str) -> None:
    answer = client.send("GET", path)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code


def test_a_span_that_ends_before_it_begins_is_an_error(client: Api) -> None:
    for query in (
        '{ decisions(since: "2024-01-02T00:00:00Z", until: "2024-01-01T00:00:00Z") { type } }',
        '{ decisions(atFrom: "2024-01-02", atTo: "2024-01-01") { type } }',
        '{ reports(within: "420684", since: "2024-01-02", until: "2024-01-01") { totalCount } }',
        '{ changes(within: "420684", from: "2024-01-02", to: "2024-01-01") { on } }',
    ):
        assert client.refused(query)["code"] == "bad-value"
