"""Replay as a user runs it: tables put in place under a server at work, killed at every moment; states of then."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from registry import database
from registry.exchange.journal import export_journal
from registry.log import recorder, stored
from registry.projections.tables import TABLES
from registry.queries.holdings import holdings, powers
from registry.queries.units import units
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from registry.relations.two_times import AsOf
from registry.replay import Difference, Replayed, building, projecting, replay, state, switch, switching
from tests.support.cli_runner import Run, cli_runner
from tests.support.paths import DOCS
from tests.support.preloaded import start_preloaded
from tests.support.server_process import serving
from tests.support.waiting import wait_for, writing
from tests.support.worlds import COUNTY, Line, bulk, decision, duty, grant, journal, line

pytestmark = pytest.mark.slow  # read tables are built anew, some over and over

LATER: list[Line] = [
    duty("A"),
    grant("G"),
    duty("V", "2020-05-01", from_="town", to="village", under="A"),
    decision("ResourcesAllotted", "2020-06-01", ref="A", brings=["staff"]),
    decision("PowerVested", "2020-01-01", power="P-SAND", unit="town2", instrument="决定1号"),
    decision("CertificateDemanded", "2020-03-01", ref="C", matter="C-KIN", from_="market", to="village"),
    decision("BurdenReported", "2020-04-01", report="R", unit="town", text="太多了\n受不了", about="A"),
    decision("DelegationEnded", "2021-01-01", ref="A", reason="returned"),
    decision("UnitDissolved", "2022-01-01", unit="town", successor="town2"),
    decision("UnitDissolved", "2022-01-01", unit="village2"),
    decision("Corrected", "2022-02-01", ref="G", set_={"mode": "entrusted", "instrument": "通知1号"}),
    decision("InstrumentRepealed", "2022-03-01", instrument="决定1号"),
    decision("ListRepealed", "2022-03-01", list="BASIC"),
    decision("Annulled", "2022-02-01", ref="V"),
]
QUESTION = """
query ($unit: ID!) {
  unit(code: $unit) { name parent { code } responsibilities { nodes { subject matter { name } from { code } } } }
}
"""


@pytest.fixture
def run(database_url: str) -> Run:
    return cli_runner(database_url)


def schemas(connection: psycopg.Connection) -> list[str]:
    """The schemas of the database, but PostgreSQL's own."""
    names = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_|public)'"
    return sorted(name for (name,) in connection.execute(names))


PAUSE = 0.02  # seconds between two requests of a client, so that switches get on too
STANDING = ["access", "background", "drafts", "handed_in", "judged", "live", "log", "quanze", "review", "webhook"]


def shape(connection: psycopg.Connection) -> list[Any]:
    """The live tables' columns, indexes, persistence and whether the planner knows them."""
    columns = (
        "SELECT table_name, ordinal_position, column_name, data_type, is_nullable, collation_name"
        " FROM information_schema.columns WHERE table_schema = 'live' ORDER BY 1, 2"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'live' ORDER BY 1"
    kinds = "SELECT relname, relpersistence FROM pg_class WHERE relnamespace = 'live'::regnamespace ORDER BY 1"
    return [connection.execute(query).fetchall() for query in (columns, indexes, kinds)]  # type: ignore[arg-type]


def rows(connection: psycopg.Connection) -> dict[str, list[Any]]:
    """Every row that stands."""
    return {
        table.name: sorted(connection.execute(f"SELECT t::text FROM live.{table.name} t").fetchall())  # type: ignore[arg-type]
        for table in TABLES
    }


def test_a_switch_mends_what_differs_and_changes_nothing_else(run: Run, connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER])
    before, form, exported = rows(connection), shape(connection), b"".join(export_journal(connection))
    printed = run("replay", "--switch")
    assert printed.returncode == 0, printed.stderr
    assert (rows(connection), shape(connection), schemas(connection)) == (before, form, STANDING)
    connection.execute("UPDATE delegation SET role = 'assist' WHERE ref = 'A'")
    connection.execute("DELETE FROM unit WHERE code = 'village'")
    assert run("replay").returncode == 1
    printed = run("replay", "--switch", "--json")
    assert printed.returncode == 0, printed.stderr
    *differences, done = [json.loads(row) for row in printed.stdout.splitlines()]
    assert {(row["table"], row["kind"]) for row in differences} == {
        ("unit", "missing"),
        ("delegation", "missing"),
        ("delegation", "surplus"),
    }
    assert (done["decisions"], done["switched"], done["left"]) == (len(COUNTY) + len(LATER), True, [])
    assert rows(connection) == before
    assert b"".join(export_journal(connection)) == exported == run("export").stdout
    assert run("replay").returncode == 0
    record(connection, [duty("N")])  # on a connection that knew the tables that are gone
    assert replay(connection).differences == []


