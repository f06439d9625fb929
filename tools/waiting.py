"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

PATIENCE: Final = 120.0  # seconds; a machine with ten times as much to do takes ten times as long


def wait_for(condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Until it holds. Raises AssertionError where it does not come about in so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)
