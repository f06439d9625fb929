"""What taking recordings back would change: the decisions that do it, and the findings that these open and close."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from registry.impact.simulation import MOST, Simulation, patiently, repeatable_read, simulated
from registry.recording.undo import Undo, plan_undo


@dataclass(frozen=True, slots=True)
class Preview:
    """An undoing, and what it would open and close; None where that is not judged: it is no undoing, or too large."""

    undo: Undo
    simulation: Simulation | None

    @property
    def too_large(self) -> bool:
        """Whether it is not judged because there are more decisions than are simulated at once."""
        return len(self.undo.decisions) > MOST


def preview(
    connection: psycopg.Connection[Any],
    positions: Collection[int],
    *,
    with_later: bool = False,
    as_of: date | None = None,
    seconds: float | None = None,
) -> Preview:
    """What takes these positions back, and what it would change. Records nothing.

    As of today, or of the last day on which one of what is taken back holds where that is to come, unless a day is
    given.

    Raises CannotUndo as plan_undo does, and Busy where recordings of the same things never pause.
    """

    def ask() -> Preview:
        with repeatable_read(connection):
            undo = plan_undo(connection, positions, with_later=with_later, seconds=seconds)
            judged = 0 < len(undo.decisions) <= MOST
            return Preview(undo, simulated(connection, undo.decisions, as_of) if judged else None)

    return patiently(ask)