def test_a_server_under_load_goes_on_answering_and_recording_through_switches(
    run: Run, connection: psycopg.Connection, database_url: str
) -> None:
    import_journal(connection, map(line, [*COUNTY, *bulk(300)]))
    failures: list[str] = []
    answered = [0, 0, 0]
    stop = threading.Event()

    def ask(address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            while not stop.wait(PAUSE):
                for unit in ("town", "town2"):
                    answer = client.post("/graphql", json={"query": QUESTION, "variables": {"unit": unit}}).json()
                    if "errors" in answer or len(answer["data"]["unit"]["responsibilities"]["nodes"]) < 100:
                        failures.append(str(answer)[:500])
                findings = client.post("/graphql", json={"query": "{ findings(first: 1) { totalCount } }"}).json()
                if "errors" in findings or findings["data"]["findings"]["totalCount"] < 100:
                    failures.append(str(findings)[:500])
                answered[0] += 1

    def mutate(address: str) -> None:
        query = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"
        with httpx.Client(base_url=address, timeout=30) as client:
            while not stop.wait(PAUSE):
                given = [duty(f"T{answered[1]}-{part}", to="town2") for part in range(3)]
                answer = client.post("/graphql", json={"query": query, "variables": {"d": given}}).json()
                if "errors" in answer:
                    failures.append(str(answer)[:500])
                answered[1] += 1

    def write() -> None:
        with database.connect(database_url) as writer:
            while not stop.wait(PAUSE):
                record(writer, [duty(f"S{answered[2]}")])
                answered[2] += 1

    with serving(database_url) as (_, address):
        works = [threading.Thread(target=ask, args=(address,)) for _ in range(2)]
        works += [threading.Thread(target=mutate, args=(address,)), threading.Thread(target=write)]
        for work in works:
            work.start()
        before: list[int] = []
        try:
            for _ in range(4):
                wait_for(lambda before=before: all(answered) and answered != before)
                before = list(answered)
                switched = run("replay", "--switch", "--json")
                assert switched.returncode == 0, switched.stderr
                content = json.loads(switched.stdout.splitlines()[-1])
                assert (len(switched.stdout.splitlines()), content["left"]) == (1, [])  # one line: no differences
                assert content["waited"] < 30  # as long as those who record wait
                wait_for(lambda before=before: all(now > then for now, then in zip(answered, before, strict=True)))
        finally:
            stop.set()
            for work in works:
                work.join()
    assert failures == []
    assert schemas(connection) == STANDING
    assert replay(connection).differences == []


@pytest.mark.parametrize(
    "statement",
    ['%COPY "delegation"%', "CREATE INDEX%", "ANALYZE%", "WITH d AS%", "LOCK TABLE%", "ALTER SCHEMA%", "DROP TABLE%"],
)
def test_a_switch_killed_at_any_moment_leaves_old_tables_or_new_ones(
    statement: str, connection: psycopg.Connection, database_url: str
) -> None:
    import_journal(connection, map(line, [*COUNTY, *bulk(300)]))
    before = rows(connection)
    process = start_preloaded("-c", HALTING, database_url, statement.strip("%"))
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not writing(connection, "%"))
    left = [schema for schema in schemas(connection) if schema not in STANDING]
    assert len(left) == (1 if statement == "DROP TABLE%" else 0)
    assert rows(connection) == before
    assert replay(connection).differences == []
    record(connection, [duty("N")])
    assert switch(connection).left == []
    assert schemas(connection) == STANDING
    assert replay(connection).differences == []


