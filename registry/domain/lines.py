"""Decisions as lines of JSON: read strictly, written canonically."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Union, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from registry.domain import decisions, words
from registry.domain.decisions import TYPES, Decision
from registry.domain.problems import Problem, Refused, first
from registry.domain.text import Text

# A line is one decision; the longest texts allowed fit many times over.
LINE_LENGTH: Final = 4 * 1024 * 1024

_Any: Any = Annotated[Union[decisions.ALL], Field(discriminator="type")]  # noqa: UP007  made from a tuple of types
_ANY: Final[TypeAdapter[Decision]] = TypeAdapter(_Any)

# What only matters of some kinds take.
TAKES: Final[dict[str, tuple[str, ...]]] = {
    "duty": ("requires", "needs"),
    "power": ("power_kind",),
    "certificate": ("issuer", "alternative", "materials", "procedure", "online"),
    "form": ("asks",),
}
OF_ONE_KIND: Final = frozenset(field for fields in TAKES.values() for field in fields)


def from_line(line: bytes) -> Decision:
    """The decision that a line of the journal states.

    Raises Refused with `bad-json`, `unknown-type`, `unknown-field`, `missing-field` or `bad-value`: what can be said of
    the line alone. Whether the decision can be, given what is recorded, the slices say.
    """
    if len(line) > LINE_LENGTH:
        raise Refused(_bad_json(Text(f"超过 {LINE_LENGTH} 字节", f"longer than {LINE_LENGTH} bytes")))
    try:
        decision = _ANY.validate_json(line)
    except ValidationError as error:
        raise Refused(first(_diagnose(line, error))) from None
    except RecursionError:
        raise Refused(_bad_json(Text("嵌套太深", "nested too deeply"))) from None
    shape = SHAPES.get(decision.type)
    if shape is not None:
        problems = shape(orjson.loads(line))
        if problems:
            raise Refused(first(problems))
    return decision


def from_object(journal_object: Mapping[str, Any]) -> Decision:
    """The decision that a journal object (JSON read already) states; raises as from_line does."""
    try:
        line = orjson.dumps(journal_object)
    except (TypeError, ValueError) as error:
        raise Refused(_bad_json(Text("含有 JSON 不能表示的值", str(error)))) from None
    return from_line(line)


def to_line(decision: Decision) -> bytes:
    """The decision as canonical JSON, without a newline: the contract's field names, absent fields left out."""
    return decision.__pydantic_serializer__.to_json(decision, by_alias=True, exclude_none=True)


def to_object(decision: Decision) -> dict[str, Any]:
    """The decision as a journal object."""
    return orjson.loads(to_line(decision))


# ------------------------------------------------------------------------------------------- what a form allows


def _refused_field(field: str, zh: str, en: str) -> Problem:
    return Problem("unknown-field", field, Text(f"{zh}不用字段“{field}”。", f"{en} takes no {field}."))


def _one_field_at_least(field: str) -> Problem:
    return Problem("missing-field", field, Text("没有写明要修订的内容。", "Nothing is said of what is revised."))


def foreign_fields(kind: str, present: Mapping[str, Any]) -> list[Problem]:
    """Fields present that a matter of this kind does not take."""
    foreign = OF_ONE_KIND.difference(TAKES.get(kind, ())) & present.keys()
    return [_refused_field(field, f"种类为 {kind} 的事项", f"A matter of kind {kind}") for field in sorted(foreign)]


def _shape_of_matter(raw: Mapping[str, Any]) -> list[Problem]:
    kind = raw.get("kind")
    if kind not in words.MATTER_KINDS:
        return []
    problems = foreign_fields(str(kind), raw)
    if kind == "power" and "power_kind" not in raw:
        problems.append(
            Problem("missing-field", "power_kind", Text("权力事项须写明权力类型。", "A power needs its power_kind."))
        )
    return problems


def _shape_of_revised_matter(raw: Mapping[str, Any]) -> list[Problem]:
    return [] if raw.keys() - {"type", "at", "note", "matter"} else [_one_field_at_least("name")]


def _shape_of_revised_unit(raw: Mapping[str, Any]) -> list[Problem]:
    return [] if raw.keys() - {"type", "at", "note", "unit"} else [_one_field_at_least("name")]


