"""Decisions as lines of JSON: read strictly, written canonically."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Union, cast

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from registry.domain.characters import may_be_unfit, unfit
from registry.domain.decisions import TYPES, Decision
from registry.domain.problems import Problem, Refused, bad_value, first
from registry.domain.text import Text

# A line is one decision; the longest texts allowed fit many times over.
LINE_LENGTH: Final = 4 * 1024 * 1024

_Any: Any = Annotated[Union[tuple(TYPES.values())], Field(discriminator="type")]  # noqa: UP007  made from a tuple of types
_ANY: Final[TypeAdapter[Decision]] = TypeAdapter(_Any)


def from_line(line: bytes) -> Decision:
    """The decision that a line of the journal states.

    Raises Refused with `bad-json`, `unknown-type`, `unknown-field`, `missing-field` or `bad-value`: what can be said of
    the line alone. Whether the decision can be, given what is recorded, the slices say.
    """
    if len(line) > LINE_LENGTH:
        raise Refused(_bad_json(Text(f"超过 {LINE_LENGTH} 字节", f"longer than {LINE_LENGTH} bytes")))
    try:
        decision: Decision = _ANY.validator.validate_json(line)
    except ValidationError as error:
        raise Refused(first(_diagnose(line, error))) from None
    except RecursionError:
        raise Refused(_bad_json(Text("嵌套太深", "nested too deeply"))) from None
    check, suspect = type(decision).CHECK, may_be_unfit(line)
    if check is not None or suspect:
        fields = orjson.loads(line)
        problems = unfit(fields) if suspect else []
        if check is not None:
            problems += check(fields)
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


# ---------------------------------------------------------------------------------------- why a line is no decision


def _bad_json(detail: Text) -> Problem:
    return Problem(
        "bad-json",
        None,
        Text(f"这一行不是完整的 JSON 对象（{detail.zh}）。", f"Not a JSON object: {detail.en}."),
    )


def field_problem(kind: str, field: str, value: Any, detail: str) -> Problem:
    """The contract's problem for one error of the form check (`kind`: pydantic's name of the error)."""
    if kind == "extra_forbidden":
        return Problem("unknown-field", field, Text(f"没有字段“{field}”。", f"There is no field {field}."))
    if kind == "missing":
        return Problem("missing-field", field, Text(f"缺少字段“{field}”。", f"The field {field} is missing."))
    return bad_value(field, value, detail)


def form_problems(error: ValidationError, prefix: str = "") -> list[Problem]:
    """The contract's problems for all errors of the form check."""
    return [
        field_problem(
            wrong["type"],
            prefix + ".".join(str(step) for step in wrong["loc"]),
            wrong["input"],
            wrong["msg"],
        )
        for wrong in error.errors(include_url=False, include_context=False)
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
    return problems if model.CHECK is None else problems + model.CHECK(fields)
