"""Rows in COPY's binary format, written by hand.

The plain form is `psycopg.Copy.set_types` and `write_row`; a property test holds that both fill a table alike. How much
faster it is: docs/adr/0002-own-copy.md. The format: PostgreSQL's documentation of COPY, "Binary Format", and of the
types their `…send` functions.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import repeat
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


class Fields(Protocol):
    """Values of one type as fields of a row: each its length, then its bytes."""

    def of(self, values: Iterable[Any]) -> list[bytes]:
        """The values' fields, in their order."""
        ...


class Recurring(dict[Any, bytes]):
    """Values that come again and again, each encoded once as long as it is kept. Threads may share it."""

    def __init__(self, encode: Callable[[Any], bytes]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, value: Any) -> bytes:
        if len(self) > MOST_KEPT:
            self.clear()
        field = self[value] = NULL if value is None else self._encode(value)
        return field

    def of(self, values: Iterable[Any]) -> list[bytes]:
        return [*map(self.__getitem__, values)]


_LENGTHS: Final = Recurring(lambda length: pack(">i", length))


class Int8:
    """Positions, of which each comes once."""

    def of(self, values: Iterable[int | None]) -> list[bytes]:
        return [NULL if value is None else _EIGHT + value.to_bytes(8, "big", signed=True) for value in values]


class Octets:
    """Data, of which each comes once."""

    def of(self, values: Iterable[bytes | None]) -> list[bytes]:
        return [NULL if value is None else _LENGTHS[len(value)] + value for value in values]


class Texts:
    """Arrays of texts: the elements come again and again, the arrays do not."""

    def __init__(self, texts: Recurring) -> None:
        self._texts = texts

    def of(self, values: Iterable[Collection[str] | None]) -> list[bytes]:
        return [*map(self._field, values)]

    def _field(self, value: Collection[str] | None) -> bytes:
        if not value:
            return NULL if value is None else _EMPTY_ARRAY
        data = b"".join(map(self._texts.__getitem__, value))
        return pack(">iiiiii", 20 + len(data), 1, 0, _TEXT, len(value), 1) + data  # one dimension, no nulls, from 1


class Encoder:
    """Encodes rows of columns of these types.

    Dates are datetime.date, where date.min and date.max are PostgreSQL's infinities; jsonb is its text.
    """

    def __init__(self, types: Sequence[SqlType]) -> None:
        self._types = [_FIELDS[each] for each in types]
        self._count = len(types).to_bytes(2, "big")

    def encode(self, count: int, columns: Sequence[Iterable[Any]]) -> bytes:
        """So many rows, given column by column, as one COPY takes them, header and trailer included."""
        # Column by column: the bytes of one type's values are looked up together, which keeps them near.
        fields = [each.of(column) for each, column in zip(self._types, columns, strict=True)]
        rows = map(b"".join, zip(repeat(self._count, count), *fields, strict=True))
        return b"".join((HEADER, *rows, TRAILER))

    def encode_grouped(self, groups: Iterable[Collection[str]], numbers: Iterable[int]) -> bytes:
        """Rows of a text and an int8: for each group one row of each of its texts with the group's number."""
        texts, int8 = self._types
        count = self._count
        rows = (
            count + (number + count).join(texts.of(group)) + number
            for group, number in zip(groups, int8.of(numbers), strict=True)
            if group
        )
        return b"".join((HEADER, *rows, TRAILER))


def _text(value: str) -> bytes:
    data = value.encode()
    return _LENGTHS[len(data)] + data


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
