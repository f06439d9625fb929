"""Findings of some units alone: on a day, and what opened and closed from one day to the next."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import psycopg

from registry.checker import Finding, check_snapshot
from registry.snapshot import load


@dataclass(frozen=True, slots=True)
class FindingChange:
    """Findings that units bear on one day and did not on an earlier one, and those they bore and bear no more."""

    opened: list[Finding]
    closed: list[Finding]


def changes_between(
    connection: psycopg.Connection[Any], known: int, units: Collection[str], days: Sequence[date]
) -> list[FindingChange]:
    """Return what opened and closed for the units from each of the days to the next; waived findings do not count.

    There is one element less than there are days.
    """
    borne = [
        {finding.key: finding for finding in borne_findings(connection, day, known, units) if finding.waived_by is None}
        for day in days
    ]
    return [
        FindingChange(
            [finding for key, finding in after.items() if key not in before],
            [finding for key, finding in before.items() if key not in after],
        )
        for before, after in pairwise(borne)
    ]


def borne_findings(connection: psycopg.Connection[Any], day: date, known: int, units: Collection[str]) -> list[Finding]:
    """Return the findings that these units alone bear on a day, by key, waived ones too.

    A dissolved unit is read as its successor.
    """
    if not units:
        return []
    return check_snapshot(load(connection, day, known, units, only=True), waived=True)
