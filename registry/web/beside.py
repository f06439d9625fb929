"""What is made beside the event loop: pages and files, by short work in threads of their own.

A template that is shown for the first time is compiled, for a tenth of a second and more; a file of some thousand rows
takes as long. Done on the loop, nobody would be answered meanwhile. The threads are not those of the loop's own
executor, which may all be waiting for the database.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 4  # they share one interpreter: more would make none faster
_THREADS: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="beside")


async def beside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of `work(…)`, run in a thread with the request's context. Raises what it raises."""
    inner = partial(contextvars.copy_context().run, work, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_THREADS, inner)


class MadeBeside(Response):
    """An answer whose body is made once: in a thread when it is sent, or where somebody reads it before."""

    def __init__(
        self,
        make: Callable[[], str | bytes],
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        self._made: bytes | None = None
        super().__init__(None, status, headers, media_type)
        self._make = make  # only now: starlette would read it for its length

    @property
    def body(self) -> bytes:
        """What is sent."""
        if self._made is None:
            made = self._make()
            self._made = made if isinstance(made, bytes) else made.encode()
        return self._made

    @body.setter
    def body(self, _: Any) -> None:
        """Starlette sets it before it is made."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers["content-length"] = str(len(await beside(lambda: self.body)))
        await super().__call__(scope, receive, send)
