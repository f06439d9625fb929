"""Reports from below, and their answers."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Report, by_day
from registry.domain.dates import OPEN
from registry.domain.decisions import BurdenReported, ReportAnswered
from registry.projections.tables.table import table


class ReportRow(NamedTuple):
    """A report on days with the same answer: the latest by `valid_from`."""

    report: str
    unit: str
    text: str
    about: str | None
    outcome: str | None
    answered_by: str | None
    answer: str | None
    position: int
    valid_from: date
    valid_to: date


REPORT: Final = table("report", ReportRow, identity="report valid_from", aggregate="report", key="report")


def report_rows(report: Report) -> list[ReportRow]:
    """The rows that a report makes."""
    rows: list[ReportRow] = []
    for position, reported in report.of(BurdenReported):
        answers: dict[date, ReportAnswered | None] = {reported.at: None}
        for _, answer in by_day(report.of(ReportAnswered)):
            answers[max(answer.at, reported.at)] = answer
        days = sorted(answers)
        for start, end in zip(days, [*days[1:], OPEN], strict=True):
            answer = answers[start]
            rows.append(
                ReportRow(
                    report=reported.report,
                    unit=reported.unit,
                    text=reported.text,
                    about=reported.about,
                    outcome=answer.outcome if answer else None,
                    answered_by=answer.by if answer else None,
                    answer=answer.text if answer else None,
                    position=position,
                    valid_from=start,
                    valid_to=end,
                )
            )
    return rows
