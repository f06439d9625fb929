"""The past of a snapshot out of the read tables: rows that do not hold on its day, but did on an earlier one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, LiteralString

import psycopg

from registry.domain import words
from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import NAMED, in_days
from registry.snapshot.chains import FIRST_ROW, passed_on
from registry.snapshot.column_reader import As, Columns, array, no_rows, read_columns, rows_named
from registry.snapshot.large_tables import read_table
from registry.snapshot.letters import KIND_LETTER, of_kinds

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
TRANSFER: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "ref": ("ref", "ref"),
    "kind": (KIND_LETTER, "word"),
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

_OF_ORDERS: Final = "kind <> 'power' AND valid_from = began AND " + NAMED.known()

_CODES: Final = 'SELECT code COLLATE "C" AS code FROM unnest(%(codes)s::text[]) AS code'

# Everything that was ever above these units, or was read as one of those, or they as it; with `offices` also the
# offices of all these.
ABOVE: Final[LiteralString] = f"""
WITH RECURSIVE up (code) AS (
    {_CODES}
  UNION
    SELECT above.code
    FROM up
    CROSS JOIN LATERAL (
        SELECT u.parent AS code FROM unit u WHERE u.code = up.code AND u.parent IS NOT NULL AND {NAMED.known("u")}
      UNION ALL
        SELECT u.successor FROM unit u WHERE u.code = up.code AND u.successor IS NOT NULL AND {NAMED.known("u")}
      UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = up.code AND {NAMED.known("u")}
      UNION ALL
        SELECT u.code FROM unit u
        WHERE u.parent = up.code AND %(offices)s AND u.kind NOT IN {GOVERNMENTS} AND {NAMED.known("u")}
        OFFSET 0
    ) AS above
)
SELECT code FROM up
"""

# What was returned of some matters by some units: ref, matter. By units alone, for a plan that does not know how many
# matters there are would look each of them up for each unit.
RETURNED: Final[LiteralString] = f"""
SELECT d.ref, d.matter
FROM (SELECT code COLLATE "C" AS code FROM unnest(%(recipients)s::text[]) AS code) r
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.recipient = r.code AND d.end_reason = 'returned' AND {FIRST_ROW} OFFSET 0
) d
WHERE d.matter = ANY(%(matters)s)
"""

# What a quota counts by the year, begun in the day's year and over by the day: ref.
GIVEN_THIS_YEAR: Final[LiteralString] = f"""
SELECT d.ref
FROM ({_CODES}) c
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.recipient = c.code AND d.kind = ANY(%(kinds)s)
      AND d.valid_from BETWEEN date_trunc('year', %(day)s::date)::date AND %(day)s AND d.valid_to <= %(day)s
      AND {FIRST_ROW} OFFSET 0
) d
"""


def everything(connection: psycopg.Connection[Any], day: Mapping[str, object], demand: Columns) -> dict[str, Columns]:
    """The past of the whole country; `day`: the snapshot's `day` and what was `known`."""
    other_day: LiteralString = f"NOT ({in_days('', '%(day)s', '%(day)s')}) AND {NAMED.known()}"
    over: LiteralString = "(valid_from > %(day)s OR " + _ENDS + " <= %(day)s) AND " + _OF_ORDERS
    certificates: LiteralString = "covers = 'certificate' AND " + NAMED.known()
    return {
        "past_unit": read_table(connection, "unit", UNIT, other_day, day),
        "past_delegation": read_table(connection, "delegation", TRANSFER, over, day),
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
    power, yearly = (of_kinds(delegation["kind"], *kinds) for kinds in (("power",), words.YEARLY_KINDS))
    rows = [row for row, recipient in enumerate(delegation["recipient"]) if recipient in mine and not power[row]]
    refs = passed_on(connection, day, delegation, [row for row in rows if delegation["due_on"][row]])
    parties = set(demand["recipient"])
    returned = _returned(connection, day, delegation, rows)
    if returned:
        refs |= {ref for ref, _ in returned}
        again = {matter for _, matter in returned}
        for row in rows:
            if delegation["matter"][row] in again:
                parties |= {delegation["sender"][row], delegation["recipient"][row]}
    if yearly[rows].any():
        refs |= _given_this_year(connection, day, mine)
    have = set(delegation["ref"])
    transfers = (
        no_rows(TRANSFER)
        if not refs
        else read_columns(
            connection,
            rows_named("delegation", "ref", "t.kind <> 'power' AND t.valid_from = t.began AND " + NAMED.known("t")),
            TRANSFER,
            "true",
            {**day, "named": sorted(refs - have)},
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
            connection, rows_named("unit", "code", NAMED.known("t")), UNIT, "true", {**day, "named": sorted(set(codes))}
        ),
        "past_delegation": transfers,
        **certificates,
    }


def _above(
    connection: psycopg.Connection[Any], day: Mapping[str, object], codes: Collection[str], *, offices: bool
) -> list[str]:
    if not codes:
        return []
    return [row[0] for row in connection.execute(ABOVE, {**day, "codes": array(sorted(codes)), "offices": offices})]


def _returned(
    connection: psycopg.Connection[Any], day: Mapping[str, object], delegation: Columns, rows: Sequence[int]
) -> list[tuple[str, str]]:
    """What was returned of the matters of these rows, by their recipients or units ever above them: ref, matter."""
    matters = {delegation["matter"][row] for row in rows}
    recipients = _above(connection, day, {delegation["recipient"][row] for row in rows}, offices=False)
    if not recipients:
        return []
    return connection.execute(
        RETURNED, {**day, "matters": array(sorted(matters)), "recipients": array(recipients)}
    ).fetchall()


def _given_this_year(connection: psycopg.Connection[Any], day: Mapping[str, object], mine: Collection[str]) -> set[str]:
    """What a quota counts by the year, begun in the day's year and over by the day."""
    named = {**day, "codes": array(sorted(mine)), "kinds": list(words.YEARLY_KINDS)}
    return {row[0] for row in connection.execute(GIVEN_THIS_YEAR, named)}


def _certificates_around(
    connection: psycopg.Connection[Any], day: Mapping[str, object], demand: Columns
) -> dict[str, Columns]:
    """The lists of certificates that ever reached the villages of demands."""
    codes = _above(connection, day, set(demand["recipient"]), offices=True)
    where: LiteralString = "covers = 'certificate' AND (scope = ANY(%(codes)s) OR scope IS NULL) AND " + NAMED.known()
    return _certificates(connection, {**day, "codes": codes}, where if codes else "false", demand["matter"])


def _certificates(
    connection: psycopg.Connection[Any], day: Mapping[str, object], where: LiteralString, demanded: Collection[str]
) -> dict[str, Columns]:
    lists = read_columns(connection, "list", LIST, where, day)
    on_lists = {**day, "named": sorted(set(lists["code"]))}
    matters = {**day, "named": sorted(set(demanded)) if lists["code"] else []}
    items = rows_named("item", "list", NAMED.known("t"))
    return {
        "past_list": lists,
        "past_item": read_columns(connection, items, ITEM, "true", on_lists),
        "past_matter": read_columns(
            connection, rows_named("matter", "code", NAMED.known("t")), MATTER, "true", matters
        ),
    }
