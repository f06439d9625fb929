"""How far a piece of long work has come, for whoever began it: said by what does the work, heard by who runs it.

What works need not know whether anybody listens; without a listener nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

Listener = Callable[[int, str, str], None]
_LISTENER: Final[ContextVar[Listener | None]] = ContextVar("progress", default=None)


def report(percent: int, zh: str, en: str) -> None:
    """Say how much is done, of 100, and what is being done now. Raises what the listener does to have the work end."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(percent, zh, en)


@contextmanager
def heard_by(listener: Listener) -> Generator[None]:
    """What is reported in here, in threads that are begun in here too, is said to the listener."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)
