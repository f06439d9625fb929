"""Evidence for one incident: made by the registry, checked on a machine that has nothing but it and a public key."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from registry import database
from registry.exchange import originals
from registry.exchange.evidence import BadEvidence, check
from registry.log import recorder
from registry.log.notes import Signer, Verifier
from registry.recording.unit_of_work import Recorded, record
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, decision, duty, grant

MADE = [
    *COUNTY,
    duty("A", at="2020-01-01"),
    duty("B", at="2020-02-01", from_="town", to="village", under="A", role="assist"),
    grant("G", at="2021-01-01"),
    decision("DelegationEnded", "2022-01-01", ref="A", reason="returned"),
]


class Office:
    """A registry with its key."""

    def __init__(self, url: str, home: Path) -> None:
        self.url, self.home = url, home

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        return cli_runner(self.url, REGISTRY_HOME=str(self.home))(*arguments)

    def evidence(self, unit: str, on: str, file: Path) -> bytes:
        arguments = ("--matter", "D-SAND", "--unit", unit, "--on", on, "-o", file)
        printed = self.run("evidence", *arguments)
        assert printed.returncode == 0, printed.stderr
        return file.read_bytes()

    @property
    def key(self) -> Verifier:
        return Verifier.parse((self.home / "signing.pub").read_text())


@pytest.fixture
def office(database_url: str, connection: psycopg.Connection, tmp_path: Path) -> Office:
    record(connection, MADE)
    return Office(database_url, tmp_path / "office")


@pytest.mark.parametrize(
    ("unit", "on", "conclusion", "chain"),
    [
        ("town", "2019-12-31", "NOT_HELD", []),
        ("town", "2020-06-01", "HELD_WITHOUT_POWER", ["A"]),
        ("town", "2021-07-15", "HELD_WITH_POWER", ["A"]),
        ("town", "2022-01-01", "NOT_HELD", []),
        ("village", "2020-06-01", "ASSISTED", ["B", "A"]),
    ],
)
def test_what_the_file_says_of_the_day(
    office: Office, tmp_path: Path, unit: str, on: str, conclusion: str, chain: list[str]
) -> None:
    checked = check(office.evidence(unit, on, tmp_path / "e.zip"), office.key)
    assert checked.answer["conclusion"] == conclusion
    assert [link["subject"] for link in checked.answer["chain"]] == chain
    assert checked.decisions == len(checked.answer["rests_on"])
    if conclusion == "HELD_WITHOUT_POWER":
        assert checked.answer["missing"] == ["P-SAND"]
        assert ["duty-without-power", "town", "A"] in [
            [finding["rule"], finding["unit"], finding["subject"]] for finding in checked.answer["findings"]
        ]


def test_it_is_checked_offline_by_the_command_line(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "evidence.zip"
    office.evidence("town", "2020-06-01", file)
    elsewhere = Office("postgresql://nobody@/nowhere?host=/nonexistent", tmp_path / "elsewhere")
    printed = elsewhere.run("verify", file, "--key", str(office.key))
    assert printed.returncode == 0, printed.stderr
    assert "held the duty without the powers" in printed.stdout.decode()
    content = json.loads(elsewhere.run("verify", file, "--key", office.home / "signing.pub", "--json").stdout)
    assert (content["answer"]["conclusion"], content["size"]) == ("HELD_WITHOUT_POWER", len(MADE))
    stranger = elsewhere.run("verify", file, "--key", str(Signer.generate("quanze").verifier))
    assert stranger.returncode == 1
    assert b"bad-evidence" in stranger.stderr
    assert b"Traceback" not in stranger.stderr


def repacked(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The file with each part changed; None leaves it out."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w") as new:
        for name in old.namelist():
            changed = change(name, old.read(name))
            if changed is not None:
                new.writestr(name, changed)
    return output.getvalue()


def test_no_part_can_be_changed(office: Office, tmp_path: Path) -> None:
    content = office.evidence("village", "2020-06-01", tmp_path / "e.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = [name for name in packed.namelist() if name != "README.txt"]
    assert len(names) > 8
    for changed in names:

        def alter(name: str, part: bytes, changed: str = changed) -> bytes:
            if name != changed:
                return part
            index = len(part) // 2
            return part[:index] + bytes([part[index] ^ 1]) + part[index + 1 :]

        for way in (alter, lambda name, part, changed=changed: None if name == changed else part):
            with pytest.raises(BadEvidence):
                check(repacked(content, way), office.key)


def test_no_byte_of_the_file_can_be_damaged_into_anything_but_bad_evidence(office: Office, tmp_path: Path) -> None:
    content = office.evidence("town", "2020-06-01", tmp_path / "e.zip")
    answer = check(content, office.key).answer
    for index in range(0, len(content), 7):
        damaged = content[:index] + bytes([content[index] ^ 0x55]) + content[index + 1 :]
        try:
            checked = check(damaged, office.key)
        except BadEvidence:
            continue
        assert checked.answer == answer  # dates and flags of packing: nothing that is said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"x" * 100])
def test_no_other_file_is_evidence(content: bytes) -> None:
    with pytest.raises(BadEvidence):
        check(content, Signer.generate("quanze").verifier)


def test_a_bomb_is_not_unpacked() -> None:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("answer.json", bytes(80 * 1024 * 1024))
    with pytest.raises(BadEvidence, match="too large"):
        check(output.getvalue(), Signer.generate("quanze").verifier)


def test_what_is_not_recorded_is_reported(office: Office, tmp_path: Path) -> None:
    printed = office.run(
        "evidence", "--matter", "D-NONE", "--unit", "town", "--on", "2020-01-01", "-o", tmp_path / "e.zip"
    )
    assert printed.returncode == 1
    assert b"unknown-matter" in printed.stderr
    assert not (tmp_path / "e.zip").exists()


def test_the_same_question_gives_the_same_bytes(office: Office, tmp_path: Path) -> None:
    first = office.evidence("town", "2020-06-01", tmp_path / "1.zip")
    assert office.evidence("town", "2020-06-01", tmp_path / "2.zip") == first
    with database.connect(office.url) as connection:
        record(connection, [duty("LATER")])
    assert check(office.evidence("town", "2020-06-01", tmp_path / "3.zip"), office.key).checkpoint.size == len(MADE) + 1


def test_the_files_handed_in_are_named_by_their_digests(
    office: Office, connection: psycopg.Connection, tmp_path: Path
) -> None:
    """Of what the answer rests on, and of nothing else."""
    last = recorder.head(connection)[0]
    originals.keep(connection, b"the list", Recorded([], before=last - 2, after=last))
    elsewhere = record(
        connection, [decision("InstrumentIssued", "2021-01-01", instrument="N9", title="x", kind="notice")]
    )
    originals.keep(connection, b"another list", elsewhere)
    connection.commit()
    checked = check(office.evidence("town", "2021-06-01", tmp_path / "evidence.zip"), office.key)
    digest = hashlib.sha256(b"the list").hexdigest()
    assert checked.answer["originals"] == [{"sha256": digest, "size": 8, "first": last - 1, "last": last}]
