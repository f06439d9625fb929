"""Which decisions corrected, annulled or reinstated which: read from their streams as these are folded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from registry.domain.aggregates import KINDS, Aggregate
from registry.domain.decisions import Correction
from registry.log import events
from registry.queries.history.causes import AMENDED, CORRECTIONS, STREAMS
from registry.relations.two_times import NEWEST, Reader

OWN: Final = """
SELECT d.position, t.tag FROM log.decision d, unnest(d.tags) t (tag)
WHERE d.position = ANY($1::bigint[]) AND t.tag NOT LIKE '@%'
"""


@dataclass(slots=True)
class Links:
    """Of one decision: the positions of what corrected it, in order; of a correction, the position that it corrects."""

    corrected_by: list[int] = field(default_factory=list[int])
    corrects: int | None = None


async def links(reader: Reader, positions: Collection[int]) -> dict[int, Links]:
    """What corrected the decisions at these positions, and what these correct; nothing of one with neither."""
    own = await reader.fetch(OWN, sorted(set(positions)))
    tags = sorted({row["tag"] for row in own})
    amended = [row["tag"] for row in await reader.fetch(AMENDED, NEWEST, tags, CORRECTIONS)] if tags else []
    if not amended:
        return {}
    results: dict[int, Links] = {}
    aggregates: dict[str, Aggregate] = {}
    for row in await reader.fetch(STREAMS, NEWEST, amended):
        key, position = row["tag"], row["position"]
        aggregate = aggregates.get(key)
        if aggregate is None:
            aggregate = aggregates[key] = KINDS[key.partition(":")[0]]()
        decision = events.decision_of(row["type"], row["version"], row["data"])
        if isinstance(decision, Correction) and (entry := aggregate.target(decision)) is not None:
            results.setdefault(entry.position, Links()).corrected_by.append(position)
            results.setdefault(position, Links()).corrects = entry.position
        aggregate.apply(position, decision)
    wanted = set(positions)
    return {position: of for position, of in results.items() if position in wanted}
