"""The past of a snapshot out of the read tables: rows that do not hold on its day, but did on an earlier one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, LiteralString

import psycopg

from registry.snapshot.column_reader import As, Columns, array, no_rows, read_columns, read_table

_KNOWN: Final = "known_from <= %(known)s AND known_to > %(known)s"
_ENDS: Final = "least(until, ended)"
_SINCE: Final = "greatest(valid_from, date '0001-01-01')"

UNIT: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "code": ("code", "id"),
    "level": ("level", "id"),
    "kind": ("kind", "id"),
    "parent": ("parent", "id"),
    "dissolved": ("dissolved::int", "number"),
    "successor": ("successor", "id"),
    "since": ("valid_from", "day"),
}
# One row of a delegation is enough: what it brought does not matter here.
DEED: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "ref": ("ref", "id"),
    "kind": ("kind", "word"),
    "matter": ("matter", "id"),
    "sender": ("sender", "id"),
    "recipient": ("recipient", "id"),
    "began": ("began", "day"),
    "ends": (_ENDS, "day"),
    "due_on": ("due_on", "day"),
    "returned": ("CASE WHEN end_reason = 'returned' THEN ended END", "day"),
    "under": ("under", "id"),
    "position": ("position", "number"),
}
LIST: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "code": ("code", "id"),
    "title": ("title", "text"),
    "instrument": ("instrument", "id"),
    "polarity": ("polarity", "id"),
    "closed": ("closed::int", "number"),
    "audience": ("audience", "id"),
    "scope": ("scope", "id"),
    "since": ("valid_from", "day"),
    "until": ("valid_to", "day"),
}
ITEM: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "list": ("list", "id"),
    "item": ("item", "id"),
    "name": ("name", "text"),
    "matter": ("matter", "id"),
    "category": ("coalesce(category, '')", "text"),
    "terms": ("terms", "text"),
    "since": ("valid_from", "day"),
    "until": ("valid_to", "day"),
}
MATTER: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "code": ("code", "id"),
    "name": ("name", "text"),
    "category": ("coalesce(category, '')", "text"),
    "aliases": ("aliases", "text"),
    "since": (_SINCE, "day"),
    "until": ("valid_to", "day"),
}

_OF_ORDERS: Final = "kind <> 'power' AND valid_from = began AND " + _KNOWN

# What delegations may pass on, up to where nothing new comes: what they name as `under`, and what of the matter was
# handed to the sender before, under whatever name the sender had.
_CHAIN: Final = """
WITH RECURSIVE up (ref, matter, sender, under, began) AS (
    SELECT ref, matter, sender, under, began FROM delegation
    WHERE ref = ANY(%(refs)s) AND kind <> 'power' AND valid_from = began
      AND known_from <= %(known)s AND known_to > %(known)s
  UNION
    SELECT above.ref, above.matter, above.sender, above.under, above.began
    FROM up
    CROSS JOIN LATERAL (
        SELECT d.* FROM delegation d
        WHERE d.ref = up.under AND d.valid_from = d.began AND d.known_from <= %(known)s AND d.known_to > %(known)s
      UNION ALL
        SELECT d.* FROM delegation d
        WHERE d.matter = up.matter AND d.began <= up.began AND d.valid_from = d.began
          AND d.known_from <= %(known)s AND d.known_to > %(known)s
          AND d.recipient IN (
              WITH RECURSIVE family (code) AS (
                  SELECT up.sender
                UNION
                  SELECT kin.code FROM family CROSS JOIN LATERAL (
                      SELECT u.successor AS code FROM unit u
                      WHERE u.code = family.code AND u.successor IS NOT NULL
                        AND u.known_from <= %(known)s AND u.known_to > %(known)s
                    UNION ALL
                      SELECT u.code FROM unit u
                      WHERE u.successor = family.code AND u.known_from <= %(known)s AND u.known_to > %(known)s
                  ) AS kin
              )
              SELECT code FROM family
          )
    ) AS above
)
SELECT ref FROM up
"""

# Everything that was ever above these units, or was read as one of those, or they as it; with `offices` also the
# offices of all these.
_ABOVE: Final = """
WITH RECURSIVE up (code) AS (
    SELECT code COLLATE "C" FROM unnest(%(codes)s::text[]) AS start (code)
  UNION
    SELECT above.code
    FROM up
    CROSS JOIN LATERAL (
        SELECT u.parent AS code FROM unit u
        WHERE u.code = up.code AND u.parent IS NOT NULL AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.successor FROM unit u
        WHERE u.code = up.code AND u.successor IS NOT NULL AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.code FROM unit u
        WHERE u.successor = up.code AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.code FROM unit u
        WHERE u.parent = up.code AND %(offices)s AND u.kind NOT IN ('government', 'village')
          AND u.known_from <= %(known)s AND u.known_to > %(known)s
    ) AS above
)
SELECT code FROM up
"""


def everything(connection: psycopg.Connection[Any], day: Mapping[str, object], demand: Columns) -> dict[str, Columns]:
    """The past of the whole country; `day`: the snapshot's `day` and what was `known`."""
    other_day: LiteralString = "NOT (valid_from <= %(day)s AND valid_to > %(day)s) AND " + _KNOWN
    over: LiteralString = "(valid_from > %(day)s OR " + _ENDS + " <= %(day)s) AND " + _OF_ORDERS
    certificates: LiteralString = "covers = 'certificate' AND " + _KNOWN
    return {
        "past_unit": read_table(connection, "unit", UNIT, other_day, day),
        "past_delegation": read_table(connection, "delegation", DEED, over, day),
        **_certificates(connection, day, certificates if demand["ref"] else "false", demand["matter"]),
    }


