"""Which step opened or closed which finding.

Steps are gathered as long as no two of them bear on the same thing: the same unit and matter. Then the findings of all
units that they bear on are looked at once, after the last of them, and each that is new or gone is the doing of the
one step that bears on its unit and matter. Where two steps bear on the same, it is looked at between them. So a finding
that opens and closes within one import is reported too, and a thousand decisions about different things cost one look.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import psycopg

from registry import checker
from registry.checker import RULES, FindingRow
from registry.checker.holdings import matter_of
from registry.domain.text import Text
from registry.impact.affected_units import ANY, About, quota
from registry.impact.finding_feed.steps import Bearing, Step
from registry.impact.finding_feed.store import Event, OpenFinding, Store
from registry.snapshot import Snapshot, load

Touched = Mapping[str, set[About]]  # units, and what findings of them a step may change
STEPS: Final = 1000  # gathered at most
UNITS: Final = 300  # more are not looked at faster together


class Unattributed(Exception):
    """A finding changed of which none of the gathered steps was known to bear on it."""


@dataclass
class Attributing:
    """Takes steps in order and gives events; `finish` for what is still gathered."""

    bearing: Bearing
    store: Store
    number: int  # of the last event written
    _steps: list[tuple[Step, Touched]] = field(default_factory=list[Any])
    _by: dict[str, dict[About, Step]] = field(default_factory=dict[str, dict[About, Step]])

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The transaction in which it is judged."""
        return self.bearing.connection

    def take(self, step: Step) -> None:
        """One more step."""
        self.take_borne(step, self.bearing.of(step))

    def take_borne(self, step: Step, touched: Touched | None) -> None:
        """One more step, of which it is known on whom it bears (None: on everybody)."""
        if touched is None:
            self.finish()
            self.write(self._of_one(step, None))
            return
        if not touched:
            return
        full = len(self._steps) >= STEPS or len(self._by.keys() | touched.keys()) > max(UNITS, len(touched))
        if step.cause == "day" or full or self._meets(touched):
            self.finish()
        self._steps.append((step, touched))
        for unit, about in touched.items():
            self._by.setdefault(unit, {}).update(dict.fromkeys(about, step))
        if step.cause == "day":
            self.finish()

    def _meets(self, touched: Touched) -> bool:
        """Does something bear on the same as what is gathered already?"""
        return any(unit in self._by and meets(about, self._by[unit]) for unit, about in touched.items())

    def finish(self) -> None:
        """Look at what is gathered, and write what it opened and closed."""
        steps, by = self._steps, self._by
        self._steps, self._by = [], {}
        if not steps:
            return None
        if len(steps) == 1:
            return self.write(self._of_one(*steps[0]))
        try:
            self.write(self._of_several([step for step, _ in steps], by))
        except Unattributed:
            # Slower, and as sure as the bearing on units is.
            for step, touched in steps:
                self.write(self._of_one(step, touched))

    def write(self, events: Iterable[Event]) -> None:
        """Append events to the feed."""
        self.number = self.store.write(events, self.number)

    def _of_one(self, step: Step, touched: Touched | None) -> list[Event]:
        changed = _changed(
            self.connection, self.store, step.known, step.day, None if touched is None else list(touched)
        )
        return changed.events(dict.fromkeys(changed.every(), step))

    def _of_several(self, steps: list[Step], by: Mapping[str, Mapping[About, Step]]) -> list[Event]:
        changed = _changed(self.connection, self.store, steps[-1].known, steps[-1].day, list(by))
        return changed.events({finding: self.step_of(finding, by.get(finding.unit, {})) for finding in changed.every()})

    def step_of(self, finding: OpenFinding, about: Mapping[About, Step]) -> Step:
        """The one step that bears on what a finding of a unit is about; raises Unattributed."""
        counted = quota(self.bearing.kinds[finding.matter])
        names = {"matter": [ANY, finding.matter], "names": [ANY, finding.matter], "kind": [ANY, counted]}.get(
            RULES[finding.rule].depends_on, [ANY, finding.matter, counted]
        )
        steps = {about[name] for name in names if name in about}
        if len(steps) != 1:
            raise Unattributed
        return steps.pop()


@dataclass(frozen=True)
class _Changed:
    """What opened and closed at a look."""

    snapshot: Snapshot
    opened: Mapping[OpenFinding, FindingRow]
    closed: Collection[OpenFinding]

    def every(self) -> list[OpenFinding]:
        return [*self.closed, *self.opened]

    def events(self, by: Mapping[OpenFinding, Step]) -> list[Event]:
        """In the order of the steps; of one step by key, and what closes before what opens in its place."""
        findings = list(self.opened)
        explained = checker.explain(self.snapshot, [self.opened[finding] for finding in findings])
        messages = {finding: one.message for finding, one in zip(findings, explained, strict=True)}
        order = sorted(self.every(), key=lambda finding: (by[finding].known, finding[:3], finding in messages, finding))
        return [event(by[finding], finding, messages.get(finding)) for finding in order]


def meets(about: Collection[About], gathered: Collection[About]) -> bool:
    """Whether two steps that bear on one unit, on this and on that, can bear on the same finding."""
    return ANY in about or ANY in gathered or not set(about).isdisjoint(gathered)


def event(step: Step, finding: OpenFinding, message: Text | None) -> Event:
    """What a step did to a finding; it opened one that has a message."""
    return Event(step.cause, step.known, step.day, finding, message)


def rows_by_finding(snapshot: Snapshot, rules: Collection[str] | None = None) -> dict[OpenFinding, FindingRow]:
    """The findings of a snapshot (of these rules; None: of all) as the feed knows them."""
    now: dict[OpenFinding, FindingRow] = {}
    for row in checker.finding_rows(snapshot, [rule for rule in RULES.values() if rules is None or rule.name in rules]):
        matter = int(matter_of(snapshot, row.hits.where(np.array([row.row])))[0])
        now[OpenFinding(*row.key, row.severity, snapshot.matters.code[matter])] = row
    return now


def _changed(
    connection: psycopg.Connection[Any],
    store: Store,
    known: int,
    day: date,
    units: list[str] | None,
    rules: Collection[str] | None = None,
) -> _Changed:
    """Return how the findings of these units and rules (None: of all) differ from the open ones of the feed."""
    snapshot = load(connection, day, known) if units is None else load(connection, day, known, units, only=True)
    now = rows_by_finding(snapshot, rules)
    were_open = store.open_findings(None if units is None else {*units, *(finding.unit for finding in now)})
    opened = {finding: row for finding, row in now.items() if finding not in were_open}
    closed = [finding for finding in were_open if finding not in now and (rules is None or finding.rule in rules)]
    return _Changed(snapshot, opened, closed)


def differs(
    connection: psycopg.Connection[Any], store: Store, known: int, day: date
) -> tuple[list[OpenFinding], list[OpenFinding]]:
    """What a full check finds that does not stand, and what stands and is not found."""
    changed = _changed(connection, store, known, day, None)
    return list(changed.opened), list(changed.closed)


def by_other_rules(
    connection: psycopg.Connection[Any], store: Store, known: int, day: date, rules: Collection[str] | None
) -> list[Event]:
    """Return what opens and closes because these rules (None: all) are other than before: by no decision and no day."""
    changed = _changed(connection, store, known, day, None, rules)
    return changed.events(dict.fromkeys(changed.every(), Step("rules", known, day)))
