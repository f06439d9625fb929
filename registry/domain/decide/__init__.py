"""The slices: for each type of decision, what it depends on and when it cannot be.

A slice is entered under its types of decision where it is defined (`DecisionSlice`); importing the modules does it.
"""

from __future__ import annotations

from typing import Any

from registry.domain.aggregates import AggregateCache
from registry.domain.decide import (
    assessments,
    cases,
    corrections,
    delegations,
    instruments,
    lists,
    matters,
    proposals,
    rectifications,
    reports,
    units,
    vestings,
    waivers,
)
from registry.domain.decide.slice import SLICES, DecisionSlice, load_and_retry
from registry.domain.decisions import Decision


def slice_for(decision: Decision, aggregates: AggregateCache) -> DecisionSlice[Any]:
    """The slice that decides this decision over the aggregates loaded so far."""
    return SLICES[decision.type](decision, aggregates)


__all__ = [
    "SLICES",
    "DecisionSlice",
    "assessments",
    "cases",
    "corrections",
    "delegations",
    "instruments",
    "lists",
    "load_and_retry",
    "matters",
    "proposals",
    "rectifications",
    "reports",
    "slice_for",
    "units",
    "vestings",
    "waivers",
]
