"""The log as an RFC 6962 Merkle tree: the leaf of a decision, roots, and proofs that anyone can check.

The hash of a leaf is kept with its decision; of every full run of 256 nodes the common ancestor is kept one level up.
So appending costs a constant amount of work a decision, and a root or proof reads a few runs of at most 256 hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NamedTuple

import orjson

# Eight binary levels lie between one kept level and the next.
STEP: Final = 8
RUN: Final = 1 << STEP

LEAF: Final = b"\x00"  # RFC 6962 section 2.1: leaves and nodes are hashed differently
NODE: Final = b"\x01"

# Hashes from start up to stop of a kept level: 0 leaves, 1 ancestors of 256 leaves, 2 of 65,536 …
Read = Callable[[int, int, int], Sequence[bytes]]


def leaf(
    position: int, type_name: str, version: int, at: str, data: bytes, recorded_at: datetime, recorded_by: str | None
) -> bytes:
    """The bytes that are hashed for a decision: lines, so that they can be read and made again by hand.

    `quanze leaf 1`, position, type and schema version, day, time of recording (UTC, microseconds), recorder as JSON,
    and the decision's data as stored; each line ended by a line feed but the last.
    """
    return leaf_of(position, type_name, version, at, data, circumstances(recorded_at, recorded_by))


def circumstances(recorded_at: datetime, recorded_by: str | None) -> bytes:
    """The two lines of a leaf that all decisions recorded together share."""
    time = recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return time.encode() + b"\n" + orjson.dumps(recorded_by) + b"\n"


def leaf_of(position: int, type_name: str, version: int, at: str, data: bytes, recorded: bytes) -> bytes:
    """A leaf, given the circumstances of its recording."""
    return b"quanze leaf 1\n%d\n%s %d\n%s\n%s%s" % (
        position,
        type_name.encode(),
        version,
        at.encode(),
        recorded,
        data,
    )


def day_of(data: bytes) -> str:
    """The day as written in a decision's data; nothing where the data is no decision (any more)."""
    try:
        return str(orjson.loads(data)["at"])
    except (ValueError, KeyError, TypeError):
        return ""


def recorded_day_of(type_name: str, data: bytes) -> str:
    """What `day_of` gives for a decision's data as it was recorded, mostly without reading it.

    Where it has been altered since, so has the leaf, whatever this gives.
    """
    begin = b'{"type":"%s","at":"' % type_name.encode()
    day = len(begin)
    if data.startswith(begin) and data[day + 10 : day + 11] == b'"':
        return data[day : day + 10].decode("latin-1")
    return day_of(data)


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two children."""
    return sha256(NODE + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """The root over the nodes of a full subtree: their number is a power of two."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[index], level[index + 1]) for index in range(0, len(level), 2)]
    return level[0]


