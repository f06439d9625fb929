"""What decisions open and close: the findings of all whom they can bear on, before and after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import psycopg

from registry import checker
from registry.checker import Finding
from registry.domain.dates import today
from registry.domain.decisions import Correction, Decision
from registry.impact.affected_units import affected_units
from registry.impact.readings import TABLE_NAMES, Readings
from registry.log.events import decision_of


@dataclass(frozen=True, slots=True)
class Difference:
    """Findings that hold as the log knows it after some decisions and did not before, and the other way round.

    Both as the default answer has them: a waiver closes what it takes out. Sorted by key.
    """

    as_of: date
    opened: list[Finding] = field(default_factory=list[Finding])
    closed: list[Finding] = field(default_factory=list[Finding])


def difference(
    connection: psycopg.Connection[Any],
    as_of: date,
    before: int,
    after: int,
    decisions: Iterable[Decision],
    readings: Readings | None = None,
) -> Difference:
    """Return what the decisions between two positions open and close as of a day.

    Only the units on which they can bear are looked at. `readings`: what was read before in the same transaction.
    """
    units = affected_units(connection, as_of, before, after, decisions)
    if units is not None and not units:
        return Difference(as_of)
    readings = readings or Readings(connection, before, frozenset(TABLE_NAMES))
    (then, rows_then), (now, rows_now) = (readings.picture(as_of, known, units) for known in (before, after))
    return Difference(
        as_of,
        opened=checker.explain(now, [row for key, row in rows_now.items() if key not in rows_then]),
        closed=checker.explain(then, [row for key, row in rows_then.items() if key not in rows_now]),
    )


# The decisions of the aggregates that some corrections name: what these correct is among them.
STREAMS: Final = """
SELECT t.tag, d.type, d.version, d.data FROM log.tag t JOIN log.decision d USING (position)
WHERE t.tag = ANY(%s) AND t.position <= %s
"""


def assessed(connection: psycopg.Connection[Any], before: int, after: int, as_of: date | None = None) -> Difference:
    """Return what the recorded decisions after one position up to another opened and closed.

    As of today, or of the last day on which one of them takes effect where that is still to come (`effective_on`).
    """
    query = "SELECT type, version, data FROM log.decision WHERE position > %s AND position <= %s ORDER BY position"
    rows = connection.execute(query, (before, after)).fetchall()
    decisions = [decision_of(type_name, version, bytes(data)) for type_name, version, data in rows]
    return difference(connection, as_of or effective_on(connection, decisions, before), before, after, decisions)


def effective_on(connection: psycopg.Connection[Any], decisions: Iterable[Decision], before: int) -> date:
    """Return the day as of which to say what decisions change: today, or the last of their days if that is to come.

    What corrects another takes effect on the day of what it names, as recorded up to the position `before`.
    """
    given = list(decisions)
    corrections: dict[str, list[Correction]] = {}
    for decision in given:
        if isinstance(decision, Correction):
            corrections.setdefault(decision.key, []).append(decision)
    if corrections:
        for tag, type_name, version, data in connection.execute(STREAMS, (list(corrections), before)).fetchall():
            recorded = decision_of(type_name, version, bytes(data))
            if any(correction.names(recorded) for correction in corrections[tag]):
                given.append(recorded)
    return max([today(), *(day for each in given if (day := each.effective_day) is not None)])
