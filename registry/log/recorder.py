"""The recorder of the log: the interface of the library's DCB recorders, in the caller's transaction or one of its own.

All appends go under one lock, so positions are in commit order and have no gaps.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NamedTuple

import psycopg
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBQueryItem,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
)
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.dcb.popo import SimpleDCBReadResponse
from eventsourcing.persistence import IntegrityError

from registry.database import schema
from registry.database.copying import SqlType, copy_rows
from registry.database.row_objects import in_order
from registry.domain.text import Text
from registry.log import clocks, merkle, tree
from registry.log.events import LogEvent
from registry.log.positions import NEVER, NEWEST, head, head_and_clock

CHANNEL: Final = "quanze_log"
log = logging.getLogger("registry.log")

# Readers are not kept out, other writers are. The unconditional append of the library takes no lock; a reader that
# follows positions then misses events of a transaction that commits late.
# With it comes how far the database was migrated: a process that began before an upgrade knows nothing of new tables,
# and would leave them without what it records. Migrations take this lock, too.
LOCK: Final = "LOCK TABLE log.decision IN EXCLUSIVE MODE; SELECT max(number) FROM quanze.migration"
COPY_DECISIONS: Final = (
    "COPY log.decision (position, type, version, data, tags, recorded_at, recorded_by, leaf) FROM STDIN (FORMAT BINARY)"
)
DECISION_TYPES: Final[Sequence[SqlType]] = ("int8", "text", "int2", "bytea", "text[]", "timestamptz", "text", "bytea")
COPY_TAGS: Final = "COPY log.tag (tag, position) FROM STDIN (FORMAT BINARY)"
TAG_TYPES: Final[Sequence[SqlType]] = ("text", "int8")

# The events of some streams, found tag by tag through the indexes: while the database has not counted its rows yet,
# a plan of its own choice would read the whole log for a handful of them.
OF_STREAMS: Final[LiteralString] = """
    (
        SELECT DISTINCT t.position FROM (SELECT DISTINCT unnest(%s::text[]) COLLATE "C" AS tag) k,
            LATERAL (
                SELECT position FROM log.tag t WHERE t.tag = k.tag AND t.position > %s AND t.position < %s OFFSET 0
            ) t
    ) p,
    LATERAL (SELECT * FROM log.decision e WHERE e.position = p.position OFFSET 0) e
"""
# Events that have all tags of a query's item: counted over the tag index, never over the log.
WITH_ALL_TAGS: Final[LiteralString] = """
    e.position IN (
        SELECT position FROM log.tag WHERE tag = ANY(%s) AND position > %s GROUP BY position HAVING count(*) = %s
    )
"""


# Hears of the last position of what is recorded within a context, such as a request's.
HEARS: Final[ContextVar[Callable[[int], None] | None]] = ContextVar("HEARS", default=None)


class Busy(Exception):
    """Another recording holds the log's lock for longer than we wait."""

    code = "busy"
    zh = "另一项记录（可能是大批量导入）正在进行，请稍后再试。"
    en = "Another recording, perhaps a large import, is under way. Try again later."

    def __init__(self) -> None:
        super().__init__(Text(self.zh, self.en).joined)


def lock(connection: psycopg.Connection) -> tuple[int, datetime]:
    """Take the log's lock until the transaction ends. Gives the last position (0: none) and when it was recorded.

    Raises Busy where another holds it for longer than the connection's lock_timeout, NoDatabase (`database-newer`)
    where a newer program has migrated the database.
    """
    _take_lock(connection)
    return head(connection)


def _take_lock(connection: psycopg.Connection) -> None:
    try:
        cursor = connection.execute(LOCK)
    except psycopg.errors.LockNotAvailable:
        raise Busy from None
    cursor.nextset()
    ((applied,),) = cursor.fetchall()
    if applied > len(schema.migrations()):
        raise schema.newer(applied)


def leaf(connection: psycopg.Connection, position: int) -> tuple[bytes, bytes]:
    """The leaf of a decision, made from what is stored, and its hash. Raises LookupError where there is none."""
    row = connection.execute(
        "SELECT type, version, data, recorded_at, recorded_by FROM log.decision WHERE position = %s",
        (position,),
        binary=True,
    ).fetchone()
    if row is None:
        raise LookupError(position)
    type_name, version, data, recorded_at, recorded_by = row
    made = merkle.leaf(position, type_name, version, merkle.day_of(data), bytes(data), recorded_at, recorded_by)
    return made, merkle.leaf_hash(made)


