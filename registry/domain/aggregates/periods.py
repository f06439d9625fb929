"""What begins and ends, again and again: the vestings of a power in a unit, the waivers of a finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate, Entry
from registry.domain.dates import OPEN
from registry.domain.text import Text

Begun = d.PowerVested | d.FindingWaived


@dataclass(slots=True)
class Period(Aggregate):
    """Periods of one thing, and what ends them: every one begun before its day.

    BEGINS and ENDS: the types of decision that do.
    """

    BEGINS: ClassVar[type[Begun]]
    ENDS: ClassVar[type[d.PowerDivested] | type[d.WaiverLifted]]

    def ends(self, begun: Begun) -> date:
        """The last day of a period, exclusive: the first end after it began, or its `until` where that is earlier."""
        ends = (end.at for _, end in self.of(self.ENDS) if end.at > begun.at)
        return min(min(ends, default=OPEN), getattr(begun, "until", None) or OPEN)

    def running_on(self, day: date) -> bool:
        """Whether a period began before that day and has not ended by it."""
        return any(begun.at < day < self.ends(begun) for _, begun in self.of(self.BEGINS))

    def followers(self, entry: Entry) -> list[Entry]:
        """With a period goes the end that ends no other."""
        if not isinstance(entry.decision, self.BEGINS):
            return []
        day = self.ends(entry.decision)
        others = {self.ends(begun) for position, begun in self.of(self.BEGINS) if position != entry.position}
        return [
            each
            for each in self.entries()
            if each.in_effect and isinstance(each.decision, self.ENDS) and each.decision.at == day and day not in others
        ]

    def returning(self, entry: Entry) -> list[Entry]:
        """With a period comes back what ended it, even where that went with another period."""
        # The base class by name: super() does not find its way in a class that slots=True has made twice.
        back = Aggregate.returning(self, entry)
        if isinstance(entry.decision, self.BEGINS):
            begun = entry.decision
            gone = [
                each
                for each in self.entries()
                if each.gone_with and not each.annulled and isinstance(each.decision, self.ENDS)
            ]
            later = [each for each in gone if begun.at < each.decision.at < self.ends(begun)]
            back += sorted(later, key=lambda each: each.decision.at)[:1]
        return back

    def endings_without_effect(self) -> list[Entry]:
        """The ends that stand and end no period."""
        days = {self.ends(begun) for _, begun in self.of(self.BEGINS)}
        return [
            each
            for each in self.entries()
            if each.in_effect and isinstance(each.decision, self.ENDS) and each.decision.at not in days
        ]


@dataclass(slots=True)
class Vesting(Period):
    """The vestings of one power in one unit, and their ends."""

    KIND = "vesting"
    NOUN = Text("法定授予", "vesting")
    BEGINS = d.PowerVested
    ENDS = d.PowerDivested


@dataclass(slots=True)
class Waiver(Period):
    """The waivers of one finding, and their ends."""

    KIND = "waiver"
    NOUN = Text("豁免", "waiver")
    BEGINS = d.FindingWaived
    ENDS = d.WaiverLifted
