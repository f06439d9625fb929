"""Matters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate, by_day, empty_list
from registry.domain.decision import Decision
from registry.domain.text import Text


@dataclass(slots=True)
class Matter(Aggregate):
    """A matter: defined, revised, and perhaps retired."""

    KIND = "matter"
    NOUN = Text("事项", "matter")
    UNKNOWN = "unknown-matter"

    defined: d.MatterDefined | None = None
    retired: d.MatterRetired | None = None
    revisions: list[tuple[int, d.MatterRevised]] = field(default_factory=empty_list)

    @property
    def ended_on(self) -> date | None:
        return self.retired.at if self.retired else None

    def fold(self, position: int, decision: Decision) -> None:
        if isinstance(decision, d.MatterDefined):
            self.defined = decision
        elif isinstance(decision, d.MatterRetired):
            self.retired = decision
        elif isinstance(decision, d.MatterRevised):
            self.revisions = by_day([*self.revisions, (position, decision)])

    @property
    def kind(self) -> str:
        return self.defined.kind if self.defined else ""
