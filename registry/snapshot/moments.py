"""One snapshot of units as known at many positions, each at another: for who judges many decisions at once.

Whatever a unit's findings hang on is read as known at its position and named by codes that carry it (`marked`), so that
what is of one position never meets what is of another: the snapshot is that of several registries beside each other.
Matters, whom the law gives them to and nationwide lists they have in common. These must therefore be the same at all
of the positions (`changes_of_all`), and no nationwide list may hand powers on.

The plain form is `load` with `only`, once for each position.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.relations.two_times import NAMED, Predicate
from registry.snapshot import moments_past
from registry.snapshot.assemble import assemble
from registry.snapshot.column_reader import Part, array, joined
from registry.snapshot.columns import Snapshot
from registry.snapshot.load import TABLES, with_successors
from registry.snapshot.marks import NO_MARK, OF_WANTED, Reading, Wanted, asked, mark
from registry.snapshot.surroundings import walk_of

_WALK: Final = walk_of(Predicate("%(day)s", "walk.moment").at, "moment")
_HOLDS: Final = OF_WANTED.at("t")


def _senders(holds: Predicate) -> LiteralString:
    """SQL: as for one position (registry.snapshot.surroundings), each unit as known at its own."""
    return f"""
WITH wanted AS (
    SELECT code COLLATE "C" AS code, moment
    FROM unnest(%(codes)s::text[], %(moment)s::bigint[]) AS wanted (code, moment)
),
received AS (
    SELECT d.sender, d.under, wanted.moment
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT d.* FROM delegation d WHERE d.recipient = wanted.code AND {holds.at("d")} OFFSET 0
    ) AS d
),
assigning AS (
    SELECT l.code, wanted.moment
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT l.* FROM list l WHERE l.scope = wanted.code AND l.assigns IS NOT NULL AND {holds.at("l")} OFFSET 0
    ) AS l
)
SELECT r.sender, r.moment FROM received r
UNION
SELECT above.recipient, wanted.moment
FROM (SELECT DISTINCT under, moment FROM received WHERE under IS NOT NULL) wanted
CROSS JOIN LATERAL (
    SELECT d.recipient FROM delegation d WHERE d.ref = wanted.under AND {holds.known("d")} OFFSET 0
) AS above
UNION
SELECT i.grantor, wanted.moment
FROM assigning wanted
CROSS JOIN LATERAL (
    SELECT i.* FROM item i WHERE i.list = wanted.code AND i.grantor IS NOT NULL AND {holds.at("i")} OFFSET 0
) AS i
"""


_SENDERS: Final = _senders(OF_WANTED)
_BETWEEN: Final = (
    "(known_from > %(after)s AND known_from <= %(until)s OR known_to > %(after)s AND known_to <= %(until)s)"
)
_NATIONWIDE: Final = "(SELECT code FROM list WHERE scope IS NULL)"
_CHANGES: Final[LiteralString] = f"""
SELECT DISTINCT unnest(ARRAY[known_from, known_to]) FROM (
    SELECT known_from, known_to FROM matter WHERE {_BETWEEN}
    UNION ALL SELECT known_from, known_to FROM lawful_holder WHERE {_BETWEEN}
    UNION ALL SELECT known_from, known_to FROM list WHERE scope IS NULL AND {_BETWEEN}
    UNION ALL SELECT known_from, known_to FROM item WHERE list IN {_NATIONWIDE} AND {_BETWEEN}
    UNION ALL SELECT known_from, known_to FROM instrument WHERE {_BETWEEN} AND (
        known_to <= %(until)s
        OR number IN (SELECT instrument FROM list WHERE scope IS NULL UNION SELECT replaced_by FROM instrument)
    )
) AS changed
"""
_HANDS_ON: Final[LiteralString] = f"""
SELECT EXISTS (
    SELECT FROM item
    WHERE list IN {_NATIONWIDE} AND grantor IS NOT NULL AND known_from <= %(until)s AND known_to > %(after)s
)
"""


class Common(NamedTuple):
    """What is the same for everybody from one position to another, and where it changes (positions, in order).

    `together`: whether several positions can be read as one at all.
    """

    changes: list[int]
    together: bool


def changes_of_all(connection: psycopg.Connection[Any], after: int, until: int) -> Common:
    """Where what all units have in common changes by the decisions after a position, up to another."""
    named = {"after": after, "until": until}
    positions = sorted(row[0] for row in connection.execute(_CHANGES, named) if after < row[0] <= until)
    row = connection.execute(_HANDS_ON, named).fetchone()
    return Common(positions, row is not None and not row[0])


def load_moments(connection: psycopg.Connection[Any], as_of: date, wanted: Mapping[int, Collection[str]]) -> Snapshot:
    """The snapshot that judges these units alone, by the position at which each is known; all codes are marked.

    What all units have in common must not change from the first to the last of these positions (`changes_of_all`).
    """
    last = max(wanted)
    reading = Reading(connection, as_of, last)
    asked_for = [mark(position) + code for position, units in wanted.items() for code in sorted(units)]
    codes, indexes, mine = _surroundings(reading, asked_for)
    nationwide = {**TABLES["list"], "mark": NO_MARK}
    first = reading.named(
        {
            "unit": Wanted("code", [*codes, *indexes], _HOLDS),
            "delegation": Wanted("recipient", codes, _HOLDS),
            "demand": Wanted("recipient", mine, _HOLDS),
            "vesting": Wanted("unit", codes, _HOLDS),
            "list": Wanted("scope", codes, _HOLDS),
            "rectification": Wanted("unit", mine, _HOLDS),
            "waiver": Wanted("unit", codes, _HOLDS),
            "nationwide": Part("list", nationwide, "scope IS NULL AND " + NAMED.at()),
        }
    )
    delegation, vesting, nation = first["delegation"], first["vesting"], first.pop("nationwide")
    listed = joined(first["list"], nation)
    reading.mark_subjects(first, nation["code"])
    numbers = {*delegation["instrument"], *vesting["instrument"], *listed["instrument"]} - {""}
    second = reading.named(
        {
            "item": Wanted("list", listed["code"], _HOLDS),
            "instrument": Wanted("number", numbers, OF_WANTED.known("t")),
            "proposal": Wanted("proposal", delegation["proposal"], "t.answer = 'admitted' AND " + _HOLDS),
        }
    )
    matters = {*delegation["matter"], *first["demand"]["matter"], *vesting["power"], *second["item"]["matter"]}
    second["instrument"] = with_successors(
        lambda named: reading.named({"instrument": Wanted("number", named, OF_WANTED.known("t"))})["instrument"],
        numbers,
        second["instrument"],
    )
    matter = reading.named({"matter": Wanted("code", matters, _HOLDS)})["matter"]
    required = {power for powers in matter["requires"] for power in powers} - matters
    third = reading.named(
        {
            "matter": Wanted("code", required, _HOLDS),
            "lawful_holder": Wanted("matter", matters | required, _HOLDS),
        }
    )
    third["matter"] = joined(matter, third["matter"])
    columns = {**first, "list": listed, **second, **third}
    columns |= moments_past.around(reading, mine, delegation, first["demand"])
    columns["returned"] = moments_past.returned(reading, codes)
    return assemble(as_of, last, columns, asked_for, only=True)


def _surroundings(reading: Reading, within: Iterable[str]) -> tuple[list[str], list[str], set[str]]:
    """As `surroundings` gives it for one position."""
    results: set[str] = set()
    indexes: set[str] = set()
    mine: set[str] = set()
    codes, way = sorted(set(within)), "u"
    while codes:
        ways = {"ways": array([way] * len(codes))}
        reached = [
            (mark(moment) + code, stationed_only, requested)
            for code, stationed_only, requested, moment in reading.rows(_WALK, {**asked(codes), **ways})
        ]
        indexes |= {code for code, stationed_only, _ in reached if stationed_only}
        mine |= {code for code, _, requested in reached if requested}
        fresh = {code for code, stationed_only, _ in reached if not stationed_only} - results
        results |= fresh
        senders = {mark(moment) + code for code, moment in reading.rows(_SENDERS, asked(sorted(fresh)))}
        codes, way = sorted(senders - results), "a"
    return sorted(results), sorted(indexes - results), mine
