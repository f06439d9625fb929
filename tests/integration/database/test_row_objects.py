"""Rows become objects by the names of their columns, whatever their order in the statement."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import psycopg
import pytest
from psycopg.rows import class_row

from registry import database
from registry.database.row_objects import as_object, as_objects, in_order


@dataclass(frozen=True, slots=True)
class Named:
    code: str
    name: str | None = None


def test_rows_of_the_pool_become_objects_by_name(database_url: str) -> None:
    async def read() -> list[Named]:
        async with await database.pool(database_url) as pool:
            rows = await pool.fetch("SELECT 'b' AS name, 'a' AS code UNION ALL SELECT NULL, 'c'")
            assert as_object(Named, rows[1]) == Named("c")
            return as_objects(Named, rows)

    assert asyncio.run(read()) == [Named("a", "b"), Named("c")]


def test_a_column_that_the_class_lacks_is_an_error(database_url: str) -> None:
    async def read() -> None:
        async with await database.pool(database_url) as pool:
            as_objects(Named, await pool.fetch("SELECT 'a' AS code, 1 AS other"))

    with pytest.raises(TypeError, match="other"):
        asyncio.run(read())


def test_the_drivers_own_factory_does_the_same_when_writing(connection: psycopg.Connection) -> None:
    with connection.cursor(row_factory=class_row(Named)) as cursor:
        assert cursor.execute("SELECT 'b' AS name, 'a' AS code").fetchone() == Named("a", "b")


def test_rows_in_the_order_of_the_fields_are_objects_and_others_an_error(connection: psycopg.Connection) -> None:
    with connection.cursor(row_factory=in_order(Named)) as cursor:
        assert cursor.execute("SELECT 'a' AS code, 'b' AS name").fetchone() == Named("a", "b")
        with pytest.raises(TypeError, match="code"):
            cursor.execute("SELECT 'b' AS name, 'a' AS code").fetchone()
