"""The one way in: under the log's lock read what the decisions depend on, decide, append, project. All or nothing.

A single command and an import of a million lines go through the same slices; an import only reads the streams of a
batch of lines at once and lets go of what it has not touched lately.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import psycopg

from registry.domain.aggregates import Aggregate, AggregateCache
from registry.domain.decide import DecisionSlice, load_and_retry, slice_for
from registry.domain.decisions import Decision
from registry.domain.lines import from_line, from_object
from registry.domain.problems import Problem, Refused
from registry.domain.text import Text
from registry.log import recorder
from registry.log.events import LogEvent, decision_of, event_of
from registry.projections import writing
from registry.projections.rows import Row, rows
from registry.projections.writing import Changes

BATCH: Final = 4000
KEPT: Final = 30_000  # aggregates kept in memory while importing, twice over at most
ERRORS_KEPT: Final = 1000  # of those reported one by one, how many the exception carries as well


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where the decisions stand in the log, in the order given; a repeat stands where it was recorded first.

    `before` and `after`: the log's last position before the new ones, and the last of them.
    """

    positions: list[int]
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong with one line (from 1): a code of the contract, the field, and a sentence in zh and en."""

    line: int
    code: str
    field: str | None
    message: Text

    def as_object(self) -> dict[str, int | str | None]:
        """As the contract prints it, with one string for both languages."""
        return {"line": self.line, "code": self.code, "field": self.field, "message": self.message.joined}


class JournalRefused(Exception):
    """Some lines are bad, so nothing was recorded."""

    def __init__(self, errors: list[LineError], count: int) -> None:
        self.zh = f"{count} 行有误，未记录任何内容。"
        self.en = f"{count} bad lines; nothing was recorded."
        super().__init__(Text(self.zh, self.en).joined)
        self.errors = errors  # the first ones
        self.count = count


class Busy(Exception):
    """Another recording holds the log's lock for longer than we wait."""

    code = "busy"
    zh = "另一项记录（可能是大批量导入）正在进行，请稍后再试。"
    en = "Another recording, perhaps a large import, is under way. Try again later."

    def __init__(self) -> None:
        super().__init__(Text(self.zh, self.en).joined)


@dataclass(slots=True)
class Imported:
    """What an import did, in lines."""

    read: int = 0
    recorded: int = 0
    repeated: int = 0
    blank: int = 0
    bad: int = 0
    errors: list[LineError] = field(default_factory=list[LineError])


Written = tuple[recorder.Packed, list[writing.Packed]]  # what is to be written of the log, and of the read tables


class Session:
    """Decisions taken in one transaction, under the lock; with `lock` False to see what would come of them only."""

    def __init__(
        self,
        connection: psycopg.Connection,
        recorded_by: str | None,
        capacity: int | None = None,
        writer: Executor | None = None,
        *,
        lock: bool = True,
    ) -> None:
        self.connection = connection
        self.recorded_by = recorded_by
        try:
            self.written, self.since = recorder.lock(connection) if lock else recorder.head(connection)
        except psycopg.errors.LockNotAvailable:
            raise Busy from None
        self.began_empty = self.written == 0
        self.aggregates = AggregateCache(position=self.written, capacity=capacity)
        self.events: list[LogEvent] = []
        self.changes = Changes()
        self.writer = writer
        self._writing: Future[None] | None = None

    def take(self, slice_: DecisionSlice[Any]) -> int | None:
        """Decide; gives None where it is new, the position it has where it repeats one. Raises Refused."""
        keys = load_and_retry(slice_.stream_keys, self.read_one)
        before: list[Row] = []
        for key in keys:
            aggregate = self.aggregate(key)
            if aggregate is not None:
                before += rows(aggregate, self.kind_of)
        load_and_retry(slice_.execute, self.read_one)
        if slice_.duplicate_of is not None:
            return slice_.duplicate_of
        for tagged in slice_.collect_events():
            self.events.append(event_of(tagged.decision, tagged.tags))
        after = [row for key in keys for row in rows(self.aggregates.get(key), self.kind_of)]
        self.changes.note(before, after, self.aggregates.position)
        return None

    def aggregate(self, key: str) -> Aggregate | None:
        """The aggregate, its stream read if need be."""
        if not self.aggregates.has(key):
            self.read([key])
        return self.aggregates.get(key)

    def kind_of(self, matter: str) -> str:
        """The kind of a matter that is recorded."""
        return getattr(self.aggregate("matter:" + matter), "kind", "")

    def read_one(self, key: str) -> None:
        """Read one stream."""
        self.read([key])

    def read(self, keys: Sequence[str]) -> None:
        """Read these streams from the log; what is not there is absent.

        What this session decided and has not written yet is never asked for here: it is among the aggregates until the
        batch is written.
        """
        self.aggregates.mark_empty(*keys)
        if self.began_empty:
            keys = self.aggregates.evicted_keys.among(keys)
        if not keys:
            return
        self.settle()
        for key, position, type_name, version, data in recorder.read_streams(self.connection, keys):
            self.aggregates.replay_event(key, position, decision_of(type_name, version, bytes(data)))

    def prepare(self, slices: Iterable[DecisionSlice[Any]]) -> None:
        """Read at once the streams that the decisions name and that have not been read yet."""
        wanted: set[str] = set()
        for slice_ in slices:
            wanted.update(slice_.prefetch_keys())
        self.read(self.aggregates.not_loaded(wanted))

    def take_all(
        self, numbered: Iterable[tuple[int, Decision | Problem]]
    ) -> Iterator[tuple[int, int | Problem | None]]:
        """Take a batch, reading at once what it names.

        Gives each line's number and what came of it: None where it is new, the position it has where it repeats a
        decision, or the problem for which it is refused.
        """
        batch = [
            (number, given if isinstance(given, Problem) else slice_for(given, self.aggregates))
            for number, given in numbered
        ]
        # Packed before anything is read: by then what was being written is.
        decided = self._pack() if self.writer is not None and self.events else None
        self.prepare(slice_ for _, slice_ in batch if not isinstance(slice_, Problem))
        if decided is not None:
            self._write_beside(decided)
        for number, slice_ in batch:
            if isinstance(slice_, Problem):
                yield number, slice_
                continue
            try:
                outcome: int | Problem | None = self.take(slice_)
            except Refused as refused:
                outcome = refused.problem
            yield number, outcome

    def flush(self) -> None:
        """Write what was decided so far into the log and the read tables, in this transaction."""
        if self.events:
            packed = self._pack()
            self.settle()
            self._write(*packed)
        self.settle()

    def _write_beside(self, decided: Written) -> None:
        """Begin to write what was decided, while the next batch, whose streams are read, is decided.

        Beside runs only what waits for the database: what needs the interpreter is no faster on two threads.
        """
        assert self.writer is not None
        self.settle()
        self._writing = self.writer.submit(self._write, *decided)

    def settle(self) -> None:
        """Wait for what is being written: the connection does one thing at a time. Raises what the writing raised."""
        if self._writing is not None:
            begun, self._writing = self._writing, None
            begun.result()

    def _pack(self) -> Written:
        self.since = max(datetime.now(UTC), self.since)
        packed = recorder.pack(self.events, self.written, self.since, self.recorded_by), self.changes.packed()
        self.written += len(self.events)
        self.events = []
        return packed

    def _write(self, events: recorder.Packed, changes: list[writing.Packed]) -> None:
        recorder.write(self.connection, events)
        writing.write(self.connection, changes)


