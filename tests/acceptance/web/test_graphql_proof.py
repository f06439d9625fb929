"""Proofs over GraphQL: an auditor needs nothing but the answers and the public key to check them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import psycopg
import pytest

from registry import database
from registry.log import merkle
from registry.log.notes import Checkpoint, Signer, opened
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.paths import ROOT
from tests.support.worlds import COUNTY, duty

PROOF = (ROOT / "graphql/operations/proof.graphql").read_text()
CONSISTENCY = "query ($first: Int!, $second: Int!) { consistencyProof(first: $first, second: $second) }"


@pytest.fixture(scope="module")
def signer() -> Iterator[Signer]:
    made = Signer.generate("county.example")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTRY_SIGNING_KEY", str(made))
        yield made


def recorded(connection: psycopg.Connection) -> None:
    record(connection, COUNTY)
    record(connection, [duty(f"N{number}") for number in range(300)])


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str], signer: Signer) -> Iterator[Api]:
    """The API over a log that stays as it is."""
    url = module_database()
    with database.connect(url) as connection:
        recorded(connection)
    with api(url) as opened_api:
        yield opened_api


@pytest.fixture
def growing(database_url: str, connection: psycopg.Connection, signer: Signer) -> Iterator[Api]:
    """The API over a log that the test adds to."""
    recorded(connection)
    with api(database_url) as opened_api:
        yield opened_api


def test_a_decision_is_proved_to_be_in_the_log_of_a_signed_checkpoint(client: Api, signer: Signer) -> None:
    for position in (1, 256, 257, len(COUNTY) + 300):
        data = client.ask(PROOF, position=position)
        stated = Checkpoint.parse(opened(data["log"]["checkpoint"], signer.verifier))
        assert (
            (stated.size, stated.root.hex())
            == (data["log"]["size"], data["log"]["root"])
            == (len(COUNTY) + 300, data["inclusionProof"]["root"])
        )
        proof = data["inclusionProof"]
        leaf = base64.b64decode(proof["leaf"])
        assert leaf.split(b"\n")[1] == str(position).encode()
        assert merkle.leaf_hash(leaf).hex() == proof["leafHash"]
        path = [bytes.fromhex(step) for step in proof["hashes"]]
        assert merkle.verify_inclusion(merkle.leaf_hash(leaf), proof["leafIndex"], proof["size"], path, stated.root)


def test_a_checkpoint_kept_is_the_beginning_of_the_log(growing: Api, connection: psycopg.Connection) -> None:
    before = growing.ask("{ log { size root } }")["log"]
    record(connection, [duty(f"M{number}") for number in range(40)])
    after = growing.ask("{ log { size root } }")["log"]
    steps = growing.ask(CONSISTENCY, first=before["size"], second=after["size"])["consistencyProof"]
    path = [bytes.fromhex(step) for step in steps]
    old, new = bytes.fromhex(before["root"]), bytes.fromhex(after["root"])
    assert merkle.verify_consistency(before["size"], after["size"], path, old, new)
    assert not merkle.verify_consistency(before["size"], after["size"], path, new, new)


@pytest.mark.parametrize(("position", "size"), [(0, None), (-1, None), (10_000, None), (5, 4), (1, 0), (1, 10_000)])
def test_what_cannot_be_proved_is_reported(client: Api, position: int, size: int | None) -> None:
    query = "query ($p: Int!, $s: Int) { inclusionProof(position: $p, size: $s) { root } }"
    assert client.refused(query, p=position, s=size)["code"] == "bad-value"


@pytest.mark.parametrize(("first", "second"), [(0, 1), (2, 1), (1, 10_000), (-1, 1)])
def test_what_is_not_consistent_is_reported(client: Api, first: int, second: int) -> None:
    assert client.refused(CONSISTENCY, first=first, second=second)["code"] == "bad-value"


def test_a_key_that_cannot_be_used_is_reported(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SIGNING_KEY", "secret")
    refused = client.refused("{ log { checkpoint } }")
    assert refused["code"] == "bad-key"
    assert "secret" not in str(refused)
