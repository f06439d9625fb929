"""Taking back, of a viewer: only what it can see, and nothing of what rests on that elsewhere is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry.access.territory import Territory
from registry.domain.text import Text
from registry.impact.undoing import Preview
from registry.queries.history import decisions
from registry.recording.undo import CannotUndo, need_count
from registry.relations.two_times import Reader, newest

RESTS_ELSEWHERE = Text(
    "还有不在您范围内的记录以它为据，须由负责那些单位的账号处理。",
    "Recordings outside your territory rest on it: it takes an account for those units.",
)


async def need_positions(own: Territory, reader: Reader, positions: Sequence[int]) -> None:
    """Raise CannotUndo, in the words for a position that there is not, where one cannot be seen."""
    need_count(len(positions))
    hidden = await _hidden(own, reader, positions)
    if hidden:
        last = await newest(reader)
        zh, en = (
            f"没有序号 {hidden[0]}，日志到 {last} 为止。",
            f"There is no position {hidden[0]}; the log goes up to {last}.",
        )
        raise CannotUndo("unknown-position", Text(zh, en))


async def of_own(own: Territory, reader: Reader, preview: Preview) -> Preview:
    """The preview with the findings of the viewer's units alone. Raises CannotUndo where it would tell of others."""
    if own.codes is None:
        return preview
    plan, simulation, codes = preview.undo, preview.simulation, own.codes
    others = [
        *plan.positions,
        *plan.goes_with,
        *(each.position for each in plan.resting),
        *(at for at, _ in plan.problems),
    ]
    if await _hidden(own, reader, others):
        raise CannotUndo("forbidden", RESTS_ELSEWHERE)
    if simulation is None:
        return preview
    opened = [finding for finding in simulation.opened if finding.unit in codes]
    closed = [finding for finding in simulation.closed if finding.unit in codes]
    return Preview(plan, replace(simulation, opened=opened, closed=closed))


async def _hidden(own: Territory, reader: Reader, positions: Sequence[int]) -> list[int]:
    if own.listed is None or not positions:
        return []
    return sorted({*positions} - await decisions.seen(reader, positions, own.listed))
