"""The log as tiles: a reader with nothing but these addresses and the public key rebuilds and checks all of it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import psycopg
import pytest

from registry import database
from registry.log import cosignatures, merkle, tiles
from registry.log.notes import Checkpoint, Signer, opened
from registry.log.tiles import Tile
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.witness import OwnWitness
from tests.support.worlds import COUNTY, decision, duty

KEY = Signer.generate("registry.example/yicheng")
COUNT = 600


def recorded(connection: psycopg.Connection) -> None:
    record(connection, [*COUNTY, *(duty(f"R-{number}") for number in range(COUNT - len(COUNTY)))])


@pytest.fixture(autouse=True, scope="module")
def signing_key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTRY_SIGNING_KEY", str(KEY))
        yield


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str]) -> Iterator[Api]:
    """The API over a log that stays as it is."""
    url = module_database()
    with database.connect(url) as connection:
        recorded(connection)
    with api(url) as opened_api:
        yield opened_api


@pytest.fixture
def growing(database_url: str, connection: psycopg.Connection) -> Iterator[Api]:
    """The API over a log that the test adds to."""
    recorded(connection)
    with api(database_url) as opened_api:
        yield opened_api


def checkpoint(client: Api) -> Checkpoint:
    answer = client.send("GET", "/tlog/checkpoint")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=5"
    return Checkpoint.parse(opened(answer.text, KEY.verifier))


def tiles_of(level: int, size: int) -> list[Tile]:
    """The tiles of a level in a tree of so many leaves: by the specification."""
    nodes = size >> (8 * level)
    full = [Tile(level, index, 256) for index in range(nodes // 256)]
    return full + ([Tile(level, nodes // 256, nodes % 256)] if nodes % 256 else [])


def test_the_tree_is_rebuilt_from_its_tiles_and_its_entries(client: Api) -> None:
    stated = checkpoint(client)
    assert stated.size == COUNT
    levels: dict[int, list[bytes]] = {}
    for level in (0, 1):
        levels[level] = []
        for tile in tiles_of(level, COUNT):
            answer = client.send("GET", f"/tlog/tile/{level}/{tiles.path_of(tile)}")
            assert answer.status_code == 200, tile
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert len(answer.content) == 32 * tile.width
            levels[level] += [answer.content[start : start + 32] for start in range(0, len(answer.content), 32)]
    assert len(levels[0]) == COUNT
    assert levels[1] == [merkle.folded(levels[0][start : start + 256]) for start in (0, 256)]
    assert merkle.root(COUNT, lambda level, start, stop: levels[level][start:stop]) == stated.root
    hashed: list[bytes] = []
    for tile in tiles_of(0, COUNT):
        answer = client.send(
            "GET", f"/tlog/tile/entries/{tiles.path_of(tile)}", headers={"Accept-Encoding": "identity"}
        )
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        hashed += [merkle.leaf_hash(entry) for entry in entries(answer.content)]
    assert hashed == levels[0]


def entries(bundle: bytes) -> list[bytes]:
    results: list[bytes] = []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        results.append(bundle[2 : 2 + size])
        bundle = bundle[2 + size :]
    return results


def test_a_bundle_comes_compressed_to_who_takes_it(client: Api) -> None:
    plain = client.send("GET", "/tlog/tile/entries/000", headers={"Accept-Encoding": "identity"})
    packed = client.send("GET", "/tlog/tile/entries/000", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert "Accept-Encoding" in packed.headers["vary"]


@pytest.mark.parametrize(
    "path",
    [
        "0/002.p/89", "0/003", "0/002", "0/002.p/0", "0/002.p/256", "0/002.p/088", "0/02", "0/x000/000", "1/000",
        "1/000.p/3", "2/000.p/1", "8/000", "63/999", "64/000", "00/000", "-1/000", "a/000", "0/000.p/1/x", "0/",
        "0/x999/x999/x999/x999/x999/x999/x999/999", "9/x999/x999/x999/x999/x999/x999/x999/999", "entries/003",
        "entries/002.p/89", "entries/x000/000", "entries/0",
    ],
)  # fmt: skip
def test_there_are_no_other_tiles(client: Api, path: str) -> None:
    answer = client.send("GET", f"/tlog/tile/{path}")
    assert answer.status_code in (400, 404)
    assert answer.json()["errors"][0]["extensions"]["code"] in ("bad-value", "not-found")
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_a_narrower_tile_stays_what_it_was(growing: Api, connection: psycopg.Connection) -> None:
    width = COUNT % 256
    before = growing.send("GET", f"/tlog/tile/0/002.p/{width}").content
    record(connection, [duty("LATER")])
    assert checkpoint(growing).size == COUNT + 1
    assert growing.send("GET", f"/tlog/tile/0/002.p/{width}").content == before
    assert growing.send("GET", f"/tlog/tile/0/002.p/{width + 1}").content[: len(before)] == before


def test_an_entry_that_no_bundle_can_hold_is_told(growing: Api, connection: psycopg.Connection) -> None:
    terms = [f"{number}{'长' * 50}" for number in range(500)]
    record(connection, [decision("ListItemEntered", "2020-01-01", list="NEG", item="T", name="长词", terms=terms)])
    answer = growing.send("GET", f"/tlog/tile/entries/002.p/{COUNT % 256 + 1}")
    assert answer.status_code == 413
    assert growing.send("GET", f"/tlog/tile/0/002.p/{COUNT % 256 + 1}").status_code == 200


@pytest.mark.parametrize(("index", "path"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")])
def test_addresses_are_written_as_the_specification_has_them(index: int, path: str) -> None:
    assert tiles.path_of(Tile(0, index, 256)) == path
    assert tiles.read_path(0, path) == Tile(0, index, 256)
    assert tiles.read_path(3, f"{path}.p/17") == Tile(3, index, 17)


def test_the_largest_checkpoint_that_a_quorum_cosigned_is_shown(
    growing: Api, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    witness = OwnWitness("w.example/1", {})
    file = f"{tmp_path}/witnesses.txt"
    with open(file, "w", encoding="utf-8") as policy:  # noqa: PTH123
        policy.write(f"witness W {witness.public}\nquorum W\n")
    monkeypatch.setenv("REGISTRY_WITNESS_POLICY", file)
    stated = checkpoint(growing)
    assert stated.size == COUNT  # nothing is cosigned: the log as it is
    assert "尚未副署" in growing.send("GET", "/proofs?lang=zh").text
    line = witness.cosign(str(stated), 1_800_000_000)
    given = cosignatures.verified(str(stated), line, witness.public)
    assert given is not None
    cosignatures.keep(connection, COUNT, str(stated), given)
    record(connection, [duty("LATER")])
    note = growing.send("GET", "/tlog/checkpoint").text
    assert note.endswith(line)
    assert Checkpoint.parse(opened(note, KEY.verifier)) == stated
    page = growing.send("GET", "/proofs?lang=en").text
    assert "2027-01-15 08:00" in page
    assert base64.b64encode(stated.root).decode() in page
    # A cosignature of what is not this log's beginning is not shown.
    connection.execute("UPDATE log.cosignature SET size = 10")
    assert checkpoint(growing).size == COUNT + 1
