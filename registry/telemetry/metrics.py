"""What a server counts of itself, as OpenMetrics: requests, their time, its connections to the database.

Several processes of one server share a folder in which each keeps its numbers; whichever is asked adds them up. What is
so of the whole registry (decisions, findings, checkpoints) is read from the database when somebody asks.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, exposition, multiprocess, values
from prometheus_client.registry import Collector

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)  # seconds
_PROCESSES: Final[Any] = multiprocess  # partly without types
_VALUES: Final[Any] = values
OTHER: Final = "other"  # an operation of no name that the program knows


@dataclass(frozen=True, slots=True)
class Timing:
    """One operation: the seconds of all its requests, how many the server failed, how many took at most so long."""

    operation: str
    seconds: float
    failed: int
    buckets: dict[float, float]

    @property
    def requests(self) -> int:
        """How many were answered."""
        return int(max(self.buckets.values(), default=0))

    def within(self, share: float) -> float:
        """The least bound, in seconds, within which this share of the requests was answered."""
        wanted = share * self.requests
        return next((bound for bound, count in sorted(self.buckets.items()) if count >= wanted), math.inf)


class Metrics:
    """The numbers of one server process.

    `folder`: where all processes of the server keep theirs; None: there is one process. One folder to a process.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        if folder is not None:
            os.environ.update(PROMETHEUS_MULTIPROC_DIR=str(folder))
        # Chosen by the library when it is imported, which may be before the server knows how many processes it has.
        _VALUES.ValueClass = values.MutexValue if folder is None else _VALUES.MultiProcessValue()
        self._registry = CollectorRegistry()
        more: Any = {"registry": self._registry}
        self._requests = Counter("quanze_requests", "Requests answered.", ("operation", "status"), **more)
        self._seconds = Histogram(
            "quanze_request_seconds", "Time from a request to the end of its answer.", ("operation",), buckets=BUCKETS,
            unit="", **more,
        )  # fmt: skip
        live: Any = {"multiprocess_mode": "livesum"} | more
        self._under_way = Gauge("quanze_requests_under_way", "Requests being answered.", **live)
        self._pool = Gauge("quanze_pool_connections", "Connections for reading.", ("state",), **live)
        self._pool_idle, self._pool_used = self._pool.labels("idle"), self._pool.labels("used")
        self._known: dict[tuple[str, int], Any] = {}
        self._timed: dict[str, Any] = {}

    def begin(self) -> None:
        """A request has come in."""
        self._under_way.inc()

    def finish(self, operation: str, status: int, seconds: float) -> None:
        """A request has been answered, or has ended without an answer (status 0)."""
        self._under_way.dec()
        self.count(operation, status, seconds)

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Count one operation. Operations and statuses are few: each keeps its number for good."""
        counter, timer = self._known.get((operation, status)), self._timed.get(operation)
        if counter is None or timer is None:
            counter = self._known[operation, status] = self._requests.labels(operation, str(status))
            timer = self._timed[operation] = self._seconds.labels(operation)
        counter.inc()
        timer.observe(seconds)

    def pool(self, idle: int, used: int) -> None:
        """How many connections for reading this process has."""
        self._pool_idle.set(idle)
        self._pool_used.set(used)

    def timings(self) -> list[Timing]:
        """What was answered since the server began, by operation, the most frequent first."""
        registry = self._registry
        if self._folder is not None:
            registry = CollectorRegistry()
            _PROCESSES.MultiProcessCollector(registry, str(self._folder))
        of: dict[str, dict[float, float]] = {}
        seconds: dict[str, float] = {}
        failed: dict[str, int] = {}
        for sample in (sample for family in registry.collect() for sample in family.samples):
            operation = sample.labels.get("operation", "")
            if sample.name == "quanze_request_seconds_bucket":
                of.setdefault(operation, {})[float(sample.labels["le"])] = sample.value
            elif sample.name == "quanze_request_seconds_sum":
                seconds[operation] = sample.value
            elif sample.name == "quanze_requests_total" and sample.labels["status"].startswith("5"):
                failed[operation] = failed.get(operation, 0) + int(sample.value)
        timed = [Timing(name, seconds.get(name, 0.0), failed.get(name, 0), buckets) for name, buckets in of.items()]
        return sorted(timed, key=lambda each: (-each.requests, each.operation))

    def exposed(self, accept: str, more: Iterable[Any]) -> tuple[bytes, str]:
        """Everything as text, with its media type: OpenMetrics to who accepts it, else Prometheus' older format.

        `more`: families of numbers beside those of the server's processes.
        """
        registry = self._registry
        if self._folder is not None:
            registry = CollectorRegistry()
            _PROCESSES.MultiProcessCollector(registry, str(self._folder))
        encoder, media_type = exposition.choose_encoder(accept)
        return encoder(_Both(registry, more)), media_type


class _Both(Collector):
    """The families of a registry, then others."""

    def __init__(self, registry: CollectorRegistry, more: Iterable[Any]) -> None:
        self._registry, self._more = registry, more

    def collect(self) -> Iterable[Any]:
        yield from self._registry.collect()
        yield from self._more


def process_ended(pid: int, folder: Path) -> None:
    """A process of the server is gone: what it had under way counts no more, what it answered goes on counting."""
    _PROCESSES.mark_process_dead(pid, str(folder))
