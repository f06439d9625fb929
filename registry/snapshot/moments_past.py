"""The past that bears on units, each as known at another position. The plain form is registry.snapshot.past_load."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, LiteralString

from registry.domain import words
from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import NAMED, Predicate, known_between
from registry.snapshot.chains import Handed, chained
from registry.snapshot.column_reader import Columns, Part, array, joined, no_rows, read_columns
from registry.snapshot.letters import of_kinds
from registry.snapshot.marks import KNOWN, NO_MARK, Reading, Rows, Wanted, mark, marked_arrays, plain
from registry.snapshot.past_load import ITEM, LIST, MATTER, TRANSFER, UNIT
from registry.snapshot.returned import COLUMNS, GIVEN_BACK

_KNOWN: Final = Predicate("%(day)s", "wanted.moment").known
_UP: Final = Predicate("%(day)s", "up.moment").known
_NAME: Final = Predicate("%(day)s", "name.moment").known
_FIRST_ROW: Final[LiteralString] = "d.valid_from = d.began AND " + _KNOWN("d")
_WANTED: Final = (
    '(SELECT code COLLATE "C" AS code, moment'
    " FROM unnest(%(codes)s::text[], %(moment)s::bigint[]) AS wanted (code, moment)) AS wanted"
)
_ABOVE: Final[LiteralString] = f"""
WITH RECURSIVE up (code, moment) AS (
    SELECT code, moment FROM {_WANTED}
  UNION
    SELECT above.code, up.moment
    FROM up
    CROSS JOIN LATERAL (
        SELECT u.parent AS code FROM unit u WHERE u.code = up.code AND u.parent IS NOT NULL AND {_UP("u")}
      UNION ALL
        SELECT u.successor FROM unit u WHERE u.code = up.code AND u.successor IS NOT NULL AND {_UP("u")}
      UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = up.code AND {_UP("u")}
      UNION ALL
        SELECT u.code FROM unit u
        WHERE u.parent = up.code AND %(offices)s AND u.kind NOT IN {GOVERNMENTS} AND {_UP("u")}
        OFFSET 0
    ) AS above
)
SELECT code, moment FROM up
"""
_RETURNED: Final[LiteralString] = f"""
SELECT d.ref, d.matter, wanted.moment
FROM {_WANTED}
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.recipient = wanted.code AND d.end_reason = 'returned' AND {_FIRST_ROW} OFFSET 0
) d
WHERE d.matter = ANY(%(matters)s::text[])
"""
_GIVEN_THIS_YEAR: Final[LiteralString] = f"""
SELECT d.ref, wanted.moment
FROM {_WANTED}
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.recipient = wanted.code AND d.kind = ANY(%(kinds)s::text[])
      AND d.valid_from BETWEEN date_trunc('year', %(day)s::date)::date AND %(day)s AND d.valid_to <= %(day)s
      AND {_FIRST_ROW} OFFSET 0
) d
"""
_PASSED_ON: Final = f"""
WITH RECURSIVE name (unit, code, moment) AS (
    SELECT wanted.code, wanted.code, wanted.moment FROM {_WANTED}
  UNION
    SELECT name.unit, other.code, name.moment
    FROM name
    CROSS JOIN LATERAL (
        SELECT u.successor AS code FROM unit u
        WHERE u.code = name.code AND u.successor IS NOT NULL AND {_NAME("u")}
      UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = name.code AND {_NAME("u")}
        OFFSET 0
    ) AS other
)
SELECT d.ref, d.matter, d.sender, d.under, d.began, wanted.moment
FROM unnest(%(matters)s::text[], %(senders)s::text[], %(sent_at)s::bigint[], %(days)s::date[])
    AS wanted (matter, unit, moment, day)
