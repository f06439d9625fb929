"""Findings as they opened and closed: the feed by number, as far as it is judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from registry.domain.dates import today
from registry.queries.history.decisions import COLUMNS, Decision, decision_of
from registry.queries.units.resolve import need_rule, resolve_unit_ever
from registry.relations.two_times import NEWEST, AsOf, Reader, still_known


@dataclass(frozen=True, slots=True)
class FindingEvent:
    """A finding opened or closed. `cause`: decision, day or rules; `position`: of the decision, else the newest one.

    `on`: the day as of which it is judged. `severity` is V, W or R. A closing says what the opening said.
    """

    number: int
    cause: str
    position: int
    on: date
    change: str
    rule: str
    severity: str
    unit: str
    subject: str
    matter: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class WantedEvents:
    """Which events are asked for; None narrows nothing.

    `within`: of units that are or ever were in the territory of that one, as the log knows now. `severity`: V, W or R.
    `unit`, `subject`: of the finding, by its code and id. `seen`: of these units alone.
    """

    within: str | None = None
    rule: str | None = None
    severity: str | None = None
    seen: Sequence[str] | None = None
    unit: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events in order, and the number up to which the feed has been read with them."""

    events: list[FindingEvent]
    position: int


@dataclass(frozen=True, slots=True)
class JudgedUpTo:
    """How far the feed goes: all decisions up to a position, as of a day, in so many events."""

    position: int
    on: date
    number: int


async def resolve_wanted(reader: Reader, wanted: WantedEvents) -> WantedEvents:
    """What is wanted, once each name in it is known to mean something; a unit may be named by a name of its own.

    Raises UnknownName: a rule or unit that there is not.
    """
    if wanted.rule is not None:
        need_rule(wanted.rule)
    if wanted.within is None:
        return wanted
    return replace(wanted, within=await resolve_unit_ever(reader, wanted.within, AsOf(today(), NEWEST)))


# GraphQL's words for the severities.
SEVERITY: Final = {"V": "VIOLATION", "W": "WARNING", "R": "REVIEW"}
_BELOW: Final = f"""
    $5::text IS NULL OR e.unit = ANY (ARRAY(
        WITH RECURSIVE below (code) AS (
            SELECT $5::text COLLATE "C"
          UNION
            SELECT related.code FROM below CROSS JOIN LATERAL (
                SELECT u.code FROM unit u WHERE u.parent = below.code AND {still_known("u")}
                UNION ALL
                SELECT u.code FROM unit u WHERE u.successor = below.code AND {still_known("u")}
            ) AS related
        )
        SELECT code FROM below
    ))
"""
_WANTED: Final = f"""
    e.number > $1 AND e.number <= $2 AND ($3::text IS NULL OR e.rule = $3) AND ($4::text IS NULL OR e.severity = $4)
    AND ($6::text[] IS NULL OR e.unit = ANY ($6)) AND ({_BELOW})
    AND ($7::text IS NULL OR e.unit = $7) AND ($8::text IS NULL OR e.subject = $8)
"""
_PAGE: Final = f"""
    SELECT e.number, e.cause, e.position, e.day AS on, e.change, e.rule, e.severity, e.unit, e.subject, e.matter,
           coalesce(e.zh, o.zh) AS zh, coalesce(e.en, o.en) AS en
    FROM judged.event e LEFT JOIN judged.event o ON o.number = e.opened
    WHERE {_WANTED} ORDER BY e.number LIMIT $9
"""
_COUNT: Final = f"SELECT count(*) FROM judged.event e WHERE {_WANTED}"
_BEHIND: Final = """
    SELECT newest.position - coalesce(judged.position, 0) AS decisions,
           newest.position > 0 AND coalesce(judged.position < newest.position OR judged.day < $1, true) AS behind
    FROM (SELECT coalesce(max(position), 0) AS position FROM log.decision) AS newest LEFT JOIN judged.progress judged
      ON true
"""
_DECISIONS: Final = f"SELECT {COLUMNS} FROM log.decision d WHERE d.position = ANY($1::bigint[])"


async def newest(reader: Reader) -> int:
    """The number of the newest event; 0 when there is none."""
    return await reader.fetchval("SELECT coalesce(max(number), 0) FROM judged.event")


async def judged(reader: Reader) -> JudgedUpTo | None:
    """How far the feed goes; None before it is begun."""
    row = await reader.fetchrow("SELECT position, day AS on, number FROM judged.progress")
    return None if row is None else JudgedUpTo(**row)


async def left_to_judge(reader: Reader, day: date) -> int | None:
    """How many decisions are still to be judged, about; 0 where only days are, up to this one; None: nothing is."""
    row = await reader.fetchrow(_BEHIND, day)
    return max(row["decisions"], 0) if row["behind"] else None


async def page(reader: Reader, wanted: WantedEvents, after: int, until: int, limit: int) -> EventPage:
    """The first wanted events after a number up to another, at most `limit`.

    Numbers have no gaps and become visible in their order: what is visible up to one is all there will ever be.
    """
    rows = await reader.fetch(_PAGE, after, until, *_given(wanted), limit)
    events = [FindingEvent(**row) for row in rows]
    return EventPage(events, until if len(events) < limit else events[-1].number)


async def count(reader: Reader, wanted: WantedEvents, until: int) -> int:
    """How many events are wanted up to a number."""
    return await reader.fetchval(_COUNT, 0, until, *_given(wanted))


def _given(wanted: WantedEvents) -> tuple[object, ...]:
    return wanted.rule, wanted.severity, wanted.within, wanted.seen, wanted.unit, wanted.subject


async def decisions(reader: Reader, positions: Collection[int]) -> dict[int, Decision]:
    """The decisions at these positions."""
    rows = await reader.fetch(_DECISIONS, sorted(positions))
    return {row["position"]: decision_of(row) for row in rows}


def as_object(event: FindingEvent) -> dict[str, Any]:
    """A finding event as an object, with GraphQL's names."""
    return {
        "number": event.number,
        "change": event.change.upper(),
        "cause": event.cause.upper(),
        "position": event.position if event.cause == "decision" else None,
        "on": event.on.isoformat(),
        "finding": {
            "rule": event.rule,
            "severity": SEVERITY[event.severity],
            "unit": event.unit,
            "subject": event.subject,
            "matter": event.matter,
            "message": {"zh": event.zh, "en": event.en},
        },
    }
