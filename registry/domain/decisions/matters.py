"""Matters: defined, revised, retired; and which fields matters of each kind take."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from registry.domain import labels, words
from registry.domain.decision import (
    AGGREGATE,
    BEGUN,
    NOBODY,
    Clearable,
    Decision,
    FreeText,
    FreeTexts,
    Given,
    Id,
    Ids,
    Name,
    Resources,
    Slug,
    Step,
    acting,
)
from registry.domain.problems import Problem, not_taken, nothing_revised
from registry.domain.text import Text

# What only matters of some kinds take.
TAKES: Final[dict[str, tuple[str, ...]]] = {
    "duty": ("requires", "needs"),
    "power": ("power_kind",),
    "certificate": ("issuer", "alternative", "materials", "procedure", "online"),
    "service": ("includes", "window", "materials", "procedure", "online"),
    "form": ("asks",),
}
# What a matter of a kind cannot be without.
NEEDS: Final[dict[str, str]] = {"power": "power_kind", "service": "includes"}
OF_ONE_KIND: Final = frozenset(field for fields in TAKES.values() for field in fields)


def foreign_fields(kind: str, present: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the fields present that a matter of this kind does not take."""
    foreign = OF_ONE_KIND.difference(TAKES.get(kind, ())) & present.keys()
    by = Text(f"{labels.MATTER_KIND[kind].zh}类事项", f"A matter of kind {kind}")
    return [not_taken(field, by) for field in sorted(foreign)]


def _check_matter(given: Mapping[str, Any]) -> list[Problem]:
    kind = given.get("kind")
    if kind not in words.MATTER_KINDS:
        return []
    problems = foreign_fields(str(kind), given)
    needed = NEEDS.get(str(kind))
    if needed is not None and needed not in given:
        named = labels.MATTER_KIND[str(kind)].zh
        sentence = Text(f"{named}类事项须写明 {needed}。", f"A matter of kind {kind} needs its {needed}.")
        problems.append(Problem("missing-field", needed, sentence))
    return problems


def _at_least_two(codes: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(codes)) < 2:
        raise ValueError("a service includes at least two different matters")
    return codes


Includes = Annotated[Ids, AfterValidator(_at_least_two)]


class LawfulHolder(BaseModel):
    """Units of this level and function hold the matter by law."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    level: words.Level
    function: Slug


LawfulHolders = Annotated[tuple[LawfulHolder, ...], Field(max_length=1000)]


class MatterAttributes(Decision):
    """What may be said of a matter when it is defined, and revised later."""

    NAMES = (Name("requires", "requires", "matter:"), Name("includes", "includes", "matter:"))
    category: Given[FreeText] = None
    aliases: Given[FreeTexts] = None
    basis: Given[FreeTexts] = None
    lawful_holders: Given[LawfulHolders] = None
    requires: Given[Ids] = None
    needs: Given[Resources] = None
    power_kind: Given[words.PowerKind] = None
    issuer: Given[FreeText] = None
    alternative: Given[FreeText] = None
    materials: Given[FreeTexts] = None  # what to bring
    procedure: Given[FreeText] = None  # how it is done
    online: Given[FreeText] = None  # where it is done or checked online: a service's name or a URL
    asks: Given[FreeTexts] = None  # the fields that a form asks for
    includes: Given[Includes] = None  # what a service does with one application
    window: Given[words.Level] = None  # at which level a service is handed in


class MatterDefined(MatterAttributes):
    KEY = "matter:{matter}"
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    ACTING = acting(shared=True)
    MUTATION = "defineMatter"
    SENTENCE = Text(
        "定义一个可以列入清单的事项。",
        "Something that a list can name is defined.",
    )
    CHECK = _check_matter

    type: Literal["MatterDefined"] = "MatterDefined"
    matter: Id
    kind: words.MatterKind
    name: FreeText


class MatterRevised(MatterAttributes):
    KEY = "matter:{matter}"
    SEVERAL = True
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "reviseMatter"
    SENTENCE = Text(
        "事项的若干属性自当日起改变；只写改动的，写为空值即去掉。",
        "Some of a matter's attributes are others from this day on; only what changes is given, null takes one away.",
    )
    CHECK = partial(nothing_revised, key_field="matter")

    # The fields of a definition, in the same order; these can be taken away.
    category: Clearable[FreeText] = None
    aliases: Clearable[FreeTexts] = None
    basis: Clearable[FreeTexts] = None
    lawful_holders: Clearable[LawfulHolders] = None
    requires: Clearable[Ids] = None
    needs: Clearable[Resources] = None
    issuer: Clearable[FreeText] = None
    alternative: Clearable[FreeText] = None
    materials: Clearable[FreeTexts] = None
    procedure: Clearable[FreeText] = None
    online: Clearable[FreeText] = None
    asks: Clearable[FreeTexts] = None
    window: Clearable[words.Level] = None
    type: Literal["MatterRevised"] = "MatterRevised"
    matter: Id
    name: Given[FreeText] = None


class MatterRetired(Decision):
    KEY = "matter:{matter}"
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "retireMatter"
    SENTENCE = Text(
        "事项自当日起不再由任何单位依法承担；已有的下放和清单事项照旧，直到各自终止。",
        "Nobody holds the matter by law from this day on; its delegations and items go on until they end.",
    )

    type: Literal["MatterRetired"] = "MatterRetired"
    matter: Id
