"""The demo county, recorded through the product: believable, mostly clean, and every story where it says it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

import pytest

from registry import checker, demo
from registry.checker.finding import Finding
from registry.demo import stories
from registry.demo.stories import Look
from registry.demo.tables import divisions
from registry.relations.two_times import NEWEST
from registry.snapshot import load
from tests.support.paths import DOCS
from tests.support.registry_under_test import Registry, open_registry

TODAY = "2026-11-22"
LOOKS = [
    pytest.param(look, id=f"{story.name}-{look.subject}-{look.as_of}")
    for story in stories.stories()
    for look in story.looks
]
Findings = Callable[..., list[Finding]]
PAGE = DOCS / "reference/demo.md"


@pytest.fixture(scope="module")
def county(demo_database: str) -> Iterator[Registry]:
    with open_registry(demo_database) as registry:
        yield registry


@pytest.fixture(scope="module")
def findings(county: Registry) -> Findings:
    """A function that gives the findings of a day, each day checked once."""

    @cache
    def of_day(as_of: str, known: int = NEWEST) -> list[Finding]:
        findings_now = checker.check(county.connection, date.fromisoformat(as_of), known)
        county.connection.rollback()
        return findings_now

    return of_day


def test_about_two_and_a_half_thousand_decisions_and_repeating_records_nothing(county: Registry) -> None:
    again = demo.record(county.connection)
    assert (again.recorded, again.bad) == (0, 0)
    assert again.repeated == again.read
    assert 2300 <= again.read <= 2700


def test_no_line_is_reported_twice() -> None:
    lines = list(demo.lines())
    assert len(set(lines)) == len(lines)
    assert all(line.endswith(b"\n") for line in lines)


def test_the_journal_is_the_same_every_time() -> None:
    assert list(demo.lines()) == list(demo.lines())


def test_the_divisions_are_the_real_ones(county: Registry) -> None:
    codes = list(divisions())
    units = county.units(TODAY, NEWEST, codes)
    assert {code: unit.name for code, unit in units.items()} == {code: row["name"] for code, row in divisions().items()}
    levels = Counter(unit.level for code, unit in units.items() if code.startswith("420684"))
    assert levels == {"county": 1, "township": 15, "village": 241}
    governments = [code for code, unit in units.items() if unit.level == "township" and unit.kind == "government"]
    assert len(governments) == 11
    assert not [code for code in governments if code.startswith("4206844")]


def test_what_no_longer_exists_is_not_a_real_division(county: Registry) -> None:
    gone = {line["unit"] for line in demo.journal() if line["type"] == "UnitDissolved"}
    assert gone
    assert not gone & set(divisions())


def test_every_rule_fires_today(findings: Findings) -> None:
    assert {finding.rule for finding in findings(TODAY)} == set(checker.RULES)


def test_most_of_what_was_handed_down_is_clean(county: Registry, findings: Findings) -> None:
    query = """SELECT ref FROM delegation
               WHERE valid_from <= %(day)s AND valid_to > %(day)s AND known_to = 9223372036854775807"""
    in_force = {row[0] for row in county.connection.execute(query, {"day": TODAY})}
    county.connection.rollback()
    broken = {finding.subject for finding in findings(TODAY) if finding.severity == "V"} & in_force
    assert len(in_force) > 300
    assert 0 < len(broken) < len(in_force) / 10


def test_everything_that_is_wrong_today_is_reported(findings: Findings) -> None:
    answer = {(look.unit, look.subject) for story in stories.stories() for look in story.looks}
    untold = {finding.key for finding in findings(TODAY) if (finding.unit, finding.subject) not in answer}
    assert not untold


@pytest.mark.parametrize("look", LOOKS)
def test_the_story_shows_where_it_says(findings: Findings, look: Look) -> None:
    stated = [f.rule for f in findings(look.as_of) if (f.unit, f.subject) == (look.unit, look.subject)]
    assert stated == sorted(look.rules)


def test_each_unit_alone_is_judged_as_among_all(county: Registry, findings: Findings) -> None:
    among_all: dict[str, list[tuple[str, str, str]]] = {}
    for finding in findings(TODAY):
        among_all.setdefault(finding.unit, []).append(finding.key)
    assert len(among_all) > 20
    day = date.fromisoformat(TODAY)
    alone = {
        unit: [row.key for row in checker.finding_rows(load(county.connection, day, NEWEST, unit, only=True))]
        for unit in among_all
    }
    county.connection.rollback()
    assert alone == among_all


def test_before_the_correction_the_log_knew_it_otherwise(county: Registry, findings: Findings) -> None:
    query = "SELECT max(position) FROM log.decision WHERE type = 'Corrected' AND tags @> ARRAY['ref:GZ-1']"
    (position,) = county.connection.execute(query).fetchone() or (0,)
    county.connection.rollback()
    before = {finding.key for finding in findings("2021-08-01", position - 1)}
    after = {finding.key for finding in findings("2021-08-01", position)}
    assert before - after == {("duty-without-power", "420684002", "GZ-1")}
    assert not after - before


def test_the_guide_lists_the_stories_as_they_are() -> None:
    assert stories.table() in PAGE.read_text(encoding="utf-8")
