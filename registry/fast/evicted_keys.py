"""Keys that were evicted, in constant memory: a Bloom filter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

# 4 MiB: with a million keys in it 0.3 % of other keys are taken for evicted, with five million 7 %.
_BITS: Final = 1 << 25
_LAST: Final = _BITS - 1


class EvictedKeys:
    """A set of keys that may contain some that were never added, and always contains those that were."""

    def __init__(self) -> None:
        self._bits: bytearray | None = None  # none yet: a single command evicts nothing

    def add(self, keys: Iterable[str]) -> None:
        """Add keys."""
        bits = self._bits
        if bits is None:
            bits = self._bits = bytearray(_BITS >> 3)
        for key in keys:
            hashed = hash(key)
            one, other = hashed & _LAST, (hashed >> 32) & _LAST
            bits[one >> 3] |= 1 << (one & 7)
            bits[other >> 3] |= 1 << (other & 7)

    def among(self, keys: Iterable[str]) -> list[str]:
        """Return those of the keys that may have been added."""
        bits = self._bits
        if bits is None:
            return []
        evicted: list[str] = []
        for key in keys:
            hashed = hash(key)
            one, other = hashed & _LAST, (hashed >> 32) & _LAST
            if bits[one >> 3] >> (one & 7) & 1 and bits[other >> 3] >> (other & 7) & 1:
                evicted.append(key)
        return evicted
