"""What an account of an incident rests on, when that was recorded, and what of it the reader may not see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from registry.access.territory import Territory
from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.web.console.asking import NOT_SEEN
from registry.web.console.view import View
from registry.web.pages.failure import Refused

Data = dict[str, Any]
DUTY: Final = "DUTY"
POWER: Final = "POWER"
KIND: Final = {**MATTER_KIND, "duty": Text("职责", "duty"), "power": Text("权力，不是职责", "power, no duty")}
GOVERNING: Final = ("government", "village")
ABOVE_OUTSIDE: Final = Text(
    "上一级不在您能查看的范围内：是否承担，这里不能说明。",
    "The level above lies outside what you may see: whether it held any of it is not said here.",
)
ABOVE_IN_PART: Final = Text(
    "上一级不在您能查看的范围内，只列出与您的范围有关的承担，可能还有别的。",
    "The level above lies outside what you may see: only what touches your territory is listed, there may be more.",
)
CHAIN_OUTSIDE: Final = Text(
    "再往上的来源不在您能查看的范围内，没有列出。",
    "Where it came from before that lies outside what you may see and is not listed.",
)
NO_CASES: Final = Text("没有类似的案例。", "There is no case like it.")
NO_CASES_SEEN: Final = Text("您能查看的范围内没有类似的案例。", "There is no case like it within what you may see.")
TO_COME: Final = Text(
    "这一天还没有到：以下只按已登记的记录推算，不能作为已经发生的事实。",
    "This day is still to come: what follows is what the records so far make of it, and no fact.",
)


@dataclass(frozen=True, slots=True)
class Outside:
    """Of which parts of an answer some may lie outside what the reader sees."""

    above: bool
    chain: bool
    cases: bool


def outside_of(data: Data, own: Territory) -> Outside:
    """What the answer lacks for who sees no more than a territory: there the API leaves out what is not of it."""
    over = data["unit"]["parent"]
    while over is not None and over["kind"] not in GOVERNING:
        over = over.get("parent")
    chain: list[Data] = data["accountability"]["chain"]
    begins = chain[-1]["from"] if chain and chain[-1]["by"] != "law" else None
    return Outside(
        above=over is not None and not own.has(over["code"]),
        chain=begins is not None and not own.has(begins["code"]),
        cases=not own.everywhere,
    )


async def recorded_at(view: View, positions: set[int]) -> dict[int, str]:
    """When each of these decisions was recorded, by its position; those that the reader sees."""

    async def of(position: int) -> Data | None:
        try:
            return (await view.ask("recorded", position=position))["decision"]
        except Refused as refused:
            if refused.code not in NOT_SEEN:
                raise
            return None

    seen = await asyncio.gather(*(of(position) for position in sorted(positions)))
    return {one["position"]: one["recordedAt"] for one in seen if one}


def positions_of(*holdings: Iterable[Data]) -> set[int]:
    """The decisions that these holdings come from."""
    return {one["position"] for each in holdings for one in each}
