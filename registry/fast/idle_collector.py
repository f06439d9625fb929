"""The garbage collector of a server: its full passes when nobody waits.

A full pass looks at every object that was made since the start: with a few large answers under way that is a million,
and a third of a second in which nobody is answered. Young objects are looked at as ever; almost all that is left over
in a ring is found among them. But a ring of few objects may hold large arrays, as that of a snapshot does: so a full
pass is due as well when the process has grown. What is freed the C library keeps for the threads that had it, scattered
and without bound: it is given back to the system. The plain form is Python's own thresholds.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from pathlib import Path
from typing import Final

NEVER: Final = 2**31 - 1
EVERY: Final = 0.2  # seconds between two looks whether a full pass is due
DUE: Final = 4  # passes over the young ones since the last full one: the more often, the shorter
OVERDUE: Final = 600.0  # seconds after which it is made though somebody waits
GROWN: Final = 64 * 1024 * 1024  # bytes since the last one by which it is due too,
OVERDUE_GROWN: Final = 30.0  # and is made after so many seconds though somebody waits
# All is looked at again, for some tenths of a second, when this many objects were set aside since it last was and next
# to nothing has been done for so many seconds, so that most likely nobody comes meanwhile,
ASIDE: Final = 500_000
QUIET: Final = 3.0
QUIET_GROWN: Final = 16 * 1024 * 1024  # or, as quiet, when the process has grown by so many bytes,
ASIDE_GROWN: Final = 128 * 1024 * 1024  # or, quiet or not, by so many,
ASIDE_AGAIN: Final = 60.0  # but not so soon after it last was.
COUNTED: Final = 25  # passes from one count of them to the next: to count takes some milliseconds


def collect_when_idle(is_idle: Callable[[], bool]) -> None:
    """From now on make full passes only while `is_idle`, on the running event loop; in a pinch every ten minutes."""
    gc.set_threshold(*gc.get_threshold()[:2], NEVER)
    loop = asyncio.get_running_loop()
    last, passes, size = time.monotonic(), _young_passes(), resident()
    aside, quiet = Aside(), _Quiet()

    def smaller(whole: bool) -> None:
        nonlocal size
        size = resident()
        if whole:
            aside.measure()

    def look() -> None:
        nonlocal last, passes, size
        grown = resident() - size > GROWN
        late = time.monotonic() - last > (OVERDUE_GROWN if grown else OVERDUE)
        idle = is_idle()
        for_long = quiet.seen(idle=idle)
        due = grown or _young_passes() - passes >= DUE or (idle and aside.due(quiet=for_long))
        if due and (late or idle):
            whole = aside.collect(idle=idle, quiet=for_long)
            last, passes = time.monotonic(), _young_passes()
            if grown or whole:
                size = resident()
                given_back = loop.run_in_executor(None, give_back)  # which may take as long as a full pass
                given_back.add_done_callback(lambda _: smaller(whole))
        loop.call_later(EVERY, look)

    loop.call_later(EVERY, look)


class Aside:
    """What passes of the collector no longer look at."""

    def __init__(self) -> None:
        self._passes = 0
        self.waits = False  # so much was set aside that all is to be looked at again once it is quiet
        self._last = -inf
        self._count, self._size = gc.get_freeze_count(), resident()

    def collect(self, *, idle: bool, quiet: bool = False) -> bool:
        """Make a full pass; where it is `idle`, set aside what is left: what is under way may yet become a ring.

        `quiet`: it has been so for long, and will most likely be. Whether all was looked at again, what had been set
        aside too.
        """
        self._passes += 1
        if self._passes % COUNTED == 0:
            self.waits = gc.get_freeze_count() - self._count > ASIDE
        whole = idle and self.due(quiet=quiet)
        if whole:
            gc.unfreeze()
        gc.collect()
        if idle:
            gc.freeze()
        if whole:
            self._count, self._last, self.waits = gc.get_freeze_count(), time.monotonic(), False
            self.measure()
        return whole

    def due(self, *, quiet: bool) -> bool:
        """Whether all is to be looked at again, what was set aside too, as soon as nobody waits."""
        if quiet and self.waits:
            return True
        grown = resident() - self._size
        return grown > (QUIET_GROWN if quiet else ASIDE_GROWN) and time.monotonic() - self._last > ASIDE_AGAIN

    def measure(self) -> None:
        """Take the size of the process for that from which it grows: again once what was freed has been given back."""
        self._size = resident()


class _Quiet:
    """Since when next to nothing has been done: no pass over young objects, which comes after some thousand of them."""

    def __init__(self) -> None:
        self._since, self._passes = time.monotonic(), _young_passes()

    def seen(self, *, idle: bool) -> bool:
        """Whether it has been quiet for long, to be asked at every look."""
        passes = _young_passes()
        if not idle or passes != self._passes:
            self._since, self._passes = time.monotonic(), passes
        return time.monotonic() - self._since > QUIET


def give_back() -> None:
    """Give the system what the C library holds and nobody uses, in all threads' heaps, where the library can: glibc."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _young_passes() -> int:
    return gc.get_stats()[1]["collections"]


def resident() -> int:
    """The memory that this process has, in bytes; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
