"""A process gives an answer about a unit's duties again as long as nothing was recorded that it rests on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from registry import database
from registry.access.territory import Territory
from registry.domain.dates import today
from registry.domain.decisions import TYPES
from registry.projections.tables import TABLES
from registry.recording.unit_of_work import record
from registry.web.graphql.endpoint import executed
from registry.web.graphql.fast import hot, kept_answers
from registry.web.graphql.fast.kept_answers import HOLDS, TOUCHING, KeptAnswers
from registry.web.resources import ServerResources
from tests.support.worlds import COUNTY, Line, decision, duty, unit

QUERY = """query ($code: ID!, $day: Date) { unit(code: $code, asOf: $day) { code name aliases responsibilities {
    totalCount nodes { subject role since until brings matter { code name } from { code name level }
    instrument { number title until } } } } }"""
CODES = ("town", "town2", "village", "water", "420684")
DAYS = ("2020-06-01", "2023-01-01")
NOBODY: tuple[str, ...] = ()
# What is recorded after another, and about whom an answer is given again: all, none, or all but these.
RECORDED: list[tuple[Line, tuple[str, ...]]] = [
    (decision("BurdenReported", "2021-01-01", report="N-1", unit="town", text="表格太多"), NOBODY),
    (decision("PowerVested", "2021-01-01", power="P-SAND", unit="town", instrument="决定1号"), NOBODY),
    (duty("R-1"), ("town",)),
    (duty("R-2", to="village", from_="town", role="assist"), ("village",)),
    (decision("ResourcesAllotted", "2022-01-01", ref="R-1", brings=["funds"]), ("town",)),
    (decision("DelegationEnded", "2021-06-01", ref="R-2", reason="completed"), ("village",)),
    (decision("UnitRenamed", "2021-01-01", unit="water", name="水务局"), CODES),
    (decision("MatterRevised", "2021-01-01", matter="D-SAND", name="采砂的管理"), CODES),
    (decision("ListItemEntered", "2020-01-01", list="BASIC", item="2", name="采砂", matter="D-SAND"), CODES),
    (decision("ListItemWithdrawn", "2022-01-01", list="BASIC", item="1"), CODES),
    (decision("InstrumentRepealed", "2022-01-01", instrument="通知1号"), CODES),
    (unit("town3", "township", "government", "420684"), CODES),
    (decision("DelegationEnded", "2022-06-01", ref="R-1", reason="completed"), ("town",)),
    (decision("Annulled", "2022-06-01", ref="R-1"), CODES),
    (decision("UnitDissolved", "2021-07-01", unit="town2", successor="town"), CODES),
    (duty("R-3", "2021-02-01", to="town2"), ("town", "town2")),
    (decision("DelegationEnded", "2021-09-01", ref="R-3", reason="completed"), ("town", "town2")),
    (decision("BurdenReported", "2021-01-01", report="N-2", unit="village", text="表格太多"), ("town",)),
]


class Counting:
    """A reader that counts what is asked of it besides whether an answer holds."""

    def __init__(self, pool: Any) -> None:
        self.pool, self.statements = pool, 0

    async def fetchrow(self, sql: str, *arguments: Any) -> Any:
        self.statements += sql != HOLDS
        return await self.pool.fetchrow(sql, *arguments)


class Process:
    """A server process that keeps answers, and the database it answers from."""

    def __init__(self, url: str, runner: asyncio.Runner) -> None:
        self.runner, self.resources = runner, ServerResources(url)
        self.reader = Counting(runner.run(self.resources.pool()))
        self.kept = KeptAnswers()

    def record(self, lines: list[Line]) -> None:
        with database.connect(self.resources.url) as connection:
            record(connection, lines)

    def answered(self, code: str, day: str | None, own: Territory | None = None, **more: Any) -> tuple[Any, bool]:
        """What is answered, and whether it was given again."""
        before = self.reader.statements
        given = {} if own is None else {"own": own}
        work = hot.answer(self.reader, QUERY, None, {"code": code, "day": day} | more, kept=self.kept, **given)
        result = self.runner.run(work)
        return result, self.reader.statements == before

    def executed(self, code: str, day: str | None) -> bytes:
        return orjson.dumps(self.runner.run(executed(self.resources, QUERY, {"code": code, "day": day})))


@pytest.fixture
def process(database_url: str) -> Iterator[Process]:
    with asyncio.Runner() as runner:
        process = Process(database_url, runner)
        process.record(COUNTY)
        yield process
        runner.run(process.resources.close())


def test_an_answer_is_given_again_until_what_it_rests_on_changes(process: Process) -> None:
    for code in CODES:
        for day in DAYS:
            assert process.answered(code, day) == (process.executed(code, day), False)
    for line, changed in RECORDED:
        process.record([line])
        for code in CODES:
            for day in DAYS:
                expected = process.executed(code, day)
                answer, again = process.answered(code, day)
                if answer is None:  # dissolved: the executor's
                    assert code == "town2"
                    continue
                assert (answer, again) == (expected, code not in changed), (line, code, day)
                # A unit that another was dissolved into is asked about anew after each decision.
                assert process.answered(code, day) == (expected, True)


def test_what_was_kept_long_ago_is_asked_anew(process: Process) -> None:
    expected = process.answered("town", DAYS[0])[0]
    process.record(
        [decision("BurdenReported", "2021-01-01", report=f"N-{n}", unit="town", text="多") for n in range(201)]
    )
    assert process.answered("town", DAYS[0]) == (expected, False)
    assert process.answered("town", DAYS[0]) == (expected, True)


def test_another_log_of_the_same_length_is_another(process: Process) -> None:
    process.answered("town", DAYS[0])
    with database.connect(process.resources.url) as connection:
        connection.execute(
            "UPDATE log.decision SET recorded_at = recorded_at + interval '1 second'"
            " WHERE position = (SELECT max(position) FROM log.decision)"
        )
    assert process.answered("town", DAYS[0])[1] is False


def test_of_a_territory_only_as_the_tree_is_now(process: Process) -> None:
    def own(position: int) -> Territory:
        return Territory(frozenset({"town"}), position=position, day=today())

    newest = process.runner.run(process.reader.pool.fetchval("SELECT max(position) FROM log.decision"))
    expected = process.answered("town", DAYS[0])[0]
    assert process.answered("town", DAYS[0], own(newest)) == (expected, True)
    assert process.answered("town", DAYS[0], own(newest - 1))[0] is None
    process.answered("water", DAYS[0])
    assert process.answered("water", DAYS[0], own(newest))[0] is None


def test_every_decision_that_changes_what_it_reads_counts() -> None:
    read = {"unit", "matter", "lawful_holder", "list", "item", "instrument", "delegation"}
    aggregates = {table.aggregate for table in TABLES if table.name in read}
    others = {name for name, kind in TYPES.items() if kind.aggregate_kind() in aggregates} - {*TOUCHING}
    # A ref's decisions are seen by the rows of its delegation.
    assert {TYPES[name].aggregate_kind() for name in others} == {"ref"}
    assert aggregates == {*kept_answers.RESTED_ON, "ref"}
