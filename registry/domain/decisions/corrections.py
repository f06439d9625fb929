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
    SENTENCE = Text(
        "更正所记录的内容：自此序号起，登记簿知道的是更正后的内容。更正自己的日期没有作用。",
        "What was recorded was wrong; from this position on the log knows better."
        " The correction's own day has no effect.",
    )

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
    SENTENCE = Text(
        "所记录的终止是误记：从未终止。自己的日期没有作用。",
        "The recorded end was a mistake: it never ended. Its own day has no effect.",
    )

    type: Literal["Reinstated"] = "Reinstated"
    ref: Id


class Annulled(Decision):
    KEY = "ref:{ref}"
    STEP = Step.CORRECTS
    FINDINGS = AGGREGATE
    MUTATION = "annul"
    SENTENCE = Text(
        "所记录的是误记：从未有过，此后不能再指明。",
        "What was recorded never was, and can no longer be named.",
    )

    type: Literal["Annulled"] = "Annulled"
    ref: Id
