"""What would fall if a document were repealed: the findings that would open, of any day and any state of knowledge.

`simulate` with an `InstrumentRepealed` says the same where that could be recorded now; it cannot for what the log knew
once, for a document whose later repeal is recorded, nor for the day of its issue. So the check of the day is repeated
with the document read as repealed, over the units on which it bears.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from registry import checker
from registry.checker import Finding, FindingRow
from registry.impact.affected_units import ImpactSearch, TooManyUnits
from registry.impact.reachable_units import LogWindow
from registry.relations.two_times import AsOf
from registry.snapshot import load

MOST: Final = 1000  # findings whose texts are given at once


@dataclass(frozen=True, slots=True)
class Repeal:
    """A page of the findings that would open, by key, and how many there are in all."""

    total: int
    opened: list[Finding]


def opened_by_repeal(
    connection: psycopg.Connection[Any],
    moment: AsOf,
    instrument: str,
    after: tuple[str, ...] | None = None,
    limit: int = MOST,
    seen: Container[str] | None = None,
) -> Repeal:
    """Return the findings that the document's repeal on the moment's day would open as of that day.

    At most `limit` after a key (rule, unit, subject); `seen`: those of these units alone. Nothing opens where it is not
    in force on the day.
    """
    day, known = moment.valid_at, moment.known_at
    search = ImpactSearch(LogWindow(connection, day, day, known, known))
    try:
        search.instrument(instrument)
        units = set(search.touched) or None
    except TooManyUnits:
        units = None
    else:
        if units is None:
            return Repeal(0, [])
    only = units is not None
    before = load(connection, day, known, units, only=only)
    then = load(connection, day, known, units, only=only, repealed=[instrument])
    held = {row.key for row in checker.finding_rows(before)}
    rows: list[FindingRow] = [
        row for row in checker.finding_rows(then) if row.key not in held and (seen is None or row.key[1] in seen)
    ]
    page = [row for row in rows if after is None or row.key > after][:limit]
    return Repeal(len(rows), checker.explain(then, page))
