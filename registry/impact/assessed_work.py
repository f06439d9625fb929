"""What is found of the work that units sent in a period, for the assessments beside it."""

from __future__ import annotations

from collections import Counter

import psycopg

from registry.impact.unit_findings import borne_findings
from registry.queries.units.assessments import About, Assessed, Summary, summaries


def summed_up(connection: psycopg.Connection, known: int, gathered: Assessed) -> list[Summary]:
    """Return the summary of each unit, with what is found of what it sent on the last day of the period so far."""
    refs = {each.ref for each in gathered.sent}
    borne = borne_findings(connection, gathered.day, known, gathered.recipients)
    effective = [finding for finding in borne if finding.waived_by is None and finding.subject in refs]
    counts = Counter(finding.subject for finding in effective)
    powerless = {finding.subject for finding in effective if finding.rule == "duty-without-power"}
    return summaries(gathered, {ref: About(count, ref in powerless) for ref, count in counts.items()})
