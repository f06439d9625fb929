"""`registry backup` and `registry restore`: the same registry again, or in words what is not."""

from __future__ import annotations

import gzip
import json
import os
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest

from registry import database
from registry.access import accounts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.database import schema
from registry.exchange.backup import folder as files
from registry.log.verifying import GrowingTree
from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_runner, start_command
from tests.support.every_decision import EXAMPLES
from tests.support.waiting import wait_for
from tests.support.worlds import COUNTY, duty

pytestmark = pytest.mark.slow  # backups are made, broken off and restored into new databases


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few decisions in place of fifty thousand, in this process."""
    monkeypatch.setattr(files, "SEGMENT", 7)


@pytest.fixture
def url(database_url: str) -> str:
    with database.connect(database_url) as connection:
        record(connection, [*COUNTY, *EXAMPLES], recorded_by="clerk")
    return database_url


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    return cli_runner(url, REGISTRY_HOME=str(tmp_path / "home"))


@pytest.fixture
def other(empty_database: str, tmp_path: Path) -> Run:
    """The command line over a database without any table."""
    return cli_runner(empty_database, REGISTRY_HOME=str(tmp_path / "home"))


def answers(run: Run) -> list[bytes]:
    """What a registry says of itself in several ways."""
    commands = (
        ["export"],
        ["verify", "--json"],
        ["accounts", "list"],
        ["accounts", "changes"],
        ["check", "--json"],
        ["findings", "--json"],
        ["lists", "export", "BASIC", "--format", "json", "--as-of", "2020-06-01"],
        ["replay", "--json"],
    )
    done = [run(*command) for command in commands]
    assert [each.returncode for each in done] == [0] * len(commands), [each.stderr for each in done]
    return [each.stdout for each in done]


def test_a_restored_registry_is_the_same(url: str, run: Run, other: Run, tmp_path: Path) -> None:
    assert run("checkpoint").returncode == 0
    with database.connect(url) as connection:
        accounts.add(connection, "boss", "three unrelated words", [Grant(Role.ADMINISTRATOR)], By("test", "command"))
    before = answers(run)
    made = run("backup", tmp_path / "kept", "--json")
    assert made.returncode == 0, made.stderr
    counted = json.loads(made.stdout)
    assert counted["decisions"] == before[0].count(b"\n")
    restored = other("restore", tmp_path / "kept")
    assert (restored.returncode, restored.stderr) == (0, b"")
    assert "every read table are what they were" in restored.stdout.decode()
    assert answers(other) == before


def test_the_folder_is_for_its_owner_only_and_has_no_private_key(run: Run, tmp_path: Path) -> None:
    run("checkpoint")
    run("backup", tmp_path / "kept")
    kept = [tmp_path / "kept", *(tmp_path / "kept").rglob("*")]
    assert {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in kept} == {0}
    key = (tmp_path / "home/signing.key").read_bytes().strip()
    for each in kept:
        if each.is_file():
            content = each.read_bytes()
            assert key not in (gzip.decompress(content) if each.suffix == ".gz" else content)


def test_the_next_backup_adds_what_is_new(url: str, run: Run, other: Run, tmp_path: Path, small_files: None) -> None:
    from registry.exchange.backup import back_up

    with database.connect(url) as connection:
        first = back_up(connection, tmp_path / "kept")
        record(connection, [duty(f"N-{number}") for number in range(20)])
        second = back_up(connection, tmp_path / "kept")
    assert first.reused == 0
    assert second.reused == first.manifest.position // 7
    named = {file.name for file in second.manifest.files()} | {"backup.json", "lock"}
    there = {str(each.relative_to(tmp_path / "kept")) for each in (tmp_path / "kept").rglob("*") if each.is_file()}
    assert there == named
    assert other("restore", tmp_path / "kept").returncode == 0
    assert other("export").stdout == run("export").stdout


def test_a_damaged_file_is_written_anew_by_the_next_backup_and_refused_by_a_restore(
    run: Run, other: Run, tmp_path: Path
) -> None:
    run("backup", tmp_path / "kept")
    (log,) = (tmp_path / "kept/log").iterdir()
    whole = log.read_bytes()
    changed = gzip.decompress(whole).replace("采砂".encode(), "挖砂".encode())
    log.write_bytes(gzip.compress(changed))
    refused = other("restore", tmp_path / "kept")
    assert refused.returncode == 1
    assert refused.stderr.decode().startswith("bad-backup: ")
    assert run("backup", tmp_path / "kept").returncode == 0
    (log,) = (tmp_path / "kept/log").iterdir()
    assert gzip.decompress(log.read_bytes()) == gzip.decompress(whole)


def test_a_file_that_does_not_even_unpack_is_written_anew(run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    (log,) = (tmp_path / "kept/log").iterdir()
    whole = log.read_bytes()
    for damage in (b"\xff" * 1000, b"", whole[:200], whole + b"\0more"):
        log.write_bytes(whole[:10] + damage)
        assert run("backup", tmp_path / "kept").stderr == b""
        assert log.read_bytes() == whole


@pytest.mark.parametrize("pattern", ["backup.json", "log/*"])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(
    run: Run, other: Run, tmp_path: Path, pattern: str
) -> None:
    run("backup", tmp_path / "kept")
    (file,) = (tmp_path / "kept").glob(pattern)
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), Path.mkdir):
        file.unlink()
        make(file)
        refused = other("restore", tmp_path / "kept")
        assert (refused.returncode, refused.stderr[:12]) == (1, b"bad-backup: ")
        if file.is_dir():
            file.rmdir()
            file.touch()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["tables", 0, "columns", 0], []),
        (["tables", 0, "schema"], 'a"; DROP SCHEMA log; --'),
        (["tables", 0, "file"], None),
        (["log", 0, "name"], "log/a\0b"),
        (["log", 0, "name"], "tables/2026/.."),
        (["log", 0, "name"], "/etc/passwd"),
        (["log", 0, "bytes"], "9"),
        (["log", 0, "rows"], -1),
        (["migrations", 0], [[]]),
        (["position"], 2**63),
        (["root"], 1),
        (["sequences"], {"x": 1e308}),
        (["log"], {}),
        (["more"], 1),
        (["tables", 0, "table"], "nothing"),
        (["tables", 0, "columns", 0], "nothing"),
        (["tables", 0, "schema"], "quanze"),
        (["tables"], []),
        (["sequences"], {"nothing.seq": 1}),
        (["sequences"], {"access.account": 1}),
        (["sequences"], {"access.change_number_seq": 0}),
        (["migrations"], []),
        (["log", 0, "bytes"], 9),
    ],
)
def test_whatever_its_list_of_files_says_it_is_refused_in_words(
    run: Run, other: Run, tmp_path: Path, path: list[Any], value: Any
) -> None:
    run("backup", tmp_path / "kept")
    manifest = json.loads((tmp_path / "kept/backup.json").read_bytes())
    within = manifest
    for step in path[:-1]:
        within = within[step]
    within[path[-1]] = value
    (tmp_path / "kept/backup.json").write_text(json.dumps(manifest))
    refused = other("restore", tmp_path / "kept")
    assert refused.returncode == 1
    assert refused.stderr.startswith(b"bad-backup: ")
    assert refused.stderr.count(b"\n") == 1


def test_what_was_altered_with_its_digest_does_not_agree_with_the_root(run: Run, other: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    with altered(tmp_path / "kept") as lines:
        for line in lines:
            line["data"] = line["data"].replace("采砂", "挖砂")
    refused = other("restore", tmp_path / "kept")
    assert refused.returncode == 1
    assert "do not agree with its root" in refused.stderr.decode()
    assert other("restore", tmp_path / "kept").stderr == refused.stderr  # nothing is left in the database


def test_a_line_of_the_log_of_another_shape_is_refused(run: Run, other: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    for field, value in (
        ("version", "1"),
        ("version", 40_000),
        ("recorded_at", "2026-01-01"),
        ("tags", "abc"),
        ("tags", [1]),
        ("recorded_by", {}),
        ("type", "\0"),
        ("position", "6"),
        ("more", 1),
    ):
        with altered(tmp_path / "kept") as lines:
            lines[5][field] = value
        refused = other("restore", tmp_path / "kept")
        assert refused.returncode == 1
        assert refused.stderr.startswith(b"bad-backup: "), refused.stderr
        run("backup", tmp_path / "kept")  # which writes it anew


def test_what_does_not_follow_from_the_log_is_told_though_all_digests_are_right(
    run: Run, other: Run, tmp_path: Path, new_database: Callable[[], str]
) -> None:
    run("checkpoint")
    run("backup", tmp_path / "kept")
    with altered(tmp_path / "kept") as lines:
        lines[-1]["tags"] = [*lines[-1]["tags"][:1], "unit:nobody"]
    restored = other("restore", tmp_path / "kept")
    assert restored.returncode == 1
    assert f"The tags of decision {len(lines)} should be" in restored.stdout.decode()
    with altered(tmp_path / "kept", root=True) as lines:
        lines[-1]["tags"].remove("unit:nobody")
        lines[-1]["recorded_at"] = "2036-01-01T00:00:00+00:00"
    refused = cli_runner(new_database(), REGISTRY_HOME=str(tmp_path / "home"))("restore", tmp_path / "kept")
    assert refused.returncode == 1
    assert f"not that of the checkpoint at position {len(lines)}" in refused.stdout.decode()


@contextmanager
def altered(folder: Path, *, root: bool = False) -> Iterator[list[dict[str, Any]]]:
    """The lines of a backup's log, which are written back as they are afterwards, with the digests that fit."""
    manifest = json.loads((folder / "backup.json").read_bytes())
    (kept,) = manifest["log"]
    file = folder / kept["name"]
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    yield lines
    texts = [json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines]
    file.write_bytes(gzip.compress(b"".join(texts)))
    kept["sha256"], kept["bytes"] = sha256(file.read_bytes()).hexdigest(), file.stat().st_size
    if root:
        grown = GrowingTree()
        for text in texts:
            grown.add(files.StoredDecision.parse(text).leaf_hash())
        manifest["root"] = grown.root().hex()
    (folder / "backup.json").write_text(json.dumps(manifest))


