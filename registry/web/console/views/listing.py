"""One list as it is, and all lists that reach a unit: to read, to look through, and to print."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Final

from fastapi import APIRouter, Request, Response

from registry.access.operations import Rule
from registry.domain.text import Text
from registry.exchange.sheets.writing import exporting, printable
from registry.exchange.sheets.writing.printable import Paper
from registry.log import tree
from registry.queries.history import decisions
from registry.queries.lists.lists import Entry
from registry.queries.units.units import Unit
from registry.web.authorization import allows
from registry.web.console.tables import WHOLE, Cell, Column, Row, Table
from registry.web.console.view import View
from registry.web.pages import address
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

# What each kind of list means for a village, as its own page calls it.
OF_VILLAGES: Final = {
    "village-own": Text("村里自己的事", "the village's own affairs"),
    "village-assist": Text("上面的事，村里帮着办", "affairs of others with which the village helps"),
    "village-forbidden": Text("不能交给村里办的事", "what must not be left to the village"),
    "certificates-allowed": Text("村里可以开的证明", "what the village issues"),
    "certificates-forbidden": Text("村里不开的证明：由别处开，或者不用开", "what others issue, or nobody has to"),
}
DOCUMENT: Final = Column("document", Text("依据文号", "Document"), chinese=True, width=20)
POSITION: Final = Column("position", Text("登记序号", "Position"), "number", width=9)
NOTHING: Final = Text("清单上没有事项。", "Nothing stands on the list.")


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists/{code:path}", methods=["GET", "HEAD"])
    async def one(request: Request, code: str) -> Response:
        return await _one(await View.of(request, resources), code)

    @routes.api_route("/units/{code:path}/lists", methods=["GET", "HEAD"])
    async def of_unit(request: Request, code: str) -> Response:
        return await _of_unit(await View.of(request, resources), code)

    return routes


async def _one(view: View, code: str) -> Response:
    listing = await address.listing(await view.resources.pool(), view.moment, code)
    paper = printable.paper(listing)
    # A long one takes a second, in which the server has others to answer.
    table = await asyncio.to_thread(_table, view, "list", paper, await _seen(view, [paper]))
    unit = await view.unit(listing.scope.code, of_territory=False) if listing.scope else None
    return view.download(table) or view.page(
        "listing.html",
        unit=unit,
        tables=[table],
        paper=paper,
        listing=listing,
        root=await _root(view),
        inside=allows(Rule.TERRITORY, viewer(view.request)),
    )


async def _of_unit(view: View, code: str) -> Response:
    unit, listings = await address.unit_listings(await view.resources.pool(), view.moment, code)
    papers = {paper.kind or "other": paper for paper in printable.papers(unit, listings)}
    tables = await asyncio.to_thread(_tables, view, papers, await _seen(view, papers.values()))
    return view.download(*tables) or view.page(
        "unit_listing.html",
        unit=await view.unit(unit.code, of_territory=False),
        tables=tables,
        title=exporting.unit_title(unit),
        papers=papers,
        root=await _root(view),
        plain=_plain(unit),
    )


async def _root(view: View) -> str:
    """The root of the log's tree as far as the page knows it, in hexadecimal."""
    return (await view.resources.run_in_thread(tree.root, view.moment.known_at)).hex()


def _plain(unit: Unit) -> dict[str, Text]:
    return OF_VILLAGES if unit.level == "village" else {}


def _tables(view: View, papers: dict[str, Paper], seen: Collection[int]) -> list[Table]:
    return [_table(view, name, paper, seen, alone=False) for name, paper in papers.items()]


async def _seen(view: View, papers: Iterable[Paper]) -> set[int]:
    """The positions of the decisions by which items are on the lists, those that the reader sees."""
    positions = {row.position for paper in papers for row in paper.rows}
    if not allows(Rule.OBJECT, viewer(view.request)):
        return set()
    own = await view.seen()
    if own.listed is None:
        return positions
    return await decisions.seen(await view.resources.pool(), positions, own.listed)


def _table(view: View, name: str, paper: Paper, seen: Collection[int], *, alone: bool = True) -> Table:
    """The items of a paper in its order, each leading to its matter and its decision where the reader may see them.

    `seen`: positions of decisions that the reader sees; `alone`: it is the page's only list, which says once by which
    document it is.
    """
    matters = allows(Rule.TERRITORY, viewer(view.request))
    entries = {f"{entry.item.list}#{entry.item.item}": entry for one in paper.listings for entry in one.entries}
    printed = paper.printed()

    def row(rank: int, one: printable.Row) -> Row:
        cells = {field: Cell(text) for field, text in one.cells.items()}
        entry = entries[one.subject]
        cells["number"] = Cell(one.cells.get("number"), rank=rank)
        cells["name"] = _named(view, one, entry, leads=matters)
        if entry.sender is not None and "department" in cells:
            cells["department"] = Cell(one.cells["department"], href=view.href(f"/units/{entry.sender.code}"))
        number = one.instrument.number
        cells["document"] = Cell(number, href=view.href(f"/documents/{number}"))
        href = view.href(f"/decisions/{one.position}") if one.position in seen else None
        cells["position"] = Cell(one.position, href=href)
        return cells

    columns = [
        Column(
            column.field,
            Text(column.zh, column.en),
            chinese=True,
            wide=column.width >= 30,
            width=column.width,
        )
        for column in printed
    ]
    columns += [POSITION] if alone else [DOCUMENT, POSITION]
    title = Text(paper.title, paper.title)
    rows = [row(rank, one) for rank, one in enumerate(paper.rows)]
    return Table(name, title, columns, rows, NOTHING, size=WHOLE, main=alone)


def _named(view: View, row: printable.Row, entry: Entry, *, leads: bool) -> Cell:
    matter = entry.matter
    if matter is None:
        return Cell(row.cells.get("name"))
    return Cell(row.cells.get("name"), href=view.href(f"/matters/{matter.code}") if leads else None, code=matter.code)
