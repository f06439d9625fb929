"""Nothing in the log can be altered, removed or back-dated without being told: by example, and 500 times at random."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import psycopg
import pytest

from registry import database
from registry.log import checkpoints, merkle, tree, verifying
from registry.log.notes import BadNote, Checkpoint, Signer, Verifier
from registry.log.verifying import Verified, verify
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, decision, duty, line

SIZE = 1000


@pytest.fixture(scope="module")
def log(module_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A log of 1,000 decisions in several recordings, with a copy to restore it from."""
    with database.connect(module_database()) as connection:
        lines = [line(each) for each in [*COUNTY, *(duty(f"N{number}") for number in range(SIZE - len(COUNTY)))]]
        for start in (0, 300, 700):
            stop = {0: 300, 300: 700, 700: SIZE}[start]
            import_journal(connection, lines[start:stop], recorded_by=f"clerk {start}")
        connection.execute("CREATE TABLE log.copied AS SELECT * FROM log.decision")
        connection.execute("CREATE TABLE log.tag_copied AS SELECT * FROM log.tag")
        yield connection


def restore(connection: psycopg.Connection) -> None:
    """The log as it was: what differs goes, what is missing comes back."""
    with connection.transaction():
        connection.execute(
            "DELETE FROM log.decision d WHERE NOT EXISTS ("
            "SELECT FROM log.copied c WHERE c.position = d.position AND ROW(c.*) IS NOT DISTINCT FROM ROW(d.*))"
        )
        connection.execute(
            "INSERT INTO log.decision SELECT * FROM log.copied c"
            " WHERE NOT EXISTS (SELECT FROM log.decision d WHERE d.position = c.position)"
        )


def state(connection: psycopg.Connection, size: int) -> Checkpoint:
    return Checkpoint("quanze", size, tree.root(connection, size))


def first_differing(verified: Verified) -> int | None:
    return None if verified.differs is None else verified.differs.position


def in_pieces(log: psycopg.Connection, known: list[Checkpoint], most: int) -> Verified:
    """What several processes make of the log between them."""
    with log.transaction():
        each = [verifying.leaves(log, *piece) for piece in verifying.pieces(verifying.last_position(log), most)]
        return verifying.grown(log, known, verifying.joined(each))


def test_a_log_that_nobody_touched_is_whole(log: psycopg.Connection) -> None:
    known = [state(log, size) for size in (0, 1, 255, 256, 257, 600, SIZE)]
    verified = verify(log, known)
    assert (verified.size, verified.differs, verified.root) == (SIZE, None, known[-1].root)


def test_proofs_of_the_log_verify_with_nothing_but_their_arguments(log: psycopg.Connection) -> None:
    whole = tree.root(log, SIZE)
    row = log.execute("SELECT type, version, data, recorded_at, recorded_by FROM log.decision WHERE position = 512")
    type_name, version, data, recorded_at, recorded_by = row.fetchone() or ()
    leaf = merkle.leaf(512, type_name, version, json.loads(data)["at"], data, recorded_at, recorded_by)
    assert leaf.startswith(b"quanze leaf 1\n512\nDutyDelegated 1\n2020-01-01\n20")
    path = tree.inclusion(log, 512, SIZE)
    assert merkle.verify_inclusion(merkle.leaf_hash(leaf), 511, SIZE, path, whole)
    assert not merkle.verify_inclusion(merkle.leaf_hash(leaf + b" "), 511, SIZE, path, whole)
    proof = tree.consistency(log, 300, SIZE)
    assert merkle.verify_consistency(300, SIZE, proof, tree.root(log, 300), whole)


def change_data(connection: psycopg.Connection, random: Random, position: int) -> int:
    """One byte of a decision's data."""
    data = bytearray(connection.execute("SELECT data FROM log.decision WHERE position = %s", (position,)).fetchone()[0])  # type: ignore[index]
    index = random.randrange(len(data))
    data[index] ^= 1 << random.randrange(8)
    connection.execute("UPDATE log.decision SET data = %s WHERE position = %s", (bytes(data), position))
    return position