def test_two_at_once_restore_one(run: Run, other: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: other("restore", tmp_path / "kept"), range(2)))
    assert sorted(each.returncode for each in done) == [0, 1]
    (refused,) = [each for each in done if each.returncode]
    assert refused.stderr.startswith(b"database-not-empty: ")


def test_only_an_empty_database_is_restored_into(run: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    before = run("export").stdout
    refused = run("restore", tmp_path / "kept")
    assert refused.returncode == 1
    assert refused.stderr.decode().startswith("database-not-empty: ")
    assert run("export").stdout == before


def test_a_folder_with_something_else_is_left_alone(run: Run, tmp_path: Path, new_database: Callable[[], str]) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/a.txt").write_text("a")
    refused = run("backup", tmp_path / "letters")
    assert (refused.returncode, refused.stderr[:10]) == (1, b"bad-backup")
    assert [each.name for each in (tmp_path / "letters").iterdir()] == ["a.txt"]
    assert run("restore", tmp_path / "letters").stderr[:10] == b"bad-backup"
    run("backup", tmp_path / "kept")
    elsewhere = new_database()
    with database.connect(elsewhere) as connection:
        record(connection, COUNTY[:3])
    refused = cli_runner(elsewhere)("backup", tmp_path / "kept")
    assert (refused.returncode, refused.stderr[:10]) == (1, b"bad-backup")
    assert "another log" in refused.stderr.decode()


def test_it_is_made_while_others_record(url: str, run: Run, other: Run, tmp_path: Path) -> None:
    stop = threading.Event()

    def keep_recording() -> None:
        with database.connect(url) as connection:
            number = 0
            while not stop.is_set():
                record(connection, [duty(f"W-{number}")])
                number += 1

    writer = threading.Thread(target=keep_recording)
    writer.start()
    try:
        for _ in range(3):
            assert run("backup", tmp_path / "kept").returncode == 0
    finally:
        stop.set()
        writer.join()
    restored = other("restore", tmp_path / "kept", "--json")
    assert restored.returncode == 0, restored.stderr
    size = json.loads(restored.stdout)["decisions"]
    assert other("export").stdout == b"".join(run("export").stdout.splitlines(keepends=True)[:size])


def test_killed_it_is_gone_on_with(url: str, run: Run, other: Run, tmp_path: Path) -> None:
    run("backup", tmp_path / "kept")
    earlier = (tmp_path / "kept/backup.json").read_bytes()
    with database.connect(url) as connection:
        record(connection, [duty(f"K-{number}") for number in range(50)])
    process = start_command(url, "backup", tmp_path / "kept")
    wait_for(lambda: process.poll() is not None or any((tmp_path / "kept").rglob(".unfinished-*")))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "kept/backup.json").exists()
    if (tmp_path / "kept/backup.json").read_bytes() == earlier:  # still whole: the earlier backup
        files.read_manifest(tmp_path / "kept")
        for kept in files.read_manifest(tmp_path / "kept").files():
            files.check(tmp_path / "kept", kept)
    assert run("backup", tmp_path / "kept").returncode == 0
    assert not list((tmp_path / "kept").rglob(".unfinished-*"))
    assert other("restore", tmp_path / "kept").returncode == 0
    assert other("export").stdout == run("export").stdout


