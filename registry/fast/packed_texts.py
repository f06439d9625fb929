"""Many texts in little memory: where a column has millions, a list of them would take 70 bytes and more for each.

The plain form of either is a list of the same texts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
SEPARATOR: Final = "\x1f"
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_AT_ONCE: Final = 10_000  # texts that are made at once where all are gone through


class Coded(Sequence[str]):
    """Texts of which few differ: the different ones, and for each row which it is."""

    def __init__(self, names: list[str], codes: NDArray[np.int32]) -> None:
        """`codes`: for each row a place in `names`, in which no text is twice."""
        self.names, self.codes = names, codes

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> Coded: ...

    def __getitem__(self, row: int | slice) -> str | Coded:
        if isinstance(row, slice):
            return Coded(self.names, self.codes[row])
        return self.names[int(self.codes[row])]

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _AT_ONCE):
            yield from map(self.names.__getitem__, self.codes[first : first + _AT_ONCE].tolist())

    def taken(self, rows: NDArray[Any]) -> Coded:
        """These rows."""
        return Coded(self.names, self.codes[rows])

    def places(self, index: Mapping[str, int]) -> NDArray[np.int32]:
        """For each row its text's place in an index, -1 where it has none."""
        places = np.fromiter(map(index.get, self.names, repeat(-1)), np.int32, len(self.names))
        result: NDArray[np.int32] = places[self.codes]
        return result


class Coding:
    """Numbers for texts in the order in which they are met, for columns that come piece by piece."""

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._codes: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]

    def add(self, texts: Sequence[str]) -> None:
        """Take further rows."""
        self._codes.append(np.fromiter(map(self._numbers.__getitem__, texts), np.int32, len(texts)))

    def texts(self) -> Coded:
        """All rows that were taken."""
        return Coded(list(self._numbers), np.concatenate(self._codes))


class _Numbers(dict[str, int]):
    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class Texts(Sequence[str]):
    """Texts one after another in one piece of memory, a separator behind each, which none of them contains."""

    def __init__(self, data: bytes) -> None:
        """`data`: UTF-8."""
        self._data = data
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord(SEPARATOR))
        self._starts = np.zeros(len(ends) + 1, np.int64 if len(data) >= 2**31 else np.int32)
        self._starts[1:] = ends
        self._starts[1:] += 1

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[at] for at in range(*row.indices(len(self)))]
        at = row + len(self) if row < 0 else row
        if not 0 <= at < len(self):
            raise IndexError(row)
        return self._data[self._starts[at] : self._starts[at + 1] - 1].decode()

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _AT_ONCE):
            last = min(first + _AT_ONCE, len(self))
            yield from self._data[self._starts[first] : self._starts[last] - 1].decode().split(SEPARATOR)

    def among(self, wanted: Collection[str]) -> Rows:
        """The rows whose text is one of these; `wanted` is asked for each that may be, so a set is best."""
        # Most others end otherwise: only those are made that end as one of these does, and with the same length.
        places = np.zeros(1 << (32 * len(wanted) + 1).bit_length(), np.bool_)
        last = np.uint64(len(places) - 1)
        places[Texts("".join(f"{text}{SEPARATOR}" for text in wanted).encode())._endings() & last] = True
        rows = np.flatnonzero(places[self._endings() & last])
        return rows[np.fromiter(map(wanted.__contains__, self.taken(rows)), np.bool_, len(rows))]

    def _endings(self) -> NDArray[np.uint64]:
        """A number for each text out of its length and its last eight bytes."""
        # Eight bytes that begin eight before the end of each text, wherever that is.
        every = np.ndarray(len(self._data) + 1, "<u8", bytes(8) + self._data, strides=(1,))
        results = np.empty(len(self), np.uint64)
        for first in range(0, len(self), _AT_ONCE):
            starts = self._starts[first : first + _AT_ONCE + 1]
            lengths = np.diff(starts) - 1
            bytes_before = (8 * np.clip(8 - lengths, 0, 7)).astype(np.uint64)
            ending = (every[starts[1:] - 1] >> bytes_before) ^ lengths.astype(np.uint64)
            ending = np.where(lengths > 0, ending, np.uint64(0)) * _FACTOR
            results[first : first + _AT_ONCE] = ending ^ (ending >> np.uint64(32))
        return results

    def taken(self, rows: NDArray[Any]) -> Texts:
        """These rows."""
        every, starts = np.frombuffer(self._data, np.uint8), self._starts.astype(np.int64)
        pieces: list[bytes] = []
        for first in range(0, len(rows), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            begin, sizes = starts[some], starts[some + 1] - starts[some]
            ends = np.cumsum(sizes)
            # Each byte's place: where its text begins, and how far behind that it is.
            places: Rows = np.repeat(begin - ends + sizes, sizes) + np.arange(int(ends[-1]))
            pieces.append(every[places].tobytes())
        return Texts(b"".join(pieces))
