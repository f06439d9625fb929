"""Dates with PostgreSQL's infinities, which Python's lack: date.max and date.min stand for them, as in asyncpg."""

from __future__ import annotations

from datetime import date
from struct import pack, unpack
from typing import Any, Final

from psycopg.abc import AdaptContext
from psycopg.types.datetime import DateBinaryDumper, DateBinaryLoader, DateDumper, DateLoader

_LAST, _FIRST = 2**31 - 1, -(2**31)  # as PostgreSQL sends infinity and -infinity
_EPOCH: Final = date(2000, 1, 1).toordinal()
_TEXTS: Final = {date.max: b"infinity", date.min: b"-infinity"}
_NUMBERS: Final = {date.max: pack(">i", _LAST), date.min: pack(">i", _FIRST)}
_DATES: Final = {_LAST: date.max, _FIRST: date.min}


class _Dumper(DateDumper):
    def dump(self, obj: date) -> Any:
        return _TEXTS.get(obj) or super().dump(obj)


class _BinaryDumper(DateBinaryDumper):
    def dump(self, obj: date) -> Any:
        return _NUMBERS.get(obj) or super().dump(obj)


class _Loader(DateLoader):
    def load(self, data: Any) -> date:
        text = bytes(data)
        return next((day for day, name in _TEXTS.items() if name == text), None) or super().load(data)


class _BinaryLoader(DateBinaryLoader):
    def load(self, data: Any) -> date:
        return _DATES.get(unpack(">i", data)[0]) or super().load(data)


def packed(day: date) -> bytes:
    """The day as PostgreSQL's binary format has it."""
    return _NUMBERS.get(day) or pack(">i", day.toordinal() - _EPOCH)


def register(context: AdaptContext) -> None:
    """Let this connection or cursor take and give infinite dates."""
    adapters = context.adapters
    assert adapters is not None
    adapters.register_dumper(date, _Dumper)
    adapters.register_dumper(date, _BinaryDumper)
    adapters.register_loader("date", _Loader)
    adapters.register_loader("date", _BinaryLoader)