def around(
    connection: psycopg.Connection[Any],
    day: Mapping[str, object],
    mine: Collection[str],
    delegation: Columns,
    demand: Columns,
) -> dict[str, Columns]:
    """The past that bears on the units `mine`, of whose delegations and demands these are the columns."""
    rows = [
        row
        for row, (recipient, kind) in enumerate(zip(delegation["recipient"], delegation["kind"], strict=True))
        if recipient in mine and kind != ord("p")
    ]
    due: list[str] = [delegation["ref"][row] for row in rows if delegation["due_on"][row]]
    refs = {row[0] for row in connection.execute(_CHAIN, {**day, "refs": array(due)})} if due else set[str]()
    parties = set(demand["recipient"])
    returned = _returned(connection, day, delegation, rows)
    if returned:
        refs |= {ref for ref, _ in returned}
        again = {matter for _, matter in returned}
        for row in rows:
            if delegation["matter"][row] in again:
                parties |= {delegation["sender"][row], delegation["recipient"][row]}
    if any(delegation["kind"][row] in (ord("f"), ord("i")) for row in rows):
        refs |= _given_this_year(connection, day, mine)
    have = set(delegation["ref"])
    transfers = (
        no_rows(DEED)
        if not refs
        else read_columns(
            connection,
            "delegation",
            DEED,
            "ref = ANY(%(refs)s) AND NOT ref = ANY(%(have)s) AND " + _OF_ORDERS,
            {**day, "refs": sorted(refs), "have": sorted(refs & have)},
        )
    )
    for ref, sender, recipient in zip(*(delegation[name] for name in ("ref", "sender", "recipient")), strict=True):
        if ref in refs:
            parties |= {sender, recipient}
    parties |= {*transfers["sender"], *transfers["recipient"]}
    certificates = _certificates_around(connection, day, demand)
    parties |= set(certificates["past_list"]["scope"]) - {""}
    codes = _above(connection, day, parties, offices=False)
    return {
        "past_unit": read_columns(
            connection, "unit", UNIT, "code = ANY(%(codes)s) AND " + _KNOWN, {**day, "codes": codes}
        ),
        "past_delegation": transfers,
        **certificates,
    }


def _above(
    connection: psycopg.Connection[Any], day: Mapping[str, object], codes: Collection[str], *, offices: bool
) -> list[str]:
    if not codes:
        return []
    return [row[0] for row in connection.execute(_ABOVE, {**day, "codes": array(sorted(codes)), "offices": offices})]


def _returned(
    connection: psycopg.Connection[Any], day: Mapping[str, object], delegation: Columns, rows: Sequence[int]
) -> list[tuple[str, str]]:
    """What was returned of the matters of these rows, by their recipients or units ever above them: ref, matter."""
    matters = {delegation["matter"][row] for row in rows}
    query = """
        SELECT ref, matter FROM delegation
        WHERE matter = ANY(%(matters)s) AND end_reason = 'returned' AND recipient = ANY(%(recipients)s)
          AND valid_from = began AND known_from <= %(known)s AND known_to > %(known)s
    """
    recipients = _above(connection, day, {delegation["recipient"][row] for row in rows}, offices=False)
    if not recipients:
        return []
    return connection.execute(
        query, {**day, "matters": array(sorted(matters)), "recipients": array(recipients)}
    ).fetchall()


def _given_this_year(connection: psycopg.Connection[Any], day: Mapping[str, object], mine: Collection[str]) -> set[str]:
    """Forms and inspections begun in the day's year and over by the day."""
    query = """
        SELECT ref FROM delegation
        WHERE recipient = ANY(%(mine)s) AND kind IN ('form', 'inspection')
          AND valid_from BETWEEN date_trunc('year', %(day)s::date)::date AND %(day)s AND valid_to <= %(day)s
          AND valid_from = began AND known_from <= %(known)s AND known_to > %(known)s
    """
    return {row[0] for row in connection.execute(query, {**day, "mine": array(sorted(mine))})}


def _certificates_around(
    connection: psycopg.Connection[Any], day: Mapping[str, object], demand: Columns
) -> dict[str, Columns]:
    """The lists of certificates that ever reached the villages of demands."""
    codes = _above(connection, day, set(demand["recipient"]), offices=True)
    where: LiteralString = "covers = 'certificate' AND (scope = ANY(%(codes)s) OR scope IS NULL) AND " + _KNOWN
    return _certificates(connection, {**day, "codes": codes}, where if codes else "false", demand["matter"])


def _certificates(
    connection: psycopg.Connection[Any], day: Mapping[str, object], where: LiteralString, demanded: Collection[str]
) -> dict[str, Columns]:
    lists = read_columns(connection, "list", LIST, where, day)
    named = {**day, "lists": sorted(set(lists["code"])), "demanded": sorted(set(demanded)) if lists["code"] else []}
    return {
        "past_list": lists,
        "past_item": read_columns(connection, "item", ITEM, "list = ANY(%(lists)s) AND " + _KNOWN, named),
        "past_matter": read_columns(connection, "matter", MATTER, "code = ANY(%(demanded)s) AND " + _KNOWN, named),
    }
