"""Every table of every view is sorted, filtered and downloaded in the one way; the few that are none say why."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from registry.web import console, pages
from tests.support.api_client import Api, api
from tests.support.console_views import COUNTY, VIEWS
from tests.support.databases import database_copy

PAGES: Final = {
    **VIEWS,
    "log-continued": "/log?first=50&second=1200",
    "log-corrections": "/log?tab=corrections",
    "undo-findings": "/undo?from=1367",
    "village-burdens": "/villages/420684104208/burdens?month=2026-03",
    "overview-open": f"/overview/{COUNTY}?against=year",
}
# Where `<table` stands in a template besides parts.html and table.html, which make all tables of rows: why it does.
EXCUSED: Final = {
    "api_reference.html": "the reference of the API, as its document has it: words to read, no rows of the registry",
    "rows.html": "a list as a file that is printed and kept (.html), with nobody there to sort or filter it",
}
MACROS: Final = {"parts.html", "table.html"}
MOVING: Final = {"timings", "tables"}  # how long requests took: those of the test, too
SECTION: Final = re.compile(r'<section class="table" id="table-([^"]+)".*?</section>', re.DOTALL)
HTML: Final = {"accept": "text/html"}


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def test_templates_make_no_tables_of_their_own() -> None:
    folders = [Path(str(package.__file__)).parent / "templates" for package in (console, pages)]
    files = [file for folder in folders for file in sorted(folder.glob("*.html"))]
    assert len(files) > 60
    own = {file.name for file in files if "<table" in file.read_text("utf-8")}
    assert own == {*MACROS, *EXCUSED}


@pytest.mark.parametrize("name", PAGES)
def test_each_table_of_a_view_is_sorted_filtered_and_downloaded(demo: Api, name: str) -> None:
    address = PAGES[name]
    page = _look(demo, address)
    tables = {each[1]: each[0] for each in SECTION.finditer(page)}
    assert page.count("<table") == sum(part.count("<table") for part in tables.values())
    for table, part in tables.items():
        if "<table" not in part:
            assert 'class="nothing"' in part
            continue
        _check_rows(demo, address, table, part)


def test_pages_with_tables_that_were_plain_once_have_them(demo: Api) -> None:
    expected = {
        "log": {"leaves", "checkpoints", "steps", "old", "new"},
        "decision": {"fields", "effects", "steps"},
        "proofs": {"witnesses", "checkpoints"},
        "undo-findings": {"opened", "closed"},
        "admin": {"health", "checkpoints"},
        "village-burdens": {"year"},
    }
    for name, tables in expected.items():
        assert tables <= {each[1] for each in SECTION.finditer(_look(demo, PAGES[name]))}, name


def _check_rows(demo: Api, address: str, table: str, part: str) -> None:
    """The heads of a table sort it, its files have the rows of the sorted page in their order, its filter narrows."""
    links = [unescape(link) for link in re.findall(r'<th [^>]*aria-sort="[^"]*"><a href="([^"]*)"', part)]
    assert len(links) == part.count("<th ") > 0, table
    number = _number(part)
    offered = re.findall(r'href="[^"]*format=(\w+)[^"]*"', part)
    assert offered == ["xlsx", "csv", "json"], table
    # The other way round by its last column: as many rows, and in each file the same in the same order.
    falling = re.sub(r"([?&](?:[\w-]+-)?sort=)", r"\1-", links[-1])
    again = _section(_look(demo, falling), table)
    assert again.count('aria-sort="descending"') == 1, falling
    if table not in MOVING:
        assert _number(again) == number, falling
        files = {format_: demo.send("GET", _with(falling, format=format_, table=table)) for format_ in offered}
        assert {file.status_code for file in files.values()} == {200}, falling
        rows = list(csv.reader(io.StringIO(files["csv"].text.lstrip("\ufeff"))))[1:]
        assert len(rows) == len(files["json"].json()) == number, falling
        shown = _first_texts(again)
        assert [row[0] for row in rows[: len(shown)]] == shown, falling
        book = load_workbook(io.BytesIO(files["xlsx"].content), read_only=True)
        written = [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
        assert [str(text or "") for text in written] == [row[0] for row in rows], falling
    parameter = re.search(r'<input type="search" id="filter-[^"]*" name="([^"]*)"', part)
    assert (parameter is not None) == (number > 1), table  # of one row there is nothing to be filtered
    if parameter is not None:
        nothing = _section(_look(demo, _with(address, **{parameter[1]: "no row has this"})), table)
        assert 'class="nothing"' in nothing
        assert "<table" not in nothing
        assert f'name="{parameter[1]}" value="no row has this"' in nothing


def _look(demo: Api, address: str) -> str:
    answer = demo.send("GET", address, headers=HTML)
    assert answer.status_code == 200, (address, answer.text[:2000])
    return answer.text


def _section(page: str, table: str) -> str:
    return next(each[0] for each in SECTION.finditer(page) if each[1] == table)


def _with(address: str, **parameters: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"


def _number(part: str) -> int:
    (number,) = re.findall(r'<p class="(?:quiet )?pages">(?:共 )?(\d+) (?:行|row)', part)
    return int(number)


def _first_texts(part: str) -> list[str]:
    """What the first cell of each row shows, without what stands small below it."""
    body = part.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.search(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    texts = [re.sub(r'<span class="code">.*?</span>', "", cell[1], flags=re.DOTALL) for cell in cells if cell]
    return [unescape(re.sub(r"<[^>]*>", "", text)).strip() for text in texts]
