"""`python -m tools.hostile.held serve …`: the server, and beside it a thread that says what held its event loop.

The loop ticks every few milliseconds. Where it has not for HELD seconds, the thread looks at what the loop's thread is
at, again and again, and says at the end how long nobody was answered, for how long of that the loop's thread worked
(the rest it waited, for the interpreter's lock or for the processor), and where it was seen most often.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any, Final

from registry.web.server import Server

TICK: Final = 0.005  # seconds
HELD: Final = 0.04  # seconds from which on it is worth a word
COLLECTED: Final = 0.01  # seconds of the processor from which on a pass of the collector is worth one
FRAMES: Final = 14  # of a stack are written down
FILE: Final = "QUANZE_HELD"  # where it is written; standard error by default
OWN: Final = str(Path(__file__).parents[2] / "registry")


class Watchdog(threading.Thread):
    """Looks at a loop from outside."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop, self._of = loop, threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._of)
        self._tick = time.monotonic(), self._worked()
        self._file = Path(os.environ.get(FILE) or "/dev/stderr")
        self._collecting = 0.0
        self._begun = 0.0
        self._looked_at = 0

    def tick(self) -> None:
        """Called on the loop, and calls itself."""
        self._tick = time.monotonic(), self._worked()
        self._loop.call_later(TICK, self.tick)

    def collected(self, phase: str, of: dict[str, Any]) -> None:
        """Called by the collector, in whatever thread it works: it holds the interpreter, so the loop waits."""
        if phase == "start":
            self._looked_at = len(gc.get_objects(generation=2)) if of["generation"] == 2 else 0
            self._collecting = time.monotonic()
            self._begun = time.thread_time()
            return
        worked = time.thread_time() - self._begun
        self._collecting = 0.0
        if of["generation"] == 2 or worked > COLLECTED:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(
                    f"COLLECTED generation {of['generation']}, worked {worked * 1000:.0f} ms; of {self._looked_at} old "
                    f"objects, freed {of['collected']}, never looked at {gc.get_freeze_count()}\n"
                )

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            time.sleep(TICK)
            since, worked = self._tick
            if time.monotonic() - since > HELD:
                self._held(since, worked)

    def _worked(self) -> float:
        return time.clock_gettime(self._clock)

    def _held(self, since: float, worked: float) -> None:
        seen: Counter[str] = Counter()
        others: Counter[str] = Counter()
        spent = worked
        while self._tick[0] == since:
            frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]
            seen[("(collecting) " if self._collecting else "") + _stack(frames.get(self._of))] += 1
            for thread, frame in frames.items():
                if thread not in (self._of, threading.get_ident()):
                    innermost = traceback.extract_stack(frame)[-1]
                    if innermost.name not in ("wait", "_worker", "select", "accept", "get"):
                        others[f"{Path(innermost.filename).name}:{innermost.lineno} {innermost.name}"] += 1
            spent = self._worked()
            time.sleep(TICK)
        whole = self._tick[0] - since
        text, times = seen.most_common(1)[0] if seen else ("(not seen)", 0)
        beside = ", ".join(f"{name} ×{many}" for name, many in others.most_common(3))
        with self._file.open("a", encoding="utf-8") as out:
            out.write(
                f"HELD {whole * 1000:.0f} ms, worked {(spent - worked) * 1000:.0f} ms; seen {times} of {seen.total()} "
                f"times at\n{text}\n   beside: {beside}\n"
            )


def _stack(frame: FrameType | None) -> str:
    if frame is None:
        return "(gone)"
    try:
        frames = traceback.extract_stack(frame)
    except AttributeError:  # it went on meanwhile
        return "(moved)"
    own = [index for index, one in enumerate(frames) if one.filename.startswith(OWN)]
    kept = sorted({*own[-FRAMES:], *range(max(0, len(frames) - 4), len(frames))})
    return "\n".join(f"   {frames[i].filename[-60:]}:{frames[i].lineno} {frames[i].name}" for i in kept)


def main() -> None:
    """Be `registry` with the arguments of this command."""
    started = Server.startup

    async def startup(self: Server, *arguments: Any, **more: Any) -> None:
        await started(self, *arguments, **more)
        dog = Watchdog(asyncio.get_running_loop())
        gc.callbacks.append(dog.collected)
        dog.tick()
        dog.start()

    Server.startup = startup
    from registry.cli.app import main as registry

    registry()


if __name__ == "__main__":
    main()
