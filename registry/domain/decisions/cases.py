"""Cases (先例): how accountability was settled once, for others to go by."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from registry.domain import words
from registry.domain.decision import (
    INSTRUMENT,
    MATTER,
    NOBODY,
    Decision,
    FreeText,
    Given,
    Id,
    Ids,
    Name,
    Step,
    acting,
    unit_named_by,
)
from registry.domain.personal_numbers import personal_numbers
from registry.domain.problems import Problem
from registry.domain.text import Text

# What a person writes; the rest names what is recorded elsewhere.
WRITTEN: Final = ("case", "title", "text", "category", "note")


def _names_nobody(journal_object: Mapping[str, Any]) -> list[Problem]:
    """A case names no person: what looks like the number of one is refused, with its place and without it."""
    problems: list[Problem] = []
    for field in WRITTEN:
        text = journal_object.get(field)
        for number in personal_numbers(text) if isinstance(text, str) else ():
            zh = f"案例不得写明个人信息：字段“{field}”第 {number.start} 至 {number.end} 个字看来是"
            en = f"A case names no person: characters {number.start} to {number.end} of {field} look like "
            problems.append(
                Problem(
                    "bad-value", field, Text(f"{zh}{number.kind.zh}，请删去。", f"{en}{number.kind.en}; take it out.")
                )
            )
    return problems


class CaseRecorded(Decision):
    KEY = "case:{case}"
    NAMES = (unit_named_by("by"), MATTER, INSTRUMENT, Name("about", "about", "ref:"))
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    ACTING = acting("by")
    MUTATION = "recordCase"
    SENTENCE = Text(
        "记录一个问责处理的案例：免责、从轻或者追责，供类似情形参照。",
        "How accountability was settled once is recorded, for others to go by.",
    )
    CHECK = _names_nobody

    type: Literal["CaseRecorded"] = "CaseRecorded"
    case: Id
    title: FreeText
    text: FreeText
    outcome: words.CaseOutcome
    by: Id
    matter: Given[Id] = None
    category: Given[FreeText] = None
    rule: Given[words.Rule] = None
    about: Given[Ids] = None
    instrument: Given[Id] = None