JOIN name ON name.unit = wanted.unit AND name.moment = wanted.moment
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.matter = wanted.matter AND d.recipient = name.code AND d.began <= wanted.day AND {_FIRST_ROW} OFFSET 0
) AS d
UNION ALL
SELECT d.ref, d.matter, d.sender, d.under, d.began, wanted.moment
FROM (
    SELECT ref COLLATE "C" AS ref, moment
    FROM unnest(%(refs)s::text[], %(refs_at)s::bigint[]) AS wanted (ref, moment)
) AS wanted
CROSS JOIN LATERAL (SELECT d.* FROM delegation d WHERE d.ref = wanted.ref AND {_FIRST_ROW} OFFSET 0) AS d
"""
_GAVE_BACK: Final[LiteralString] = f"""(
    SELECT d.ref, d.recipient, d.ended, d.matter, m.name, m.aliases, d.known_from, d.known_to
    FROM (SELECT code COLLATE "C" AS code FROM unnest(%(codes)s::text[]) AS code) AS wanted,
    LATERAL (
        SELECT d.* FROM delegation d
        WHERE d.recipient = wanted.code AND {GIVEN_BACK} AND {known_between("d")} OFFSET 0
    ) AS d,
    LATERAL (SELECT m.* FROM matter m WHERE m.code = d.matter AND {NAMED.at("m")} OFFSET 0) AS m
) AS returned"""


def around(reading: Reading, mine: Collection[str], delegation: Columns, demand: Columns) -> dict[str, Columns]:
    """The past that bears on the units `mine`, of whose delegations and demands these are the columns; all marked."""
    power, yearly = (of_kinds(delegation["kind"], *kinds) for kinds in (("power",), words.YEARLY_KINDS))
    rows = [row for row, recipient in enumerate(delegation["recipient"]) if recipient in mine and not power[row]]
    refs = chained(
        delegation,
        [row for row in rows if delegation["due_on"][row]],
        lambda missing, latest: _passed_on(reading, missing, latest),
    )
    parties = set(demand["recipient"])
    again = _returned(reading, delegation, rows)
    refs |= {ref for ref, _ in again}
    matters = {matter for _, matter in again}
    for row in rows:
        if delegation["matter"][row] in matters:
            parties |= {delegation["sender"][row], delegation["recipient"][row]}
    if yearly[rows].any():
        kinds = {"kinds": array(words.YEARLY_KINDS)}
        given = reading.rows(_GIVEN_THIS_YEAR, {**marked_arrays(sorted(mine)), **kinds})
        refs |= {mark(moment) + ref for ref, moment in given}
    of_orders: LiteralString = "t.kind <> 'power' AND t.valid_from = t.began"
    wanted = Wanted("ref", refs - set(delegation["ref"]), of_orders)
    marked = ("ref", "sender", "recipient", "under")
    transfers = reading.several({"delegation": Rows("delegation", TRANSFER, marked, wanted)})["delegation"]
    for ref, sender, recipient in zip(*(delegation[name] for name in ("ref", "sender", "recipient")), strict=True):
        if ref in refs:
            parties |= {sender, recipient}
    parties |= {*transfers["sender"], *transfers["recipient"]}
    certificates = _certificates_around(reading, demand)
    parties |= {scope for scope in certificates["past_list"]["scope"] if scope}
    codes = _above(reading, parties, offices=False)
    units = Rows("unit", UNIT, ("code", "parent", "successor"), Wanted("code", codes))
    return {
        "past_unit": reading.several({"unit": units})["unit"],
        "past_delegation": transfers,
        **certificates,
    }


def returned(reading: Reading, codes: Sequence[str]) -> Columns:
    """What these units gave back by the day."""
    named = {"codes": array(sorted({plain(code) for code in codes}))}
    read = read_columns(reading.connection, _GAVE_BACK, {**COLUMNS, **KNOWN}, "true", {**reading.arguments, **named})
    return reading.at_moments(read, "recipient", codes, ("ref", "recipient"))


def _passed_on(reading: Reading, missing: set[str], latest: Mapping[tuple[str, str], int]) -> list[Handed]:
    """As registry.snapshot.chains looks further up; refs and senders are marked."""
    sent = [sender for _, sender in latest]
    arguments = {
        **marked_arrays(sorted(set(sent))),
        **marked_arrays(sorted(missing), "refs", "refs_at"),
        **marked_arrays(sent, "senders", "sent_at"),
        "matters": array(matter for matter, _ in latest),
        "days": array(date.fromordinal(began).isoformat() for began in latest.values()),
    }
    return [
        (mark(at) + ref, matter, mark(at) + sender, mark(at) + under if under else "", began.toordinal())
        for ref, matter, sender, under, began, at in reading.rows(_PASSED_ON, arguments)
    ]


def _returned(reading: Reading, delegation: Columns, rows: Sequence[int]) -> list[tuple[str, str]]:
    """What was returned of the matters of these rows, by their recipients or units ever above them: ref, matter."""
    recipients = _above(reading, {delegation["recipient"][row] for row in rows}, offices=False)
    if not recipients:
        return []
    matters = {"matters": array(sorted({delegation["matter"][row] for row in rows}))}
    read = reading.rows(_RETURNED, {**marked_arrays(recipients), **matters})
    return [(mark(moment) + ref, matter) for ref, matter, moment in read]


def _above(reading: Reading, codes: Iterable[str], *, offices: bool) -> list[str]:
    given = sorted(codes)
    if not given:
        return []
    return [mark(moment) + code for code, moment in reading.rows(_ABOVE, {**marked_arrays(given), "offices": offices})]


def _certificates_around(reading: Reading, demand: Columns) -> dict[str, Columns]:
    """The lists of certificates that ever reached the villages of demands."""
    codes = _above(reading, set(demand["recipient"]), offices=True)
    with_mark = {**LIST, **KNOWN, "mark": NO_MARK}
    if not codes:
        nothing = no_rows(with_mark), no_rows(ITEM), no_rows(MATTER)
        return dict(zip(("past_list", "past_item", "past_matter"), nothing, strict=True))
    local = Wanted("scope", codes, "t.covers = 'certificate'")
    first = reading.several(
        {
            "list": Rows("list", LIST, ("code", "scope", "instrument"), local),
            "nationwide": Part("list", with_mark, "covers = 'certificate' AND scope IS NULL AND " + NAMED.known()),
        }
    )
    lists = joined(first["list"], first["nationwide"])
    demanded = set(demand["matter"]) if lists["code"] else set[str]()
    second = reading.several(
        {
            "item": Rows("item", ITEM, ("list",), Wanted("list", lists["code"])),
            "matter": Rows("matter", MATTER, (), Wanted("code", demanded)),
        }
    )
    return {"past_list": lists, "past_item": second["item"], "past_matter": second["matter"]}
