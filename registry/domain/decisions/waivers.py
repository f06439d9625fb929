"""Findings waived, and waivers lifted."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import (
    AGGREGATE,
    INSTRUMENT,
    Decision,
    FreeText,
    Given,
    Id,
    Name,
    Step,
    Subject,
    acting,
    unit_named_by,
)
from registry.domain.text import Text

# What kind of aggregate a subject names, it says itself.
SUBJECT: Final = Name("subject", "subject", "")


def subject_key(subject: str) -> str:
    """The key of the aggregate that a finding's subject names: a ref, LIST#ITEM or LAW#MATTER."""
    holder, _, rest = subject.partition("#")
    if not rest:
        return "ref:" + subject
    return "matter:" + rest if holder == "LAW" else "item:" + subject


class AboutFinding(Decision):
    """What names a finding by its subject."""

    def named(self, names: Iterable[Name] | None = None) -> list[tuple[Name, str]]:
        """As any decision's, and the aggregate that bears the subject."""
        named = super().named(names)
        if names is None or SUBJECT in names:
            named.append((SUBJECT, subject_key(self.__dict__["subject"])))
        return named


class FindingWaived(AboutFinding):
    KEY = "waiver:{rule}#{unit}#{subject}"
    SEVERAL = True
    NAMES = (unit_named_by("unit"), unit_named_by("by"), INSTRUMENT)
    STEP = Step.BEGINS
    FINDINGS = AGGREGATE
    ACTING = acting("by", "unit")
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


class WaiverLifted(AboutFinding):
    KEY = "waiver:{rule}#{unit}#{subject}"
    SEVERAL = True
    NAMES = (unit_named_by("unit"),)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = acting("unit")
    MUTATION = "liftWaiver"
    SENTENCE = Text(
        "终止此前对该问题的豁免。",
        "The waivers of that finding begun before that day end.",
    )

    type: Literal["WaiverLifted"] = "WaiverLifted"
    rule: words.Rule
    subject: Subject
    unit: Id
