"""Ways out of a finding: decisions ready to record, each tried before it is offered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import psycopg

from registry.checker import RULES, Finding
from registry.checker.case import Json
from registry.domain.text import Text
from registry.impact.readings import Readings
from registry.impact.remedies.records import load_case
from registry.impact.simulation import patiently, repeatable_read, simulated
from registry.log import recorder
from registry.recording.authority import by_the_program
from registry.telemetry import progress

MOST_TRIED: Final = 6  # ways out of one finding


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way out that closes its finding. `opens`: findings that it would open; `closes`: what else it would close."""

    action: str
    message: Text
    decisions: list[Json]
    opens: list[Finding]
    closes: list[Finding]


def remedies(connection: psycopg.Connection[Any], finding: Finding) -> list[Remedy]:
    """Return the ways out of a finding as the log is now, the best first; none where it does not hold any more.

    The decisions take effect on the finding's day (or the day after its delegation began). Each way out is simulated,
    and left out where it does not close the finding. First come those that open no violation, otherwise the order is
    the rule's own. Raises Busy.
    """

    def ask() -> list[Remedy]:
        with by_the_program(), repeatable_read(connection):
            return _tried(connection, finding)

    return patiently(ask)


def _tried(connection: psycopg.Connection[Any], finding: Finding) -> list[Remedy]:
    known, _ = recorder.head(connection)
    rule = RULES[finding.rule]
    readings = Readings(connection, known)
    snapshot = readings.snapshot(finding.as_of, known, [finding.unit])
    if snapshot.units.read(finding.unit) < 0 or finding.matter not in snapshot.matters.index:
        return []
    case = load_case(connection, snapshot, finding)
    if rule.subjects == "holdings" and case.item is None and case.row is None:
        return []
    offered: list[Remedy] = []
    tried: list[list[Json]] = []
    for way in islice(rule.ways_out(case), MOST_TRIED):
        if not way.decisions or way.decisions in tried:
            continue
        tried.append(way.decisions)
        progress.report(
            10 + 80 * len(tried) // MOST_TRIED, f"正在试算第 {len(tried)} 个办法", f"trying way {len(tried)}"
        )
        outcome = simulated(connection, way.decisions, case.when, readings)
        if not outcome.errors and finding.key in {closed.key for closed in outcome.closed}:
            closes = [closed for closed in outcome.closed if closed.key != finding.key]
            offered.append(Remedy(way.action, way.message, way.decisions, outcome.opened, closes))
    return sorted(offered, key=lambda remedy: any(opened.severity == "V" for opened in remedy.opens))
