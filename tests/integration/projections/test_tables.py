"""The read tables as they are declared, and as the migrations make them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from registry.database.schema import create_read_tables
from registry.projections.tables import TABLE_OF, TABLES, Table
from registry.projections.tables.table import KNOWN

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = %s::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
# As format_type names the types of the declarations.
SPELLED = {
    "text": "text",
    "text[]": "text[]",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "date": "date",
    "jsonb": "jsonb",
}


@pytest.mark.parametrize("schema", ["live", "replay_1"])
def test_the_migrations_make_what_is_declared(connection: psycopg.Connection, schema: str) -> None:
    if schema != "live":
        create_read_tables(connection, schema)
    made: dict[str, set[tuple[Any, ...]]] = {}
    for table, *column in connection.execute(COLUMNS, (schema,)).fetchall():
        made.setdefault(table, set()).add(tuple(column))
    declared = {
        table.name: {(column.name, SPELLED[column.type], column.nullable) for column in (*table.columns, *KNOWN)}
        for table in TABLES
    }
    assert declared == made


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_declaration_names_its_own_columns(table: Table) -> None:
    columns = [column.name for column in table.columns]
    assert list(table.row._fields) == columns
    assert {*table.identity, *table.key} <= {*columns}
    assert not any(column.nullable for column in table.columns if column.name in (*table.identity, *table.key))
    assert TABLE_OF[table.row] is table
