"""No question about one unit or one matter reads a whole table: the plans say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from registry.database.connections import STATEMENT_SIZE
from registry.queries import as_of_many, delegations, instruments, sounds
from registry.queries.burdens import burdens, imposed, landing, reports
from registry.queries.findings import origins
from registry.queries.history import causes, changes, decisions, effects
from registry.queries.holdings import accountability, custody, holdings
from registry.queries.lists import items as list_items
from registry.queries.lists import lists
from registry.queries.matters import matters, same_fields
from registry.queries.units import monitoring, places, units
from registry.relations.two_times import NEWEST
from registry.replay.tags import NOT_IN_INDEX
from registry.snapshot import past_load
from registry.web.graphql.fast.compiled import Plan, compiled
from registry.web.graphql.limits import read
from registry.web.graphql.schema import CORE
from tests.support.registry_under_test import Registry, open_registry
from tests.support.worlds import COUNTY, decision, duty, line, unit

DAY = date(2022, 1, 1)
READ_TABLES = {"unit", "matter", "instrument", "lawful_holder", "list", "item", "delegation", "report"} | {
    "decision",
    "tag",
}


@pytest.fixture(scope="module")
def registry(module_database: Callable[[], str]) -> Iterator[Registry]:
    """Thirty counties with ten townships of ten villages, and what they are given."""
    journal = [*COUNTY]
    kept = {"polarity": "negative", "covers": "duty", "audience": "village"}  # of no unit: everybody's
    journal.append(decision("InstrumentIssued", "2018-01-01", instrument="国号", title="通知", kind="notice"))
    journal.append(decision("ListAdopted", "2019-01-01", list="N-list", title="清单", instrument="国号", **kept))
    journal.append(decision("ListItemEntered", "2019-01-01", list="N-list", item="1", name="事项", terms=["证明"]))
    for county in range(30):
        code = f"C{county}"
        journal.append(unit(code, "county", "government", "4206"))
        journal.append(unit(f"{code}-water", "county", "department", code, function="water"))
        instrument = f"{code}号"
        journal.append(decision("InstrumentIssued", "2018-01-01", instrument=instrument, title="通知", kind="notice"))
        kept = {"polarity": "positive", "covers": "duty", "audience": "township", "assigns": "lead"}
        adopted = decision(
            "ListAdopted", "2019-01-01", list=f"{code}-list", title="清单", instrument=instrument, **kept
        )
        journal.append(adopted | {"scope": f"{code}-water" if county % 2 else code})
        for number in range(10):
            matter = f"D-{county}-{number}"
            lawful = [{"level": "county", "function": f"f{number}-{county}"}]
            journal.append(
                decision("MatterDefined", "2000-01-01", matter=matter, kind="duty", name=matter, lawful_holders=lawful)
            )
            entered = decision("ListItemEntered", "2019-01-01", list=f"{code}-list", item=str(number), name=matter)
            journal.append(entered | {"matter": matter, "from": f"{code}-water"})
            town = f"{code}T{number}"
            journal.append(unit(town, "township", "government", code))
            journal.append(duty(f"R-{town}", matter=matter, from_=f"{code}-water", to=town))
            journal += [unit(f"{town}V{village}", "village", "village", town) for village in range(10)]
            stated = {"text": "填不完的表", "about": f"R-{town}"}
            journal.append(decision("BurdenReported", "2021-01-01", report=f"N-{town}", unit=town, **stated))
    with open_registry(module_database()) as registry:
        assert registry.import_lines(map(line, journal)) == []
        registry.connection.rollback()
        registry.connection.autocommit = True
        registry.connection.execute("VACUUM (FULL, ANALYZE)")  # the database has served other tests
        yield registry


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def planned(registry: Registry, sql: str, *arguments: object) -> list[dict[str, Any]]:
    """The nodes of the plan that the server makes of a statement."""

    async def explain() -> Any:
        async with registry.pool.acquire() as connection:
            return await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *arguments)

    (content,) = json.loads(registry.runner.run(explain()))
    return [*nodes(content["Plan"])]


def scanned(registry: Registry, sql: str, *arguments: object) -> set[str]:
    """The tables that a statement, planned as the server plans it, reads from end to end."""
    plan = planned(registry, sql, *arguments)
    return {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"} & READ_TABLES


HASHED = {"Recursive Union", "Aggregate", "HashAggregate"}
TOWN = ["C7T3"]
YEARS = (date(2022, 1, 1), date(2021, 1, 1), date(2021, 1, 1))
EVER = (date.min, date(2030, 1, 1), None, None)
QUESTIONS: dict[str, tuple[str, tuple[object, ...]]] = {
    "unit": (units.BY_CODE, (TOWN,)),
    "children": (units.CHILDREN, (TOWN, None, None, 100)),
    "units within": (units.WITHIN + units.SEARCH_PAGE, ("C7", None, None, None, [], None, 100)),
    "units by name": (units.NAMED + units.SEARCH_PAGE, (None, "village", "%C7T%", "C7T", ["C7T3"], None, 100)),
    "units by name, counted": (units.NAMED + "SELECT count(*) FROM matched", (None, None, "%C7T%", "C7T", ["C7T3"])),
    "units by sound": (sounds.UNITS, (["c7 7t t3"], list(sounds.LEVELS), 300)),
    "matters by sound": (sounds.MATTERS, (["d- -7 7- -3"], 300)),
    "villages by name": (places.VILLAGES, ("C7T3V", "%C7T3V%", "C7T3V%")),
    "areas named": (places.AREAS, (["c7", "t3"],)),
    "areas above": (places.CHAINS, (["C7T3V4", "C8T3V4"],)),
    "places inside": (places.INSIDE, (TOWN,)),
    "counties": (places.GOVERNED, ("county",)),
    "responsibilities": (holdings.RESPONSIBILITIES, (TOWN, None, None, 100)),
    "positive list": (list_items.ITEMS, (TOWN, "positive", "duty")),
    "negative list": (list_items.ITEMS, (TOWN, "negative", None)),
    "burdens": (burdens.BURDENS, (TOWN, None)),
    "burdens of a year": (imposed.TALLIES, (TOWN, *YEARS)),
    "burdens of a year, each": (imposed.DETAIL, (TOWN, *YEARS)),
    "plan of a year": (imposed.ENTRIES, (TOWN, *YEARS)),
    "burdened units": (imposed.BURDENED, ("C7",)),
    "landing": (landing.LANDING, (TOWN, *YEARS[:2])),
    "forms that ask for the same": (same_fields.ON_UNIT, (TOWN,)),
    "forms of a territory": (same_fields.IN_TERRITORY, ("C7",)),
    "reports": (reports.REPORTS, ("C7", *EVER, None, None, None, 100)),
    "reports by sender": (reports.BY_SENDER, ("C7", *EVER, None)),
    "monitoring points": (monitoring.WITHIN, ("C7",)),
    "all monitoring points": (monitoring.EVERYWHERE, (None,)),
    "reports of points": (monitoring.REPORTED, (TOWN, *YEARS)),
    "matter": (matters.BY_CODE, (["D-7-3"],)),
    "instrument": (instruments.BY_NUMBER, (["C7号"],)),
    "lists": (lists.BY_CODE, (["C7-list"],)),
    "lists that reach a unit": (lists.REACHING, (TOWN,)),
    "items of a list": (lists.ITEMS, (["C7-list"], 0, None)),
    "items of a list, counted": (lists.COUNTS, (["C7-list"],)),
    "holders": (holdings.HOLDERS, ("D-7-3", "C7", None, None)),
    "holders in pages": (holdings.HOLDERS_PAGE, ("D-7-3", "C7", None, None, "C7T3", "R-C7T3", 100)),
    "holders counted": (holdings.HOLDERS_COUNT, ("D-7-3", "C7", None, None)),
    "delegation": (delegations.BY_REF, (["R-C7T3"],)),
    "what rests on a document": (delegations.RESTING_PAGE, ("C7号", None, None, 100)),
    "what rests on a document, counted": (delegations.RESTING_COUNT, ("C7号", None)),
    "lists on a document": (delegations.RESTING_LISTS, ("C7号",)),
    "origins of findings": (origins.ORIGINS, (["R-C7T3", "C7-list#3"],)),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_question_reads_no_whole_table(registry: Registry, name: str) -> None:
    sql, arguments = QUESTIONS[name]
    # A handful of vestings or a dozen lists are rightly read whole; what grows with the country is not.
    assert scanned(registry, sql, DAY, NEWEST, *arguments) <= small(registry)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_walk_expects_more_than_it_can_meet(registry: Registry, name: str) -> None:
    """What a walk met is kept in a hash table that is made as large as expected: of a million, 20 ms for nothing."""
    sql, arguments = QUESTIONS[name]
    expected = [
        node["Plan Rows"] for node in planned(registry, sql, DAY, NEWEST, *arguments) if node["Node Type"] in HASHED
    ]
    assert max(expected, default=0) <= 400_000  # PostgreSQL 15 expects 300,000 of what 18 expects 100,000


def small(registry: Registry) -> set[str]:
    """Tables of a page or two, which no planner would use an index for."""
    rows = registry.connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('live'::regnamespace,"
        " 'log'::regnamespace) AND relpages <= 2"
    ).fetchall()
    return {row[0] for row in rows}


HOT = """query ($code: ID!) { unit(code: $code) { code name responsibilities(first: 28) {
    edges { cursor node { role by subject mode since until brings dueOn position
        matter { code kind name category aliases basis needs } from { code name level kind function aliases }
        instrument { number title kind since until inForce position } } }
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


def hot() -> Plan:
    """The plan of the hot question with nearly all it can be asked with."""
    operation = read(CORE, HOT).operation(None)
    assert operation is not None
    plan = compiled(operation)
    assert plan is not None
    return plan


def test_the_hot_document_reads_no_whole_table(registry: Registry) -> None:
    plan = hot()
    assert scanned(registry, plan.sql, *plan.bind({"code": TOWN[0]})) <= small(registry)


def test_what_units_returned_is_found_by_the_units_however_many_matters_there_are(registry: Registry) -> None:
    """A plan for any arguments expects ten matters; of hundreds it would look each up for each unit."""
    sql = past_load.RETURNED % {"recipients": "$1", "matters": "$2", "known": "$3"}
    with registry.connection.transaction(force_rollback=True):
        registry.connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        registry.connection.execute("PREPARE returned (text[], text[], bigint) AS " + sql)
        explained = "EXPLAIN (FORMAT JSON) EXECUTE returned (ARRAY['C7T3'], ARRAY['D-7-3'], 100)"
        ((plan,),) = registry.connection.execute(explained).fetchall()
        registry.connection.execute("DEALLOCATE returned")
    rows = [node for node in nodes(plan[0]["Plan"]) if node.get("Relation Name") == "delegation"]
    assert rows
    assert not [node for node in rows if "matter" in f"{node.get('Index Cond')} {node.get('Filter')}"]


def test_decisions_of_a_unit_are_found_by_its_tag(registry: Registry) -> None:
    assert scanned(registry, decisions.HISTORY, TOWN, 0, NEWEST, 20) <= small(registry)
    assert scanned(registry, decisions.MATTER_HISTORY, ["D-7-3"], 0, NEWEST, 20) <= small(registry)
    query = decisions.Wanted(unit=TOWN[0], recorded_by="某人", at_from=DAY)
    assert scanned(registry, decisions.TAGGED, *decisions.arguments(query, 0, 20)) <= small(registry)


@pytest.mark.parametrize("roots", [("C8",), ("C7T3", "C8-water"), ("C7T3V4",), ()])
def test_what_a_territory_sees_is_found_without_reading_the_log_and_is_the_same(
    registry: Registry, roots: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = registry.connection.execute("SELECT DISTINCT code FROM unit").fetchall()
    seen = [code for (code,) in rows if code in roots or any(code.startswith(f"{root}T") for root in roots[:1])]
    wanted = decisions.Wanted(seen=seen, known=NEWEST)
    own = [tag for code in seen for tag in decisions.tags("unit", code)]
    plan = planned(registry, decisions.OF_SEEN, *decisions.arguments(wanted, 0, 50), own)
    # What names the territory ("o") is rightly joined to all of so small a log.
    assert {node["Alias"] for node in plan if node["Node Type"] == "Seq Scan"} <= {"o"}
    assert {"decision_names_no_unit", "list_names_no_unit"} <= {node.get("Index Name") for node in plan}

    def seen_by_clerk(looked_at: int) -> list[decisions.Decision]:
        monkeypatch.setattr(decisions, "LOOKED_AT", looked_at)
        return registry.runner.run(decisions.decisions(registry.pool, wanted, 0, 10_000))

    by_tags = seen_by_clerk(0)
    assert by_tags == seen_by_clerk(NEWEST)  # each looked at
    lists = {one.data["list"] for one in by_tags if one.type == "ListItemEntered"}
    assert lists == {"N-list"} | ({"C8-list"} if {"C8", "C8-water"} & {*roots} else set())


def test_the_past_of_a_territory_is_found_by_indexes(registry: Registry) -> None:
    assert scanned(registry, custody.PIECES, "C7", NEWEST, "D-7-3") <= small(registry)
    assert scanned(registry, changes.PIECES, "C7T3", NEWEST, date(2019, 1, 1), DAY) <= small(registry)
    assert scanned(registry, causes.DECISIONS, NEWEST, ["ref:R-C7T3"], [DAY]) <= small(registry)
    assert scanned(registry, effects.CHANGED, [100]) <= small(registry)
    for statement, code in (
        (as_of_many.UNITS, TOWN[0]),
        (as_of_many.MATTERS, "D-7-3"),
        (as_of_many.INSTRUMENTS, "C7号"),
    ):
        assert scanned(registry, statement, [DAY], NEWEST, [code]) <= small(registry)
    assert scanned(registry, accountability.OF_MATTER, DAY, NEWEST, TOWN, "D-7-3") <= small(registry)
    assert scanned(registry, accountability.UNDER, DAY, NEWEST, "R-C7T3") <= small(registry)
    assert scanned(registry, accountability.NEXT_UP, DAY, NEWEST, TOWN) <= small(registry)


def test_tags_are_read_as_they_lie_or_by_their_keys_whatever_the_planner_knows(registry: Registry) -> None:
    """Reading the index from end to end for every page of the log grows with its square."""
    of_page = {"first": 1, "last": 200, "tag": "unit:4206", "rows": 900}

    def used() -> set[tuple[str, str | None]]:
        explained = registry.connection.execute(f"EXPLAIN (FORMAT JSON) {NOT_IN_INDEX}".encode(), of_page)
        ((plan,),) = explained
        return {(node["Node Type"], node.get("Index Name")) for node in nodes(plan[0]["Plan"])}

    with registry.connection.transaction(force_rollback=True):
        known = used()
        registry.connection.execute("DELETE FROM pg_statistic WHERE starelid IN ('log.tag'::regclass)")
        registry.connection.execute("UPDATE pg_class SET reltuples = -1 WHERE oid = 'log.tag'::regclass")
        for each in (known, used()):
            assert each >= {("Tid Range Scan", None), ("Index Only Scan", "tag_pkey")}
            assert "Seq Scan" not in {kind for kind, _ in each}


def test_statements_fit_the_cache_of_prepared_ones() -> None:
    """A longer statement is prepared anew each time."""
    history = (custody.PIECES, changes.PIECES, effects.CHANGED, accountability.OF_MATTER)
    assert all(
        len(sql.encode()) < STATEMENT_SIZE for sql in (hot().sql, *history, *(sql for sql, _ in QUESTIONS.values()))
    )
