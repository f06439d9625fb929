"""Findings as they open and close, each with the decision that did it, or with the day where only days passed.

Judged are all positions of the log one after another, each as of the day on which it was recorded, and between them the
days. It is derived from the log in its own time, never by who records: one process at a time (an advisory lock), in
transactions of a few seconds that hold events and progress together. Killed at any moment, it goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg

from registry.domain.dates import today
from registry.domain.decisions import Decision
from registry.impact.finding_feed.attributing import Attributing, by_other_rules, differs
from registry.impact.finding_feed.in_bulk import InBulk
from registry.impact.finding_feed.steps import Bearing, LogRow, Step, decisions_after, turning_days
from registry.impact.finding_feed.store import CHANNEL, SCHEMA, Progress, Store
from registry.impact.finding_feed.versions import changed_rules, rule_versions
from registry.impact.walks import Named
from registry.log import recorder
from registry.log.events import decision_of

__all__ = [
    "CHANNEL",
    "SCHEMA",
    "SECONDS",
    "AssessedElsewhere",
    "Progress",
    "Store",
    "assess_backlog",
    "assess_some",
    "bring_up_to_date",
    "derive",
    "differs",
]

ADVISORY_LOCK: Final = 0x6A7564676564  # "judged" in ASCII: the advisory lock of whoever derives
ATTRIBUTING: Final = InBulk  # or its plain form, Attributing
BATCH: Final = 4000  # positions of one transaction at most
PIECE: Final = 250  # of these are read first, then twice as many each time: a slow machine reads little in vain
SECONDS: Final = 2.0  # after which a transaction ends at the next step


class AssessedElsewhere(Exception):
    """Another process is judging just now."""


def bring_up_to_date(
    connection: psycopg.Connection[Any],
    report: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Progress | None:
    """Judge all that the log has, up to today. Gives how far it came, None where the log is empty.

    The connection must be in no transaction. `report` is called with the position reached and the log's last one
    after each transaction; `stopped` says whether to leave it at that. Where another process derives
    events, waits until it is done.
    """
    while True:
        progress = assess_some(connection)
        last, _ = recorder.head(connection)
        if report is not None and progress is not None:
            report(progress.position, last)
        done = progress is None or (progress.position >= last and progress.day >= today())
        if done or (stopped is not None and stopped()):
            return progress


def assess_some(connection: psycopg.Connection[Any], *, patient: bool = True) -> Progress | None:
    """Judge what comes next, for a few seconds at most, in one transaction. Gives how far it is judged.

    `patient`: wait while another process derives; else raises AssessedElsewhere.
    """
    with connection.transaction():
        if patient:
            connection.execute("SET LOCAL lock_timeout = 0")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
        else:
            row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (ADVISORY_LOCK,)).fetchone()
            if row is None or not row[0]:
                raise AssessedElsewhere
        return _Derivation(connection, Store(connection), time.monotonic() + SECONDS).go_on(None)


def assess_backlog(connection: psycopg.Connection[Any]) -> None:
    """Judge what was recorded since, for who asks; where that is much, or another process does, only a part."""
    progress, (last, _) = Store(connection).progress(), recorder.head(connection)
    if last and (progress is None or progress.position < last or progress.day < today()):
        with suppress(AssessedElsewhere):
            assess_some(connection, patient=False)


def derive(
    connection: psycopg.Connection[Any], schema: str, schedule: Sequence[tuple[date, int]], until: int
) -> Progress | None:
    """Derive all events up to a position anew into the tables of another schema, in the caller's transaction.

    `schedule`: which day was judged from after which position on, in order.
    """
    progress: Progress | None = None
    while progress is None or progress.position < until or (schedule and progress.day < schedule[-1][0]):
        reached = _Derivation(connection, Store(connection, schema), None).go_on((list(schedule), until))
        if reached is None or reached == progress:
            return reached
        progress = reached
    return progress


@dataclass
class _Derivation:
    """One transaction's part of the way."""

    connection: psycopg.Connection[Any]
    store: Store
    deadline: float | None
    position: int = 0
    day: date = date.min
    _begun: date = date.min

    def go_on(self, planned: tuple[list[tuple[date, int]], int] | None) -> Progress | None:
        """The next positions and days; `planned`: the days as they were judged, and the last position."""
        progress = self._progress()
        size = min(PIECE, BATCH) if planned is None else BATCH
        rows = list(decisions_after(self.connection, 0 if progress is None else progress.position, size))
        if planned is not None:
            rows = [row for row in rows if row.position <= planned[1]]
        if progress is None:
            if not rows:
                return None
            first = planned[0][0][0] if planned is not None and planned[0] else rows[0].recorded_on
            self._begin(first, 0)
            progress = Progress(0, first, 0, rule_versions())
        self.position, self.day, self._begun = progress.position, progress.day, progress.day
        number = progress.number
        number = self._by_other_rules(progress, number)
        attributing: Attributing | None = None
        left = BATCH - len(rows)
        while True:
            last = rows[-1].position if rows else self.position
            decided = [(row, decision_of(row.type, row.version, bytes(row.data))) for row in rows]
            named = Named.of(decision.key_values for _, decision in decided)
            bearing = Bearing(self.connection, self.position, last, named)
            if attributing is None:
                attributing = ATTRIBUTING(bearing, self.store, number)
            attributing.bearing = bearing
            for step in self._steps(decided, None if planned is None else planned[0], size):
                attributing.take(step)
                self.position, self.day = step.known, step.day
                if self._over():
                    break
            attributing.finish()  # so that what it takes to look counts, too: a unit with many duties takes long
            if planned is not None or self._over() or len(rows) < size or not left:
                break
            size = min(2 * size, left)
            left -= size
            rows = list(decisions_after(self.connection, self.position, size))
        if self.day > self._begun:
            self._begin(self.day, self.position)
        reached = Progress(self.position, self.day, attributing.number, rule_versions())
        self.store.advance(reached)
        return reached

    def _progress(self) -> Progress | None:
        progress = self.store.progress()
        last, _ = recorder.head(self.connection)
        if progress is not None and progress.position > last:
            # The database was restored to an earlier state, or emptied: what is judged is of another log.
            self.store.clear()
            return None
        return progress

    def _by_other_rules(self, progress: Progress, number: int) -> int:
        rules = changed_rules(progress.rules)
        if rules == set() or (not progress.number and not progress.position):
            return number
        events = by_other_rules(self.connection, self.store, progress.position, progress.day, rules)
        return self.store.write(events, number)

    def _over(self) -> bool:
        return self.deadline is not None and time.monotonic() > self.deadline

    def _steps(
        self, rows: Sequence[tuple[LogRow, Decision]], days: list[tuple[date, int]] | None, size: int
    ) -> Iterator[Step]:
        """The decisions, and before each the days that passed; after the log's last one those up to today."""
        for row, decision in rows:
            if days is None:
                yield from self._passing(row.recorded_on, row.position - 1)
            else:
                yield from self._planned(days, row.position)
            yield Step("decision", row.position, self.day, decision)
        if days is not None:
            if len(rows) < size:
                yield from self._planned(days, self.position + 1)
        elif self.position == recorder.head(self.connection)[0]:
            yield from self._passing(today(), self.position)

    def _planned(self, days: list[tuple[date, int]], position: int) -> Iterator[Step]:
        for day, known in days:
            if known < position:
                yield from self._passing(day, known)

    def _passing(self, until: date, known: int) -> Iterator[Step]:
        if until <= self.day:
            return
        for day in dict.fromkeys([*turning_days(self.connection, known, self.day, until), until]):
            yield Step("day", known, day)
        self._begin(until, known)

    def _begin(self, day: date, known: int) -> None:
        self.store.begin_day(day, known)
        self._begun = day
