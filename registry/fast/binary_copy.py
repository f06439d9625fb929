"""Rows in COPY's binary format, written by hand.

The plain form is `psycopg.Copy.set_types` and `write_row`; a property test holds that both fill a table alike. How much
faster it is: docs/adr/0002-own-copy.md. The format: PostgreSQL's documentation of COPY, "Binary Format", and of the
types their `…send` functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import getitem
from struct import pack
from typing import Any, Final, Literal, Protocol

SqlType = Literal["text", "text[]", "int2", "int4", "int8", "bool", "date", "timestamptz", "bytea", "jsonb"]

HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER: Final = b"\xff\xff"
NULL: Final = pack(">i", -1)
MOST_KEPT: Final = 50_000  # encoded values of one type

_TEXT: Final = 25  # the type of an array's elements, by its number in pg_type
_EMPTY_ARRAY: Final = pack(">iiii", 12, 0, 0, _TEXT)
_EIGHT: Final = pack(">i", 8)
_DAY_ZERO: Final = date(2000, 1, 1).toordinal()
_TIME_ZERO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_LENGTHS: Final = [pack(">i", length) for length in range(512)]


class Fields(Protocol):
    """The values of one type as fields of a row: each its length, then its bytes."""

    def __getitem__(self, value: Any, /) -> bytes: ...


class Recurring(dict[Any, bytes]):
    """Values that come again and again, each encoded once as long as it is kept. Threads may share it."""

    def __init__(self, encode: Callable[[Any], bytes]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, value: Any) -> bytes:
        if value is None:
            return NULL
        if len(self) > MOST_KEPT:
            self.clear()
        field = self[value] = self._encode(value)
        return field


class Int8:
    """Positions, of which each comes once."""

    def __getitem__(self, value: int | None) -> bytes:
        return NULL if value is None else _EIGHT + value.to_bytes(8, "big", signed=True)


class Octets:
    """Data, of which each comes once."""

    def __getitem__(self, value: bytes | None) -> bytes:
        if value is None:
            return NULL
        length = len(value)
        return (_LENGTHS[length] if length < 512 else pack(">i", length)) + value


class Texts:
    """Arrays of texts: the elements come again and again, the arrays do not."""

    def __init__(self, texts: Fields) -> None:
        self._texts = texts

    def __getitem__(self, value: Collection[str] | None) -> bytes:
        if not value:
            return NULL if value is None else _EMPTY_ARRAY
        data = b"".join(map(self._texts.__getitem__, value))
        return pack(">iiiiii", 20 + len(data), 1, 0, _TEXT, len(value), 1) + data  # one dimension, no nulls, from 1


class Encoder:
    """Encodes rows of columns of these types.

    Dates are datetime.date, where date.min and date.max are PostgreSQL's infinities; jsonb is its text.
    """

    def __init__(self, types: Sequence[SqlType]) -> None:
        self._fields = [_FIELDS[each] for each in types]
        self._count = len(types).to_bytes(2, "big")

    def encode(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """The rows as one COPY takes them, header and trailer included."""
        fields, count = self._fields, self._count
        parts = [HEADER]
        for row in rows:
            parts += (count, *map(getitem, fields, row))
        parts.append(TRAILER)
        return b"".join(parts)

    def encode_grouped(self, groups: Iterable[tuple[Collection[str], int]]) -> bytes:
        """Rows of a text and an int8: for each group one row of each of its texts with its number."""
        texts, numbers = self._fields
        count = self._count
        parts = [HEADER]
        for group, number in groups:
            if group:
                field = numbers[number]
                parts += (count, (field + count).join(map(texts.__getitem__, group)), field)
        parts.append(TRAILER)
        return b"".join(parts)


def _text(value: str) -> bytes:
    data = value.encode()
    length = len(data)
    return (_LENGTHS[length] if length < 512 else pack(">i", length)) + data


def _date(value: date) -> bytes:
    """Days from 2000-01-01."""
    days = 2**31 - 1 if value == date.max else -(2**31) if value == date.min else value.toordinal() - _DAY_ZERO
    return pack(">ii", 4, days)


_TEXTS: Final = Recurring(_text)
# One for all encoders: the same codes and days are in many tables.
_FIELDS: Final[dict[SqlType, Fields]] = {
    "text": _TEXTS,
    "text[]": Texts(_TEXTS),
    "int2": Recurring(lambda value: pack(">ih", 2, value)),
    "int4": Recurring(lambda value: pack(">ii", 4, value)),
    "int8": Int8(),
    "bool": Recurring(lambda value: pack(">i?", 1, value)),
    "date": Recurring(_date),
    "timestamptz": Recurring(lambda value: pack(">iq", 8, (value - _TIME_ZERO) // _MICROSECOND)),
    "bytea": Octets(),
    "jsonb": Recurring(lambda value: _text("\x01" + value)),  # the format's version, then the text
}
