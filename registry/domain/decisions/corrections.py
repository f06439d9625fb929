"""What was recorded was wrong: corrected, reinstated, annulled."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from registry.domain.decision import AGGREGATE, Decision, Id, Step
from registry.domain.text import Text


class Corrected(Decision):
    KEY = "ref:{ref}"
    STEP = Step.CORRECTS
    FINDINGS = AGGREGATE
    MUTATION = "correct"
    SENTENCE = Text("更正。", "What was recorded under this ref was wrong; from this position on the log knows better.")

    type: Literal["Corrected"] = "Corrected"
    ref: Id
    set_: Annotated[dict[str, Any], Field(alias="set", min_length=1)]

    @property
    def effective_day(self) -> date | None:
        """The day that it sets, if it sets one."""
        moved = self.set_.get("at")
        return date.fromisoformat(moved) if isinstance(moved, str) else None


class Reinstated(Decision):
    KEY = "ref:{ref}"
    STEP = Step.CORRECTS
    FINDINGS = AGGREGATE
    MUTATION = "reinstate"
    SENTENCE = Text("恢复。", "The recorded end of this ref was a mistake: it never ended.")

    type: Literal["Reinstated"] = "Reinstated"
    ref: Id


class Annulled(Decision):
    KEY = "ref:{ref}"
    STEP = Step.CORRECTS
    FINDINGS = AGGREGATE
    MUTATION = "annul"
    SENTENCE = Text("撤销记录。", "What was recorded under this ref never was.")

    type: Literal["Annulled"] = "Annulled"
    ref: Id
