"""The garbage collector of a server: its full passes when nobody waits.

A full pass looks at every object that was made since the start: with a few large answers under way that is a million,
and a third of a second in which nobody is answered. Young objects are looked at as ever; almost all that is left over
in a ring is found among them. The plain form is Python's own thresholds.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Final

NEVER: Final = 2**31 - 1
EVERY: Final = 5.0  # seconds between two looks whether a full pass is due
DUE: Final = 50  # passes over the young ones since the last full one
OVERDUE: Final = 600.0  # seconds after which it is made though somebody waits


def collect_when_idle(is_idle: Callable[[], bool]) -> None:
    """From now on make full passes only while `is_idle`, on the running event loop; in a pinch every ten minutes."""
    gc.set_threshold(*gc.get_threshold()[:2], NEVER)
    loop = asyncio.get_running_loop()
    last, passes = time.monotonic(), _young_passes()

    def look() -> None:
        nonlocal last, passes
        late = time.monotonic() - last > OVERDUE
        if _young_passes() - passes >= DUE and (late or is_idle()):
            gc.collect()
            last, passes = time.monotonic(), _young_passes()
        loop.call_later(EVERY, look)

    loop.call_later(EVERY, look)


def _young_passes() -> int:
    return gc.get_stats()[1]["collections"]
