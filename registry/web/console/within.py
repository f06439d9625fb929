"""The territory that a view shows where its address names none: the reader's own, else the whole of the registry."""

from __future__ import annotations

from typing import Final

from registry.access.territory import READING
from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.pages import address as lookup
from registry.web.viewing import viewer

LEVELS: Final = ("PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP")


async def territory_of(view: View) -> str:
    """The code or name in `?within=`; else the first unit of the reader's roles, else the highest unit there is.

    Raises Refused, unknown-unit: there is no unit at all.
    """
    given = view.parameter("within")
    if given:
        return given
    own = sorted(unit for unit in viewer(view.request).units(*READING) if unit is not None)
    if own:
        return own[0]
    units: list[Data] = []
    for level in LEVELS:
        units = units or (await view.ask("highest", level=level))["units"]["nodes"]
    if units:
        return units[0]["code"]
    return lookup.refuse("unknown-unit", "登记簿里还没有单位。", "There is no unit in the registry yet.")
