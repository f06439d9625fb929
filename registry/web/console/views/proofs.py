"""The view of proofs: how far the log is, its checkpoint to keep, checkpoints before it, and who has cosigned them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from fastapi import APIRouter, Request, Response

from registry.database import embedded
from registry.log import checkpoints, cosignatures, publishing, witness_policy
from registry.log.cosignatures import Cosigned
from registry.log.publishing import Published
from registry.log.witness_policy import Policy
from registry.web.console.checkpoint_tables import Newest, checkpoints_table, witnesses_table
from registry.web.console.view import View
from registry.web.pages.failure import Refused
from registry.web.problems import hint
from registry.web.resources import ServerResources


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows. `cosigned`: what the witnesses of the policy cosigned, verified anew."""

    key: str
    whole: int
    published: Published
    witnesses: list[Newest]
    cosigned: list[Cosigned]


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/proofs", methods=["GET", "HEAD"])
    async def proofs(request: Request) -> Response:
        return await _proofs(await View.of(request, resources))

    return routes


async def _proofs(view: View) -> Response:
    state: _Shown = await view.resources.run_in_thread(_shown)
    log = (await view.ask("log", kept=False, after=0, first=1))["log"]
    names = {(each.size, each.text): [given.witness.name for given in each.by] for each in state.cosigned}
    tables = [witnesses_table(view, state.witnesses), checkpoints_table(view, log["checkpoints"], names)]
    return view.download(*tables) or view.page("proofs.html", tables=tables, state=state, own_day=True)


def _shown(connection: psycopg.Connection[Any]) -> _Shown:
    try:
        key = checkpoints.signer(embedded.home())
        policy = witness_policy.configured()
    except (checkpoints.NoKey, witness_policy.BadPolicy) as error:
        advice = hint(error.code)
        raise Refused(error.code, 503, (error.zh, error.en), (advice["zh"], advice["en"])) from None
    row = connection.execute("SELECT coalesce(max(position), 0) FROM log.decision").fetchone()
    kept = cosignatures.kept(connection, policy.keys) if policy else []
    published = publishing.published(connection, key, policy)
    return _Shown(str(key.verifier), row[0] if row else 0, published, _witnesses(policy, kept), kept)


def _witnesses(policy: Policy | None, kept: list[Cosigned]) -> list[Newest]:
    """Each witness with the largest checkpoint that it cosigned."""
    results: list[Newest] = []
    for witness in policy.witnesses if policy else ():
        given = [(each.size, one) for each in kept for one in each.by if one.witness == witness.key]
        results.append(Newest(witness, *(given[0] if given else (0, None))))
    return results
