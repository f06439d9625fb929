"""A task of the server process that goes on until the server stops."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Final

AGAIN: Final = 30.0  # seconds until a task begins again that ended by something nobody expected
log = logging.getLogger("registry.web")


class KeptTask(ABC):
    """Started with the server and ended with it. What nobody expected is logged, and it begins again."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Go on until the server stops. Repeated, it changes nothing."""
        if self._task is None:
            self._task = asyncio.create_task(self._kept())

    def end(self) -> None:
        """Stop; what is on its way in a thread is finished."""
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Once it does nothing any more."""
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await self._task

    async def _kept(self) -> None:
        while True:
            try:
                return await self._keep()
            except Exception as problem:
                log.error("%s: %s; it begins again", type(self).__name__, type(problem).__name__)
                await asyncio.sleep(AGAIN)

    @abstractmethod
    async def _keep(self) -> None:
        """Do the work for as long as there may be any."""
