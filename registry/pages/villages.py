"""The pages of villages: finding one by its name, and what it may certify."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.dates import today
from registry.pages.rendering import UNKEPT, language, render
from registry.queries import units
from registry.queries.moment import Moment, newest

PAGE: Final = 20
Pool = Callable[[], Awaitable[Any]]


def router(pool: Pool) -> APIRouter:
    """The routes, over the database that `pool` gives (it may raise database.NoDatabase)."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/villages", methods=["GET", "HEAD"])
    async def search(request: Request) -> Response:
        text = request.query_params.get("q", "").strip()
        reader = await pool()
        moment = Moment(today(), await newest(reader))
        found = await units.search(reader, moment, None, "village", text or None, None, PAGE)
        return render("villages.html", language(request), query={"q": text}, cache=UNKEPT, q=text, found=found)

    return routes
