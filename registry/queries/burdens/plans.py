"""Whether a burden that is to be imposed is in the plan of each recipient's year: before it is imposed.

The plan is every positive list of the kind that is in force on the day and reaches the unit, closed or not, as
registry.queries.burdens.imposed counts it afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from registry.relations import reach, territory
from registry.relations.matching import matches
from registry.relations.reach import reaching
from registry.relations.two_times import AsOf, Reader, at

# $3: units. $4: a kind of burden.
_ENTRIES: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {territory.UP}, {reach.SCOPE},
{reaching("l.covers = $4")}
SELECT r.unit, r.code AS list, r.title, i.item, i.matter, i.category, coalesce(i.terms, '{{}}') AS terms
FROM reaching r
LEFT JOIN LATERAL (SELECT * FROM item i WHERE i.list = r.code AND {at("i")} OFFSET 0) i ON true
WHERE r.polarity = 'positive'
ORDER BY r.unit, r.code, i.position
"""
_MATTER: Final = f"SELECT m.category, m.name || m.aliases AS names FROM matter m WHERE m.code = $3 AND {at('m')}"


@dataclass(slots=True)
class Plans:
    """The lists (code: title) that are a unit's plan, and those of them with an item that a matter matches."""

    lists: dict[str, str] = field(default_factory=dict[str, str])
    planned_by: dict[str, str] = field(default_factory=dict[str, str])


async def plans(
    reader: Reader, moment: AsOf, units: Sequence[str], kind: str, code: str, names: Collection[str]
) -> dict[str, Plans]:
    """By unit, its plan of a kind of burden, and what of that a matter matches; a unit without a plan is not there.

    `names`: of a matter that is not recorded yet; of one that is, its own are taken.
    """
    recorded = await reader.fetchrow(_MATTER, moment.valid_at, moment.known_at, code)
    category = recorded["category"] if recorded else None
    names = recorded["names"] if recorded else names
    results: dict[str, Plans] = {}
    for row in await reader.fetch(_ENTRIES, moment.valid_at, moment.known_at, list(units), kind):
        of = results.setdefault(row["unit"], Plans())
        of.lists[row["list"]] = row["title"]
        if row["item"] and matches((row["matter"], row["category"], row["terms"]), code, category, names):
            of.planned_by[row["list"]] = row["title"]
    return results
