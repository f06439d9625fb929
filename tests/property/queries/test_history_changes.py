"""Changes between two days: random journals against the oracle's days, and by which decision each came."""

from __future__ import annotations

from datetime import date
from random import Random

from hypothesis import given, note
from hypothesis import strategies as st

from registry.queries.history import causes, changes
from registry.queries.history.changes import Change
from registry.relations.two_times import NEWEST
from tests.oracle import changes as oracle
from tests.oracle import validity
from tests.oracle.fold import History
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.worlds import COUNTY, Line, decision, duty, line, unit


def happened(registry: Registry, within: str, after: str, until: str, known: int = NEWEST) -> list[Change]:
    days = map(date.fromisoformat, (after, until))
    return registry.runner.run(changes.changes(registry.pool, known, within, *days))


def plain(changes_between: list[Change]) -> list[oracle.Change]:
    return [(str(change.on), change.change, change.unit, change.subject) for change in changes_between]


def decided(registry: Registry, changes_between: list[Change], known: int = NEWEST) -> list[str | None]:
    """The type of the decision behind each change."""
    wanted = [(change.cause, change.on) for change in changes_between if change.cause is not None]
    printed = registry.runner.run(causes.decisions(registry.pool, known, wanted))
    types = {cause: decision.type for cause, decision in printed.items()}
    return [None if change.cause is None else types.get((change.cause, change.on)) for change in changes_between]


