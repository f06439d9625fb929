"""What a decision changed can be said of every read table, with a word for every column that a reader is told of."""

from __future__ import annotations

import pytest

from registry.projections.tables import TABLES, Table
from registry.queries.history import effects, sentences

# Said by the sentence's days, or for the program alone.
UNSAID = {"position", "province", "valid_from", "valid_to"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_read_table_and_its_columns_have_words(table: Table) -> None:
    assert table.name in sentences.THINGS
    assert table.name in effects.TABLES
    columns = {column.name for column in table.columns}
    assert columns - UNSAID - effects.KEYS[table.name] - sentences.FIELDS.keys() == set()


def test_the_words_are_of_tables_and_columns_that_there_are() -> None:
    columns = {column.name for table in TABLES for column in table.columns}
    assert sentences.THINGS.keys() == {table.name for table in TABLES}
    assert sentences.FIELDS.keys() - columns == set()
    assert (sentences.CODED | sentences.UNITS | sentences.MATTERS) - columns == set()
