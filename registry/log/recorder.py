"""Append and read. All appends go under one lock, so positions are in commit order and have no gaps.

The functions work in the caller's transaction, so that read tables are written in the same one; LogRecorder is the
same behind the library's interface, one transaction a call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString

import psycopg
from eventsourcing.dcb.api import (
    DCBAppendCondition,
    DCBEvent,
    DCBQuery,
    DCBReadResponse,
    DCBRecorder,
    DCBSequencedEvent,
)
from eventsourcing.dcb.persistence import DCBListenNotifySubscription
from eventsourcing.dcb.popo import SimpleDCBReadResponse
from eventsourcing.persistence import IntegrityError
from psycopg.abc import Buffer

from registry.database import copying
from registry.log import merkle, tree
from registry.log.events import LogEvent

CHANNEL: Final = "quanze_log"

# Readers are not kept out, other writers are. The unconditional append of the library takes no lock; a reader that
# follows positions then misses events of a transaction that commits late.
LOCK: Final = "LOCK TABLE log.decision IN EXCLUSIVE MODE"
HEAD: Final = "SELECT position, recorded_at FROM log.decision ORDER BY position DESC LIMIT 1"
SELECT: Final = "SELECT position, type, version, data, tags, recorded_at, recorded_by FROM log.decision"
COPY_DECISIONS: Final = (
    "COPY log.decision (position, type, version, data, tags, recorded_at, recorded_by, leaf) FROM STDIN (FORMAT BINARY)"
)
TWO_FIELDS: Final = b"\x00\x02"
EIGHT_FIELDS: Final = b"\x00\x08"
COPY_TAGS: Final = "COPY log.tag (tag, position) FROM STDIN (FORMAT BINARY)"

# Events that have all tags of a query's item: counted over the tag index, never over the log.
TAGGED: Final[LiteralString] = (
    "SELECT position FROM log.tag WHERE tag = ANY(%s) AND position > %s GROUP BY position HAVING count(*) = %s"
)


def lock(connection: psycopg.Connection) -> tuple[int, datetime]:
    """Take the log's lock until the transaction ends. Gives the last position (0: none) and when it was recorded."""
    connection.execute(LOCK)
    return head(connection)


def head(connection: psycopg.Connection) -> tuple[int, datetime]:
    """The last position (0: none) and when it was recorded."""
    row = connection.execute(HEAD).fetchone()
    return (0, datetime.min.replace(tzinfo=UTC)) if row is None else (row[0], row[1])


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


def position_at(connection: psycopg.Connection, time: datetime) -> int:
    """The newest position that the log had at that time; 0 before the first."""
    row = connection.execute("SELECT max(position) FROM log.decision WHERE recorded_at <= %s", (time,)).fetchone()
    return row[0] if row is not None and row[0] is not None else 0


@dataclass(frozen=True, slots=True)
class Packed:
    """Events as COPY takes them, for the positions after `after`."""

    after: int
    decisions: bytes
    tags: bytes
    hashes: list[bytes]  # of their leaves


def pack(events: Sequence[DCBEvent], after: int, recorded_at: datetime, recorded_by: str | None = None) -> Packed:
    """Events made ready to be appended at the positions after `after`. Needs no database."""
    recorded = merkle.circumstances(recorded_at, recorded_by)
    same = copying.time(recorded_at) + copying.text(recorded_by)
    fields = copying.Fields(copying.field)  # of tags: the same units and matters are named again and again
    types: dict[tuple[str, int], bytes] = {}
    hashes: list[bytes] = []
    rows: list[bytes] = [copying.HEAD]
    tagged: list[bytes] = [copying.HEAD]
    for position, event in enumerate(events, after + 1):
        version, at = (event.version, event.at) if isinstance(event, LogEvent) else (1, "")
        hashed = merkle.leaf_hash(merkle.leaf_of(position, event.type, version, at, event.data, recorded))
        hashes.append(hashed)
        tags = [fields[tag] for tag in event.tags]
        place = copying.number(position)
        kind = types.get((event.type, version))
        if kind is None:
            kind = types[event.type, version] = copying.field(event.type) + copying.small(version)
        rows += (
            EIGHT_FIELDS,
            place,
            kind,
            copying.octets(event.data),
            copying.octets(copying.array(tags)),
            same,
            copying.octets(hashed),
        )
        if tags:
            tagged += (TWO_FIELDS, (place + TWO_FIELDS).join(dict.fromkeys(tags)), place)
    rows.append(copying.END)
    tagged.append(copying.END)
    return Packed(after, b"".join(rows), b"".join(tagged), hashes)


def write(connection: psycopg.Connection, packed: Packed) -> None:
    """Append what was packed, in the caller's transaction, under the lock.

    The Merkle tree grows with it: the leaves' hashes, and the ancestors that they complete.
    """
    with connection.cursor() as cursor:
        with cursor.copy(COPY_DECISIONS) as copy:
            copy.write(packed.decisions)
        with cursor.copy(COPY_TAGS) as copy:
            copy.write(packed.tags)
    tree.grow(connection, packed.after, packed.hashes)


