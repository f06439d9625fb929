"""How many connections that last (WebSockets, event streams) one account has open, or one address without an account.

The server takes a bounded number of connections in all (registry/web/connections.py), and these stay for hours: one
account alone could take every place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from starlette.types import Scope

from registry.access.attempts import network
from registry.web.failures import Refused
from registry.web.viewing import viewer_of

MOST_OF_ONE: Final = 100  # at once in one process; a program needs one or two, an office may share an address


class LastingConnections:
    """Counts those of one server process."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def one_more(self, scope: Scope) -> Generator[None]:
        """Count one as long as it is open. Raises Refused (too-many-connections).

        On an open registry, which only this machine reaches, none is refused.
        """
        who = _who(scope)
        if not viewer_of(scope).open and self._open[who] >= MOST_OF_ONE:
            raise Refused(
                "too-many-connections",
                f"一个账号（未登录的，一个地址）同时最多 {MOST_OF_ONE} 个 WebSocket 和事件流，请先关闭一些。",
                f"An account, or an address without one, has at most {MOST_OF_ONE} WebSockets and event streams at "
                "once: close some.",
            )
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


def _who(scope: Scope) -> tuple[str, str]:
    account, client = viewer_of(scope).account, scope.get("client")
    return ("address", network(client[0] if client else "")) if account is None else ("account", account)
