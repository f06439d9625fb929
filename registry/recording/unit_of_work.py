"""The one way in: under the log's lock read what decisions depend on, decide, append, project. All or nothing.

A single command and an import of a million lines (registry/recording/journal_import.py) use the same unit of work.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from eventsourcing.dcb.api import DCBReadResponse

from registry.database import statistics
from registry.domain.decide import DecisionSlice, load_and_retry, slice_for
from registry.domain.decision import Step
from registry.domain.decisions import Decision
from registry.domain.lines import from_line, from_object
from registry.domain.problems import Problem, Refused
from registry.domain.text import Text
from registry.log import recorder
from registry.log.events import LogEvent, event_of, own_keys
from registry.log.recorder import Busy, LogRecorder
from registry.projections import writing
from registry.projections.aggregate_store import AggregateStore
from registry.projections.writing import Changes
from registry.recording import authority
from registry.recording.lookalikes import Lookalikes

__all__ = ["Busy", "JournalRefused", "LineError", "Recorded", "UnitOfWork", "line_error", "read_form", "record"]

log_of_recording: Final = logging.getLogger("registry.recording")
NAMING: Final = 1000  # events read at a time in search of what names an aggregate
FEW: Final = 20  # events that name one, to be read ahead with those that name others


@dataclass(frozen=True, slots=True)
class Recorded:
    """The positions of the decisions in the log, in the order given; of a repeat, where it was recorded first.

    `before` and `after`: the log's last position before the new ones, and the last of them. `annulled`: of the repeats,
    the positions that were annulled since, so that they do not hold. `warning`: of a clock that cannot be right, of
    ids that look like others.
    """

    positions: list[int]
    before: int = 0
    after: int = 0
    annulled: tuple[int, ...] = ()
    warning: Text | None = None


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


class UnitOfWork:
    """Decisions decided one after another on top of the log, within the caller's transaction.

    To be recorded, the transaction is the recorder's (`LogRecorder.transaction`) and ends with `finish`. To see only
    what would come of them, it is any transaction that is rolled back. `capacity`: how many aggregates are kept in
    memory before those not used lately are evicted (None: all). `writer`: a thread that writes one batch of decisions
    while the next is decided.
    """

    def __init__(self, log: LogRecorder, *, capacity: int | None = None, writer: Executor | None = None) -> None:
        self.log = log
        self.aggregates = AggregateStore(
            self._read_streams,
            position=log.position,
            capacity=capacity,
            from_the_start=log.position == 0,
            log_index=self,
        )
        self.changes = Changes()
        self._guard = authority.guard(self)
        self.annulled_repeats = 0  # decisions decided that were repeats of annulled ones
        self._lookalikes = Lookalikes(log.connection)
        self._events: list[LogEvent] = []
        self._packed: list[LogEvent] = []  # the last that were made ready to be written
        self._naming: dict[str, list[str]] = {}  # by tag, what `read_naming` has read, and what was packed since
        self._writer = writer
        self._writing: Future[None] | None = None

    @property
    def position(self) -> int:
        """The position of the last decision that was decided, written or not."""
        return self.aggregates.cache.position

    def decide(self, slice_: DecisionSlice[Any]) -> int | None:
        """Decide; gives None for a new decision, the position of the equal one for a repeat. Raises Refused."""
        if self._guard is not None:
            self._guard(slice_)
        keys = load_and_retry(slice_.stream_keys, self.aggregates.load_one)
        before = self.aggregates.rows(keys)
        load_and_retry(slice_.execute, self.aggregates.load_one)
        if slice_.duplicate_of is not None:
            self.annulled_repeats += slice_.duplicate_annulled
            return slice_.duplicate_of
        for tagged in slice_.collect_events():
            self._events.append(event_of(tagged.decision, tagged.tags))
            if tagged.decision.STEP is Step.INTRODUCES:
                self._lookalikes.note(slice_.key)
        self.changes.note(before, self.aggregates.rows(keys), self.position)
        return None

    def decide_batch(
        self, numbered: Iterable[tuple[int, Decision | Problem]]
    ) -> Iterator[tuple[int, int | Problem | None]]:
        """Decide a batch, after reading in one go all streams that it names.

        Gives each line's number and its outcome: None for a new decision, the position of the equal one for a repeat,
        or the problem for which it is refused.
        """
        batch = [
            (number, given if isinstance(given, Problem) else slice_for(given, self.aggregates.cache))
            for number, given in numbered
        ]
        # Packed before anything is read: by then the previous batch is written.
        packed = self._pack() if self._writer is not None and self._events else None
        self.prefetch(slice_ for _, slice_ in batch if not isinstance(slice_, Problem))
        if packed is not None:
            self._write_beside(*packed)
        for number, slice_ in batch:
            if isinstance(slice_, Problem):
                yield number, slice_
                continue
            try:
                outcome: int | Problem | None = self.decide(slice_)
            except Refused as refused:
                outcome = refused.problem
            yield number, outcome

    def prefetch(self, slices: Iterable[DecisionSlice[Any]]) -> None:
        """Read in one go the streams that the decisions name, and who names those that they may take away."""
        batch = list(slices)
        self.aggregates.load({key for slice_ in batch for key in slice_.prefetch_keys()})
        self.read_naming({key for slice_ in batch for key in slice_.needed_by()})

    def write(self) -> None:
        """Write what was decided so far into the log and the read tables."""
        if self._events:
            packed = self._pack()
            self._wait_for_writing()
            self._lookalikes.look()
            self._write(*packed)
        self._wait_for_writing()

    def warning(self) -> Text | None:
        """What whoever records should know of what was decided and written, said in the log too; None for nothing."""
        alike = self._lookalikes.warning()
        if alike is not None:
            log_of_recording.warning("%s", alike.joined)
        both = [each for each in (self.log.clock_warning, alike) if each is not None]
        return Text("".join(each.zh for each in both), " ".join(each.en for each in both)) if both else None

    def finish(self) -> None:
        """Write what was decided, and count the rows of the tables that it filled, for the database's plans."""
        self.write()
        statistics.analyze_filled(self.log.connection, self.log.written + self.changes.written)

    def naming(self, key: str) -> Iterator[Sequence[str]]:
        """The keys of the aggregates of which a decision ever named this one, some at a time, their streams loaded."""
        tag = f"@{key}"
        pending = dict.fromkeys(own for event in self._events if tag in event.tags for own in own_keys(event.tags))
        yield list(pending)
        if tag in self._naming:
            keys = list(dict.fromkeys(self._naming[tag]))
            self.aggregates.load(keys)
            yield keys
            return
        self._wait_for_writing()
        after, query, more = 0, recorder.streams([tag]), True
        while more:
            events = list(self.log.read(query, after=after, limit=NAMING))
            keys = list(dict.fromkeys(own for each in events for own in own_keys(each.event.tags)))
            self.aggregates.load(keys)
            yield keys
            more = len(events) == NAMING
            after = events[-1].position if more else after

    def read_naming(self, keys: Iterable[str]) -> None:
        """Read in one go what `naming` would ask the log for each of these; but not where more than a few name one."""
        tags = [f"@{key}" for key in keys]
        self._naming = {}
        if not tags:
            return
        self._wait_for_writing()
        read = self.log.few_with(tags, FEW)
        self._naming = {tag: [key for of_event in events for key in own_keys(of_event)] for tag, events in read.items()}
        self._note_naming(self._packed)  # which may not be written yet
        self.aggregates.load({key for named in self._naming.values() for key in named})

    def _note_naming(self, events: Iterable[LogEvent]) -> None:
        for event in events:
            for tag in event.tags:
                if tag in self._naming:
                    self._naming[tag] += own_keys(event.tags)

    def streams_of(self, position: int) -> Sequence[str]:
        """The keys of the aggregates whose streams have the decision at that position."""
        written = self.position - len(self._events)
        if position > written:
            return own_keys(self._events[position - written - 1].tags)
        self._wait_for_writing()
        return [key for each in self.log.read(after=position - 1, limit=1) for key in own_keys(each.event.tags)]

    def _read_streams(self, keys: Sequence[str]) -> DCBReadResponse:
        # What was decided and is not written yet is in the cache until its batch is written: it is never read here.
        self._wait_for_writing()
        return self.log.read(recorder.streams(keys))

    def _write_beside(self, events: recorder.Packed, changes: list[writing.Packed]) -> None:
        """Begin to write what was decided while the next batch, whose streams are read, is decided.

        Only what waits for the database runs beside: what needs the interpreter is no faster on two threads.
        """
        assert self._writer is not None
        self._wait_for_writing()
        self._lookalikes.look()
        self._writing = self._writer.submit(self._write, events, changes)

    def _wait_for_writing(self) -> None:
        """Wait until the connection is free; raises what the writing raised."""
        if self._writing is not None:
            writing_, self._writing = self._writing, None
            writing_.result()

    def _pack(self) -> tuple[recorder.Packed, list[writing.Packed]]:
        packed = self.log.pack(self._events), self.changes.packed()
        self._note_naming(self._events)
        self._packed, self._events = self._events, []
        return packed

    def _write(self, events: recorder.Packed, changes: list[writing.Packed]) -> None:
        self.log.write(events)
        writing.write(self.log.connection, changes)


def record(
    connection: psycopg.Connection,
    decisions: Sequence[Mapping[str, Any] | Decision],
    *,
    recorded_by: str | None = None,
) -> Recorded:
    """Record decisions (journal objects) in one transaction: all or nothing.

    `recorded_by`: None is for whom it is done (registry.recording.authority), if anybody is said.
    Raises JournalRefused with a LineError for each bad one (line: its index from 1), Busy where the lock is held.
    """
    positions: list[int] = []
    annulled: list[int] = []
    errors: list[LineError] = []
    parsed = [read_form(given) for given in decisions]
    log = LogRecorder(connection, authority.account(recorded_by))
    with log.transaction():
        work = UnitOfWork(log)
        before = work.position
        for line, outcome in work.decide_batch(enumerate(parsed, 1)):
            if isinstance(outcome, Problem):
                errors.append(line_error(line, outcome))
            else:
                positions.append(work.position if outcome is None else outcome)
                if outcome is not None and work.annulled_repeats > len(annulled):
                    annulled.append(outcome)
        if errors:
            raise JournalRefused(errors, len(errors))
        work.finish()
    return Recorded(positions, before, work.position, tuple(annulled), work.warning())


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
