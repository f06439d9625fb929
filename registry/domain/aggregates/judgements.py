"""What is said of how others did: cases settled, units assessed."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.aggregates.base import Aggregate
from registry.domain.text import Text


@dataclass(slots=True)
class Precedent(Aggregate):
    """A case: how accountability was settled once."""

    KIND = "case"
    NOUN = Text("案例", "case")


@dataclass(slots=True)
class Assessment(Aggregate):
    """How one unit assessed another in a period."""

    KIND = "assessment"
    NOUN = Text("评议", "assessment")
