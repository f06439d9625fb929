"""The territories of a reader: of its roles; where these are for the whole registry, its highest units."""

from __future__ import annotations

from typing import Final

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.viewing import territory

LEVELS: Final = ("CENTRAL", "PROVINCE", "PREFECTURE", "COUNTY")
COLUMNS: Final = (
    Column("unit", Text("单位", "Unit"), chinese=True, width=30),
    Column("level", Text("层级", "Level"), width=10),
)


async def table(view: View) -> Table:
    """The territories in which the reader may look, each with its overview's address."""
    units = await own(view)
    rows = rows_of(
        units,
        unit=lambda one: Cell(one["name"], href=view.href(f"/overview/{one['code']}"), code=one["code"]),
        level=lambda one: view.localized(*labels.LEVEL[one["level"].lower()]),
    )
    empty = Text("您的角色没有可查看的地域。", "Your roles give no territory to look at.")
    return Table("territories", Text("我的地域", "My territories"), COLUMNS, rows, empty)


async def own(view: View) -> list[Data]:
    """The units of the reader's roles, highest first; where these are for all, the highest governments there are."""
    seen = await territory(view.request, await view.resources.pool())
    if not seen.everywhere:
        units = [await view.unit(root) for root in seen.roots]
        return sorted(units, key=lambda one: (LEVELS.index(one["level"]) if one["level"] in LEVELS else 9, one["code"]))
    results: list[Data] = []
    for level in LEVELS:
        units = await view.ask_all("top_units", "units", level=level)
        governments = [one for one in units if one["kind"] == "government"]
        results += governments
        if len(governments) > 1:
            break
    return results
