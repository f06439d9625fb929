"""What does background work in a server process: a few at a time, within their time, each heard of every second."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg

from registry import database
from registry.access.recording import Recorder
from registry.domain.text import Text
from registry.recording.authority import acting_for
from registry.telemetry import progress
from registry.web.background import works
from registry.web.background.kinds import Kind
from registry.web.connection_threads import ConnectionThreads
from registry.web.failures import Refused, known_failure
from registry.web.pages.failure import Refused as PageRefused

if TYPE_CHECKING:
    from registry.access.viewer import Viewer
    from registry.web.graphql.execution import Asking

AT_ONCE: Final = 2  # in one process; the others wait
BEAT: Final = 1.0  # seconds
GRACE: Final = 5.0  # seconds after its time in which a piece of work can end by itself
_TOO_LONG: Final = Text("办理超过时限，已停止。", "It took too long and was stopped.")
_TOO_LARGE: Final = Text("结果太大。", "The result is too large.")
log = logging.getLogger("registry.web")


class OutOfTime(Exception):
    """The work has had its time."""


@dataclass(slots=True)
class _UnderWay:
    id: str
    kind: Kind
    done: asyncio.Event
    ends: float | None = None  # by the monotonic clock, once it runs
    percent: int = 0
    words: list[str] | None = None
    connection: psycopg.Connection[Any] | None = None

    def report(self, percent: int, zh: str, en: str) -> None:
        """What the work calls; raises OutOfTime."""
        self.percent, self.words = max(0, min(99, percent)), [zh, en]
        if self.ends is not None and time.monotonic() > self.ends:
            raise OutOfTime


@dataclass(slots=True, eq=False)
class Runner:
    """Does the work of one process. `threads`: the connections for its table."""

    url: str | None
    threads: ConnectionThreads = field(init=False)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _under_way: dict[str, _UnderWay] = field(default_factory=dict[str, _UnderWay])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def __post_init__(self) -> None:
        self.threads = ConnectionThreads(self.url, 2)

    def begin(self, asking: Asking, kind: Kind, id_: str, parameters: dict[str, Any]) -> None:
        """Have a piece of work done that is in the table."""
        work = _UnderWay(id_, kind, asyncio.Event())
        self._under_way[id_] = work
        # In a context of its own: what hangs on the request that began it ends with that request.
        task = asyncio.get_running_loop().create_task(
            self._whole(asking, work, parameters), context=contextvars.Context()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def waited(self, id_: str, seconds: float) -> None:
        """Wait until a piece of work of this process has ended, or so long."""
        work = self._under_way.get(id_)
        if work is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(work.done.wait(), seconds)

    async def close(self) -> None:
        """Let go of what is under way: it is shown as interrupted."""
        for task in self._tasks:
            task.cancel()
        for work in self._under_way.values():
            _interrupt(work)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.threads.close()

    async def _whole(self, asking: Asking, work: _UnderWay, parameters: dict[str, Any]) -> None:
        beating = asyncio.create_task(self._beat(work))
        outcome: dict[str, Any]
        try:
            async with self._slots:
                work.ends = time.monotonic() + work.kind.seconds
                outcome = await self._outcome(asking, work, parameters)
            await self.threads.run_again(works.end, work.id, **outcome)
        except (database.NoDatabase, psycopg.Error):
            log.exception("what came of background work could not be written down")
        finally:
            self._under_way.pop(work.id, None)
            work.done.set()
            await beating

    async def _beat(self, work: _UnderWay) -> None:
        """Say every second that it is under way; have what it asks of the database ended once its time is over."""
        while not work.done.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(work.done.wait(), BEAT)
                return
            try:
                await self.threads.run_again(works.heard, [(work.id, work.percent, work.words)])
            except (database.NoDatabase, psycopg.Error) as error:
                log.warning("background work could not be written down: %s", error)
            if work.ends is not None and time.monotonic() > work.ends:
                _interrupt(work)

    async def _outcome(self, asking: Asking, work: _UnderWay, parameters: dict[str, Any]) -> dict[str, Any]:
        """What `works.end` is given."""
        try:
            # A thread cannot be ended from outside: it is left to itself, and what it gives then counts no more.
            result = await asyncio.wait_for(self._result(asking, work, parameters), work.kind.seconds + GRACE)
            written = orjson.dumps(result, option=orjson.OPT_NON_STR_KEYS)
            if len(written) > works.RESULT:
                return _problem("too-large", _TOO_LARGE)
            return {"result": written}
        except (OutOfTime, TimeoutError, psycopg.errors.QueryCanceled):
            return _problem("timeout", _TOO_LONG)
        except Refused as error:
            return _problem(error.code, Text(error.zh, error.en))
        except PageRefused as error:
            return _problem(error.code, Text(*error.message))
        except Exception as error:
            known = known_failure(error).extensions or {}
            if known["code"] == "internal":
                log.exception("background work failed: %s", work.kind.name)
            return _problem(known["code"], Text(known["message"]["zh"], known["message"]["en"]))

    async def _result(self, asking: Asking, work: _UnderWay, parameters: dict[str, Any]) -> Any:
        viewer = asking.viewer
        with acting_for(None if viewer.open else Recorder(viewer)), progress.heard_by(work.report):
            if work.kind.in_thread is not None:
                return await asyncio.to_thread(self._in_thread, work, parameters, viewer)
            assert work.kind.over_api is not None
            return await work.kind.over_api(asking, parameters, work.report)

    def _in_thread(self, work: _UnderWay, parameters: dict[str, Any], viewer: Viewer) -> Any:
        assert work.kind.in_thread is not None
        with database.connect(self.url) as connection:
            work.connection = connection
            try:
                return work.kind.in_thread(connection, parameters, viewer, work.report)
            finally:
                work.connection = None


def _interrupt(work: _UnderWay) -> None:
    if work.connection is not None:
        work.connection.cancel()


def _problem(code: str, text: Text) -> dict[str, Any]:
    return {"problem": {"code": code, "zh": text.zh, "en": text.en}}
