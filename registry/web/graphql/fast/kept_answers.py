"""Answers about a unit's duties kept in a server process, and given again while they hold.

Nothing tells a process that what it keeps has changed, for others record, too: one short statement asks the log and the
read tables, at each question, whether anything was recorded since that the answer could rest on. Its rows say so
themselves: what a delegation to the unit came to be has a row known from, or no longer known from, a later position.
What else a unit's duties rest on changes seldom, and any decision about it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cachetools import LRUCache

from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.relations.two_times import NEWEST, changed_after
from registry.web.graphql.fast.compiled import HEAD

BYTES: Final = 32 * 1024 * 1024  # of answers that one process keeps
LATER: Final = 200  # decisions recorded since that are looked at; after more than these it is asked anew
# What the duties of a unit, their matters, senders and documents rest on, besides the delegations to the unit.
RESTED_ON: Final = ("unit", "matter", "list", "item", "instrument")
TOUCHING: Final = [
    name for name, decision in TYPES.items() if decision.aggregate_kind() in RESTED_ON or decision.STEP is Step.CORRECTS
]
# The newest decision's position and time of recording, where an answer of position $1, whose decision was recorded at
# $2, is what would be answered now about unit $3. A unit that others were dissolved into is asked about anew: what they
# received is its own. $4: TOUCHING.
HOLDS: Final = f"""
SELECT head.position, head.recorded_at FROM {HEAD} head
WHERE head.position = $1 AND head.recorded_at = $2
    OR head.position > $1 AND head.position <= $1 + {LATER}
    AND EXISTS (SELECT FROM log.decision d WHERE d.position = $1 AND d.recorded_at = $2)
    AND NOT EXISTS (SELECT FROM log.decision d WHERE d.position > $1 AND d.type = ANY ($4::text[]))
    AND NOT EXISTS (SELECT FROM delegation d WHERE d.recipient = $3 AND {changed_after("d", "$1")})
    AND NOT EXISTS (SELECT FROM unit u WHERE u.successor = $3)
"""


@dataclass(slots=True)
class _Kept:
    body: bytes
    position: int  # of the newest decision when it was answered, or was seen to hold still
    recorded_at: datetime


class KeptAnswers:
    """The answers that one process keeps, by statement and arguments; those used least lately go first."""

    def __init__(self) -> None:
        self._kept: LRUCache[tuple[Any, ...], _Kept] = LRUCache(BYTES, getsizeof=lambda each: len(each.body) + 500)

    def keep(self, sql: str, arguments: tuple[Any, ...], body: bytes, position: int, recorded_at: datetime) -> None:
        """Keep an answer as of the log's newest decision; what was asked of an earlier position is not kept."""
        key = _key(sql, arguments)
        if key is not None and len(body) < BYTES // 64:
            self._kept[key] = _Kept(body, position, recorded_at)

    async def again(self, pool: Any, sql: str, arguments: tuple[Any, ...], at: int | None) -> bytes | None:
        """The answer, where it is kept and holds still; `at`: only if this is the log's newest position."""
        key = _key(sql, arguments)
        kept = None if key is None else self._kept.get(key)
        if kept is None:
            return None
        (unit,) = arguments[2]
        newest = await pool.fetchrow(HOLDS, kept.position, kept.recorded_at, unit, TOUCHING)
        if newest is None:
            return None
        kept.position, kept.recorded_at = newest
        return kept.body if at in (None, kept.position) else None


def _key(sql: str, arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    day, position, units, *more = arguments
    return (sql, day, *units, *more) if position == NEWEST else None
