"""Documents that decisions rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate
from registry.domain.decision import Decision
from registry.domain.text import Text


@dataclass(slots=True)
class Instrument(Aggregate):
    """A document: issued, and perhaps repealed."""

    KIND = "instrument"
    NOUN = Text("依据文件", "instrument")
    UNKNOWN = "unknown-instrument"

    issued: d.InstrumentIssued | None = None
    repealed: d.InstrumentRepealed | None = None

    @property
    def ended_on(self) -> date | None:
        return self.repealed.at if self.repealed else None

    def fold(self, position: int, decision: Decision) -> None:  # noqa: ARG002
        if isinstance(decision, d.InstrumentIssued):
            self.issued = decision
        elif isinstance(decision, d.InstrumentRepealed):
            self.repealed = decision
