"""The whole log verified: its leaves, its tree and its tags; of a large one by several processes at once.

They see the same moment of the database. What they find is joined in the log's order, so that the answer is that of one
process which reads it from its start (`verifying.verify`, then `tags.differing_tags`).
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import sql

from registry.log import verifying
from registry.log.notes import Checkpoint
from registry.log.verifying import Differs, Verified, pieces
from registry.replay import tags as tagging

# Below these decisions to a process, starting it takes longer than what it would do.
PIECE: Final = 50_000
MOST: Final = 8  # processes: beyond that PostgreSQL is what they wait for

Progress = Callable[[int, int], None]
T = TypeVar("T")


def verify(
    connection: psycopg.Connection,
    checkpoints: Iterable[Checkpoint] = (),
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    piece: int = PIECE,
) -> Verified:
    """Whether the log is what it was, and whether its decisions are found under the tags that they have.

    `workers`: processes (None: one for each core). `progress` is called with the decisions done and in all, twice over.
    """
    checkpoints = [*checkpoints]
    size = verifying.last_position(connection)
    if (several := _several(size, workers, piece)) is not None:
        try:
            with _Together(connection, several, piece, progress) as together:
                leaves, tags = together.begun(verifying.leaves), together.begun(tagging.tags)
                result = verifying.grown(connection, checkpoints, verifying.joined(leaves()))
                return result if result.differs else replace(result, differs=tagging.surplus(connection, tags()))
        except BrokenProcessPool:
            pass  # memory was short, or somebody ended one: alone it takes longer
    result = verifying.verify(connection, checkpoints, progress)
    return result if result.differs else replace(result, differs=tagging.differing_tags(connection, progress))


def differing_tags(
    connection: psycopg.Connection,
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    piece: int = PIECE,
) -> Differs | None:
    """What `tags.differing_tags` gives, by several processes where the log is large."""
    if (several := _several(verifying.last_position(connection), workers, piece)) is not None:
        try:
            with _Together(connection, several, piece, progress) as together:
                return tagging.surplus(connection, together.begun(tagging.tags)())
        except BrokenProcessPool:
            pass
    return tagging.differing_tags(connection, progress)


def _several(size: int, workers: int | None, piece: int) -> int | None:
    """How many processes; None: this one."""
    cores = min(len(os.sched_getaffinity(0)), MOST) if workers is None else workers
    several = min(cores, -(-size // piece))
    return several if several > 1 else None


@dataclass
class _Together:
    """Processes that look at pieces of the log, and a transaction of this one at the moment that all of them see."""

    connection: psycopg.Connection
    workers: int
    piece: int
    progress: Progress | None

    def __enter__(self) -> Self:
        self._transaction = self.connection.transaction()
        self._transaction.__enter__()
        self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = self.connection.execute("SELECT pg_export_snapshot()").fetchone()
        self._moment = "" if row is None else str(row[0])
        self._size = verifying.last_position(self.connection)
        self._pool = ProcessPoolExecutor(self.workers, multiprocessing.get_context("spawn"))
        return self

    def __exit__(self, *raised: Any) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._transaction.__exit__(*raised)

    def begun(self, look: Callable[[psycopg.Connection, int, int], T]) -> Callable[[], Iterator[T]]:
        """Begin to look at all pieces; gives who waits for what each is, in the log's order."""
        info = self.connection.info
        began: Sequence[tuple[int, Future[T]]] = [
            (last, self._pool.submit(_looked, info.dsn, info.password, self._moment, look, after, last))
            for after, last in pieces(self._size, self.piece)
        ]

        def each() -> Iterator[T]:
            for last, future in began:
                yield future.result()
                if self.progress is not None:
                    self.progress(last, self._size)

        return each


def _looked(
    dsn: str, password: str, moment: str, look: Callable[[psycopg.Connection, int, int], T], after: int, last: int
) -> T:
    """In a process of its own: look at a piece of the log as it was at that moment."""
    with psycopg.connect(dsn, password=password or None) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(moment))
        return look(connection, after, last)
