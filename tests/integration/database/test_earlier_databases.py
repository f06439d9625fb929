"""A database that version 0.1.0 filled, migrated with its rows in it: the same export, tables, proofs and findings.

`tests/data/database_at_migration_8.json.gz` has every row that commit aaf75d0 wrote for a journal with each type of
decision, by migrations 1 to 8, as text of COPY; its export; and the key that its checkpoints are signed with.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from registry import database
from registry.database import schema
from registry.exchange.journal import export_journal
from registry.impact import finding_feed
from registry.log import checkpoints
from registry.log.notes import Verifier
from registry.log.verifying import verify
from registry.recording.unit_of_work import record
from registry.replay import replay, switch
from registry.replay.tags import differing_tags
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

MIGRATIONS = 8


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    """What the earlier version wrote."""
    return json.loads(gzip.decompress((DATA / "database_at_migration_8.json.gz").read_bytes()))


@pytest.fixture
def migrated_with_rows(empty_database: str, written: dict[str, Any]) -> Iterator[psycopg.Connection]:
    """That database, opened by this program."""
    with psycopg.connect(empty_database) as earlier:
        assert schema.migrate(earlier, schema.migrations()[:MIGRATIONS]) == MIGRATIONS
        for table, content in written["tables"].items():
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, content["columns"]))
            )
            with earlier.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(content["rows"])
    with database.connect(empty_database) as opened:
        yield opened


def exported(connection: psycopg.Connection) -> bytes:
    return b"".join(export_journal(connection))


def tags(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    """The tags of every decision, as they are found by and as they are kept with it."""
    by_tag = connection.execute("SELECT position, tag FROM log.tag ORDER BY position, tag").fetchall()
    kept = connection.execute(
        "SELECT position, unnest(tags) AS tag FROM log.decision ORDER BY position, tag"
    ).fetchall()
    assert by_tag == kept
    return by_tag


def test_its_decisions_are_found_by_the_tags_that_they_would_get_today(
    migrated_with_rows: psycopg.Connection, registry: Registry, written: dict[str, Any]
) -> None:
    assert registry.import_lines(exported(migrated_with_rows).splitlines()) == []
    assert tags(migrated_with_rows) == tags(registry.connection)


def test_it_exports_the_same_bytes_and_its_read_tables_are_those_of_its_log(
    migrated_with_rows: psycopg.Connection, written: dict[str, Any]
) -> None:
    assert schema.migrate(migrated_with_rows) == 0
    assert exported(migrated_with_rows) == written["export"].encode()
    rebuilt = replay(migrated_with_rows)
    assert (rebuilt.decisions, rebuilt.differences) == (written["export"].count("\n"), [])
    assert switch(migrated_with_rows).differences == []
    assert exported(migrated_with_rows) == written["export"].encode()


def test_its_checkpoints_hold(migrated_with_rows: psycopg.Connection, written: dict[str, Any]) -> None:
    notes = checkpoints.kept(migrated_with_rows)
    assert len(notes) == 2
    signed = [checkpoints.read(note, Verifier.parse(written["verifier"])) for note in notes]
    verified = verify(migrated_with_rows, signed)
    assert differing_tags(migrated_with_rows) is None
    assert (verified.size, verified.differs) == (written["export"].count("\n"), None)


def test_it_is_recorded_into_and_its_feed_goes_on(
    migrated_with_rows: psycopg.Connection, written: dict[str, Any]
) -> None:
    size = written["export"].count("\n")
    first = json.loads(written["export"].partition("\n")[0])
    ended = {"type": "DelegationEnded", "at": "2024-01-01", "ref": "FIRE", "reason": "completed"}
    assert record(migrated_with_rows, [first, ended]).positions == [1, size + 1]
    assert replay(migrated_with_rows).differences == []
    progress = finding_feed.bring_up_to_date(migrated_with_rows)
    assert progress is not None
    assert progress.position == size + 1
