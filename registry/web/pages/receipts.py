"""The page on which a receipt's number shows whether a report is answered, without logging in; nothing else of it."""

from __future__ import annotations

import re
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from registry.access import attempts
from registry.domain.dates import today
from registry.domain.labels import REPORT_OUTCOME
from registry.domain.receipts import grouped, read_receipt
from registry.domain.text import Text
from registry.queries.burdens.receipts import Receipt, receipt
from registry.relations.two_times import AsOf, newest
from registry.web.pages.rendering import UNKEPT, address, language, render
from registry.web.resources import ServerResources

LONGEST: Final = 40  # letters of what was typed that are shown again
MISREAD = Text(
    "这不是回执号：回执号是 12 位数字，请对照着再输一遍。",
    "That is no receipt number: it has 12 digits. Please compare it and type it again.",
)
NOT_THERE = Text(
    "没有这个回执号的反映。请核对数字；也可能已经撤销。",
    "There is no report of that number. Check the digits; or it was withdrawn.",
)


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/receipts", methods=["GET", "HEAD"])
    async def look(request: Request) -> Response:
        given = request.query_params.get("number", "").strip()
        if not given:
            return _page(request)
        number = read_receipt(given)
        if number is None:
            return _page(request, given=given[:LONGEST], note=MISREAD, status=400)
        return RedirectResponse(address(f"/receipts/{number}", language(request)), 303)

    @routes.api_route("/receipts/{number}", methods=["GET", "HEAD"])
    async def one(request: Request, number: str) -> Response:
        read = read_receipt(number)
        if read is None:
            return _page(request, given=number[:LONGEST], note=MISREAD, status=400)
        where = request.client.host if request.client else ""
        await resources.run_in_thread(_count, where)
        reader = await resources.pool()
        shown = await receipt(reader, AsOf(today(), await newest(reader)), read)
        if shown is None:
            return _page(request, given=grouped(read), note=NOT_THERE, status=404)
        await resources.run_in_thread(_was_right, where)
        return _page(
            request, given=grouped(read), shown=shown, fresh=bool(request.query_params.get("new")), back=_back(request)
        )

    return routes


def _back(request: Request) -> str:
    """Where who has just reported came from; empty where the address does not say."""
    code = request.query_params.get("from", "")
    if not re.fullmatch(r"[\w.-]{1,60}", code):
        return ""
    return f"/villages/{code}"


def _count(connection: psycopg.Connection[Any], where: str) -> None:
    attempts.count_receipt(connection, where)
    connection.commit()


def _was_right(connection: psycopg.Connection[Any], where: str) -> None:
    attempts.receipt_was_right(connection, where)
    connection.commit()


def _page(
    request: Request,
    *,
    given: str = "",
    note: Text | None = None,
    shown: Receipt | None = None,
    fresh: bool = False,
    back: str = "",
    status: int = 200,
) -> Response:
    return render(
        "receipt.html",
        language(request),
        status=status,
        query={"new": "1", **({"from": back.rsplit("/", 1)[1]} if back else {})} if fresh else {},
        cache=UNKEPT,
        given=given,
        note=note,
        shown=shown,
        fresh=fresh,
        back=back,
        outcomes=REPORT_OUTCOME,
    )