# Halts, for good, before it sends the first statement that begins so.
HALTING = """
import sys, time
import psycopg
from registry import database
from registry.replay import switch

execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

def halt(connection, query):
    text = query.as_string(connection) if hasattr(query, "as_string") else query
    text = text.decode() if isinstance(text, bytes) else text
    if text.startswith(sys.argv[2]):
        print("there", flush=True)
        time.sleep(600)

def executing(self, query, *args, **kwargs):
    halt(self, query)
    return execute(self, query, *args, **kwargs)

def copying(self, query, *args, **kwargs):
    halt(self.connection, query)
    return copy(self, query, *args, **kwargs)

connection = database.connect(sys.argv[1])
psycopg.Connection.execute, psycopg.Cursor.copy = executing, copying
switch(connection)
"""


def by_table(differences: list[Difference]) -> list[tuple[str, str, int, list[str]]]:
    """The same differences, their rows in one order."""
    return [(each.table, each.kind, each.count, sorted(map(str, each.examples))) for each in differences]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PIECE", 7)
    monkeypatch.setattr(building, "PER_PROCESS", 1)


@pytest.mark.usefixtures("small_pieces")
def test_several_processes_build_what_one_builds(connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER, *bulk(20)])
    record(connection, [decision("Reinstated", "2022-02-01", ref="V")])
    before = rows(connection)
    assert replay(connection, workers=2) == replay(connection) == Replayed(recorder.head(connection)[0], [])
    assert [*state(connection, LAST, date(2020, 7, 1), workers=2)] == [*state(connection, LAST, date(2020, 7, 1))]
    connection.execute("UPDATE delegation SET role = 'assist' WHERE ref = 'A'")
    differing = by_table(replay(connection).differences)
    assert len(differing) == 2
    assert by_table(replay(connection, workers=2).differences) == differing
    assert by_table(switch(connection, workers=2).differences) == differing
    assert rows(connection) == before
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("small_pieces")
def test_what_processes_that_are_ended_midway_have_not_built_is_built_alone(connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER, *bulk(60)])
    left: list[int] = []

    def end(done: int, _: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()
            left.append(done)

    assert replay(connection, end, workers=2) == Replayed(recorder.head(connection)[0], [])
    assert 0 < min(left) < recorder.head(connection)[0]


@pytest.mark.usefixtures("small_pieces")
def test_what_a_process_cannot_read_is_an_error_of_the_replay(connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER, *bulk(20)])
    connection.execute("UPDATE log.decision SET data = 'no line' WHERE position = 30")
    for workers in (1, 2):
        with pytest.raises(ValueError, match="JSON"):
            replay(connection, workers=workers)
        with pytest.raises(ValueError, match="JSON"):
            switch(connection, workers=workers)
    assert multiprocessing.active_children() == []
    assert schemas(connection) == STANDING


IN_PROCESSES = """
import sys, time
from multiprocessing import active_children
from registry import database
from registry.replay import building, replay

def wait(done, size):
    print(*(child.pid for child in active_children()), flush=True)
    time.sleep(600)

if __name__ == "__main__":
    building.PIECE, building.PER_PROCESS = 7, 1
    replay(database.connect(sys.argv[1]), wait, workers=2)
"""


