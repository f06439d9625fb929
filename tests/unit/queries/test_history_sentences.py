"""What a decision changed can be said of every read table, with a word for every column that a reader is told of."""

from __future__ import annotations

import pytest

from registry.projections.tables import TABLES, Table
from registry.queries.history import effects, headlines, sentences


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_the_key_has_words_or_is_left_out_for_a_reason(table: Table) -> None:
    unreported = {column.name for column in table.columns} - {*effects.ATTRIBUTES[table.name], *table.key}
    of_delegations = {"began", "until", "ended", "end_reason"} if table.name == "delegation" else set[str]()
    assert unreported <= {"position", "province", "valid_from", "valid_to", "kind"} | of_delegations


def test_the_words_are_of_tables_and_columns_that_there_are() -> None:
    columns = {column.name for table in TABLES for column in table.columns}
    assert sentences.NOUNS.keys() == {table.name for table in TABLES}
    assert sentences.LABELS.keys() - columns == set()
    fields = headlines.OTHER_FIELDS.keys()  # of decisions, that no table has
    assert (sentences.CODED | sentences.UNITS | sentences.MATTERS) - columns - fields == set()
