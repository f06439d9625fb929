"""Units over time."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Unit
from registry.domain.dates import OPEN
from registry.projections.tables.table import table


class UnitRow(NamedTuple):
    """A unit on days with the same attributes; from its dissolution on with its successor."""

    code: str
    name: str
    level: str
    kind: str
    function: str | None
    parent: str | None
    guided_by: str | None
    stationed_at: str | None
    aliases: tuple[str, ...]
    dissolved: bool
    successor: str | None
    position: int
    valid_from: date
    valid_to: date
    monitored: bool


UNIT: Final = table("unit", UnitRow, identity="code valid_from", aggregate="unit", key="code")


def unit_rows(unit: Unit) -> list[UnitRow]:
    """The rows that a unit makes."""
    registered = unit.registered
    if registered is None:
        return []
    rows: list[UnitRow] = []
    intervals = [(*interval, False) for interval in unit.intervals()]
    if unit.dissolved is not None:
        intervals.append((unit.ends, OPEN, intervals[-1][2], True))
    for start, end, attributes, dissolved in intervals:
        function = attributes["function"] or ("government" if attributes["kind"] == "government" else None)
        rows.append(
            UnitRow(
                code=registered.unit,
                name=attributes["name"],
                level=attributes["level"],
                kind=attributes["kind"],
                function=function,
                parent=attributes["parent"],
                guided_by=attributes["guided_by"],
                stationed_at=attributes["stationed_at"],
                aliases=tuple(attributes["aliases"]),
                dissolved=dissolved,
                successor=unit.dissolved.successor if dissolved and unit.dissolved else None,
                position=unit.introduced_at,
                valid_from=start,
                valid_to=end,
                monitored=attributes["monitored"],
            )
        )
    return rows
