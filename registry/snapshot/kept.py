"""Snapshots kept for those who ask after the same day at about the same time, as the parts of one page do."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final

from cachetools import LRUCache

from registry.snapshot.columns import Snapshot

MOST: Final = 64 * 1024 * 1024  # bytes, about: a larger picture is not kept
_ROW: Final = 2_000  # bytes that a row takes, about, with what is reckoned from it


class KeptSnapshots:
    """The last snapshots, by what they are of, for several threads: each is made once, whoever else waits for it."""

    def __init__(self) -> None:
        self._kept: LRUCache[Hashable, Snapshot] = LRUCache(MOST, getsizeof=_bytes)
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}

    def kept(self, key: Hashable) -> Snapshot | None:
        """The snapshot of a key that is kept; None where none is."""
        with self._lock:
            return self._kept.get(key)

    def awaited(self, key: Hashable) -> Snapshot | None:
        """As `kept`; where another thread is making it, once it is made."""
        with self._lock:
            kept, making = self._kept.get(key), self._making.get(key)
        if kept is not None or making is None:
            return kept
        with making:
            return self.kept(key)

    def every(self) -> list[tuple[Hashable, Snapshot]]:
        """All that are kept, with their keys."""
        with self._lock:
            return list(self._kept.items())

    def of(self, key: Hashable, make: Callable[[], Snapshot]) -> Snapshot:
        """The snapshot of a key: the one kept, else what `make` returns. Raises what that raises."""
        with self._lock:
            if key in self._kept:
                return self._kept[key]
            making = self._making.setdefault(key, Lock())
        with making:
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            try:
                made = make()
                with self._lock:
                    if _bytes(made) <= MOST:
                        self._kept[key] = made
                return made
            finally:
                with self._lock:
                    self._making.pop(key, None)


def _bytes(snapshot: Snapshot) -> int:
    tables = (snapshot.units, snapshot.matters, snapshot.items, snapshot.delegations, snapshot.demands)
    return _ROW * sum(map(len, tables))
