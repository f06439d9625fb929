"""Which step opened or closed which finding, many steps at once: whose plain form is `Attributing`.

A unit on which two steps bear alike must be looked at between them; all others need not be. So each unit is looked at
as known at positions of its own, and all of these looks are one picture (registry.snapshot.moments). The plain form
looks at everybody gathered wherever two steps meet: in an import, which says of one unit after another what it has,
that is one look for each few decisions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, Final, NamedTuple

from registry import checker
from registry.checker import FindingRow
from registry.domain.text import Text
from registry.impact.affected_units import About
from registry.impact.finding_feed.attributing import Attributing, Touched, Unattributed, event, meets, rows_by_finding
from registry.impact.finding_feed.steps import Step
from registry.impact.finding_feed.store import Event, OpenFinding
from registry.snapshot import Snapshot, load
from registry.snapshot.marks import plain, plain_text, position_of
from registry.snapshot.moments import changes_of_all, load_moments

STEPS: Final = 2000  # gathered at most
LOOKS: Final = 400  # of one picture: more take more memory and are no faster

Change = tuple[Step, OpenFinding, Text | None]


class Look(NamedTuple):
    """A unit is looked at as known at a position, after the steps that bear on it since its last look."""

    known: int
    unit: str
    by: Mapping[About, Step]


@dataclass
class InBulk(Attributing):
    """As `Attributing`, with the same events."""

    _gathered: list[tuple[Step, Touched]] = field(default_factory=list[Any])

    def take_borne(self, step: Step, touched: Touched | None) -> None:
        """One more step, of which it is known on whom it bears (None: on everybody)."""
        if touched is not None and step.cause == "decision":
            if touched:
                self._gathered.append((step, touched))
            if len(self._gathered) >= STEPS:
                self.finish()
        else:
            self.finish()
            super().take_borne(step, touched)

    def finish(self) -> None:
        """Look at what is gathered, and write what it opened and closed."""
        gathered, self._gathered = self._gathered, []
        if len(gathered) > 1:
            try:
                self.write(self._events(gathered))
                gathered = []
            except Unattributed:
                pass
        for step, touched in gathered:
            super().take_borne(step, touched)
        super().finish()

    def _events(self, gathered: list[tuple[Step, Touched]]) -> list[Event]:
        looks = sorted(_looks(gathered), key=attrgetter("known", "unit"))
        day = gathered[0][0].day
        state: dict[str, set[OpenFinding]] = defaultdict(set)
        for finding in self.store.open_findings({look.unit for look in looks}):
            state[finding.unit].add(finding)
        changes: list[Change] = []
        for some in self._together(looks):
            changes += self._changes(some, day, state)
        # As of the plain form: by step, then by key, and what closes before what opens in its place.
        changes.sort(key=lambda change: (change[0].known, change[1][:3], change[2] is not None, change[1]))
        return [event(*change) for change in changes]

    def _together(self, looks: list[Look]) -> Iterator[list[Look]]:
        """Looks that may be one picture, one after another."""
        first, last = looks[0].known, looks[-1].known
        common = changes_of_all(self.connection, first, last) if first < last else None
        some: list[Look] = []
        of: int | None = None
        for look in looks:
            now = look.known if common is None or not common.together else bisect_right(common.changes, look.known)
            if some and (now != of or len(some) >= LOOKS):
                yield some
                some = []
            of = now
            some.append(look)
        if some:
            yield some

    def _changes(self, looks: list[Look], day: date, state: dict[str, set[OpenFinding]]) -> list[Change]:
        """What opened and closed at the looks of one picture; brings the state up to them."""
        wanted: dict[int, set[str]] = defaultdict(set)
        for look in looks:
            wanted[look.known].add(look.unit)
        if len(wanted) == 1:
            ((known, units),) = wanted.items()
            snapshot = load(self.connection, day, known, units, only=True)
            rows = {(known, finding): row for finding, row in rows_by_finding(snapshot).items()}
        else:
            snapshot = load_moments(self.connection, day, wanted)
            rows = {(position_of(each.unit), _plain(each)): row for each, row in rows_by_finding(snapshot).items()}
        if any(finding.unit not in wanted[known] for known, finding in rows):
            raise Unattributed
        return _compared(looks, snapshot, rows, state, self.step_of)


def _looks(gathered: list[tuple[Step, Touched]]) -> Iterator[Look]:
    """Where each unit is looked at: before a step that bears on what an earlier one bears on, and after all."""
    by: dict[str, dict[About, Step]] = {}
    for step, touched in gathered:
        for unit, about in touched.items():
            if unit in by and meets(about, by[unit]):
                yield Look(step.known - 1, unit, by.pop(unit))
            by.setdefault(unit, {}).update(dict.fromkeys(about, step))
    last = gathered[-1][0].known
    for unit, about in by.items():
        yield Look(last, unit, about)


def _plain(finding: OpenFinding) -> OpenFinding:
    return finding._replace(unit=plain(finding.unit), subject=plain(finding.subject))


def _compared(
    looks: list[Look],
    snapshot: Snapshot,
    rows: Mapping[tuple[int, OpenFinding], FindingRow],
    state: dict[str, set[OpenFinding]],
    step_of: Callable[[OpenFinding, Mapping[About, Step]], Step],
) -> list[Change]:
    """What differs at each look from what stood open for its unit before; raises Unattributed."""
    now: dict[tuple[int, str], set[OpenFinding]] = defaultdict(set)
    for known, finding in rows:
        now[known, finding.unit].add(finding)
    opened: list[tuple[Step, OpenFinding]] = []
    explained: list[FindingRow] = []
    changes: list[Change] = []
    for look in looks:
        seen = now.get((look.known, look.unit), set[OpenFinding]())
        before = state[look.unit]
        changes += [(step_of(finding, look.by), finding, None) for finding in before - seen]
        for finding in seen - before:
            opened.append((step_of(finding, look.by), finding))
            explained.append(rows[look.known, finding])
        state[look.unit] = seen
    for (step, finding), one in zip(opened, checker.explain(snapshot, explained), strict=True):
        changes.append((step, finding, plain_text(one.message)))
    return changes
