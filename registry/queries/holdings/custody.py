"""Custody of a duty: who led it within a territory, from when to when, and by which decision it moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from registry.database.row_objects import as_object
from registry.relations import intervals, reach, successors, territory
from registry.relations.intervals import intersect
from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import Reader, known


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days on which one unit of the territory led the duty under one subject.

    `until` is None while open. `sender` is the decision's `from`, read as its successor on the first day. `begun_by`
    and `ended_by` name what moved it, for `causes.decisions`: the delegation, the list's item, the law; or the
    dissolution, the move or the change of a unit that brought the holding to this holder or into this territory, or
    took it out.
    """

    holder: str
    role: str
    since: date
    until: date | None
    by: str
    subject: str
    sender: str | None
    mode: str
    instrument: str | None
    brings: list[str]
    begun_by: str
    ended_by: str | None


# Every piece of a lead holding of matter $3 within unit $1.
PIECES: Final = intervals.short(f"""
WITH RECURSIVE {territory.over_time()},
{reach.NEAR_OVER_TIME},
lists AS (
    SELECT l.code AS list, l.audience, l.scope, l.instrument, i.item, i.grantor, i.brings, {intersect("i", "l")}
    FROM (SELECT l.*, {intervals.listed()} FROM near l WHERE l.assigns = 'lead' AND l.covers = 'duty') l,
    LATERAL (
        SELECT i.*, {intervals.entered()} FROM item i
        WHERE i.list = l.code AND i.matter = $3 AND {known("i")} OFFSET 0
    ) i
    WHERE i.days && l.days
),
{reach.OVER_TIME},
held AS (
    SELECT g.code AS holder, 'law' AS by, 'LAW#' || h.matter AS subject, NULL COLLATE "C" AS sender, 'law' AS mode,
        NULL COLLATE "C" AS instrument, '{{}}'::text[] AS brings, {intersect("h", "g")}
    FROM (
        SELECT h.*, {intervals.lawful()} FROM lawful_holder h WHERE h.matter = $3 AND h.kind = 'duty' AND {known("h")}
    ) h
    JOIN ground g ON g.function = h.function AND g.level = h.level AND g.days && h.days
    UNION ALL
    SELECT r.code, 'list', l.list || '#' || l.item, l.grantor, 'assigned', l.instrument, l.brings, {intersect("l", "r")}
    FROM lists l JOIN reach r ON r.list = l.list AND r.days && l.days AND r.kind IN {GOVERNMENTS}
    UNION ALL
    SELECT b.unit, 'delegation', d.ref, d.sender, d.mode, d.instrument, d.brings, {intersect("d", "b")}
    FROM below b,
    LATERAL (
        SELECT d.*, {intervals.delegated()} FROM delegation d
        WHERE d.matter = $3 AND d.recipient = b.code AND d.role = 'lead' AND {known("d")} OFFSET 0
    ) d
    WHERE NOT b.gone AND d.days && b.days
),
{successors.nodes_over_time("stood", "SELECT DISTINCT h.sender FROM held h WHERE h.sender IS NOT NULL")},
piece AS (
    SELECT h.holder, h.by, h.subject, NULL COLLATE "C" AS sender, h.mode, h.instrument, h.brings, h.days, h.begun_by,
        h.ended_by
    FROM held h WHERE h.sender IS NULL
    UNION ALL
    SELECT h.holder, h.by, h.subject, s.code, h.mode, h.instrument, h.brings, {intersect("h", "s")}
    FROM held h JOIN stood s ON s.named = h.sender AND s.days && h.days
)
SELECT p.holder, 'lead' AS role, lower(p.days) AS since, nullif(upper(p.days), 'infinity') AS until, p.by, p.subject,
    p.sender, p.mode, p.instrument, p.brings, p.begun_by, p.ended_by
FROM piece p
ORDER BY p.holder, p.subject, p.days
""")


async def custody(reader: Reader, position: int, matter: str, within: str) -> list[Span]:
    """Who led a duty within a unit's territory, as known at a position, in order of first day, holder and subject.

    One span for each stretch of days with the same holder and subject, over all lead holdings: by law, by list, by
    delegation (contract, section 3). The territory is that of each day; from its dissolution the unit asked about is
    read as its successor. A span begins too when a unit with the duty comes into the territory.
    """
    spans: list[Span] = []
    for row in await reader.fetch(PIECES, within, position, matter):
        piece = as_object(Span, row)
        last = spans[-1] if spans else None
        if last and (last.holder, last.subject) == (piece.holder, piece.subject) and _touch(last, piece):
            later = piece if last.until is not None and (piece.until is None or piece.until > last.until) else last
            spans[-1] = replace(last, until=later.until, ended_by=later.ended_by)
        else:
            spans.append(piece)
    spans = [span if span.until is not None else replace(span, ended_by=None) for span in spans]
    return sorted(spans, key=lambda span: (span.since, span.holder, span.subject, span.until or date.max))


def _touch(first: Span, second: Span) -> bool:
    return first.until is None or second.since <= first.until
