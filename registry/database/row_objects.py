"""Rows of the database as objects, by the names of their columns and never by their order.

For psycopg its own `psycopg.rows.class_row(Kind)` is the same, given as a cursor's row_factory; `in_order(Kind)` where
many rows are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from inspect import signature
from typing import Any, Protocol, TypeVar

import psycopg

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


def as_part(kind: type[T], row: NamedRow) -> T:
    """The columns of the row that the class has fields for, as an object of it; the row may have others beside.

    Raises KeyError where the statement lacks one of its columns.
    """
    return kind(**{name: row[name] for name in _fields(kind)})


@cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    return tuple(signature(kind).parameters)


def as_objects(kind: type[T], rows: Iterable[NamedRow]) -> list[T]:
    """The rows as objects of that class, in their order. Raises TypeError as `as_object` does."""
    return [kind(**row) for row in rows]


def in_order(kind: type[T]) -> Callable[[psycopg.Cursor[Any]], Callable[[Sequence[Any]], T]]:
    """A row_factory like `class_row` for a named tuple or dataclass whose fields have the order of the columns.

    It compares the names once for each statement instead of passing them with each row. Raises TypeError where a
    column has another name than the field in its place.
    """
    fields: tuple[str, ...] = getattr(kind, "__match_args__")  # noqa: B009  of every dataclass and named tuple
    names = [name.encode() for name in fields]

    def factory(cursor: psycopg.Cursor[Any]) -> Callable[[Sequence[Any]], T]:
        result = cursor.pgresult  # its names cost a tenth of `cursor.description`
        columns = [result.fname(column) for column in range(result.nfields)] if result is not None else []
        if columns and columns != names:
            raise TypeError(f"{kind.__name__} has the fields {names}, the statement gives {columns}.")
        return lambda values: kind(*values)

    return factory
