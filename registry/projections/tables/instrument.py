"""Instruments: in force from issue to repeal."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Instrument
from registry.domain.dates import OPEN
from registry.projections.tables.table import table


class InstrumentRow(NamedTuple):
    """An instrument from its issue to its repeal."""

    number: str
    title: str
    kind: str
    issuer: str | None
    replaced_by: str | None
    reenacted: bool
    position: int
    valid_from: date
    valid_to: date


INSTRUMENT: Final = table("instrument", InstrumentRow, identity="number", aggregate="instrument", key="number")


def instrument_rows(instrument: Instrument) -> list[InstrumentRow]:
    """The row that an instrument makes."""
    issued, repealed = instrument.issued, instrument.repealed
    if issued is None:
        return []
    row = InstrumentRow(
        number=issued.instrument,
        title=issued.title,
        kind=issued.kind,
        issuer=issued.issuer,
        replaced_by=repealed.replaced_by if repealed else None,
        reenacted=(repealed.reenacted or False) if repealed else False,
        position=instrument.introduced_at,
        valid_from=issued.at,
        valid_to=repealed.at if repealed else OPEN,
    )
    return [row]
