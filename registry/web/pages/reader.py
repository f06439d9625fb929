"""Who reads a page, for what every page says of it: a line who is logged in, a band where everybody may do everything.

Set for each request by registry.web.authentication, so that no page can leave it out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page. `address`: the page's own, to come back to; `ends_here`: logging out is this server's to do.

    `drafts` and `reports`: whether a role of theirs, wherever, is for drafting decisions and for reporting a burden.
    """

    account: str | None = None
    open: bool = False
    administrator: bool = False
    address: str = "/"
    ends_here: bool = False
    drafts: bool = False
    reports: bool = False


# None where a page becomes a file, and no request asks for it.
READER: Final[ContextVar[Callable[[], Reader] | None]] = ContextVar("reader", default=None)


def current() -> Reader | None:
    """Who reads the page that is being made; None where it becomes a file."""
    reader = READER.get()
    return None if reader is None else reader()
