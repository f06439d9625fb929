"""What decisions change: findings opened and closed by what was recorded, or by what nobody has recorded yet."""

from __future__ import annotations

from registry.impact.difference import Difference, assessed, difference, effective_on
from registry.impact.readings import KeptReadings
from registry.impact.simulation import Simulation, TooMany, simulate, simulate_each

__all__ = [
    "Difference",
    "KeptReadings",
    "Simulation",
    "TooMany",
    "assessed",
    "difference",
    "effective_on",
    "simulate",
    "simulate_each",
]
