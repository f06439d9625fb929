"""The Merkle tree against RFC 6962: published vectors, and the definition written out plainly."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.log import merkle

# The test leaves and roots of the Certificate Transparency reference implementation.
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENT = {
    (1, 1): [],
    (1, 8): PATHS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


class Kept:
    """What the database keeps, in memory: appended in portions."""

    def __init__(self) -> None:
        self.levels: dict[int, list[bytes]] = {0: []}

    def read(self, level: int, start: int, stop: int) -> list[bytes]:
        return self.levels[level][start:stop]

    def append(self, hashes: list[bytes]) -> None:
        start = len(self.levels[0])
        for level, index, hashed in merkle.ancestors(0, start, hashes, self.read):
            kept = self.levels.setdefault(level, [])
            assert index == len(kept)
            kept.append(hashed)
        self.levels[0] += hashes


def kept(leaves: list[bytes], portion: int = 1000) -> Kept:
    tree = Kept()
    hashes = [merkle.leaf_hash(data) for data in leaves]
    for start in range(0, len(hashes), portion):
        tree.append(hashes[start : start + portion])
    return tree


def plain(leaves: list[bytes]) -> bytes:
    """MTH as section 2.1 of RFC 6962 writes it."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + plain(leaves[:k]) + plain(leaves[k:])).digest()


def test_the_published_roots_and_proofs() -> None:
    tree = kept(LEAVES)
    assert [merkle.root(size, tree.read).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root(0, tree.read).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for (index, size), path in PATHS.items():
        assert [step.hex() for step in merkle.inclusion(index, size, tree.read)] == path
    for (first, second), path in CONSISTENT.items():
        assert [step.hex() for step in merkle.consistency(first, second, tree.read)] == path


@given(st.integers(1, 1300), st.integers(1, 700), st.data())
def test_every_size_and_way_of_appending_gives_the_plain_tree(size: int, portion: int, data: st.DataObject) -> None:
    leaves = [str(number).encode() for number in range(size)]
    tree = kept(leaves, portion)
    whole = merkle.root(size, tree.read)
    assert whole == plain(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion(index, size, tree.read)
    hashed = merkle.leaf_hash(leaves[index])
    assert merkle.verify_inclusion(hashed, index, size, path, whole)
    first = data.draw(st.integers(1, size))
    proof = merkle.consistency(first, size, tree.read)
    old = plain(leaves[:first])
    assert merkle.verify_consistency(first, size, proof, old, whole)
    # Nothing else is proved by them.
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"another"), index, size, path, whole)
    assert not merkle.verify_inclusion(hashed, index, size, [*path, whole], whole)
    assert not merkle.verify_consistency(first, size, proof, merkle.leaf_hash(b"another"), whole)
    if size > 1:
        assert not merkle.verify_inclusion(hashed, (index + 1) % size, size, path, whole)


def test_a_tree_of_three_kept_levels() -> None:
    size = 70_000
    leaves = [b"%d" % number for number in range(size)]
    tree = kept(leaves, 9999)
    assert sorted(tree.levels) == [0, 1, 2]
    whole = merkle.root(size, tree.read)
    assert whole == plain(leaves)
    for index in (0, 65_535, 65_536, size - 1):
        path = merkle.inclusion(index, size, tree.read)
        assert merkle.verify_inclusion(merkle.leaf_hash(leaves[index]), index, size, path, whole)


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"UnitMoved","at":"2024-08-31","unit":"A","parent":"B"}',
        b'{"at":"2024-08-31","type":"UnitMoved"}',
        b'{"type":"UnitMoved", "at":"2024-08-31"}',
        b'{"type":"UnitMoved","at":"2024-08-311"}',
        b'{"type":"UnitMovedAway","at":"2024-08-31"}',
        b'{"type":"UnitMoved","at":7}',
        b"no decision",
    ],
)
def test_the_day_of_a_decision_is_that_in_its_data_however_it_is_written(data: bytes) -> None:
    assert merkle.recorded_day_of("UnitMoved", data) == merkle.day_of(data)
