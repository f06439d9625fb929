"""The log's recorder: the library's own tests of a recorder, and what the library's does not promise."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from eventsourcing.dcb.api import DCBAppendCondition, DCBEvent, DCBQuery, DCBQueryItem
from eventsourcing.dcb.domain import Selector, Tagged
from eventsourcing.dcb.persistence import DCBEventStore
from eventsourcing.dcb.tests import DCBRecorderTestCase
from eventsourcing.persistence import IntegrityError

from registry import database
from registry.domain.decide.slice import tags
from registry.domain.lines import from_object
from registry.log.events import DecisionMapper
from registry.log.recorder import LogRecorder, streams
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from tests.support.preloaded import SECONDS, start_preloaded
from tests.support.worlds import COUNTY, duty, line


@pytest.fixture
def log(database_url: str) -> Iterator[LogRecorder]:
    with database.connect(database_url) as connection:
        yield LogRecorder(connection)


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
    assert [results.position for results in log.read()] == [1, 2, 3]


WRITER = textwrap.dedent("""
    import sys
    from eventsourcing.dcb.api import DCBEvent
    from registry import database
    from registry.log.recorder import LogRecorder
    log = LogRecorder(database.connect(sys.argv[1]))
    for count in range(150):
        log.append([DCBEvent("Began", b"{}", ["writer:" + sys.argv[2]])] * (1 + count % 3))
""")


def test_a_reader_that_follows_positions_misses_nothing_of_four_writers(log: LogRecorder, database_url: str) -> None:
    writers = [start_preloaded("-c", WRITER, database_url, str(number)) for number in range(4)]
    seen: list[int] = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done = all(writer.poll() is not None for writer in writers)
        results = [event.position for event in log.read(after=seen[-1] if seen else 0)]
        seen += results
        if done and not results:
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


def test_recording_appends_and_reads_through_this_recorder(
    log: LogRecorder, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("transaction", "read", "write"):
        monkeypatch.setattr(LogRecorder, name, counted(calls, name, getattr(LogRecorder, name)))
    record(connection, COUNTY)
    assert calls == ["transaction", "write"]  # an empty log has no streams to read
    record(connection, [duty("A")])
    assert sorted(set(calls[2:])) == ["read", "transaction", "write"]
    import_journal(connection, [line(duty("B"))])
    assert calls.count("transaction") == 3
    assert calls.count("write") == 3


def counted(calls: list[str], name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        calls.append(name)
        return method(*arguments, **named)

    return call


def test_the_librarys_event_store_reads_what_is_recorded_and_appends_what_recording_reads(
    log: LogRecorder, connection: psycopg.Connection
) -> None:
    store = DCBEventStore(DecisionMapper(), log)
    decisions = [from_object(each) for each in COUNTY]
    record(connection, COUNTY)
    assert [tagged.decision for tagged in store.read()] == decisions
    (registered,) = store.read(Selector(tags=["unit:water"]))
    assert registered.decision == next(each for each in decisions if each.key == "unit:water")
    with pytest.raises(IntegrityError):
        store.append([registered], cb=Selector(tags=["unit:water"]), after=0)
    delegated = from_object(duty("A"))
    assert store.append([Tagged(tags(delegated), delegated)], cb=Selector(tags=["ref:A"]), after=0) == len(COUNTY) + 1
    assert record(connection, [duty("A")]).positions == [len(COUNTY) + 1]


def test_streams_are_the_events_that_have_one_of_the_tags(log: LogRecorder) -> None:
    """The indexed way to many streams' events gives what a look at the tags of all events gives."""
    tags_of = [["a"], ["a", "b"], [], ["@a"], ["c", "b"], ["a", "a"], ["d"]]
    log.append([DCBEvent("Began", b"%d" % number, tags) for number, tags in enumerate(tags_of)])
    for keys in (["a"], ["b", "a", "a"], ["c", "none"], ["none"], ["d", "@a"]):
        for after, before, limit in ((0, 100, None), (2, 100, None), (0, 5, None), (1, 7, 1)):
            plain = [
                (each.position, each.event)
                for each in log.read(after=after, before=before)
                if set(each.event.tags) & set(keys)
            ]
            results = log.read(streams(keys), after=after, before=before, limit=limit)
            assert [(each.position, each.event) for each in results] == plain[:limit]
            assert results.head == (len(tags_of) if limit is None else plain[0][0] if plain else None)
