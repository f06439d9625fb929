"""The orders of findings: what each sorts by, and the place of a finding in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from registry.checker import Finding
from registry.queries.findings.counts import CountedFinding

ORDERS: Final = ("severity", "unit", "rule", "since_oldest", "since_newest")
BY_SINCE: Final = ("since_oldest", "since_newest")
SortKey = tuple[int, str, str, str]
FirstDays = Mapping[tuple[str, str, str], date | None]
AnyFinding = TypeVar("AnyFinding", Finding, CountedFinding)

_GRAVEST_FIRST: Final = ("V", "W", "R")
_NO_DAY: Final = 10_000_000  # after every day, in either order


def sort_key(finding: Finding | CountedFinding, order: str, first_days: FirstDays) -> SortKey:
    """Where a finding stands in an order: places compare as the findings are to follow each other.

    severity: the gravest first; since_oldest and since_newest: by the first day in which it holds (`first_days`, by
    key), those of which none is known last; within the same, and for rule: by rule, unit and subject; unit: by unit,
    rule and subject.
    """
    rule, unit, subject = finding.key
    if order == "unit":
        return 0, unit, rule, subject
    rank = 0
    if order == "severity":
        rank = _GRAVEST_FIRST.index(finding.severity)
    elif order in BY_SINCE:
        first = first_days.get(finding.key)
        rank = _NO_DAY if first is None else first.toordinal() if order == "since_oldest" else -first.toordinal()
    return rank, rule, unit, subject


def ordered(findings: Sequence[AnyFinding], order: str, first_days: FirstDays) -> list[tuple[SortKey, AnyFinding]]:
    """The findings in an order, each with its place."""
    return sorted(((sort_key(each, order, first_days), each) for each in findings), key=lambda pair: pair[0])
