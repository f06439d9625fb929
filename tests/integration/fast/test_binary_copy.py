"""COPY's binary format by hand fills a table as the driver does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, get_args

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.types.json import Jsonb

from registry.fast import binary_copy
from registry.fast.binary_copy import Encoder, SqlType

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
VALUES: dict[SqlType, st.SearchStrategy[Any]] = {
    "text": TEXTS | st.text("长a", min_size=160, max_size=600),
    "text[]": st.lists(TEXTS, max_size=20),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "date": st.dates() | st.sampled_from([date.min, date.max, date(2000, 1, 1)]),
    "timestamptz": st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC)),
    "bytea": st.binary(max_size=600),
    "jsonb": st.sampled_from(["{}", '[{"level": "county", "function": "水务"}]', "null", '"a"']),
}
TYPES = tuple(VALUES)
ROW = st.tuples(*(st.none() | values for values in VALUES.values()))


def test_every_type_is_compared() -> None:
    assert set(TYPES) == set(get_args(SqlType))


@pytest.fixture
def filled(connection: psycopg.Connection) -> psycopg.Connection:
    """A connection with two empty tables of all types, `plain` and `fast`."""
    columns = ", ".join(f"c{number} {each}" for number, each in enumerate(TYPES))
    for table in ("plain", "fast"):
        connection.execute(f"CREATE TABLE public.{table} ({columns})".encode())
    return connection


def copied(connection: psycopg.Connection, rows: list[tuple[Any, ...]]) -> tuple[list[Any], list[Any]]:
    """The rows of both tables, filled by the driver and by hand."""
    with connection.transaction(force_rollback=True), connection.cursor() as cursor:
        with cursor.copy("COPY public.plain FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(TYPES)
            for row in rows:
                jsonb = None if row[-1] is None else Jsonb(row[-1], dumps=str)
                copy.write_row((*row[:-1], jsonb))
        with cursor.copy("COPY public.fast FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(Encoder(TYPES).encode(len(rows), [*zip(*rows, strict=True)]))
        tables = [
            cursor.execute(
                sql.SQL("SELECT t::text FROM public.{} t ORDER BY ctid").format(sql.Identifier(table))
            ).fetchall()
            for table in ("plain", "fast")
        ]
    return tables[0], tables[1]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=6))
def test_it_equals_the_drivers(filled: psycopg.Connection, rows: list[tuple[Any, ...]]) -> None:
    plain, fast = copied(filled, rows)
    assert len(fast) == len(rows)
    assert fast == plain


def test_more_different_values_than_are_kept(filled: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binary_copy, "MOST_KEPT", 3)
    day = date(2024, 2, 29)
    rows = [
        (str(n % 7), [str(n), "x"], n, n, n, True, day.replace(year=2024 + 4 * (n % 3)), None, b"", None)
        for n in range(50)
    ]
    plain, fast = copied(filled, rows)
    assert fast == plain


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Encoder(("text", "int8")).encode(2, [["a", "b"], [1]])


@given(groups=st.lists(st.tuples(st.lists(TEXTS, unique=True, max_size=4), VALUES["int8"]), max_size=6))
def test_groups_are_their_rows_one_by_one(groups: list[tuple[list[str], int]]) -> None:
    encoder = Encoder(("text", "int8"))
    rows = [(text, number) for texts, number in groups for text in texts]
    columns = [*zip(*rows, strict=True)] or [(), ()]
    texts, numbers = [text for text, _ in groups], [number for _, number in groups]
    assert encoder.encode_grouped(texts, numbers) == encoder.encode(len(rows), columns)
