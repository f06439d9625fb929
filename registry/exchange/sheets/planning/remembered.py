"""What a county answered of the names in its lists, kept for its next file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import psycopg

from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Table
from registry.exchange.sheets.sentences import of
from registry.recording import authority
from registry.relations.two_times import still_known

# Codes that are gone by now are asked about again.
_KNOWN: Final = f"""
SELECT a.kind, a.name, a.means FROM handed_in.answer a
WHERE a.county = %s AND (
    (a.kind = 'unit' AND (a.means = 'none' OR EXISTS (
        SELECT FROM unit u WHERE u.code = a.means AND {still_known("u")}
    )))
    OR (a.kind = 'matter' AND EXISTS (
        SELECT FROM matter m
        WHERE m.code = a.means AND NOT m.retired AND {still_known("m")} AND m.valid_to = 'infinity'
    )))
"""
_KEPT: Final = """
INSERT INTO handed_in.answer AS known (county, kind, name, means, answered_by) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (county, kind, name) DO UPDATE SET means = excluded.means, answered_by = excluded.answered_by,
    answered_at = excluded.answered_at
WHERE known.means <> excluded.means
"""


def with_answers(connection: psycopg.Connection[Any], request: Request) -> Request:
    """The request with what the county answered before; what it says itself goes first."""
    known: dict[str, dict[str, str]] = {"unit": {}, "matter": {}}
    for kind, name, means in connection.execute(_KNOWN.encode(), (request.county,)).fetchall():
        known[kind][name] = means
    mapping = dict(request.mapping)
    for kind, section in (("unit", "units"), ("matter", "matters")):
        if known[kind]:
            settled = request.units if kind == "unit" else request.matters
            mapping[section] = mapping.get(section, {}) | known[kind] | settled
    return replace(request, mapping=mapping)


def keep(connection: psycopg.Connection[Any], request: Request, answered_by: str | None) -> None:
    """Keep what the request says of names; a matter that is new has its own name from now on."""
    rows = [("unit", name, means) for name, means in request.units.items()]
    rows += [("matter", name, means) for name, means in request.matters.items() if means != "new"]
    with connection.cursor() as cursor:
        cursor.executemany(_KEPT, [(request.county, *row, authority.account(answered_by)) for row in rows])


def used(tables: tuple[Table, ...], request: Request, own: Request) -> Iterator[SheetProblem]:
    """What is told of the answers of before that a file makes use of: `request` with them, `own` as it was made."""
    cells = {cell.text for table in tables for row in table.rows for cell in row.cells.values()}
    for before, now in ((own.units, request.units), (own.matters, request.matters)):
        for name, means in _more(before, now).items():
            if any(name in text for text in cells):
                yield of(tables[0].sheet, "answered-before", warning=True, name=name, means=means)


def _more(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    return {name: means for name, means in now.items() if name not in before}
