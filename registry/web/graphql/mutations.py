"""Mutations: `record` for journal objects, and one typed mutation for each type of decision, made from its fields."""

from __future__ import annotations

import types
from collections.abc import Sequence
from datetime import date
from inspect import Parameter, Signature
from typing import Annotated, Any, Final, Literal, Union, cast, get_args, get_origin

import psycopg
import strawberry
from graphql import GraphQLError
from pydantic.fields import FieldInfo
from strawberry.scalars import JSON
from strawberry.tools import create_type
from strawberry.types import Info

from registry import checker
from registry.domain import words
from registry.domain.decision import Cleared
from registry.domain.decisions import TYPES, Decision, LawfulHolder
from registry.domain.problems import advice
from registry.domain.text import counted
from registry.recording import unit_of_work
from registry.relations.two_times import AsOf
from registry.web.graphql.context import context_of
from registry.web.graphql.finding_loaders import load_assessed
from registry.web.graphql.scalars import Level, MatterKind, Role
from registry.web.graphql.types import Finding, finding_of
from registry.web.graphql.undo import From, record_undo
from registry.web.problems import line_errors, problem

ID = strawberry.ID

# Words that the contract has as enums; others are texts, as in what the schema answers.
ENUMS: Final[tuple[tuple[tuple[str, ...], Any], ...]] = (
    (words.LEVELS, Level),
    (words.ROLES, Role),
    (words.MATTER_KINDS, MatterKind),
)


@strawberry.type(description="记录结果。 What was recorded.")
class Recorded:
    before: strawberry.Private[int]
    after: strawberry.Private[int]
    positions: list[int] = strawberry.field(
        description="序号。 Of the decisions given, in order; a repeat has the position it was recorded at first."
    )

    annulled: list[int] = strawberry.field(
        description="重复且已被撤销、仍不生效的序号。 Of the positions, those annulled since: they do not hold."
    )

    warning: str | None = strawberry.field(
        description="时钟可能有误、编号与已有的相像的提示。 Where the clock cannot be right, or ids look like others."
    )

    @strawberry.field(
        description="新产生的问题。 Findings that hold since, as of today or of the last day on which one takes effect."
    )
    async def opened(self, info: Info) -> list[Finding]:
        return [finding_of(row, moment) for row, moment in await self._changed(info, "opened")]

    @strawberry.field(description="消除的问题。 Findings that hold no longer, as of the same day.")
    async def closed(self, info: Info) -> list[Finding]:
        return [finding_of(row, moment) for row, moment in await self._changed(info, "closed")]

    async def _changed(self, info: Info, which: Literal["opened", "closed"]) -> list[tuple[checker.Finding, AsOf]]:
        if self.before == self.after:
            return []
        result = await context_of(info).load(load_assessed, f"{self.before} {self.after}")
        assert result is not None
        rows, known = (result.opened, self.after) if which == "opened" else (result.closed, self.before)
        return [(row, AsOf(result.as_of, known)) for row in rows]


@strawberry.input(description="法定承担者。 Units of this level and function hold the matter by law.")
class LawfulHolderInput:
    level: Level
    function: str


async def record(info: Info, decisions: list[JSON]) -> Recorded:
    """记录决定，全部成功或全部不记录。 Record decisions (journal objects) in one transaction: all or nothing."""
    return await recorded(info, decisions)


async def undo(
    info: Info, from_: From, to: int | None = None, with_later: bool | None = False, shown: str | None = None
) -> Recorded:
    """撤回。 Take back the decisions from one position to another; `shown`: the digest that the query `undo` gave."""
    done = await record_undo(info, from_, to, with_later=bool(with_later), shown=shown)
    return _recorded(done)


async def recorded(info: Info[Any, Any], decisions: Sequence[Any]) -> Recorded:
    """Record journal objects; refused ones become one error that lists them all."""
    try:
        done = await context_of(info).resources.run_recording(_record, decisions)
    except unit_of_work.JournalRefused as refused:
        raise _refused(refused) from None
    except unit_of_work.Busy as busy:
        raise problem(busy.code, busy.zh, busy.en) from None
    return _recorded(done)


