"""Straight after an import the database knows no statistics: what is asked then is found by indexes all the same.

Every statement is recorded as the program sends it, and planned again: none may read a table that grows with the
country from end to end, nor every delegation of a matter wherever it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg
import pytest

from registry import snapshot
from registry.queries.burdens import burdens
from registry.queries.holdings import custody, holdings
from registry.queries.lists import items as list_items
from registry.queries.units import units
from registry.relations.two_times import NEWEST
from registry.snapshot.over_time import load_over_time
from tests.support.registry_under_test import Registry, open_registry
from tests.support.worlds import COUNTY, duty, line, unit

DAY = date(2022, 1, 1)
ELSEWHERE = 20_000
LARGE = {"unit", "delegation"}
SENT: list[tuple[Any, Any]] = []

# Other counties, with as many delegations of the same matter, returned and due, none of them asked about here.
FILL = """
INSERT INTO unit (code, name, level, kind, function, parent, aliases, monitored, dissolved, position,
    valid_from, valid_to, known_from, known_to)
SELECT 'X' || n, '镇' || n, 'township', 'government', 'government', 'Y' || n / 20, '{}', false, false, 1,
    '2000-01-01', 'infinity', 1, 9223372036854775807
FROM generate_series(1, %(rows)s) n;
INSERT INTO delegation (ref, kind, matter, sender, recipient, role, mode, instrument, began, ended, end_reason, due_on,
    brings, position, valid_from, valid_to, known_from, known_to)
SELECT 'X-' || n, 'duty', 'D-SAND', 'Y' || n / 20, 'X' || n, 'lead', 'assigned', '1号', '2020-01-01', '2021-01-01',
    'returned', '2021-06-01', '{}', 1, '2020-01-01', '2021-01-01', 1, 9223372036854775807
FROM generate_series(1, %(rows)s) n;
"""


class Recording(psycopg.Cursor[Any]):
    """A cursor that keeps what was sent through it."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
        SENT.append((query, params))
        return super().execute(query, params, **more)


@pytest.fixture(scope="module")
def registry(module_database: Callable[[], str]) -> Iterator[Registry]:
    with open_registry(module_database()) as registry:
        connection = registry.connection
        for (table,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'live'").fetchall():
            connection.execute(f"ALTER TABLE live.{table} SET (autovacuum_enabled = off)")  # type: ignore[arg-type]
        connection.commit()
        journal = [*COUNTY]
        for number in range(20):
            town = f"T{number}"
            journal.append(unit(town, "township", "government", "420684"))
            journal.append(unit(f"{town}V", "village", "village", town))
            journal.append(duty(f"A-{town}", matter="D-SAND", from_="420684", to=town, due_on="2022-06-01"))
            below = duty(f"B-{town}", matter="D-SAND", from_=town, to=f"{town}V", due_on="2022-02-01")
            journal.append(below | {"under": f"A-{town}"} if number % 2 else below)
        assert registry.import_lines(map(line, journal)) == []
        for statement in FILL.split(";")[:-1]:
            connection.execute(statement, {"rows": ELSEWHERE})  # type: ignore[arg-type]
        connection.commit()
        analysed = "SELECT count(*) FROM pg_stats WHERE schemaname = 'live'"
        assert connection.execute(analysed).fetchone() == (0,)
        connection.cursor_factory = Recording
        yield registry


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def faults(plan: dict[str, Any]) -> list[str]:
    """The scans of a plan that read more than is asked for."""
    results: list[str] = []
    for node in nodes(plan):
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
            results.append(f"all of {node['Relation Name']}")
        if node.get("Index Name", "").startswith("delegation_") and "Index Cond" in node:
            condition = node["Index Cond"]
            if not any(f"{column} =" in condition for column in ("recipient", "ref", "under", "sender")):
                results.append(condition)
    return results


def checked(registry: Registry) -> int:
    """Plan anew what was recorded; returns how many statements there were."""
    sent = [(query, params) for query, params in SENT if b"SELECT" in _text(query)]
    for query, params in sent:
        row = psycopg.Cursor(registry.connection).execute(b"EXPLAIN (FORMAT JSON) " + _text(query), params).fetchone()
        assert row is not None
        assert faults(row[0][0]["Plan"]) == [], _text(query).decode()
    registry.connection.rollback()
    return len(sent)


def _text(query: Any) -> bytes:
    return query if isinstance(query, bytes) else str(query).encode()


def test_the_check_of_a_county_reads_no_other(registry: Registry) -> None:
    SENT.clear()
    day = snapshot.load(registry.connection, DAY, NEWEST, "420684")
    assert len(day.delegations) >= 40
    assert checked(registry) > 10


def test_the_check_of_a_few_units_reads_no_other(registry: Registry) -> None:
    SENT.clear()
    snapshot.load(registry.connection, DAY, NEWEST, ["T3V", "T4V", "T5V"], only=True)
    assert checked(registry) > 10


def test_the_days_of_a_unit_read_no_other(registry: Registry) -> None:
    SENT.clear()
    days = load_over_time(registry.connection, NEWEST, ["T3V"], ["D-SAND"])
    assert [day.as_of for day in days.each([DAY.toordinal()])] == [DAY]
    assert checked(registry) > 20


TOWN = ["T3"]
QUESTIONS: dict[str, tuple[str, tuple[object, ...]]] = {
    "unit": (units.BY_CODE, (TOWN,)),
    "children": (units.CHILDREN, (TOWN, None, None, 100)),
    "units within": (units.WITHIN + units.SEARCH_PAGE, ("420684", None, None, None, [], None, 100)),
    "responsibilities": (holdings.RESPONSIBILITIES, (TOWN, None, None, 100)),
    "holders": (holdings.HOLDERS, ("D-SAND", "420684", None, None)),
    "negative list": (list_items.ITEMS, (TOWN, "negative", None)),
    "burdens": (burdens.BURDENS, (TOWN, None)),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_question_reads_no_whole_table(registry: Registry, name: str) -> None:
    statement, arguments = QUESTIONS[name]
    assert explained(registry, statement, DAY, NEWEST, *arguments) == []


def test_custody_reads_no_whole_table(registry: Registry) -> None:
    assert explained(registry, custody.PIECES, "420684", NEWEST, "D-SAND") == []


def explained(registry: Registry, statement: str, *arguments: object) -> list[str]:
    async def explain() -> Any:
        async with registry.pool.acquire() as connection:
            return await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement}", *arguments)

    (plan,) = json.loads(registry.runner.run(explain()))
    return faults(plan["Plan"])
