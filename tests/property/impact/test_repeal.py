"""What would fall if a document were repealed: as the oracle judges with it repealed, and as the simulation says."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry import impact
from registry.impact.repeal import opened_by_repeal
from registry.queries import delegations
from registry.relations.two_times import AsOf
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line, Snapshot
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry, as_of_known
from tests.support.worlds import decision


class WithoutDocument(Snapshot):
    """A day on which a document is read as repealed."""

    def __init__(self, history: History, day: str, repealed: str) -> None:
        super().__init__(history, day)
        self.repealed = repealed

    def in_force(self, instrument: str) -> bool:
        return instrument != self.repealed and super().in_force(instrument)


def resting(snapshot: Snapshot, instrument: str) -> tuple[list[str], list[str], int]:
    """Delegations, lists and how many vestings rest on the document."""
    refs = sorted(each.ref for each in snapshot.delegations if each.instrument == instrument)
    lists = sorted(code for code, adopted in snapshot.lists.items() if adopted["instrument"] == instrument)
    vestings = sum(
        1
        for vesting in snapshot.so_far("PowerVested")
        if vesting["instrument"] == instrument
        and snapshot.read(vesting["unit"]) in snapshot.units
        and not any(
            snapshot._same(divesting, vesting, "power") and vesting["at"] < divesting["at"]
            for divesting in snapshot.so_far("PowerDivested")
        )
    )
    return refs, lists, vestings


@examples(15)
@given(journal=journals.journals(size=80), seed=st.integers(0, 2**20))
def test_what_rests_on_a_document_and_falls_with_it_is_as_the_oracle_has_it(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    for as_of, known in random_world.two_times(random, len(recorded), 2):
        history, when = History(recorded, known), as_of_known(as_of, known)
        snapshot = history.on(as_of)
        numbers = sorted(line["instrument"] for line in history.of("InstrumentIssued"))
        for number in random.sample(numbers, min(3, len(numbers))):
            note(f"as of {as_of}, known {known}, {number}")
            rows = registry.runner.run(delegations.resting(registry.pool, when, number, None, 1000))
            lists = registry.runner.run(delegations.resting_lists(registry.pool, when, number))
            vestings = registry.runner.run(delegations.resting_vestings(registry.pool, when, number))
            assert ([row.ref for row in rows], lists, vestings) == resting(snapshot, number)
            total = registry.runner.run(delegations.resting_count(registry.pool, when, number))
            assert total == len(rows)

            repeal = opened_by_repeal(registry.connection, when, number)
            registry.connection.rollback()
            held = {(*each[:2], each.subject) for each in rules.findings(snapshot)}
            then = {(*each[:2], each.subject) for each in rules.findings(WithoutDocument(history, as_of, number))}
            opened = [each.key for each in repeal.opened if each.rule not in rules.NOT_HERE]
            assert opened == sorted(then - held)
            assert repeal.total == len(repeal.opened)


@examples(15)
@given(journal=journals.journals(size=80), seed=st.integers(0, 2**20))
def test_where_the_repeal_could_be_recorded_the_simulation_opens_the_same(
    registry: Registry, journal: list[Line], seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    issued = sorted({line["instrument"] for line in recorded if line["type"] == "InstrumentIssued"})
    compared = 0
    for number in random.sample(issued, min(4, len(issued))):
        day = random.choice(random_world.QUERY_DAYS)
        repealed = decision("InstrumentRepealed", day, instrument=number)
        simulation = impact.simulate(registry.connection, [repealed], date.fromisoformat(day))
        registry.connection.rollback()
        if not simulation.errors:
            repeal = opened_by_repeal(registry.connection, AsOf(date.fromisoformat(day), len(recorded)), number)
            registry.connection.rollback()
            assert repeal.opened == simulation.opened
            compared += 1
    note(f"{compared} compared")
