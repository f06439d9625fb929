"""The territory that a view shows where its address names none: the first of the reader's own."""

from __future__ import annotations

from registry.web.console.asking import Data
from registry.web.console.view import View
from registry.web.console.views import territories
from registry.web.pages import address as lookup


async def territory_of(view: View) -> Data:
    """The unit in `?within=`, by code or name, as `view.unit` gives it; else the highest unit that is the reader's.

    Raises Refused, unknown-unit: there is no such unit, or no unit at all.
    """
    given = view.parameter("within")
    if given:
        return await view.unit(given)
    own = await territories.own(view)
    if not own:
        lookup.refuse("unknown-unit", "登记簿里还没有单位。", "There is no unit in the registry yet.")
    return await view.unit(own[0]["code"])
