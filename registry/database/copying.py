"""Rows written by COPY, in the driver's binary format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, LiteralString

import psycopg
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.array import ListBinaryDumper

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
