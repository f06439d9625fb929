"""Whether the log's decisions are found under the tags that they have: derived anew, one after another.

Neither leaf nor checkpoint covers tags: they follow from the decision and from what was recorded before it. Who alters
them hides decisions from every question and makes an id look free; nobody notices but who derives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import psycopg
from eventsourcing.dcb.api import DCBReadResponse, DCBSequencedEvent

from registry.domain.decide import load_and_retry, slice_for
from registry.fast.collector import uncollected
from registry.log import recorder
from registry.log.events import own_keys, recorded_decision
from registry.log.recorder import LogRecorder
from registry.log.verifying import Differs
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


def differing_tags(
    connection: psycopg.Connection, progress: Callable[[int, int], None] | None = None
) -> Differs | None:
    """The first decision whose tags, or whose rows in the tags' index, are not those that follow from the log.

    None where all are. In one repeatable-read transaction; `progress` is called with the decisions done and in all.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _Tagging(connection).differing(progress)


class _Tagging:
    """The log read from its start, with the aggregates that its decisions are about."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._log = LogRecorder(connection)
        self._position = 0  # of the decision under way: what comes after it is not there yet
        self._tags = 0  # of all decisions so far: as many rows as the index has
        self._aggregates = AggregateStore(self._read_streams, capacity=CAPACITY, from_the_start=True, log_index=self)

    def differing(self, progress: Callable[[int, int], None] | None) -> Differs | None:
        """The first decision that differs."""
        total, _ = recorder.head(self._connection)
        with uncollected():
            differs = self._first(total, progress)
        # Where each tag has its row, there is none beside them if there are as many.
        if differs is None and self._one(ROWS) == self._tags:
            return None
        surplus = self._one(NOT_IN_LOG)
        return differs if surplus is None or (differs and differs.position < surplus) else _not_indexed(surplus)

    def _first(self, total: int, progress: Callable[[int, int], None] | None) -> Differs | None:
        """The first decision whose tags differ, or are not in the index."""
        while self._position < total:
            page = list(self._log.read(after=self._position, before=total + 1, limit=BATCH))
            last = page[-1].position
            unindexed = self._one(NOT_IN_INDEX, {"first": self._position + 1, "last": last})
            for sequenced in page:
                if sequenced.position == unindexed:
                    return _not_indexed(sequenced.position)
                if (problem := self._next(sequenced)) is not None:
                    return problem
            self._aggregates.cache.evict()
            if progress is not None:
                progress(last, total)
        return None

    def _one(self, statement: str, named: Mapping[str, int] | None = None) -> int | None:
        row = self._connection.execute(statement.encode(), named).fetchone()
        return None if row is None else row[0]

    def _next(self, sequenced: DCBSequencedEvent) -> Differs | None:
        position, stored = sequenced.position, sequenced.event.tags
        self._position = position
        slice_ = slice_for(recorded_decision(sequenced.event), self._aggregates.cache)
        self._aggregates.load(slice_.prefetch_keys())
        due = load_and_retry(slice_.event_tags, self._aggregates.load_one)
        distinct = set(stored)
        self._tags += len(distinct)
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


def _not_indexed(position: int) -> Differs:
    return _differs(
        position,
        f"第 {position} 项在标签索引中的行与其标签不符。",
        f"The rows of decision {position} in the tags' index are not its tags.",
    )


def _differs(position: int, zh: str, en: str) -> Differs:
    return Differs(position, "tags", zh, en)
