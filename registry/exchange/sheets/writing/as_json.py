"""Lists as JSON: stable names, the journal's wherever it has one; docs/reference/sheets.md has the fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson

from registry.exchange.sheets.writing.printable import Source, kind_of, ordered
from registry.queries.instruments import Instrument
from registry.queries.lists.lists import Entry, Listing
from registry.queries.units.units import Unit

FORMAT: Final = 1  # grows when a field changes its meaning or goes, not when one is added


def of_list(listing: Listing, source: Source) -> bytes:
    """One list."""
    return _written(_source(source) | _listing(listing))


def of_unit(unit: Unit, listings: Iterable[Listing], source: Source) -> bytes:
    """All lists that reach a unit, by code."""
    content = {"unit": _unit(unit), "level": unit.level, "lists": [_listing(listing) for listing in listings]}
    return _written(_source(source) | content)


def _written(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _source(source: Source) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "as_of": source.moment.valid_at,
        "known": source.moment.known_at,
        "root": source.root,
    }


def _listing(listing: Listing) -> dict[str, Any]:
    of = listing.list
    return {
        "list": of.code,
        "title": of.title,
        "kind": kind_of(of),
        "polarity": of.polarity,
        "covers": of.covers,
        "audience": of.audience,
        "scope": _unit(listing.scope),
        "instrument": _instrument(listing.instrument, listing.issuer),
        "closed": of.closed,
        "assigns": of.assigns,
        "quota": of.quota,
        "since": of.since,
        "until": of.until,
        "position": of.position,
        "items": [_item(entry) for entry in ordered(listing)],
    }


def _unit(unit: Unit | None) -> dict[str, Any] | None:
    return None if unit is None else {"code": unit.code, "name": unit.name}


def _instrument(paper: Instrument, issuer: Unit | None) -> dict[str, Any]:
    return {
        "number": paper.number,
        "title": paper.title,
        "kind": paper.kind,
        "issuer": _unit(issuer),
        "since": paper.since,
        "until": paper.until,
        "in_force": paper.in_force,
    }


def _item(entry: Entry) -> dict[str, Any]:
    item, matter = entry.item, entry.matter
    return {
        "subject": f"{item.list}#{item.item}",
        "item": item.item,
        "name": item.name,
        "matter": None
        if matter is None
        else {
            "code": matter.code,
            "kind": matter.kind,
            "name": matter.name,
            "category": matter.category,
            "aliases": matter.aliases,
            "basis": matter.basis,
            "needs": matter.needs,
            "power_kind": matter.power_kind,
            "materials": matter.materials,
            "procedure": matter.procedure,
            "online": matter.online,
            "asks": matter.asks,
        },
        "category": item.category,
        "terms": item.terms,
        "roles": item.roles,
        "from": _unit(entry.sender),
        "brings": item.brings,
        "issuer": item.issuer or (matter and matter.issuer),
        "alternative": item.alternative or (matter and matter.alternative),
        "note": entry.note,
        "since": item.since,
        "until": item.until,
        "position": item.position,
    }
