"""What decisions open and close: as full checks before and after say, recorded or simulated, for every prefix."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker, database, impact
from registry.checker.setting import COUNTY, DECISION, LAW, SETTING, TOWN, URBAN, VILLAGE, delegated, granted
from registry.domain.dates import today
from registry.domain.lines import from_object
from registry.impact import simulation
from registry.impact.affected_units import affected_units
from registry.recording.unit_of_work import record
from registry.snapshot import load
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals

SUMMER = date(2021, 8, 1)
Keys = set[tuple[str, str, str]]


def everything(connection: psycopg.Connection, as_of: date, known: int) -> Keys:
    """The keys of a full check."""
    return {findings.key for findings in checker.finding_rows(load(connection, as_of, known))}


def keys(findings: list[checker.Finding]) -> Keys:
    return {finding.key for finding in findings}


# ------------------------------------------------------------------------------------------------- random journals


@examples(5)
@given(
    journal=st.one_of(journals.journals(size=60), retrospective_journals()),
    day=st.sampled_from((*random_world.DAYS, *random_world.QUERY_DAYS)),
    seed=st.integers(0, 2**20),
)
def test_the_full_check_its_history_and_the_simulation_agree(
    registry: Registry, journal: list[Line], day: str, seed: int
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    connection, as_of, random = registry.connection, date.fromisoformat(day), Random(seed)
    registry.empty()
    # All but the last few dozen decisions at once, those one by one, or a few together.
    begun = max(len(recorded) - 40, 1)
    record(connection, recorded[:begun])
    was = everything(connection, as_of, begun)
    while begun < len(recorded):
        batch = recorded[begun : begun + random.choice((1, 1, 1, 2, 5))]
        note(f"{begun} {batch}")
        simulated = impact.simulate(connection, batch, as_of)
        assert simulated.errors == []
        assert everything(connection, as_of, 10**9) == was
        done = record(connection, batch)
        assert (done.before, done.after) == (begun, begun + len(batch))
        difference = impact.assessed(connection, done.before, done.after, as_of)
        now = everything(connection, as_of, done.after)
        assert (keys(difference.opened), keys(difference.closed)) == (now - was, was - now)
        assert [checker.as_json(f) for f in simulated.opened] == [checker.as_json(f) for f in difference.opened]
        assert [checker.as_json(f) for f in simulated.closed] == [checker.as_json(f) for f in difference.closed]
        connection.rollback()
        was, begun = now, done.after


# --------------------------------------------------------------------------------------------------------- stories


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    """The power to fine goes from the bureau to the town and on to its office; the town leads."""
    record(
        connection,
        [
            *SETTING,
            granted("G-1", URBAN, TOWN, "devolved", DECISION),
            granted("G-2", TOWN, "990102101-enforcement", "entrusted", LAW),
            delegated("R-1", URBAN, TOWN),
        ],
    )
    connection.commit()
    return connection


def ended(ref: str, at: str = "2021-04-15", reason: str = "revoked") -> dict[str, Any]:
    return {"type": "DelegationEnded", "at": at, "ref": ref, "reason": reason}


def test_revoking_a_grant_reopens_what_hangs_on_it_all_the_way_down(county: psycopg.Connection) -> None:
    done = record(county, [ended("G-1")])
    difference = impact.assessed(county, done.before, done.after, SUMMER)
    assert keys(difference.opened) == {
        ("duty-without-power", TOWN, "R-1"),
        ("void-grant", "990102101-enforcement", "G-2"),
    }
    assert difference.closed == []


def test_only_what_the_decision_bears_on_is_looked_at(county: psycopg.Connection) -> None:
    """What another county's decisions touch does not come near this one."""
    elsewhere = [
        {"type": "UnitRegistered", "at": "2020-01-01", "unit": unit, "name": unit, "level": level, "kind": "government"}
        | ({"parent": parent} if parent else {})
        for unit, level, parent in (("98", "province", None), ("9801", "county", "98"), ("980101", "township", "9801"))
    ]
    done = record(
        county,
        [*elsewhere, delegated("X-1", "9801", "980101")],
    )
    touched = affected_units(county, SUMMER, done.before, done.after, [from_object(delegated("X-1", "9801", "980101"))])
    assert touched == {"980101"}


