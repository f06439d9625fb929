"""Kill -9 at random moments, again and again: nothing acknowledged is lost, nothing is half, nobody has to lend a hand.

`make chaos` calls it: KILLS moments on a registry of its own in a temporary folder. At each one of these is killed
while it works: the server while it records over HTTP, an import, a replay that switches, a backup, a restore, or the
database itself beneath a server. Then the next start has to do without help, and it is checked that

- every decision whose recording was acknowledged is in the log, and an import is there whole or not at all,
- the log is whole (`registry verify`), and the read tables are those of the log (`registry replay`),
- the backup's folder still holds a whole backup, and a restore left its database empty, or is complete.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx

START: Final = 300.0  # seconds that a start may take, recovery included; 79 were seen at a load of 25
KINDS: Final = ("server", "import", "replay", "backup", "restore", "database")
UNIT: Final = {
    "type": "UnitRegistered",
    "at": "2000-01-01",
    "level": "township",
    "kind": "government",
    "parent": "420684",
}
ABOVE: Final = {"type": "UnitRegistered", "at": "2000-01-01", "kind": "government"}
COUNTY: Final = [
    ABOVE | {"unit": "4206", "name": "市", "level": "prefecture"},
    ABOVE | {"unit": "420684", "name": "县", "level": "county", "parent": "4206"},
]


class Lost(Exception):
    """Something that must hold does not."""


class Chaos:
    """A registry that is killed again and again; `acknowledged` has the units that somebody was told are recorded."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
        self.environment["REGISTRY_HOME"] = str(folder / "home")
        self.acknowledged: set[str] = set()
        self.killed = Counter[str]()
        self.unharmed = Counter[str]()  # by kind, how often it was done before it was killed
        self.takes: dict[str, float] = {}  # by kind, seconds
        self.slowest = 0.0
        self.number = 0

    def begin(self, decisions: int) -> None:
        """Record a county with so many townships, and keep a backup of it."""
        lines = [*COUNTY, *(self.unit() for _ in range(decisions))]
        self.done("import", str(self.journal(lines)))
        self.acknowledged.update(line["unit"] for line in lines)
        self.done("checkpoint")
        self.done("backup", str(self.folder / "kept"))

    def unit(self) -> dict[str, Any]:
        """A township that nobody has recorded yet."""
        self.number += 1
        return UNIT | {"unit": f"T{self.number}", "name": f"镇{self.number}"}

    def journal(self, lines: list[dict[str, Any]]) -> Path:
        file = self.folder / "journal.jsonl"
        file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        return file

    def start(self, *arguments: str, home: str | None = None) -> subprocess.Popen[bytes]:
        environment = self.environment | ({"REGISTRY_HOME": home} if home else {})
        command = [sys.executable, "-m", "registry", *arguments]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def done(self, *arguments: str, home: str | None = None) -> bytes:
        """What a command prints. Raises Lost where it fails: the next start needs no hand."""
        process = self.start(*arguments, home=home)
        out, err = process.communicate(timeout=600)
        if process.returncode:
            raise Lost(f"{arguments}: {out.decode()[:2000]} {err.decode()}")
        return out

    def moment(self, kind: str) -> None:
        """Kill one thing of a kind while it works, and look at what is left."""
        getattr(self, f"kill_{kind}")()
        self.killed[kind] += 1
        self.check()

    def kill_within(self, process: subprocess.Popen[bytes], kind: str) -> bool:
        """Kill a process within the time that such a one takes, as known so far; gives whether it had ended before."""
        began, most = time.monotonic(), self.takes.get(kind, 4.0)
        with suppress(subprocess.TimeoutExpired):
            process.wait(self.random.uniform(0, most))
            self.unharmed[kind] += 1
            self.takes[kind] = (time.monotonic() - began) * 1.1
            process.communicate()
            return True
        process.kill()
        process.communicate()
        self.takes[kind] = min(most * 1.15, 60.0)
        return False

    def kill_import(self) -> None:
        lines = [self.unit() for _ in range(2000)]
        process = self.start("import", str(self.journal(lines)))
        ended = self.kill_within(process, "import")
        if ended and process.returncode == 0:
            self.acknowledged.update(line["unit"] for line in lines)
        there = self.units() & {line["unit"] for line in lines}
        if len(there) not in (0, len(lines)):
            raise Lost(f"an import of {len(lines)} decisions is there by {len(there)}")
        self.acknowledged |= there

    def kill_replay(self) -> None:
        self.kill_within(self.start("replay", "--switch"), "replay")

    def kill_backup(self) -> None:
        self.kill_within(self.start("backup", str(self.folder / "kept")), "backup")
        if not (self.folder / "kept/backup.json").exists():
            raise Lost("a backup was there, and is no more")
        self.restored()

    def kill_restore(self) -> None:
        home = str(self.folder / "restored")
        self.kill_within(self.start("restore", str(self.folder / "kept"), home=home), "restore")
        size = self.done("export", home=home).count(b"\n")
        if size:
            manifest = json.loads((self.folder / "kept/backup.json").read_bytes())
            if size != manifest["position"]:
                raise Lost(f"a restore of {manifest['position']} decisions is there by {size}")
            shutil.copy(self.folder / "home/signing.key", home)  # which no backup has
            shutil.copy(self.folder / "home/signing.pub", home)
            self.sound(home)
        shutil.rmtree(home)

    def restored(self) -> None:
        """The backup in the folder can be restored."""
        home = str(self.folder / "restored")
        self.done("restore", str(self.folder / "kept"), home=home)  # it fails where anything differs
        shutil.rmtree(home)

    def kill_server(self) -> None:
        self.record_over_http(lambda process: process.kill())

    def kill_database(self) -> None:
        def kill(_: subprocess.Popen[bytes]) -> None:
            pid = int((self.folder / "home/postgresql/data/postmaster.pid").read_text().split("\n")[0])
            os.kill(pid, signal.SIGKILL)

        self.record_over_http(kill)

    def record_over_http(self, kill: Callable[[subprocess.Popen[bytes]], None]) -> None:
        """Have two clients record through a server, kill at a random moment, and remember what was acknowledged."""
        began = time.monotonic()
        process = self.start("serve", "--port", "0", "--workers", self.random.choice(("1", "2")))
        assert process.stdout is not None
        address = re.search(rb"http://[\d.:]+", process.stdout.readline())
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        if address is None:
            raise Lost(f"the server does not start: {process.communicate()[1].decode()}")
        if took > START:
            process.kill()
            raise Lost(f"the server takes {took:.0f} s to start")
        over = threading.Event()
        clients = [threading.Thread(target=self.client, args=(address[0].decode(), over)) for _ in range(2)]
        for client in clients:
            client.start()
        before, until = len(self.acknowledged), time.monotonic() + START
        while len(self.acknowledged) == before and time.monotonic() < until:
            time.sleep(0.01)
        if len(self.acknowledged) == before:
            over.set()
            process.kill()
            raise Lost("nothing could be recorded")
        time.sleep(self.random.uniform(0, 1))
        kill(process)
        time.sleep(0.2)
        over.set()
        for client in clients:
            client.join()
        process.terminate()
        try:
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Lost("the server does not stop when told to") from None

    def client(self, address: str, over: threading.Event) -> None:
        query = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"
        with httpx.Client(timeout=30) as client:
            while not over.is_set():
                line = self.unit()
                request = {"query": query, "variables": {"d": [line]}}
                with suppress(httpx.HTTPError, ValueError):
                    answer: Any = client.post(f"{address}/graphql", json=request).json()
                    data: Any = answer.get("data")
                    if data and data["record"]["positions"]:
                        self.acknowledged.add(line["unit"])

    def units(self) -> set[str]:
        """Every unit that the log has."""
        return {json.loads(line)["unit"] for line in self.done("export").splitlines()}

    def check(self) -> None:
        """What was acknowledged is there; log and read tables are whole."""
        missing = self.acknowledged - self.units()
        if missing:
            raise Lost(f"{len(missing)} decisions were acknowledged and are lost: {sorted(missing)[:5]}")
        self.sound(None)

    def sound(self, home: str | None) -> None:
        """Log and read tables are whole."""
        self.done("verify", "--json", home=home)
        self.done("replay", "--json", home=home)

    def stop(self) -> None:
        """End the databases that nobody uses any more because whoever started them was killed."""
        for file in self.folder.glob("*/postgresql/data/postmaster.pid"):
            with suppress(OSError, ValueError):
                os.kill(int(file.read_text().split("\n")[0]), signal.SIGQUIT)