@dataclass(frozen=True, slots=True)
class Packed:
    """Events as rows of the log's tables, for the positions after `after`."""

    after: int
    decisions: list[tuple[Any, ...]]
    tags: list[tuple[str, int]]
    hashes: list[bytes]  # of their leaves


def pack(events: Sequence[DCBEvent], after: int, recorded_at: datetime, recorded_by: str | None = None) -> Packed:
    """Make events ready to be written at the positions after `after`. Asks nothing of the database."""
    circumstances = merkle.circumstances(recorded_at, recorded_by)
    count = len(events)
    positions = range(after + 1, after + count + 1)
    versions: list[int] = []
    hashes: list[bytes] = []
    for position, event in zip(positions, events, strict=True):
        version, at = (event.version, event.at) if isinstance(event, LogEvent) else (1, "")
        versions.append(version)
        leaf = merkle.leaf_of(position, event.type, version, at, event.data, circumstances)
        hashes.append(merkle.leaf_hash(leaf))
    decisions = [
        (position, event.type, version, event.data, event.tags, recorded_at, recorded_by, leaf_hash)
        for position, event, version, leaf_hash in zip(positions, events, versions, hashes, strict=True)
    ]
    tags = [
        (tag, position) for position, event in zip(positions, events, strict=True) for tag in dict.fromkeys(event.tags)
    ]
    return Packed(after, decisions, tags, hashes)


def streams(keys: Iterable[str]) -> DCBQuery:
    """The query for every event with any of these tags: the streams of these aggregates."""
    return DCBQuery([DCBQueryItem(tags=[key]) for key in keys])


FEW_WITH: Final = """
SELECT w.tag, e.tags FROM unnest(%s::text[]) w (tag), LATERAL (
    SELECT t.position, d.tags FROM log.tag t JOIN log.decision d ON d.position = t.position
    WHERE t.tag = w.tag ORDER BY t.position LIMIT %s
) e ORDER BY w.tag, e.position
"""


