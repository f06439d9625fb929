"""Assessments of units by others."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Assessment
from registry.domain.dates import OPEN
from registry.domain.decisions import UnitAssessed
from registry.projections.tables.table import Integer, table


class AssessmentRow(NamedTuple):
    """An assessment from the day on which it was made. `made_by`: the decision's `by`."""

    assessment: str
    unit: str
    made_by: str
    period: str
    score: Integer
    text: str | None
    position: int
    valid_from: date
    valid_to: date


ASSESSMENT: Final = table("assessment", AssessmentRow, identity="assessment", aggregate="assessment", key="assessment")


def assessment_rows(assessment: Assessment) -> list[AssessmentRow]:
    """The one row that an assessment makes."""
    return [
        AssessmentRow(
            assessment=assessed.assessment,
            unit=assessed.unit,
            made_by=assessed.by,
            period=assessed.period,
            score=assessed.score,
            text=assessed.text,
            position=position,
            valid_from=assessed.at,
            valid_to=OPEN,
        )
        for position, assessed in assessment.of(UnitAssessed)
    ]
