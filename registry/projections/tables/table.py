"""Read tables as typed columns: a table is declared once, by a named tuple of its row.

The migrations make the tables; a test holds that they make what is declared here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import NoneType
from typing import Annotated, Any, Final, LiteralString, get_args, get_type_hints

from registry.database.copying import SqlType

Integer = Annotated[int, "int4"]
Json = Annotated[str, "jsonb"]  # the value's text

# The SQL type of a field's Python type; another one is its annotation.
SQL_TYPES: Final[dict[Any, SqlType]] = {
    str: "text",
    int: "int8",
    bool: "bool",
    date: "date",
    tuple[str, ...]: "text[]",
    Integer: "int4",
    Json: "jsonb",
}
STILL_KNOWN: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a read table."""

    name: LiteralString
    type: SqlType
    nullable: bool


# Of every read table: the positions from which and up to which the log knew a row. The writer sets them.
KNOWN: Final = (Column("known_from", "int8", nullable=False), Column("known_to", "int8", nullable=False))


@dataclass(frozen=True, slots=True)
class Table:
    """A read table.

    `columns`: all but the two of KNOWN. `identity`: the columns by which the rows that are still known differ.
    `aggregate`: the prefix of the keys of the aggregates whose rows it has; `key`: the columns that, joined by `#`,
    are the rest of the key.
    """

    name: LiteralString
    row: type[Any]
    columns: tuple[Column, ...]
    identity: tuple[LiteralString, ...]
    aggregate: LiteralString
    key: tuple[LiteralString, ...]


def table(
    name: LiteralString, row: type[Any], *, identity: LiteralString, aggregate: LiteralString, key: LiteralString
) -> Table:
    """Declare a table by the named tuple of its rows; `identity` and `key` are names of columns between spaces."""
    columns = tuple(_column(field, hint) for field, hint in get_type_hints(row, include_extras=True).items())
    return Table(name, row, columns, tuple(identity.split()), aggregate, tuple(key.split()))


def _column(name: Any, hint: Any) -> Column:
    """The column of a field: nullable where its type has None among its alternatives."""
    if hint in SQL_TYPES:
        return Column(name, SQL_TYPES[hint], nullable=False)
    (kind,) = (each for each in get_args(hint) if each is not NoneType)
    return Column(name, SQL_TYPES[kind], nullable=True)
