"""Monitoring points (基层减负监测点): what landed on them in a month, by kind and sender, and what they reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.domain.words import BURDEN_KINDS
from registry.queries.burdens.burdens import Delegation
from registry.queries.burdens.landing import Month, landing
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Landed:
    """Burdens of one kind from one sender that began on the points in the month, and in the month before."""

    kind: str
    sender: str
    burdens: int
    before: int


@dataclass(frozen=True, slots=True)
class Point:
    """One monitoring point: burdens begun and reports made in the month and the one before, burdens on it in all."""

    unit: str
    landed: int
    landed_before: int
    burdens: int
    reports: int
    reports_before: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The month of some points, compared with the month before.

    `burdens`: all that are on the points in the month; `begun_before`: those that began in the month before.
    """

    month: Month
    points: list[Point]
    landed: list[Landed]
    burdens: list[Delegation]
    begun_before: list[Delegation]


WITHIN: Final = f"""
WITH RECURSIVE {territory.below("$3")}
SELECT b.code
FROM below b, LATERAL (SELECT * FROM unit u WHERE u.code = b.code AND {at("u")} OFFSET 0) u
WHERE b.code = b.unit AND NOT b.gone AND u.monitored
ORDER BY b.code
"""
EVERYWHERE: Final = f"""
SELECT u.code FROM unit u WHERE $3::text IS NULL AND u.monitored AND NOT u.dissolved AND {at("u")} ORDER BY u.code
"""
# Reports that the units asked ($3) made from $4 up to but not including $5, and from then up to $6.
REPORTED: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED}
SELECT n.unit, count(*) FILTER (WHERE r.reported_on >= $5) AS reports,
    count(*) FILTER (WHERE r.reported_on < $5) AS before
FROM named n,
LATERAL (
    SELECT min(r.valid_from) AS reported_on FROM report r WHERE r.unit = n.code AND {known("r")} GROUP BY r.report
    OFFSET 0
) r
WHERE r.reported_on >= $4 AND r.reported_on < $6
GROUP BY n.unit
"""


async def points(reader: Reader, moment: AsOf, within: str | None) -> list[str]:
    """The monitoring points of a territory (None: of the whole registry) on the day, by code."""
    statement = EVERYWHERE if within is None else WITHIN
    return [row["code"] for row in await reader.fetch(statement, moment.valid_at, moment.known_at, within)]


async def summary(reader: Reader, moment: AsOf, units: Sequence[str], month: Month) -> Summary:
    """What landed on the units in a month and what they reported, beside the month before.

    A burden lands in the month in which it begins. Units are read as on the moment's day.
    """
    before = month.before
    now = await landing(reader, moment, units, month)
    then = await landing(reader, moment, units, before)
    days = (before.first, month.first, month.next)
    rows = await reader.fetch(REPORTED, moment.valid_at, moment.known_at, list(units), *days)
    reported: dict[str, tuple[int, int]] = {row["unit"]: (row["reports"], row["before"]) for row in rows}
    begun: Counter[tuple[str, str]] = Counter()
    begun_before: Counter[tuple[str, str]] = Counter()
    results: list[Point] = []
    on_points: list[Delegation] = []
    begun_earlier: list[Delegation] = []
    for unit in units:
        burdens = [each for each in now.get(unit, []) if each.delegation.kind in BURDEN_KINDS]
        fresh = [(each.delegation.kind, each.delegation.sender) for each in burdens if each.begins]
        earlier = [each for each in then.get(unit, []) if each.begins and each.delegation.kind in BURDEN_KINDS]
        on_points += [each.delegation for each in burdens]
        begun_earlier += [each.delegation for each in earlier]
        begun.update(fresh)
        begun_before.update((each.delegation.kind, each.delegation.sender) for each in earlier)
        results.append(Point(unit, len(fresh), len(earlier), len(burdens), *reported.get(unit, (0, 0))))
    keys = sorted(begun.keys() | begun_before.keys(), key=lambda key: (BURDEN_KINDS.index(key[0]), -begun[key], key[1]))
    landed = [Landed(*key, begun[key], begun_before[key]) for key in keys]
    return Summary(month, results, landed, on_points, begun_earlier)