def change_day(connection: psycopg.Connection, random: Random, position: int) -> int:
    """A decision's `at`."""
    connection.execute(
        "UPDATE log.decision SET data = convert_to(regexp_replace(convert_from(data, 'UTF8'),"
        ' \'"at":"[0-9-]+"\', \'"at":"1999-01-01"\'), \'UTF8\') WHERE position = %s',
        (position,),
    )
    return position


def change_type(connection: psycopg.Connection, random: Random, position: int) -> int:
    connection.execute("UPDATE log.decision SET type = type || 'd' WHERE position = %s", (position,))
    return position


def change_time(connection: psycopg.Connection, random: Random, position: int) -> int:
    """When it was recorded, by a microsecond."""
    delta = timedelta(microseconds=random.choice((-1, 1)))
    connection.execute("UPDATE log.decision SET recorded_at = recorded_at + %s WHERE position = %s", (delta, position))
    return position


def change_recorder(connection: psycopg.Connection, random: Random, position: int) -> int:
    connection.execute(
        "UPDATE log.decision SET recorded_by = %s WHERE position = %s", (random.choice((None, "nobody")), position)
    )
    return position


def delete(connection: psycopg.Connection, random: Random, position: int) -> int:
    connection.execute("DELETE FROM log.decision WHERE position = %s", (position,))
    return position


def truncate(connection: psycopg.Connection, random: Random, position: int) -> int:
    connection.execute("DELETE FROM log.decision WHERE position >= %s", (position,))
    return position


def swap(connection: psycopg.Connection, random: Random, position: int) -> int:
    """Two decisions in each other's place, hashes and all."""
    other = random.choice([number for number in range(1, SIZE + 1) if number != position])
    for old, new in ((position, 0), (other, position), (0, other)):
        connection.execute("UPDATE log.decision SET position = %s WHERE position = %s", (new, old))
    return min(position, other)


def insert(connection: psycopg.Connection, random: Random, position: int) -> int:
    """A decision slipped in; those after it one place on."""
    connection.execute("UPDATE log.decision SET position = -position WHERE position >= %s", (position,))
    connection.execute("UPDATE log.decision SET position = 1 - position WHERE position < 0")
    connection.execute(
        "INSERT INTO log.decision SELECT %s, type, version, data, tags, recorded_at, recorded_by, leaf"
        " FROM log.copied WHERE position = %s",
        (position, random.randint(1, SIZE)),
    )
    return position


ALTERATIONS: list[Callable[[psycopg.Connection, Random, int], int]] = [
    change_data, change_day, change_type, change_time, change_recorder, delete, truncate, swap, insert,
]  # fmt: skip


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda function: function.__name__)
def test_every_alteration_is_reported_at_its_position(
    log: psycopg.Connection, alteration: Callable[[psycopg.Connection, Random, int], int]
) -> None:
    known = [state(log, size) for size in (300, SIZE)]
    random, altered = Random(alteration.__name__), 0
    for _ in range(60):  # nine alterations: 540 in all
        position = random.randint(1, SIZE)
        expected = alteration(log, random, position)
        try:
            whole = verify(log, known)
            verified = first_differing(whole)
            assert in_pieces(log, known, random.randint(200, SIZE)) == whole
            if alteration is insert:
                same = log.execute("SELECT count(*) FROM (TABLE log.decision EXCEPT TABLE log.copied) x").fetchone()
                if same == (0,):  # what was slipped in is what stood there, and so on
                    continue
            assert verified == expected
            altered += 1
        finally:
            restore(log)
    assert altered > 55
    assert verify(log, known).differs is None


def test_a_decision_rehashed_by_who_altered_it_is_reported_by_the_tree_or_a_checkpoint(log: psycopg.Connection) -> None:
    def alter(position: int) -> None:
        log.execute("UPDATE log.decision SET recorded_by = 'nobody' WHERE position = %s", (position,))
        row = log.execute("SELECT type, version, data, recorded_at FROM log.decision WHERE position = %s", (position,))
        type_name, version, data, recorded_at = row.fetchone() or ()
        made = merkle.leaf(position, type_name, version, json.loads(data)["at"], data, recorded_at, "nobody")
        log.execute("UPDATE log.decision SET leaf = %s WHERE position = %s", (merkle.leaf_hash(made), position))

    known = [state(log, size) for size in (800, SIZE)]
    try:
        alter(400)  # in a full run: the kept ancestor of 257 to 512 tells
        assert first_differing(verify(log)) == 257
        restore(log)
        alter(900)  # in the run under way: only a checkpoint tells, that something after 800 was altered
        assert verify(log).differs is None
        assert first_differing(verify(log, known)) == 801
    finally:
        restore(log)


