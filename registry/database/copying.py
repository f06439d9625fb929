"""Fields as COPY's binary format has them, written by hand: a third of the driver's time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from struct import pack
from typing import Any, Final

HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END: Final = b"\xff\xff"
NULL: Final = pack(">i", -1)
_TEXT: Final = 25  # the number of the type of the elements
_EMPTY: Final = pack(">iii", 0, 0, _TEXT)
_EIGHT: Final = pack(">i", 8)
_TIME_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LENGTHS: Final = [pack(">i", length) for length in range(512)]


class Fields(dict[Any, bytes]):
    """Values of one type as fields; most come again and again, so a bounded number of the latest is kept."""

    def __init__(self, made: Callable[[Any], bytes]) -> None:
        super().__init__({None: NULL})
        self._made = made

    def __missing__(self, value: Any) -> bytes:
        if len(self) > 50_000:
            self.clear()
            self[None] = NULL
        field = self[value] = self._made(value)
        return field


class Unlike:
    """Values of one type as fields, each of them another: none is kept."""

    def __init__(self, made: Callable[[Any], bytes]) -> None:
        self._made = made

    def __getitem__(self, value: Any) -> bytes:
        return self._made(value)


def field(text: str) -> bytes:
    """A text as a field or an element of an array: its length, then its bytes."""
    data = text.encode()
    length = len(data)
    return (_LENGTHS[length] if length < 512 else pack(">i", length)) + data


def text(given: str | None) -> bytes:
    """A text that may be null, as a field."""
    return NULL if given is None else field(given)


def octets(data: bytes) -> bytes:
    """Bytes as a field."""
    length = len(data)
    return (_LENGTHS[length] if length < 512 else pack(">i", length)) + data


def number(given: int) -> bytes:
    """An int8 as a field."""
    return _EIGHT + given.to_bytes(8, "big", signed=True)


def middling(given: int) -> bytes:
    """An int4 as a field; a date is one: days from 2000-01-01."""
    return pack(">ii", 4, given)


def small(given: int) -> bytes:
    """An int2 as a field."""
    return pack(">ih", 2, given)


def time(given: datetime) -> bytes:
    """A timestamptz as a field: microseconds from the year 2000, UTC."""
    return number((given - _TIME_ZERO) // _MICROSECOND)


def array(fields: Collection[bytes]) -> bytes:
    """An array of texts, given its elements as fields; to be sent as bytea."""
    if not fields:
        return _EMPTY
    count = len(fields)
    return (_ARRAYS[count] if count < 16 else _begun(count)) + b"".join(fields)


def _begun(count: int) -> bytes:
    """What an array of so many texts begins with: one dimension, no nulls, numbered from one."""
    return pack(">iiiii", 1, 0, _TEXT, count, 1)


_ARRAYS: Final = [_begun(count) for count in range(16)]
