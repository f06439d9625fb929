"""The log's recorder: the library's own tests of a recorder, and what the library's does not promise."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError

from registry import database
from registry.log.recorder import LogRecorder


@pytest.fixture
def log(database_url: str) -> Iterator[LogRecorder]:
    opened = LogRecorder(lambda: database.connect(database_url))
    yield opened
    opened.close()


class OfTheLibrary(DCBRecorderTestCase):
    """The test case of eventsourcing.dcb, run against our recorder."""

    __test__ = False

    def runTest(self) -> None:
        """Asked for by unittest; the tests call the library's methods."""


def test_it_passes_the_librarys_tests_of_appending_and_reading(log: LogRecorder) -> None:
    OfTheLibrary()._test_append_read(log)


def test_it_passes_the_librarys_tests_of_subscribing(log: LogRecorder) -> None:
    OfTheLibrary()._test_append_subscribe(log)


def test_a_condition_on_several_tags_needs_all_of_them(log: LogRecorder) -> None:
    log.append([DCBEvent("Began", b"{}", ["unit:1", "matter:1"])])
    both = DCBAppendCondition(DCBQuery([DCBQueryItem(types=["Began"], tags=["unit:1", "matter:1"])]), after=None)
    other = DCBAppendCondition(DCBQuery([DCBQueryItem(types=["Began"], tags=["unit:1", "matter:2"])]), after=None)
    with pytest.raises(IntegrityError):
        log.append([DCBEvent("Began", b"{}", [])], both)
    assert log.append([DCBEvent("Began", b"{}", [])], other) == 2


def test_positions_have_no_gaps_although_an_append_was_refused(log: LogRecorder) -> None:
    log.append([DCBEvent("Began", b"{}", ["a"])])
    with pytest.raises(IntegrityError):
        log.append([DCBEvent("Began", b"{}", ["a"])], DCBAppendCondition(DCBQuery([DCBQueryItem(tags=["a"])])))
    assert log.append([DCBEvent("Began", b"{}", ["b"]), DCBEvent("Began", b"{}", ["b"])]) == 3
    assert [found.position for found in log.read()] == [1, 2, 3]


WRITER = textwrap.dedent("""
    import sys
    from eventsourcing.dcb.api import DCBEvent
    from registry import database
    from registry.log.recorder import LogRecorder
    log = LogRecorder(lambda: database.connect(sys.argv[1]))
    for count in range(150):
        log.append([DCBEvent("Began", b"{}", ["writer:" + sys.argv[2]])] * (1 + count % 3))
""")


def test_a_reader_that_follows_positions_misses_nothing_of_four_writers(log: LogRecorder, database_url: str) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, database_url, str(number)]) for number in range(4)]
    seen: list[int] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        done = all(writer.poll() is not None for writer in writers)
        found = [event.position for event in log.read(after=seen[-1] if seen else 0)]
        seen += found
        if done and not found:
            break
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert seen == list(range(1, 4 * 300 + 1))


def test_recorded_at_never_goes_back(log: LogRecorder, database_url: str) -> None:
    log.append([DCBEvent("Began", b"{}", [])])
    with database.connect(database_url) as other:
        other.execute("UPDATE log.decision SET recorded_at = now() + interval '1 hour'")  # a clock that was wrong
        log.append([DCBEvent("Began", b"{}", [])])
        times = [row[0] for row in other.execute("SELECT recorded_at FROM log.decision ORDER BY position")]
    assert times == sorted(times)


def test_readers_go_on_while_a_writer_holds_the_lock(log: LogRecorder, database_url: str) -> None:
    log.append([DCBEvent("Began", b"{}", [])])
    with psycopg.connect(database_url) as writer:
        writer.execute("LOCK TABLE log.decision IN EXCLUSIVE MODE")
        assert [event.position for event in log.read()] == [1]
