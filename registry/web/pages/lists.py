"""The pages of lists: reading and printing one, or all that reach a unit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.exchange.sheets.writing import exporting, printable
from registry.exchange.sheets.writing.printable import Source
from registry.queries.lists.lists import Listing
from registry.queries.units.units import Unit
from registry.web.pages import address
from registry.web.pages.rendering import Lang, language, render

# What each kind of list means for a village, as its own page calls it.
OF_VILLAGES: Final = {
    "village-own": Text("村里自己的事", "the village's own affairs"),
    "village-assist": Text("上面的事，村里帮着办", "affairs of others with which the village helps"),
    "village-forbidden": Text("不能交给村里办的事", "what must not be left to the village"),
    "certificates-allowed": Text("村里可以开的证明", "what the village issues"),
    "certificates-forbidden": Text("村里不开的证明：由别处开，或者不用开", "what others issue, or nobody has to"),
}

Pool = Callable[[], Awaitable[Any]]
Root = Callable[[int], Awaitable[str]]


def router(pool: Pool, root: Root) -> APIRouter:
    """The routes, over the database that `pool` gives; `root` gives the log's root at a position, in hexadecimal."""
    routes = APIRouter(include_in_schema=False)

    async def source(request: Request) -> Source:
        given = request.query_params
        moment = await address.moment(await pool(), given.get("as_of"), address.known_as_written(given.get("known")))
        return Source(moment, await root(moment.known_at))

    @routes.api_route("/lists/{code:path}", methods=["GET", "HEAD"])
    async def one(request: Request, code: str) -> Response:
        rests_on = await source(request)
        listing = await address.listing(await pool(), rests_on.moment, code)
        # A long one takes a second, in which the server has others to answer.
        return await asyncio.to_thread(list_page, listing, rests_on, language(request), _kept(request))

    @routes.api_route("/units/{code:path}/lists", methods=["GET", "HEAD"])
    async def of_unit(request: Request, code: str) -> Response:
        rests_on = await source(request)
        unit, listings = await address.unit_listings(await pool(), rests_on.moment, code)
        return await asyncio.to_thread(unit_page, unit, listings, rests_on, language(request), _kept(request))

    return routes


def list_page(listing: Listing, source: Source, lang: Lang, query: dict[str, str] | None = None) -> Response:
    """One list to read and print. `query`: the address's own parameters but `lang`."""
    paper = printable.paper(listing)
    return render("list.html", lang, query=query, paper=paper, listing=listing, source=source, kept=query or {})


def unit_page(
    unit: Unit, listings: list[Listing], source: Source, lang: Lang, query: dict[str, str] | None = None
) -> Response:
    """All lists that reach a unit, to read and print."""
    papers = printable.papers(unit, listings)
    title = exporting.unit_title(unit)
    plain = OF_VILLAGES if unit.level == "village" else {}
    return render(
        "unit_lists.html", lang, query=query, unit=unit, title=title, papers=papers, source=source, plain=plain
    )


def _kept(request: Request) -> dict[str, str]:
    """The address's own parameters, which the link to the other language keeps."""
    return {name: text for name, text in request.query_params.items() if name in ("as_of", "known")}
