"""Findings waived."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Waiver
from registry.domain.decisions import FindingWaived
from registry.projections.tables.table import table


class WaiverRow(NamedTuple):
    """A waiver from its day to its `until` or its lifting. `waived_by`: the decision's `by`."""

    rule: str
    subject: str
    unit: str
    waived_by: str
    reason: str
    instrument: str | None
    position: int
    valid_from: date
    valid_to: date


WAIVER: Final = table(
    "waiver", WaiverRow, identity="unit rule subject position", aggregate="waiver", key="rule unit subject"
)


def waiver_rows(waiver: Waiver) -> list[WaiverRow]:
    """A row for each time the finding was waived."""
    return [
        WaiverRow(
            rule=waived.rule,
            subject=waived.subject,
            unit=waived.unit,
            waived_by=waived.by,
            reason=waived.reason,
            instrument=waived.instrument,
            position=position,
            valid_from=waived.at,
            valid_to=waiver.ends(waived),
        )
        for position, waived in waiver.of(FindingWaived)
    ]
