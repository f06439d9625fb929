"""What became of a draft after it was recorded: whether any of it was taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.domain.dates import SHANGHAI
from registry.web.console.view import View
from registry.web.graphql.relay import MOST
from registry.web.pages.failure import Refused

LOOKED_AT: Final = MOST  # positions from the first on


@dataclass(frozen=True, slots=True)
class TakenBack:
    """How many of a draft's decisions do not stand any more, by which decision the last went, and on which day."""

    number: int
    position: int
    day: str


async def taken_back(view: View, positions: Sequence[int]) -> TakenBack | None:
    """What was taken back of the decisions at these positions; None where nothing was, or the reader may not see it."""
    if not positions:
        return None
    first = min(LOOKED_AT, positions[-1] - positions[0] + 1)
    try:
        answer = await view.ask("draft_corrections", after=positions[0] - 1, first=first)
    except Refused:
        return None
    own = set(positions)
    last = [one["correctedBy"][-1] for one in answer["decisions"] if one["position"] in own and one["correctedBy"]]
    gone = [each for each in last if each["type"] == "Annulled"]
    if not gone:
        return None
    newest = max(gone, key=lambda each: each["position"])
    day = datetime.fromisoformat(newest["recordedAt"]).astimezone(SHANGHAI).date()
    return TakenBack(len(gone), newest["position"], str(day))
