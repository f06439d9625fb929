"""Reports from below held against the findings: of the ref that they name, or of what they may be about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from registry.checker import Finding
from registry.impact.unit_findings import borne_findings
from registry.queries.burdens.reports import Candidate, Report

Reference = tuple[date, str, str]  # a day, the unit that a ref was laid on, and the ref


@dataclass(frozen=True, slots=True)
class Triage:
    """What speaks for a report on its own day, unless waived: findings about the ref it names, else candidates.

    A candidate is a delegation that the report may be about, with the findings about that; it is never assumed.
    """

    findings: list[Finding]
    candidates: list[tuple[Candidate, list[Finding]]]


def report_references(reports: Sequence[Report], likely: Mapping[str, Sequence[Candidate]]) -> list[Reference]:
    """Return the refs of which the findings are wanted, each on the day of its report.

    `likely`: by report, the delegations that it may be about.
    """
    named = [(report.on, report.laid_on, report.about) for report in reports if report.laid_on and report.about]
    return [*named, *(_reference(report, each) for report in reports for each in likely.get(report.report, ()))]


def findings_about(
    connection: psycopg.Connection[Any], known: int, references: Iterable[Reference]
) -> dict[Reference, list[Finding]]:
    """Return the findings about each ref on its day, but for waived ones; the tables are read once for each day."""
    by_day: dict[date, list[Reference]] = defaultdict(list)
    for reference in references:
        by_day[reference[0]].append(reference)
    about: dict[Reference, list[Finding]] = {}
    for day, same_day in by_day.items():
        findings = borne_findings(connection, day, known, {unit for _, unit, _ in same_day})
        effective = [finding for finding in findings if finding.waived_by is None]
        about |= {each: [finding for finding in effective if finding.subject == each[2]] for each in same_day}
    return about


def triage_reports(
    reports: Sequence[Report],
    likely: Mapping[str, Sequence[Candidate]],
    about: Mapping[Reference, list[Finding]],
) -> dict[str, Triage]:
    """Return by report what speaks for it; `about` is what findings_about returned for report_references."""
    return {
        report.report: Triage(
            about.get((report.on, report.laid_on or "", report.about or ""), []),
            [(each, about[_reference(report, each)]) for each in likely.get(report.report, ())],
        )
        for report in reports
    }


def _reference(report: Report, candidate: Candidate) -> Reference:
    return report.on, candidate.delegation.recipient, candidate.delegation.ref
