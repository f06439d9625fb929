"""`python -m tools.endurance --minutes 60`: load of every kind at once, while an eye is kept on what it takes.

A primary and a standby of PostgreSQL, one server with two processes that reads on the standby. All the while: readers,
four writers, a follower of each feed; now and then an import and a backup; twice the standby is killed, and comes back
a tenth of the time later. What must hold:

- no answer of 500 or above, nothing that was acknowledged is missing, the feed tells every decision once and in order,
- memory, open files and connections at the end are what they were after the first third, and memory falls when nobody
  asks any more,
- `registry verify` and `registry replay` pass afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import psycopg

from tools.clusters import Cluster, clusters
from tools.endurance import census
from tools.endurance.load import Load

LOOK: Final = 5.0  # seconds between two looks
REST: Final = 90.0  # seconds after the load, in which memory is to fall
READERS: Final = 4
WRITERS: Final = 4
IMPORTED: Final = 2000  # lines of an import
GROWTH: Final = 1.15  # of the middle of the last third over that of the second
SPARE: Final = {"memory": 32.0, "files": 8.0, "connections": 4.0}  # and this much beside


class Look(NamedTuple):
    """What the server takes at a moment: MiB of all its processes, their open files, its connections to both."""

    at: float
    memory: float
    files: float
    connections: float
    health: float  # seconds that /health took


class Course:
    """The whole of it: what is served, what is done to it, what was seen."""

    def __init__(self, folder: Path, primary: Cluster, standby: Cluster, seed: int) -> None:
        self.folder, self.primary, self.standby = folder, primary, standby
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
        self.environment |= {"REGISTRY_HOME": str(folder), "REGISTRY_DATABASE_URL": primary.url}
        self.errors = folder / "errors.txt"
        self.seed = seed
        self.looks: list[Look] = []
        self.resting: list[Look] = []  # once nobody asks any more
        self.problems: list[str] = []

    def command(self, *arguments: str) -> str:
        """What a command prints; where it fails that is a problem."""
        command = [sys.executable, "-m", "registry", *arguments]
        ran = subprocess.run(command, env=self.environment, capture_output=True, check=False)
        if ran.returncode:
            self.problems.append(f"registry {' '.join(arguments)}: {(ran.stdout + ran.stderr).decode()[:1000]}")
        return ran.stdout.decode()

    @contextmanager
    def serving(self) -> Generator[tuple[subprocess.Popen[str], str]]:
        """A server of two processes over both, and its address."""
        environment = self.environment | {"REGISTRY_READ_URL": self.standby.url, census.FOLDER: str(self.folder)}
        command = [sys.executable, "-m", "tools.endurance.census", "serve", "--port", "0", "--workers", "2"]
        with self.errors.open("w") as written:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=written, text=True)
        assert process.stdout is not None
        address = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        if address is None:
            raise RuntimeError(f"the server does not start: {self.errors.read_text()[:2000]}")
        try:
            yield process, address[0]
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()

    def run(self, minutes: float) -> None:
        """Go through it."""
        seconds = minutes * 60
        with self.serving() as (process, address):
            load = Load(address, self.seed)
            load.start(READERS, WRITERS)
            began = time.monotonic()
            due = [(share * seconds, work) for share, work in self._agenda(load, process.pid)]
            while (now := time.monotonic() - began) < seconds:
                while due and due[0][0] <= now:
                    due.pop(0)[1]()
                self.looks.append(self._looked(process.pid, address, now))
                if process.poll() is not None:
                    self.problems.append(f"the server ended: {self.errors.read_text()[-1000:]}")
                    break
                time.sleep(LOOK)
            load.end()
            while process.poll() is None and (rested := time.monotonic() - began - seconds) < REST:
                self.resting.append(self._looked(process.pid, address, seconds + rested))
                time.sleep(LOOK)
        self._judge(load)

    def _agenda(self, load: Load, server: int) -> Iterator[tuple[float, Any]]:
        """When what is done now and then, by the share of the time that has gone by."""

        def imported() -> None:
            file = self.folder / "more.jsonl"
            lines = load.journal(IMPORTED)
            file.write_bytes(lines)
            self.command("import", str(file))
            load.acknowledged.update({json.loads(line)["unit"]: 0 for line in lines.splitlines()})

        def kept() -> None:
            self.command("backup", str(self.folder / "kept"))

        def count() -> None:
            for process in _family(server)[1:3]:  # its two processes; the parent answers nothing
                with suppress(OSError):
                    os.kill(process, signal.SIGUSR1)

        what = {0.33: count, 0.66: count, 0.98: count}
        what |= {0.1: imported, 0.2: kept, 0.35: self.standby.kill, 0.45: self.standby.start, 0.5: imported, 0.6: kept}
        what |= {0.7: self.standby.kill, 0.75: self.standby.start, 0.8: imported, 0.9: kept}
        yield from sorted(what.items())

    def _looked(self, server: int, address: str, at: float) -> Look:
        began = time.monotonic()
        try:
            if httpx.get(f"{address}/health", timeout=30).status_code != 200:
                self.problems.append(f"/health after {at:.0f} s")
        except httpx.HTTPError as error:
            self.problems.append(f"/health after {at:.0f} s: {type(error).__name__}")
        health = time.monotonic() - began
        processes = _family(server)
        memory = sum(map(_memory, processes))
        files = 0
        for one in processes:
            with suppress(OSError):
                files += sum(1 for _ in Path(f"/proc/{one}/fd").iterdir())
        connections = 0
        for cluster in (self.primary, self.standby):
            with suppress(psycopg.Error), psycopg.connect(cluster.url, autocommit=True) as connection:
                (number,) = connection.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                ).fetchone() or (0,)
                connections += int(number) - 1
        return Look(at, memory, files, connections, health)

    def _judge(self, load: Load) -> None:
        """Say what was seen, and what of it must not be."""
        lines = [json.loads(line) for line in self.command("export").splitlines()]
        there = {line.get("unit") for line in lines}
        missing = set(load.acknowledged) - there
        if missing:
            self.problems.append(f"{len(missing)} acknowledged and not there: {sorted(missing)[:5]}")
        for path, seen in load.followed.items():
            if seen != sorted(set(seen)):
                self.problems.append(f"{path} tells some twice or out of order")
        decisions = load.followed["/v1/decisions"]
        if decisions != list(range(1, len(decisions) + 1)):
            self.problems.append("/v1/decisions leaves out some")
        self.problems += [f"{len(times)} times {bad}, at {times[:5]}" for bad, times in load.bad.items()]
        for name in ("verify", "replay"):
            self.command(name)
        tracebacks = self.errors.read_text("utf-8", "replace").count("Traceback (most recent call last)")
        self.problems += [f"{tracebacks} tracebacks"] * bool(tracebacks)
        for name, spare in SPARE.items():
            before, after = (self._middle(name, third) for third in (1, 2))
            if after > before * GROWTH + spare:
                self.problems.append(f"{name} grew: {before:.0f} in the second third, {after:.0f} in the last")
        # The most: while copies of the processes are counted, these share their pages, and seem to have less.
        most = max((look.memory for look in self.looks[2 * len(self.looks) // 3 :]), default=0.0)
        if self.resting and self.resting[-1].memory > most + SPARE["memory"]:
            self.problems.append(f"memory does not fall: {self.resting[-1].memory:.0f} after the load")
        self._print(load, len(lines))

    def _middle(self, name: str, third: int) -> float:
        part = self.looks[third * len(self.looks) // 3 : (third + 1) * len(self.looks) // 3]
        return statistics.median(getattr(look, name) for look in part) if part else 0.0

    def _print(self, load: Load, size: int) -> None:
        print(f"log {size}; acknowledged {len(load.acknowledged)}; answers {dict(sorted(load.answers.items()))}")
        print(f"feeds: { ({path: len(seen) for path, seen in load.followed.items()}) }")
        tenth = max(1, len(self.looks) // 10)
        print("minute  memory MiB  files  connections  /health ms (middle, most)")
        for start in range(0, len(self.looks), tenth):
            part = self.looks[start : start + tenth]
            middle = [statistics.median(look[index] for look in part) for index in range(5)]
            most = max(look.health for look in part) * 1000
            minute, memory, files, connections, health = middle
            numbers = f"{minute / 60:6.1f}  {memory:10.0f}  {files:5.0f}  {connections:11.0f}"
            print(f"{numbers}  {health * 1000:.0f}, {most:.0f}")
        print("memory after the load:", *(f"{look.memory:.0f}" for look in self.resting))
        print("written by the server:", self.errors.read_text("utf-8", "replace")[-2000:])
        print("in the memory of each process:", *census.grown(self.folder), sep="\n")
        for problem in self.problems:
            print(f"PROBLEM {problem}")
        print("all is well" if not self.problems else f"{len(self.problems)} problems")


def _family(pid: int) -> list[int]:
    """A process and all that it started."""
    result, waiting = [pid], [pid]
    while waiting:
        one = waiting.pop()
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                children = [int(child) for child in (task / "children").read_text().split()]
                result += children
                waiting += children
    return result


def _memory(pid: int) -> float:
    """MiB of a process that are its own, or its share of what it has in common with others."""
    with suppress(OSError):
        match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(match[1]) / 1024 if match else 0.0
    return 0.0


def main() -> int:
    """Do it as the command line says; 0 where all is well."""
    parser = argparse.ArgumentParser(prog="python -m tools.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quanze-endurance-") as folder, clusters() as (primary, standby):
        course = Course(Path(folder), primary, standby, given.seed)
        course.command("demo", "--if-empty")
        if not course.problems:
            course.run(given.minutes)
        else:
            print("\n".join(course.problems))
        return 1 if course.problems else 0


if __name__ == "__main__":
    sys.exit(main())
