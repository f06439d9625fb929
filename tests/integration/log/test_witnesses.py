"""Witnesses over HTTP: cosigned, behind, ahead, down, wrong; and what `registry verify` makes of their cosignatures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from registry import database
from registry.exchange import witnesses as submitting
from registry.log import checkpoints, cosignatures
from registry.log.notes import Signer
from registry.log.witness_policy import Witness
from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_runner
from tests.support.registry_under_test import empty
from tests.support.server_process import serving
from tests.support.trickling import trickling
from tests.support.waiting import wait_for
from tests.support.witness import OwnWitness, running
from tests.support.worlds import COUNTY, duty

KEY = Signer.generate("registry.example/yicheng")


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    return module_database()


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection]:
    """A log of the county and 300 decisions."""
    with database.connect(url) as opened:
        empty(opened)
        record(opened, [*COUNTY, *(duty(f"R-{number}") for number in range(300))])
        yield opened


@pytest.fixture
def witnesses() -> Iterator[list[OwnWitness]]:
    logs = {KEY.name: KEY.verifier}
    made = [OwnWitness(f"w{number}.example/{number}", logs) for number in (1, 2)]
    with running(*made):
        yield made


@pytest.fixture
def configured(witnesses: list[OwnWitness], tmp_path: Path) -> dict[str, str]:
    """What the environment says where both witnesses are configured; one of them is enough."""
    lines = [f"witness W{number} {one.public} {one.url}" for number, one in enumerate(witnesses, 1)]
    policy = tmp_path / "witnesses.txt"
    policy.write_text("\n".join([*lines, "group one any W1 W2", "quorum one", ""]), "utf-8")
    return {"REGISTRY_WITNESS_POLICY": str(policy), "REGISTRY_SIGNING_KEY": str(KEY)}


@pytest.fixture
def run(url: str, configured: dict[str, str]) -> Run:
    """The command line with them."""
    return cli_runner(url, **configured)


def size_of(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT max(position) FROM log.decision").fetchone()
    assert row
    return row[0]


def test_witnesses_cosign_and_go_on_from_what_they_cosigned(
    connection: psycopg.Connection, witnesses: list[OwnWitness], run: Run, tmp_path: Path
) -> None:
    assert run("verify", "--quorum", "1").stderr.startswith(b"no-quorum: ")
    first = run("witness", "submit")
    assert first.returncode == 0, first.stderr.decode()
    before = size_of(connection)
    assert witnesses[0].requests[0].startswith("old 0\n\nregistry.example/yicheng\n")
    record(connection, [duty(f"S-{number}") for number in range(40)])
    assert run("witness", "submit").returncode == 0
    assert witnesses[0].requests[1].startswith(f"old {before}\n")
    assert len(witnesses[0].requests) == 2  # it remembers up to where each has cosigned
    connection.execute("DELETE FROM log.cosignature")
    done = run("witness", "submit")  # … and asks the witness where it does not know any more
    assert done.returncode == 0
    assert [body.partition("\n")[0] for body in witnesses[0].requests[2:]] == ["old 0", f"old {before + 40}"]
    text, lines = cosignatures.parts(done.stdout.decode())
    assert all(cosignatures.verified(text, lines, witness.public) for witness in witnesses)
    verified = run("verify", "--quorum", "2", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["cosigned"] == {"size": before + 40, "witnesses": ["W1", "W2"]}
    record(connection, [duty("T-1")])
    assert "the 1 after them are not yet" in run("verify", "--quorum", "2").stdout.decode()
    assert run("verify", "--quorum", "3").returncode == 1
    shown = [json.loads(line) for line in run("witness", "show", "--json").stdout.splitlines()]
    assert [(one["name"], one["size"], one["behind"]) for one in shown] == [
        ("W1", before + 40, 1),
        ("W2", before + 40, 1),
    ]
    # A cosigned checkpoint kept elsewhere is enough where the database has none.
    kept = tmp_path / "kept.txt"
    kept.write_bytes(done.stdout)
    connection.execute("DELETE FROM log.cosignature")
    assert run("verify", "--quorum", "2").returncode == 1
    assert run("verify", "--quorum", "2", "--checkpoint", kept).returncode == 0


def test_a_witness_that_is_down_is_reported_and_keeps_nobody_back(
    connection: psycopg.Connection, witnesses: list[OwnWitness], run: Run
) -> None:
    for answer in ((503, "text/plain", "later"), (429, "text/plain", "slowly"), (200, "text/html", "x" * 100_000)):
        witnesses[0].instead = answer
        done = run("witness", "submit")
        assert done.returncode == 0
        assert b"W1: " in done.stderr
        assert b"W2: cosigned" in done.stderr
    for witness in witnesses:
        witness.url, witness.instead = "http://127.0.0.1:1/", (503, "text/plain", "")
    done = run("witness", "submit")
    assert done.returncode == 1
    assert b"no-quorum: " in done.stderr
    assert done.stdout.startswith(b"registry.example/yicheng\n")  # the checkpoint itself is issued all the same
    assert b"Traceback" not in done.stderr


def test_a_witness_that_answers_in_drops_keeps_nobody_back(
    connection: psycopg.Connection, witnesses: list[OwnWitness], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submitting, "WHOLE", 1.0)
    note = checkpoints.issue(connection, KEY)
    with trickling() as (address, left):
        both = [Witness("W1", witnesses[0].public, address), Witness("W2", witnesses[1].public, witnesses[1].url)]
        results = submitting.submit(connection, note, checkpoints.read(note, KEY.verifier), both)
        wait_for(lambda: len(left) == 1)
    assert [one.outcome for one in results] == ["unreachable", "cosigned"]
    assert "TimeoutError" in results[0].text.en


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((404, "text/plain", ""), b"does not know this log"),
        ((403, "text/plain", ""), b"does not accept this log's signature"),
        ((400, "text/plain", ""), b"refused the checkpoint (400)"),
        ((409, "text/plain", "5\n"), b"refused the checkpoint (409)"),
        ((409, "text/x.tlog.size", "five\n"), b"refused the checkpoint (409)"),
        ((301, "text/plain", ""), b"refused the checkpoint (301)"),
        ((200, "text/plain", "\N{EM DASH} w1.example/1 AAAA\n"), b"no cosignature by its key"),
    ],
)
def test_what_else_a_witness_answers_is_said(
    connection: psycopg.Connection, witnesses: list[OwnWitness], run: Run, answer: tuple[int, str, str], words: bytes
) -> None:
    witnesses[0].instead = answer
    done = run("witness", "submit")
    assert done.returncode == 0  # the other has cosigned
    assert words in done.stderr
    assert connection.execute("SELECT count(*) FROM log.cosignature").fetchone() == (1,)


def test_a_server_has_its_log_cosigned_by_itself(
    url: str,
    connection: psycopg.Connection,
    witnesses: list[OwnWitness],
    configured: dict[str, str],
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in configured.items():
        monkeypatch.setenv(name, value)
    with serving(url):
        wait_for(lambda: all(witness.seen.get(KEY.name, (0,))[0] == size_of(connection) for witness in witnesses))
        wait_for(lambda: run("verify", "--quorum", "2").returncode == 0)


def test_a_log_that_was_cut_off_is_told_by_the_witness(
    connection: psycopg.Connection, witnesses: list[OwnWitness], run: Run
) -> None:
    """Cut off with all checkpoints in the database: verify cannot know, the witness does."""
    assert run("witness", "submit").returncode == 0
    with connection.transaction():
        for table in ("decision", "tag"):
            connection.execute(f"DELETE FROM log.{table} WHERE position > 200".encode())
        for table in ("checkpoint", "cosignature", "ancestor"):
            connection.execute(f"DELETE FROM log.{table}".encode())
    assert run("verify").returncode == 0
    done = run("witness", "submit")
    assert done.returncode == 1
    assert b"witness-disagrees: " in done.stderr
    assert b"but the log has 200" in done.stderr


def test_a_log_that_was_rewritten_is_told_by_the_witness(
    connection: psycopg.Connection, witnesses: list[OwnWitness], run: Run
) -> None:
    assert run("witness", "submit").returncode == 0
    before = size_of(connection)
    empty(connection)
    record(connection, [*COUNTY, *(duty(f"X-{number}") for number in range(310))])
    done = run("witness", "submit")
    assert done.returncode == 1
    assert b"does not agree with the log" in done.stderr
    witnesses[0].instead = witnesses[1].instead = (409, "text/x.tlog.size", f"{before}\n")  # as version 1.0 says it
    done = run("witness", "submit")
    assert done.returncode == 1
    assert b"does not agree with the log" in done.stderr


def test_witnesses_that_are_not_configured_well(url: str, connection: psycopg.Connection, tmp_path: Path) -> None:
    none = cli_runner(url, REGISTRY_SIGNING_KEY=str(KEY))
    for command in (("witness", "submit"), ("witness", "show"), ("verify", "--quorum", "1")):
        assert none(*command).stderr.startswith(b"no-witnesses: ")
    for name, text in (("missing", None), ("wrong", "quorum w\n")):
        file = tmp_path / name
        if text is not None:
            file.write_text(text)
        wrong = cli_runner(url, REGISTRY_SIGNING_KEY=str(KEY), REGISTRY_WITNESS_POLICY=str(file))
        done = wrong("witness", "show")
        assert done.returncode == 1
        assert done.stderr.startswith(b"bad-witnesses: ")


def test_a_log_is_called_as_it_is_told_when_its_key_is_made(url: str, tmp_path: Path) -> None:
    named = cli_runner(url, REGISTRY_HOME=str(tmp_path / "a"), REGISTRY_LOG_NAME="registry.example/a")
    assert named("checkpoint").stdout.startswith(b"registry.example/a\n")
    wrong = cli_runner(url, REGISTRY_HOME=str(tmp_path / "b"), REGISTRY_LOG_NAME="a name")
    assert wrong("checkpoint").stderr.startswith(b"bad-key: ")