@examples(60)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_changes_are_those_of_the_oracle(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    units = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    for known in (len(recorded), random.randint(len(recorded) // 2, len(recorded))):
        history = History(recorded, known)
        for within in ("42", random.choice(units), random.choice(units)):
            after, until = sorted(random.sample(random_world.QUERY_DAYS, 2))
            note(f"within {within}, after {after} until {until}, known {known}")
            changes_between = happened(registry, within, after, until, known)
            assert plain(changes_between) == oracle.changes(history, within, after, until)
            assert None not in decided(registry, changes_between, known)


def test_each_change_has_its_day_kind_and_decision(registry: Registry) -> None:
    journal = [
        *COUNTY,
        duty("R-1", "2020-01-01", role="share"),
        decision("ResourcesAllotted", "2020-02-01", ref="R-1", brings=["funds"]),
        decision("UnitDissolved", "2020-03-01", unit="water", successor="market"),
        decision("DelegationEnded", "2020-04-01", ref="R-1", reason="completed"),
        decision("BurdenImposed", "2020-04-01", ref="B-1", matter="F-LEDGER", instrument="通知1号")
        | {"from": "market", "to": "village", "due_on": "2020-04-30"},
        decision("Corrected", "2020-05-01", ref="B-1", set_={"due_on": "2020-05-31"}),
        decision("ListItemEntered", "2020-06-01", list="NEG", item="1", name="拆迁", terms=["拆迁"]),
        decision("ListRepealed", "2020-07-01", list="BASIC"),
        decision("UnitMoved", "2020-08-01", unit="village", parent="town2"),
    ]
    assert registry.import_lines(map(line, journal)) == []
    changes_between = happened(registry, "town", "2019-12-31", "2020-12-31")
    answer = [(*each, by) for each, by in zip(plain(changes_between), decided(registry, changes_between), strict=True)]
    assert answer == [
        ("2020-01-01", "began", "town", "R-1", "DutyDelegated"),
        ("2020-02-01", "changed", "town", "R-1", "ResourcesAllotted"),
        ("2020-03-01", "changed", "town", "R-1", "UnitDissolved"),
        ("2020-04-01", "ended", "town", "R-1", "DelegationEnded"),
        ("2020-04-01", "began", "village", "B-1", "BurdenImposed"),
        ("2020-06-01", "began", None, "NEG#1", "ListItemEntered"),
        ("2020-07-01", "ended", None, "BASIC#1", "ListRepealed"),
        ("2020-07-01", "ended", "town", "BASIC#1", "ListRepealed"),
        ("2020-08-01", "ended", "village", "B-1", "UnitMoved"),
    ]
    from_and_brings = [
        [(side or {}).get(name) for side in (change.before, change.after)]
        for change in changes_between[:3]
        for name in ("from", "brings")
    ]
    assert from_and_brings == [
        [None, "water"],
        [None, []],
        ["water"] * 2,
        [[], ["funds"]],
        ["water", "market"],
        [["funds"]] * 2,
    ]
    # The day after which is asked is not part of it, the day up to which is; nothing changes in no time.
    assert plain(happened(registry, "town", "2020-01-01", "2020-02-01")) == [("2020-02-01", "changed", "town", "R-1")]
    assert happened(registry, "town", "2020-02-01", "2020-02-01") == []
    # A unit brings what it holds into the territory that it moves to.
    assert plain(happened(registry, "town2", "2020-07-31", "2020-08-01")) == [
        ("2020-08-01", "began", None, "NEG#1"),
        ("2020-08-01", "began", "village", "B-1"),
    ]


def test_what_a_list_gives_changes_though_the_list_and_those_whom_it_reaches_do_not(registry: Registry) -> None:
    journal = [
        *COUNTY,
        decision("ListItemEntered", "2020-02-01", list="BASIC", item="2", name="采砂", matter="D-SAND", from_="water"),
        decision("ListItemWithdrawn", "2020-04-01", list="BASIC", item="1"),
        unit("town3", "township", "government", "420684", at="2020-05-01"),
        decision("UnitDissolved", "2020-06-01", unit="water", successor="market"),
        decision("UnitDissolved", "2020-10-01", unit="town2", successor="town3"),
    ]
    assert registry.import_lines(map(line, journal)) == []

    def of_items(after: str, until: str) -> list[oracle.Change]:
        return [
            each
            for each in plain(happened(registry, "420684", after, until))
            if each[2] is not None and each[3].startswith("BASIC")
        ]

    assert of_items("2020-01-15", "2020-02-15") == [
        ("2020-02-01", "began", "town", "BASIC#2"),
        ("2020-02-01", "began", "town2", "BASIC#2"),
    ]
    assert of_items("2020-03-15", "2020-04-15") == [
        ("2020-04-01", "ended", "town", "BASIC#1"),
        ("2020-04-01", "ended", "town2", "BASIC#1"),
    ]
    assert of_items("2020-04-15", "2020-05-15") == [("2020-05-01", "began", "town3", "BASIC#2")]
    assert of_items("2020-05-15", "2020-06-15") == [
        ("2020-06-01", "changed", "town", "BASIC#2"),
        ("2020-06-01", "changed", "town2", "BASIC#2"),
        ("2020-06-01", "changed", "town3", "BASIC#2"),
    ]
    assert of_items("2020-09-15", "2020-10-15") == [("2020-10-01", "ended", "town2", "BASIC#2")]
    assert of_items("2020-10-15", "2020-12-31") == []


def test_a_correction_changes_the_past_only_from_its_position_on(registry: Registry) -> None:
    journal = [*COUNTY, duty("R-1"), decision("Corrected", "2022-01-01", ref="R-1", set_={"at": "2020-02-01"})]
    assert registry.import_lines(map(line, journal)) == []
    positions = (len(journal) - 1, NEWEST)
    days = {known: plain(happened(registry, "town", "2019-12-31", "2022-12-31", known)) for known in positions}
    assert days == {
        len(journal) - 1: [("2020-01-01", "began", "town", "R-1")],
        NEWEST: [("2020-02-01", "began", "town", "R-1")],
    }


def test_the_cause_of_a_corrected_day_is_the_correction(registry: Registry) -> None:
    moved = {"type": "UnitMoved", "unit": "village", "at": "2020-08-01"}
    journal = [
        *COUNTY,
        duty("R-1", "2020-01-01", to="village", matter="D-RIVER", role="assist"),
        decision("UnitMoved", "2020-08-01", unit="village", parent="town2"),
        decision("Corrected", "2021-01-01", of=moved, set_={"parent": "town2", "at": "2020-09-01"}),
        decision("UnitMoved", "2020-10-01", unit="village", parent="town"),
        decision("Annulled", "2021-01-02", of=moved | {"at": "2020-10-01"}),
    ]
    assert registry.import_lines(map(line, journal)) == []
    results = happened(registry, "town2", "2019-12-31", "2020-12-31")
    actual = [(*each, by) for each, by in zip(plain(results), decided(registry, results), strict=True)]
    assert actual == [("2020-09-01", "began", "village", "R-1", "Corrected")]
