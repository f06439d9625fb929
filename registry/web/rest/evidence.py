"""Evidence for an incident as a file: GET /v1/evidence.zip, the same as `registry evidence` writes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import WithJsonSchema

from registry.access.operations import Rule
from registry.access.territory import Territory
from registry.database import embedded
from registry.exchange import evidence
from registry.log import checkpoints
from registry.queries.history import decisions
from registry.queries.holdings import accountability
from registry.relations.two_times import AsOf
from registry.web.heads import also_head
from registry.web.pages import address
from registry.web.pages.failure import Refused
from registry.web.problems import hint
from registry.web.resources import ServerResources
from registry.web.rest.answers import errors
from registry.web.rest.parameters import KnownAt
from registry.web.viewing import territory

MatterCode = Annotated[str, Query(min_length=1, description="事项编码。 The matter's code.")]
OfUnit = Annotated[
    str, Query(min_length=1, description="单位代码，或唯一的名称。 A unit's code, or a name that it alone bears.")
]
IncidentDay = Annotated[
    str,
    WithJsonSchema({"type": "string", "format": "date"}),
    Query(min_length=1, description="事发之日。 The day of the incident."),
]


def router(resources: ServerResources) -> APIRouter:
    """The route over a server's database."""
    routes = APIRouter(tags=["核验 proofs"])

    async def evidence_zip(
        request: Request, matter: MatterCode, unit: OfUnit, on: IncidentDay, known: KnownAt = None
    ) -> Response:
        return await _packed(request, resources, matter, unit, on, known)

    path = "/v1/evidence.zip"
    routes.add_api_route(
        path,
        evidence_zip,
        operation_id="evidence_zip",
        summary="证据包 A file of evidence for an incident, to be checked offline (.zip)",
        response_class=Response,
        responses={200: {"description": "ZIP", "content": {"application/zip": {}}}, **errors(400, 403, 404, 503)},
    )
    also_head(routes)
    return routes


async def _packed(
    request: Request, resources: ServerResources, matter: str, unit: str, on: str, known: str | None
) -> Response:
    """The evidence, for who may see every decision in it and who recorded it. Raises Refused, NotOwn."""
    reader, run = await resources.pool(), resources.run_in_thread
    moment = AsOf(address.day(on, "on"), (await address.moment(reader, None, known)).known_at)
    own = await territory(request, reader, Rule.RECORDER)
    code = own.need(await address.unit(reader, moment, unit))
    account = None if "\0" in matter else await accountability.account_with(reader, run, moment, matter, code)
    if account is None:
        shown = matter[:60].replace("\0", "")
        address.refuse("unknown-matter", f"没有编码为“{shown}”的事项。", f"There is no matter {shown}.")
    await _need_all(reader, own, await run(evidence.rests_on, account))
    try:
        signer = checkpoints.signer(embedded.home())
    except checkpoints.NoKey as error:
        advice = hint(error.code)
        raise Refused(error.code, 503, (error.zh, error.en), (advice["zh"], advice["en"])) from None
    content = await run(evidence.bundle, account, signer)
    name = f"evidence-{moment.valid_at}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type="application/zip", headers=headers)


async def _need_all(reader: Any, own: Territory, positions: list[int]) -> None:
    """Raise Refused unless every decision that the evidence holds is the reader's to see."""
    if own.listed is None:
        return
    if set(positions) - await decisions.seen(reader, positions, own.listed):
        zh = "证据包里有的决定不在您的范围内，不能下载。"  # how many would tell of what is not seen
        en = "Some of the decisions in the evidence are not yours to see."
        advice = ("请由能查阅整个登记簿的审计员下载。", "Ask an auditor of the whole registry for it.")
        raise Refused("forbidden", 403, (zh, en), advice)
