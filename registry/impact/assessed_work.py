"""What is found of the work that units sent in a period, for the assessments beside it."""

from __future__ import annotations

from collections import Counter

import psycopg

from registry.impact.unit_findings import borne_findings
from registry.queries.units.assessments import About, Assessed, Summary, summaries
from registry.relations.two_times import NAMED


def summed_up(connection: psycopg.Connection, known: int, gathered: Assessed) -> list[Summary]:
    """Return the summary of each unit, with what is found of what it sent on the last day of the period so far."""
    refs = {each.ref for each in gathered.sent}
    borne = borne_findings(connection, gathered.day, known, gathered.recipients)
    effective = [finding for finding in borne if finding.waived_by is None and finding.subject in refs]
    counts = Counter(finding.subject for finding in effective)
    powerless = {finding.subject for finding in effective if finding.rule == "duty-without-power"}
    late = {finding.subject for finding in borne if finding.rule == "rectification-overdue" and not finding.waived_by}
    query = f"SELECT subject FROM rectification WHERE ref = ANY(%(refs)s) AND {NAMED.at()}"
    named = {"refs": sorted(late), "day": gathered.day, "known": known}
    overdue = Counter(row[0] for row in connection.execute(query, named)) if late else Counter[str]()
    return summaries(gathered, {ref: About(count, ref in powerless, overdue[ref]) for ref, count in counts.items()})