def test_a_backup_of_an_earlier_migration_is_restored_and_migrated(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_database: str, new_database: Callable[[], str]
) -> None:
    """As if the program had one migration more since."""
    from registry.exchange.backup import NotEmpty, restore

    run("backup", tmp_path / "kept")
    later = schema.Migration(len(schema.migrations()) + 1, "later", "CREATE TABLE handed_in.later (a integer)")
    more = (*schema.migrations(), later)
    monkeypatch.setattr(schema, "migrations", lambda: more)
    with database.connect(new_database()) as migrated, pytest.raises(NotEmpty, match="CREATE DATABASE"):
        restore(migrated, tmp_path / "kept")
    with database.connect(empty_database, migrate=False) as connection:
        restored = restore(connection, tmp_path / "kept")
        assert restored.differences == []
        assert [note.en for note in restored.notes]
        assert schema.pending(connection) == 0


def test_every_table_is_kept_or_left_out_by_name(connection: psycopg.Connection[Any]) -> None:
    from registry.exchange.backup import tables

    kept = {f"{each.schema}.{each.name}" for each in tables.kept_tables(connection)}
    assert {"log.checkpoint", "judged.event", "judged.standing", "handed_in.file", "review.marked_answer"} <= kept
    assert not kept & set(tables.NOT_KEPT)
