"""Instruments (文件): issued and repealed."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from registry.domain import words
from registry.domain.decision import AGGREGATE, NOBODY, Decision, FreeText, Given, Id, Name, Step, unit_named_by
from registry.domain.text import Text


class InstrumentIssued(Decision):
    KEY = "instrument:{instrument}"
    NAMES = (unit_named_by("issuer"),)
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
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
    MUTATION = "repealInstrument"
    SENTENCE = Text(
        "文件自当日起废止。",
        "A document is no longer in force from this day on.",
    )

    type: Literal["InstrumentRepealed"] = "InstrumentRepealed"
    instrument: Id
    replaced_by: Given[Id] = None
