"""What was recorded was wrong: corrected, reinstated, annulled."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import AGGREGATE, Acting, Decision, Given, Id, Step, Subject
from registry.domain.decision import REGISTERED as _REGISTERED
from registry.domain.problems import Problem, bad_value
from registry.domain.text import Text

# The form of each field by which `of` names a decision.
_FORMS: Final[dict[str, TypeAdapter[Any]]] = {
    "at": TypeAdapter(Day),
    "subject": TypeAdapter(Subject),
    "rule": TypeAdapter(words.Rule),
}
_ID: Final[TypeAdapter[Any]] = TypeAdapter(Id)


def _check_named(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with `ref` and `of`: exactly one is given, and `of` has a type and just what names that type."""
    if "ref" in given and "of" in given:
        sentence = Text("ref 和 of 只写一个。", "Give either ref or of, not both.")
        return [Problem("bad-value", "ref", sentence)]
    if "of" not in given:
        sentence = Text("须用 ref 或 of 指明所记录的决定。", "Name the decision recorded, by ref or by of.")
        return [] if "ref" in given else [Problem("missing-field", "ref", sentence)]
    if not isinstance(given["of"], Mapping):
        return []  # the form check has said so
    named = cast(Mapping[str, Any], given["of"])
    if "type" not in named:
        sentence = Text("缺少字段“of.type”。", "The field of.type is missing.")
        return [Problem("missing-field", "of.type", sentence)]
    kind = _REGISTERED.get(named["type"]) if isinstance(named["type"], str) else None
    names = kind.named_by() if kind is not None else None
    if names is None:
        return [bad_value("of.type", named["type"], "a type of decision that is named by of")]
    problems = [
        Problem("unknown-field", f"of.{field}"[:200], Text(f"没有字段“of.{field}”。", f"There is no field of.{field}."))
        for field in named.keys() - {"type", *names}
    ]
    for field in names:
        if field not in named:
            sentence = Text(f"缺少字段“of.{field}”。", f"The field of.{field} is missing.")
            problems.append(Problem("missing-field", f"of.{field}", sentence))
        else:
            try:
                _FORMS.get(field, _ID).validate_json(orjson.dumps(named[field]))
            except ValidationError as error:
                problems.append(bad_value(f"of.{field}", named[field], error.errors()[0]["msg"]))
    return problems


class Correction(Decision):
    """A decision about one that is recorded, which it names by `ref` or by `of`.

    `of` has the `type` of that decision and the fields that name it (`Decision.named_by`).
    """

    KEY = "ref:{ref}"
    STEP = Step.CORRECTS
    FINDINGS = AGGREGATE
    CHECK = _check_named
    ref: Given[Id] = None
    of: Given[dict[str, str]] = None

    @property
    def named_type(self) -> type[Decision] | None:
        """The type of the decision that `of` names; None where it is named by ref."""
        return None if self.of is None else _REGISTERED[self.of["type"]]

    @property
    def key(self) -> str:
        """The key of the aggregate that the named decision is about."""
        if self.of is None:
            return f"ref:{self.ref}"
        return _REGISTERED[self.of["type"]].KEY.format_map(self.of)

    @property
    def key_values(self) -> tuple[str, list[str]]:
        """The kind of that aggregate, and the values that make its key, in order."""
        if self.of is None:
            return "ref", [str(self.ref)]
        kind = _REGISTERED[self.of["type"]]
        return kind.aggregate_kind(), [self.of[field] for field in kind.key_fields()]

    def names(self, decision: Decision) -> bool:
        """Whether `decision`, one of the aggregate's, answers to the name that is given."""
        if self.of is None:
            return decision.STEP is Step.INTRODUCES and decision.aggregate_kind() == "ref"
        return decision.type == self.of["type"] and all(
            value == (decision.at.isoformat() if field == "at" else getattr(decision, field))
            for field, value in self.of.items()
            if field != "type"
        )


class Corrected(Correction):
    ACTING = Acting(source="named")
    MUTATION = "correct"
    SENTENCE = Text(
        "更正所记录的内容：自此序号起，登记簿知道的是更正后的内容。更正自己的日期没有作用。",
        "What was recorded was wrong; from this position on the log knows better."
        " The correction's own day has no effect.",
    )

    type: Literal["Corrected"] = "Corrected"
    set_: Annotated[dict[str, Any], Field(alias="set", min_length=1)]

    @property
    def effective_day(self) -> date | None:
        """The day that it sets, if it sets one."""
        moved = self.set_.get("at")
        return date.fromisoformat(moved) if isinstance(moved, str) else None


class Reinstated(Correction):
    ACTING = Acting(source="named")
    MUTATION = "reinstate"
    SENTENCE = Text(
        "所记录的终止或撤销是误记：从未终止，或者恢复如初。自己的日期没有作用。",
        "The recorded end, or the annulment, was a mistake: it never ended, or it is back as it was."
        " Its own day has no effect.",
    )

    type: Literal["Reinstated"] = "Reinstated"


class Annulled(Correction):
    ACTING = Acting(source="named")
    MUTATION = "annul"
    SENTENCE = Text(
        "所记录的是误记：从未有过，此后不能再指明；编号可以重新使用。",
        "What was recorded never was, and can no longer be named; its id may be used again.",
    )

    type: Literal["Annulled"] = "Annulled"
