"""The page on which a clerk marks an answer at the certificate window as wrong: it becomes a saying to review."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Depends, Request, Response

from registry.domain.dates import today
from registry.domain.text import Text
from registry.queries import certificates
from registry.queries.certificates import Answer, review
from registry.queries.certificates.answering import LONGEST
from registry.queries.certificates.model import NO_REQUEST, OFF_LIST
from registry.relations.two_times import NEWEST, AsOf
from registry.web import forms
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused
from registry.web.pages.form_page import form_page
from registry.web.upload import received
from registry.web.viewing import territory

Pool = Callable[[], Awaitable[Any]]
Blocking = Callable[..., Awaitable[Any]]
ADDRESS: Final = "/villages/{code:path}/wrong-answer"
_COUNTY: Final = 6  # digits of a village's code that are its county's


def router(pool: Pool, run_in_thread: Blocking) -> APIRouter:
    """The routes, over the database that `pool` gives; `run_in_thread` runs a function of a connection."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route(ADDRESS, methods=["GET", "HEAD"])
    async def look(request: Request, code: str) -> Response:
        reader = await pool()
        village, names = await _village(reader, code)
        (await territory(request, reader)).need(village)
        return _page(request, village, names, said=review.masked(request.query_params.get("q", "")[:LONGEST]))

    @routes.post(ADDRESS)
    async def submit(request: Request, code: str) -> Response:
        reader = await pool()
        village, names = await _village(reader, code)
        (await territory(request, reader)).need(village)
        fields = (await received(request)).fields
        said, meant = fields.get("said", "").strip(), fields.get("meant", "")
        unsigned = forms.token_problem(request, fields.get(forms.FIELD, ""))
        if unsigned is not None:
            return _page(request, village, names, said=said, meant=meant, status=403, note=Text(*unsigned))
        answer = await certificates.answer(reader, village, said, today())
        try:
            await run_in_thread(_mark, village[:_COUNTY], said, answer, meant, names)
        except review.NotMarked as refused:
            return _page(request, village, names, said=said, meant=meant, status=refused.status, note=refused.text)
        return _page(request, village, names, kept=review.masked(said))

    return routes


def _mark(
    connection: psycopg.Connection[Any], county: str, said: str, answer: Answer, meant: str, names: list[str]
) -> None:
    review.mark(connection, county, said, answer, meant, names)


async def _village(reader: Any, code: str) -> tuple[str, list[str]]:
    """Give the village's code and the names of the certificates on its lists. Raises Refused."""
    village = await lookup.unit(reader, AsOf(today(), NEWEST), code)
    try:
        listed = await certificates.certificates_of(reader, village)
    except certificates.UnknownVillage as unknown:
        hint = ("核对网址里的代码，或者按名称查找。", "Check the code in the address, or search by name.")
        raise Refused(unknown.code, 404, (unknown.zh, unknown.en), hint) from None
    return village, [one.name for one in listed]


def _page(
    request: Request,
    village: str,
    names: list[str],
    *,
    said: str = "",
    meant: str = "",
    kept: str = "",
    status: int = 200,
    note: Text | None = None,
) -> Response:
    return form_page(
        request,
        "wrong_answer.html",
        status=status,
        note=note,
        query={"q": said},
        village=village,
        names=names,
        off_list=OFF_LIST,
        no_request=NO_REQUEST,
        wrong_office=review.WRONG_OFFICE,
        said=said,
        meant=meant,
        kept=kept,
        longest=LONGEST,
    )
