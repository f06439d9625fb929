"""Ways out of a finding: decisions ready to record, each tried before it is offered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import psycopg

from registry.checker import Finding
from registry.domain.text import Text
from registry.impact.remedies.case import Json, opened
from registry.impact.remedies.ways import WAYS
from registry.impact.simulation import patiently, repeatable_read, simulated
from registry.log import recorder
from registry.snapshot import load

TRIED: Final = 6  # ways of one finding at most


@dataclass(frozen=True, slots=True)
class Remedy:
    """A way out that closes its finding. `opens`: what it would open; `closes`: what else it closes."""

    action: str
    message: Text
    decisions: list[Json]
    opens: list[Finding]
    closes: list[Finding]


def remedies(connection: psycopg.Connection[Any], finding: Finding) -> list[Remedy]:
    """The ways out of a finding as the log stands now, the best first; none where it does not hold any more.

    The decisions take effect on the finding's day (or the day after its delegation began). Each is simulated: it closes
    the finding. First come those that open no violation, otherwise the order is the rule's own. Raises Busy.
    """

    def ask() -> list[Remedy]:
        with repeatable_read(connection):
            return _tried(connection, finding)

    return patiently(ask)


def _tried(connection: psycopg.Connection[Any], finding: Finding) -> list[Remedy]:
    known, _ = recorder.head(connection)
    snapshot = load(connection, finding.as_of, known, [finding.unit], only=True)
    if snapshot.units.read(finding.unit) < 0 or finding.matter not in snapshot.matters.index:
        return []
    case = opened(connection, snapshot, finding)
    if case.item is None and case.row is None and finding.rule != "certificate-demand":
        return []
    found: list[Remedy] = []
    seen: list[list[Json]] = []
    for way in islice(WAYS[finding.rule](case), TRIED):
        if not way.decisions or way.decisions in seen:
            continue
        seen.append(way.decisions)
        outcome = simulated(connection, way.decisions, case.when)
        closed = {closing.key for closing in outcome.closed}
        if finding.key in closed and not outcome.errors:
            closes = [closing for closing in outcome.closed if closing.key != finding.key]
            found.append(Remedy(way.action, way.message, way.decisions, outcome.opened, closes))
    return sorted(found, key=lambda remedy: any(opening.severity == "V" for opening in remedy.opens))
