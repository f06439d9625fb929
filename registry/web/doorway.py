"""The server's side of registry/fast/health_answers.py, which takes connections in and answers /health for it.

Whoever watches a server asks /health and takes an answer that comes late for none. In the server's own interpreter it
waits for whatever computes there: a hundred hostile clients made of 6 ms a quarter of a second, now and then two.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import mmap
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from registry.fast import health_answers

PROGRAM: Final = Path(health_answers.__file__)
BEAT: Final = 0.5  # seconds
_AT_ONCE: Final = 64  # connections that are taken over before anything else of the event loop
log = logging.getLogger("registry.web")


class Doorway:
    """The process that takes connections in on a listening socket, and hands them on to this one."""

    def __init__(self, listening: socket.socket) -> None:
        self._listening = listening
        self._opening = set[asyncio.Task[object]]()
        self._ending = False

    async def open(self, protocol: Callable[[], asyncio.Protocol], gone: Callable[[], None]) -> None:
        """Start it. `protocol` makes one for each connection; `gone` is called where the process ends before its time.

        Raises OSError where no process, socket or memory is to be had.
        """
        loop = asyncio.get_running_loop()
        self._protocol, self._gone = protocol, gone
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        memory = os.memfd_create("quanze-beat")
        try:
            os.truncate(memory, struct.calcsize("d"))
            self._memory = mmap.mmap(memory, struct.calcsize("d"))
            self._beat()
            handles = (self._listening.fileno(), theirs.fileno(), memory)
            command = [sys.executable, "-I", "-S", str(PROGRAM), *map(str, handles)]
            self._process = subprocess.Popen(command, pass_fds=handles, stdin=subprocess.DEVNULL)
        except OSError:
            self._channel.close()
            raise
        finally:
            theirs.close()
            os.close(memory)
        self._channel.setblocking(False)
        loop.add_reader(self._channel, self._take)

    def close(self) -> None:
        """Take no more connections in."""
        if not self._ending:
            self._ending = True
            asyncio.get_running_loop().remove_reader(self._channel)
            self._timer.cancel()
            self._channel.close()

    async def closed(self) -> None:
        """Wait until the process has gone; it goes when the channel is closed."""
        try:
            await asyncio.to_thread(self._process.wait, 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)

    def _beat(self) -> None:
        """Say that the event loop turns."""
        struct.pack_into("d", self._memory, 0, time.monotonic())
        self._timer = asyncio.get_running_loop().call_later(BEAT, self._beat)

    def _take(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(_AT_ONCE):
            try:
                data, handles, _, _ = socket.recv_fds(self._channel, 1, 1)
            except BlockingIOError:
                return
            except OSError:
                data, handles = b"", []
            if not data:
                self.close()
                log.error(
                    "接受连接的进程没有了，服务自己接受连接。 / The process that takes connections in has gone: the "
                    "server takes them in itself."
                )
                self._gone()
                return
            for handle in handles:
                connection = socket.socket(fileno=handle)
                connection.setblocking(False)
                task = loop.create_task(loop.connect_accepted_socket(self._protocol, connection))
                self._opening.add(task)
                task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[object]) -> None:
        self._opening.discard(task)
        with contextlib.suppress(asyncio.CancelledError, OSError):  # it has gone already
            task.result()
