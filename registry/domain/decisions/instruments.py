"""Instruments (文件): issued and repealed."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from registry.domain import words
from registry.domain.decision import (
    AGGREGATE,
    BEGUN,
    NOBODY,
    Decision,
    FreeText,
    Given,
    Id,
    Name,
    Step,
    acting,
    unit_named_by,
)
from registry.domain.problems import Problem
from registry.domain.text import Text


def _check_reenacted(given: Mapping[str, Any]) -> list[Problem]:
    """What rests on a re-enacted document goes on resting on another, so that one must be named."""
    if given.get("reenacted") is not True or "replaced_by" in given:
        return []
    sentence = Text(
        "写明“由新文件重新规定”的，须写明是哪一份文件（replaced_by）。",
        "What is re-enacted is so by some document: replaced_by must name it.",
    )
    return [Problem("missing-field", "replaced_by", sentence)]


class InstrumentIssued(Decision):
    KEY = "instrument:{instrument}"
    NAMES = (unit_named_by("issuer"),)
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    ACTING = acting("issuer", shared=True)
    MUTATION = "issueInstrument"
    SENTENCE = Text(
        "文件自当日起有效。",
        "A document is in force from this day on.",
    )

    type: Literal["InstrumentIssued"] = "InstrumentIssued"
    instrument: Id
    title: FreeText
    kind: words.InstrumentKind
    issuer: Given[Id] = None


class InstrumentRepealed(Decision):
    KEY = "instrument:{instrument}"
    NAMES = (Name("replaced_by", "replaced_by", "instrument:"),)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "repealInstrument"
    SENTENCE = Text(
        "文件自当日起废止。",
        "A document is no longer in force from this day on.",
    )
    CHECK = _check_reenacted

    type: Literal["InstrumentRepealed"] = "InstrumentRepealed"
    instrument: Id
    replaced_by: Given[Id] = None
    reenacted: Given[bool] = None  # what rests on it rests on replaced_by from that day on
