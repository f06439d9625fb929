"""Importing a journal of any length in bounded memory: the unit of work, batch by batch in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import psycopg

from registry.domain.decisions import Decision
from registry.domain.problems import Problem
from registry.domain.text import Text
from registry.fast.collector import uncollected
from registry.fast.switching import quick_switching
from registry.log.recorder import LogRecorder
from registry.recording import authority
from registry.recording.unit_of_work import JournalRefused, LineError, UnitOfWork, line_error, read_form

BATCH: Final = 4000  # lines
BATCH_BYTES: Final = 16 * 1024 * 1024  # of a batch of long lines; one line more at most
CAPACITY: Final = 30_000  # aggregates kept in memory, twice over at most
ERRORS_KEPT: Final = 1000  # of those reported one by one, how many the exception carries as well


@dataclass(slots=True)
class Imported:
    """The counts of an import, in lines.

    `annulled`: of those repeated, how many were annulled since, so that they do not hold. `errors`: the first of the
    bad ones. `before` and `after`: the log's last position before what was recorded, and the last of that.
    `warning`: of a clock that cannot be right, of ids that look like others.
    """

    read: int = 0
    recorded: int = 0
    repeated: int = 0
    annulled: int = 0
    blank: int = 0
    bad: int = 0
    errors: list[LineError] = field(default_factory=list[LineError])
    before: int = 0
    after: int = 0
    warning: Text | None = None


class _DryRun(Exception):
    """Rolls the transaction back."""


def import_journal(
    connection: psycopg.Connection,
    lines: Iterable[bytes],
    *,
    recorded_by: str | None = None,
    dry_run: bool = False,
    on_error: Callable[[LineError], None] | None = None,
    progress: Callable[[Imported], None] | None = None,
) -> Imported:
    """Record a journal, line by line, in one transaction: all or nothing.

    `on_error` is called with every bad line when it is read; `progress` with the counts after each batch. With
    `dry_run` nothing is recorded. Raises JournalRefused after the last line where any was bad, Busy where the lock is
    held.
    """
    counts = Imported()
    log = LogRecorder(connection, authority.account(recorded_by))
    try:
        with uncollected(), quick_switching(), log.transaction(), ThreadPoolExecutor(1) as writer:
            work = UnitOfWork(log, capacity=CAPACITY, writer=writer)
            counts.before = work.position
            for batch in _batches(lines):
                _decide_batch(work, batch, counts, on_error)
                work.aggregates.cache.evict()
                if progress is not None:
                    progress(counts)
            work.write()
            counts.warning = work.warning()
            if counts.bad:
                raise JournalRefused(counts.errors, counts.bad)
            if dry_run:
                raise _DryRun
            work.finish()
            counts.after = work.position
    except _DryRun:
        pass
    return counts


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _decide_batch(
    work: UnitOfWork, batch: list[bytes], counts: Imported, on_error: Callable[[LineError], None] | None
) -> None:
    parsed: list[tuple[int, Decision | Problem]] = []
    for line in batch:
        counts.read += 1
        if not line.strip():
            counts.blank += 1
        else:
            parsed.append((counts.read, read_form(line)))
    for number, outcome in work.decide_batch(parsed):
        if outcome is None:
            counts.recorded += 1
        elif isinstance(outcome, int):
            counts.repeated += 1
            counts.annulled = work.annulled_repeats
        else:
            counts.bad += 1
            error = line_error(number, outcome)
            if len(counts.errors) < ERRORS_KEPT:
                counts.errors.append(error)
            if on_error is not None:
                on_error(error)
