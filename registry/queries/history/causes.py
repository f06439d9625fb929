"""The decisions behind the causes that `intervals` gives: which decision began or ended a stretch of days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from registry.domain.decisions import TYPES
from registry.queries.history.decisions import COLUMNS, Decision, decision_of
from registry.relations.two_times import Reader

Cause = tuple[str, date]  # as in intervals: `#position` or a thing's tag; and the day it took effect

# Of several decisions about one aggregate on one day, the one that comes first by this order; of equals the last.
_PRECEDENCE: Final = ", ".join(
    f"('{name}', {decision.PRECEDENCE})" for name, decision in TYPES.items() if decision.PRECEDENCE is not None
)
DECISIONS: Final = f"""
SELECT c.cause, c.day, {COLUMNS}
FROM unnest($2::text[], $3::date[]) c (cause, day),
LATERAL (
    SELECT d.*
    FROM (
        SELECT substr(c.cause, 2)::bigint AS position WHERE c.cause LIKE '#%'
        UNION ALL
        SELECT t.position FROM log.tag t WHERE t.tag = c.cause AND t.position <= $1
    ) p JOIN log.decision d USING (position)
    WHERE c.cause LIKE '#%' OR convert_from(d.data, 'UTF8')::json ->> 'at' = c.day::text
    ORDER BY (SELECT o.precedence FROM (VALUES {_PRECEDENCE}) o (type, precedence) WHERE o.type = d.type),
        d.position DESC
    LIMIT 1
) d
"""


async def decisions(reader: Reader, position: int, causes: Collection[Cause]) -> dict[Cause, Decision]:
    """The decision behind each cause, as known at a position.

    A stretch that ends on the day its own delegation says (`until`) is ended by that delegation.
    """
    wanted = sorted(set(causes))
    rows = await reader.fetch(DECISIONS, position, [cause for cause, _ in wanted], [day for _, day in wanted])
    return {(row["cause"], row["day"]): decision_of(row) for row in rows}
