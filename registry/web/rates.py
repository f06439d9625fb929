"""How fast one account, or one address without an account, may send requests: a bucket of each in this process.

A bucket holds `burst` requests and fills by `rate` a second. Kept of each is one number, when it will be full again
(the generic cell rate algorithm, ITU-T I.371). Which address it is, the proxies of REGISTRY_PROXIES have said
(hosts.py). Of IPv6 the first 64 bits count, which one customer has whole.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from registry import settings
from registry.access.attempts import network
from registry.access.problems import AccountProblem
from registry.access.viewer import Viewer
from registry.settings import BadSetting, Setting
from registry.web.cookies import on_this_machine

OF_ACCOUNT: Final = "300:9000"  # as settings has it: a second, and at once
OF_ADDRESS: Final = "300:9000"  # an office of 200 people, each of whom opens four pages with all they need at once
KEPT: Final = 50_000  # accounts, and addresses: of more, those that have sent nothing for longest are forgotten
_LONGEST: Final = 100  # characters of an address: a proxy may pass on what is none
_COUNTING: Final = "count_operation"  # its name in the state of a WebSocket
_network: Final = lru_cache(KEPT)(network)


@dataclass(frozen=True, slots=True)
class Limit:
    """`rate`: requests a second that may go on for ever; `burst`: requests at once after a while without any."""

    rate: float
    burst: int

    @classmethod
    def read(cls, setting: Setting, default: str) -> Limit | None:
        """As a variable sets it, `RATE` or `RATE:BURST`, None for 0. Raises BadSetting.

        Without BURST it is what comes in half a minute.
        """
        rate_text, colon, burst_text = (setting.read() or default).partition(":")
        try:
            rate = float(rate_text)
            if rate == 0 and not colon:
                return None
            burst = int(burst_text) if colon else max(1, math.ceil(rate * 30))
            if not (0 < rate < math.inf) or burst < 1:
                raise ValueError
        except (ValueError, OverflowError):
            raise BadSetting(
                f"{setting.name} 写成 每秒个数 或 每秒个数:一时最多个数，如 300:9000；0 为不限。",
                f"{setting.name} is written RATE or RATE:BURST (requests a second, and at once), such as 300:9000; "
                "0 is no limit.",
            ) from None
        return cls(rate, burst)


class Buckets:
    """The buckets of one kind of sender."""

    def __init__(self, limit: Limit, clock: Callable[[], float] = time.monotonic) -> None:
        self._every, self._clock = 1 / limit.rate, clock
        self._room = (limit.burst - 1) * self._every  # seconds
        self._full: OrderedDict[str, float] = OrderedDict()  # when each is full again, in the order of their requests

    def __len__(self) -> int:
        return len(self._full)

    def take(self, sender: str) -> float:
        """Take a request of a sender's out of its bucket: 0.0, or the seconds until one can be taken; then none is."""
        now, full = self._clock(), self._full
        when = max(full.get(sender, now), now)
        wait = when - now - self._room
        if wait > 1e-6:
            full.move_to_end(sender)
            return wait
        full[sender] = when + self._every
        full.move_to_end(sender)
        if len(full) > KEPT:
            full.popitem(last=False)
        return 0.0


class Rates:
    """Counts the requests that one server process answers."""

    def __init__(self, of_account: Limit | None, of_address: Limit | None) -> None:
        self._accounts = None if of_account is None else Buckets(of_account)
        self._addresses = None if of_address is None else Buckets(of_address)

    @classmethod
    def read(cls) -> Rates:
        """As the environment sets it. Raises BadSetting."""
        return cls(Limit.read(settings.RATE_OF_ACCOUNT, OF_ACCOUNT), Limit.read(settings.RATE_OF_ADDRESS, OF_ADDRESS))

    def count(self, scope: Scope, viewer: Viewer) -> None:
        """Count a request, or an operation on a WebSocket. Raises AccountProblem: too-many-requests, with the wait.

        On a registry without accounts, this very machine (`make run`) is not counted.
        """
        if viewer.account is not None:
            wait = self._accounts.take(viewer.account) if self._accounts is not None else 0.0
        elif self._addresses is not None:
            client = scope.get("client")
            address = client[0] if client else "localhost"
            if viewer.open and on_this_machine(address):
                return
            wait = self._addresses.take(_network(address[:_LONGEST]))
        else:
            return
        if wait:
            seconds = math.ceil(wait)
            raise AccountProblem(
                "too-many-requests",
                f"请求太多，请 {seconds} 秒后再试。",
                f"Too many requests: try again in {seconds} second{'s' if seconds > 1 else ''}.",
                wait=seconds,
            )

    def count_operations(self, scope: Scope, viewer: Viewer) -> None:
        """Have the operations of a WebSocket counted as requests of who opened it."""
        scope["state"][_COUNTING] = lambda: self.count(scope, viewer)


def count_operation(scope: Scope) -> None:
    """Count an operation that begins on a WebSocket. Raises AccountProblem: too-many-requests."""
    count: Callable[[], None] | None = scope.get("state", {}).get(_COUNTING)
    if count is not None:
        count()
