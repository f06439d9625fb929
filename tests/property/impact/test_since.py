"""Since when findings hold: as going back day by day says."""

from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import takewhile
from operator import itemgetter
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import checker
from registry.checker.setting import COUNTY, DECISION, NOTICE, SETTING, TOWN, URBAN, delegated, granted, listed
from registry.impact import since as module
from registry.impact.since import since
from registry.recording.unit_of_work import record
from tests.oracle import rules, validity
from tests.oracle.fold import History, Line
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.paths import CASES
from tests.support.registry_under_test import Registry
from tests.support.retrospective_journals import retrospective_journals

NEWEST = 10**9


@examples(25)
@given(
    journal=st.one_of(journals.journals(size=60), retrospective_journals()),
    queried=st.sampled_from((*random_world.DAYS, *random_world.QUERY_DAYS)),
    data=st.data(),
)
def test_as_the_oracle_says_day_by_day(
    registry: Registry, journal: list[Line], queried: str, data: st.DataObject
) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    known = data.draw(st.integers(len(recorded) // 2, len(recorded)))
    as_of = date.fromisoformat(queried)
    findings = checker.check(registry.connection, as_of, known, waived=True)
    findings = findings[:40]
    first_days = since(registry.connection, as_of, known, findings)
    history = History(recorded, known)
    # Counted by the year: a year's first day may change something too; so may a day of another law.
    days = {*history.days(), *(f"{year}-01-01" for year in range(2016, 2027)), "2021-07-15"}
    before = sorted((day for day in days if day <= queried), reverse=True)
    held = [{findings_now[:3] for findings_now in rules.findings(history.on(day), waived=True)} for day in before]
    # The oracle knows nothing of names in disguise: what is held_then day by day by itself.
    if any(finding.rule == "disguised" for finding in findings):
        alone = [_disguised(registry.connection, date.fromisoformat(day), known) for day in before]
        held = [keys | more for keys, more in zip(held, alone, strict=True)]
    for finding in findings:
        held_then = [finding.key in keys for keys in held]
        first = min((day for day, _ in takewhile(itemgetter(1), zip(before, held_then, strict=True))), default=queried)
        assert first_days[finding.key] == date.fromisoformat(first), finding.key


def _disguised(connection: psycopg.Connection, day: date, known: int) -> set[Any]:
    return {finding.key for finding in checker.check(connection, day, known, rule="disguised", waived=True)}


def first_days_of(connection: psycopg.Connection, as_of: str, rule: str, within: str | None = None) -> dict[str, Any]:
    """Since when each subject of a rule."""
    day = date.fromisoformat(as_of)
    findings = checker.check(connection, day, NEWEST, within, rule=rule, waived=True)
    return {key[2]: first and first.isoformat() for key, first in since(connection, day, NEWEST, findings).items()}


def test_only_the_unbroken_time_counts(connection: psycopg.Connection) -> None:
    record(
        connection,
        [
            *SETTING,
            delegated("R-1", URBAN, TOWN),
            granted("G-1", URBAN, TOWN, "devolved", DECISION, "2021-08-01"),
            {"type": "DelegationEnded", "at": "2021-09-01", "ref": "G-1", "reason": "revoked"},
        ],
    )
    assert first_days_of(connection, "2021-04-20", "duty-without-power") == {"R-1": "2021-04-01"}
    assert first_days_of(connection, "2021-08-20", "duty-without-power") == {}
    assert first_days_of(connection, "2021-09-01", "duty-without-power") == {"R-1": "2021-09-01"}
    assert first_days_of(connection, "2026-06-01", "duty-without-power") == {"R-1": "2021-09-01"}


def test_a_finding_begins_with_the_law_that_makes_it_one(connection: psycopg.Connection) -> None:
    """A licence by a mere notice of 1995 was enough until the Licensing Law of 2004; nobody decided anything then."""
    record(
        connection, list(map(json.loads, (CASES / "before-and-after-the-law.jsonl").read_text("utf-8").splitlines()))
    )
    subjects = {"HK-1": "1996-10-01", "HK-3": "2004-07-01", "HK-4": "1995-06-01"}
    assert first_days_of(connection, "2011-12-31", "unfit-instrument") == subjects
    assert first_days_of(connection, "2021-07-15", "unfit-instrument") == {
        "HK-2": "2012-01-01",
        "HK-3": "2004-07-01",
        "HK-4": "1995-06-01",
    }


def test_a_quota_begins_anew_each_year(connection: psycopg.Connection) -> None:
    form = {"type": "BurdenImposed", "matter": "F-STALLS", "from": COUNTY, "to": TOWN, "instrument": NOTICE}
    quota = {"polarity": "positive", "covers": "form", "audience": "township", "scope": COUNTY, "quota": 1}
    record(
        connection,
        [
            *SETTING,
            listed("FORMS", "报表清单", **quota),
            *(form | {"ref": f"R-{n}", "at": f"2021-0{n}-01"} for n in (3, 4)),
        ],
    )
    assert first_days_of(connection, "2021-12-31", "quota-exceeded") == {"R-4": "2021-04-01"}
    assert first_days_of(connection, "2022-01-01", "quota-exceeded") == {}


def test_a_waived_finding_holds_all_the_same(connection: psycopg.Connection) -> None:
    waived = {"rule": "duty-without-power", "subject": "R-1", "unit": TOWN, "by": COUNTY, "reason": "过渡期"}
    record(
        connection,
        [*SETTING, delegated("R-1", URBAN, TOWN), {"type": "FindingWaived", "at": "2021-05-01", **waived}],
    )
    assert first_days_of(connection, "2021-06-01", "duty-without-power") == {"R-1": "2021-04-01"}


def test_too_large_a_page_is_not_looked_through(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    record(connection, [*SETTING, *(delegated(f"R-{n}", URBAN, TOWN) for n in range(3))])
    results = set(first_days_of(connection, "2021-06-01", "duty-without-power").values())
    assert results == {None}


NEIGHBOUR = "990102102"
OTHERS_DAYS = [date(2021, 5, 1) + timedelta(days=day) for day in range(module.MOST_DAYS + 50)]


def test_what_is_handed_to_neighbours_is_not_looked_through(connection: psycopg.Connection) -> None:
    """Of the same matter by the same bureau, on more days than are ever judged; and one day that counts among them."""
    town = {"unit": NEIGHBOUR, "name": "桃源镇", "level": "township", "kind": "government", "parent": COUNTY}
    record(
        connection,
        [
            *SETTING,
            {"type": "UnitRegistered", "at": "2020-01-01", **town},
            delegated("R-1", URBAN, TOWN),
            *({**delegated(f"N-{day}", URBAN, NEIGHBOUR), "at": day.isoformat()} for day in OTHERS_DAYS),
            granted("G-1", URBAN, TOWN, "devolved", DECISION, "2021-08-01"),
            {"type": "DelegationEnded", "at": "2021-09-01", "ref": "G-1", "reason": "revoked"},
        ],
    )
    as_of = OTHERS_DAYS[-1].isoformat()
    assert first_days_of(connection, as_of, "duty-without-power", TOWN) == {"R-1": "2021-09-01"}
    assert first_days_of(connection, "2021-07-31", "duty-without-power", TOWN) == {"R-1": "2021-04-01"}
