"""Who reads a page, for what every page says of it: a line who is logged in, a band where everybody may do everything.

Set for each request by registry.web.authentication, so that no page can leave it out.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page. `address`: the page's own, to come back to; `ends_here`: logging out is this server's to do."""

    account: str | None = None
    open: bool = False
    administrator: bool = False
    address: str = "/"
    ends_here: bool = False


READER: Final[ContextVar[Reader | None]] = ContextVar("reader", default=None)  # none: no request, but a file written
