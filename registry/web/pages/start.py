"""The first page: where to go from here."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from registry.web.pages.rendering import language, render

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def start(request: Request) -> Response:
    """The first page."""
    return render("start.html", language(request))
