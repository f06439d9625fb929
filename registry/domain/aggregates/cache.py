"""The aggregates that decisions are decided over, as their streams are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from registry.domain.aggregates.base import KINDS, Aggregate
from registry.domain.decision import Decision


class StreamNotLoaded(Exception):
    """A slice needs an aggregate whose stream is not loaded yet: load it and try again."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class LogIndex(Protocol):
    """What only the whole log can tell of a decision: asked by corrections alone."""

    def naming(self, key: str) -> Iterator[Sequence[str]]:
        """The keys of the aggregates of which a decision names this aggregate, or once did, some at a time.

        Each time their streams are loaded already.
        """
        ...

    def streams_of(self, position: int) -> Sequence[str]:
        """The keys of the aggregates whose streams have the decision recorded there."""
        ...


class AggregateCache:
    """The aggregates whose streams were loaded, by key, and the position of the last decision applied.

    None is kept for an aggregate without decisions. The same object serves one command and the run of an import: in a
    long run those not used lately are evicted (two generations, of `capacity` aggregates each), to be loaded again when
    needed.
    """

    def __init__(self, *, position: int = 0, capacity: int | None = None, log_index: LogIndex | None = None) -> None:
        self.position = position
        self.log_index: LogIndex = log_index or _InMemory(self)
        self.evicted = False  # whether anything is not here, and recorded all the same
        self._capacity = capacity
        self._now: dict[str, Aggregate | None] = {}
        self._before: dict[str, Aggregate | None] = {}

    def get(self, key: str) -> Aggregate | None:
        """The aggregate, or None where nothing is recorded of it. Raises StreamNotLoaded."""
        try:
            return self._now[key]
        except KeyError:
            pass
        try:
            aggregate = self._now[key] = self._before.pop(key)
        except KeyError:
            raise StreamNotLoaded(key) from None
        return aggregate

    def with_others(self, others: Mapping[str, Aggregate | None]) -> AggregateCache:
        """The same aggregates, were these in place of those with their keys: to see what comes of a correction."""
        return _Overlay(self, others)

    def everything(self) -> Iterator[tuple[str, Aggregate]]:
        """The aggregates in memory, by key."""
        for key, aggregate in (*self._now.items(), *self._before.items()):
            if aggregate is not None:
                yield key, aggregate

    def has(self, key: str) -> bool:
        return key in self._now or key in self._before

    def not_loaded(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys whose streams have to be loaded."""
        now, before = self._now, self._before
        return [key for key in keys if key not in now and key not in before]

    def mark_empty(self, *keys: str) -> None:
        """Nothing is recorded of these aggregates."""
        self._now.update(dict.fromkeys(keys))

    def loaded_keys(self) -> list[str]:
        """The keys of all streams that were loaded: what the decisions so far depended on."""
        return [*self._now, *self._before]

    def replay_event(self, key: str, position: int, decision: Decision) -> None:
        """Apply a decision read from the log."""
        aggregate = self._now.get(key)
        if aggregate is None:
            aggregate = self._now[key] = KINDS[key.partition(":")[0]]()
        aggregate.apply(position, decision)

    def apply(self, decision: Decision, keys: Iterable[str]) -> None:
        """Apply a decision just made to the aggregates that it is about, at the next position."""
        self.position += 1
        for key in keys:
            self.replay_event(key, self.position, decision)

    def evict(self) -> None:
        """Evict, between two batches, what was not used lately, where more than the capacity is kept."""
        if self._capacity is not None and len(self._now) > self._capacity:
            self.evicted = self.evicted or bool(self._before)
            self._before, self._now = self._now, {}


class _Overlay(AggregateCache):
    """A cache in which some aggregates are others; what it reads otherwise, it reads from the one below."""

    def __init__(self, below: AggregateCache, others: Mapping[str, Aggregate | None]) -> None:
        super().__init__(position=below.position, log_index=below.log_index)
        self._below = below
        self._others = others

    def get(self, key: str) -> Aggregate | None:
        return self._others[key] if key in self._others else self._below.get(key)


class _InMemory:
    """The index of a log that is all in memory."""

    def __init__(self, cache: AggregateCache) -> None:
        self._cache = cache

    def naming(self, key: str) -> Iterator[Sequence[str]]:
        yield [
            own
            for own, aggregate in self._cache.everything()
            if any(key in decision.named_keys() for _, decision in aggregate.effective())
        ]

    def streams_of(self, position: int) -> Sequence[str]:
        return [
            own
            for own, aggregate in self._cache.everything()
            if any(recorded == position for recorded, _ in aggregate.history)
        ]