class LogRecorder(DCBRecorder):
    """Reads and appends events over one connection, which serves one thread at a time.

    `append` and `read` are the library's. Who decides and projects as well does it within `transaction()`, in which
    `pack` and `write` are the two halves of an append. `position` and `recorded_at` are those of the last event that
    was packed or, before the first, of the last one in the log when the transaction began.
    """

    def __init__(self, connection: psycopg.Connection, recorded_by: str | None = None) -> None:
        self.connection = connection
        self.recorded_by = recorded_by
        self.position = 0
        self.recorded_at = NEVER
        self.clock_warning: Text | None = None  # where decisions are dated by a clock that cannot be right
        self.written = Counter[str]()  # rows packed in this transaction, by table
        self._thread = threading.RLock()

    @classmethod
    def reading(cls, connection: psycopg.Connection) -> LogRecorder:
        """A recorder at the end of the log without its lock, to see what would come of decisions: never to write."""
        log = cls(connection)
        log.position, log.recorded_at = head(connection)
        return log

    @contextmanager
    def transaction(self) -> Generator[None]:
        """A transaction under the log's lock; those who follow the log are woken when it commits.

        Raises Busy, NoDatabase.
        """
        with self.connection.transaction():
            _take_lock(self.connection)
            self.position, last, database_clock = head_and_clock(self.connection)
            self.recorded_at = last or NEVER
            self.clock_warning = clocks.apart(last, database_clock)
            if self.clock_warning is not None:
                log.warning("%s", self.clock_warning.joined)
            self.written.clear()
            yield
            notify(self.connection)
        hears = HEARS.get()
        if hears is not None:
            hears(self.position)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Append events and give the last one's position.

        Raises the library's IntegrityError where an event after the condition's position matches its query.
        """
        with self._thread, self.transaction():
            if condition is not None:
                matching = self.read(condition.fail_if_events_match, after=condition.after, limit=1)
                if next(matching, None) is not None:
                    raise IntegrityError(condition)
            self.write(self.pack(events))
            return self.position

    def pack(self, events: Sequence[DCBEvent]) -> Packed:
        """Make events ready to be written at the next positions. Asks nothing of the database."""
        self.recorded_at = max(datetime.now(UTC), self.recorded_at)
        packed = pack(events, self.position, self.recorded_at, self.recorded_by)
        self.position += len(events)
        self.written["log.decision"] += len(events)
        self.written["log.tag"] += sum(len(event.tags) for event in events)
        return packed

    def write(self, packed: Packed) -> None:
        """Write packed events, in the order in which they were packed; the Merkle tree over the log grows with them."""
        with self.connection.cursor() as cursor:
            copy_rows(cursor, COPY_DECISIONS, DECISION_TYPES, packed.decisions)
            copy_rows(cursor, COPY_TAGS, TAG_TYPES, packed.tags)
        tree.grow(self.connection, packed.after, packed.hashes)

    def read(
        self,
        query: DCBQuery | None = None,
        *,
        after: int | None = None,
        before: int = NEWEST,
        limit: int | None = None,
    ) -> DCBReadResponse:
        """Events after one position and before another that match the query, oldest first.

        An event matches where it is of a type that an item of the query names (or the item names none) and has all
        tags that the item names. The response's head is the log's last position, or with a limit that of the last
        event given.
        """
        source, values = _matching(query, after or 0, before)
        statement = (
            "SELECT h.position AS head, e.* FROM (SELECT max(position) AS position FROM log.decision) h LEFT JOIN ("
            "SELECT e.position, e.type, e.version, e.data, e.tags, e.recorded_at, e.recorded_by"
            f" FROM {source} ORDER BY e.position LIMIT %s) e ON true ORDER BY e.position"
        )
        with self._thread, self.connection.cursor(binary=True, row_factory=in_order(_Read)) as cursor:
            rows = cursor.execute(statement.encode(), [*values, limit]).fetchall()
        head = rows[0].head if limit is None else None
        events = [
            DCBSequencedEvent(
                LogEvent(
                    row.type,
                    bytes(row.data),
                    row.tags,
                    row.version,
                    recorded_at=row.recorded_at,
                    recorded_by=row.recorded_by,
                ),
                row.position,
            )
            for row in rows
            if row.position is not None
        ]
        if events and limit is not None:
            head = events[-1].position
        return SimpleDCBReadResponse(events=iter(events), head=head)

    def few_with(self, tags: Sequence[str], most: int) -> dict[str, list[list[str]]]:
        """By tag, all tags of each event that bears it, oldest first; without those that more than `most` bear."""
        with self._thread, self.connection.cursor() as cursor:
            rows = cursor.execute(FEW_WITH.encode(), ([*tags], most + 1)).fetchall()
        bearing: dict[str, list[list[str]]] = {tag: [] for tag in tags}
        for tag, of_event in rows:
            bearing[tag].append(of_event)
        return {tag: events for tag, events in bearing.items() if len(events) <= most}

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> LogSubscription:
        """Events that match, then new ones as they are recorded; listens on a second connection."""
        return LogSubscription(self, query, after)


class _Read(NamedTuple):
    """A row of what `read` asks for: nulls beside the head where no event matches."""

    head: int | None
    position: int | None
    type: str
    version: int
    data: bytes
    tags: list[str]
    recorded_at: datetime
    recorded_by: str | None


def _matching(query: DCBQuery | None, after: int, before: int) -> tuple[str, list[Any]]:
    """The FROM and WHERE by which `read` finds what matches, and their values."""
    items = [] if query is None else query.items
    if items and all(len(item.tags) == 1 and not item.types for item in items):
        return OF_STREAMS, [[item.tags[0] for item in items], after, before]
    clauses: list[str] = []
    values: list[Any] = [after, before]
    for item in items:
        parts = ["true"]
        if item.types:
            parts.append("e.type = ANY(%s)")
            values.append(list(item.types))
        if item.tags:
            parts.append(WITH_ALL_TAGS)
            tags = list(set(item.tags))
            values += [tags, after, len(tags)]
        clauses.append("(" + " AND ".join(parts) + ")")
    matches = "".join(f" AND ({' OR '.join(clauses)})" for _ in items[:1])
    return f"log.decision e WHERE e.position > %s AND e.position < %s{matches}", values


def notify(connection: psycopg.Connection) -> None:
    """Wake those who follow the log, when the transaction commits."""
    connection.execute(f"NOTIFY {CHANNEL}")


class LogSubscription(DCBListenNotifySubscription[LogRecorder]):
    """Follows the log by PostgreSQL's notifications."""

    def __init__(self, recorder: LogRecorder, query: DCBQuery | None = None, after: int | None = None) -> None:
        super().__init__(recorder=recorder, query=query, after=after)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        super().__exit__(*args, **kwargs)
        self._listener.join()

    def _listen(self) -> None:
        try:
            followed = self._recorder.connection.info
            with psycopg.connect(followed.dsn, password=followed.password, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                self._has_been_notified.set()  # what came in before we listened
                while not self._has_been_stopped:
                    for _ in connection.notifies(timeout=1, stop_after=1):
                        self._has_been_notified.set()
        except Exception as problem:
            self._thread_error = self._thread_error or problem
            self.stop()
