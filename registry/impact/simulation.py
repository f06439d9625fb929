"""What decisions would change, without recording them: the same recording, the same check, and nothing left behind.

They are decided and projected into the read tables in a transaction that is rolled back, over a database snapshot of
its own and without the log's lock: nobody who records waits for it, but where both touch the same row. Who is held up
by another then gives way and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

import psycopg

from registry.checker import Finding
from registry.database.schema import replaced_since
from registry.domain.decisions import Decision
from registry.domain.problems import Problem
from registry.impact.difference import difference, effective_on
from registry.impact.readings import KeptReadings, Readings
from registry.log.recorder import LogRecorder
from registry.projections.writing import write
from registry.recording.unit_of_work import Busy, LineError, UnitOfWork, line_error, read_form

MOST: Final = 1000  # decisions at once
MOST_ALTERNATIVES: Final = 20  # simulated from the same moment
TRIES: Final = 5
_WAIT: Final = "SET LOCAL lock_timeout = '100ms'"
Answer = TypeVar("Answer")
Given = Mapping[str, Any] | Decision


@dataclass(frozen=True, slots=True)
class Simulation:
    """Findings that the decisions would open and close as of a day; or what is wrong with them, and nothing else."""

    as_of: date
    opened: list[Finding] = field(default_factory=list[Finding])
    closed: list[Finding] = field(default_factory=list[Finding])
    errors: list[LineError] = field(default_factory=list[LineError])


class TooMany(Exception):
    """More decisions than are simulated at once."""

    code = "too-large"
    zh = f"一次最多模拟 {MOST} 项决定。"
    en = f"At most {MOST} decisions are simulated at once."

    def __init__(self) -> None:
        super().__init__(f"{self.zh} / {self.en}")


class TooManyAlternatives(TooMany):
    """More alternatives than are simulated at once."""

    zh = f"一次最多模拟 {MOST_ALTERNATIVES} 个方案。"
    en = f"At most {MOST_ALTERNATIVES} alternatives are simulated at once."


@contextmanager
def repeatable_read(connection: psycopg.Connection[Any]) -> Generator[None]:
    """A transaction that sees one moment and leaves nothing behind, for `simulated`.

    The connection must not be in a transaction. Raises psycopg's SerializationFailure or LockNotAvailable where it
    meets somebody who records: try again (`patiently`).
    """
    with connection.transaction(force_rollback=True):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        connection.execute(_WAIT)
        yield
        if replaced_since(connection):
            raise psycopg.errors.SerializationFailure("the read tables were switched")


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask what needs a repeatable_read, again where somebody recorded in between. Raises Busy where that goes on."""
    for attempt in range(TRIES):
        try:
            return ask()
        except (
            psycopg.errors.SerializationFailure,
            psycopg.errors.LockNotAvailable,
            psycopg.errors.DeadlockDetected,
        ):
            time.sleep(0.05 * 2**attempt)
    raise Busy


def simulate(
    connection: psycopg.Connection[Any],
    decisions: Sequence[Given],
    as_of: date | None = None,
    kept: KeptReadings | None = None,
) -> Simulation:
    """What the decisions (journal objects) would open and close; all or nothing, as when they are recorded.

    As of today, or of the last day on which one of them takes effect where that is still to come, unless a day is
    given. `kept`: what trials before read, for this and the next. Raises TooMany, and Busy where recordings of the same
    things never pause.
    """
    kept = kept or KeptReadings()

    def ask() -> Simulation:
        with repeatable_read(connection):
            readings = kept.begun(connection)
            result = simulated(connection, decisions, as_of, readings)
            kept.keep(readings)
            return result

    return patiently(ask)


def simulate_each(
    connection: psycopg.Connection[Any],
    alternatives: Sequence[Sequence[Given]],
    as_of: date | None = None,
    kept: KeptReadings | None = None,
) -> list[Simulation]:
    """What each of several alternatives would open and close, as `simulate` says of it, all from the same moment.

    What is the same for several is read and judged once. Raises TooManyAlternatives, TooMany and Busy.
    """
    if len(alternatives) > MOST_ALTERNATIVES:
        raise TooManyAlternatives
    kept = kept or KeptReadings()

    def ask() -> list[Simulation]:
        with repeatable_read(connection):
            readings = kept.begun(connection)
            results = [simulated(connection, decisions, as_of, readings) for decisions in alternatives]
            kept.keep(readings)
            return results

    return patiently(ask)


def simulated(
    connection: psycopg.Connection[Any],
    decisions: Sequence[Given],
    as_of: date | None = None,
    readings: Readings | None = None,
) -> Simulation:
    """`simulate` within a `repeatable_read`, as often as one likes: each time from what the repeatable_read sees.

    `readings`: what one time reads for the next; of this repeatable_read.
    """
    if len(decisions) > MOST:
        raise TooMany
    parsed = [read_form(given) for given in decisions]
    with connection.transaction(force_rollback=True):
        work = UnitOfWork(LogRecorder.reading(connection))
        before = work.position
        errors: list[LineError] = []
        new: list[Decision] = []
        for line, outcome in work.decide_batch(enumerate(parsed, 1)):
            decision = parsed[line - 1]
            if isinstance(outcome, Problem):
                errors.append(line_error(line, outcome))
            elif outcome is None and isinstance(decision, Decision):
                new.append(decision)
        day = as_of or effective_on(connection, new, before)
        if errors:
            return Simulation(day, errors=errors)
        packed = work.changes.packed()
        write(connection, packed)
        readings = readings or Readings(connection, before)
        readings.written = frozenset(each.table for each in packed)
        changed = difference(connection, day, before, work.position, new, readings)
        return Simulation(day, changed.opened, changed.closed)
