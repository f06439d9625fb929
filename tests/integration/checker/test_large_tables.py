"""A large table is packed as it is read, piece by piece: what is found in it is what is found in lists."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import database
from registry.checker import as_json
from registry.checker.check import check_snapshot
from registry.fast.packed_texts import Coded, Texts
from registry.recording.journal_import import import_journal
from registry.relations.two_times import NAMED, NEWEST
from registry.snapshot import large_tables, load
from registry.snapshot.load import TABLES
from tests.oracle import validity
from tests.oracle.fold import Line
from tests.support import journals
from tests.support.drawing import examples

DAY = date(2022, 1, 1)
# Of three delegations one names what it passes on, one is over, and they fill many blocks.
FILL = """
INSERT INTO delegation (ref, kind, matter, sender, recipient, role, mode, instrument, began, ended, brings, under,
    position, valid_from, valid_to, known_from, known_to)
SELECT 'R-' || n, CASE n % 2 WHEN 0 THEN 'duty' ELSE 'form' END, 'D-' || n % 7, 'Y' || n / 20, '镇' || n / 9,
    CASE n % 2 WHEN 0 THEN 'lead' END, CASE n % 2 WHEN 0 THEN 'assigned' END, '〔2020〕' || n % 5 || '号', '2020-01-01',
    CASE n % 3 WHEN 0 THEN date '2021-06-01' END, CASE n % 4 WHEN 0 THEN '{staff,funds}'::text[] ELSE '{}' END,
    CASE n % 3 WHEN 1 THEN 'R-' || n - 1 END, n, '2020-01-01',
    CASE n % 3 WHEN 0 THEN date '2021-06-01' ELSE 'infinity' END, 1, 9223372036854775807
FROM generate_series(1, 6000) n;
"""


@contextmanager
def every_table_is_large(blocks: int) -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_tables, "LARGE", 0)
        patch.setattr(large_tables, "BLOCKS", blocks)
        yield


def rows(columns: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    return sorted(zip(*(list(values) for values in columns.values()), strict=True))


@pytest.mark.parametrize("blocks", [20, 10_000])
def test_the_rows_of_a_large_table_are_those_of_a_small_one(connection: psycopg.Connection, blocks: int) -> None:
    connection.execute(FILL)
    day: dict[str, object] = {"day": DAY, "known": NEWEST}

    def read(where: Any) -> dict[str, Any]:
        return large_tables.read_table(connection, "delegation", TABLES["delegation"], where, day)

    plain = read(NAMED.at())
    with every_table_is_large(blocks):
        packed = read(NAMED.at())
        nothing = read("false")
    assert isinstance(plain["ref"], list)
    assert isinstance(packed["ref"], Texts)
    assert isinstance(packed["sender"], Coded)
    assert len(packed["sender"].names) == len(set(plain["sender"]))
    assert len(rows(packed)) == 4000
    assert rows(packed) == rows(plain)
    assert {name: len(values) for name, values in nothing.items()} == dict.fromkeys(plain, 0)


@settings(examples(10), suppress_health_check=list(HealthCheck))
@given(lines=journals.journals(size=80), day=st.sampled_from(journals.QUERY_DAYS), data=st.data())
def test_the_same_is_found_in_what_was_packed(
    new_database: Callable[[], str], lines: list[Line], day: str, data: st.DataObject
) -> None:
    recorded = validity.judge([journals.encoded(line) for line in lines]).recorded
    with database.connect(new_database()) as connection:
        import_journal(connection, [journals.encoded(line) for line in recorded])
        known = data.draw(st.integers(1, len(recorded)))
        on = date.fromisoformat(day)
        plain = [as_json(finding) for finding in check_snapshot(load(connection, on, known), waived=True)]
        with every_table_is_large(1):
            packed = load(connection, on, known)
        assert [as_json(finding) for finding in check_snapshot(packed, waived=True)] == plain
