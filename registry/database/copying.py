"""Rows written by COPY, in the driver's binary format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import call
from struct import Struct, pack
from typing import Any, Final, Literal, LiteralString, cast

import psycopg
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.array import ListBinaryDumper

from registry.database import days

SqlType = Literal["text", "text[]", "int2", "int4", "int8", "bool", "date", "timestamptz", "bytea", "jsonb"]

_TEXT: Final = types["text"]


class _JsonText(Dumper):
    """JSON that is text already: the driver would make a JSON text of it."""

    format = Format.BINARY
    oid = types["jsonb"].oid

    def dump(self, obj: str) -> bytes:
        return b"\x01" + obj.encode()  # the format's version, then the text


class _Texts(ListBinaryDumper):
    """Texts in a tuple, which the driver takes for a composite value."""

    oid = _TEXT.array_oid
    element_oid = _TEXT.oid

    def dump(self, obj: Sequence[str]) -> Any:
        return super().dump([*obj])


def copy_rows(
    cursor: psycopg.Cursor,
    statement: LiteralString | sql.Composed,
    column_types: Sequence[SqlType],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Write rows by a statement `COPY … FROM STDIN (FORMAT BINARY)`, in the caller's transaction.

    Values are of the columns' types: texts of `text[]` in any sequence, `jsonb` as its text, dates as
    `registry.database.days` has them on the cursor's connection. Raises what the driver raises for other values.
    """
    for dumper in (_JsonText, _Texts):
        cursor.adapters.register_dumper(None, dumper)
    with cursor.copy(statement) as copy:
        copy.set_types(column_types)
        for row in rows:
            copy.write_row(row)


# ------------------------------------------------------------------------------------------------ packed beforehand

BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # the format's signature, no flags, no extension
END: Final = pack(">h", -1)
NULL: Final = pack(">i", -1)
KEPT: Final = 20_000  # values of a type whose bytes are kept for those to come


class _Packed(dict[Any, bytes]):
    """By value of one type, its field in the binary format: the length and the bytes. Made when first asked for."""

    def __init__(self, make: Callable[[Any], bytes]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> bytes:
        if value is None:
            field = NULL
        else:
            made = self._make(value)
            field = pack(">i", len(made)) + made
        self[value] = field
        return field

    def forget(self) -> None:
        """Keep no more than is of use."""
        if len(self) > KEPT:
            self.clear()


def _texts(values: Sequence[str]) -> bytes:
    if not values:
        return pack(">iii", 0, 0, _TEXT.oid)
    encoded = [value.encode() for value in values]
    dimensions = pack(">iiiii", 1, 0, _TEXT.oid, len(values), 1)
    return dimensions + b"".join([pack(">i", len(each)) + each for each in encoded])


_MAKERS: Final[dict[SqlType, Callable[[Any], bytes]]] = {
    "text": str.encode,
    "text[]": _texts,
    "int4": Struct(">i").pack,
    "int8": Struct(">q").pack,
    "bool": Struct(">?").pack,
    "date": days.packed,
    "jsonb": lambda text: b"\x01" + text.encode(),
}


# Positions are of one row each: nothing is gained by keeping them.
_POSITION: Final[Callable[[int], bytes]] = partial(Struct(">iq").pack, 8)


_CALL: Final[Callable[[Callable[[Any], bytes], Any], bytes]] = cast(Any, call)  # stated for any arguments


class Packer:
    """Makes rows of a table ready for COPY, without a connection: most values are those of a row before."""

    def __init__(self, columns: Sequence[tuple[SqlType, bool]]) -> None:
        """`columns`: the type of each, and whether it may be null.

        Of text, text[] (tuples), int4, int8, bool, date (infinite ones too) and jsonb (its text).
        """
        of_type = {kind: _Packed(_MAKERS[kind]) for kind, _ in columns}
        self._kept = [*of_type.values()]
        self._fields: list[Callable[[Any], bytes]] = [
            _POSITION if kind == "int8" and not nullable else of_type[kind].__getitem__ for kind, nullable in columns
        ]
        self._begin = pack(">h", len(self._fields))

    def packed(self, rows: Iterable[Sequence[Any]]) -> bytes:
        """The rows as they follow one another in the binary format. Raises struct.error for a number out of range."""
        begin, fields = self._begin, self._fields
        made = b"".join([begin + b"".join(map(_CALL, fields, row)) for row in rows])
        for each in self._kept:
            each.forget()
        return made


def copy_packed(cursor: psycopg.Cursor, statement: LiteralString | sql.Composed, packed: bytes) -> None:
    """Write packed rows by a statement `COPY … FROM STDIN (FORMAT BINARY)`, in the caller's transaction."""
    with cursor.copy(statement) as copy:
        copy.write(BEGIN)
        copy.write(packed)
        copy.write(END)
