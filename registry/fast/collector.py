"""Long work without the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Without the garbage collector, which would go through all aggregates kept in memory again and again.

    They hold no reference cycles, so nothing is left uncollected. The plain form is the block without this.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
