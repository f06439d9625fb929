"""Whether the log is what it was: every leaf made anew from what is stored, and the roots of all kept checkpoints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg

from registry.domain.text import Count
from registry.log import merkle
from registry.log.notes import Checkpoint
from registry.log.stored import BATCH, Stored, stored

HASH: Final = 32  # bytes


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


@dataclass(frozen=True, slots=True)
class Leaves:
    """What the leaves of a piece of the log are: all made anew as they stand up to `size`, and what follows differs.

    `hashes`: of those that stand, one after another. `began`, `ended`: when the first and the last of them were
    recorded; None where there is none.
    """

    size: int
    differs: Differs | None
    hashes: bytes
    began: datetime | None
    ended: datetime | None


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

    def extend(self, hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaves, none beyond the end of the run under way. Gives the ancestors that they complete, as `add`."""
        if not hashes:
            return []
        self.levels[0] += hashes[:-1]
        self.size += len(hashes) - 1
        return self.add(hashes[-1])

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
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        size = last_position(connection)

        def checked() -> Iterator[Leaves]:
            for after, last in pieces(size, BATCH):
                yield leaves(connection, after, last)
                if progress is not None:
                    progress(last, size)

        return grown(connection, checkpoints, joined(checked()))


def last_position(connection: psycopg.Connection) -> int:
    """The position of the log's last decision; 0 where there is none."""
    row = connection.execute("SELECT max(position) FROM log.decision").fetchone()
    return 0 if row is None or row[0] is None else row[0]


def pieces(size: int, most: int) -> Sequence[tuple[int, int]]:
    """The log in pieces of so many decisions at most: after which position, and up to which. At least one."""
    return [(after, min(after + most, size)) for after in range(0, max(size, 1), most)]


def leaves(connection: psycopg.Connection, after: int, last: int) -> Leaves:
    """Make the leaves of these positions anew; the first piece has what lies below position 1 as well."""
    making = LeavesMaking(after)
    for rows in stored(connection, after, last, below=True):
        if not making.take(rows):
            break
    return making.result(last)


class LeavesMaking:
    """The leaves of a piece of the log being made anew, batch by batch."""

    def __init__(self, after: int) -> None:
        self._size = after
        self._differs: Differs | None = None
        self._hashes: list[bytes] = []
        self._began: datetime | None = None
        self._ended: datetime | None = None
        self._together: tuple[datetime, str | None, bytes] | None = None  # who recorded when, as it is in the leaf

    def take(self, rows: Iterable[Stored]) -> bool:
        """Make the leaves of what follows; False where one differs, and no more is to be given."""
        for position, type_name, version, data, recorded_at, recorded_by, leaf, _, _ in rows:
            due = self._size + 1
            if position != due:
                self._differing(min(position, due), *_missing(due, surplus=position < due))
                return False
            if self._ended is not None and recorded_at < self._ended:
                self._differing(due, *_early(due))
                return False
            if self._together is None or self._together[:2] != (recorded_at, recorded_by):
                self._together = (recorded_at, recorded_by, merkle.circumstances(recorded_at, recorded_by))
            made = merkle.leaf_of(
                position, type_name, version, merkle.recorded_day_of(type_name, data), data, self._together[2]
            )
            hashed = merkle.leaf_hash(made)
            if hashed != leaf:
                zh, en = f"第 {due} 项的内容与其哈希不符。", f"Decision {due} does not agree with its hash."
                self._differing(due, "leaf", zh, en)
                return False
            self._hashes.append(hashed)
            self._size, self._began, self._ended = due, self._began or recorded_at, recorded_at
        return True

    def result(self, last: int) -> Leaves:
        """What the leaves up to `last` are; what is not there is missing."""
        if self._differs is None and self._size < last:
            due = self._size + 1
            self._differing(due, *_missing(due, surplus=False))
        return Leaves(self._size, self._differs, b"".join(self._hashes), self._began, self._ended)

    def _differing(self, position: int, what: str, zh: str, en: str) -> None:
        self._differs = Differs(position, what, zh, en)