def record(
    connection: psycopg.Connection,
    decisions: Sequence[Mapping[str, Any] | Decision],
    *,
    recorded_by: str | None = None,
) -> Recorded:
    """Record decisions (journal objects) in one transaction: all or nothing.

    Raises JournalRefused with a LineError for each bad one (line: its place from 1), Busy where the lock is held.
    """
    positions: list[int] = []
    errors: list[LineError] = []
    parsed = [read_form(given) for given in decisions]
    with connection.transaction():
        session = Session(connection, recorded_by)
        before = session.written
        for line, outcome in session.take_all(enumerate(parsed, 1)):
            if isinstance(outcome, Problem):
                errors.append(line_error(line, outcome))
            else:
                positions.append(session.aggregates.position if outcome is None else outcome)
        if errors:
            raise JournalRefused(errors, len(errors))
        session.flush()
        recorder.notify(connection)
    return Recorded(positions, before, session.aggregates.position)


class _Undone(Exception):
    """Ends the transaction without a trace."""


def import_journal(
    connection: psycopg.Connection,
    lines: Iterable[bytes],
    *,
    recorded_by: str | None = None,
    dry_run: bool = False,
    on_error: Callable[[LineError], None] | None = None,
    progress: Callable[[Imported], None] | None = None,
) -> Imported:
    """Record a journal of any length, line by line, in one transaction and bounded memory: all or nothing.

    `on_error` is told of every bad line as it is met; `progress` of the counts after each batch. With `dry_run` nothing
    is recorded. Raises JournalRefused after the last line where any was bad, Busy where the lock is held.
    """
    counts = Imported()
    try:
        with _uncollected(), connection.transaction(), ThreadPoolExecutor(1) as writer:
            session = Session(connection, recorded_by, KEPT, writer)
            for batch in _batches(lines):
                _take_batch(session, batch, counts, on_error)
                session.aggregates.evict()
                if progress is not None:
                    progress(counts)
            session.flush()
            if counts.bad:
                raise JournalRefused(counts.errors, counts.bad)
            if dry_run:
                raise _Undone
            recorder.notify(connection)
    except _Undone:
        pass
    return counts


@contextmanager
def _uncollected() -> Generator[None]:
    """Without the garbage collector, which would look again and again at all aggregates kept; there are no cycles."""
    enabled, interval = gc.isenabled(), sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if enabled:
            gc.enable()


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _take_batch(
    session: Session, batch: list[bytes], counts: Imported, on_error: Callable[[LineError], None] | None
) -> None:
    parsed: list[tuple[int, Decision | Problem]] = []
    for line in batch:
        counts.read += 1
        if not line.strip():
            counts.blank += 1
        else:
            parsed.append((counts.read, read_form(line)))
    for number, outcome in session.take_all(parsed):
        if outcome is None:
            counts.recorded += 1
        elif isinstance(outcome, int):
            counts.repeated += 1
        else:
            counts.bad += 1
            error = line_error(number, outcome)
            if len(counts.errors) < ERRORS_KEPT:
                counts.errors.append(error)
            if on_error is not None:
                on_error(error)


def read_form(given: bytes | Mapping[str, Any] | Decision) -> Decision | Problem:
    """The decision given in any of its forms, or why it is none."""
    if isinstance(given, Decision):
        return given
    try:
        return from_line(given) if isinstance(given, bytes) else from_object(given)
    except Refused as refused:
        return refused.problem


def line_error(line: int, problem: Problem) -> LineError:
    """The problem as one of a line."""
    return LineError(line, problem.code, problem.field, problem.message)
