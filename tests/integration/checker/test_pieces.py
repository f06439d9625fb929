"""The demo county in pieces, judged here, by several processes and by such as are killed; and what is refused."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest

from bench import chains
from registry import checker, database
from registry.checker import Finding, check_in_pieces, judges
from registry.checker.in_pieces import Judged, Task, judged, make_tasks
from registry.checker.judges import JudgesElsewhere, by_processes, judged_at
from registry.log import positions
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from registry.snapshot.pieces import pieces
from tests.support import journals
from tests.support.worlds import COUNTY

pytestmark = pytest.mark.slow  # registries of several counties, checked whole and in pieces

DAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def demo_county(demo_database: str) -> Iterator[psycopg.Connection]:
    with database.connect(demo_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(demo_county: psycopg.Connection) -> list[Finding]:
    findings = checker.check(demo_county, DAY, positions.head(demo_county)[0])
    assert len(findings) > 50
    return findings


@pytest.mark.parametrize("most", [1, 7, 100, 10_000])
def test_the_demo_county_in_pieces(demo_county: psycopg.Connection, whole: list[Finding], most: int) -> None:
    findings = check_in_pieces(demo_county, DAY, positions.head(demo_county)[0], most=most)
    assert findings.count == len(whole)
    assert list(findings.each) == whole


def test_one_rule_of_it(demo_county: psycopg.Connection, whole: list[Finding]) -> None:
    rule = whole[0].rule
    findings = check_in_pieces(demo_county, DAY, positions.head(demo_county)[0], rule=rule, most=20)
    assert list(findings.each) == [finding for finding in whole if finding.rule == rule]


def test_the_territory_of_no_unit_has_no_findings(demo_county: psycopg.Connection) -> None:
    known = positions.head(demo_county)[0]
    for most in (1, 10_000):
        assert list(check_in_pieces(demo_county, DAY, known, "nobody", most=most).each) == []
    judge = by_processes("postgresql://nowhere", 2)
    assert list(check_in_pieces(demo_county, DAY, known, "nobody", at_least=8, judge=judge).each) == []


def test_what_is_large_is_judged_in_pieces_unasked(
    demo_county: psycopg.Connection, whole: list[Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = positions.head(demo_county)[0]
    assert [part.roots for part in pieces(demo_county, DAY, known)] == [None]
    monkeypatch.setattr("registry.snapshot.pieces.WHOLE", 200)
    monkeypatch.setattr("registry.snapshot.pieces.MOST", 50)
    parts = pieces(demo_county, DAY, known)
    assert len(parts) > 5
    assert max(part.units for part in parts) <= 50
    assert list(check_in_pieces(demo_county, DAY, known).each) == whole


def test_every_piece_is_judged_once(demo_county: psycopg.Connection) -> None:
    known = positions.head(demo_county)[0]

    def twice(tasks: list[Task]) -> Iterator[Judged]:
        yield judged(demo_county, tasks[0])
        yield judged(demo_county, tasks[0])

    with pytest.raises(ValueError, match="twice"):
        check_in_pieces(demo_county, DAY, known, most=100, judge=twice)
    with pytest.raises(ValueError, match="0 of"):
        check_in_pieces(demo_county, DAY, known, most=100, judge=lambda _: [])


def test_processes_that_are_killed_midway_change_nothing(
    demo_county: psycopg.Connection, demo_database: str, whole: list[Finding]
) -> None:
    def killed(tasks: list[Task]) -> Iterator[Judged]:
        for number, result in enumerate(by_processes(demo_database, 2)(tasks)):
            if not number:
                children = multiprocessing.active_children()
                assert len(children) == 2
                for child in children:
                    child.kill()
            yield result

    findings = check_in_pieces(demo_county, DAY, positions.head(demo_county)[0], at_least=40, judge=killed)
    assert list(findings.each) == whole


def test_who_would_answer_for_something_else_does_not(
    demo_county: psycopg.Connection,
    demo_database: str,
    connection: psycopg.Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = positions.head(demo_county)[0]
    task = make_tasks(demo_county, pieces(demo_county, DAY, known), DAY, known)[0]
    assert judged_at(demo_database, task).findings > 50

    with pytest.raises(JudgesElsewhere) as other:
        judged_at(demo_database, task._replace(versions="of another program"))
    assert other.value.code == "other-rules"

    monkeypatch.setattr(judges, "PATIENCE", 0.0)
    record(connection, COUNTY)
    with pytest.raises(JudgesElsewhere) as behind:
        judged_at(database_url, task)
    assert behind.value.code == "replica-behind"

    with pytest.raises(JudgesElsewhere) as another:
        judged_at(database_url, task._replace(known=positions.head(connection)[0]))
    assert another.value.code == "another-registry"


def test_counties_of_several_provinces(connection: psycopg.Connection) -> None:
    import_journal(connection, map(journals.encoded, chains.journal(4, faults=3.0, each=1)))
    day, known = date(2025, 6, 30), positions.head(connection)[0]
    provinces = "SELECT count(*) FROM unit WHERE level = 'province' AND kind = 'government'"
    assert connection.execute(provinces).fetchone() == (4,)
    expected = checker.check(connection, day, known)
    assert len({finding.rule for finding in expected}) > 15
    for most in (400, 60):
        findings = check_in_pieces(connection, day, known, most=most)
        assert list(findings.each) == expected