def _missing(due: int, *, surplus: bool) -> tuple[str, str, str]:
    return "surplus" if surplus else "missing", f"缺第 {due} 项。", f"Decision {due} is missing."


def _early(due: int) -> tuple[str, str, str]:
    return "time", f"第 {due} 项的记录时间早于前一项。", f"Decision {due} was recorded before the last one."


def joined(checked: Iterable[Leaves]) -> Iterator[Leaves]:
    """The leaves of pieces that follow one another, up to the first that differs; what comes after it is not asked."""
    size, ended = 0, None
    for piece in checked:
        if ended is not None and piece.began is not None and piece.began < ended:
            yield Leaves(size, Differs(size + 1, *_early(size + 1)), b"", None, None)
            return
        yield piece
        if piece.differs is not None:
            return
        size, ended = piece.size, piece.ended or ended


def grown(connection: psycopg.Connection, checkpoints: Iterable[Checkpoint], checked: Iterable[Leaves]) -> Verified:
    """Grow the tree over the leaves that agree, and compare it with what is kept and with the checkpoints."""
    expected: dict[int, set[bytes]] = {}
    for checkpoint in checkpoints:
        expected.setdefault(checkpoint.size, set()).add(checkpoint.root)
    kept: dict[tuple[int, int], bytes] = {
        (level, index): bytes(hashed)
        for level, index, hashed in connection.execute("SELECT level, place, hash FROM log.ancestor", binary=True)
    }
    tree = GrowingTree()
    trusted = 0  # up to here a checkpoint agrees

    def differing(differs: Differs) -> Verified:
        return Verified(tree.size, tree.root(), differs)

    for hashes, ended_by in _in_steps(checked, sorted(expected)):
        for level, index, ancestor in tree.extend(hashes):
            if kept.pop((level, index), None) != ancestor:
                first = (index << (merkle.STEP * level)) + 1
                zh = f"第 {first} 项至第 {tree.size} 项与树中所存的哈希不符。"
                en = f"Decisions {first} to {tree.size} do not agree with the tree's hash of them."
                return differing(Differs(first, "ancestor", zh, en))
        if (roots := expected.pop(tree.size, None)) is not None:
            if roots != {tree.root()}:
                return differing(_other_root(tree.size, trusted))
            trusted = tree.size
        if ended_by is not None:
            return differing(ended_by)
    beyond = connection.execute("SELECT max(position) FROM log.tag").fetchone()
    if kept or expected or (beyond is not None and (beyond[0] or 0) > tree.size):
        due = tree.size + 1
        zh = f"日志止于第 {tree.size} 项，但曾有更多：第 {due} 项起缺失，或检查点属于另一日志。"
        en = (
            f"The log ends at {tree.size}, yet there was more: {due} and what followed is missing, or a checkpoint is "
            "of another log."
        )
        return differing(Differs(due, "truncated", zh, en))
    return Verified(tree.size, tree.root(), None)


def _in_steps(checked: Iterable[Leaves], sizes: Sequence[int]) -> Iterator[tuple[list[bytes], Differs | None]]:
    """The hashes of the leaves in steps, and after the last what differs there.

    A step ends where the tree has something to be compared: at each of these sizes of the log, which are in order, at a
    full run, and first of all at nothing.
    """
    yield [], None
    size = 0
    for piece in checked:
        at = 0
        while at < len(piece.hashes):
            full = (size // merkle.RUN + 1) * merkle.RUN
            following = bisect_right(sizes, size)
            stop = min(full, *sizes[following : following + 1], size + (len(piece.hashes) - at) // HASH)
            ended = at + (stop - size) * HASH
            yield [piece.hashes[start : start + HASH] for start in range(at, ended, HASH)], None
            at, size = ended, stop
        if piece.differs is not None:
            yield [], piece.differs


def _other_root(size: int, trusted: int) -> Differs:
    return Differs(
        trusted + 1,
        "checkpoint",
        f"前 {size} 项与检查点不符：自第 {trusted + 1} 项起有改动，或检查点属于另一日志。",
        f"The log's first {Count(size):decision does|decisions do} not agree with a checkpoint:"
        f" something from {trusted + 1} on was altered, or the checkpoint is of another log.",
    )
