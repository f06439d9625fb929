"""Import, export and replay as a user runs them: the command line on a real database, killed when it suits worst."""

from __future__ import annotations

import gzip
import json
import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from registry import database
from registry.exchange.journal import export_journal
from registry.exchange.journal import packed as packed_in_blocks
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import JournalRefused, record
from registry.replay import replay
from tests.support.cli_runner import Run, cli_runner, start_command
from tests.support.preloaded import start_preloaded
from tests.support.waiting import wait_for, writing
from tests.support.worlds import COUNTY, Line, bulk, decision, duty, journal, line

pytestmark = pytest.mark.slow  # imports of thousands of lines, killed at every step


@pytest.fixture
def run(database_url: str) -> Run:
    return cli_runner(database_url, USER="clerk")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A small county's journal as a file."""
    file = tmp_path / "county.jsonl"
    file.write_bytes(journal([*COUNTY, duty("A"), duty("B", to="town2")]))
    return file


def size(connection: psycopg.Connection) -> int:
    """The number of decisions in the log."""
    row = connection.execute("SELECT count(*) FROM log.decision").fetchone()
    assert row is not None
    return int(row[0])


def test_a_journal_is_recorded_once_however_often_it_is_imported(
    run: Run, county: Path, connection: psycopg.Connection
) -> None:
    lines = len(COUNTY) + 2
    first = run("import", county)
    assert (first.returncode, size(connection)) == (0, lines), first.stderr
    assert f"{lines} recorded, 0 repeated" in first.stdout.decode()
    assert f"The feed of findings goes up to decision 0 of {lines}; a running server" in first.stdout.decode()
    again = run("import", "--json", county)
    expected = {"read": lines, "recorded": 0, "repeated": lines, "annulled": 0, "blank": 0, "dry_run": False}
    assert (again.returncode, json.loads(again.stdout)) == (0, expected)
    assert size(connection) == lines
    recorded_by = connection.execute("SELECT DISTINCT recorded_by FROM log.decision").fetchall()
    assert recorded_by == [("clerk",)]


def test_of_the_repeated_those_annulled_since_are_counted_and_told(
    run: Run, county: Path, connection: psycopg.Connection
) -> None:
    lines = county.read_bytes().splitlines()
    import_journal(connection, [*lines, line(decision("Annulled", "2024-01-01", ref="A"))])
    again = run("import", county)
    assert again.returncode == 0
    assert f"{len(lines)} repeated" in again.stdout.decode()
    assert "Annulled since, of the repeated, and not in force: 1;" in again.stdout.decode()
    assert json.loads(run("import", "--json", county).stdout)["annulled"] == 1


def test_an_id_with_a_slash_leaves_each_language_whole(connection: psycopg.Connection) -> None:
    zh = "没有记录过单位“X / Y”。先登记该单位，或核对其代码。"
    en = "No unit X / Y is recorded. Register the unit first, or check its code."
    lines = [*journal([*COUNTY, duty("R / 1", to="X / Y")]).splitlines(), b"{"]
    with pytest.raises(JournalRefused) as refused:
        import_journal(connection, lines)
    unknown, broken = refused.value.errors
    assert unknown.message == (zh, en)
    assert unknown.as_object()["message"] == f"{zh} / {en}"
    assert not broken.message.zh.isascii()
    assert "line 1 column" not in broken.message.zh
    assert broken.message.en.isascii()
    assert refused.value.zh == "2 行有误，未记录任何内容。"
    assert refused.value.en == "2 bad lines; nothing was recorded."


def test_every_bad_line_is_reported_once_and_nothing_is_recorded(
    run: Run, county: Path, connection: psycopg.Connection
) -> None:
    bad = journal([duty("C"), duty("C", role="assist"), duty("D", to="nowhere")]) + b"\n  \nnope\n"
    county.write_bytes(b"\xef\xbb\xbf" + county.read_bytes() + bad)
    printed = run("import", "--json", county)
    start = len(COUNTY) + 2
    errors = [json.loads(row) for row in printed.stdout.splitlines()]
    assert printed.returncode == 1
    assert [(error["line"] - start, error["code"], error["field"]) for error in errors] == [
        (2, "conflict", "ref"),
        (3, "unknown-unit", "to"),
        (6, "bad-json", None),
    ]
    assert all(set(error) == {"line", "code", "field", "message"} for error in errors)
    assert size(connection) == 0
    shown = run("import", county)
    assert shown.returncode == 1
    assert "county.jsonl:" in shown.stderr.decode()
    assert "Traceback" not in shown.stderr.decode()


