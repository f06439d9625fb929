"""Where the time of a run goes, by function: each one's own time, without that of the others named inside it."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


class Stages:
    """Seconds spent in each stage, in all threads together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._running = threading.local()

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its own time counted."""
        clock, seconds, running = time.perf_counter, self.seconds, self._running

        @wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            inner: list[float] = running.__dict__.setdefault("inner", [0.0])
            inner.append(0.0)
            start = clock()
            try:
                return function(*args, **kwargs)
            finally:
                whole = clock() - start
                seconds[stage] += whole - inner.pop()
                inner[-1] += whole

        return counted

    @contextmanager
    def watching(self, *targets: tuple[str, Any, str]) -> Iterator[None]:
        """Count the time of these functions: a stage, the module or class, and the name there."""
        before: list[tuple[Any, str, Any]] = []
        for stage, where, name in targets:
            function = where.__dict__.get(name)
            if function is None:
                self.seconds[f"{stage} (unknown: there is no {name} now)"] = 0.0
                continue
            before.append((where, name, function))
            setattr(where, name, self.timed(stage, function))
        try:
            yield
        finally:
            for where, name, function in before:
                setattr(where, name, function)