def test_a_simulation_says_what_is_wrong_with_each_line_and_leaves_nothing(county: psycopg.Connection) -> None:
    lines = [ended("G-1"), ended("G-9"), {"type": "Nonsense", "at": "2021-01-01"}]
    difference = impact.simulate(county, lines, SUMMER)
    assert [(error.line, error.code) for error in difference.errors] == [(2, "unknown-ref"), (3, "unknown-type")]
    assert (difference.opened, difference.closed) == ([], [])
    assert record(county, [ended("G-1")]).positions == [len(SETTING) + 4]


def test_a_repeat_changes_nothing(county: psycopg.Connection) -> None:
    difference = impact.simulate(county, [delegated("R-1", URBAN, TOWN)])
    assert (difference.opened, difference.closed, difference.errors) == ([], [], [])
    done = record(county, [delegated("R-1", URBAN, TOWN)])
    assert done.before == done.after


def test_more_than_can_be_simulated_at_once(county: psycopg.Connection) -> None:
    with pytest.raises(impact.TooMany):
        impact.simulate(county, [ended("G-1")] * 1001)


def test_as_of_today_or_when_it_takes_effect(county: psycopg.Connection) -> None:
    assert impact.simulate(county, [ended("G-1")]).as_of == today()
    later = "2999-01-01"
    difference = impact.simulate(county, [ended("G-1", later)])
    assert difference.as_of == date(2999, 1, 1)
    assert ("duty-without-power", TOWN, "R-1") in keys(difference.opened)
    corrected = {"type": "Corrected", "at": later, "ref": "R-1", "set": {"role": "assist"}}
    assert impact.simulate(county, [corrected]).as_of == today()
    moved = corrected | {"set": {"at": later}}
    assert impact.simulate(county, [moved]).as_of == date(2999, 1, 1)


def test_a_waiver_closes_and_its_end_reopens(county: psycopg.Connection) -> None:
    record(county, [delegated("R-2", TOWN, VILLAGE)])
    finding = {"rule": "duty-without-power", "subject": "R-2", "unit": VILLAGE}
    waived = {"type": "FindingWaived", "at": "2021-04-20", **finding, "by": COUNTY, "reason": "过渡期"}
    closed = impact.simulate(county, [waived | {"until": "2021-09-01"}], SUMMER).closed
    assert keys(closed) == {("duty-without-power", VILLAGE, "R-2")}
    record(county, [waived])
    lifted = {"type": "WaiverLifted", "at": "2021-05-01", **finding}
    assert keys(impact.simulate(county, [lifted], SUMMER).opened) == {("duty-without-power", VILLAGE, "R-2")}
    county.rollback()


def test_who_records_is_not_held_up(county: psycopg.Connection, database_url: str) -> None:
    """A simulation that meets a recording of the same delegation gives way and answers after it."""
    tries = 0
    with database.connect(database_url) as other:

        def ask() -> simulation.Simulation:
            nonlocal tries
            tries += 1
            with simulation.repeatable_read(county):
                county.execute("SELECT count(*) FROM delegation")
                if tries == 1:
                    record(other, [ended("R-1")])
                return simulation.simulated(county, [ended("G-1")], SUMMER)

        results = simulation.patiently(ask)
        assert tries == 1  # they touch other rows
        assert keys(results.opened) == {
            ("duty-without-power", TOWN, "R-1"),
            ("void-grant", "990102101-enforcement", "G-2"),
        }

        def again() -> simulation.Simulation:
            nonlocal tries
            tries += 1
            with simulation.repeatable_read(county):
                county.execute("SELECT count(*) FROM delegation")
                if tries == 2:
                    record(other, [ended("G-2")])
                return simulation.simulated(county, [ended("G-2")], SUMMER)

        results = simulation.patiently(again)
        assert tries == 3
        # It is recorded meanwhile, so it repeats.
        assert (results.opened, results.closed, results.errors) == ([], [], [])
