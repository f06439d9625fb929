"""Lists and their items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate
from registry.domain.decision import Decision
from registry.domain.text import Text


@dataclass(slots=True)
class List(Aggregate):
    """A list: adopted, and perhaps repealed."""

    KIND = "list"
    NOUN = Text("清单", "list")
    UNKNOWN = "unknown-list"

    adopted: d.ListAdopted | None = None
    repealed: d.ListRepealed | None = None

    @property
    def ended_on(self) -> date | None:
        return self.repealed.at if self.repealed else None

    def fold(self, position: int, decision: Decision) -> None:  # noqa: ARG002
        if isinstance(decision, d.ListAdopted):
            self.adopted = decision
        elif isinstance(decision, d.ListRepealed):
            self.repealed = decision

    def in_force_on(self, day: date) -> bool:
        adopted, repealed = self.adopted, self.repealed
        return adopted is not None and adopted.at <= day and (repealed is None or day < repealed.at)


@dataclass(slots=True)
class Item(Aggregate):
    """An item of a list: entered, and perhaps withdrawn."""

    KIND = "item"
    NOUN = Text("清单事项", "list item")

    entered: d.ListItemEntered | None = None
    withdrawn: d.ListItemWithdrawn | None = None

    @property
    def ended_on(self) -> date | None:
        return self.withdrawn.at if self.withdrawn else None

    def fold(self, position: int, decision: Decision) -> None:  # noqa: ARG002
        if isinstance(decision, d.ListItemEntered):
            self.entered = decision
        elif isinstance(decision, d.ListItemWithdrawn):
            self.withdrawn = decision
