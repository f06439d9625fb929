"""What lands on a unit in a month: duties and burdens whose time in force meets it, from whom, by which document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_object
from registry.domain.dates import today
from registry.queries.burdens.burdens import DELEGATION, Delegation
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, known


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month: from its first day up to but not including the first of the next."""

    first: date
    next: date

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"

    def has(self, day: date | None) -> bool:
        """Whether the day is in it."""
        return day is not None and self.first <= day < self.next

    @property
    def last(self) -> date:
        """Its last day."""
        return date.fromordinal(self.next.toordinal() - 1)

    @property
    def so_far(self) -> date:
        """Today while it runs, else its last day."""
        return today() if self.has(today()) else self.last

    @property
    def before(self) -> Month:
        """The month before it."""
        return month_of(date.fromordinal(self.first.toordinal() - 1))


def month_of(day: date) -> Month:
    """The month that a day is in."""
    first = day.replace(day=1)
    return Month(first, date(first.year + first.month // 12, first.month % 12 + 1, 1))


def read_month(text: str | None) -> Month | None:
    """A month written YYYY-MM; this month where none is given, None where it is no month of the years 2 to 9998."""
    if text is None:
        return month_of(today())
    if len(text) != 7 or text[4] != "-" or not (text[:4] + text[5:]).isascii() or not (text[:4] + text[5:]).isdigit():
        return None
    year, number = int(text[:4]), int(text[5:])
    return month_of(date(year, number, 1)) if 2 <= year <= 9998 and 1 <= number <= 12 else None


@dataclass(frozen=True, slots=True)
class Landing:
    """A duty or burden that is on a unit in a month, with what happens to it in the month."""

    delegation: Delegation
    due: bool
    begins: bool
    ends: bool

    @property
    def continues(self) -> bool:
        """It began before the month."""
        return not self.begins


# Of the units asked ($3), what is in force on some day from $4 up to but not including $5.
LANDING: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {successors.NAMED},
selected AS (
    SELECT n.unit, d.*
    FROM named n,
    LATERAL (
        SELECT DISTINCT ON (d.ref) d.*
        FROM delegation d
        WHERE d.recipient = n.code AND d.kind <> 'power' AND d.valid_from < $5 AND d.valid_to > $4 AND {known("d")}
        ORDER BY d.ref, d.valid_from DESC
        OFFSET 0
    ) d
),
{successors.nodes("resolved", "SELECT DISTINCT f.sender FROM selected f")}
SELECT f.unit AS recipient, {DELEGATION.format(row="f", sender="s.code")}
FROM selected f JOIN resolved s ON s.named = f.sender
ORDER BY f.unit, f.began, f.position
"""


async def landing(reader: Reader, moment: AsOf, units: Sequence[str], month: Month) -> dict[str, list[Landing]]:
    """What lands on each unit in a month, as units stand on the moment's day: what is due first, by its day.

    Then what begins in the month, then what goes on; each in order of its day, then position. Duties and burdens.
    """
    results: dict[str, list[Landing]] = {}
    rows = await reader.fetch(LANDING, moment.valid_at, moment.known_at, list(units), month.first, month.next)
    for row in rows:
        each = as_object(Delegation, row)
        due, begins, ends = month.has(each.due_on), month.has(each.at), month.has(each.until)
        results.setdefault(each.recipient, []).append(Landing(each, due, begins, ends))
    return {unit: sorted(of, key=_order) for unit, of in results.items()}


def _order(landing: Landing) -> tuple[bool, date, bool, date, int]:
    each = landing.delegation
    day = each.due_on if landing.due and each.due_on is not None else date.min
    return (not landing.due, day, landing.continues, each.at, each.position)
