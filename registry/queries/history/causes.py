"""The decisions behind the causes that `intervals` gives: which decision began or ended a stretch of days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from registry.domain.aggregates import KINDS, Aggregate
from registry.domain.decision import Step
from registry.domain.decisions import TYPES, Corrected
from registry.log import events
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


# Of these streams, those in which something was corrected.
AMENDED: Final = """
SELECT DISTINCT t.tag FROM log.tag t JOIN log.decision d USING (position)
WHERE t.tag = ANY($2::text[]) AND t.position <= $1 AND d.type = ANY($3::text[])
"""
STREAMS: Final = f"""
SELECT t.tag, {COLUMNS} FROM log.tag t JOIN log.decision d USING (position)
WHERE t.tag = ANY($2::text[]) AND t.position <= $1 ORDER BY t.position
"""
CORRECTIONS: Final = [name for name, decision in TYPES.items() if decision.STEP is Step.CORRECTS]


async def decisions(reader: Reader, position: int, causes: Collection[Cause]) -> dict[Cause, Decision]:
    """The decision behind each cause, as known at a position.

    A stretch that ends on the day its own delegation says (`until`) is ended by that delegation. Of a decision that was
    corrected its corrected day counts; where a correction set that day, the correction is the cause. One that was
    annulled is none.
    """
    wanted = sorted(set(causes))
    keys = sorted({cause for cause, _ in wanted if not cause.startswith("#")})
    amended = {row["tag"] for row in await reader.fetch(AMENDED, position, keys, CORRECTIONS)} if keys else set[str]()
    plain = [cause for cause in wanted if cause[0] not in amended]
    rows = await reader.fetch(DECISIONS, position, [cause for cause, _ in plain], [day for _, day in plain])
    results = {(row["cause"], row["day"]): decision_of(row) for row in rows}
    if amended:
        results |= await _as_corrected(reader, position, [cause for cause in wanted if cause[0] in amended])
    return results


async def _as_corrected(reader: Reader, position: int, causes: Collection[Cause]) -> dict[Cause, Decision]:
    """The decisions behind causes in streams in which something was corrected: these are folded."""
    aggregates: dict[str, Aggregate] = {}
    recorded: dict[int, Decision] = {}
    moved: dict[int, int] = {}  # decisions whose day was corrected, and the last correction that set it
    for row in await reader.fetch(STREAMS, position, sorted({key for key, _ in causes})):
        key = row["tag"]
        aggregate = aggregates.get(key)
        if aggregate is None:
            aggregate = aggregates[key] = KINDS[key.partition(":")[0]]()
        decision = events.decision_of(row["type"], row["version"], row["data"])
        if isinstance(decision, Corrected) and "at" in decision.set_:
            entry = aggregate.target(decision)
            if entry is not None:
                moved[entry.position] = row["position"]
        aggregate.apply(row["position"], decision)
        recorded[row["position"]] = decision_of(row)
    results: dict[Cause, Decision] = {}
    for key, day in causes:
        on_day = [(each.PRECEDENCE, -at, at) for at, each in aggregates[key].effective() if each.at == day]
        if on_day:
            *_, at = min(on_day, key=lambda one: (one[0] is None, one[0] or 0, one[1]))
            results[key, day] = recorded[moved.get(at, at)]
    return results
