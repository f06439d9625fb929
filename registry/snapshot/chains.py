"""What delegations may pass on: what they name as `under`, and what of the matter was handed to their senders before.

Step by step up, each with one statement for all delegations together: what they have in common, a matter that one unit
handed on to all below it, is looked for once. What a snapshot has read already is not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, LiteralString

import psycopg

from registry.relations.two_times import NAMED
from registry.snapshot.column_reader import Columns, array

# One row of a delegation, whatever its days; in its other rows only what it brings is another.
FIRST_ROW: Final[LiteralString] = "d.valid_from = d.began AND " + NAMED.known("d")

# Of these refs, and what was handed to units by some day, under whatever name they had.
_ABOVE: Final[LiteralString] = f"""
WITH RECURSIVE name (unit, code) AS (
    SELECT code COLLATE "C", code COLLATE "C" FROM unnest(%(units)s::text[]) AS code
  UNION
    SELECT name.unit, other.code
    FROM name
    CROSS JOIN LATERAL (
        SELECT u.successor AS code FROM unit u
        WHERE u.code = name.code AND u.successor IS NOT NULL AND {NAMED.known("u")}
      UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = name.code AND {NAMED.known("u")}
        OFFSET 0
    ) AS other
)
SELECT d.ref, d.matter, d.sender, d.under, d.began
FROM unnest(%(matters)s::text[], %(senders)s::text[], %(days)s::date[]) AS wanted (matter, unit, day)
JOIN name ON name.unit = wanted.unit
CROSS JOIN LATERAL (
    SELECT d.* FROM delegation d
    WHERE d.matter = wanted.matter AND d.recipient = name.code AND d.began <= wanted.day AND {FIRST_ROW} OFFSET 0
) AS d
UNION ALL
SELECT d.ref, d.matter, d.sender, d.under, d.began
FROM (SELECT ref COLLATE "C" AS ref FROM unnest(%(refs)s::text[]) AS ref) AS r
CROSS JOIN LATERAL (SELECT d.* FROM delegation d WHERE d.ref = r.ref AND {FIRST_ROW} OFFSET 0) AS d
"""


Handed = tuple[str, str, str, str, int]  # ref, matter, sender, under, the day (an ordinal) on which it began
# Of some refs, and what was handed of a matter to a unit by a day.
Above = Callable[[set[str], Mapping[tuple[str, str], int]], Iterable[Handed]]


def passed_on(
    connection: psycopg.Connection[Any], day: Mapping[str, object], delegation: Columns, rows: Sequence[int]
) -> set[str]:
    """The refs of these rows of delegations, and of all that they may pass on, until a fixed point.

    `day`: with the position that is `known`.
    """
    return chained(delegation, rows, lambda refs, latest: _above(connection, day, refs, latest))


def chained(delegation: Columns, rows: Sequence[int], above: Above) -> set[str]:
    """As `passed_on`, where `above` looks for what has not been read."""
    if not rows:
        return set()
    columns = (delegation[name] for name in ("ref", "matter", "sender", "under"))
    every: list[Handed] = list(zip(*columns, delegation["began"].tolist(), strict=True))
    read = {each[0]: each for each in every}
    refs: set[str] = set()
    latest: dict[tuple[str, str], int] = {}  # day by which a matter may have been handed to a unit
    waiting = [every[row] for row in rows]
    while waiting:
        missing: set[str] = set()
        wanted: set[tuple[str, str]] = set()
        while waiting:
            ref, matter, sender, under, began = waiting.pop()
            if ref in refs:
                continue
            refs.add(ref)
            if under in read:
                waiting.append(read[under])
            elif under and under not in refs:
                missing.add(under)
            handed = (matter, sender)
            if latest.get(handed, 0) < began:
                latest[handed] = began
                wanted.add(handed)
        if missing or wanted:
            waiting = list(above(missing, {handed: latest[handed] for handed in wanted}))
    return refs


def _above(
    connection: psycopg.Connection[Any],
    day: Mapping[str, object],
    refs: set[str],
    latest: Mapping[tuple[str, str], int],
) -> list[Handed]:
    arguments: Mapping[str, object] = {
        **day,
        "refs": array(sorted(refs)),
        "units": array(sorted({sender for _, sender in latest})),
        "matters": array(matter for matter, _ in latest),
        "senders": array(sender for _, sender in latest),
        "days": array(date.fromordinal(began).isoformat() for began in latest.values()),
    }
    return [
        (ref, matter, sender, under or "", began.toordinal())
        for ref, matter, sender, under, began in connection.execute(_ABOVE, arguments)
    ]
