"""Powers that a unit holds by law, by name: vested and divested."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from registry.domain.decision import AGGREGATE, INSTRUMENT, Decision, Id, Name, Step, unit_named_by
from registry.domain.text import Text


class PowerVested(Decision):
    KEY = "vesting:{power}#{unit}"
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"), INSTRUMENT)
    STEP = Step.BEGINS
    FINDINGS = AGGREGATE
    MUTATION = "vestPower"
    SENTENCE = Text("授予法定权力。", "A unit holds a power by law, by name.")

    type: Literal["PowerVested"] = "PowerVested"
    power: Id
    unit: Id
    instrument: Id


class PowerDivested(Decision):
    KEY = "vesting:{power}#{unit}"
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"))
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    MUTATION = "divestPower"
    SENTENCE = Text("收回法定权力。", "Ends all vestings of the power in the unit begun before that day.")

    type: Literal["PowerDivested"] = "PowerDivested"
    power: Id
    unit: Id
