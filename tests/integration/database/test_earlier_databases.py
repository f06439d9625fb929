"""A database that each released version filled, migrated with its rows: the same export, tables, proofs and findings.

`tests/data/database_of_VERSION.json.gz` has every row that the version wrote for a journal with each type of decision
that it knew, as text of COPY; how many migrations it had; its export; and the key that its checkpoints are signed with.
0.1.0 is commit aaf75d0, 0.2.0 commit 5433768. A release adds its own (tests/support/database_of_release.py).
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from registry import database
from registry.database import schema
from registry.domain.decisions import TYPES
from registry.exchange.journal import export_journal
from registry.impact import finding_feed
from registry.log import checkpoints
from registry.log.checkpoints import issue
from registry.log.events import UPCASTS
from registry.log.notes import Checkpoint, Signer, Verifier
from registry.log.verifying import verify
from registry.recording.unit_of_work import record
from registry.replay import replay, switch
from registry.replay.tags import differing_tags
from tests.support.paths import DATA, ROOT
from tests.support.registry_under_test import Registry
from tests.support.worlds import COUNTY, unit

VERSIONS = ("0.1.0", "0.2.0")


def of_version(version: str) -> dict[str, Any]:
    """What that version wrote."""
    return json.loads(gzip.decompress((DATA / f"database_of_{version}.json.gz").read_bytes()))


@pytest.fixture(scope="module", params=VERSIONS)
def written(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What an earlier version wrote."""
    return of_version(request.param)


@pytest.fixture
def migrated_with_rows(empty_database: str, written: dict[str, Any]) -> Iterator[psycopg.Connection]:
    """That database, opened by this program."""
    with psycopg.connect(empty_database) as earlier:
        migrations = written.get("migrations", 8)
        assert schema.migrate(earlier, schema.migrations()[:migrations]) == migrations
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
    ref = "FIRE" if '"FIRE"' in written["export"] else "M-1"
    ended = {"type": "DelegationEnded", "at": "2024-01-01", "ref": ref, "reason": "completed"}
    assert record(migrated_with_rows, [first, ended]).positions == [1, size + 1]
    assert replay(migrated_with_rows).differences == []
    progress = finding_feed.bring_up_to_date(migrated_with_rows)
    assert progress is not None
    assert progress.position == size + 1


def test_every_released_version_has_its_database() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## \[(\d[\d.]*)\]", changelog, re.MULTILINE)) <= set(VERSIONS)


def stored_types(version: str) -> set[tuple[str, int]]:
    """The types and schema versions of the decisions that a version stored."""
    content = of_version(version)["tables"]["log.decision"]
    columns = content["columns"]
    rows = [dict(zip(columns, row.split("\t"), strict=True)) for row in content["rows"].splitlines()]
    return {(row["type"], int(row["version"])) for row in rows}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_type_that_was_ever_stored_is_still_read(version: str) -> None:
    """A type keeps its name for good; where its shape has changed, every step from the stored one is there."""
    for name, stored in sorted(stored_types(version)):
        assert stored <= TYPES[name].VERSION
        for old in range(stored, TYPES[name].VERSION):
            assert (name, old) in UPCASTS, f"no step from version {old} of {name}"


def test_a_decision_of_an_earlier_shape_is_read_in_todays(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the names of units had been called `title` when these were recorded."""
    record(connection, COUNTY)
    before, checkpoint = exported(connection), issue(connection, Signer.generate("quanze"))
    with connection.transaction():
        rows = connection.execute("SELECT position, data FROM log.decision WHERE type = 'UnitRegistered'").fetchall()
    monkeypatch.setattr(TYPES["UnitRegistered"], "VERSION", 2)
    monkeypatch.setitem(UPCASTS, ("UnitRegistered", 1), lambda old: old | {"name": old["name"].replace("单位", "机关")})
    assert rows
    assert exported(connection) == before.replace('"name":"单位'.encode(), '"name":"机关'.encode())
    assert {difference.table for difference in replay(connection).differences} == {"unit"}  # as read today
    assert switch(connection).decisions == len(COUNTY)
    assert connection.execute("SELECT name FROM unit WHERE code = 'town'").fetchone() == ("机关town",)
    record(connection, [unit("town3", "township", "government", "420684")])
    assert connection.execute("SELECT version FROM log.decision ORDER BY position DESC LIMIT 1").fetchone() == (2,)
    assert replay(connection).differences == []
    # What was stored is not touched: the proof holds.
    verified = verify(connection, [Checkpoint.parse(checkpoint.rpartition("\n\n")[0] + "\n")])
    assert verified.differs is None
