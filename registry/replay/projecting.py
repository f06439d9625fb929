"""What decisions change in the read tables, from the log alone: made ready to be written, by whoever it may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

import psycopg
from eventsourcing.dcb.api import DCBReadResponse

from registry.domain.decisions import Decision, Transfer
from registry.log import recorder
from registry.log.events import decision_of
from registry.log.recorder import LogRecorder
from registry.log.stored import Stored, stored
from registry.projections.aggregate_store import AggregateStore
from registry.projections.writing import Changes, Packed

CAPACITY: Final = 60_000  # aggregates kept in memory, twice over at most


@dataclass(frozen=True, slots=True)
class Made:
    """What the decisions up to and with the position `last` change, after those of whatever was made before."""

    last: int
    changes: list[Packed]


class Projecting:
    """Decisions that follow one another, from some position on, with the aggregates that they are about.

    `position`: of the last that was taken. What was recorded of an aggregate before is read from the log.
    """

    def __init__(self, connection: psycopg.Connection[Any], after: int) -> None:
        self.position = after
        self._connection = connection
        self._log = LogRecorder(connection)
        self._changes = Changes()
        self._aggregates = AggregateStore(self._read_streams, capacity=CAPACITY, from_the_start=after == 0)

    def to(self, last: int) -> Iterator[Made]:
        """What each batch up to that position changes."""
        for rows in stored(self._connection, self.position, last):
            self._take(rows)
            yield Made(self.position, self._changes.packed())

    def whole(self, last: int) -> Made:
        """What all up to that position change together."""
        for rows in stored(self._connection, self.position, last):
            self._take(rows)
        return Made(self.position, self._changes.packed())

    def _take(self, rows: Sequence[Stored]) -> None:
        aggregates, changes = self._aggregates, self._changes
        decided = [(row.position, decision_of(*row.shape), row.own_keys) for row in rows]
        aggregates.load({key for _, _, keys in decided for key in keys})
        aggregates.load({"matter:" + decision.matter for _, decision, _ in decided if _asks_for_kind(decision)})
        for position, decision, keys in decided:
            before = aggregates.rows(keys)
            for key in keys:
                aggregates.cache.replay_event(key, position, decision)
            changes.note(before, aggregates.rows(keys), position)
        aggregates.cache.evict()
        self.position = rows[-1].position

    def _read_streams(self, keys: Sequence[str]) -> DCBReadResponse:
        """The streams up to the batch under way."""
        return self._log.read(recorder.streams(keys), before=self.position + 1)


def _asks_for_kind(decision: Decision) -> TypeGuard[Transfer]:
    """Whether its rows have the kind of its matter, which its type does not tell."""
    return isinstance(decision, Transfer) and len(decision.MATTER_KINDS) > 1