def test_the_processes_of_a_replay_that_is_killed_end_with_it(
    connection: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    record(connection, [*COUNTY, *LATER])
    (tmp_path / "killed.py").write_text(IN_PROCESSES)
    command = [sys.executable, tmp_path / "killed.py", database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        children = [int(pid) for pid in process.stdout.readline().split()]
        assert len(children) == 2
        process.kill()
    wait_for(lambda: not any(alive(pid) for pid in children))
    wait_for(lambda: schemas(connection) == STANDING)


def alive(pid: int) -> bool:
    """Whether there is such a process that has not ended: one that nobody has waited for is still listed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_recorded_while_the_log_is_caught_up_with_is_not_lost(
    connection: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others record at every step of the switch, more than a batch at a time."""
    monkeypatch.setattr(stored, "BATCH", 7)
    monkeypatch.setattr(switching, "BATCH", 7)
    record(connection, [*COUNTY, *bulk(50)])
    made = 0
    with database.connect(database_url) as other:

        def meanwhile(step: Callable[..., Any]) -> Callable[..., Any]:
            def stepping(*args: Any) -> Any:
                nonlocal made
                record(other, [duty(f"M{made}-{part}") for part in range(20)])
                made += 1
                return step(*args)

            return stepping

        for name in ("_catch_up", "compare", "_lock_caught_up"):
            monkeypatch.setattr(switching, name, meanwhile(getattr(switching, name)))
        switched = switch(connection)
    assert (made, switched.differences, switched.left) == (4, [], [])
    assert switched.decisions == recorder.head(connection)[0] == len(COUNTY) + len(bulk(50)) + 80
    assert replay(connection).differences == []


def test_old_tables_that_are_still_read_are_dropped_next_time(
    connection: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "PATIENCE", 0.0)
    record(connection, [*COUNTY, *LATER])
    with database.connect(database_url) as reader, reader.transaction():
        before = reader.execute("SELECT count(*) FROM delegation").fetchone()
        switched = switch(connection)
        assert len(switched.left) == 1
        assert reader.execute("SELECT count(*) FROM delegation").fetchone() == before
    assert schemas(connection) == sorted([*STANDING, *switched.left])
    assert switch(connection).left == []
    assert schemas(connection) == STANDING


def test_who_reads_at_one_moment_can_tell_that_the_tables_were_replaced(
    connection: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "PATIENCE", 0.0)
    record(connection, COUNTY)
    with database.connect(database_url) as reader, reader.transaction():
        reader.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert not database.replaced_since(reader)
        record(connection, [duty("A")])
        assert not database.replaced_since(reader)
        switch(connection)
        assert reader.execute("SELECT count(*) FROM unit").fetchone() == (0,)
        assert database.replaced_since(reader)
    with database.connect(database_url) as reader:
        assert not database.replaced_since(reader)


def test_rights_given_on_the_tables_stay_given_and_views_on_them_are_reported(
    run: Run, connection: psycopg.Connection
) -> None:
    role = f"reader_{os.getpid()}"
    connection.execute(f"CREATE ROLE {role}".encode())
    try:
        record(connection, COUNTY)
        connection.execute(
            f"GRANT USAGE ON SCHEMA live TO {role}; GRANT SELECT ON live.unit TO {role}, PUBLIC".encode()
        )
        rights = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'live'::regnamespace ORDER BY 1"
        given = connection.execute(rights).fetchall()
        assert run("replay", "--switch").returncode == 0
        assert connection.execute(rights).fetchall() == given
        connection.execute(f"SET ROLE {role}".encode())
        assert connection.execute("SELECT count(*) FROM live.unit").fetchone() == (8,)
        connection.execute("RESET ROLE")
        connection.execute("CREATE VIEW public.towns AS SELECT * FROM live.unit WHERE level = 'township'")
        printed = run("replay", "--switch")
        assert printed.returncode == 1
        assert b"in-use" in printed.stderr
        assert b"towns" in printed.stderr
        assert run("replay").returncode == 0
    finally:
        connection.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_replays_keep_out_of_each_others_way(run: Run, connection: psycopg.Connection) -> None:
    record(connection, COUNTY)
    connection.execute("SELECT pg_advisory_lock_shared(%s)", (0x7265706C6179,))  # another compares
    assert run("replay").returncode == 0
    printed = run("replay", "--switch")
    assert printed.returncode == 1
    assert b"busy" in printed.stderr
    connection.execute("SELECT pg_advisory_unlock_all()")
    connection.execute("SELECT pg_advisory_lock(%s)", (0x7265706C6179,))  # another switches
    assert run("replay").returncode == 1
    connection.execute("SELECT pg_advisory_unlock_all()")
    assert run("replay", "--switch").returncode == 0
    assert run("replay", "--switch", "--until", "3").returncode == 2


# ------------------------------------------------------------------------------------------- the state of then


def stated(run: Run, until: int, as_of: str) -> list[dict[str, Any]]:
    printed = run("replay", "--until", str(until), "--as-of", as_of, "--json")
    assert printed.returncode == 0, printed.stderr
    return [json.loads(row) for row in printed.stdout.splitlines()]


def of(state: list[dict[str, Any]], kind: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names) for one in state if one["kind"] == kind]


LAST = len(COUNTY) + len(LATER)


@pytest.fixture(scope="module")
def later(module_database: Callable[[], str]) -> Iterator[tuple[str, psycopg.Connection]]:
    """A database with what came later, which nobody changes: its URL and a connection."""
    url = module_database()
    with database.connect(url) as connection:
        record(connection, [*COUNTY, *LATER])
        yield url, connection


@pytest.mark.parametrize("as_of", ["1999-01-01", "2019-06-01", "2020-07-01", "2021-06-01", "2023-01-01"])
@pytest.mark.parametrize("until", [0, 5, len(COUNTY), len(COUNTY) + 9, LAST - 3, LAST])
def test_the_state_of_then_is_what_the_read_tables_answer_as_known_then(
    until: int, as_of: str, later: tuple[str, psycopg.Connection]
) -> None:
    database_url, connection = later
    run = cli_runner(database_url)
    state = stated(run, until, as_of)
    moment = AsOf(date.fromisoformat(as_of), until)
    codes = sorted({given["unit"] for given in COUNTY if given["type"] == "UnitRegistered"})

    async def read_state() -> tuple[Any, Any]:
        pool = await database.pool(database_url, min_size=1, max_size=1)
        async with pool:
            return (
                await units.units(pool, moment, codes),
                await holdings.responsibilities(pool, moment, codes, None, None, 1000),
            )

    printed, duties = asyncio.run(read_state())
    current = [unit for unit in printed.values() if not unit.dissolved]
    assert of(state, "unit", "code", "name", "level") == sorted((unit.code, unit.name, unit.level) for unit in current)
    assert of(state, "holding", "unit", "subject", "matter", "role", "by") == sorted(
        (held.unit, held.subject, held.matter, held.role, held.by) for _, page in duties.values() for held in page
    )
    held_powers = powers.powers(connection, moment, codes)
    assert of(state, "power", "unit", "power", "entrusted_only") == sorted(
        (unit, power.power, power.entrusted_only)
        for unit, those in held_powers.items()
        for power in those
        if power.effective
    )
    assert schemas(connection) == STANDING


def test_the_state_of_then_says_what_was_in_force(later: tuple[str, psycopg.Connection]) -> None:
    run = cli_runner(later[0])
    then = stated(run, LAST - 5, "2020-07-01")  # before the annulment and the correction were known
    assert of(then, "delegation", "ref", "mode", "brings") == [
        ("A", "assigned", ["staff"]),
        ("G", "devolved", []),
        ("V", "assigned", []),
    ]
    assert of(then, "vesting", "power", "unit") == [("P-SAND", "town2")]
    assert of(then, "list", "code") == [("BASIC",), ("NEG",)]
    assert of(then, "item", "list", "item") == [("BASIC", "1")]
    assert of(then, "demand", "ref") == [("C",)]
    assert of(then, "report", "report", "outcome") == [("R", None)]
    now = stated(run, LAST, "2023-01-01")
    assert of(now, "delegation", "ref", "mode") == [("G", "entrusted")]
    assert of(now, "vesting", "power") == of(now, "item", "item") == []
    assert of(now, "list", "code") == [("NEG",)]
    assert of(now, "instrument", "number") == [("通知1号",)]
    assert of(now, "unit", "code")[-3:] == [("town2",), ("village",), ("water",)]


def test_the_state_of_then_comes_from_the_log_and_not_from_the_read_tables(
    run: Run, connection: psycopg.Connection
) -> None:
    record(connection, [*COUNTY, *LATER])
    answer = stated(run, LAST, "2020-07-01")
    for table in TABLES:
        connection.execute(f"DELETE FROM live.{table.name}".encode())
    assert stated(run, LAST, "2020-07-01") == answer
    beyond = run("replay", "--until", str(LAST + 1000), "--as-of", "2020-07-01")
    assert (beyond.returncode, beyond.stdout) == (2, b"")
    assert beyond.stderr.startswith(b"unknown-position: ")
    readable = run("replay", "--as-of", "2020-07-01").stdout.decode()
    assert "# 单位 units\n" in readable
    assert "  A  delegation_kind=duty  matter=D-SAND" in readable
    assert "text=太多了 受不了" in readable


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "BATCH", 3)
    monkeypatch.setattr(projecting, "CAPACITY", 2)


