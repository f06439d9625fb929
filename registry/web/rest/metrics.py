"""GET /metrics, for Prometheus: this server's numbers, and what the database says of the whole registry.

Not public: answered on this machine, or to who shows the token of REGISTRY_METRICS_TOKEN. A proxy on this machine must
not open it to others: what comes by way of one (it says so in its headers) is not taken for this machine's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import asyncpg
from fastapi import APIRouter, Request, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily

from registry import __version__, settings
from registry.database import NoDatabase, as_object
from registry.queries.findings.finding_events import SEVERITY
from registry.web.failures import Refused
from registry.web.resources import ServerResources

PATIENCE: Final = 5.0  # seconds for the database
FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
STATE: Final = """
SELECT h.position AS decisions,
    (SELECT count(*) FROM log.checkpoint) AS checkpoints,
    (SELECT max(size) FROM log.checkpoint) AS checkpoint_size,
    (SELECT extract(epoch FROM now() - max(issued_at))::float8 FROM log.checkpoint) AS checkpoint_age,
    (SELECT max(size) FROM log.cosignature) AS cosigned_size,
    (SELECT count(*) FROM webhook.endpoint WHERE attempts > 0 OR stopped_at IS NOT NULL) AS webhooks_waiting,
    coalesce(p.position, 0) AS judged,
    coalesce(p.number, 0) AS finding_events,
    (SELECT greatest(0, extract(epoch FROM now() - d.recorded_at))::float8 FROM log.decision d
        WHERE d.position > coalesce(p.position, 0) ORDER BY d.position LIMIT 1) AS feed_lag_seconds,
    pg_database_size(current_database()) AS database_bytes
FROM (SELECT coalesce(max(position), 0) AS position FROM log.decision) h LEFT JOIN judged.progress p ON true
"""
OPEN_FINDINGS: Final = "SELECT severity, count(*) AS findings FROM judged.standing GROUP BY severity"
SESSIONS: Final = "SELECT count(*) FROM access.session WHERE ends_at > now()"
LOST: Final = (
    NoDatabase,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
log = logging.getLogger("registry.web")


class State(NamedTuple):
    """What the database says. Ages in seconds; None where there is nothing to be old."""

    decisions: int
    checkpoints: int
    checkpoint_size: int | None
    checkpoint_age: float | None
    cosigned_size: int | None
    webhooks_waiting: int
    judged: int
    finding_events: int
    feed_lag_seconds: float | None
    database_bytes: int


def router(resources: ServerResources) -> APIRouter:
    """The route over a server's numbers and its database."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/metrics", methods=["GET", "HEAD"])
    async def metrics(request: Request) -> Response:
        _refuse_strangers(request)
        families = await _families(resources)
        body, media_type = resources.metrics.exposed(request.headers.get("accept", ""), families)
        return Response(body, headers={"content-type": media_type, "cache-control": "no-store"})

    return routes


def _refuse_strangers(request: Request) -> None:
    """Refuse who may not read the numbers. Raises Refused: metrics-closed."""
    token = settings.METRICS_TOKEN.read()
    if token:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), token.encode()):
            return
        raise Refused(
            "metrics-closed",
            "读取指标须出示 REGISTRY_METRICS_TOKEN 的令牌。",
            "The metrics are for who shows the token of REGISTRY_METRICS_TOKEN.",
        )
    if not _from_here(request):
        raise Refused(
            "metrics-closed",
            "未设 REGISTRY_METRICS_TOKEN 时，指标只答复本机。",
            "Without REGISTRY_METRICS_TOKEN the metrics are answered on the registry's own machine only.",
        )


def _from_here(request: Request) -> bool:
    """Whether a program on this machine asks, and for itself."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    # A page of another site that made its own name point here asks under that name.
    host = request.url.hostname or ""
    return _is_loopback(request.client.host) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


async def _families(resources: ServerResources) -> list[Any]:
    """What the database says, as families of numbers; without it only that it is away."""
    try:
        async with asyncio.timeout(PATIENCE):
            pool = await resources.primary()
            state = as_object(State, await pool.fetchrow(STATE))
            open_findings = {row["severity"]: row["findings"] for row in await pool.fetch(OPEN_FINDINGS)}
            known = await pool.fetchval("SELECT to_regclass('access.session') IS NOT NULL")
            sessions = await pool.fetchval(SESSIONS) if known else 0
    except LOST:
        return [*_program(), _gauge("quanze_database_up", "Whether the database answers.", 0)]
    return [*_program(), *_whole_registry(state, open_findings, sessions)]


def _program() -> Iterator[Any]:
    yield InfoMetricFamily("quanze", "The program.", {"version": __version__})


def _whole_registry(state: State, open_findings: dict[str, int], sessions: int) -> Iterator[Any]:
    yield _gauge("quanze_database_up", "Whether the database answers.", 1)
    yield _gauge("quanze_database_bytes", "Size of the database.", state.database_bytes)
    yield CounterMetricFamily("quanze_decisions", "Decisions recorded.", state.decisions)
    yield CounterMetricFamily("quanze_finding_events", "Findings opened and closed.", state.finding_events)
    findings = GaugeMetricFamily("quanze_findings_open", "Findings that are open.", labels=["severity"])
    for letter, severity in SEVERITY.items():
        findings.add_metric([severity.lower()], open_findings.get(letter, 0))
    yield findings
    yield _gauge("quanze_feed_lag_decisions", "Decisions not judged yet.", state.decisions - state.judged)
    yield _gauge("quanze_feed_lag_seconds", "Age of the oldest decision not judged yet.", state.feed_lag_seconds or 0)
    yield CounterMetricFamily("quanze_checkpoints", "Checkpoints issued.", state.checkpoints)
    if state.checkpoint_age is not None:
        yield _gauge("quanze_checkpoint_age_seconds", "Age of the newest checkpoint.", state.checkpoint_age)
        beyond = state.decisions - (state.checkpoint_size or 0)
        yield _gauge("quanze_checkpoint_behind_decisions", "Decisions that no checkpoint covers yet.", beyond)
    if state.cosigned_size is not None:
        beyond = state.decisions - state.cosigned_size
        yield _gauge("quanze_cosigned_behind_decisions", "Decisions that no witness has cosigned yet.", beyond)
    yield _gauge("quanze_webhooks_waiting", "Webhooks whose receiver does not take them.", state.webhooks_waiting)
    yield _gauge("quanze_sessions", "Log-ins that have not ended.", sessions)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value)
