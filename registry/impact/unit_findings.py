"""Findings of some units alone: on a day, and what opened from one day to the next."""

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
class Opened:
    """Findings that units bear on one day and did not on an earlier one, and those they bore and bear no more."""

    opened: list[Finding]
    closed: list[Finding]


def opened(
    connection: psycopg.Connection[Any], known: int, units: Collection[str], days: Sequence[date]
) -> list[Opened]:
    """What opened and closed for the units from each of the days to the next; waived findings do not count."""
    sets = [{one.key: one for one in borne(connection, day, known, units) if one.waived_by is None} for day in days]
    return [
        Opened(
            [finding for key, finding in after.items() if key not in before],
            [finding for key, finding in before.items() if key not in after],
        )
        for before, after in pairwise(sets)
    ]


def borne(connection: psycopg.Connection[Any], day: date, known: int, units: Collection[str]) -> list[Finding]:
    """The findings that these units alone bear on a day, by key, waived ones too; a dissolved one is its successor."""
    if not units:
        return []
    return check_snapshot(load(connection, day, known, units, only=True), waived=True)