def _shape_of_list(raw: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    covers, assigns = raw.get("covers"), raw.get("assigns")
    if raw.get("polarity") == "negative":
        problems += [
            _refused_field(field, "负面清单", "A negative list") for field in ("closed", "assigns") if field in raw
        ]
    elif "assigns" in raw and covers in words.MATTER_KINDS:
        allowed = {"duty": words.ROLES, "power": words.GRANT_MODES}.get(str(covers))
        if allowed is None:
            problems.append(_refused_field("assigns", f"{covers} 清单", f"A list that covers {covers}"))
        elif assigns not in allowed:
            problems.append(_bad_value("assigns", assigns, f"one of {', '.join(allowed)}"))
    if "quota" in raw and covers in words.MATTER_KINDS and covers not in words.BURDEN_KINDS:
        problems.append(_refused_field("quota", f"{covers} 清单", f"A list that covers {covers}"))
    return problems


def _shape_of_item(raw: Mapping[str, Any]) -> list[Problem]:
    ways = [field for field in ("matter", "category", "terms") if field in raw]
    if not ways:
        return [
            Problem(
                "missing-field",
                "matter",
                Text("清单事项须写明事项、类别或关键词之一。", "An item needs a matter, a category or terms."),
            )
        ]
    if len(ways) > 1:
        return [_bad_value(ways[1], raw[ways[1]], "only one of matter, category and terms")]
    return []


SHAPES: Final[dict[str, Callable[[Mapping[str, Any]], list[Problem]]]] = {
    "MatterDefined": _shape_of_matter,
    "MatterRevised": _shape_of_revised_matter,
    "UnitRevised": _shape_of_revised_unit,
    "ListAdopted": _shape_of_list,
    "ListItemEntered": _shape_of_item,
}

# ---------------------------------------------------------------------------------------- why a line is no decision


def _bad_json(detail: Text) -> Problem:
    return Problem(
        "bad-json",
        None,
        Text(f"这一行不是完整的 JSON 对象（{detail.zh}）。", f"Not a JSON object: {detail.en}."),
    )


def _bad_value(field: str, value: Any, detail: str) -> Problem:
    shown = repr(value)
    if len(shown) > 80:
        shown = shown[:77] + "…"
    return Problem(
        "bad-value",
        field,
        Text(f"字段“{field}”的值不合要求：{shown}。", f"The value of {field} is not allowed: {shown} ({detail})."),
    )


def field_problem(kind: str, field: str, value: Any, detail: str) -> Problem:
    """The contract's problem for one error of the form check (`kind`: pydantic's name of the error)."""
    if kind == "extra_forbidden":
        return Problem("unknown-field", field, Text(f"没有字段“{field}”。", f"There is no field {field}."))
    if kind == "missing":
        return Problem("missing-field", field, Text(f"缺少字段“{field}”。", f"The field {field} is missing."))
    return _bad_value(field, value, detail)


def form_problems(error: ValidationError, prefix: str = "") -> list[Problem]:
    """The contract's problems for all that the form check found."""
    return [
        field_problem(
            found["type"],
            prefix + ".".join(str(step) for step in found["loc"]),
            found["input"],
            found["msg"],
        )
        for found in error.errors(include_url=False, include_context=False)
    ]


def _diagnose(line: bytes, error: ValidationError) -> list[Problem]:
    try:
        raw: Any = orjson.loads(line)
    except orjson.JSONDecodeError as broken:
        return [_bad_json(Text(f"第 {broken.colno} 个字符处无法读取", str(broken)))]
    if not isinstance(raw, dict):
        return [_bad_json(Text("整行须以花括号括起", f"a JSON {type(raw).__name__}"))]
    fields = cast(dict[str, Any], raw)
    if "type" not in fields:
        return [field_problem("missing", "type", None, "")]
    model = TYPES.get(fields["type"]) if isinstance(fields["type"], str) else None
    if model is None:
        name = str(fields["type"])[:80]
        return [
            Problem("unknown-type", "type", Text(f"没有决定类型“{name}”。", f"There is no type of decision {name}."))
        ]
    try:
        model.model_validate_json(line)
    except ValidationError as own:
        error = own
    problems = form_problems(error)
    shape = SHAPES.get(model.__name__)
    return problems + shape(fields) if shape is not None else problems
