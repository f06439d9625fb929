"""What an upgrade of the tables comes upon in databases that others have built on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from registry import database
from registry.database import schema
from registry.database.problems import NoDatabase
from registry.exchange.journal import export_journal
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_runner
from tests.support.live_server import live_server
from tests.support.waiting import blocked, wait_for
from tests.support.worlds import COUNTY, journal, unit

DEFINED = 'mutation { defineMatter(at: "2023-01-01", matter: "M", kind: DUTY, name: "x") { positions } }'
SIZE = "{ log { size } }"


def test_a_view_of_others_on_a_column_that_goes_is_named_and_nothing_is_changed(empty_database: str) -> None:
    number = next(one.number for one in schema.migrations() if one.name == "read_tables_without_province")
    with psycopg.connect(empty_database) as raw:
        schema.migrate(raw, schema.migrations()[: number - 1])
        raw.execute("CREATE VIEW public.of_ours AS SELECT province, count(*) FROM live.unit GROUP BY province")
        raw.commit()
        with pytest.raises(NoDatabase, match="of_ours") as refused:
            schema.migrate(raw)
        assert refused.value.code == "database-unavailable"
        assert schema.pending(raw) == len(schema.migrations()) - number + 1
        raw.execute("DROP VIEW public.of_ours")
        raw.commit()
        schema.migrate(raw)
        assert schema.pending(raw) == 0


class Killed(BaseException):
    """The process is no more."""


@pytest.mark.slow  # some two hundred kills
def test_killed_before_any_statement_of_any_migration_the_next_start_goes_on(
    empty_database: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, left = psycopg.Connection.execute, list[int]()

    def executing(self: psycopg.Connection, *given: Any, **more: Any) -> Any:
        if left:
            left[0] -= 1
            if left[0] < 0:
                self.close()  # whatever transaction is open, the server hears no more of it
                raise Killed
        return execute(self, *given, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", executing)
    kills = 0
    while True:
        with psycopg.connect(empty_database) as raw:
            before = schema.pending(raw)
        if before == 0:
            break
        for statements in range(1000):
            left[:] = [statements]
            try:
                with psycopg.connect(empty_database) as raw:
                    schema.migrate(raw, schema.migrations()[: len(schema.migrations()) - before + 1])
            except Killed:
                kills += 1
                left.clear()
                with psycopg.connect(empty_database) as raw:
                    assert schema.pending(raw) in (before, before - 1)
            else:
                left.clear()
                break
    assert kills > 5 * len(schema.migrations())
    assert columns(empty_database) == columns(database_url)
    with database.connect(empty_database) as connection:
        record(connection, COUNTY)
        assert b"".join(export_journal(connection)).count(b"\n") == len(COUNTY)


def columns(url: str) -> list[tuple[Any, ...]]:
    """Every column and index of a database."""
    with psycopg.connect(url) as connection:
        return [
            *connection.execute(
                "SELECT table_schema, table_name, column_name, data_type, is_nullable FROM information_schema.columns"
                " WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3"
            ).fetchall(),
            *connection.execute("SELECT indexdef FROM pg_indexes WHERE schemaname !~ '^pg_' ORDER BY 1").fetchall(),
        ]


def test_a_program_that_began_before_an_upgrade_records_nothing_after_it(database_url: str, tmp_path: Path) -> None:
    """It knows nothing of what is new, and would leave it without what it records."""
    with live_server(database_url) as address, database.connect(database_url) as connection:
        record(connection, COUNTY)
        assert ask(address, SIZE)["data"]["log"]["size"] == len(COUNTY)
        migrated(connection)
        refused = ask(address, DEFINED)
        assert [error["extensions"]["code"] for error in refused["errors"]] == ["database-not-ready"]
        assert httpx.get(f"{address}/ready").status_code == 503
        with pytest.raises(NoDatabase) as newer:
            record(connection, [unit("new", "village", "village", "town")])
        assert newer.value.code == "database-newer"
        file = tmp_path / "journal.jsonl"
        file.write_bytes(journal([unit("new", "village", "village", "town")]))
        done = cli_runner(database_url)("import", file)
        assert (done.returncode, done.stderr[:15]) == (1, b"database-newer:")
        assert connection.execute("SELECT max(position) FROM log.decision").fetchone() == (len(COUNTY),)


def test_what_is_being_recorded_is_recorded_before_an_upgrade_or_not_at_all(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_more.sql").write_text("CREATE TABLE public.more ()")
    (more,) = schema.migrations_in(tmp_path)
    more = schema.Migration(len(schema.migrations()) + 1, more.name, more.text)
    with database.connect(database_url) as recording, database.connect(database_url) as other:
        record(recording, COUNTY)
        with ThreadPoolExecutor(1) as beside, psycopg.connect(database_url) as upgrading:
            with recording.transaction():
                record(recording, [unit("new", "village", "village", "town")])
                done = beside.submit(schema.migrate, upgrading, (*schema.migrations(), more))
                wait_for(lambda: blocked(other) > 0)
            assert done.result() == 1
        with pytest.raises(NoDatabase):
            record(other, [unit("newer", "village", "village", "town")])
        assert other.execute("SELECT max(position) FROM log.decision").fetchone() == (len(COUNTY) + 1,)


def ask(address: str, query: str) -> Any:
    return httpx.post(f"{address}/graphql", json={"query": query}, timeout=60).json()


def migrated(connection: psycopg.Connection) -> None:
    """Say that a newer program has migrated the database."""
    number = len(schema.migrations()) + 1
    connection.execute("INSERT INTO quanze.migration (number, name, checksum) VALUES (%s, 'more', 'x')", (number,))
