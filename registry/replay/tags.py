"""Whether the log's decisions are found under the tags that they have: derived anew, one after another.

Neither leaf nor checkpoint covers tags: they follow from the decision and from what was recorded before it. Who alters
them hides decisions from every question and makes an id look free; nobody notices but who derives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import psycopg
from eventsourcing.dcb.api import DCBReadResponse, DCBSequencedEvent

from registry.domain.decide import load_and_retry, slice_for
from registry.domain.decisions import Decision
from registry.fast.collector import uncollected
from registry.log import recorder
from registry.log.events import own_keys, recorded_decision
from registry.log.recorder import LogRecorder
from registry.log.verifying import Differs, last_position
from registry.projections.aggregate_store import AggregateStore

BATCH: Final = 5000
CAPACITY: Final = 60_000  # aggregates kept in memory, twice over at most
NAMING: Final = 1000  # decisions read at a time to see which ever named an aggregate

# A decision without a row in the index for each of its tags; and a row that its decision does not have. Each row is
# looked up by its key, so that what it costs does not grow with the log, whatever the planner knows of it.
NOT_IN_INDEX: Final = """
SELECT min(d.position) FROM (
    SELECT position, unnest(tags) COLLATE "C" AS tag FROM log.decision WHERE position BETWEEN %(first)s AND %(last)s
) d LEFT JOIN LATERAL (
    SELECT true AS there FROM log.tag t WHERE t.tag = d.tag AND t.position = d.position OFFSET 0
) t ON true WHERE t.there IS NULL"""
NOT_IN_LOG: Final = """
SELECT min(t.position) FROM log.tag t LEFT JOIN LATERAL (
    SELECT true AS there FROM log.decision d WHERE d.position = t.position AND t.tag = ANY(d.tags) OFFSET 0
) d ON true WHERE d.there IS NULL"""
ROWS: Final = "SELECT count(*) FROM log.tag"


@dataclass(frozen=True, slots=True)
class Tags:
    """What the tags of a piece of the log are: how many rows of the index they are, and the first that differs."""

    rows: int
    differs: Differs | None


def differing_tags(
    connection: psycopg.Connection, progress: Callable[[int, int], None] | None = None
) -> Differs | None:
    """The first decision whose tags, or whose rows in the tags' index, are not those that follow from the log.

    None where all are. In one repeatable-read transaction; `progress` is called with the decisions done and in all.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return surplus(connection, [tags(connection, 0, last_position(connection), progress)])


def tags(
    connection: psycopg.Connection, after: int, last: int, progress: Callable[[int, int], None] | None = None
) -> Tags:
    """Derive the tags of these positions anew, in the caller's transaction."""
    with uncollected():
        return _Tagging(connection, after).checked(last, progress)


def surplus(connection: psycopg.Connection, checked: Iterable[Tags]) -> Differs | None:
    """The first that differs in pieces that follow one another, or that has a row in the index too many."""
    rows, differs = 0, None
    for piece in checked:
        rows += piece.rows
        differs = piece.differs
        if differs is not None:
            break
    # Where each tag has its row, there is none beside them if there are as many.
    if differs is None and _one(connection, ROWS) == rows:
        return None
    first = _one(connection, NOT_IN_LOG)
    return differs if first is None or (differs and differs.position < first) else _not_indexed(first)


class _Tagging:
    """The log read from some position on, with the aggregates that its decisions are about."""

    def __init__(self, connection: psycopg.Connection, after: int) -> None:
        self._connection = connection
        self._log = LogRecorder(connection)
        self._position = after  # of the decision under way: what comes after it is not there yet
        self._rows = 0  # of the index, by the decisions so far
        self._aggregates = AggregateStore(
            self._read_streams, capacity=CAPACITY, from_the_start=after == 0, log_index=self
        )

    def checked(self, last: int, progress: Callable[[int, int], None] | None) -> Tags:
        """How the tags are up to that position."""
        while self._position < last:
            page = list(self._log.read(after=self._position, before=last + 1, limit=BATCH))
            if not page:
                break  # the log ends before: that is for who verifies its leaves
            span = {"first": self._position + 1, "last": page[-1].position}
            unindexed = _one(self._connection, NOT_IN_INDEX, span)
            decisions = [recorded_decision(sequenced.event) for sequenced in page]
            # Of the streams not in memory, those of a page are read together, as they were before it.
            self._position += 1
            self._aggregates.load({key for each in decisions for key in (each.key, *each.named_keys())})
            for sequenced, decision in zip(page, decisions, strict=True):
                position = sequenced.position
                differs = _not_indexed(position) if position == unindexed else self._next(sequenced, decision)
                if differs is not None:
                    return Tags(self._rows, differs)
            self._aggregates.cache.evict()
            if progress is not None:
                progress(self._position, last)
        return Tags(self._rows, None)

    def _next(self, sequenced: DCBSequencedEvent, decision: Decision) -> Differs | None:
        position, stored = sequenced.position, sequenced.event.tags
        self._position = position
        slice_ = slice_for(decision, self._aggregates.cache)
        self._aggregates.load(slice_.prefetch_keys())
        due = load_and_retry(slice_.event_tags, self._aggregates.load_one)
        distinct = set(stored)
        self._rows += len(distinct)
        if set(due) != distinct:
            zh, en = "、".join(stored) or "空", ", ".join(stored) or "none"
            return _differs(
                position,
                f"第 {position} 项的标签应为 {'、'.join(due)}，所存的是 {zh}。",
                f"The tags of decision {position} should be {', '.join(due)}; stored are {en}.",
            )
        self._aggregates.cache.apply(slice_.decision, own_keys(due))
        return None

    def naming(self, key: str) -> Iterator[Sequence[str]]:
        """The keys of the aggregates of which a decision before this one named that aggregate (`LogIndex`)."""
        after, query = 0, recorder.streams([f"@{key}"])
        while events := list(self._log.read(query, after=after, before=self._position, limit=NAMING)):
            after = events[-1].position
            keys = list(dict.fromkeys(own for each in events for own in own_keys(each.event.tags)))
            self._aggregates.load(keys)
            yield keys

    def streams_of(self, position: int) -> Sequence[str]:
        """The keys of the aggregates whose streams have the decision recorded there (`LogIndex`)."""
        return [key for each in self._log.read(after=position - 1, limit=1) for key in own_keys(each.event.tags)]

    def _read_streams(self, keys: Sequence[str]) -> DCBReadResponse:
        return self._log.read(recorder.streams(keys), before=self._position)


def _one(connection: psycopg.Connection, statement: str, named: Mapping[str, int] | None = None) -> int | None:
    row = connection.execute(statement.encode(), named).fetchone()
    return None if row is None else row[0]


def _not_indexed(position: int) -> Differs:
    return _differs(
        position,
        f"第 {position} 项在标签索引中的行与其标签不符。",
        f"The rows of decision {position} in the tags' index are not its tags.",
    )


def _differs(position: int, zh: str, en: str) -> Differs:
    return Differs(position, "tags", zh, en)
