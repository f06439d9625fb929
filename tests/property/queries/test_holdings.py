"""What a unit holds, what lists say to it and what burdens it: as the oracle reads random journals, and by pages."""

from __future__ import annotations

from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.burdens import burdens
from registry.queries.findings.findings import Checked
from registry.queries.holdings import holdings
from registry.queries.lists import items as list_items
from registry.relations.two_times import NEWEST
from tests.oracle import validity
from tests.oracle.fold import BURDENS, History, Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry, as_of_known
from tests.support.worlds import COUNTY, decision, duty, line, unit


@examples(40)
@given(journal=journals.journals(), seed=st.integers(0, 2**20))
def test_the_answers_of_units_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    two_times = random_world.two_times(random, len(recorded), 2)
    for as_of, known in [*two_times, (random.choice(random_world.QUERY_DAYS), len(recorded))]:
        note(f"as of {as_of}, known {known}")
        snapshot, when = History(recorded, known).on(as_of), as_of_known(as_of, known)
        units = sorted(snapshot.units)
        pages = registry.runner.run(holdings.responsibilities(registry.pool, when, units, None, None, 1000))
        results = {(h.unit, h.matter, h.role, h.by, h.subject) for _, page in pages.values() for h in page}
        expected = {
            (h.unit, h.matter, h.role, h.by, h.subject)
            for h in snapshot.holdings
            if snapshot.matters[h.matter].kind == "duty"
        }
        assert results == expected
        assert all(total == len(page) for total, page in pages.values())

        for polarity in ("negative", "positive"):
            items = registry.runner.run(list_items.items(registry.pool, when, units, polarity))
            assert {(item.unit, item.list, item.item) for item in items} == {
                (code, adopted["list"], item["item"])
                for code in units
                for covers in words_of(snapshot)
                for adopted in snapshot.lists_for(code, covers, polarity)
                for item in snapshot.items(adopted["list"])
            }

        put = registry.runner.run(burdens.burdens(registry.pool, when, units))
        assert {(d.recipient, d.ref) for results in put.values() for d in results} == {
            (d.recipient, d.ref) for d in snapshot.delegations if d.kind in BURDENS
        }


@examples(40)
@given(journal=journals.journals(), seed=st.integers(0, 2**20))
def test_powers_asked_of_many_at_once_are_those_of_each_unit(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    for as_of, known in random_world.two_times(random, len(recorded), 2):
        note(f"as of {as_of}, known {known}")
        when, snapshot = as_of_known(as_of, known), History(recorded, known).on(as_of)
        units = sorted(snapshot.units)
        powers = sorted(code for code, matter in snapshot.matters.items() if matter.kind == "power")
        each = registry.powers(as_of, known, units)
        pairs = [(unit, power) for unit in units for power in powers]
        together = Checked().effective(registry.connection, when, pairs)
        assert together == {(unit, power): power in each.get(unit, ()) for unit, power in pairs}

        within = random.choice(units) if units else "county"
        holders = Checked().effective_holders(registry.connection, when, within, powers)
        registry.connection.rollback()
        recorded_for = {power: {held[0] for held in registry.held(as_of, known, power, within)} for power in powers}
        assert holders == {
            power: sorted(unit for unit in recorded_for[power] if together.get((unit, power))) for power in powers
        }


def words_of(snapshot: object) -> tuple[str, ...]:
    """Every kind of matter that a list can cover."""
    return ("duty", "power", "certificate", *BURDENS)


def test_pages_are_the_whole_in_order_and_say_how_many(registry: Registry) -> None:
    many = [duty(f"R-{number:03}", matter="D-RIVER", role="share") for number in range(25)]
    assert registry.import_lines(map(line, [*COUNTY, *many])) == []
    when = as_of_known("2022-01-01", NEWEST)

    def page(role: str | None, after: str | None, limit: int) -> tuple[int, list[str]]:
        query = holdings.responsibilities(registry.pool, when, ["town"], role, after, limit)
        total, rows = registry.runner.run(query)["town"]
        return total, [row.subject for row in rows]

    total, everything = page(None, None, 1000)
    assert total == len(everything) == 26
    assert everything == sorted(everything)
    assert page("lead", None, 1000) == (1, ["BASIC#1"])
    gathered: list[str] = []
    while True:
        total, rows = page("share", gathered[-1] if gathered else None, 10)
        assert total == 25
        if not rows:
            break
        gathered += rows
    assert gathered == [subject for subject in everything if subject.startswith("R-")]


def test_what_a_merged_unit_received_is_held_by_its_successor_from_that_day(registry: Registry) -> None:
    journal = [
        *COUNTY,
        duty("R-1", "2020-01-01"),
        decision("UnitDissolved", "2021-03-01", unit="town", successor="town2"),
    ]
    assert registry.import_lines(map(line, journal)) == []

    def held(as_of: str) -> dict[str, list[tuple[str, str]]]:
        moment = holdings.responsibilities(
            registry.pool, as_of_known(as_of, NEWEST), ["town", "town2"], None, None, 100
        )
        pages = registry.runner.run(moment).items()
        return {code: [(row.subject, row.since.isoformat()) for row in page] for code, (_, page) in pages}

    by_list = ("BASIC#1", "2019-01-01")
    assert held("2021-02-28") == {"town": [by_list, ("R-1", "2020-01-01")], "town2": [by_list]}
    assert held("2021-03-01") == {"town2": [by_list, ("R-1", "2021-03-01")]}


def test_a_holding_by_law_begins_when_the_unit_fits_it(registry: Registry) -> None:
    matter = decision(
        "MatterDefined",
        "2001-01-01",
        matter="D-WATER",
        kind="duty",
        name="水资源管理",
        lawful_holders=[{"level": "county", "function": "water"}],
    )
    bureau = unit("bureau", "county", "department", "420684", at="2003-01-01", function="market")
    changed = decision("UnitRevised", "2005-01-01", unit="bureau", function="water")
    renamed = decision("UnitRenamed", "2007-01-01", unit="bureau", name="水利和湖泊局")
    moved_on = decision("UnitRevised", "2009-01-01", unit="bureau", function="market")
    assert registry.import_lines(map(line, [*COUNTY, matter, bureau, changed, renamed, moved_on])) == []
    moment = holdings.holders(registry.pool, as_of_known("2008-01-01", NEWEST), "D-WATER", "420684")
    spans = {
        row.unit: (row.since.isoformat(), row.until and row.until.isoformat()) for row in registry.runner.run(moment)
    }
    assert spans == {"water": ("2001-01-01", None), "bureau": ("2005-01-01", "2009-01-01")}
