"""Assessments from below (基层评议): how those below judge the units that send them work."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from registry.domain.decision import NOBODY, Decision, FreeText, Given, Id, Step, acting, unit_named_by
from registry.domain.periods import PERIOD
from registry.domain.text import Text


class UnitAssessed(Decision):
    KEY = "assessment:{assessment}"
    NAMES = (unit_named_by("unit"), unit_named_by("by"))
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    ACTING = acting("by")
    MUTATION = "assessUnit"
    SENTENCE = Text(
        "一个单位评议另一个单位在一个时段的工作，打分，可附意见。",
        "A unit assesses how another did in a period, with a score and, at will, a text.",
    )

    type: Literal["UnitAssessed"] = "UnitAssessed"
    assessment: Id
    unit: Id
    by: Id
    period: Annotated[str, Field(pattern=PERIOD)]
    score: Annotated[int, Field(ge=0, le=100)]
    text: Given[FreeText] = None
