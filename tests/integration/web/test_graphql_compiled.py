"""Hot documents compiled to SQL answer byte for byte as the executor does, and leave the rest to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import orjson
import pytest

from registry import database
from registry.access.territory import Territory
from registry.domain.dates import today
from registry.recording.unit_of_work import record
from registry.web.graphql.endpoint import executed
from registry.web.graphql.fast import hot
from registry.web.graphql.fast.compiled import NotPlain, compiled
from registry.web.graphql.limits import read
from registry.web.graphql.schema import CORE
from registry.web.resources import ServerResources
from tests.support.worlds import COUNTY, decision, duty

WATER = {
    "lawful_holders": [{"level": "county", "function": "water"}],
    "aliases": ['采"砂"', "砂\\石</管理>"],
    "basis": ["《水法》\n\t第三十九条"],
    "needs": ["staff"],
}
JOURNAL = [
    *COUNTY,
    decision("MatterDefined", "2001-01-01", matter="D-ODD", kind="duty", name='引号"与\\斜杠/', **WATER),
    duty("R-1", brings=["staff", "funds"], due_on="2020-06-01", until="2030-01-01"),
    duty("R-2", role="share", matter="D-ODD"),
    duty("R-3", role="assist", from_="420684"),
    duty("R-ended"),
    decision("DelegationEnded", "2021-01-01", ref="R-ended", reason="completed"),
    *(duty(f"R-中文{number}", matter="D-RIVER", role="assist") for number in range(5)),
    decision("InstrumentRepealed", "2022-01-01", instrument="通知1号"),
    decision("UnitDissolved", "2021-06-01", unit="market", successor="water"),
    decision("UnitDissolved", "2021-07-01", unit="town2", successor="town"),
    duty("R-late", "2021-02-01", from_="market", to="town2"),
    decision("Annulled", "2022-06-01", ref="R-3"),
]
# What a query may select, in several orders and with aliases.
HOLDINGS = [
    "subject",
    "role by subject mode since until brings dueOn position",
    "matter { name code } from { name } instrument { title number }",
    "__typename s: subject from { level kind code function aliases dissolved __typename } subject",
    "matter { kind name category aliases basis needs powerKind issuer alternative inLaw retired position }",
    "instrument { number kind since until inForce position } unit { code name }",
]
PAGES = [
    "nodes { %s }",
    "totalCount nodes { %s }",
    "edges { cursor node { %s } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }",
    "count: totalCount a: nodes { %s } b: edges { node { role } } pageInfo { endCursor __typename } __typename",
]
UNITS = ["%s", "code name %s level kind function aliases dissolved", "__typename %s n: name"]
ARGUMENTS = ["", "(first: 3)", "(role: ASSIST)", "(first: 0)", '(role: SHARE, first: 2, after: "azpSLTE=")']
CODES = ["town", "water", "420684", "village", "town2", "nobody"]


@dataclass(frozen=True)
class Both:
    """A database, and the two ways to answer from it."""

    pool: Any
    resources: ServerResources
    runner: asyncio.Runner

    def compiled(self, query: str, variables: dict[str, Any]) -> bytes | None:
        """What the document's own statement answers; None where it is left to the executor."""
        operation = read(CORE, query).operation(None)
        assert operation is not None, read(CORE, query).errors
        plan = compiled(operation)
        if plan is None:
            return None
        try:
            answer = self.runner.run(self.pool.fetchval(plan.sql, *plan.bind(variables)))
        except NotPlain:
            return None
        return None if answer is None else answer.encode()

    def executed(self, query: str, variables: dict[str, Any]) -> bytes:
        return orjson.dumps(self.runner.run(executed(self.resources, query, variables)))


@pytest.fixture(scope="module")
def both(module_database: Callable[[], str]) -> Iterator[Both]:
    url = module_database()
    with database.connect(url) as connection:
        record(connection, JOURNAL)
    with asyncio.Runner() as runner:

        async def open_() -> Both:
            resources = ServerResources(url)
            return Both(await resources.pool(), resources, runner)

        both = runner.run(open_())
        yield both
        runner.run(both.resources.close())


