"""Findings waived, and waivers lifted."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import AGGREGATE, INSTRUMENT, Decision, FreeText, Given, Id, Step, Subject, unit_named_by
from registry.domain.text import Text


class FindingWaived(Decision):
    KEY = "waiver:{rule}#{unit}#{subject}"
    NAMES = (unit_named_by("unit"), unit_named_by("by"), INSTRUMENT)
    STEP = Step.BEGINS
    FINDINGS = AGGREGATE
    MUTATION = "waiveFinding"
    SENTENCE = Text(
        "豁免一个问题：不再列入缺省答复，注明理由。",
        "A finding is taken out of the default answer, with a reason.",
    )

    type: Literal["FindingWaived"] = "FindingWaived"
    rule: words.Rule
    subject: Subject
    unit: Id
    by: Id
    reason: FreeText
    until: Given[Day] = None
    instrument: Given[Id] = None


class WaiverLifted(Decision):
    KEY = "waiver:{rule}#{unit}#{subject}"
    NAMES = (unit_named_by("unit"),)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    MUTATION = "liftWaiver"
    SENTENCE = Text(
        "终止此前对该问题的豁免。",
        "The waivers of that finding begun before that day end.",
    )

    type: Literal["WaiverLifted"] = "WaiverLifted"
    rule: words.Rule
    subject: Subject
    unit: Id
