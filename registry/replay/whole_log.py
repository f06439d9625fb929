"""The whole log verified: its leaves, its tree and its tags; of a large one by several processes at once.

They see the same moment of the database. What they find is joined in the log's order, so that the answer is that of one
process which reads it from its start (`verifying.verify`, then `tags.differing_tags`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import psycopg
from psycopg import sql

from registry.fast.collector import uncollected
from registry.fast.processes import in_order
from registry.log import verifying
from registry.log.notes import Checkpoint
from registry.log.stored import stored
from registry.log.verifying import Differs, Leaves, Verified, pieces
from registry.replay import tags as tagging
from registry.replay.tags import Tags

# Below these decisions to a process, starting it takes longer than what it would do.
PIECE: Final = 50_000
MOST: Final = 8  # processes: beyond that PostgreSQL is what they wait for

Progress = Callable[[int, int], None]
T = TypeVar("T")
R = TypeVar("R")


def verify(
    connection: psycopg.Connection,
    checkpoints: Iterable[Checkpoint] = (),
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    piece: int = PIECE,
) -> Verified:
    """Whether the log is what it was, and whether its decisions are found under the tags that they have.

    `workers`: processes (None: one for each core). `progress` is called with the decisions done and in all.
    """
    checkpoints = [*checkpoints]

    def judged(looked: Iterator[_Looked]) -> Verified:
        tags: list[Tags | Exception] = []

        def leaves() -> Iterator[Leaves]:
            for each in looked:
                tags.append(each.tags)
                yield each.leaves

        result = verifying.grown(connection, checkpoints, verifying.joined(leaves()))
        return result if result.differs else replace(result, differs=tagging.surplus(connection, map(_sound, tags)))

    return _each_piece(connection, _looked_at, judged, progress, workers, piece)


def differing_tags(
    connection: psycopg.Connection,
    progress: Progress | None = None,
    *,
    workers: int | None = None,
    piece: int = PIECE,
) -> Differs | None:
    """What `tags.differing_tags` gives, by several processes where the log is large."""
    return _each_piece(
        connection, tagging.tags, lambda looked: tagging.surplus(connection, looked), progress, workers, piece
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """A piece of the log. Where its leaves differ, its tags may be what nothing can be made of: then why that is so."""

    leaves: Leaves
    tags: Tags | Exception


def _looked_at(connection: psycopg.Connection, after: int, last: int) -> _Looked:
    """Make leaves and tags of these positions anew, from one reading; of tags no more than leaves agree."""
    leaves, tags = verifying.LeavesMaking(after), tagging.Tagging(connection, after)
    agree, problem = True, None
    with uncollected():
        for rows in stored(connection, after, last, below=True):
            if not leaves.take(rows):
                break
            try:
                agree = agree and tags.take(rows)
            except psycopg.Error:
                raise
            except Exception as raised:  # what stands before may be altered: that is said by who has all pieces
                agree, problem = False, raised
        return _Looked(leaves.result(last), problem or tags.result())


def _sound(tags: Tags | Exception) -> Tags:
    if isinstance(tags, Exception):
        raise tags
    return tags


def _each_piece(
    connection: psycopg.Connection,
    look: Callable[[psycopg.Connection, int, int], T],
    judged: Callable[[Iterator[T]], R],
    progress: Progress | None,
    workers: int | None,
    piece: int,
) -> R:
    """Look at the whole log piece by piece; gives what is made of that, within the transaction in which it is so."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        size = verifying.last_position(connection)
        spans = pieces(size, piece)

        def counted(looked: Iterable[T]) -> Iterator[T]:
            for (_, last), each in zip(spans, looked, strict=True):
                yield each
                if progress is not None:
                    progress(last, size)

        if (several := several_for(size, workers, piece)) is not None:
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            assert row is not None
            info = connection.info
            arguments = [(info.dsn, info.password, row[0], look, *span) for span in spans]
            with closing(in_order(_looked, arguments, several)) as looked, suppress(BrokenProcessPool):
                return judged(counted(looked))
            # Memory was short, or somebody ended one: alone it takes longer.
        return judged(counted(look(connection, *span) for span in spans))


def several_for(size: int, workers: int | None, piece: int) -> int | None:
    """How many processes for so many decisions in pieces of so many; None: this one. `workers`: None: what is best."""
    cores = min(len(os.sched_getaffinity(0)), MOST) if workers is None else workers
    several = min(cores, -(-size // piece))
    return several if several > 1 else None


def _looked(
    dsn: str, password: str, moment: str, look: Callable[[psycopg.Connection, int, int], T], after: int, last: int
) -> T:
    """In a process of its own: look at a piece of the log as it was at that moment."""
    with psycopg.connect(dsn, password=password or None) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(moment))
        return look(connection, after, last)
