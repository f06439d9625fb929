"""A list given out as a spreadsheet comes back as what it was."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from registry.exchange.sheets.planning.importing import carry_out, plan
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.printable import Source
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.paths import CORPUS
from tests.support.registry_under_test import Registry, as_of_known

PAPER = "宜办发〔2025〕6号"
KINDS = (
    *("01-basic.xlsx", "03-assist.xlsx", "05-returned.xlsx", "10-empowerment.xlsx", "14-village-assist.docx"),
    *("16-certificates-allowed.xlsx", "17-certificates-forbidden.docx", "20-inspections.xlsx", "23-forms-village.csv"),
    *("25-signboards.xlsx", "26-division.xlsx", "31-village-forbidden.xls"),
)
SETTLED = ("MatterDefined", "MatterRevised")


def begin(registry: Registry, more: list[dict[str, Any]]) -> None:
    registry.empty()
    record(registry.connection, [*sheets_county.journal(), *more])


def exported(registry: Registry, code: str) -> bytes:
    rests_on = Source(as_of_known("2026-01-01", 10**9), "0" * 64)
    listing = registry.runner.run(exporting.of_list(registry.pool, rests_on.moment, code))
    return exporting.list_file(listing, rests_on, "xlsx")


@pytest.mark.parametrize("name", KINDS)
def test_what_goes_out_comes_back(registry: Registry, name: str) -> None:
    begin(registry, [])
    request_ = Request(sheets_county.COUNTY, PAPER, quota=5 if name[0] == "2" and name[:2] != "26" else None)
    done = carry_out(registry.connection, CORPUS / name, name, request_)
    files = {sheets.code: (exported(registry, sheets.code), sheets.kind) for sheets in done.lists}
    assert files
    for code, (content, kind) in files.items():
        named = Request(sheets_county.COUNTY, PAPER, code=code, kind=kind, quota=request_.quota, day=date(2026, 1, 1))
        again = plan(registry.connection, content, f"{code}.xlsx", named)
        assert (again.decisions, again.errors) == ([], [])
    # And in a registry that knows the matters, but not the lists.
    begin(registry, [one for one in done.decisions if one["type"] in SETTLED])
    for code, (content, kind) in files.items():
        wanted = [one for one in done.decisions if one.get("list") == code]
        named = Request(sheets_county.COUNTY, PAPER, code=code, kind=kind, quota=request_.quota)
        assert plan(registry.connection, content, f"{code}.xlsx", named).decisions == wanted