def root(size: int, read: Read) -> bytes:
    """The root of the tree over the first `size` leaves; of none, the hash of nothing."""
    return sha256(b"").digest() if size == 0 else _over(0, size, read)


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The audit path (RFC 6962 section 2.1.1) of the leaf at `index` (from 0) in the tree of `size` leaves."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not in a tree of this size")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_over(middle, end, read))
            end = middle
        else:
            path.append(_over(start, middle, read))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, read: Read) -> list[bytes]:
    """The proof (RFC 6962 section 2.1.2) that the tree of `first` leaves is the beginning of that of `second`."""
    if not 0 < first <= second:
        raise ValueError("the first size is 1 or more and at most the second")
    path: list[bytes] = []
    start, end, known = 0, second, True  # known: the verifier has this subtree's root already, as the first tree's
    while first < end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_over(middle, end, read))
            end = middle
        else:
            path.append(_over(start, middle, read))
            start, known = middle, False
    if not known:
        path.append(_over(start, end, read))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two below size."""
    return 1 << ((size - 1).bit_length() - 1)


def _over(start: int, end: int, read: Read) -> bytes:
    """The root over leaves from start up to end, where start is a multiple of the power of two that holds them."""
    size = end - start
    bits = size.bit_length() - 1
    if size == 1 << bits:
        level, rest = divmod(bits, STEP)
        kept = STEP * level
        if level and not rest:
            return read(level, start >> kept, end >> kept)[0]
        return folded(read(level, start >> kept, end >> kept))
    middle = start + _split(size)
    return node_hash(_over(start, middle, read), _over(middle, end, read))


class Step(NamedTuple):
    """One node computed on the way up: the hash over a left and a right one."""

    left: bytes
    right: bytes
    hash: bytes


def verify_inclusion(hashed: bytes, index: int, size: int, path: Sequence[bytes], claimed: bytes) -> bool:
    """Whether the path proves that a leaf with this hash is at `index` in the tree of `size` with the claimed root."""
    steps = inclusion_steps(hashed, index, size, path)
    return steps is not None and (steps[-1].hash if steps else hashed) == claimed


def inclusion_steps(hashed: bytes, index: int, size: int, path: Sequence[bytes]) -> list[Step] | None:
    """The nodes from a leaf up to the root that an audit path leads to; None where it is no path of such a leaf.

    By the algorithm of RFC 9162 section 2.1.3.2, which uses nothing but its arguments.
    """
    if not 0 <= index < size:
        return None
    node, last, computed = index, size - 1, hashed
    steps: list[Step] = []
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            steps.append(_over_two(sibling, computed))
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            steps.append(_over_two(computed, sibling))
        computed = steps[-1].hash
        node, last = node >> 1, last >> 1
    return steps if last == 0 else None


def verify_consistency(first: int, second: int, path: Sequence[bytes], old: bytes, new: bytes) -> bool:
    """Whether the path proves that the tree of `first` leaves (root old) begins that of `second` (root new)."""
    if first == second:
        return not path and old == new
    steps = consistency_steps(first, second, path, old)
    if steps is None:
        return False
    before, after, begun = steps
    return (before[-1].hash if before else begun) == old and (after[-1].hash if after else begun) == new


def consistency_steps(
    first: int, second: int, path: Sequence[bytes], old: bytes
) -> tuple[list[Step], list[Step], bytes] | None:
    """The nodes up to the smaller and up to the larger tree's root, and the node that both begin with.

    None where it is no path of such trees. By the algorithm of RFC 9162 section 2.1.4.2.
    """
    if not 0 < first < second or not path:
        return None
    siblings = list(path)
    if first & (first - 1) == 0:
        siblings.insert(0, old)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = siblings[0]
    to_old, to_new = list[Step](), list[Step]()
    for sibling in siblings[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            to_old.append(_over_two(sibling, before))
            to_new.append(_over_two(sibling, after))
            before = to_old[-1].hash
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            to_new.append(_over_two(after, sibling))
        after = to_new[-1].hash
        node, last = node >> 1, last >> 1
    return (to_old, to_new, siblings[0]) if last == 0 else None


def _over_two(left: bytes, right: bytes) -> Step:
    return Step(left, right, node_hash(left, right))


def ancestors(level: int, start: int, added: Sequence[bytes], earlier: Read) -> list[tuple[int, int, bytes]]:
    """What is to be kept further up when hashes are added at a level from index `start` on: (level, index, hash).

    `earlier` reads the hashes before `start` that share a run with them.
    """
    kept: list[tuple[int, int, bytes]] = []
    hashes = list(added)
    while True:
        first = start // RUN
        stop = (start + len(hashes)) // RUN
        if stop == first:
            return kept
        run = [*earlier(level, first * RUN, start), *hashes] if start % RUN else hashes
        above = [folded(run[index * RUN : (index + 1) * RUN]) for index in range(stop - first)]
        level, start, hashes = level + 1, first, above
        kept += [(level, start + index, hashed) for index, hashed in enumerate(above)]
