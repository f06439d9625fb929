"""By whose authority is recorded: said once for all that is done for one request, and asked before each decision.

Where nothing is said, as on the command line, everything may be recorded, in nobody's name.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, Protocol

from registry.domain.decide import DecisionSlice

if TYPE_CHECKING:
    from registry.recording.unit_of_work import UnitOfWork

# Raises registry.domain.problems.Refused where the decision may not be recorded.
Guard = Callable[[DecisionSlice[Any]], None]


class Authority(Protocol):
    """Somebody for whom decisions are recorded, or tried."""

    @property
    def account(self) -> str | None:
        """What the log says recorded them."""
        ...

    def guard(self, work: UnitOfWork) -> Guard:
        """What looks at each decision before it is decided, on top of those before it in the same unit of work."""
        ...


_CURRENT: Final[ContextVar[Authority | None]] = ContextVar("authority", default=None)


@contextmanager
def acting_for(authority: Authority | None) -> Generator[None]:
    """What is recorded or tried in here, in threads that are begun in here too, is so for somebody."""
    token = _CURRENT.set(authority)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def by_the_program() -> AbstractContextManager[None]:
    """What is tried in here is the program's own trying, whoever asked: a way out, an opinion. Nothing is recorded."""
    return acting_for(None)


def guard(work: UnitOfWork) -> Guard | None:
    """What looks at the decisions of a unit of work; None where nothing is forbidden."""
    authority = _CURRENT.get()
    return None if authority is None else authority.guard(work)


def account(given: str | None = None) -> str | None:
    """Who records: who is named, else for whom this is done."""
    authority = _CURRENT.get()
    return given if given is not None or authority is None else authority.account
