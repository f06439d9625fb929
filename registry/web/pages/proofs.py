"""The page of proofs: how far the log is, its checkpoint to keep, and who has cosigned it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from fastapi import APIRouter, Request, Response

from registry.database import embedded
from registry.log import checkpoints, cosignatures, publishing, witness_policy
from registry.log.cosignatures import Cosignature
from registry.log.publishing import Published
from registry.log.witness_policy import Policy, Witness
from registry.web.pages.failure import Refused
from registry.web.pages.rendering import language, render
from registry.web.problems import hint

InThread = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows."""

    key: str
    whole: int
    published: Published
    witnesses: list[tuple[Witness, int, Cosignature | None]]


def router(run_in_thread: InThread) -> APIRouter:
    """The route, over the database that `run_in_thread` gives work to."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/proofs", methods=["GET", "HEAD"])
    async def proofs(request: Request) -> Response:
        shown = await run_in_thread(_shown)
        return render("proofs.html", language(request), shown=shown)

    return routes


def _shown(connection: psycopg.Connection) -> _Shown:
    try:
        key = checkpoints.signer(embedded.home())
        policy = witness_policy.configured()
    except (checkpoints.NoKey, witness_policy.BadPolicy) as error:
        advice = hint(error.code)
        raise Refused(error.code, 503, (error.zh, error.en), (advice["zh"], advice["en"])) from None
    row = connection.execute("SELECT coalesce(max(position), 0) FROM log.decision").fetchone()
    published = publishing.published(connection, key, policy)
    return _Shown(str(key.verifier), row[0] if row else 0, published, _witnesses(connection, policy))


def _witnesses(connection: psycopg.Connection, policy: Policy | None) -> list[tuple[Witness, int, Cosignature | None]]:
    """Each witness with the largest checkpoint that it cosigned."""
    results: list[tuple[Witness, int, Cosignature | None]] = []
    kept = cosignatures.kept(connection, policy.keys) if policy else []
    for witness in policy.witnesses if policy else ():
        given = [(each.size, one) for each in kept for one in each.by if one.witness == witness.key]
        size, newest = given[0] if given else (0, None)
        results.append((witness, size, newest))
    return results
