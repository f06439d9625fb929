"""Every list, given out in every format, comes back as the same decisions; or the format says that it does not."""

from __future__ import annotations

from datetime import date

import pytest

from registry.exchange.sheets.planning import importing
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.printable import Source
from registry.queries.lists import lists
from registry.queries.lists.lists import Listing
from registry.relations.two_times import NEWEST, AsOf
from registry.web.pages import lists as pages
from tests.support.registry_under_test import Registry

DAY = AsOf(date(2026, 11, 22), NEWEST)
SOURCE = Source(DAY, "00" * 32)
COUNTY = "420684"


@pytest.fixture(scope="module")
def listings(demo: Registry) -> list[Listing]:
    """The county's own lists in force."""
    printed = demo.runner.run(lists.search(demo.pool, DAY, None, None, 1000))
    codes = [each.code for each in printed if (each.scope or "").startswith(COUNTY)]
    results = [demo.runner.run(lists.of_list(demo.pool, DAY, code)) for code in codes]
    assert len(results) >= 14
    return [each for each in results if isinstance(each, Listing)]


def written(listing: Listing, format_: str) -> bytes:
    if format_ == "html":
        return bytes(pages.list_page(listing, SOURCE, "zh").body)
    return exporting.list_file(listing, SOURCE, format_)  # type: ignore[arg-type]


def codes(made: importing.Plan) -> list[str]:
    return [problem.code for problem in made.errors]


@pytest.mark.parametrize("format_", ["xlsx", "docx", "html"])
def test_a_list_comes_back_as_it_went_out(demo: Registry, listings: list[Listing], format_: str) -> None:
    other: dict[str, object] = {}
    for listing in listings:
        of = listing.list
        request = Request(county=COUNTY, code=of.code, instrument=of.instrument, scope=of.scope)
        made = importing.plan(demo.connection, written(listing, format_), f"清单.{format_}", request)
        if made.errors or made.decisions:
            other[of.code] = codes(made) or [(one["type"], one.get("name")) for one in made.decisions[:4]]
    assert other == {}


def test_what_is_not_imported_says_so(demo: Registry, listings: list[Listing]) -> None:
    request = Request(county=COUNTY, code=listings[0].list.code, instrument=listings[0].list.instrument)
    made = importing.plan(demo.connection, written(listings[0], "json"), "清单.json", request)
    assert codes(made) == ["wrong-format"]
    assert ".xlsx" in made.errors[0].zh
