"""Units: registered, revised, renamed, moved, dissolved."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from functools import partial
from typing import Literal

from registry.domain import words
from registry.domain.decision import (
    AGGREGATE,
    NEWCOMER,
    NOBODY,
    Clearable,
    Decision,
    FreeText,
    FreeTexts,
    Given,
    Id,
    Slug,
    Step,
    acting,
    unit_named_by,
)
from registry.domain.problems import nothing_revised
from registry.domain.text import Text


class UnitRegistered(Decision):
    KEY = "unit:{unit}"
    NAMES = (unit_named_by("parent"), unit_named_by("guided_by"), unit_named_by("stationed_at"))
    STEP = Step.INTRODUCES
    FINDINGS = NEWCOMER
    PRECEDENCE = 2
    ACTING = acting("parent")
    MUTATION = "registerUnit"
    SENTENCE = Text(
        "单位自当日起存在。",
        "A unit exists from this day on.",
    )

    type: Literal["UnitRegistered"] = "UnitRegistered"
    unit: Id
    name: FreeText
    level: words.Level
    kind: words.UnitKind
    function: Given[Slug] = None
    parent: Given[Id] = None
    guided_by: Given[Id] = None
    stationed_at: Given[Id] = None
    aliases: Given[FreeTexts] = None
    monitored: Given[bool] = None  # a monitoring point (基层减负监测点)


class UnitRevised(Decision):
    KEY = "unit:{unit}"
    SEVERAL = True
    NAMES = (unit_named_by("guided_by"), unit_named_by("stationed_at"))
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE.where("level", "kind", "function", "guided_by", "stationed_at")
    PRECEDENCE = 4
    ACTING = acting("unit")
    MUTATION = "reviseUnit"
    SENTENCE = Text(
        "单位的若干属性自当日起改变；只写改动的，写为空值即去掉。",
        "Some of a unit's attributes are others from this day on; only what changes is given, null takes one away.",
    )
    CHECK = partial(nothing_revised, key_field="unit")

    type: Literal["UnitRevised"] = "UnitRevised"
    unit: Id
    name: Given[FreeText] = None
    level: Given[words.Level] = None
    kind: Given[words.UnitKind] = None
    function: Clearable[Slug] = None
    guided_by: Clearable[Id] = None
    stationed_at: Clearable[Id] = None
    aliases: Clearable[FreeTexts] = None
    monitored: Clearable[bool] = None


class UnitRenamed(Decision):
    KEY = "unit:{unit}"
    SEVERAL = True
    STEP = Step.CHANGES
    FINDINGS = NOBODY
    PRECEDENCE = 5
    ACTING = acting("unit")
    MUTATION = "renameUnit"
    SENTENCE = Text(
        "单位自当日起改名。",
        "A unit bears another name from this day on.",
    )

    type: Literal["UnitRenamed"] = "UnitRenamed"
    unit: Id
    name: FreeText


class UnitMoved(Decision):
    KEY = "unit:{unit}"
    SEVERAL = True
    NAMES = (unit_named_by("parent"),)
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    PRECEDENCE = 3
    ACTING = acting("unit", "parent")
    MUTATION = "moveUnit"
    SENTENCE = Text(
        "单位自当日起改隶另一上级。",
        "A unit has another parent from this day on.",
    )

    type: Literal["UnitMoved"] = "UnitMoved"
    unit: Id
    parent: Id


class UnitDissolved(Decision):
    KEY = "unit:{unit}"
    NAMES = (unit_named_by("successor"),)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    PRECEDENCE = 1
    ACTING = acting("unit", "successor")
    MUTATION = "dissolveUnit"
    SENTENCE = Text(
        "单位自当日起撤销；有承接单位的，此后读作承接单位。",
        "A unit is no more from this day on; with a successor it is read as that one.",
    )

    type: Literal["UnitDissolved"] = "UnitDissolved"
    unit: Id
    successor: Given[Id] = None