@pytest.mark.usefixtures("small_batches")
def test_what_was_let_go_in_memory_is_read_again(connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER, *bulk(100)])
    vested = [
        decision("PowerDivested", "2023-01-01", power="P-SAND", unit="town2"),
        decision("PowerVested", "2024-01-01", power="P-SAND", unit="town2", instrument="决定1号"),
        decision("ReportAnswered", "2023-01-01", report="R", by="420684", text="是", outcome="upheld"),
        decision("DelegationEnded", "2023-01-01", ref="G", reason="revoked"),
    ]
    record(connection, vested)
    assert replay(connection).differences == []
    switched = switch(connection)
    assert switched.differences == []
    assert replay(connection).decisions == switched.decisions


def test_progress_is_reported_up_to_the_end(connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "BATCH", 10)
    record(connection, [*COUNTY, *bulk(30)])
    answer: list[tuple[int, int]] = []
    results = replay(connection, lambda done, total: answer.append((done, total)))
    assert answer == [
        (min(done, results.decisions), results.decisions) for done in range(10, results.decisions + 10, 10)
    ]


def test_a_journal_rebuilt_elsewhere_exports_the_same_bytes(
    run: Run, connection: psycopg.Connection, new_database: Callable[[], str], tmp_path: Path
) -> None:
    file = tmp_path / "county.jsonl"
    file.write_bytes(journal([*COUNTY, *LATER]))
    assert run("import", file).returncode == 0
    before = run("export").stdout
    assert run("replay", "--switch").returncode == 0
    assert run("export").stdout == before
    with database.connect(new_database()) as other:
        import_journal(other, before.splitlines(keepends=True))
        switch(other)
        assert b"".join(export_journal(other)) == before
        assert rows(other) == rows(connection)


def test_the_commands_of_the_documentation_run(run: Run, connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *LATER, *bulk(500)])  # the guide names position 512
    text = (DOCS / "howto/replay.md").read_text(encoding="utf-8")
    commands = [row.partition("#")[0].split()[2:] for row in text.splitlines() if row.startswith("$ registry ")]
    assert commands[0] == ["replay"]
    for command in commands:
        assert run(*command).returncode == 0
