"""The server under attack: a process of its own over a registry of its own, with an eye on its memory and its life."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry import database
from tools.hostile import held
from tools.hostile.client import Address, sent
from tools.hostile.inputs import Input, posted

LOOK: Final = 0.25  # seconds between two looks
MIB: Final = 1 << 20


@dataclass
class Watch:
    """What was seen of the server meanwhile. Memory in MiB: of the server alone, and of all processes it started."""

    before: float = 0.0
    peak: float = 0.0
    peak_readers: float = 0.0
    after: float = 0.0
    files: list[int] = field(default_factory=list[int])
    health: list[float] = field(default_factory=list[float])  # milliseconds that /health took
    bare: list[float] = field(default_factory=list[float])  # and a server beside it that does nothing else
    unhealthy: int = 0  # times that it did not answer 200


@dataclass
class Target:
    """A running server: where it listens, its process, and what it writes on standard error."""

    address: Address
    process: subprocess.Popen[str]
    errors: Path
    environment: Mapping[str, str]

    @property
    def alive(self) -> bool:
        """Whether the same process still runs."""
        return self.process.poll() is None

    def log_size(self) -> int:
        """How many decisions are recorded. Asked in the server's own words."""
        answer = sent(self.address, Input("", "", (posted({"query": "{ log { size } }"}),))).answer
        match = re.search(rb'"size":(\d+)', answer)
        if match is None:
            raise RuntimeError(answer[:500])
        return int(match[1])

    def recorded_units(self) -> set[str]:
        """The codes of all units in the log whose code begins with H."""
        with database.connect(self.environment.get("REGISTRY_DATABASE_URL") or None) as connection:
            rows = connection.execute("SELECT DISTINCT substr(tag, 6) FROM log.tag WHERE tag LIKE 'unit:H%'").fetchall()
        return {row[0] for row in rows}

    def command(self, *arguments: str) -> int:
        """Run `registry` over the same registry; its status."""
        command = [sys.executable, "-m", "registry", *arguments]
        return subprocess.run(command, env=self.environment, stdout=subprocess.DEVNULL, check=False).returncode


@contextmanager
def serving(home: Path, url: str | None = None) -> Generator[Target]:
    """A server on a free port, over the database or the embedded one under `home`."""
    environment = {**os.environ, "REGISTRY_HOME": str(home)} | ({"REGISTRY_DATABASE_URL": url} if url else {})
    errors = home / "errors.txt"
    module = "tools.hostile.held" if environment.get(held.FILE) else "registry"
    command = [sys.executable, "-m", module, "serve", "--port", "0"]
    with errors.open("w") as written:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=written, text=True)
    try:
        assert process.stdout is not None
        first_line = process.stdout.readline()
        match = re.search(r"http://([\d.]+):(\d+)", first_line)
        if match is None:
            raise RuntimeError(f"the server does not start: {first_line}{errors.read_text()[:2000]}")
        yield Target((match[1], int(match[2])), process, errors, environment)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()


@contextmanager
def watched(target: Target) -> Generator[Watch]:
    """Look at the server's memory, and ask for /health, all the while."""
    watch = Watch(before=_memory(target.process.pid))
    over = threading.Event()
    host, port = target.address
    asking = subprocess.Popen(
        [sys.executable, "-m", "tools.hostile.health", host, str(port)], stdout=subprocess.PIPE, text=True
    )

    def look() -> None:
        while not over.wait(LOOK):
            watch.peak = max(watch.peak, _memory(target.process.pid))
            watch.peak_readers = max(watch.peak_readers, sum(map(_memory, _children(target.process.pid))))
            with contextlib.suppress(OSError):
                watch.files.append(sum(1 for _ in Path(f"/proc/{target.process.pid}/fd").iterdir()))

    def read() -> None:
        assert asking.stdout is not None
        for line in asking.stdout:
            ours, bare, status = line.split()
            watch.health.append(float(ours))
            watch.bare.append(float(bare))
            watch.unhealthy += status != "200"

    threads = [threading.Thread(target=one) for one in (look, read)]
    for thread in threads:
        thread.start()
    try:
        yield watch
    finally:
        over.set()
        asking.terminate()
        for thread in threads:
            thread.join()
        asking.wait()
        time.sleep(1)
        watch.after = _memory(target.process.pid)


def _memory(pid: int) -> float:
    """The resident memory of a process in MiB; 0 where there is none."""
    with contextlib.suppress(OSError):
        match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(match[1]) / 1024 if match else 0.0
    return 0.0


def _children(pid: int) -> list[int]:
    """The processes that a process started and that read files; not the database, which is its own."""
    results: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            results += map(int, (task / "children").read_text().split())
    return [child for child in results if b"sandbox" in _command_line(child)]


def _command_line(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