def append(
    connection: psycopg.Connection,
    events: Sequence[DCBEvent],
    after: int,
    recorded_at: datetime,
    recorded_by: str | None = None,
) -> int:
    """Append events at the positions after `after`, in the caller's transaction, under the lock. Gives the last one."""
    write(connection, pack(events, after, recorded_at, recorded_by))
    return after + len(events)


def notify(connection: psycopg.Connection) -> None:
    """Wake those who follow the log, when the transaction commits."""
    connection.execute(f"NOTIFY {CHANNEL}")


def read(
    connection: psycopg.Connection, query: DCBQuery | None = None, *, after: int = 0, limit: int | None = None
) -> list[DCBSequencedEvent]:
    """Events after a position that match the query: of a named type (or no type named), with all the named tags."""
    clause, values = _where(query, after)
    statement = f"{SELECT} WHERE position > %s {clause} ORDER BY position LIMIT %s"
    rows = connection.execute(statement.encode(), [after, *values, limit]).fetchall()
    return [
        DCBSequencedEvent(LogEvent(type_name, bytes(data), tags, version, recorded_at, recorded_by), position)
        for position, type_name, version, data, tags, recorded_at, recorded_by in rows
    ]


def _where(query: DCBQuery | None, after: int) -> tuple[str, list[Any]]:
    if query is None or not query.items:
        return "", []
    clauses: list[str] = []
    values: list[Any] = []
    for item in query.items:
        parts = ["true"]
        if item.types:
            parts.append("type = ANY(%s)")
            values.append(list(item.types))
        if item.tags:
            parts.append(f"position IN ({TAGGED})")
            wanted = list(set(item.tags))
            values += [wanted, after, len(wanted)]
        clauses.append("(" + " AND ".join(parts) + ")")
    return "AND (" + " OR ".join(clauses) + ")", values


def read_streams(
    connection: psycopg.Connection, keys: Sequence[str], *, before: int = 2**63 - 1
) -> Iterator[tuple[str, int, str, int, Buffer]]:
    """What is recorded of these aggregates (each named once) before a position: key, position, type, version, data.

    Oldest first. Walked key by key through the indexes: right after an import, before the database has counted its
    rows, it would start several processes for a handful of them.
    """
    return iter(
        connection.execute(
            'SELECT k.tag, e.* FROM (SELECT unnest(%s::text[]) COLLATE "C" AS tag) k,'
            " LATERAL (SELECT t.position FROM log.tag t WHERE t.tag = k.tag AND t.position < %s OFFSET 0) t,"
            " LATERAL (SELECT e.position, e.type, e.version, e.data FROM log.decision e"
            " WHERE e.position = t.position OFFSET 0) e ORDER BY e.position",
            (list(keys), before),
            binary=True,
        )
    )


class LogRecorder(DCBRecorder):
    """The log behind the library's interface."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self.connect = connect
        self._connection = connect()
        self._turn = threading.Lock()  # a connection serves one thread at a time

    def read(
        self, query: DCBQuery | None = None, *, after: int | None = None, limit: int | None = None
    ) -> DCBReadResponse:
        """Events that match; the response's head is the log's last position, or with a limit the last one given."""
        with self._turn, self._connection.transaction():
            last = head(self._connection)[0] if limit is None else None
            events = read(self._connection, query, after=after or 0, limit=limit)
        if events:
            last = max(last or 0, events[-1].position)
        return SimpleDCBReadResponse(events=iter(events), head=last or None)

    def append(self, events: Sequence[DCBEvent], condition: DCBAppendCondition | None = None) -> int:
        """Append under the lock. Raises eventsourcing's IntegrityError where an event matches the condition."""
        with self._turn, self._connection.transaction():
            last, since = lock(self._connection)
            if condition is not None:
                after = condition.after or 0
                if read(self._connection, condition.fail_if_events_match, after=after, limit=1):
                    raise IntegrityError(condition)
            position = append(self._connection, events, last, max(datetime.now(UTC), since))
            notify(self._connection)
        return position

    def subscribe(self, query: DCBQuery | None = None, *, after: int | None = None) -> LogSubscription:
        """Events that match, then new ones as they are recorded."""
        return LogSubscription(self, query, after)

    def close(self) -> None:
        """Close the recorder's connection."""
        self._connection.close()


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
            with self._recorder.connect() as connection:
                connection.autocommit = True
                connection.execute(f"LISTEN {CHANNEL}")
                self._has_been_notified.set()  # what came in before we listened
                while not self._has_been_stopped:
                    for _ in connection.notifies(timeout=1, stop_after=1):
                        self._has_been_notified.set()
        except Exception as problem:
            self._thread_error = self._thread_error or problem
            self.stop()
