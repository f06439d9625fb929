"""Changes between two days: holdings of a territory and items of lists that reach it that began, ended or changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from registry.database.row_objects import NamedRow
from registry.domain.text import Text
from registry.relations import holding, intervals, territory
from registry.relations.intervals import intersect
from registry.relations.two_times import Reader, days

MOST: Final = 20_000  # holdings and items, each stretch of days counted, that one question may go through
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

# Rows without a unit are those of items, on the days on which their list reaches some unit of the territory.
_ITEMS: Final = f"""
    UNION ALL
    SELECT NULL, i.matter, CASE WHEN i.covers = 'duty' THEN i.assigns END, 'list', i.assigns, i.subject, i.grantor,
        i.instrument, i.brings, NULL, i.position, {intersect("i", "t")}
    FROM items i
    JOIN (
        WITH t AS MATERIALIZED (SELECT r.list, unnest(range_agg(r.days)) AS days FROM reach r GROUP BY r.list),
        b AS MATERIALIZED (
            SELECT r.list, lower(r.days) AS day, min(r.begun_by) AS begun_by FROM reach r GROUP BY r.list, lower(r.days)
        ),
        e AS MATERIALIZED (
            SELECT r.list, upper(r.days) AS day, min(r.ended_by) AS ended_by FROM reach r GROUP BY r.list, upper(r.days)
        )
        SELECT t.list, t.days, b.begun_by, e.ended_by
        FROM t LEFT JOIN b ON b.list = t.list AND b.day = lower(t.days)
        LEFT JOIN e ON e.list = t.list AND e.day = upper(t.days)
    ) t ON t.list = i.list AND t.days && i.days"""
# Only what does not stay the same all along is given.
PIECES: Final = intervals.short(f"""
WITH RECURSIVE {territory.over_time(f"s.days * {WINDOW}")},
{holding.held_over_time(f"{days('l')} && {WINDOW}", also=_ITEMS, moving=WINDOW)}
SELECT p.unit, p.subject, p.matter, p.role, p.mode, p.sender AS from, p.instrument, p.brings, p.due_on,
    lower(p.days) AS since, upper(p.days) AS until, p.begun_by, p.ended_by
FROM (
    SELECT p.*, count(*) OVER one AS pieces FROM piece p WINDOW one AS (PARTITION BY p.unit, p.subject)
) p
WHERE p.pieces > 1 OR p.days <> {WINDOW}
ORDER BY p.unit, p.subject, p.mode = 'vested', p.position
LIMIT {MOST + 1}
""")


class TooMany(Exception):
    """More began, ended or changed than one question goes through (MOST). `text` says so in zh and en."""

    code = "too-costly"
    text = Text(
        f"两日之间的变化超过 {MOST} 项：请缩小范围或缩短时间，分几次查询。",
        f"More than {MOST} changes between the days: ask about a smaller territory or a shorter time.",
    )


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
    of ATTRIBUTES does; `from` is read as its successor. In order of day, unit (items first), subject. Raises TooMany.
    """
    rows = await reader.fetch(PIECES, within, position, after, until)
    if len(rows) > MOST:
        raise TooMany
    return await asyncio.to_thread(_ordered, rows, after, until)  # thousands of rows: others are answered meanwhile


def _ordered(rows: Sequence[NamedRow], after: date, until: date) -> list[Change]:
    results: list[Change] = []
    for (unit, subject), group in groupby(rows, lambda row: (row["unit"], row["subject"])):
        same = list(group)
        pieces = [_piece(row) for row in same]
        results += _happened(unit, subject, same[0]["matter"], pieces, after, until)
    return sorted(results, key=lambda change: (change.on, change.unit or "", change.subject))
