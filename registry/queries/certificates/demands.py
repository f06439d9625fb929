"""Certificates demanded of villages, counted by the unit that demands them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg

from registry import snapshot as snapshots
from registry.checker.rules.certificate_demand import RULE, verdicts
from registry.relations.two_times import LAST


@dataclass(frozen=True, slots=True)
class Demanding:
    """What one unit demanded. `matters`: how often each certificate that it should not have, the most frequent first.

    `demanded` counts every demand; `forbidden` those of what a negative list forbade on the day, `unlisted` those of
    what was on none of the closed lists; `waived` says how many of these two the rule certificate-demand is waived for.
    """

    unit: str
    demanded: int
    forbidden: int
    unlisted: int
    waived: int
    villages: int  # of how many it demanded what it should not have
    matters: tuple[tuple[str, int], ...]
    refs: tuple[str, ...]  # of the demands that should not have been, by day

    @property
    def order(self) -> tuple[Any, ...]:
        """Those that should not have demanded so much first."""
        return (-self.forbidden - self.unlisted, -self.demanded, self.unit)


def demands(
    connection: psycopg.Connection[Any],
    within: str,
    since: date,
    until: date,
    known: int,
    seen: Container[str] | None = None,
) -> list[Demanding]:
    """Who demanded certificates from `since` to `until`, both included, of villages that are in a territory on `until`.

    Each demand is judged by the rule certificate-demand: by the lists of its own day. A unit dissolved by `until` is
    counted as its successor. `seen`: demands of these villages alone.
    """
    snapshot = snapshots.load(connection, min(until, LAST), known, within)
    recorded, units = snapshot.demands, snapshot.units
    wrong = snapshot.once(verdicts)
    rows: dict[int, list[int]] = defaultdict(list)
    for row in range(len(recorded)):
        village = units.code[int(recorded.recipient[row])]
        if seen is not None and village not in seen:
            continue
        if snapshot.territory[recorded.recipient[row]] and since.toordinal() <= recorded.day[row] <= until.toordinal():
            named = int(recorded.sender_named[row])
            reads_as = int(units.reads_as[named])
            rows[reads_as if reads_as >= 0 else named].append(row)
    results: list[Demanding] = []
    for unit, of in rows.items():
        bad = sorted((row for row in of if row in wrong), key=lambda row: (int(recorded.day[row]), recorded.ref[row]))
        forbidden = sum(wrong[row].item is not None for row in bad)
        matters = Counter(snapshot.matters.code[int(recorded.matter[row])] for row in bad)
        keys = ((RULE.name, int(recorded.recipient[row]), recorded.ref[row]) for row in bad)
        results.append(
            Demanding(
                units.code[unit],
                len(of),
                forbidden,
                len(bad) - forbidden,
                sum(key in snapshot.waivers for key in keys),
                len({int(recorded.recipient[row]) for row in bad}),
                tuple(sorted(matters.items(), key=lambda one: (-one[1], one[0]))),
                tuple(recorded.ref[row] for row in bad),
            )
        )
    return sorted(results, key=lambda one: one.order)
