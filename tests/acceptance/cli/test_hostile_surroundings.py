"""Commands in surroundings that no one thought of: pipes, links, full disks, foreign terminals, clocks gone wrong."""

from __future__ import annotations

import gzip
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_process, cli_runner
from tests.support.worlds import COUNTY, duty, journal

UNIT = {
    "type": "UnitRegistered",
    "at": "2000-01-01",
    "unit": "97",
    "name": "某省",
    "level": "province",
    "kind": "government",
}


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    return cli_runner(database_url, REGISTRY_HOME=str(tmp_path / "home"))


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    record(connection, COUNTY)
    return connection


def test_an_export_follows_a_link_and_keeps_the_mode_of_what_it_replaces(
    county: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("before")
    real.chmod(0o600)
    link.symlink_to(real)
    assert run("export", "-o", link).returncode == 0
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert real.read_bytes().count(b"\n") == len(COUNTY)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_an_export_writes_into_a_pipe_and_a_device(county: psycopg.Connection, run: Run, tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert run("export", "-o", pipe).returncode == 0
    reader.join()
    assert read[0].count(b"\n") == len(COUNTY)
    assert pipe.is_fifo()
    assert run("export", "-o", "/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
    full = run("export", "-o", "/dev/full")
    assert (full.returncode, full.stderr[:10]) == (1, b"unwritable")


def test_a_journal_comes_through_a_pipe_by_its_name(connection: psycopg.Connection, run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(journal(COUNTY)))
    writer.start()
    imported = run("import", "--json", pipe)
    writer.join()
    assert json.loads(imported.stdout)["recorded"] == len(COUNTY)


def test_long_blank_lines_do_not_fill_the_memory(
    database_url: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "blank.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as output:
        for _ in range(60):  # 240 MB, and the process may have 160
            output.write(b" " * (4 * 1024 * 1024 - 1) + b"\n")
    limited = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_DATA, (160 << 20, 160 << 20));"
    limited += (
        "sys.argv = ['registry', 'import', '--json', sys.argv[1]]; runpy.run_module('registry', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, str(file)],
        env=os.environ | {"REGISTRY_DATABASE_URL": database_url},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["blank"] == 60


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "\x1b]0;pwned\x07\x1b[31m省"),
        ("name", "省\u202egnehcnab"),
        ("name", " \u3000 "),
        ("unit", "9\x9b7"),
        ("aliases", ["省", "省\u2066"]),
    ],
)
def test_characters_that_act_or_hide_are_refused_with_their_field(
    connection: psycopg.Connection, run: Run, field: str, value: object
) -> None:
    for ascii_only in (True, False):
        line = json.dumps(UNIT | {field: value}, ensure_ascii=ascii_only).encode()
        refused = run("import", "--json", "-", stdin=line)
        error = json.loads(refused.stdout)
        assert (refused.returncode, error["code"], error["field"]) == (1, "bad-value", field)
    assert json.loads(
        run("import", "--json", "-", stdin=json.dumps(UNIT | {"note": "一\n二\t三\u200b\x1b"}).encode()).stdout
    )["recorded"]


def test_what_is_not_ascii_is_escaped_for_a_terminal_that_knows_no_more(
    county: psycopg.Connection, database_url: str
) -> None:
    shown = cli_process(database_url, PYTHONIOENCODING="ascii")("rules")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.isascii()


def test_an_empty_signing_key_is_made_anew_where_nothing_was_signed(
    county: psycopg.Connection, run: Run, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "signing.key").touch()
    issued = run("checkpoint")
    assert issued.returncode == 0, issued.stderr
    assert "signing.key" in issued.stderr.decode()
    public = (home / "signing.pub").read_bytes()
    (home / "signing.pub").unlink()
    assert run("checkpoint").stdout == issued.stdout
    assert (home / "signing.pub").read_bytes() == public
    (home / "signing.key").write_bytes(b"")  # it has signed: only a backup brings it back
    lost = run("checkpoint")
    assert (lost.returncode, lost.stderr[:7]) == (1, b"bad-key")


def test_a_clock_far_from_the_log_is_told_of_in_the_answer(county: psycopg.Connection, run: Run) -> None:
    county.execute("UPDATE log.decision SET recorded_at = recorded_at + interval '10 years'")
    imported = run("import", "--json", "-", stdin=journal([duty("LATE")]))
    warning = json.loads(imported.stdout)["warning"]
    assert "校准时钟" in warning["zh"]
    assert "Set the clock right" in warning["en"]
    assert warning["zh"] in imported.stderr.decode()


NO_LETTERS = b"a\xff\xfe"
EVERY_TEXT: list[list[str | bytes]] = [
    *(["accounts", name, NO_LETTERS] for name in ("disable", "enable", "logout", "password", "tokens", "role")),
    ["accounts", "add", "ann", "--role", b"clerk:" + NO_LETTERS],
    *([name, NO_LETTERS] for name in ("history", "balance", "burdens", "rectifications", "effects")),
    ["check", "--within", NO_LETTERS],
    ["findings", "--within", NO_LETTERS],
    ["decisions", "--ref", NO_LETTERS],
    ["certificate", NO_LETTERS, NO_LETTERS],
    ["evidence", "--matter", NO_LETTERS, "--unit", "town", "--on", "2020-01-01", "-o", "{folder}/e.zip"],
    ["lists", "export", NO_LETTERS, "-o", "{folder}/x.xlsx"],
    ["webhooks", "add", b"https://" + NO_LETTERS],
    ["serve", "--port", "0", "--host", NO_LETTERS],
    ["backup", b"{folder}/" + NO_LETTERS],
]


@pytest.mark.parametrize("command", EVERY_TEXT, ids=lambda one: " ".join(map(str, one[:2])))
def test_bytes_that_are_no_letters_are_refused_in_words(run: Run, tmp_path: Path, command: list[str | bytes]) -> None:
    folder = os.fsencode(tmp_path)
    done = run(*(os.fsdecode(os.fsencode(each).replace(b"{folder}", folder)) for each in command))
    assert done.returncode in (0, 1, 2)
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0 or done.stderr.count(b"\n") < 5
    assert done.returncode == 0 or b" / " in done.stderr


def test_a_password_that_is_no_text_is_refused_and_not_shown(run: Run) -> None:
    done = run("accounts", "add", "joe", "--role", "administrator", stdin=b"s\xffecretsecret\n")
    assert (done.returncode, done.stderr.partition(b":")[0]) == (2, b"bad-value")
    assert b"ecret" not in done.stderr


def test_a_host_that_no_name_can_be_is_no_address(run: Run) -> None:
    for host in ("a..b", "x" * 300, ".", "[::1"):
        done = run("serve", "--port", "0", "--host", host)
        assert done.returncode == 1
        assert done.stderr.startswith(b"cannot-listen: ")