def test_a_checkpoint_of_another_log_is_reported(log: psycopg.Connection, connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, duty("OTHER")])
    other = state(connection, len(COUNTY) + 1)
    assert first_differing(verify(log, [other])) == 1
    longer = Checkpoint("quanze", SIZE + 5, other.root)
    assert first_differing(verify(log, [longer])) == SIZE + 1


def run(url: str, home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    return cli_runner(url, REGISTRY_HOME=str(home))(*arguments)


def test_an_auditor_keeps_a_checkpoint_and_verifies_later(
    database_url: str, connection: psycopg.Connection, tmp_path: Path
) -> None:
    record(connection, COUNTY)
    home = tmp_path / "home"
    issued = run(database_url, home, "checkpoint")
    assert issued.returncode == 0, issued.stderr
    kept = tmp_path / "kept.txt"
    kept.write_bytes(issued.stdout)
    key = Verifier.parse((home / "signing.pub").read_text())
    assert checkpoints.read(issued.stdout.decode(), key).size == len(COUNTY)
    assert (home / "signing.key").stat().st_mode & 0o077 == 0
    record(connection, [duty("A"), decision("DelegationEnded", "2021-01-01", ref="A", reason="revoked")])
    whole = run(database_url, home, "verify", "--checkpoint", kept, "--key", home / "signing.pub")
    assert whole.returncode == 0, whole.stdout + whole.stderr
    # Somebody with the database in hand alters a decision and makes all the hashes anew, the kept checkpoints too.
    connection.execute("UPDATE log.decision SET recorded_by = 'nobody' WHERE position = 3")
    printed = run(database_url, home, "verify", "--json", "--checkpoint", kept)
    content = json.loads(printed.stdout)
    assert (printed.returncode, content["differs"]["position"]) == (1, 3)
    # A checkpoint signed by another key is not believed.
    forged = tmp_path / "forged.txt"
    forged.write_text(checkpoints.sign("quanze\n1\n" + "A" * 43 + "=\n", Signer.generate("quanze")))
    printed = run(database_url, home, "verify", "--checkpoint", forged)
    assert printed.returncode == 1
    assert b"bad-checkpoint" in printed.stderr
    assert b"Traceback" not in printed.stderr


def test_a_signing_key_that_cannot_be_used_is_reported_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_SIGNING_KEY", "PRIVATE+KEY+quanze+00000000+secretsecret")
    with pytest.raises(checkpoints.NoKey) as refused:
        checkpoints.signer(tmp_path)
    assert "secret" not in str(refused.value)
    monkeypatch.setenv("REGISTRY_SIGNING_KEY", str(Signer.generate("county.example")))
    assert checkpoints.signer(tmp_path).name == "county.example"
    monkeypatch.delenv("REGISTRY_SIGNING_KEY")
    made = checkpoints.signer(tmp_path)
    assert checkpoints.signer(tmp_path).verifier == made.verifier
    (tmp_path / "signing.key").write_text("garbage")
    with pytest.raises(checkpoints.NoKey):
        checkpoints.signer(tmp_path)


def test_what_is_recorded_between_reads_of_the_key_is_in_the_checkpoint(connection: psycopg.Connection) -> None:
    key = Signer.generate("quanze")
    empty = checkpoints.read(checkpoints.issue(connection, key), key.verifier)
    assert (empty.size, empty.root.hex()[:8]) == (0, "e3b0c442")
    record(connection, COUNTY)
    notes = {checkpoints.issue(connection, key) for _ in range(3)}
    assert len(notes) == 1
    assert [checkpoints.read(note, key.verifier).size for note in checkpoints.kept(connection)] == [0, len(COUNTY)]
    with pytest.raises(BadNote):
        checkpoints.read(notes.pop(), Signer.generate("quanze").verifier)
