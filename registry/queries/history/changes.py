"""Changes between two days: holdings of a territory and items of lists that reach it that began, ended or changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from registry.database.row_objects import NamedRow
from registry.relations import intervals, reach, successors, territory
from registry.relations.intervals import intersect
from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import Reader, days, known

ATTRIBUTES: Final = ("role", "mode", "from", "instrument", "brings", "due_on")  # by which a holding changes


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one holding, or to one item of a list (unit is None), on one day.

    `change` is began, ended or changed. `before` and `after` are the attributes on the eve and on the day, by name
    (None where there was no holding). `cause` is for `causes.decisions`; None where nothing recorded tells.
    """

    on: date
    change: str
    unit: str | None
    matter: str | None
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    cause: str | None


WINDOW: Final = "daterange($3, $4, '[]')"

# lists: those that may reach the territory. touched: the days on which a list
# reaches some unit of it. A piece without unit is an item's. Only what does not stand unmoved all along is given.
PIECES: Final = intervals.short(f"""
WITH RECURSIVE {territory.over_time(f"s.days * {WINDOW}")},
{reach.NEAR_OVER_TIME},
lists AS (
    SELECT l.code AS list, l.audience, l.scope, l.instrument, l.assigns, l.covers, {intervals.listed()}
    FROM near l WHERE {days("l")} && {WINDOW}
),
{reach.OVER_TIME},
items AS (
    SELECT l.list, l.list || '#' || i.item AS subject, i.matter, l.covers, l.assigns, l.instrument, i.grantor, i.brings,
        i.position, {intersect("i", "l")}
    FROM lists l,
    LATERAL (SELECT i.*, {intervals.entered()} FROM item i WHERE i.list = l.list AND {known("i")} OFFSET 0) i
    WHERE i.days && l.days
),
touched AS (
    SELECT t.list, t.days,
        (SELECT min(r.begun_by) FROM reach r WHERE r.list = t.list AND lower(r.days) = lower(t.days)) AS begun_by,
        (SELECT min(r.ended_by) FROM reach r WHERE r.list = t.list AND upper(r.days) = upper(t.days)) AS ended_by
    FROM (SELECT r.list, unnest(range_agg(r.days)) AS days FROM reach r GROUP BY r.list) t
),
held AS (
    SELECT g.code AS unit, h.matter, CASE WHEN h.kind = 'duty' THEN 'lead' END AS role, 'law' AS mode,
        'LAW#' || h.matter AS subject, NULL COLLATE "C" AS sender, NULL COLLATE "C" AS instrument,
        '{{}}'::text[] AS brings, NULL::date AS due_on, h.position, {intersect("h", "g")}
    FROM ground g,
    LATERAL (
        SELECT h.*, {intervals.lawful()} FROM lawful_holder h
        WHERE h.function = g.function AND h.level = g.level AND h.kind IN ('duty', 'power') AND {known("h")} OFFSET 0
    ) h
    WHERE h.days && g.days
    UNION ALL
    SELECT b.unit, v.power, NULL, 'vested', 'LAW#' || v.power, NULL, v.instrument, '{{}}', NULL, v.position,
        {intersect("v", "i", "m", "b")}
    FROM below b,
    LATERAL (SELECT v.*, {intervals.vested()} FROM vesting v WHERE v.unit = b.code AND {known("v")} OFFSET 0) v,
    LATERAL (
        SELECT i.*, {intervals.issued()} FROM instrument i WHERE i.number = v.instrument AND {known("i")} OFFSET 0
    ) i,
    LATERAL (
        SELECT m.*, {intervals.defined()} FROM matter m WHERE m.code = v.power AND m.in_law AND {known("m")} OFFSET 0
    ) m
    WHERE NOT b.gone AND b.days && v.days * i.days * m.days
    UNION ALL
    SELECT r.code, i.matter, CASE WHEN i.covers = 'duty' THEN i.assigns END,
        CASE WHEN i.covers = 'duty' THEN 'assigned' ELSE i.assigns END, i.subject, i.grantor, i.instrument, i.brings,
        NULL, i.position, {intersect("i", "r")}
    FROM items i JOIN reach r ON r.list = i.list AND r.days && i.days AND r.kind IN {GOVERNMENTS}
    WHERE i.assigns IS NOT NULL AND i.matter IS NOT NULL
    UNION ALL
    SELECT b.unit, d.matter, d.role, coalesce(d.mode, 'imposed'), d.ref, d.sender, d.instrument, d.brings, d.due_on,
        d.position, {intersect("d", "b")}
    FROM below b,
    LATERAL (
        SELECT d.*, {intervals.delegated()} FROM delegation d WHERE d.recipient = b.code AND {known("d")} OFFSET 0
    ) d
    WHERE NOT b.gone AND d.days && b.days
    UNION ALL
    SELECT NULL, i.matter, CASE WHEN i.covers = 'duty' THEN i.assigns END, i.assigns, i.subject, i.grantor,
        i.instrument, i.brings, NULL, i.position, {intersect("i", "t")}
    FROM items i JOIN touched t ON t.list = i.list AND t.days && i.days
),
{successors.nodes_over_time("stood", "SELECT DISTINCT h.sender FROM held h WHERE h.sender IS NOT NULL")},
piece AS (
    SELECT h.unit, h.matter, h.role, h.mode, h.subject, NULL COLLATE "C" AS sender, h.instrument, h.brings, h.due_on,
        h.position, h.days, h.begun_by, h.ended_by
    FROM held h WHERE h.sender IS NULL
    UNION ALL
    SELECT h.unit, h.matter, h.role, h.mode, h.subject, s.code, h.instrument, h.brings, h.due_on, h.position,
        {intersect("h", "s")}
    FROM held h JOIN stood s ON s.named = h.sender AND s.days && h.days
)
SELECT p.unit, p.subject, p.matter, p.role, p.mode, p.sender AS from, p.instrument, p.brings, p.due_on,
    lower(p.days) AS since, upper(p.days) AS until, p.begun_by, p.ended_by
FROM (
    SELECT p.*, count(*) OVER one AS pieces FROM piece p WINDOW one AS (PARTITION BY p.unit, p.subject)
) p
WHERE p.pieces > 1 OR p.days <> {WINDOW}
ORDER BY p.unit, p.subject, p.mode = 'vested', p.position
""")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Days on which a holding or item had the same attributes."""

    attributes: dict[str, Any]
    since: date
    until: date
    begun_by: str | None
    ended_by: str | None


def _piece(row: NamedRow) -> _Piece:
    attributes = {name: row[name] for name in ATTRIBUTES}
    return _Piece(attributes, row["since"], row["until"], row["begun_by"], row["ended_by"])


def _happened(
    unit: str | None, subject: str, matter: str | None, pieces: Sequence[_Piece], after: date, until: date
) -> Iterator[Change]:
    """The changes of one holding or item. Where it is held in several ways at once, the first piece counts."""
    edges = {day for piece in pieces for day in (piece.since, piece.until) if after < day <= until}
    for day in sorted(edges):
        was = next((piece for piece in pieces if piece.since < day <= piece.until), None)
        now = next((piece for piece in pieces if piece.since <= day < piece.until), None)
        if was is None or now is None:
            change = "ended" if now is None else "began"
        elif was.attributes != now.attributes:
            change = "changed"
        else:
            continue
        cause = now.begun_by if now is not None and now.since == day else was.ended_by if was is not None else None
        before, then = was and was.attributes, now and now.attributes
        yield Change(day, change, unit, matter, subject, before, then, cause)


async def changes(reader: Reader, position: int, within: str, after: date, until: date) -> list[Change]:
    """What began, ended or changed within a unit's territory after one day, up to and including another, as known.

    Day by day, against the eve: holdings by unit and subject (a unit that comes into the territory brings its holdings
    with it); items by subject, while their list reaches some unit of the territory. A holding or item changes when one
    of ATTRIBUTES does; `from` is read as its successor. In order of day, unit (items first), subject.
    """
    results: list[Change] = []
    rows = await reader.fetch(PIECES, within, position, after, until)
    for (unit, subject), group in groupby(rows, lambda row: (row["unit"], row["subject"])):
        same = list(group)
        pieces = [_piece(row) for row in same]
        results += _happened(unit, subject, same[0]["matter"], pieces, after, until)
    return sorted(results, key=lambda change: (change.on, change.unit or "", change.subject))
