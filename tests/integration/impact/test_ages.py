"""A finding that comes with time alone is in the feed on its day, and `since` gives that day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import psycopg
import pytest

from registry import checker
from registry.checker.rule import Age, Explanation, Hits, of_delegations
from registry.checker.setting import SETTING, TOWN, URBAN, delegated
from registry.domain.text import Text
from registry.impact import finding_feed
from registry.impact.since import since
from registry.recording.unit_of_work import record
from registry.snapshot import Snapshot
from tests.support.finding_feed import feed_rows

NAME = "handed-down-long-ago"
DAYS = 100  # a delegation is found once it has lasted longer
TURN_OF_AGE = date(2021, 7, 11)  # 101 days after 1 April


def _find(snapshot: Snapshot) -> Hits:
    old = snapshot.as_of.toordinal() - snapshot.delegations.began > DAYS
    return of_delegations(snapshot, np.flatnonzero(old & snapshot.territory[snapshot.delegations.recipient]))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    refs = [snapshot.delegations.ref[row] for row in hits.delegation]
    return [Explanation([ref], Text(f"{ref}交办已久。", f"{ref} was handed down long ago.")) for ref in refs]


@pytest.fixture
def county(connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> psycopg.Connection:
    """One order that goes on, one that ends before it is old, one that ends afterwards; judged up to a day in 2022."""
    rule = replace(
        checker.RULES["level-skip"],
        name=NAME,
        find=_find,
        explain=_explain,
        rests_on=(),
        ages=(Age("delegation", "began", DAYS + 1),),
    )
    monkeypatch.setitem(checker.RULES, NAME, rule)
    orders = [delegated(ref, URBAN, TOWN) for ref in ("R-1", "R-2", "R-3")]
    ends = {"type": "DelegationEnded", "reason": "completed"}
    record(
        connection,
        [
            *SETTING,
            *orders,
            {**ends, "at": "2021-05-01", "ref": "R-2"},
            {**ends, "at": "2021-09-01", "ref": "R-3"},
        ],
    )
    connection.execute("UPDATE log.decision SET recorded_at = '2021-04-02 04:00Z'")
    monkeypatch.setattr(finding_feed, "today", lambda: date(2022, 1, 1))
    finding_feed.bring_up_to_date(connection)
    return connection


def test_the_feed_has_it_on_the_day_on_which_it_comes_of_age(county: psycopg.Connection) -> None:
    events = [
        (on, change, finding.subject)
        for _, cause, _, on, change, finding in feed_rows(county)
        if finding.rule == NAME and cause == "day"
    ]
    assert sorted(events) == [
        (TURN_OF_AGE, "opened", "R-1"),
        (TURN_OF_AGE, "opened", "R-3"),
        (date(2021, 9, 1), "closed", "R-3"),
    ]


def test_since_is_that_day(county: psycopg.Connection) -> None:
    day, known = date(2022, 1, 1), 10**9
    findings = checker.check(county, day, known, rule=NAME)
    assert [finding.subject for finding in findings] == ["R-1"]
    assert since(county, day, known, findings) == {findings[0].key: TURN_OF_AGE}
