"""What became of a draft after it was recorded: whether any of it was taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.drafting.kept import Line, Reader
from registry.web.console.tables import Cell
from registry.web.console.view import View
from registry.web.graphql.relay import MOST
from registry.web.pages.failure import Refused

LOOKED_AT: Final = MOST  # positions from the first on
AT_ONCE: Final = 8  # drafts that are asked about side by side


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
    return annulled([one for one in answer["decisions"] if one["position"] in own])


def annulled(decisions: Iterable[Data]) -> TakenBack | None:
    """What was taken back of decisions, each with its `correctedBy`; None where nothing was, or it was brought back."""
    last = [one["correctedBy"][-1] for one in decisions if one["correctedBy"]]
    gone = [each for each in last if each["type"] == "Annulled"]
    if not gone:
        return None
    newest = max(gone, key=lambda each: each["position"])
    day = datetime.fromisoformat(newest["recordedAt"]).astimezone(SHANGHAI).date()
    return TakenBack(len(gone), newest["position"], str(day))


async def all_taken_back(view: View, rows: Sequence[Line]) -> dict[str, TakenBack]:
    """By draft what was taken back of what it was recorded as; of nothing taken back nothing."""
    gone: dict[str, TakenBack] = {}
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        answers = await asyncio.gather(*(taken_back(view, row.positions) for row in some))
        gone |= {row.id: answer for row, answer in zip(some, answers, strict=True) if answer is not None}
    return gone


def state_cell(view: View, row: Line, reader: Reader, gone: TakenBack | None) -> Cell:
    """What became of a draft, in a list of drafts: taken back by which decision, recorded, proposed, shared."""
    if gone is not None:
        whole = gone.number == len(row.positions)
        text = Text("已撤回", "taken back") if whole else Text("部分已撤回", "taken back in part")
        return Cell(view.localized(*text), href=view.href(f"/decisions/{gone.position}"))
    if row.done is not None:
        text = Text("已申请准入", "proposed") if row.done == "proposed" else Text("已记录", "recorded")
    elif not row.shared:
        text = Text("草稿", "draft")
    else:
        text = Text("已共享", "shared") if row.account == reader.account else Text("他人共享", "shared by another")
    return Cell(view.localized(*text))
