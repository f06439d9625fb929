"""Units, and who was dissolved into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate, by_day, empty_list
from registry.domain.dates import OPEN
from registry.domain.decision import CLEARED, Decision
from registry.domain.text import Text

# What a unit has of an attribute that was taken away; None of any other.
_WITHOUT: Final[dict[str, Any]] = {"aliases": (), "monitored": False}


@dataclass(slots=True)
class Unit(Aggregate):
    """A unit: its registration, what was revised, and its end."""

    KIND = "unit"
    NOUN = Text("单位", "unit")
    UNKNOWN = "unknown-unit"

    registered: d.UnitRegistered | None = None
    dissolved: d.UnitDissolved | None = None
    changes: list[tuple[int, Decision]] = field(default_factory=empty_list)

    @property
    def ended_on(self) -> date | None:
        return self.dissolved.at if self.dissolved else None

    def fold(self, position: int, decision: Decision) -> None:
        if isinstance(decision, d.UnitRegistered):
            self.registered = decision
        elif isinstance(decision, d.UnitDissolved):
            self.dissolved = decision
        else:
            self.changes = by_day([*self.changes, (position, decision)])

    @property
    def begins(self) -> date:
        return self.registered.at if self.registered else OPEN

    @property
    def ends(self) -> date:
        return self.dissolved.at if self.dissolved else OPEN

    def exists_on(self, day: date) -> bool:
        registered, dissolved = self.registered, self.dissolved
        return registered is not None and registered.at <= day and (dissolved is None or day < dissolved.at)

    def intervals(self) -> list[tuple[date, date, dict[str, Any]]]:
        """The days on which its attributes were the same, and the attributes; up to its dissolution."""
        if self.registered is None:
            return []
        now: dict[str, Any] = {
            "name": self.registered.name,
            "level": self.registered.level,
            "kind": self.registered.kind,
            "function": self.registered.function,
            "parent": self.registered.parent,
            "guided_by": self.registered.guided_by,
            "stationed_at": self.registered.stationed_at,
            "aliases": self.registered.aliases or (),
            "monitored": self.registered.monitored or False,
        }
        past: list[tuple[date, date, dict[str, Any]]] = []
        start = self.registered.at
        for _, change in self.changes:
            if change.at >= self.ends:
                break
            given = {name: value for name in now if (value := getattr(change, name, None)) is not None}
            given = {name: _WITHOUT.get(name) if value is CLEARED else value for name, value in given.items()}
            if not given:
                continue  # a decision about the unit that leaves its attributes as they are
            if change.at > start:
                past.append((start, change.at, dict(now)))
                start = change.at
            now.update(given)
        past.append((start, self.ends, now))
        return past

    def level_on(self, day: date) -> str | None:
        if not self.changes:
            return self.registered.level if self.registered else None
        return next((now["level"] for start, end, now in self.intervals() if start <= day < end), None)

    def above(self) -> list[tuple[date, date, str]]:
        """The unit it is read as, or reads up to, over time: its parents, and from its dissolution its successor.

        Dissolved without a successor it stays below its last parent (contract, section 3).
        """
        edges = [(start, end, now["parent"]) for start, end, now in self.intervals() if now["parent"] is not None]
        if self.dissolved is not None:
            last = self.dissolved.successor or self.parent_at_end
            edges += [(self.dissolved.at, OPEN, last)] if last is not None else []
        return edges

    @property
    def parent_at_end(self) -> str | None:
        """Its parent on its last day, or on the last that is known."""
        intervals = self.intervals()
        parent: str | None = intervals[-1][2]["parent"] if intervals else None
        return parent


@dataclass(slots=True)
class Succession(Aggregate):
    """The units dissolved into a unit: by code, which of them still are, each of them says itself."""

    KIND = "succession"
    NOUN = Text("承接", "succession")

    def candidates(self) -> list[str]:
        """The units of which a dissolution into this one was ever recorded, or a correction of one."""
        codes: list[str] = []
        for _, decision in self.history:
            if isinstance(decision, d.UnitDissolved):
                codes.append(decision.unit)
            elif isinstance(decision, d.Correction) and decision.of is not None:
                codes.append(decision.of["unit"])
        return list(dict.fromkeys(codes))
