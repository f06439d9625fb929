"""Rows of the database as objects, by the names of their columns and never by their order.

For psycopg its own `psycopg.rows.class_row(Kind)` is the same, given as a cursor's row_factory.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class NamedRow(Protocol):
    """A row that gives its columns by name: asyncpg's Record, psycopg's dict_row."""

    def keys(self) -> Iterable[str]: ...

    def __getitem__(self, name: str, /) -> Any: ...


def as_object(kind: type[T], row: NamedRow) -> T:
    """The row as an object of that dataclass or named tuple: every column is the argument of its name.

    Raises TypeError where the statement gives a column that the class lacks, or lacks one without a default.
    """
    return kind(**row)


def as_objects(kind: type[T], rows: Iterable[NamedRow]) -> list[T]:
    """The rows as objects of that class, in their order. Raises TypeError as `as_object` does."""
    return [kind(**row) for row in rows]