def test_a_bad_line_brings_in_nothing(run: Run) -> None:
    given = journal(
        [*COUNTY, duty("A", to="nowhere"), decision("DelegationEnded", "2021-01-01", ref="A", reason="revoked")]
    )
    printed = run("import", "--json", "-", stdin=given)
    assert [json.loads(row)["code"] for row in printed.stdout.splitlines()] == ["unknown-unit", "unknown-ref"]


def test_several_files_are_one_import_and_errors_name_the_file(run: Run, county: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.jsonl"
    more.write_bytes(journal([duty("C"), duty("D", to="nowhere")]))
    printed = run("import", "--json", county, more)
    error = json.loads(printed.stdout)
    assert (error["file"], error["line"]) == (str(more), 2)


def test_gzip_and_dry_run(run: Run, county: Path, connection: psycopg.Connection, tmp_path: Path) -> None:
    packed = tmp_path / "county.jsonl.gz"
    packed.write_bytes(gzip.compress(county.read_bytes()))
    dry = run("import", "--dry-run", packed)
    assert (dry.returncode, size(connection)) == (0, 0)
    assert run("import", packed).returncode == 0
    assert size(connection) == len(COUNTY) + 2
    damaged = tmp_path / "damaged.jsonl.gz"
    damaged.write_bytes(packed.read_bytes()[:-20])
    printed = run("import", damaged)
    assert printed.returncode == 1
    assert b"bad-gzip" in printed.stderr
    assert b"Traceback" not in printed.stderr


def test_what_is_exported_imports_to_the_same_export(
    run: Run, county: Path, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    assert run("import", county).returncode == 0
    plain, packed = tmp_path / "out.jsonl", tmp_path / "out.jsonl.gz"
    assert run("export", "-o", plain).returncode == 0
    assert run("export", "-o", packed).returncode == 0
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes() == run("export").stdout
    with database.connect(new_database()) as other:
        import_journal(other, plain.read_bytes().splitlines(keepends=True))
        assert b"".join(export_journal(other)) == plain.read_bytes()
    assert [json.loads(row) for row in plain.read_bytes().splitlines()][:3] == COUNTY[:3]


def test_an_export_is_the_same_in_whatever_pieces_it_is_read_and_packed(
    run: Run, connection: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_journal(connection, [line(each) for each in [*COUNTY, *bulk(300)]])
    stored = connection.execute("SELECT data FROM log.decision ORDER BY position").fetchall()
    lines = [data + b"\n" for (data,) in stored]
    files = [tmp_path / f"{workers}.jsonl.gz" for workers in (1, 3)]
    for file, workers in zip(files, (1, 3), strict=True):
        assert run("export", "-o", file, "--workers", workers).returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    monkeypatch.setattr("registry.exchange.journal.BATCH", 70)
    monkeypatch.setattr("registry.exchange.journal.RUN", 9)
    assert [*export_journal(connection)] == lines
    assert [*export_journal(connection, after=5, until=150)] == lines[5:150]
    assert [*export_journal(connection, after=len(lines))] == []
    monkeypatch.setattr("registry.exchange.journal.BLOCK", 1000)
    packed = {b"".join(packed_in_blocks(export_journal(connection), workers)) for workers in (1, 2, 5)}
    assert [gzip.decompress(each) for each in packed] == [b"".join(lines)]


def test_a_file_that_is_not_there_is_reported_without_a_traceback(run: Run, tmp_path: Path) -> None:
    printed = run("import", tmp_path / "none.jsonl")
    assert printed.returncode == 1
    assert b"unreadable" in printed.stderr
    assert b"Traceback" not in printed.stderr
    printed = run("export", "-o", tmp_path / "no" / "such" / "folder.jsonl")
    assert printed.returncode == 1
    assert b"unwritable" in printed.stderr
    assert b"Traceback" not in printed.stderr


def test_a_huge_line_is_one_bad_line(run: Run, county: Path) -> None:
    given = b'{"note": "' + b"x" * (9 * 1024 * 1024) + b'"}\n' + journal([*COUNTY])
    printed = run("import", "--json", "-", stdin=given)
    errors = [json.loads(row) for row in printed.stdout.splitlines()]
    assert [(error["line"], error["code"]) for error in errors] == [(1, "bad-json")]


def test_replay_agrees_with_what_stands_and_reports_what_differs(
    run: Run, county: Path, connection: psycopg.Connection
) -> None:
    run("import", county)
    agreed = run("replay")
    assert agreed.returncode == 0, agreed.stderr
    connection.execute("UPDATE delegation SET role = 'assist' WHERE ref = 'A'")
    connection.execute("DELETE FROM unit WHERE code = 'village'")
    printed = run("replay", "--json")
    rows = [json.loads(row) for row in printed.stdout.splitlines()]
    assert printed.returncode == 1
    assert [(row["table"], row["kind"], row["count"]) for row in rows] == [
        ("unit", "missing", 1),
        ("delegation", "missing", 1),
        ("delegation", "surplus", 1),
    ]
    assert rows[0]["examples"][0]["code"] == "village"


# Has who writes into a table wait after some rows, for as long as another session holds the lock 1.
WAITING = """
CREATE FUNCTION public.waiting() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END';
CREATE TRIGGER waiting BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{position} > 100)
    EXECUTE FUNCTION public.waiting()
"""


@pytest.mark.parametrize(
    ("table", "position"), [("log.decision", "position"), ("log.tag", "position"), ("live.delegation", "known_from")]
)
def test_a_killed_import_leaves_nothing_and_can_be_repeated(
    run: Run, county: Path, connection: psycopg.Connection, database_url: str, table: str, position: str
) -> None:
    county.write_bytes(journal([*COUNTY, *bulk(4000)]))  # two batches
    connection.execute(WAITING.format(table=table, position=position).encode())
    with psycopg.connect(database_url) as other:
        other.execute("SELECT pg_advisory_xact_lock(1)")
        process = start_command(database_url, "import", county)
        wait_for(lambda: held_up(connection) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    wait_for(lambda: not writing(connection, "%"))
    assert size(connection) == 0
    counted = connection.execute("SELECT (SELECT count(*) FROM delegation) + (SELECT count(*) FROM log.tag)").fetchone()
    assert counted == (0,)
    assert run("import", county).returncode == 0
    assert replay(connection).differences == []


def held_up(connection: psycopg.Connection) -> bool:
    """Whether a session of this database waits for the lock while it copies rows into a table."""
    waiting = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        " AND wait_event = 'advisory' AND query LIKE %s",
        ("%COPY %",),
    ).fetchone()
    return waiting is not None and waiting[0] > 0


def test_a_killed_replay_leaves_nothing_behind(connection: psycopg.Connection, database_url: str) -> None:
    import_journal(connection, map(line, [*COUNTY, *bulk(10_000)]))
    process = start_command(database_url, "replay")
    wait_for(lambda: writing(connection, '%COPY "delegation"%') or process.poll() is not None)
    assert process.poll() is None, "the replay was done before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not writing(connection, "%"))
    schemas = connection.execute("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^replay'").fetchone()
    assert schemas == (0,)
    assert replay(connection).differences == []


RECORDER = """
import sys
from registry import database
from registry.recording.unit_of_work import record
from tests.support.worlds import duty
with database.connect(sys.argv[1]) as connection:
    for number in range(100_000):
        record(connection, [duty(f"S{number}"), duty(f"T{number}", to="town2")])
        print(number, flush=True)
"""


def test_a_killed_recorder_leaves_whole_transactions_only(connection: psycopg.Connection, database_url: str) -> None:
    record(connection, COUNTY)
    for _ in range(3):
        process = start_preloaded("-c", RECORDER, database_url)
        for _ in range(20):
            process.stdout.readline()
        process.kill()
        process.communicate()
    wait_for(lambda: not writing(connection, "%"))
    assert (size(connection) - len(COUNTY)) % 2 == 0
    counted = connection.execute("SELECT count(*) FROM delegation").fetchone()
    assert counted == (size(connection) - len(COUNTY),)
    assert replay(connection).differences == []


def test_record_gives_positions_and_those_of_repeats(connection: psycopg.Connection) -> None:
    record(connection, COUNTY)
    first = record(connection, [duty("A"), duty("B")]).positions
    assert record(connection, [duty("C"), duty("A"), duty("B")]).positions == [first[-1] + 1, *first]
    with pytest.raises(JournalRefused) as refused:
        record(connection, [duty("D"), duty("A", role="assist"), duty("E", to="nowhere")])
    assert [(error.line, error.code) for error in refused.value.errors] == [(2, "conflict"), (3, "unknown-unit")]
    assert size(connection) == len(COUNTY) + 3


def test_concurrent_recorders_of_one_ref_make_it_once(connection: psycopg.Connection, database_url: str) -> None:
    record(connection, COUNTY)
    code = (
        "import sys; from registry import database\n"
        "from registry.recording.unit_of_work import record, JournalRefused\n"
        "from tests.support.worlds import duty\n"
        "with database.connect(sys.argv[1]) as connection:\n"
        "    for number in range(60):\n"
        "        try: record(connection, [duty(f'R{number}', note=sys.argv[2])])\n"
        "        except JournalRefused as refused: assert refused.errors[0].code == 'conflict'\n"
    )
    writers = [start_preloaded("-c", code, database_url, str(number)) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert size(connection) == len(COUNTY) + 60
    assert replay(connection).differences == []


def test_an_import_in_several_batches_forgets_nothing(
    connection: psycopg.Connection, new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Things let go of between batches are read again: the same rows as when nothing is let go."""
    lines = [line(each) for each in [*COUNTY, *bulk(300)]]
    import_journal(connection, lines)
    monkeypatch.setattr("registry.recording.journal_import.BATCH", 7)
    monkeypatch.setattr("registry.recording.journal_import.CAPACITY", 5)
    with database.connect(new_database()) as other:
        import_journal(other, lines)
        monkeypatch.setattr("registry.log.stored.BATCH", 9)
        monkeypatch.setattr("registry.replay.projecting.CAPACITY", 5)
        assert replay(other).differences == []
        assert b"".join(export_journal(other)) == b"".join(export_journal(connection))
        for table in ("unit", "delegation", "item", "lawful_holder"):
            query = f"SELECT to_jsonb(t) FROM {table} t ORDER BY 1"
            assert other.execute(query).fetchall() == connection.execute(query).fetchall()


@pytest.mark.parametrize("size", [1, 2, 3])
def test_what_one_batch_names_the_next_cannot_take_away(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Who names something is read ahead for a batch, while what was decided before is still being written."""
    monkeypatch.setattr("registry.recording.journal_import.BATCH", size)
    given: list[Line] = []
    for number in range(8):
        matter = f"D-{number}"
        given += [
            decision("MatterDefined", "2020-01-01", matter=matter, kind="duty", name=f"事项{number}"),
            duty(f"R-{number}", matter=matter),
            decision("Annulled", "2021-01-01", of={"type": "MatterDefined", "matter": matter}),
            decision("Annulled", "2021-01-01", ref=f"R-{number}"),
            decision("Annulled", "2021-01-02", of={"type": "MatterDefined", "matter": matter}),
        ]
    with pytest.raises(JournalRefused) as refused:
        import_journal(connection, map(line, [*COUNTY, *given]))
    too_early = [len(COUNTY) + 5 * number + 3 for number in range(8)]
    assert [(error.line, error.code) for error in refused.value.errors] == [(at, "in-use") for at in too_early]


COUNTED = """
SELECT n.nspname || '.' || c.relname, c.reltuples::bigint,
    (SELECT count(*) FROM pg_statistic s WHERE s.starelid = c.oid) > 0
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('live', 'log') AND c.relkind = 'r' AND c.reltuples >= 0
"""


def test_the_database_knows_what_an_import_filled(run: Run, county: Path, connection: psycopg.Connection) -> None:
    """Without statistics the first check of a county reads every delegation of the country, again and again."""
    county.write_bytes(journal([*COUNTY, *bulk(3000)]))
    assert run("import", county).returncode == 0
    known = {table: (rows, counted) for table, rows, counted in connection.execute(COUNTED).fetchall()}
    decisions = size(connection)
    row = connection.execute("SELECT (SELECT count(*) FROM log.tag), (SELECT count(*) FROM delegation)").fetchone()
    assert row is not None
    assert known["log.decision"] == (decisions, True)
    assert known["log.tag"] == (row[0], True)
    assert known["live.delegation"] == (row[1], True)
    assert known["live.unit"] == (8, True)  # never counted before, so counted though it is small
    assert "live.report" not in known  # nothing was written into it


def test_an_import_waits_for_nobody_who_counts_a_table(
    run: Run, county: Path, connection: psycopg.Connection, database_url: str
) -> None:
    county.write_bytes(journal([*COUNTY, *bulk(1000)]))
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE live.delegation IN SHARE UPDATE EXCLUSIVE MODE")  # as VACUUM and ANALYZE take it
        assert run("import", county).returncode == 0
    tables = {table for table, *_ in connection.execute(COUNTED).fetchall()}
    assert "live.unit" in tables
    assert "live.delegation" not in tables
