"""Whether the log's decisions are found under the tags that they have: derived anew, one after another.

Neither leaf nor checkpoint covers tags: they follow from the decision and from what was recorded before it. Who alters
them hides decisions from every question and makes an id look free; nobody notices but who derives them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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

# A decision without its index rows, or rows that its decision does not have: of the positions of a batch.
INDEX_DIFFERS: Final = """
SELECT min(position) FROM (
    (SELECT position, unnest(tags) COLLATE "C" AS tag FROM log.decision WHERE position BETWEEN %(first)s AND %(last)s
     EXCEPT SELECT position, tag FROM log.tag WHERE position BETWEEN %(first)s AND %(last)s)
    UNION ALL
    (SELECT position, tag FROM log.tag WHERE position BETWEEN %(first)s AND %(last)s
     EXCEPT SELECT position, unnest(tags) COLLATE "C" FROM log.decision WHERE position BETWEEN %(first)s AND %(last)s)
) d"""


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
        self._aggregates = AggregateStore(self._read_streams, capacity=CAPACITY, from_the_start=True, log_index=self)

    def differing(self, progress: Callable[[int, int], None] | None) -> Differs | None:
        """The first decision that differs."""
        total, _ = recorder.head(self._connection)
        with uncollected():
            while self._position < total:
                page = list(self._log.read(after=self._position, before=total + 1, limit=BATCH))
                last = page[-1].position
                span = {"first": self._position + 1, "last": last}
                in_index = self._connection.execute(INDEX_DIFFERS, span).fetchone()
                indexed = None if in_index is None else in_index[0]
                for sequenced in page:
                    position = sequenced.position
                    if position == indexed:
                        return _differs(
                            position,
                            f"第 {position} 项在标签索引中的行与其标签不符。",
                            f"The rows of decision {position} in the tags' index are not its tags.",
                        )
                    if (problem := self._next(sequenced)) is not None:
                        return problem
                self._aggregates.cache.evict()
                if progress is not None:
                    progress(last, total)
        return None

    def _next(self, sequenced: DCBSequencedEvent) -> Differs | None:
        position, stored = sequenced.position, sequenced.event.tags
        self._position = position
        slice_ = slice_for(recorded_decision(sequenced.event), self._aggregates.cache)
        self._aggregates.load(slice_.prefetch_keys())
        due = load_and_retry(slice_.event_tags, self._aggregates.load_one)
        if set(due) != set(stored):
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


def _differs(position: int, zh: str, en: str) -> Differs:
    return Differs(position, "tags", zh, en)
