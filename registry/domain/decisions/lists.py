"""Lists: adopted and repealed; their items entered and withdrawn."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from registry.domain import labels, words
from registry.domain.decision import (
    AGGREGATE,
    BEGUN,
    FROM,
    INSTRUMENT,
    LIST,
    MATTER,
    Decision,
    FreeText,
    Given,
    Id,
    ListId,
    Resources,
    Step,
    acting,
    unit_named_by,
)
from registry.domain.problems import Problem, bad_value, not_taken
from registry.domain.text import Text


def _check_list(given: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    covers, assigns = given.get("covers"), given.get("assigns")
    kind = labels.MATTER_KIND[covers].zh if covers in words.MATTER_KINDS else ""
    covering = Text(f"{kind}清单", f"A list that covers {covers}")
    if given.get("polarity") == "negative":
        negative = Text("负面清单", "A negative list")
        problems += [not_taken(field, negative) for field in ("closed", "assigns") if field in given]
    elif "assigns" in given and covers in words.MATTER_KINDS:
        allowed = {"duty": words.ROLES, "power": words.GRANT_MODES}.get(str(covers))
        if allowed is None:
            problems.append(not_taken("assigns", covering))
        elif assigns not in allowed:
            problems.append(bad_value("assigns", assigns, f"one of {', '.join(allowed)}"))
    if "quota" in given and covers in words.MATTER_KINDS and covers not in words.BURDEN_KINDS:
        problems.append(not_taken("quota", covering))
    return problems


def _check_item(given: Mapping[str, Any]) -> list[Problem]:
    ways = [field for field in ("matter", "category", "terms") if field in given]
    if not ways:
        sentence = Text("清单事项须写明事项、类别或关键词之一。", "An item needs a matter, a category or terms.")
        return [Problem("missing-field", "matter", sentence)]
    if len(ways) > 1:
        return [bad_value(ways[1], given[ways[1]], "only one of matter, category and terms")]
    return []


class ListAdopted(Decision):
    KEY = "list:{list}"
    NAMES = (unit_named_by("scope"), INSTRUMENT)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    ACTING = acting("scope")
    MUTATION = "adoptList"
    SENTENCE = Text(
        "清单自当日起施行：对一个层级、在一个地域内；不写地域为全国。",
        "A list is in force from this day on, for a level and within a territory; without one, nationwide.",
    )
    CHECK = _check_list

    type: Literal["ListAdopted"] = "ListAdopted"
    list: ListId
    title: FreeText
    polarity: words.Polarity
    covers: words.MatterKind
    audience: words.Level
    scope: Given[Id] = None
    instrument: Id
    closed: Given[bool] = None
    assigns: Given[Literal["lead", "share", "assist", "devolved", "entrusted"]] = None
    quota: Given[Annotated[int, Field(ge=0, le=1_000_000)]] = None


class ListItemEntered(Decision):
    KEY = "item:{list}#{item}"
    NAMES = (LIST, MATTER, FROM)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "enterListItem"
    SENTENCE = Text(
        "事项自当日起列入清单：写明事项、类别或名称中的用语，三者之一。",
        "An item stands on a list from this day on: one matter, a category, or terms found in names; one of the three.",
    )
    CHECK = _check_item

    type: Literal["ListItemEntered"] = "ListItemEntered"
    list: ListId
    item: Id
    name: FreeText
    matter: Given[Id] = None
    category: Given[FreeText] = None
    terms: Given[Annotated[tuple[FreeText, ...], Field(min_length=1, max_length=1000)]] = None
    roles: Given[Annotated[tuple[words.Role, ...], Field(max_length=20)]] = None
    from_: Given[Id] = Field(None, alias="from")
    brings: Given[Resources] = None
    issuer: Given[FreeText] = None
    alternative: Given[FreeText] = None


class ListItemWithdrawn(Decision):
    KEY = "item:{list}#{item}"
    NAMES = (LIST,)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "withdrawListItem"
    SENTENCE = Text(
        "事项自当日起移出清单。",
        "An item no longer stands on its list from this day on.",
    )

    type: Literal["ListItemWithdrawn"] = "ListItemWithdrawn"
    list: ListId
    item: Id


class ListRepealed(Decision):
    KEY = "list:{list}"
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "repealList"
    SENTENCE = Text(
        "清单自当日起废止。",
        "A list is no longer in force from this day on.",
    )

    type: Literal["ListRepealed"] = "ListRepealed"
    list: ListId
