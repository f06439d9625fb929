"""Background work: done, failed, out of time, left by a process that is no more; seen by who began it alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from registry import database
from registry.access.roles import Role
from registry.access.viewer import OPEN, Grant, Viewer
from registry.domain.text import Text
from registry.telemetry import progress
from registry.web.background import works
from registry.web.background.kinds import Json, Kind, Progress
from registry.web.failures import Refused
from registry.web.graphql.execution import Asking
from registry.web.resources import ServerResources

CLERK = Viewer("liu", (Grant(Role.CLERK, "420684"),))
EDITOR = Viewer("liu", (Grant(Role.EDITOR, "420684"),))
OTHER = Viewer("wang", (Grant(Role.CLERK, "420684"),))


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    return module_database()


def _sums(connection: psycopg.Connection[Any], parameters: dict[str, Any], _: Viewer, report: Progress) -> Json:
    report(50, "正在相加", "adding")
    row = connection.execute("SELECT %s::int + %s::int", (parameters["one"], parameters["other"])).fetchone()
    return {"sum": row and row[0]}


def _refuses(*_: Any) -> Json:
    raise Refused("bad-value", "不行。", "No.")


def _fails(*_: Any) -> Json:
    raise ZeroDivisionError


def _sleeps_in_the_database(connection: psycopg.Connection[Any], *_: Any) -> Json:
    connection.execute("SELECT pg_sleep(60)")


def _goes_on(*_: Any) -> Json:
    for _each in range(3000):
        progress.report(10, "还在办", "going on")
        time.sleep(0.02)


def _done(url: str, run: Callable[..., Json], seconds: int = 600) -> tuple[works.Work, Any]:
    async def whole() -> None:
        resources = ServerResources(url)
        kind = Kind("test", Text("试", "test"), lambda id_, _: (f"/work/{id_}", {}), run, seconds=seconds)
        resources.background.begin(Asking(resources, CLERK), kind, id_, parameters)
        await resources.background.waited(id_, 30)
        await resources.background.close()

    parameters = {"one": 1, "other": 2}
    with database.connect(url) as connection:
        id_ = works.add(connection, CLERK, "test", parameters) or ""
    asyncio.run(whole())
    with database.connect(url) as connection:
        result = works.result_of(connection, CLERK, id_)
        assert result is not None
        assert works.find(connection, OTHER, id_) is None
        assert works.find(connection, EDITOR, id_) is None  # whose roles have changed since
        assert id_ in {work.id for work in works.all_of(connection, CLERK)}
        assert works.all_of(connection, OTHER) == []
    return result


def test_a_result_is_kept_for_who_began_it(url: str) -> None:
    work, result = _done(url, _sums)
    assert (work.state, work.progress, result) == ("done", 100, {"sum": 3})


@pytest.mark.parametrize(
    ("run", "seconds", "code"),
    [
        (_refuses, 600, "bad-value"),
        (_fails, 600, "internal"),
        (_sleeps_in_the_database, 1, "timeout"),
        (_goes_on, 1, "timeout"),
    ],
)
def test_what_fails_says_why(url: str, run: Callable[..., Json], seconds: int, code: str) -> None:
    work, result = _done(url, run, seconds)
    assert (work.state, result) == ("failed", None)
    assert work.problem is not None
    assert work.problem["code"] == code


def test_what_a_dead_process_left_is_interrupted_and_counts_no_more(url: str) -> None:
    with database.connect(url) as connection:
        begun = [works.add(connection, OPEN, "test", {}) for _ in range(works.MOST_OF_ONE + 1)]
        assert begun[-1] is None
        connection.execute("UPDATE background.work SET seen_at = now() - interval '1 minute' WHERE account IS NULL")
        assert {work.state for work in works.all_of(connection, OPEN)} == {"interrupted"}
        assert works.add(connection, OPEN, "test", {}) is not None
        connection.execute("UPDATE background.work SET seen_at = now() - interval '25 hours'")
        connection.execute("UPDATE background.work SET ended_at = seen_at WHERE ended_at IS NOT NULL")
        kept = works.add(connection, OTHER, "test", {})
        assert [row[0] for row in connection.execute("SELECT id FROM background.work")] == [kept]


def test_of_what_ended_the_newest_are_kept(url: str) -> None:
    with database.connect(url) as connection:
        busy = Viewer("sun", OTHER.grants)
        for _ in range(works.ENDED + 3):
            id_ = works.add(connection, busy, "test", {})
            assert id_ is not None
            works.end(connection, id_, result=b"{}")
        assert len(works.all_of(connection, busy)) == works.ENDED + 1
        connection.execute("DELETE FROM background.work WHERE account = 'sun'")
        connection.commit()


def test_the_newest_files_are_kept_and_shown_to_who_handed_them_in(url: str) -> None:
    with database.connect(url) as connection:
        handed = Viewer("zhou", OTHER.grants)
        begun: list[str] = []
        for number in range(works.FILES + 1):
            begun.append(works.add(connection, handed, "test", {}, bytes([number])) or "")
            works.end(connection, begun[-1], result=b"{}")
        assert works.file_of(connection, handed, begun[0]) is None
        assert works.file_of(connection, handed, begun[1]) == bytes([1])
        assert works.file_of(connection, OTHER, begun[1]) is None
