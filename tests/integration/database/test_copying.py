"""What is copied into a table stands there as it was given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.database.copying import SqlType, copy_rows

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
VALUES: dict[SqlType, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.text("长a", min_size=160, max_size=600),
    "text[]": st.lists(TEXTS, max_size=20).map(tuple),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "date": st.dates() | st.sampled_from([date.min, date.max, date(2000, 1, 1)]),
    "timestamptz": st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),
    "bytea": st.binary(max_size=600),
    "jsonb": st.sampled_from(["{}", '[{"level": "county", "function": "水务"}]', "null", '"a"', "[1, 2.5]"]),
}
TYPES = tuple(VALUES)
COPY = "COPY public.copied (c0, c1, c2, c3, c4, c5, c6, c7, c8, c9) FROM STDIN (FORMAT BINARY)"
READ = "SELECT c0, c1, c2, c3, c4, c5, c6, c7, c8, c9::text FROM public.copied ORDER BY number"
ROW = st.tuples(*(st.none() | values for values in VALUES.values()))


def test_every_type_is_tried() -> None:
    assert set(TYPES) == set(get_args(SqlType))


@pytest.fixture
def table(connection: psycopg.Connection) -> psycopg.Connection:
    """A connection with an empty table of all types."""
    columns = ", ".join(f"c{number} {each}" for number, each in enumerate(TYPES))
    connection.execute(f"CREATE TABLE public.copied (number int GENERATED ALWAYS AS IDENTITY, {columns})".encode())
    return connection


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_rows_come_back_as_they_went(table: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    with table.transaction(force_rollback=True), table.cursor(binary=True) as cursor:
        copy_rows(cursor, COPY, TYPES, rows)
        written = cursor.execute(READ).fetchall()
    assert [as_given(row) for row in written] == [(*row[:-1], parsed(row[-1])) for row in rows]


def as_given(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as it was given: arrays as tuples, JSON read."""
    text, texts, *others, json = row
    return (text, None if texts is None else tuple(texts), *others, parsed(json))


def parsed(text: str | None) -> Any:
    """What JSON says, apart from no JSON at all."""
    return None if text is None else ("json", orjson.loads(text))
