"""Which units a snapshot of a territory needs, so that every rule judges the territory as the whole snapshot would."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import psycopg

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
WALK = """
WITH RECURSIVE walk (code, way) AS (
    SELECT start.code COLLATE "C", start.way FROM unnest(%(codes)s::text[], %(ways)s::text[]) AS start (code, way)
  UNION
    SELECT step.code, step.way
    FROM walk
    CROSS JOIN LATERAL (
        SELECT coalesce(u.successor, u.parent) AS code,
               -- Who asks for the territory of a dissolved unit gets its successor's.
               CASE WHEN walk.way = 'w' OR u.successor IS NOT NULL AND walk.way IN ('t', 'u') THEN walk.way
                    ELSE 'a' END AS way
        FROM unit u
        WHERE u.code = walk.code
          AND u.valid_from <= %(day)s AND u.valid_to > %(day)s AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.stationed_at, 'w'
        FROM unit u
        WHERE u.code = walk.code AND u.successor IS NULL AND u.stationed_at IS NOT NULL AND walk.way <> 'w'
          AND u.valid_from <= %(day)s AND u.valid_to > %(day)s AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.code, CASE WHEN walk.way = 't' THEN 't' ELSE 'o' END
        FROM unit u
        WHERE u.parent = walk.code AND u.successor IS NULL AND walk.way <> 'w'
          AND (walk.way = 't' OR u.kind NOT IN ('government', 'village'))
          AND u.valid_from <= %(day)s AND u.valid_to > %(day)s AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.code, walk.way
        FROM unit u
        WHERE u.successor = walk.code AND walk.way <> 'w'
          AND u.valid_from <= %(day)s AND u.valid_to > %(day)s AND u.known_from <= %(known)s AND u.known_to > %(known)s
      UNION ALL
        SELECT u.code, 'a'
        FROM unit u
        WHERE u.stationed_at = walk.code AND NOT u.dissolved AND walk.way IN ('t', 'u', 'a')
          AND u.valid_from <= %(day)s AND u.valid_to > %(day)s AND u.known_from <= %(known)s AND u.known_to > %(known)s
    ) AS step
    WHERE step.code IS NOT NULL
)
SELECT code, bool_and(way = 'w'), bool_or(way IN ('t', 'u')) FROM walk GROUP BY code
"""

# Who sends something to these units, or hands them a power by a list's item, and who was given what they are said to
# pass on: each has to be judged as well.
SENDERS = """
SELECT DISTINCT d.sender
FROM delegation d
WHERE d.recipient = ANY(%(codes)s)
  AND d.valid_from <= %(day)s AND d.valid_to > %(day)s AND d.known_from <= %(known)s AND d.known_to > %(known)s
UNION
SELECT DISTINCT above.recipient
FROM delegation d
JOIN delegation above ON above.ref = d.under
WHERE d.recipient = ANY(%(codes)s) AND d.under IS NOT NULL
  AND d.valid_from <= %(day)s AND d.valid_to > %(day)s AND d.known_from <= %(known)s AND d.known_to > %(known)s
  AND above.known_from <= %(known)s AND above.known_to > %(known)s
UNION
SELECT DISTINCT i.grantor
FROM list l
JOIN item i ON i.list = l.code
WHERE (l.scope = ANY(%(codes)s) OR l.scope IS NULL) AND l.assigns IS NOT NULL AND i.grantor IS NOT NULL
  AND l.valid_from <= %(day)s AND l.valid_to > %(day)s AND l.known_from <= %(known)s AND l.known_to > %(known)s
  AND i.valid_from <= %(day)s AND i.valid_to > %(day)s AND i.known_from <= %(known)s AND i.known_to > %(known)s
"""


def surroundings(
    connection: psycopg.Connection[Any], as_of: date, known: int, within: Iterable[str], *, only: bool = False
) -> tuple[list[str], list[str], set[str]]:
    """The codes of all units (dissolved ones too) that bear on what is right or wrong in the territory of `within`.

    The territory (`only`: these units alone); its ancestors, their offices and the teams stationed with them; and, for
    whoever sends one of these a duty, a power or a burden, the same again, up to where nothing new comes. Apart from
    these: the units that only say where a team works, of which nothing but their place in the tree is needed. Then the
    codes of the territory itself.
    """
    found: set[str] = set()
    places: set[str] = set()
    mine: set[str] = set()
    codes: list[str] = sorted(set(within))
    way = "u" if only else "t"
    while codes:
        at = {"day": as_of, "known": known}
        reached = connection.execute(WALK, {**at, "codes": array(codes), "ways": array([way] * len(codes))}).fetchall()
        places |= {code for code, only_place, _ in reached if only_place}
        mine |= {code for code, _, asked in reached if asked}
        fresh: set[str] = {code for code, only_place, _ in reached if not only_place} - found
        found |= fresh
        senders: set[str] = {row[0] for row in connection.execute(SENDERS, {**at, "codes": array(sorted(fresh))})}
        codes, way = sorted(senders - found), "a"
    return sorted(found), sorted(places - found), mine
