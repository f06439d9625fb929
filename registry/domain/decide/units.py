"""Units: registered, revised, moved, dissolved."""

from __future__ import annotations

from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, AggregateCache, Unit
from registry.domain.dates import OPEN
from registry.domain.decide.slice import DecisionSlice, ended_already, no_unit_then, not_after, taken, unknown
from registry.domain.problems import Problem
from registry.domain.text import Text


class RegisterUnit(DecisionSlice[d.UnitRegistered]):
    """A unit's code is its own for good."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        if own is not None:
            problems.append(taken(self.decision.unit, "unit"))


class ReviseUnit(DecisionSlice[d.UnitRevised | d.UnitRenamed | d.UnitMoved | d.UnitDissolved]):
    """Only a unit that exists on that day can be revised, renamed, moved or dissolved; never into a cycle."""

    def stream_keys(self) -> list[str]:
        """A dissolution is also about the succession to the unit that it goes to."""
        decision = self.decision
        if isinstance(decision, d.UnitDissolved) and decision.successor is not None:
            return [self.key, "succession:" + decision.successor]
        return [self.key]

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        decision = self.decision
        if not isinstance(own, Unit):
            problems.append(unknown("unit", decision.unit, "unit"))
            return
        if not own.exists_on(decision.at):
            problems.append(no_unit_then(decision.unit, "unit", decision.at))
        if isinstance(decision, d.UnitMoved):
            moved = (change.at for _, change in own.changes if isinstance(change, d.UnitMoved))
            # Dissolved without a successor it stays where it was.
            stays = own.dissolved is None or own.dissolved.successor is None
            last = OPEN if stays else own.ends
            until = min((day for day in moved if decision.at < day < own.ends), default=last)
            self.check_cycle(problems, decision.unit, decision.parent, decision.at, until, "parent")
        elif isinstance(decision, d.UnitDissolved):
            if own.dissolved is not None:
                problems.append(ended_already(decision.unit, own.dissolved.at))
            elif decision.at <= own.begins:
                problems.append(not_after("at", decision.at, own.begins))
            if decision.successor is not None:
                self.check_cycle(problems, decision.unit, decision.successor, decision.at, OPEN, "successor")
            else:
                # What was recorded of its later parents counts no more: it stays below the one that it had then.
                parent = next(
                    (now["parent"] for start, end, now in own.intervals() if start < decision.at <= end), None
                )
                if parent is not None:
                    self.check_cycle(problems, decision.unit, parent, decision.at, OPEN, "unit")

    def check_cycle(self, problems: list[Problem], unit: str, above: str, start: date, end: date, field: str) -> None:
        """No unit may be read, on any day, as below itself or as its own successor."""
        if leads_to(self.aggregates, above, unit, start, end):
            problems.append(
                Problem(
                    "cycle",
                    field,
                    Text(f"“{above}”在某日本身归属于“{unit}”。", f"On some day {above} is itself below {unit}."),
                )
            )


def leads_to(aggregates: AggregateCache, here: str, goal: str, start: date, end: date) -> bool:
    """Whether on some day from start up to end, reading upwards from here comes to the goal."""
    open_ways = [(here, start, end)]
    seen: set[tuple[str, date, date]] = set()
    while open_ways:
        way = open_ways.pop()
        if way in seen:
            continue
        seen.add(way)
        code, since, until = way
        if code == goal:
            return True
        unit = aggregates.get("unit:" + code)
        if isinstance(unit, Unit):
            open_ways += [
                (above, max(since, from_day), min(until, to_day))
                for from_day, to_day, above in unit.above()
                if max(since, from_day) < min(until, to_day)
            ]
    return False


def above_itself(aggregates: AggregateCache, code: str, unit: Unit) -> bool:
    """Whether, were `unit` what is recorded under its code, it would be above itself on some day."""
    return any(leads_to(aggregates, above, code, start, end) for start, end, above in unit.above())
