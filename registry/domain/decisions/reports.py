"""Reports from below (基层反映) and their answers."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from registry.domain import words
from registry.domain.decision import NOBODY, Decision, FreeText, Given, Id, Name, Step, acting, unit_named_by
from registry.domain.text import Text


class BurdenReported(Decision):
    KEY = "report:{report}"
    NAMES = (unit_named_by("unit"), Name("about", "about", "ref:"))
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    ACTING = acting("unit")
    MUTATION = "reportBurden"
    SENTENCE = Text(
        "基层反映一项负担。",
        "A unit reports a burden.",
    )

    type: Literal["BurdenReported"] = "BurdenReported"
    report: Id
    unit: Id
    text: FreeText
    about: Given[Id] = None


class ReportAnswered(Decision):
    KEY = "report:{report}"
    SEVERAL = True
    NAMES = (unit_named_by("by"),)
    STEP = Step.CHANGES
    FINDINGS = NOBODY
    ACTING = acting("by")
    MUTATION = "answerReport"
    SENTENCE = Text(
        "答复一件反映。",
        "A report is answered.",
    )

    type: Literal["ReportAnswered"] = "ReportAnswered"
    report: Id
    by: Id
    text: FreeText
    outcome: words.Outcome
