"""Aggregates read from the log as they are needed, and the rows of the read tables that they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from eventsourcing.dcb.api import DCBSequencedEvent

from registry.domain.aggregates import Aggregate, AggregateCache, LogIndex, StreamNotLoaded
from registry.log.events import own_keys, recorded_decision
from registry.projections.tables import Row, rows

# Reads the events of the streams of these aggregates, oldest first.
ReadStreams = Callable[[Sequence[str]], Iterable[DCBSequencedEvent]]


class AggregateStore:
    """The cache of aggregates with the log behind it.

    `from_the_start`: every event of the log has gone through this cache, so that until something is evicted what it
    does not hold has no stream, and is not looked for in the log.
    """

    def __init__(
        self,
        read_streams: ReadStreams,
        *,
        position: int = 0,
        capacity: int | None = None,
        from_the_start: bool,
        log_index: LogIndex | None = None,
    ) -> None:
        self.cache = AggregateCache(position=position, capacity=capacity, log_index=log_index)
        self._read_streams = read_streams
        self._from_the_start = from_the_start

    def load(self, keys: Iterable[str]) -> None:
        """Read the streams of those of the aggregates that are not in the cache; one without a stream is None there."""
        missing = self.cache.not_loaded(keys)
        self.cache.mark_empty(*missing)
        if not missing or (self._from_the_start and not self.cache.evicted):
            return
        wanted = set(missing)
        for sequenced in self._read_streams(missing):
            decision = recorded_decision(sequenced.event)
            for key in wanted.intersection(own_keys(sequenced.event.tags)):
                self.cache.replay_event(key, sequenced.position, decision)

    def load_one(self, key: str) -> None:
        """Read the stream of one aggregate, unless it is in the cache."""
        self.load([key])

    def aggregate(self, key: str) -> Aggregate | None:
        """The aggregate, its stream read if need be; None where nothing is recorded of it."""
        try:
            return self.cache.get(key)
        except StreamNotLoaded:
            self.load([key])
        return self.cache.get(key)

    def kind_of(self, matter: str) -> str:
        """The kind of a recorded matter, by its code; '' where it is not recorded."""
        return getattr(self.aggregate("matter:" + matter), "kind", "")

    def rows(self, keys: Iterable[str]) -> list[Row]:
        """The rows of the read tables that these aggregates now make."""
        made: list[Row] = []
        for key in keys:
            aggregate = self.aggregate(key)
            if aggregate is not None:
                made += rows(aggregate, self.kind_of)
        return made
