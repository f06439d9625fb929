"""Custody of a duty: who led it within a territory, from when to when, and by which decision it moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from registry.database.row_objects import as_object
from registry.relations import holding, intervals, territory
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


_ASSIGNING: Final = f"""l.assigns = 'lead' AND l.covers = 'duty'
    AND EXISTS (SELECT FROM item i WHERE i.list = l.code AND i.matter = $3 AND {known("i")})"""
# Every piece of a lead holding of matter $3 within unit $1.
PIECES: Final = intervals.short(f"""
WITH RECURSIVE {territory.over_time()},
{holding.held_over_time(_ASSIGNING, "$3")}
SELECT p.unit AS holder, p.role, lower(p.days) AS since, nullif(upper(p.days), 'infinity') AS until, p.by, p.subject,
    p.sender, p.mode, p.instrument, p.brings, p.begun_by, p.ended_by
FROM piece p
WHERE p.role = 'lead'
ORDER BY p.unit, p.subject, p.days
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
