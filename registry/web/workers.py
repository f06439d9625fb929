"""Several server processes on one address: `registry serve --workers N`.

A parent opens the sockets and the database, makes what all share, and forks; it answers nothing itself. What one
process knows the others know by the database: none holds a state that a client could miss at another. A process that
ends is replaced; when the parent ends, even by kill -9, the others end.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

from registry.database import NoDatabase, connect, embedded
from registry.queries import certificates
from registry.telemetry import metrics
from registry.telemetry.numbers_folder import NumbersFolder

SHORT: Final = 5.0  # seconds; who lives for less is not replaced at once
PAUSE: Final = 1.0  # seconds before it is
ATTEMPTS: Final = 5  # of processes that end before the server was ready for the first time
Stop = Callable[[], None]
# Serves on a socket, with a folder for the numbers; calls the function when it is ready, with the one that stops it.
Serve = Callable[[socket.socket, Path, Callable[[Stop], None]], None]
log = logging.getLogger("registry.web")


def sockets(first: Callable[[], socket.socket], count: int) -> list[socket.socket]:
    """A listening socket for each process; `first` makes one of that address that admits no other beside it.

    Linux spreads connections evenly over the sockets of one port; elsewhere all processes share one socket. Raises
    OSError where somebody else listens there.
    """
    alone = first()
    if not sys.platform.startswith("linux") or count == 1:
        return [alone] * count
    family, address = alone.family, alone.getsockname()
    alone.close()
    made: list[socket.socket] = []
    try:
        for _ in range(count):
            made.append(socket.socket(family, socket.SOCK_STREAM))
            made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            made[-1].bind(address)
            made[-1].listen(512)
    except BaseException:
        for one in made:
            one.close()
        raise
    return made


def prepare(url: str | None) -> None:
    """Do once, before forking, what every process would do: migrate the database, load what they read."""
    try:
        connect(url).close()
    except NoDatabase as error:  # it may come yet, as with one process
        log.error("%s: %s / %s", error.code, error.zh, error.en)
    with contextlib.suppress(certificates.BadWords):  # each process says so
        certificates.prepare()
    gc.collect()
    gc.freeze()


def _end(_: int, __: object) -> NoReturn:
    sys.exit(0)


class Workers:
    """The processes of one server, and their parent: this process."""

    def __init__(self, listening: list[socket.socket], serve: Serve) -> None:
        self._listening, self._serve = listening, serve
        self._numbers = NumbersFolder.make()
        self._began: dict[int, tuple[int, float]] = {}  # by process id: which socket is its own, and since when
        self._ready, self._started = os.pipe()
        self._lifeline, self._held = os.pipe()  # its writing end is open as long as the parent lives
        self._stopping: int | None = None  # the signal that the server was told to stop by

    def run(self, ready: Callable[[], None]) -> None:
        """Fork, call `ready` once all answer, and keep them until told to stop. Exits with 1 where none starts."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for index in range(len(self._listening)):
                self._fork(index)
            self._wait_until_ready()
            if not self._stopping:
                ready()
            while self._began:
                self._replace(*os.waitpid(-1, 0))
            if self._stopping:
                sys.exit(128 + self._stopping)  # as one process ends that is stopped
        finally:
            self._numbers.leave()

    def _wait_until_ready(self) -> None:
        missing, failures = len(self._listening), 0
        while missing and self._began:
            if select.select([self._ready], [], [], 0.2)[0]:
                missing -= len(os.read(self._ready, missing))
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid in self._began:
                failures += 1
                if failures >= ATTEMPTS and not self._stopping:
                    self._stop(signal.SIGTERM)
                    log.error("服务进程无法启动。 / The server's processes do not start.")
                    sys.exit(1)
                self._replace(pid, status)

    def _stop(self, number: int, _: Any = None) -> None:
        self._stopping = number
        for pid in self._began:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def _replace(self, pid: int, status: int) -> None:
        """A process has ended: start another in its place, unless the server stops."""
        index, since = self._began.pop(pid, (-1, 0.0))
        if index < 0:
            return  # not one of ours
        metrics.process_ended(pid, self._numbers.path)
        if self._stopping:
            return
        log.error(
            "服务进程 %s 意外结束（%s），另起一个。 / The server process %s has ended (%s): another takes its place.",
            pid, os.waitstatus_to_exitcode(status), pid, os.waitstatus_to_exitcode(status),
        )  # fmt: skip
        if time.monotonic() - since < SHORT:
            time.sleep(PAUSE)
        if not self._stopping:
            self._fork(index)

    def _fork(self, index: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._be_worker(index)
        self._began[pid] = index, time.monotonic()
        if self._stopping:  # told so in between
            os.kill(pid, signal.SIGTERM)

    def _be_worker(self, index: int) -> NoReturn:
        """Serve until told to stop, or the parent is gone."""
        status = 1
        try:
            # Uvicorn raises the signal again that it was stopped by: to end as one that has finished does.
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, _end)
            os.close(self._held)
            own = self._listening[index]
            for other in {*self._listening} - {own}:
                other.close()
            self._serve(own, self._numbers.path, self._answers)
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            log.exception("the server process failed")
        finally:
            embedded.leave()
            self._numbers.leave()
            with contextlib.suppress(OSError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)

    def _answers(self, stop: Stop) -> None:
        """Tell the parent that this process answers, and end when the parent is gone. Called in the event loop."""
        os.write(self._started, b".")
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(self._lifeline)
            stop()

        loop.add_reader(self._lifeline, gone)
