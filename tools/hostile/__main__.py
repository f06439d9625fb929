"""`python -m tools.hostile`: attack a server of its own, and say what became of it; status 1 where anything is bad.

What must hold (docs/explanation/hostile.md): no status of 500 or above, nothing hangs, /health answers all the while,
memory is bounded, nothing is half recorded, and the log is whole afterwards.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from tools.hostile.attack import attack, inputs
from tools.hostile.client import Outcome
from tools.hostile.inputs import Input
from tools.hostile.target import serving, watched

MEMORY: Final = 1024  # MiB that the server may take; a process that reads a file is bounded by itself


def main() -> int:
    """Attack as the command line says; 0 where all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--family", help="only the inputs of this family")
    parser.add_argument("--home", type=Path, help="the registry's folder; a new one by default")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quanze-hostile-") as folder:
        home = given.home or Path(folder)
        os.environ["REGISTRY_HOME"] = str(home)
        os.environ.pop("REGISTRY_DATABASE_URL", None)
        wanted = [one for one in inputs(given.seed, given.inputs) if given.family in (None, one.family)]
        return _attacked(home, wanted)


def _attacked(home: Path, wanted: list[Input]) -> int:
    began, shown = time.monotonic(), time.monotonic()

    def progress(done: int, last: Outcome) -> None:
        nonlocal shown
        if last.bad:
            _print(f"BAD {last.input.family}, {last.input.name}: {last.status}, {last.seconds:.0f} s")
        if time.monotonic() - shown > 30:
            shown = time.monotonic()
            _print(f"… {done} of {len(wanted)}, {shown - began:.0f} s")

    demo = [sys.executable, "-m", "registry", "demo", "--if-empty"]
    subprocess.run(demo, check=True, stdout=subprocess.DEVNULL)
    with serving(home) as target:
        before = target.log_size()
        with watched(target) as watch:
            report = attack(target.address, wanted, progress)
        for line in report.lines():
            _print(line)
        problems = [f"{len(report.bad)} bad answers"] if report.bad else []
        if not target.alive:
            problems.append("the server ended")
        else:
            _print(f"decisions: {before} before, {target.log_size()} after")
        halves = report.halves(target.recorded_units())
        problems += halves[:20]
        problems += [f"registry {name} fails" for name in ("verify", "replay") if target.command(name)]
        # The server's log has a level for what nobody expected, and no traceback (telemetry/logs.py).
        lines = target.errors.read_text("utf-8", "replace").splitlines()
        faults = [line for line in lines if "[error" in line or line.startswith("Traceback ")]
        problems += [f"{len(faults)} errors in the server's log"] * bool(faults)
        for line in faults[:20]:
            _print(line[:3000])
    if watch.peak > MEMORY:
        problems.append(f"the server took {watch.peak:.0f} MiB")
    if watch.unhealthy:
        problems.append(f"/health did not answer {watch.unhealthy} times")
    _print(
        f"{len(wanted)} inputs in {time.monotonic() - began:.0f} s; memory {watch.before:.0f} MiB before, "
        f"{watch.peak:.0f} at most, {watch.after:.0f} after; readers of files {watch.peak_readers:.0f} at most; "
        f"files open {max(watch.files, default=0)} at most, {watch.files[-1] if watch.files else 0} at the end; "
        f"/health {_spread(watch.health)}; a bare server beside it {_spread(watch.bare)}"
    )
    _print("; ".join(problems) if problems else "all is well")
    return int(bool(problems))


def _spread(times: list[float]) -> str:
    ordered = sorted(times) or [0.0]
    half, most = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    beyond = sum(one > 100 for one in ordered)
    return f"{half:.0f} ms (half), {most:.0f} (99 %), {ordered[-1]:.0f} (slowest of {len(ordered)}), {beyond} over 100"


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
