"""One snapshot of units as known at many positions, each at another: for who judges many decisions at once.

Whatever a unit's findings hang on is read as known at its position and named by codes that carry it (`marked`), so that
what is of one position never meets what is of another: the snapshot is that of several registries beside each other.
Matters, whom the law gives them to and nationwide lists they have in common. These must therefore be the same at all
of the positions (`changes_of_all`), and no nationwide list may hand powers on.

The plain form is `load` with `only`, once for each position.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.relations.two_times import NAMED, in_days, known_between
from registry.snapshot import moments_past
from registry.snapshot.assemble import assemble
from registry.snapshot.column_reader import Part, array, joined
from registry.snapshot.columns import Snapshot
from registry.snapshot.load import TABLES, with_successors
from registry.snapshot.marks import KNOWN, NO_MARK, Reading, Wanted, mark, mark_subjects, of_day
from registry.snapshot.surroundings import walk_of

_WALK: Final = walk_of(of_day, "whose")
_HOLDS: Final = in_days("t", "%(day)s", "%(day)s")


# As for one position (registry.snapshot.surroundings), of units that carry for whom they are looked for.
_SENDERS: Final[LiteralString] = f"""
WITH wanted AS (
    SELECT code COLLATE "C" AS code, whose
    FROM unnest(%(codes)s::text[], %(whose)s::bigint[]) AS wanted (code, whose)
),
received AS (
    SELECT d.sender, d.under, wanted.whose
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT d.* FROM delegation d WHERE d.recipient = wanted.code AND {of_day("d")} OFFSET 0
    ) AS d
),
assigning AS (
    SELECT l.code, wanted.whose
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT l.* FROM list l WHERE l.scope = wanted.code AND l.assigns IS NOT NULL AND {of_day("l")} OFFSET 0
    ) AS l
)
SELECT r.sender, r.whose FROM received r
UNION
SELECT above.recipient, wanted.whose
FROM (SELECT DISTINCT under, whose FROM received WHERE under IS NOT NULL) wanted
CROSS JOIN LATERAL (
    SELECT d.recipient FROM delegation d WHERE d.ref = wanted.under AND {known_between("d")} OFFSET 0
) AS above
UNION
SELECT i.grantor, wanted.whose
FROM assigning wanted
CROSS JOIN LATERAL (
    SELECT i.* FROM item i WHERE i.list = wanted.code AND i.grantor IS NOT NULL AND {of_day("i")} OFFSET 0
) AS i
"""
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
    WHERE list IN {_NATIONWIDE} AND grantor IS NOT NULL AND {known_between()}
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
    row = connection.execute(_HANDS_ON, {"before": after, "after": until}).fetchone()
    return Common(positions, row is not None and not row[0])


def load_moments(connection: psycopg.Connection[Any], as_of: date, wanted: Mapping[int, Collection[str]]) -> Snapshot:
    """The snapshot that judges these units alone, by the position at which each is known; all codes are marked.

    What all units have in common must not change from the first to the last of these positions (`changes_of_all`).
    """
    reading = Reading(connection, as_of, min(wanted), max(wanted))
    codes, indexes, mine = _surroundings(reading, wanted)
    nationwide = {**TABLES["list"], **KNOWN, "mark": NO_MARK}
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
    mark_subjects(first, nation["code"])
    numbers = {*delegation["instrument"], *vesting["instrument"], *listed["instrument"]} - {""}
    second = reading.named(
        {
            "item": Wanted("list", listed["code"], _HOLDS),
            "instrument": Wanted("number", numbers),
            "proposal": Wanted("proposal", delegation["proposal"], "t.answer = 'admitted' AND " + _HOLDS),
        }
    )
    matters = {*delegation["matter"], *first["demand"]["matter"], *vesting["power"], *second["item"]["matter"]}
    second["instrument"] = with_successors(
        lambda named: reading.named({"instrument": Wanted("number", named)})["instrument"],
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
    judged = [mark(position) + code for position, units in wanted.items() for code in units]
    return assemble(as_of, reading.last, columns, judged, only=True)


def _surroundings(reading: Reading, wanted: Mapping[int, Collection[str]]) -> tuple[list[str], list[str], set[str]]:
    """As `surroundings` gives it for one position, marked; for each unit as known at any of the positions.

    Too many units are never wrong in a snapshot, and one unit is often looked at as known at many positions.
    """
    units = sorted({code for codes in wanted.values() for code in codes})
    results: dict[int, set[str]] = {whose: set() for whose in range(len(units))}
    indexes: dict[int, set[str]] = {whose: set() for whose in range(len(units))}
    mine: dict[int, set[str]] = {whose: set() for whose in range(len(units))}
    waiting, way = list(enumerate(units)), "u"
    while waiting:
        fresh: set[tuple[int, str]] = set()
        for code, stationed_only, requested, whose in reading.rows(
            _WALK, {**_whose(waiting), "ways": array([way] * len(waiting))}
        ):
            if stationed_only:
                indexes[whose].add(code)
            elif code not in results[whose]:
                fresh.add((whose, code))
            if requested:
                mine[whose].add(code)
        for whose, code in fresh:
            results[whose].add(code)
        senders = reading.rows(_SENDERS, _whose(sorted(fresh)))
        waiting, way = [(whose, code) for code, whose in senders if code not in results[whose]], "a"
    number = {code: whose for whose, code in enumerate(units)}

    def at_moments(of: Mapping[int, set[str]]) -> set[str]:
        return {
            mark(position) + code
            for position, judged in wanted.items()
            for code in set[str]().union(*(of[number[unit]] for unit in judged))
        }

    near = at_moments(results)
    return list(near), list(at_moments(indexes) - near), at_moments(mine)


def _whose(pairs: Collection[tuple[int, str]]) -> dict[str, str]:
    """Units, each with the number of that for which it is looked for, as arguments."""
    return {"codes": array([code for _, code in pairs]), "whose": array([str(whose) for whose, _ in pairs])}
