"""A list that was given out as a spreadsheet comes back as the same list."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest

from registry.exchange.journal import export_journal
from registry.exchange.sheets.planning import importing
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.writing import as_xlsx, printable
from registry.exchange.sheets.writing.printable import Source
from registry.queries.lists import lists
from registry.queries.lists.lists import Listing
from registry.relations.two_times import NEWEST, AsOf
from tests.support.registry_under_test import Registry, open_registry

DAY = AsOf(date(2026, 11, 22), NEWEST)
COUNTY = "420684"


@pytest.fixture(scope="module")
def county(demo_database: str) -> Iterator[Registry]:
    with open_registry(demo_database) as registry:
        yield registry


def listing(registry: Registry, code: str) -> Listing:
    listing_read = registry.runner.run(lists.of_list(registry.pool, DAY, code))
    assert isinstance(listing_read, Listing)
    return listing_read


def of_county(registry: Registry) -> list[str]:
    """The county's own lists in force, by code."""
    printed = registry.runner.run(lists.search(registry.pool, DAY, None, None, 1000))
    return [each.code for each in printed if (each.scope or "").startswith(COUNTY)]


def exported(listing_read: Listing) -> bytes:
    return as_xlsx.of_list(printable.paper(listing_read), Source(DAY, "00"))


def request(listing_read: Listing, **more: Any) -> Request:
    of = listing_read.list
    return Request(county=COUNTY, code=of.code, instrument=of.instrument, scope=of.scope, **more)


def test_importing_it_again_records_nothing(county: Registry) -> None:
    codes = of_county(county)
    assert len(codes) >= 14
    for code in codes:
        listing_read = listing(county, code)
        made = importing.plan(county.connection, exported(listing_read), "list.xlsx", request(listing_read))
        assert (code, [problem.message for problem in made.errors], made.decisions) == (code, [], [])


def test_a_registry_that_knows_only_units_and_documents_gets_the_same_lists(
    county: Registry, new_database: Callable[[], str]
) -> None:
    given = [listing(county, code) for code in of_county(county)]
    # What no kind of file is (a negative list of inspections) is imported only where the list stands already.
    given = [each for each in given if printable.kind_of(each.list) is not None]
    assert len(given) >= 13
    known = export_journal(county.connection)
    units = [line for line in known if json.loads(line)["type"].startswith(("Unit", "Instrument"))]
    with open_registry(new_database()) as fresh:
        assert fresh.import_lines(units) == []
        for each in given:
            of = each.list
            request_ = request(
                each,
                kind=printable.kind_of(of),
                day=of.since,
                audience=of.audience,
                quota=of.quota,
                title=of.title,
                accept="none",
            )
            importing.carry_out(fresh.connection, exported(each), "list.xlsx", request_)
        for each in given:
            assert content_of(listing(fresh, each.list.code)) == content_of(each)


def content_of(listing_read: Listing) -> tuple[Any, ...]:
    """All that a list says: its attributes, and each row by field."""
    of, paper = listing_read.list, printable.paper(listing_read)
    attributes = (of.title, of.polarity, of.covers, of.audience, of.scope, of.assigns, of.quota, of.since, of.until)
    return of.code, attributes, [(row.subject, row.instrument.number, dict(row.cells)) for row in paper.rows]


def test_a_code_that_is_taken_or_of_no_registry_is_not_taken_over(county: Registry) -> None:
    """A matter retired or of another kind keeps its code; what counties number their own matters with is no code."""
    listing_read = listing(county, "YC-BASIC-2025")
    rows = openpyxl.load_workbook(io.BytesIO(exported(listing_read)))
    sheet = rows.worksheets[0]
    code = next(cell.column for cell in sheet[3] if cell.value == "事项编码")
    name = next(cell.column for cell in sheet[3] if cell.value == "事项名称")
    number = next(cell.column for cell in sheet[3] if cell.value == "序号")
    answer = {
        "D-BRAND-NEW": "闻所未闻的事项甲",
        "11-0200-D-3": "闻所未闻的事项乙",
        "P-BRAND": "闻所未闻的事项丙",
        "7": "丁丁丁丁",
    }
    for row, (given, text) in enumerate(answer.items(), sheet.max_row + 1):
        for column, value in ((code, given), (name, text), (number, f"新{row}")):
            sheet.cell(row, column, value)
    output = io.BytesIO()
    rows.save(output)
    made = importing.plan(county.connection, output.getvalue(), "list.xlsx", request(listing_read, accept="none"))
    assert made.errors == []
    codes = {each["name"]: each["matter"] for each in made.decisions if each["type"] == "MatterDefined"}
    assert set(codes) == set(answer.values())
    assert codes["闻所未闻的事项甲"] == "D-BRAND-NEW"
    assert all(codes[text].startswith(f"{COUNTY}-D-") for text in list(answer.values())[1:])