def test_many_documents_are_answered_byte_for_byte(both: Both) -> None:
    differing, answered = [], 0
    for unit, page, holding, arguments in product(UNITS, PAGES, HOLDINGS, ARGUMENTS):
        inner = f"responsibilities{arguments} {{ {page % holding} }}"
        query = f"query ($code: ID!, $day: Date) {{ it: unit(code: $code, asOf: $day) {{ {unit % inner} }} }}"
        day = ["2020-06-01", "2021-06-15", "2023-01-01"][(len(query) + answered) % 3]
        variables = {"code": CODES[answered % len(CODES)], "day": day}
        results = both.compiled(query, variables)
        answered += results is not None
        expected = both.executed(query, variables)
        if results is None:
            # Only a unit that is not there, or is no more, is left to the executor.
            assert variables["code"] in ("nobody", "town2"), query
            variables["code"] = "town"
            results, expected = both.compiled(query, variables), both.executed(query, variables)
            answered += 1
        if results != expected:
            differing.append((query, variables, results, expected))
    assert not differing, differing[0]
    assert answered == len(UNITS) * len(PAGES) * len(HOLDINGS) * len(ARGUMENTS)


BEFORE_AND_BEYOND = ({"position": 0}, {"position": 2**31 - 1})
VARIABLES = """query ($code: ID!, $asOf: Date = "2020-06-01", $known: Known, $role: Role,
                       $first: Int = 2, $after: String) {
  unit(code: $code, asOf: $asOf, known: $known) {
    name
    responsibilities(role: $role, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { subject role } } } }"""


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"first": None},
        {"first": 1},
        {"first": 5000},
        {"asOf": None},
        {"asOf": "2022-03-01"},
        {"role": "LEAD"},
        {"role": None},
        {"known": {"position": 25}},
        {"known": {"position": 0}},
        {"known": {"position": 2**31 - 1}},
        {"known": None},
        {"after": None},
        {"first": 100, "after": "azpSLTE="},
        {"first": 100, "after": "azp6eno="},
        {"extra": "is no matter"},
    ],
    ids=str,
)
def test_variables_mean_the_same(both: Both, given: dict[str, Any]) -> None:
    variables = {"code": "town", **given}
    expected = both.executed(VARIABLES, variables)
    if given.get("known") in BEFORE_AND_BEYOND:  # that nothing is there, or that it is an error, the executor says
        expected = None
    assert both.compiled(VARIABLES, variables) == expected


@pytest.mark.parametrize(
    "given",
    [
        {"code": None},
        {"code": 7},
        {"asOf": "2020-13-01"},
        {"asOf": 5},
        {"role": "lead"},
        {"first": -1},
        {"first": True},
        {"first": 2**31},
        {"first": "3"},
        {"after": "not a cursor"},
        {"known": {"position": -1}},
        {"known": {"time": "2020-01-01T00:00:00Z"}},
        {"known": {}},
        {"known": {"position": 1, "time": "2020-01-01T00:00:00Z"}},
    ],
    ids=str,
)
def test_what_is_not_plain_is_left_to_the_executor(both: Both, given: dict[str, Any]) -> None:
    assert both.compiled(VARIABLES, {"code": "town", **given}) is None


@pytest.mark.parametrize(
    "query",
    [
        '{ unit(code: "town") { name } }',
        '{ unit(code: "town") { parent { name } responsibilities { totalCount } } }',
        '{ unit(code: "town") { responsibilities { nodes { matter { requires { code } } } } } }',
        '{ unit(code: "town") { a: responsibilities { totalCount } b: responsibilities(role: LEAD) { totalCount } } }',
        '{ unit(code: "town") { responsibilities { totalCount } } log { size } }',
        '{ unit(code: "town") { name responsibilities { totalCount } name } }',
        '{ unit(code: "town") { responsibilities { totalCount @skip(if: true) nodes { subject } } } }',
        '{ unit(code: "town") { ...F } } fragment F on Unit { responsibilities { totalCount } }',
        'query ($k: Int) { unit(code: "town", known: {position: $k}) { responsibilities { totalCount } } }',
    ],
)
def test_other_documents_are_left_to_the_executor(both: Both, query: str) -> None:
    assert both.compiled(query, {"k": 3}) is None


def test_it_answers_of_ones_own_territory_as_the_tree_is_now(both: Both) -> None:
    query = "query ($code: ID!) { unit(code: $code) { code responsibilities { totalCount nodes { subject } } } }"

    def answered(code: str, position: int) -> bytes | None:
        own = Territory(frozenset({"town"}), position=position, day=today())
        return both.runner.run(hot.answer(both.pool, query, None, {"code": code}, own))

    newest = both.runner.run(both.pool.fetchval("SELECT max(position) FROM log.decision"))
    assert answered("town", newest) is not None
    assert answered("town", newest) == both.compiled(query, {"code": "town"})
    # What lies elsewhere, or was looked at before something was recorded, is left to the executor.
    assert (answered("water", newest), answered("town", newest - 1)) == (None, None)
