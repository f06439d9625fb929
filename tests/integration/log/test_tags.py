"""Tags decide which decisions are seen and whether an id is taken: whoever alters them or their index is found out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from registry import database
from registry.log.verifying import Differs, last_position, pieces, verify
from registry.recording.unit_of_work import record
from registry.replay import whole_log
from registry.replay.tags import differing_tags, surplus, tags
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, decision


@pytest.fixture(scope="module")
def demo_log(demo_database: str) -> Iterator[psycopg.Connection]:
    """The demo county's log: decisions of every type, corrections of many."""
    with database.connect(demo_database) as connection:
        connection.execute("CREATE TEMPORARY TABLE decision_copied AS TABLE log.decision")
        connection.execute("CREATE TEMPORARY TABLE tag_copied AS TABLE log.tag")
        yield connection


@contextmanager
def altered(log: psycopg.Connection, statement: str) -> Iterator[int]:
    """The log with the statement run, for a moment; gives the first position that the statement returns."""
    try:
        yield min(position for (position,) in log.execute(statement.encode()))
    finally:
        with log.transaction():
            log.execute("TRUNCATE log.tag")
            log.execute("INSERT INTO log.tag TABLE tag_copied")
            log.execute(
                "UPDATE log.decision d SET tags = c.tags FROM decision_copied c"
                " WHERE c.position = d.position AND c.tags <> d.tags"
            )


def in_pieces(log: psycopg.Connection, most: int) -> Differs | None:
    """What several processes make of the log between them: each reads the aggregates that it meets from the log."""
    with log.transaction():
        return surplus(log, [tags(log, *piece) for piece in pieces(last_position(log), most)])


@pytest.mark.parametrize("most", [300, 1999])
def test_the_tags_of_a_log_that_nobody_touched_follow_from_its_decisions(
    demo_log: psycopg.Connection, most: int
) -> None:
    assert differing_tags(demo_log) is None
    assert in_pieces(demo_log, most) is None


def test_several_processes_give_the_answer_of_one(demo_log: psycopg.Connection) -> None:
    assert whole_log.verify(demo_log, workers=2, piece=1200) == verify(demo_log)
    with altered(demo_log, "DELETE FROM log.tag WHERE position = 2000 RETURNING position"):
        verified = whole_log.verify(demo_log, workers=2, piece=1200)
        assert (verified.differs, verified.size) == (differing_tags(demo_log), verify(demo_log).size)
        assert whole_log.differing_tags(demo_log, workers=2, piece=1200) == verified.differs


def test_where_a_process_is_ended_the_rest_is_done_alone(
    demo_log: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(ProcessPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            future = Future[Any]()
            future.set_exception(BrokenProcessPool("killed"))
            return future

    monkeypatch.setattr("registry.fast.processes.ProcessPoolExecutor", Ended)
    assert whole_log.verify(demo_log, workers=2, piece=1200) == verify(demo_log)
    assert whole_log.differing_tags(demo_log, workers=2, piece=1200) is None


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(
            "DELETE FROM log.tag WHERE tag LIKE '%unit:420684001' RETURNING position", id="a unit taken from the index"
        ),
        pytest.param("DELETE FROM log.tag WHERE position = 7 RETURNING position", id="a decision taken from the index"),
        pytest.param(
            "INSERT INTO log.tag VALUES ('unit:420684001', 9) RETURNING position", id="a row put into the index"
        ),
        pytest.param(
            "UPDATE log.decision SET tags = '{}' WHERE position = 2074 RETURNING position", id="the tags emptied"
        ),
        pytest.param(
            "WITH gone AS (DELETE FROM log.tag WHERE position = 400),"
            " emptied AS (UPDATE log.decision SET tags = '{}' WHERE position = 400 RETURNING position)"
            " SELECT position FROM emptied",
            id="tags and index emptied alike",
        ),
        pytest.param(
            "WITH added AS (INSERT INTO log.tag VALUES ('@unit:420684999', 400)),"
            " tagged AS (UPDATE log.decision SET tags = tags || '{@unit:420684999}'::text[] WHERE position = 400"
            " RETURNING position) SELECT position FROM tagged",
            id="a tag more in both",
        ),
        pytest.param(
            "WITH gone AS (DELETE FROM log.tag WHERE position = 400 RETURNING tag),"
            " joined AS (INSERT INTO log.tag SELECT string_agg(tag, chr(10)), 400 FROM gone RETURNING position)"
            " SELECT position FROM joined",
            id="all rows of a decision made one",
        ),
        pytest.param(
            "WITH gone AS (DELETE FROM log.tag WHERE position = 400 RETURNING tag), joined AS ("
            "UPDATE log.decision SET tags = ARRAY[array_to_string(tags, chr(10))] WHERE position = 400"
            " RETURNING position, tags[1] AS tag), added AS (INSERT INTO log.tag SELECT tag, position FROM joined)"
            " SELECT position FROM joined",
            id="all tags of a decision made one in both",
        ),
        pytest.param(
            "UPDATE log.decision SET tags = tags || NULL::text WHERE position = 400 RETURNING position",
            id="a tag that is none",
        ),
    ],
)
def test_altered_tags_are_reported_at_their_decision(demo_log: psycopg.Connection, statement: str) -> None:
    with altered(demo_log, statement) as position:
        assert verify(demo_log).differs is None  # neither leaf nor tree has tags in it
        differs = differing_tags(demo_log)
        assert differs is not None
        assert in_pieces(demo_log, 300) == differs
        assert (differs.position, differs.what) == (position, "tags")
        assert str(position) in differs.zh
        assert str(position) in differs.en


def test_rows_of_the_index_may_lie_in_any_order(demo_log: psycopg.Connection) -> None:
    with demo_log.transaction(force_rollback=True):
        demo_log.execute("TRUNCATE log.tag")
        demo_log.execute("INSERT INTO log.tag SELECT * FROM tag_copied ORDER BY hashtext(tag), position")
        last = last_position(demo_log)
        assert surplus(demo_log, [tags(demo_log, 0, last)]) is None
        demo_log.execute("DELETE FROM log.tag WHERE position = 400 AND tag LIKE '@%'")
        differs = surplus(demo_log, [tags(demo_log, 0, last)])
        assert (differs and differs.position) == 400


def test_verify_and_replay_tell_of_a_unit_that_was_made_to_look_free(
    demo_log: psycopg.Connection, demo_database: str
) -> None:
    run = cli_runner(demo_database)
    assert run("verify").returncode == 0
    free = "DELETE FROM log.tag WHERE tag LIKE '%unit:420684001' RETURNING position"
    with altered(demo_log, free) as position:
        verified, replayed, switched = run("verify"), run("replay"), run("replay", "--switch")
        assert (verified.returncode, replayed.returncode, switched.returncode) == (1, 1, 1)
        assert f"第 {position} 项" in verified.stdout.decode()
        assert replayed.stderr.decode().startswith(f"log-altered: 第 {position} 项")
        assert switched.stderr == replayed.stderr
    assert run("verify").returncode == 0


def test_a_piece_of_the_log_takes_positions_for_what_they_are(connection: psycopg.Connection) -> None:
    """What joins several streams is corrected by the position at which it stands."""
    lines = [*COUNTY, decision("UnitDissolved", "2022-01-01", unit="village2", successor="village")]
    lines.append(decision("Annulled", "2022-01-01", of={"type": "UnitDissolved", "unit": "village2"}))
    record(connection, lines)
    for most in range(1, len(lines) + 1):
        assert in_pieces(connection, most) is None
