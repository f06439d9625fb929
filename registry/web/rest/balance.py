"""权责平衡 as CSV: GET /v1/units/{code}/balance.csv, of a day, or of the ends of months, quarters or years."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import WithJsonSchema

from registry.queries.holdings import balance as balances
from registry.queries.holdings.balance_csv import LANGUAGES, lines
from registry.relations.two_times import AsOf, newest
from registry.web.pages import address
from registry.web.resources import ServerResources
from registry.web.rest.answers import errors
from registry.web.rest.parameters import AsOfDay, Language, UnitCode
from registry.web.viewing import territory

NAMES: Final = ("as_of", "from", "to", "step", "lang")
_DAY: Final = WithJsonSchema({"type": "string", "format": "date"})
From = Annotated[
    str | None,
    _DAY,
    Query(
        alias="from",
        min_length=1,
        description="自哪一天起的各期末，不与 as_of 同用。 A series from this day on; not with as_of.",
    ),
]
To = Annotated[
    str | None,
    _DAY,
    Query(min_length=1, description="至哪一天，缺省今天，须与 from 同用。 Up to this day; default today."),
]
Step = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "enum": list(balances.STEPS)}),
    Query(description="每月、每季或每年，须与 from 同用。 The series' step; with from."),
]


def router(resources: ServerResources) -> APIRouter:
    """The route over a server's database."""
    routes = APIRouter(tags=["权责平衡 balance"])

    @routes.get(
        "/v1/units/{code:path}/balance.csv",
        operation_id="unit_balance",
        summary="权责平衡表（CSV）。 The balance as CSV.",
        response_class=Response,
        responses={200: {"description": "CSV", "content": {"text/csv": {}}}, **errors(400, 404, 503)},
    )
    async def balance_csv(
        request: Request,
        code: UnitCode,
        as_of: AsOfDay = None,
        from_: From = None,
        to: To = None,
        step: Step = None,
        lang: Language = "zh",
    ) -> Response:
        _refuse_mixtures(request)
        _one_of("lang", lang, LANGUAGES)
        pool = await resources.pool()
        known = await newest(pool)
        unit = await address.unit(pool, AsOf(address.day(to or as_of), known), code)
        own = await territory(request, pool)
        unit = own.narrowed(unit) or unit
        if from_:
            period = (address.day(from_, "from"), address.day(to, "to"))
            rows = await _series(resources, unit, known, *period, _one_of("step", step or "month", balances.STEPS))
        else:
            rows = [await resources.run_in_thread(balances.balance, AsOf(address.day(as_of), known), unit)]
        name = unit if unit.isascii() and unit.isalnum() else "unit"
        headers = {"Content-Disposition": f'attachment; filename="balance-{name}.csv"'}
        return Response(
            b"".join(lines([row.only(own.codes) for row in rows], lang)),
            media_type="text/csv; charset=utf-8",
            headers=headers,
        )

    return routes


async def _series(resources: ServerResources, unit: str, known: int, begin: date, end: date, step: str) -> Any:
    """The balance at the end of each step. Raises Refused: bad-value where there are too many."""
    try:
        return await resources.run_in_thread(balances.over_time, known, unit, begin, end, step)
    except balances.TooManyDays as many:
        address.refuse(many.code, many.zh, many.en)


def _refuse_mixtures(request: Request) -> None:
    """Refuse parameters that there are not, or that do not go together. Raises Refused: bad-value."""
    query = request.query_params
    for name in query:
        if name not in NAMES:
            listed = ", ".join(NAMES)
            address.refuse("bad-value", f"没有参数 {name}，可用：{listed}。", f"No parameter {name}; use {listed}.")
    if "as_of" in query and ("from" in query or "to" in query or "step" in query):
        zh, en = "as_of 不与 from、to、step 同用。", "as_of does not go with from, to and step."
        address.refuse("bad-value", zh, en)
    if "from" not in query and ("to" in query or "step" in query):
        address.refuse("bad-value", "to、step 须与 from 同用。", "to and step go with from.")


def _one_of(name: str, value: str, allowed: Collection[str]) -> Any:
    """The value, if it is allowed. Raises Refused: bad-value."""
    if value not in allowed:
        listed = ", ".join(allowed)
        address.refuse(
            "bad-value", f"{name} 没有“{value}”，可用：{listed}。", f"{name} is one of {listed}; not {value}."
        )
    return value
