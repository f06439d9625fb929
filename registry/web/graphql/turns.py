"""Whose turn it is on the event loop: answers of any size are completed a little at a time, so that others get theirs.

What is ready at once runs at once: hundreds of lists whose rows arrive together would keep the loop busy for a second,
though each of them is short. So whoever completes a list takes a turn for what it weighs, and waits for the next where
the loop's round is full; /health and all other requests are answered between two rounds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

ROUND: Final = 400  # fields that are completed before the loop is given back: some 10 ms


class Turns:
    """The turns of one event loop."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._spent = 0  # of this round
        self._waiting: deque[tuple[asyncio.Future[None], int]] = deque()

    def take(self, weight: int) -> bool:
        """Whether that much may be done now; if not, wait for a turn. The first of a round may be of any weight."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # another server of the same process, one after the other
            self._loop, self._spent, self._waiting = loop, 0, deque()
        if self._waiting or (self._spent and self._spent + weight > ROUND):
            return False
        if not self._spent:
            loop.call_soon(self._next_round)
        self._spent += weight
        return True

    async def wait(self, weight: int) -> None:
        """Wait for a turn for that much; who waits longest comes first."""
        if self.take(weight):
            return
        granted = asyncio.get_running_loop().create_future()
        self._waiting.append((granted, weight))
        await granted

    def _next_round(self) -> None:
        self._spent = 0
        while self._waiting and (not self._spent or self._spent + self._waiting[0][1] <= ROUND):
            granted, weight = self._waiting.popleft()
            if not granted.done():  # else who waited has left
                granted.set_result(None)
                self._spent += weight
        if self._spent:
            asyncio.get_running_loop().call_soon(self._next_round)


TURNS: Final = Turns()