def run(kills: int, seed: int, decisions: int, kinds: tuple[str, ...] = KINDS) -> Chaos:
    """Kill so many times, each kind in turn. Raises Lost, with the seed in the output before it."""
    folder = Path(tempfile.mkdtemp(prefix="quanze-chaos-"))
    chaos = Chaos(folder, seed)
    began = time.monotonic()
    try:
        chaos.begin(decisions)
        for number in range(kills):
            kind = kinds[number % len(kinds)]
            chaos.moment(kind)
            print(f"{number + 1}/{kills} {kind}: {len(chaos.acknowledged)} acknowledged, all there", flush=True)
        chaos.restored()
    finally:
        chaos.stop()
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - began
    print(
        f"== {kills} moments in {seconds:.0f} s, seed {seed}: {dict(chaos.killed)}; of these too late: "
        f"{dict(chaos.unharmed)}; slowest start {chaos.slowest:.1f} s; nothing lost, nothing half"
    )
    return chaos


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--decisions", type=int, default=3000)
    parser.add_argument("--kinds", default=",".join(KINDS), help="what is killed, in turn")
    options = parser.parse_args()
    print(f"== seed {options.seed}", flush=True)
    try:
        run(options.kills, options.seed, options.decisions, tuple(options.kinds.split(",")))
    except Lost as lost:
        sys.exit(f"== {lost}")


if __name__ == "__main__":
    main()