def _recorded(done: unit_of_work.Recorded) -> Recorded:
    return Recorded(
        before=done.before,
        after=done.after,
        positions=done.positions,
        annulled=list(done.annulled),
        warning=done.warning and done.warning.joined,
    )


def _record(connection: psycopg.Connection, decisions: Sequence[Any]) -> unit_of_work.Recorded:
    return unit_of_work.record(connection, decisions)


def _refused(refused: unit_of_work.JournalRefused) -> GraphQLError:
    errors = line_errors(refused.errors)
    zh, en = refused.errors[0].message
    if refused.count > 1:
        zh = f"{refused.count} 项决定有误，未记录任何内容。首项：{zh}"
        en = f"{counted(refused.count, 'decision is', 'decisions are')} bad; nothing was recorded. The first: {en}"
    first = refused.errors[0]
    hint = advice(first.code)._asdict()  # of the decision, not of the question
    return problem(first.code, zh, en, field=first.field, errors=errors, hint=hint)


def typed(decision: type[Decision]) -> Any:
    """The mutation that records one decision of a type: an argument for each of its fields, in their order."""
    fields = {name: field for name, field in decision.model_fields.items() if name != "type"}
    kind = decision.__name__

    async def resolver(info: Info, **arguments: Any) -> Recorded:
        given = {
            fields[name].alias or name: _journal(value)
            for name, value in arguments.items()
            if value is not strawberry.UNSET
        }
        return await recorded(info, [{"type": kind, **given}])

    required = [name for name, field in fields.items() if field.is_required()]
    ordered = [*required, *(name for name in fields if name not in required)]
    resolver.__name__ = decision.MUTATION
    parameters = [_parameter(name, fields[name]) for name in ordered]
    # strawberry reads a resolver's arguments from its signature and annotations.
    signature = Signature([Parameter("info", Parameter.KEYWORD_ONLY, annotation=Info), *parameters])
    setattr(resolver, "__signature__", signature.replace(return_annotation=Recorded))  # noqa: B010
    annotations = {parameter.name: parameter.annotation for parameter in parameters}
    resolver.__annotations__ = {"info": Info, **annotations, "return": Recorded}
    description = f"{decision.SENTENCE.zh} {decision.SENTENCE.en}"
    return strawberry.mutation(resolver=resolver, name=decision.MUTATION, description=description)


def _parameter(name: str, field: FieldInfo) -> Parameter:
    given = graphql_type(field.annotation, field.metadata)
    if not field.is_required():
        given = given | None
    if field.alias:
        given = Annotated[given, strawberry.argument(name=field.alias)]
    default = Parameter.empty if field.is_required() else strawberry.UNSET
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=given, default=default)


def graphql_type(annotation: Any, metadata: Sequence[Any] = ()) -> Any:
    """The schema's type for a field of a decision."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return graphql_type(inner[0], inner[1:])
    if origin in (Union, types.UnionType):
        kinds = [each for each in inner if each not in (type(None), Cleared)]
        return graphql_type(kinds[0], metadata) if len(kinds) == 1 else str
    if origin is Literal:
        return next((enum for allowed, enum in ENUMS if inner == allowed), str)
    if origin is tuple:
        return list[graphql_type(inner[0])]
    if origin is dict:
        return JSON
    if annotation is LawfulHolder:
        return LawfulHolderInput
    if annotation is str:
        return ID if any(getattr(each, "pattern", None) and "#" in each.pattern for each in metadata) else str
    return annotation


def _journal(value: Any) -> Any:
    """An argument as the journal writes it."""
    if isinstance(value, LawfulHolderInput):
        return {"level": value.level.value, "function": value.function}
    if isinstance(value, list):
        return [_journal(each) for each in cast("list[Any]", value)]
    if isinstance(value, date):
        return value.isoformat()
    return getattr(value, "value", value)


Mutation: Final = create_type(
    "Mutation",
    [
        cast(Any, strawberry.mutation(resolver=record, description=record.__doc__)),
        cast(Any, strawberry.mutation(resolver=undo, description=undo.__doc__)),
        *map(typed, TYPES.values()),
    ],
    description="记录决定。 Record decisions.",
)
