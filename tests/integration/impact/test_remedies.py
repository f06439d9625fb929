"""Ways out of findings: every one that is offered does what it says when it is recorded."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from registry import checker
from registry.checker import RULES, Finding
from registry.checker.rule import Rule
from registry.checker.setting import (
    COUNTY,
    DECISION,
    ENFORCEMENT,
    LAW,
    LETTER,
    SETTING,
    TOWN,
    URBAN,
    VILLAGE,
    delegated,
    entered,
    granted,
    issued,
    listed,
)
from registry.impact.remedies import Remedy, remedies
from registry.recording.unit_of_work import record
from registry.snapshot import load
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry

NEWEST = 10**9
SUMMER = date(2021, 8, 1)


def recorded(connection: psycopg.Connection, remedy: Remedy, finding: Finding) -> None:
    """Record the remedy and hold it to what it says, by full checks before and after."""
    last = max(date.fromisoformat(decision["at"]) for decision in remedy.decisions)
    known = connection.execute("SELECT max(position) FROM log.decision").fetchone()
    assert known is not None
    done = record(connection, remedy.decisions)
    was, now = ({one.key for one in checker.finding_rows(load(connection, last, at))} for at in (known[0], done.after))
    assert {opening.key for opening in remedy.opens} == now - was
    assert {finding.key, *(closing.key for closing in remedy.closes)} == was - now


def only(connection: psycopg.Connection, rule: str, as_of: date = SUMMER) -> Finding:
    (finding,) = checker.check(connection, as_of, NEWEST, rule=rule)
    return finding


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_there_is_a_way_out_of_every_rules_example(registry: Registry, rule: Rule) -> None:
    connection = registry.connection
    registry.empty()
    record(connection, rule.fires.journal)
    finding = checker.check(connection, rule.fires.as_of, NEWEST, rule=rule.name)[0]
    ways = remedies(connection, finding)
    assert ways
    for way in ways:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in way.message.zh)
        assert way.message.en.endswith(".")
        assert way.action
    assert not [opening for opening in ways[0].opens if opening.severity == "V"]
    recorded(connection, ways[0], finding)


@examples(4)
@given(
    journal=journals.journals(size=60),
    as_of=st.sampled_from((*random_world.DAYS, *random_world.QUERY_DAYS)),
    seed=st.integers(0, 2**20),
)
def test_random_remedies_do_what_they_say(registry: Registry, journal: list[Line], as_of: str, seed: int) -> None:
    lines = validity.judge(map(journals.encoded, journal)).recorded
    connection, random = registry.connection, Random(seed)
    assert registry.import_lines(map(journals.encoded, lines)) == []
    findings = checker.check(connection, date.fromisoformat(as_of), NEWEST)
    for finding in random.sample(findings, min(4, len(findings))):
        for way in remedies(connection, finding)[:2]:
            note(f"{finding.key} {way.decisions}")
            with connection.transaction(force_rollback=True):
                recorded(connection, way, finding)


def actions(ways: list[Remedy]) -> list[str]:
    return [way.action for way in ways]


def named(decision: dict[str, Any], *fields: str) -> tuple[Any, ...]:
    return tuple(decision[field] for field in fields)


def test_a_duty_returns_to_the_nearest_that_has_the_powers(connection: psycopg.Connection) -> None:
    record(connection, [*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", TOWN, VILLAGE, under="R-1")])
    finding = next(
        f for f in checker.check(connection, SUMMER, NEWEST, rule="duty-without-power") if f.subject == "R-2"
    )
    ways = remedies(connection, finding)
    assert actions(ways)[0] == "return-duty"
    assert [named(each, "type", "ref", "reason") for each in ways[0].decisions] == [
        ("DelegationEnded", "R-2", "returned"),
        ("DelegationEnded", "R-1", "returned"),
    ]
    assert "清溪县城市管理局" in ways[0].message.zh
    assert ("duty-without-power", TOWN, "R-1") in {closing.key for closing in ways[0].closes}
    # A village can be given no power.
    assert "grant-power" not in actions(ways)


def test_a_missing_power_is_granted_by_its_holder_on_a_fit_document(connection: psycopg.Connection) -> None:
    other = delegated("R-0", URBAN, TOWN) | {"ref": "R-1"}
    record(connection, [*SETTING, other, granted("G-1", URBAN, ENFORCEMENT, "devolved", DECISION, "2021-04-20")])
    record(connection, [{"type": "DelegationEnded", "at": "2021-04-25", "ref": "G-1", "reason": "revoked"}])
    way = next(
        way for way in remedies(connection, only(connection, "duty-without-power")) if way.action == "grant-power"
    )
    (grant,) = way.decisions
    assert named(grant, "type", "matter", "from", "to", "mode", "instrument") == (
        "PowerGranted",
        "P-STALLS",
        URBAN,
        TOWN,
        "devolved",
        DECISION,
    )
    assert way.opens == []


@pytest.mark.parametrize(
    ("item", "first"),
    [
        ({}, True),
        ({"matter": "P-STALLS"}, False),
        ({"terms": ["占道经营"]}, False),
        ({"terms": ["噪声"]}, True),
    ],
)
def test_a_document_whose_own_list_lacks_the_power_is_offered_with_that_word(
    connection: psycopg.Connection, item: dict[str, Any], first: bool
) -> None:
    noise = {"type": "MatterDefined", "at": "2020-01-01", "matter": "P-NOISE", "kind": "power", "name": "对噪声的处罚"}
    devolved = {"polarity": "positive", "covers": "power", "audience": "township", "scope": COUNTY}
    record(
        connection,
        [
            *SETTING,
            noise | {"power_kind": "penalty", "lawful_holders": [{"level": "county", "function": "urban-management"}]},
            listed("P-GIVEN", "赋权清单", **devolved, instrument=DECISION),
            entered("P-GIVEN", "1", "对噪声的处罚", matter="P-NOISE"),
            delegated("R-1", URBAN, TOWN),
            granted("G-1", URBAN, ENFORCEMENT, "devolved", DECISION, "2021-04-20") | {"matter": "P-NOISE"},
            *([entered("P-GIVEN", "2", "另一项", **item)] if item else []),
        ],
    )
    way = next(
        way for way in remedies(connection, only(connection, "duty-without-power")) if way.action == "grant-power"
    )
    assert way.decisions[0]["instrument"] == DECISION
    assert ("先请发文机关列入" in way.message.zh, "enter it first" in way.message.en) == (first, first)


def test_without_a_fit_document_no_grant_is_offered(connection: psycopg.Connection) -> None:
    record(connection, [*SETTING, delegated("R-1", URBAN, TOWN)])
    assert "grant-power" not in actions(remedies(connection, only(connection, "duty-without-power")))


def test_a_ring_is_broken_where_it_costs_least(connection: psycopg.Connection) -> None:
    """Two ways round, one of them twice: what is written on paper of less weight goes first."""
    verbal = issued("口头1", "口头交办", "verbal", "2021-01-01")
    record(
        connection,
        [
            *SETTING,
            verbal,
            delegated("R-1", URBAN, TOWN, instrument=LAW),
            delegated("R-2", TOWN, ENFORCEMENT, instrument=LAW),
            delegated("R-3", ENFORCEMENT, URBAN) | {"instrument": "口头1"},
            delegated("R-4", TOWN, URBAN) | {"instrument": "口头1"},
        ],
    )
    finding = next(f for f in checker.check(connection, SUMMER, NEWEST, rule="delegation-loop") if f.subject == "R-1")
    ways = remedies(connection, finding)
    assert [[each["ref"] for each in way.decisions] for way in ways] == [["R-3", "R-4"], ["R-1"]]


def test_what_a_remedy_opens_is_reported_and_puts_it_last(connection: psycopg.Connection) -> None:
    """Anew on the paper in force, the form is off the list; to revoke it opens nothing."""
    record(
        connection,
        [
            *SETTING,
            issued("清政办〔2022〕1号", "新通知", "notice"),
            listed("V-NOT", "负面清单", polarity="negative", covers="form", audience="township") | {"at": "2021-04-10"},
            entered("V-NOT", "1", "周报", terms=["周报"]) | {"at": "2021-05-01"},
            {
                "type": "BurdenImposed",
                "at": "2021-04-01",
                "ref": "R-1",
                "matter": "F-STALLS",
                "from": COUNTY,
                "to": TOWN,
                "instrument": LETTER,
            },
            {
                "type": "InstrumentRepealed",
                "at": "2021-04-15",
                "instrument": LETTER,
                "replaced_by": "清政办〔2022〕1号",
            },
        ],
    )
    ways = remedies(connection, only(connection, "expired-basis"))
    assert actions(ways) == ["revoke", "renew-basis"]
    assert [opening.rule for opening in ways[1].opens] == ["negative-list"]
    assert named(ways[1].decisions[1], "instrument", "ref") == ("清政办〔2022〕1号", "R-1-1")


def test_a_finding_that_is_gone_needs_no_way_out(connection: psycopg.Connection) -> None:
    record(connection, [*SETTING, delegated("R-1", URBAN, TOWN)])
    finding = only(connection, "duty-without-power")
    record(connection, [{"type": "DelegationEnded", "at": "2021-04-15", "ref": "R-1", "reason": "returned"}])
    assert remedies(connection, finding) == []


def test_a_remedy_never_names_what_is_taken(connection: psycopg.Connection) -> None:
    late = {"due_on": "2021-04-21"}
    record(
        connection,
        [
            *SETTING,
            delegated("R-1", COUNTY, TOWN, role="assist", due_on="2021-05-21"),
            delegated("R-2", TOWN, VILLAGE, role="assist", **late),
            delegated("R-2-1", TOWN, "990102101-enforcement", role="assist"),
        ],
    )
    way = remedies(connection, only(connection, "deadline-squeeze", date(2021, 4, 10)))[0]
    assert way.action == "extend-deadline"
    assert named(way.decisions[1], "ref", "due_on") == ("R-2-2", "2021-05-05")
