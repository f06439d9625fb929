"""Rectification (整改督办): findings ordered to be put right by a day, and the answers."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import (
    AGGREGATE,
    INSTRUMENT,
    Decision,
    FreeText,
    Given,
    Id,
    Step,
    Subject,
    acting,
    unit_named_by,
)
from registry.domain.decisions.waivers import AboutFinding
from registry.domain.problems import Problem
from registry.domain.text import Text


def _check_order(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with an order: what was not put right is itself no finding to be put right."""
    if given.get("rule") not in words.RECTIFICATION_RULES:
        return []
    sentence = Text("督办不针对整改本身的问题。", "No order is about the finding that an order was not followed.")
    return [Problem("bad-value", "rule", sentence)]


def _check_answer(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with an answer: one that asks for more time says until when, and no other does."""
    extended = given.get("outcome") == "extended"
    if extended and "due_on" not in given:
        sentence = Text("申请延期须写明新的期限 due_on。", "An answer that extends gives the new day, due_on.")
        return [Problem("missing-field", "due_on", sentence)]
    if not extended and "due_on" in given:
        sentence = Text("只有延期（extended）才写新的期限。", "Only an answer that extends gives a new day.")
        return [Problem("bad-value", "due_on", sentence)]
    return []


class RectificationOrdered(AboutFinding):
    KEY = "ref:{ref}"
    NAMED_BY_OF = False
    NAMES = (unit_named_by("unit"), unit_named_by("by"), INSTRUMENT)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    ACTING = acting("by", "unit")
    MUTATION = "orderRectification"
    SENTENCE = Text(
        "督办一个问题：责令在期限之前整改。",
        "A finding is to be put right by a day.",
    )
    CHECK = _check_order

    type: Literal["RectificationOrdered"] = "RectificationOrdered"
    ref: Id
    rule: words.Rule
    subject: Subject
    unit: Id
    by: Id
    text: FreeText
    due_on: Day
    instrument: Given[Id] = None


class RectificationAnswered(Decision):
    KEY = "ref:{ref}"
    SEVERAL = True
    NAMES = (unit_named_by("by"),)
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    ACTING = acting("by")
    MUTATION = "answerRectification"
    SENTENCE = Text(
        "答复督办：已经整改、申请延期，或者有异议。",
        "An order is answered: put right, in need of more time, or disputed.",
    )
    CHECK = _check_answer

    type: Literal["RectificationAnswered"] = "RectificationAnswered"
    ref: Id
    by: Id
    text: FreeText
    outcome: words.RectificationOutcome
    due_on: Given[Day] = None
