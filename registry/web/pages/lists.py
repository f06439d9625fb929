"""Files of lists as pages: one, or all that reach a unit, as `registry lists export --format html` writes them."""

from __future__ import annotations

from fastapi import Response

from registry.exchange.sheets.writing import exporting, printable
from registry.exchange.sheets.writing.printable import Source
from registry.queries.lists.lists import Listing
from registry.queries.units.units import Unit
from registry.web.console.views.listing import OF_VILLAGES
from registry.web.pages.rendering import Lang, render


def list_page(listing: Listing, source: Source, lang: Lang) -> Response:
    """One list to read and print."""
    paper = printable.paper(listing)
    return render("list.html", lang, query={}, paper=paper, listing=listing, source=source)


def unit_page(unit: Unit, listings: list[Listing], source: Source, lang: Lang) -> Response:
    """All lists that reach a unit, to read and print."""
    papers = printable.papers(unit, listings)
    title = exporting.unit_title(unit)
    plain = OF_VILLAGES if unit.level == "village" else {}
    return render("unit_lists.html", lang, query={}, unit=unit, title=title, papers=papers, source=source, plain=plain)
