"""Powers that a unit holds by law, by name: vested and divested."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from registry.domain.decision import AGGREGATE, INSTRUMENT, Decision, Id, Name, Step, acting, unit_named_by
from registry.domain.text import Text


class PowerVested(Decision):
    KEY = "vesting:{power}#{unit}"
    SEVERAL = True
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"), INSTRUMENT)
    STEP = Step.BEGINS
    FINDINGS = AGGREGATE
    ACTING = acting("unit")
    MUTATION = "vestPower"
    SENTENCE = Text(
        "单位自当日起依法持有某项权力（点名授予）。",
        "A unit holds a power by law from this day on, by name.",
    )

    type: Literal["PowerVested"] = "PowerVested"
    power: Id
    unit: Id
    instrument: Id


class PowerDivested(Decision):
    KEY = "vesting:{power}#{unit}"
    SEVERAL = True
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"))
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = acting("unit")
    MUTATION = "divestPower"
    SENTENCE = Text(
        "终止此前对该单位的全部授予。",
        "All vestings of the power in the unit begun before that day end.",
    )

    type: Literal["PowerDivested"] = "PowerDivested"
    power: Id
    unit: Id
