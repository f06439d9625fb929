"""Most rows of a table, however large, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, LiteralString

import psycopg

from registry.fast.packed_texts import SEPARATOR, Coded, Coding, Texts
from registry.snapshot.column_reader import As, Columns, assembled, select_from, streamed

# Rows of so many of a table's blocks, 8 MB, go into one value (which PostgreSQL limits to 1 GB): of larger pieces both
# sides take more memory, and the database more time.
BLOCKS: Final = 1024
# From so many blocks on codes are packed; the lists of a smaller table take 10 MB.
LARGE: Final = 1024


def read_table(
    connection: psycopg.Connection[Any],
    table: LiteralString,
    columns: Mapping[str, tuple[LiteralString, As]],
    where: LiteralString,
    arguments: Mapping[str, object],
) -> Columns:
    """The rows of a table of the database, as `column_reader.read_columns` gives them.

    Its blocks are read piece by piece, some at the same time; a piece is taken apart while the next is read. Of a large
    table codes are no lists: they come packed, as Coded and Texts.
    """
    size = "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int"
    row = connection.execute(size, (table,)).fetchone()
    blocks = 0 if row is None else int(row[0])
    select = select_from(table, columns, where)
    # Beyond the last cut to wherever the table ends by then: it is all one statement, and so one moment.
    statement = " UNION ALL ".join(f"{select} AND {piece}" for piece in _pieces(blocks))
    kept = {name: _column(wanted, packed=blocks >= LARGE) for name, (_, wanted) in columns.items()}
    for piece in streamed(connection, statement, arguments):
        if piece[0] is not None:  # of no rows every aggregate is null
            for column, value in zip(kept.values(), piece, strict=True):
                column.add(value)
    return {name: column.whole() for name, column in kept.items()}


class _Column:
    """A column as it comes: the pieces as they are, put together in the end."""

    def __init__(self, wanted: As) -> None:
        self._wanted: As = wanted
        self._pieces: list[Any] = []

    def add(self, value: Any) -> None:
        """Take the next piece, as the database gives it."""
        self._pieces.append(value)

    def whole(self) -> Any:
        """The column, of which nothing is kept here any more."""
        pieces, self._pieces = self._pieces, []
        return assembled(self._wanted, pieces)


class _CodedColumn(_Column):
    """Codes of which few differ, numbered as they come."""

    def __init__(self) -> None:
        super().__init__("id")
        self._coding = Coding()

    def add(self, value: str) -> None:
        """Take the next piece."""
        self._coding.add(value.split(SEPARATOR))

    def whole(self) -> Coded:
        """The column."""
        return self._coding.texts()


class _TextColumn(_Column):
    """Codes of which nearly each is another, one after another."""

    def __init__(self) -> None:
        super().__init__("ref")

    def add(self, value: str) -> None:
        """Take the next piece."""
        super().add(f"{value}{SEPARATOR}".encode())

    def whole(self) -> Texts:
        """The column."""
        pieces, self._pieces = self._pieces, []
        return Texts(b"".join(pieces))


def _column(wanted: As, *, packed: bool) -> _Column:
    if packed and wanted == "id":
        return _CodedColumn()
    return _TextColumn() if packed and wanted == "ref" else _Column(wanted)


def _pieces(blocks: int) -> list[str]:
    """SQL: conditions on where a row is, of which each takes so many blocks, the last all that comes after."""
    cuts = range(BLOCKS, blocks, BLOCKS)
    ends = [*(f" AND ctid < '({end},0)'" for end in cuts), ""]
    return [f"ctid >= '({start},0)'{until}" for start, until in zip([0, *cuts], ends, strict=True)]
