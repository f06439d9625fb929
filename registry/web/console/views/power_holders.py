"""Who holds a power within a territory, and which of them effectively: a grant that is recorded may be void."""

from __future__ import annotations

import asyncio

from registry.web.console.asking import NOT_SEEN, Data
from registry.web.console.view import View
from registry.web.pages.failure import Refused


async def power_holders(view: View, power: str, within: str) -> tuple[Data | None, list[tuple[Data, bool]]]:
    """The power, None where it is none; and its holdings within a territory, each with whether it is effective."""
    answer = await view.ask("power_holders", matter=power, within=within)
    nodes: list[Data] = answer["holdersPage"]["nodes"] if answer["holdersPage"] else []
    codes = sorted({one["unit"]["code"] for one in nodes})
    effective = dict(zip(codes, await asyncio.gather(*(_effective(view, code) for code in codes)), strict=True))
    return answer["matter"], [(one, power in effective[one["unit"]["code"]]) for one in nodes]


async def _effective(view: View, code: str) -> set[str]:
    """The powers that a unit effectively holds; none where the reader may not see the unit's."""
    try:
        unit = (await view.ask("effective_powers", code=code))["unit"]
    except Refused as refused:
        if refused.code not in NOT_SEEN:
            raise
        unit = None
    return {one["power"]["code"] for one in unit["powers"] if one["effective"]} if unit else set()
