"""Powers vested in one unit by name."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Vesting
from registry.domain.decisions import PowerVested
from registry.projections.tables.table import table


class VestingRow(NamedTuple):
    """A power vested in a unit; it is in force while its instrument is, too."""

    power: str
    unit: str
    instrument: str
    position: int
    valid_from: date
    valid_to: date


VESTING: Final = table("vesting", VestingRow, identity="power unit position", aggregate="vesting", key="power unit")


def vesting_rows(vesting: Vesting) -> list[VestingRow]:
    """A row for each time the power was vested in the unit."""
    return [
        VestingRow(
            power=vested.power,
            unit=vested.unit,
            instrument=vested.instrument,
            position=position,
            valid_from=vested.at,
            valid_to=vesting.ends(vested),
        )
        for position, vested in vesting.of(PowerVested)
    ]
