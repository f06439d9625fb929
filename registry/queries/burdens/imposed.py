"""What is imposed in a year against what was planned and what there was the year before, by unit and kind of burden.

The contract's counting, as `quota-exceeded` has it: of forms, inspections, meetings and documents those begun in the
day's calendar year up to the day, ended ones too; of mechanisms and workgroups those in force on the day. The plan is
every positive list of the kind that is in force on the day and reaches the unit; a quota counts on a negative list too.
Units are read as they stand on the day, in the year before too: what was laid on a predecessor counts for its
successor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_objects, as_part
from registry.domain.dates import today
from registry.domain.words import BURDEN_KINDS
from registry.queries.burdens.burdens import DELEGATION, Delegation
from registry.relations import reach, successors, territory
from registry.relations.reach import reaching
from registry.relations.two_times import AsOf, Reader, at, known

KINDS: Final = "('form', 'inspection', 'meeting', 'document', 'mechanism', 'workgroup')"
YEARLY: Final = "('form', 'inspection', 'meeting', 'document')"


@dataclass(frozen=True, slots=True)
class Tally:
    """The burdens of one kind on a unit, or on all of a territory.

    `planned` match an item of a positive list, `unplanned` none; planned + unplanned = imposed. `admitted`: of the
    unplanned, those under an admitted proposal. `quota`: the least that reaches the unit (None: none; of a territory
    always None), `excess` what is beyond it. `year_before`: all of last year; `by_then`: last year up to the same day.
    `listed`: whether any positive list of the kind reaches the unit.
    """

    kind: str
    imposed: int = 0
    planned: int = 0
    admitted: int = 0
    quota: int | None = None
    excess: int = 0
    year_before: int = 0
    by_then: int = 0
    listed: bool = False

    @property
    def unplanned(self) -> int:
        """Those that match no item."""
        return self.imposed - self.planned

    @property
    def change(self) -> float | None:
        """Against all of last year, in percent to one place: -50.0 is half of it; None where there was nothing."""
        return None if not self.year_before else round(100 * (self.imposed / self.year_before - 1), 1)

    @property
    def halved(self) -> bool | None:
        """Whether it is at most half of last year, as the reform asked; None where there was nothing."""
        return None if not self.year_before else 2 * self.imposed <= self.year_before


@dataclass(frozen=True, slots=True)
class Imposed:
    """A burden counted in the year: the items (LIST#ITEM) it matches, whether it was admitted, is beyond the quota."""

    delegation: Delegation
    planned_by: list[str]
    admitted: bool
    beyond: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """An item of the plan; `refs`: the burdens of the year that it covers."""

    list: str
    title: str
    kind: str
    quota: int | None
    instrument: str
    item: str
    name: str
    refs: list[str]


@dataclass(frozen=True, slots=True)
class Year:
    """A unit's year up to a day: tallies of each kind, the burdens counted, and the plan."""

    unit: str
    until: date
    tallies: list[Tally]
    imposed: list[Imposed]
    planned: list[Planned]


def last_day(year: int | None, as_of: date | None) -> date | None:
    """Up to which day a year is counted: `as_of`, else today in this year, 31 December in another.

    None where the two do not go together.
    """
    if year is None:
        return as_of or today()
    if as_of is not None:
        return as_of if as_of.year == year else None
    return today() if today().year == year else date(year, 12, 31)


def _days(until: date) -> tuple[date, date, date]:
    """New Year's day, the one before, and the same day last year (28 February for the 29th)."""
    then = date(until.year - 1, until.month, 28 if (until.month, until.day) == (2, 29) else until.day)
    return date(until.year, 1, 1), date(until.year - 1, 1, 1), then


# counted: burdens of the units asked ($3) that count now, counted last year by then ($6), or in all of it.
# $4: 1 January, $5: 1 January of last year.
COUNTED: Final = f"""
{territory.REQUESTED}, {successors.NAMED},
counted AS (
    SELECT n.unit, d.*,
        CASE WHEN d.kind IN {YEARLY} THEN d.began >= $4 ELSE d.ends > $1 END AS now,
        CASE WHEN d.kind IN {YEARLY} THEN d.began >= $5 ELSE d.ends > $6 END AND d.began <= $6 AS by_then,
        CASE WHEN d.kind IN {YEARLY} THEN d.began >= $5 ELSE d.ends >= $4 END AND d.began < $4 AS year_before
    FROM named n,
    LATERAL (
        SELECT d.*, coalesce(least(d.until, d.ended), 'infinity') AS ends
        FROM delegation d
        WHERE d.recipient = n.code AND d.kind IN {KINDS} AND d.valid_from = d.began AND d.began <= $1 AND {known("d")}
        OFFSET 0
    ) d
    WHERE d.began >= $5 OR (d.kind NOT IN {YEARLY} AND d.ends > $6)
)"""
PLAN: Final = f"""
{territory.UP}, {reach.SCOPE},
{reaching(f"l.covers IN {KINDS}")},
entry AS (
    SELECT r.unit, r.code AS list, r.title, r.covers AS kind, r.quota, r.instrument, i.item, i.name, i.matter,
        i.category, coalesce(i.terms, '{{}}') AS terms, i.position
    FROM reaching r, LATERAL (SELECT * FROM item i WHERE i.list = r.code AND {at("i")} OFFSET 0) i
    WHERE r.polarity = 'positive'
),
matched AS (
    SELECT DISTINCT c.unit, c.ref, e.list || '#' || e.item AS subject
    FROM counted c,
    LATERAL (SELECT * FROM matter m WHERE m.code = c.matter AND {at("m")} OFFSET 0) m,
    entry e
    WHERE c.now AND e.unit = c.unit AND e.kind = c.kind
        AND (e.matter = c.matter OR e.category = m.category
            OR EXISTS (SELECT FROM unnest(e.terms) t, unnest(m.name || m.aliases) n WHERE strpos(n, t) > 0))
),
covered AS (
    SELECT m.unit, m.ref, array_agg(m.subject ORDER BY m.subject) AS by FROM matched m GROUP BY m.unit, m.ref
),
admitted AS (
    SELECT DISTINCT c.unit, c.ref
    FROM counted c,
    LATERAL (
        SELECT * FROM proposal p
        WHERE p.proposal = c.proposal AND p.answer = 'admitted' AND p.matter = c.matter AND {at("p")} OFFSET 0
    ) p
    JOIN named n ON n.code = p.recipient
    WHERE n.unit = c.unit
),
judged AS (
    SELECT c.*, coalesce(v.by, '{{}}') AS by, a.ref IS NOT NULL AS admitted
    FROM counted c
    LEFT JOIN covered v ON v.unit = c.unit AND v.ref = c.ref
    LEFT JOIN admitted a ON a.unit = c.unit AND a.ref = c.ref
),
quotas AS (
    SELECT r.unit, r.covers AS kind, min(r.quota) AS quota, bool_or(r.polarity = 'positive') AS listed
    FROM reaching r GROUP BY r.unit, r.covers
)"""

TALLIES: Final = f"""
WITH RECURSIVE {COUNTED}, {PLAN},
tally AS (
    SELECT j.unit, j.kind, count(*) FILTER (WHERE j.now) AS imposed,
        count(*) FILTER (WHERE j.now AND j.by <> '{{}}') AS planned,
        count(*) FILTER (WHERE j.now AND j.by = '{{}}' AND j.admitted) AS admitted,
        count(*) FILTER (WHERE j.year_before) AS year_before, count(*) FILTER (WHERE j.by_then) AS by_then
    FROM judged j GROUP BY j.unit, j.kind
)
SELECT coalesce(t.unit, q.unit) AS unit, coalesce(t.kind, q.kind) AS kind,
    coalesce(t.imposed, 0) AS imposed, coalesce(t.planned, 0) AS planned, coalesce(t.admitted, 0) AS admitted, q.quota,
    greatest(coalesce(t.imposed, 0) - q.quota, 0) AS excess, coalesce(t.year_before, 0) AS year_before,
    coalesce(t.by_then, 0) AS by_then, coalesce(q.listed, false) AS listed
FROM tally t FULL JOIN quotas q ON q.unit = t.unit AND q.kind = t.kind
ORDER BY 1, 2
"""
DETAIL: Final = f"""
WITH RECURSIVE {COUNTED}, {PLAN},
{successors.nodes("resolved", "SELECT DISTINCT c.sender FROM counted c WHERE c.now")}
SELECT j.unit AS recipient, {DELEGATION.format(row="j", sender="s.code")}, j.by AS planned_by,
    j.admitted,
    coalesce(row_number() OVER (PARTITION BY j.unit, j.kind ORDER BY j.began, j.position) > q.quota, false) AS beyond
FROM judged j JOIN resolved s ON s.named = j.sender LEFT JOIN quotas q ON q.unit = j.unit AND q.kind = j.kind
WHERE j.now
ORDER BY j.unit, j.kind, j.began, j.position
"""
ENTRIES: Final = f"""
WITH RECURSIVE {COUNTED}, {PLAN}
SELECT e.list, e.title, e.kind, e.quota, e.instrument, e.item, e.name,
    ARRAY(
        SELECT m.ref FROM matched m WHERE m.unit = e.unit AND m.subject = e.list || '#' || e.item ORDER BY m.ref
    ) AS refs
FROM entry e
ORDER BY e.kind, e.list, e.position
"""
# The units of a territory that a burden was ever laid on: no others have anything to count.
BURDENED: Final = f"""
WITH RECURSIVE {territory.below("$3")}
SELECT DISTINCT b.unit
FROM below b,
LATERAL (
    SELECT FROM delegation d WHERE d.recipient = b.code AND d.kind IN {KINDS} AND {known("d")} LIMIT 1 OFFSET 0
) d
WHERE NOT b.gone
ORDER BY b.unit
"""


async def tallies(reader: Reader, moment: AsOf, units: Sequence[str]) -> dict[str, list[Tally]]:
    """For each unit its tallies of the moment's year up to the moment's day, in the contract's order of kinds.

    A kind of which there is nothing and no list is not there, nor is a unit without any.
    """
    results: dict[str, list[Tally]] = {}
    for row in await reader.fetch(TALLIES, *moment_of(moment), list(units), *_days(moment.valid_at)):
        results.setdefault(row["unit"], []).append(as_part(Tally, row))
    return {unit: sorted(of, key=_kind_order) for unit, of in results.items()}


async def year(reader: Reader, moment: AsOf, unit: str) -> Year:
    """The year of one unit up to the moment's day: tallies, every burden counted, and the plan with what it covers."""
    arguments = (*moment_of(moment), [unit], *_days(moment.valid_at))
    counted = (await tallies(reader, moment, [unit])).get(unit, [])
    imposed = await of_units(reader, moment, [unit])
    planned = as_objects(Planned, await reader.fetch(ENTRIES, *arguments))
    return Year(unit, moment.valid_at, counted, imposed, planned)


async def of_units(reader: Reader, moment: AsOf, units: Sequence[str]) -> list[Imposed]:
    """Every burden counted of the moment's year up to the moment's day on any of the units, by unit, kind and day."""
    return [
        Imposed(as_part(Delegation, row), row["planned_by"], row["admitted"], row["beyond"])
        for row in await reader.fetch(DETAIL, *moment_of(moment), list(units), *_days(moment.valid_at))
    ]


async def burdened(reader: Reader, moment: AsOf, within: str) -> list[str]:
    """The units of a territory, as it is on the day, that burdens were ever laid on, by code."""
    return [row["unit"] for row in await reader.fetch(BURDENED, *moment_of(moment), within)]


def summed(of_units: Sequence[Sequence[Tally]]) -> list[Tally]:
    """The tallies of a territory: those of its units added up, by kind; quotas are each unit's own, so None."""
    results: list[Tally] = []
    for kind in BURDEN_KINDS:
        same = [tally for of in of_units for tally in of if tally.kind == kind]
        if same:
            results.append(
                Tally(
                    kind,
                    imposed=sum(tally.imposed for tally in same),
                    planned=sum(tally.planned for tally in same),
                    admitted=sum(tally.admitted for tally in same),
                    excess=sum(tally.excess for tally in same),
                    year_before=sum(tally.year_before for tally in same),
                    by_then=sum(tally.by_then for tally in same),
                    listed=any(tally.listed for tally in same),
                )
            )
    return results


def moment_of(moment: AsOf) -> tuple[date, int]:
    """The first two arguments of every statement."""
    return moment.valid_at, moment.known_at


def _kind_order(tally: Tally) -> int:
    return BURDEN_KINDS.index(tally.kind)
