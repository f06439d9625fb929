"""An undoing in words: what each recording was, what is done to it, and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.domain.decisions import Decision
from registry.domain.lines import from_object
from registry.domain.text import Text
from registry.queries.history import decisions as log_decisions
from registry.queries.history.headlines import headlines
from registry.relations.two_times import Reader

ACTIONS: Final[Mapping[str, Text]] = {
    "Annulled": Text("撤销", "annulled"),
    "Reinstated": Text("恢复", "reinstated"),
    "Corrected": Text("改回", "set back"),
}
ENDED_AGAIN: Final = Text("重新记为终止", "ended again")  # an end that had been taken back
ANEW: Final = Text("重新记录", "recorded anew")  # what cannot be reinstated, for its name was used again


@dataclass(frozen=True, slots=True)
class Line:
    """A recording: its position, type and day, and what it says in one line."""

    position: int
    type: str
    at: date
    text: Text


def action(steps: Sequence[Mapping[str, Any]]) -> Text:
    """What the decisions (journal objects) that take a recording back do to it."""
    first = steps[0]["type"]
    return ACTIONS.get(first, ENDED_AGAIN if first == "DelegationEnded" else ANEW)


async def lines(reader: Reader, positions: Sequence[int]) -> dict[int, Line]:
    """The recordings at these positions, by position."""
    rows: dict[int, Decision] = {}
    for row in await log_decisions.at_positions(reader, positions):
        rows[row.position] = from_object(row.data)
    texts = await headlines(reader, list(rows.values()))
    return {
        position: Line(position, decision.type, decision.at, text)
        for (position, decision), text in zip(rows.items(), texts, strict=True)
    }
