"""Warnings of tasks that try again and again: the first at once, the same one later on at growing intervals."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

FIRST: Final = 60.0  # seconds until the same problem is logged again; then twice as many, and so on
LONGEST: Final = 6 * 3600.0  # seconds
log = logging.getLogger("registry.web")


class RepeatedWarnings:
    """Logs what a task meets with. `name`: of the task; `now`: the seconds of a clock that only goes forward.

    Two problems are the same where they are of one kind: the class of the error, and its code or SQLSTATE.
    """

    def __init__(self, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._now = now
        self._kind: tuple[object, ...] | None = None  # of the problem logged last; None: all is well
        self._next = 0.0
        self._pause = FIRST
        self._unlogged = 0

    def note(self, problem: Exception) -> None:
        """Log a problem, unless the same was logged a short time ago."""
        kind = (type(problem), getattr(problem, "code", None), getattr(problem, "sqlstate", None))
        if kind != self._kind:
            self._kind, self._pause, self._unlogged = kind, FIRST, 0
        elif self._now() < self._next:
            self._unlogged += 1
            return
        else:
            self._pause = min(2 * self._pause, LONGEST)
        since = f" (and {self._unlogged} times since it was last logged)" if self._unlogged else ""
        log.warning("%s: %s%s", self._name, problem, since)
        self._next, self._unlogged = self._now() + self._pause, 0

    def over(self) -> None:
        """Log that it goes on again, where it did not."""
        if self._kind is not None:
            log.warning("%s: goes on again", self._name)
            self._kind = None
