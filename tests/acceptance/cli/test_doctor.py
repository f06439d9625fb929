"""`registry doctor`: nothing wrong where nothing is wrong, and each thing that can be wrong by its name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import database
from registry.log import cosignatures, tree
from registry.log.notes import Checkpoint
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_runner
from tests.support.witness import OwnWitness
from tests.support.worlds import COUNTY

MISTYPED = "REGISTRY_" + "DATABSE_URL"  # in two, for a test compares all names with those described
Checked = dict[str, list[dict[str, Any]]]


@pytest.fixture
def url(database_url: str) -> str:
    with database.connect(database_url) as connection:
        record(connection, COUNTY)
    return database_url


@pytest.fixture
def doctor(url: str, tmp_path: Path) -> Callable[..., tuple[int, Checked]]:
    """Run it; gives its status and its results by check."""

    def run(**environment: str) -> tuple[int, Checked]:
        done = cli_runner(url, **{"REGISTRY_HOME": str(tmp_path), **environment})("doctor", "--json")
        assert b"Traceback" not in done.stderr
        results: Checked = {}
        for line in done.stdout.splitlines():
            one = json.loads(line)
            results.setdefault(one["check"], []).append(one)
        return done.returncode, results

    return run


def levels(results: Checked, check: str) -> set[str]:
    return {one["level"] for one in results.get(check, [])}


def test_what_is_right_is_said_to_be(doctor: Any, url: str) -> None:
    _, results = doctor()
    for check in ("settings", "own-files", "migrations", "clock", "tags", "database"):
        assert levels(results, check) == {"ok"}, results[check]
    # The server of the tests does not care for power cuts: that is what a real one is told.
    assert levels(results, "durability") == {"error"}
    text = cli_runner(url)("doctor").stdout.decode()
    assert "fsync = on" in text


def test_everything_wrong_says_what_to_do(doctor: Any) -> None:
    _, results = doctor(**{MISTYPED: "80"})
    for one in (each for those in results.values() for each in those if each["level"] != "ok"):
        assert one["todo"]["zh"]
        assert one["todo"]["en"]


def test_a_variable_that_nobody_reads(doctor: Any) -> None:
    _, results = doctor(**{MISTYPED: "x"})
    assert levels(results, "settings") == {"warning"}
    assert MISTYPED in results["settings"][0]["message"]["en"]


def test_a_secret_file_that_is_missing(doctor: Any, tmp_path: Path) -> None:
    status, results = doctor(REGISTRY_METRICS_TOKEN_FILE=str(tmp_path / "none"))
    assert (status, levels(results, "settings")) == (1, {"error"})


def test_no_database() -> None:
    done = cli_runner("postgresql://nobody@127.0.0.1:1/nothing")("doctor", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["check"] == "database"


def test_tables_of_another_program(doctor: Any, url: str) -> None:
    with database.connect(url) as connection:
        connection.execute("INSERT INTO quanze.migration (number, name, checksum) VALUES (9999, 'later', '')")
    status, results = doctor()
    assert (status, levels(results, "migrations")) == (1, {"error"})


def test_a_database_that_is_not_migrated_yet(empty_database: str, tmp_path: Path) -> None:
    done = cli_runner(empty_database, REGISTRY_HOME=str(tmp_path))("doctor", "--json")
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["check"], last["level"]) == ("migrations", "warning")


def test_a_key_that_others_can_read(doctor: Any, url: str, tmp_path: Path) -> None:
    assert cli_runner(url, REGISTRY_HOME=str(tmp_path))("checkpoint").returncode == 0
    assert levels(doctor()[1], "signing-key") == {"ok"}
    (tmp_path / "signing.key").chmod(0o644)
    status, results = doctor()
    assert status == 1
    assert "error" in levels(results, "signing-key")


def test_a_checkpoint_by_another_key_or_none(doctor: Any, url: str, tmp_path: Path) -> None:
    assert levels(doctor()[1], "checkpoint") == {"warning"}
    assert cli_runner(url, REGISTRY_HOME=str(tmp_path / "other"))("checkpoint").returncode == 0
    _, results = doctor()
    assert levels(results, "checkpoint") == {"ok"}
    assert "warning" in levels(results, "signing-key")
    with database.connect(url) as connection:
        connection.execute("UPDATE log.checkpoint SET issued_at = now() - interval '90 days'")
        record(connection, [{"type": "UnitRenamed", "at": "2025-01-01", "unit": "town", "name": "新镇"}])
    assert levels(doctor()[1], "checkpoint") == {"warning"}


def test_what_a_key_before_signed_is_verified_where_that_is_kept(doctor: Any, url: str, tmp_path: Path) -> None:
    run = cli_runner(url, REGISTRY_HOME=str(tmp_path))
    assert run("checkpoint").returncode == 0
    for name in ("signing.key", "signing.pub"):
        (tmp_path / name).rename(tmp_path / f"old-{name}")
    refused = run("verify")
    assert (refused.returncode, b"retired.pub" in refused.stderr) == (1, True)
    (tmp_path / "retired.pub").write_text("\n" + (tmp_path / "old-signing.pub").read_text())
    verified = run("verify", "--json")
    assert (verified.returncode, json.loads(verified.stdout)["checkpoints"]) == (0, 1)
    (tmp_path / "retired.pub").write_text("nonsense")
    assert run("verify").returncode == 1


def test_altered_tags_a_late_feed_and_a_wrong_clock(doctor: Any, url: str) -> None:
    with database.connect(url) as connection:
        connection.execute("DELETE FROM log.tag WHERE position = 3")
        connection.execute("UPDATE log.decision SET recorded_at = recorded_at - interval '1 day'")
    status, results = doctor()
    assert status == 1
    assert (levels(results, "tags"), levels(results, "feed")) == ({"error"}, {"warning"})
    with database.connect(url) as connection:
        connection.execute("UPDATE log.decision SET recorded_at = now() + interval '9 days'")
    assert levels(doctor()[1], "clock") == {"error"}


def test_an_own_thesaurus_that_cannot_be_read(doctor: Any, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("nonsense: [")
    status, results = doctor(REGISTRY_THESAURUS=str(tmp_path / "own.yaml"))
    assert (status, levels(results, "own-files")) == (1, {"error"})


def test_witnesses_replicas_and_webhooks(doctor: Any, url: str, tmp_path: Path) -> None:
    assert not {"witnesses", "replicas", "webhooks"} & doctor()[1].keys()  # nothing of them is set up
    witness = OwnWitness("w.example/1", {})
    policy = tmp_path / "witnesses.txt"
    policy.write_text(f"witness W {witness.public} http://127.0.0.1:1/\nquorum W\n", "utf-8")
    assert cli_runner(url)("webhooks", "add", "https://receiver.example/").returncode == 0
    around = {"REGISTRY_WITNESS_POLICY": str(policy), "REGISTRY_READ_URL": url}
    _, results = doctor(**around)
    seen_levels = [levels(results, check) for check in ("witnesses", "replicas", "webhooks")]
    assert seen_levels == [{"warning"}, {"ok"}, {"ok"}]
    with database.connect(url) as connection:
        text = str(Checkpoint("quanze", len(COUNTY), tree.root(connection, len(COUNTY))))
        given = cosignatures.verified(text, witness.cosign(text, 1_800_000_000), witness.public)
        assert given is not None
        cosignatures.keep(connection, len(COUNTY), text, given)
        connection.execute("UPDATE webhook.endpoint SET attempts = 9, problem = 'HTTP 500'")
    _, results = doctor(**around | {"REGISTRY_READ_URL": "postgresql://nobody@127.0.0.1:1/nothing"})
    seen_levels = [levels(results, check) for check in ("witnesses", "replicas", "webhooks")]
    assert seen_levels == [{"ok"}, {"warning"}, {"warning"}]
    policy.write_text("quorum W\n", "utf-8")
    assert levels(doctor(**around)[1], "witnesses") == {"error"}
