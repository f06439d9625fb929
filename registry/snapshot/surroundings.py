"""Which units a snapshot of a territory needs, so that every rule judges the territory as the whole snapshot would."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final, LiteralString

import psycopg

from registry.relations.two_times import NAMED
from registry.snapshot.column_reader import array


# A walk over the units as they stand on the day. A unit dissolved into another leads to its successor: up through it by
# `successor`, down through it by the units whose successor it became; one dissolved without a successor stays where it
# was. `way` says what a unit was reached as:
#   t  of the territory: everything below it belongs too
#   u  asked about for itself: as `a`
#   a  a unit whose powers and duties matter: all its ancestors, and its offices
#   o  an office (department, party body, dispatched team) of one of those: its own offices too
#   w  where such a team works, and what is above that: only to know whose government it is
# Every step is by an index; UNION (not ALL) ends where a node comes again.
def walk_of(holds: Callable[[LiteralString], LiteralString], moments: LiteralString = "") -> LiteralString:
    """SQL: the walk over rows of units that hold, on the day or on any; `moments`: a column more that goes with it.

    That is read from the argument of its name.
    """
    also, of_walk, given = (f", {moments}", f", walk.{moments}", f", %({moments})s::bigint[]") if moments else ("",) * 3
    return f"""
WITH RECURSIVE walk (code, way{also}) AS (
    SELECT start.code COLLATE "C", start.way{also}
    FROM unnest(%(codes)s::text[], %(ways)s::text[]{given}) AS start (code, way{also})
  UNION
    SELECT step.code, step.way{of_walk}
    FROM walk
    CROSS JOIN LATERAL (
        SELECT coalesce(u.successor, u.parent) AS code,
               -- Who asks for the territory of a dissolved unit gets its successor's.
               CASE WHEN walk.way = 'w' OR u.successor IS NOT NULL AND walk.way IN ('t', 'u') THEN walk.way
                    ELSE 'a' END AS way
        FROM unit u
        WHERE u.code = walk.code
          AND {holds("u")}
      UNION ALL
        SELECT u.stationed_at, 'w'
        FROM unit u
        WHERE u.code = walk.code AND u.successor IS NULL AND u.stationed_at IS NOT NULL AND walk.way <> 'w'
          AND {holds("u")}
      UNION ALL
        SELECT u.code, CASE WHEN walk.way = 't' THEN 't' ELSE 'o' END
        FROM unit u
        WHERE u.parent = walk.code AND u.successor IS NULL AND walk.way <> 'w'
          AND (walk.way = 't' OR u.kind NOT IN ('government', 'village'))
          AND {holds("u")}
      UNION ALL
        SELECT u.code, walk.way
        FROM unit u
        WHERE u.successor = walk.code AND walk.way <> 'w'
          AND {holds("u")}
      UNION ALL
        SELECT u.code, 'a'
        FROM unit u
        WHERE u.stationed_at = walk.code AND NOT u.dissolved AND walk.way IN ('t', 'u', 'a')
          AND {holds("u")}
    ) AS step
    WHERE step.code IS NOT NULL
)
SELECT code, bool_and(way = 'w'), bool_or(way IN ('t', 'u')){also} FROM walk GROUP BY code{also}
"""


# Who sends something to these units, or hands them a power by a list's item, and who was given what they are said to
# pass on: each has to be judged as well.
def _senders(holds: Callable[[LiteralString], LiteralString]) -> LiteralString:
    """SQL: who sends, hands a power by an item, or was given what is passed on, over rows that hold.

    Every step is by an index, whatever statistics there are.
    """
    codes = 'SELECT code COLLATE "C" AS code FROM unnest(%(codes)s::text[]) AS code'
    return f"""
WITH received AS (
    SELECT d.sender, d.under
    FROM ({codes}) AS c
    CROSS JOIN LATERAL (SELECT d.* FROM delegation d WHERE d.recipient = c.code AND {holds("d")} OFFSET 0) AS d
),
assigning AS (
    SELECT l.code
    FROM ({codes}) AS c
    CROSS JOIN LATERAL (
        SELECT l.* FROM list l WHERE l.scope = c.code AND l.assigns IS NOT NULL AND {holds("l")} OFFSET 0
    ) AS l
  UNION
    SELECT l.code FROM list l WHERE l.scope IS NULL AND l.assigns IS NOT NULL AND {holds("l")}
)
SELECT r.sender FROM received r
UNION
SELECT above.recipient
FROM (SELECT DISTINCT under FROM received WHERE under IS NOT NULL) r
CROSS JOIN LATERAL (
    SELECT d.recipient FROM delegation d WHERE d.ref = r.under AND {NAMED.known("d")} OFFSET 0
) AS above
UNION
SELECT i.grantor
FROM assigning a
CROSS JOIN LATERAL (
    SELECT i.* FROM item i WHERE i.list = a.code AND i.grantor IS NOT NULL AND {holds("i")} OFFSET 0
) AS i
"""


_ON_DAY: Final = (walk_of(NAMED.at), _senders(NAMED.at))
_ON_ANY_DAY: Final = (walk_of(NAMED.known), _senders(NAMED.known))


def surroundings(
    connection: psycopg.Connection[Any], as_of: date | None, known: int, within: Iterable[str], *, only: bool = False
) -> tuple[list[str], list[str], set[str]]:
    """The codes of all units (dissolved ones too) that bear on what is right or wrong in the territory of `within`.

    As of a day; None: of any day.

    The territory (`only`: these units alone); its ancestors, their offices and the teams stationed with them; and, for
    whoever sends one of these a duty, a power or a burden, the same again, until a fixed point. Apart from
    these: the units that only say where a team works, of which nothing but their place in the tree is needed. Then the
    codes of the territory itself.
    """
    walk, senders_of = _ON_DAY if as_of is not None else _ON_ANY_DAY
    results: set[str] = set()
    indexes: set[str] = set()
    mine: set[str] = set()
    codes: list[str] = sorted(set(within))
    way = "u" if only else "t"
    while codes:
        at = {"day": as_of, "known": known}
        reached = connection.execute(walk, {**at, "codes": array(codes), "ways": array([way] * len(codes))}).fetchall()
        indexes |= {code for code, stationed_only, _ in reached if stationed_only}
        mine |= {code for code, _, requested in reached if requested}
        fresh: set[str] = {code for code, stationed_only, _ in reached if not stationed_only} - results
        results |= fresh
        senders: set[str] = {row[0] for row in connection.execute(senders_of, {**at, "codes": array(sorted(fresh))})}
        codes, way = sorted(senders - results), "a"
    return sorted(results), sorted(indexes - results), mine
