"""Reports from below held against the findings: of the ref that they name, or of what they may be about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from registry.checker import Finding
from registry.impact.unit_findings import borne
from registry.queries.burdens.reports import Candidate, Report

Asked = tuple[date, str, str]  # a day, the unit that a ref was laid on, and the ref


@dataclass(frozen=True, slots=True)
class Triage:
    """What speaks for a report on its own day, unless waived: findings about the ref it names, else candidates.

    A candidate is a delegation that the report may be about, with the findings about that; it is never assumed.
    """

    findings: list[Finding]
    candidates: list[tuple[Candidate, list[Finding]]]


def asked_about(told: Sequence[Report], likely: Mapping[str, Sequence[Candidate]]) -> list[Asked]:
    """The refs of which the findings are wanted, each on the day of its report."""
    named = [(each.on, each.laid_on, each.about) for each in told if each.laid_on and each.about]
    return [*named, *(_of(report, each) for report in told for each in likely.get(report.report, ()))]


def said_of(connection: psycopg.Connection[Any], known: int, asked: Iterable[Asked]) -> dict[Asked, list[Finding]]:
    """The findings about each ref on its day, but for waived ones; one reading of the tables for each day."""
    by_day: dict[date, list[Asked]] = defaultdict(list)
    for each in asked:
        by_day[each[0]].append(each)
    answers: dict[Asked, list[Finding]] = {}
    for day, same in by_day.items():
        found = [one for one in borne(connection, day, known, {unit for _, unit, _ in same}) if one.waived_by is None]
        answers |= {each: [finding for finding in found if finding.subject == each[2]] for each in same}
    return answers


def triaged(
    told: Sequence[Report], likely: Mapping[str, Sequence[Candidate]], said: Mapping[Asked, list[Finding]]
) -> dict[str, Triage]:
    """By report: what speaks for it."""
    return {
        report.report: Triage(
            said.get((report.on, report.laid_on or "", report.about or ""), []),
            [(each, said[_of(report, each)]) for each in likely.get(report.report, ())],
        )
        for report in told
    }


def _of(report: Report, candidate: Candidate) -> Asked:
    return report.on, candidate.delegation.recipient, candidate.delegation.ref
