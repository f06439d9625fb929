"""Whether the log is what it was: every leaf made anew from what is stored, and the roots of all kept checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from registry.domain.text import Count
from registry.log import merkle
from registry.log.notes import Checkpoint

BATCH: Final = 5000


@dataclass(frozen=True, slots=True)
class Differs:
    """Where the log differs from what it was, and how. `position`: the first that does, or that may."""

    position: int
    what: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification: the log's size and root, and the first position that differs (None: none does)."""

    size: int
    root: bytes
    differs: Differs | None


class GrowingTree:
    """The tree made anew: of each level the hashes of the run under way, and all that is kept above the leaves."""

    def __init__(self) -> None:
        self.size = 0
        self.levels: list[list[bytes]] = [[]]

    def read(self, level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:  # of the leaves only the run under way is kept
            first = self.size - len(self.levels[0])
            return self.levels[0][start - first : stop - first]
        return self.levels[level][start:stop]

    def add(self, hashed: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf. Gives the ancestors that it completes: level, place, hash."""
        above = merkle.ancestors(0, self.size, [hashed], self.read)
        self.levels[0].append(hashed)
        self.size += 1
        for level, _, ancestor in above:
            if level == len(self.levels):
                self.levels.append([])
            self.levels[level].append(ancestor)
        if above:
            self.levels[0].clear()
        return above

    def root(self) -> bytes:
        return merkle.root(self.size, self.read)


def verify(
    connection: psycopg.Connection,
    checkpoints: Iterable[Checkpoint] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Verified:
    """Recompute the tree from the stored decisions and compare it with what is kept and with the checkpoints.

    In one repeatable-read transaction, so that others may go on recording. Linear in the log, in bounded memory but for
    one hash in 256 decisions.
    """
    expected: dict[int, set[bytes]] = {}
    for checkpoint in checkpoints:
        expected.setdefault(checkpoint.size, set()).add(checkpoint.root)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return _verify(connection, expected, progress)


def _verify(
    connection: psycopg.Connection, expected: dict[int, set[bytes]], progress: Callable[[int, int], None] | None
) -> Verified:
    kept: dict[tuple[int, int], bytes] = {
        (level, index): bytes(hashed)
        for level, index, hashed in connection.execute("SELECT level, place, hash FROM log.ancestor", binary=True)
    }
    counted = connection.execute("SELECT count(*) FROM log.decision").fetchone()
    total = counted[0] if counted else 0
    tree = GrowingTree()
    trusted = 0  # up to here a checkpoint agrees
    last_time: Any = None

    def differing(position: int, what: str, zh: str, en: str) -> Verified:
        return Verified(tree.size, tree.root(), Differs(position, what, zh, en))

    def compared() -> Verified | None:
        """Whether the checkpoints of this size agree."""
        nonlocal trusted
        roots = expected.pop(tree.size, None)
        if roots is None:
            return None
        if roots == {tree.root()}:
            trusted = tree.size
            return None
        return differing(
            trusted + 1,
            "checkpoint",
            f"前 {tree.size} 项与检查点不符：自第 {trusted + 1} 项起有改动，或检查点属于另一日志。",
            f"The log's first {Count(tree.size):decision does|decisions do} not agree with a checkpoint:"
            f" something from {trusted + 1} on was altered, or the checkpoint is of another log.",
        )

    if (problem := compared()) is not None:
        return problem
    with connection.cursor("verified", binary=True) as cursor:
        cursor.itersize = BATCH
        cursor.execute(
            "SELECT position, type, version, data, recorded_at, recorded_by, leaf FROM log.decision ORDER BY position"
        )
        for position, type_name, version, data, recorded_at, recorded_by, leaf in cursor:
            due = tree.size + 1
            if position != due:
                zh, en = f"缺第 {due} 项。", f"Decision {due} is missing."
                return differing(min(position, due), "missing" if position > due else "surplus", zh, en)
            if last_time is not None and recorded_at < last_time:
                zh, en = f"第 {due} 项的记录时间早于前一项。", f"Decision {due} was recorded before the last one."
                return differing(due, "time", zh, en)
            last_time = recorded_at
            made = merkle.leaf(position, type_name, version, merkle.day_of(data), bytes(data), recorded_at, recorded_by)
            hashed = merkle.leaf_hash(made)
            if hashed != leaf:
                zh, en = f"第 {due} 项的内容与其哈希不符。", f"Decision {due} does not agree with its hash."
                return differing(due, "leaf", zh, en)
            for level, index, ancestor in tree.add(hashed):
                if kept.pop((level, index), None) != ancestor:
                    first = (index << (merkle.STEP * level)) + 1
                    return differing(
                        first,
                        "ancestor",
                        f"第 {first} 项至第 {tree.size} 项与树中所存的哈希不符。",
                        f"Decisions {first} to {tree.size} do not agree with the tree's hash of them.",
                    )
            if (problem := compared()) is not None:
                return problem
            if progress is not None and tree.size % BATCH == 0:
                progress(tree.size, total)
    beyond = connection.execute("SELECT max(position) FROM log.tag").fetchone()
    if kept or expected or (beyond is not None and (beyond[0] or 0) > tree.size):
        due = tree.size + 1
        return differing(
            due,
            "truncated",
            f"日志止于第 {tree.size} 项，但曾有更多：第 {due} 项起缺失，或检查点属于另一日志。",
            f"The log ends at {tree.size}, yet there was more: {due} and what followed is missing, or a checkpoint is "
            "of another log.",
        )
    return Verified(tree.size, tree.root(), None)
