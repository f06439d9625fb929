"""Every field guarded by its row in the table of operations, whatever its resolver does.

Resolvers narrow what they ask to the viewer's territory, so that totals and pages are right; this sees to it that what
comes of it is the viewer's to see, and that a field without a row is for nobody. Where the registry is open nothing of
it is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any, Final, cast

import graphql
from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from registry.access.operations import Rule, field_rule
from registry.access.territory import Territory
from registry.web.authorization import allows
from registry.web.graphql import loaders
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.seeing import forbidden, need_own
from registry.web.problems import problem

_DEFAULT: Final[Any] = cast(Any, graphql).default_field_resolver
ROOTS: Final = ("Query", "Mutation", "Subscription")
Units = Callable[[Any], tuple[str | None, ...]]
Masked = Callable[[Any, Any, Any], Awaitable[Any]]
_BY_POSITION: Final = ("Decision", "RestingDecision")
log = logging.getLogger("registry.web")

# Whose an object is: seen by whoever has one of these units, as they are read and, where a page is of the territory's
# as they were recorded, as that too. What is not here is guarded by what it belongs to.
WHOSE: Final[dict[str, Units]] = {
    "Accountability": lambda each: (each.unit,),
    "Assessment": lambda each: (each.row.by, each.row.unit),
    "AssessmentSummary": lambda each: (each.row.unit,),
    "BurdenYear": lambda each: (each.row.unit,),
    "Case": lambda each: (each.row.by, each.row.settled_by),
    "Change": lambda each: (each.row.unit,),
    "CustodySpan": lambda each: (each.row.holder, each.row.sender),
    "Delegation": lambda each: (each.row.sender, each.row.recipient),
    "Finding": lambda each: (each.row.unit, _parent_of_new(each)),
    "FindingEvent": lambda each: (each.row.unit,),
    "Holding": lambda each: (each.row.unit, each.row.sender),
    "ImposedBurden": lambda each: (each.delegation.row.sender, each.delegation.row.recipient),
    "Landed": lambda each: (each.delegation.row.sender, each.delegation.row.recipient),
    "Landing": lambda each: (each.code,),
    "MonitoringPoint": lambda each: (each.row.unit,),
    "Proposal": lambda each: (each.row.sender, each.row.recipient, each.row.made_to),
    "Rectification": lambda each: (each.row.unit, each.row.by),
    "Report": lambda each: (each.row.unit, each.row.made_by, each.row.sender, each.row.recipient),
    "UnitBalance": lambda each: (each.row.unit,),
    "UnitTallies": lambda each: (each.code,),
}


def guard(schema: GraphQLSchema) -> None:
    """Guard every field of the schema."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                _guard(kind.name, name, field)


def _guard(kind: str, name: str, field: GraphQLField) -> None:
    rule = field_rule(kind, name)
    shape = cast(Any, field).type
    result = str(cast(Any, get_named_type(shape)).name)
    before = _before(kind, name, rule)
    if kind == "Subscription":
        field.subscribe = _checked(field.subscribe or _DEFAULT, before, None)
        return
    after = MASKED.get((kind, name))
    of = result.removesuffix("Connection")
    if after is None and (of in WHOSE or of in _BY_POSITION or of == "Remedy"):
        after = _only_seen(of, needed=isinstance(shape, GraphQLNonNull))
    if before is not None or after is not None:
        field.resolve = _checked(field.resolve or _DEFAULT, before, after)


def _before(kind: str, name: str, rule: Rule | None) -> Callable[[Any, Any], Awaitable[None]] | None:
    """What is asked before a field is resolved: whether any of the viewer's roles is for it, and for this unit."""
    if rule is None:
        log.error("%s.%s has no row in the table of operations", kind, name)
    if rule is Rule.PUBLISHED or (rule is not None and kind not in ROOTS and rule in (Rule.OBJECT, Rule.RECORDER)):
        return None

    async def check(source: Any, info: Any) -> None:
        if rule is None or not allows(rule, context_of(info).viewer):
            raise forbidden(info)
        if kind == "Unit":
            await need_own(info, source.code)

    return check


def _checked(
    resolve: Callable[..., Any], before: Callable[[Any, Any], Awaitable[None]] | None, after: Masked | None
) -> Callable[..., Any]:
    """A resolver with what is asked before and after it, of viewers that do not see everything."""

    async def limited(source: Any, info: Any, **arguments: Any) -> Any:
        if before is not None:
            await before(source, info)
        result = resolve(source, info, **arguments)
        if isawaitable(result):
            result = await result
        return result if after is None or result is None else await after(source, info, result)

    def guarded(source: Any, info: Any, **arguments: Any) -> Any:
        if cast(RequestContext, info.context).viewer.open:
            return resolve(source, info, **arguments)
        return limited(source, info, **arguments)

    return guarded


# --------------------------------------------------------------------------------------------------- what comes of it


def _only_seen(kind: str, *, needed: bool) -> Masked:
    """What of a result is the viewer's: of a list the rest is left out, one that is not is null."""

    async def only_seen(_: Any, info: Any, result: Any) -> Any:
        own = await context_of(info).territory()
        if own.everywhere:
            return result
        if isinstance(result, (list, tuple)):
            rows = cast("Sequence[Any]", result)
            kept = await _seen(kind, rows, own, info)
            return [row for row, seen in zip(rows, kept, strict=True) if seen]
        if hasattr(result, "page_info"):
            assert all(await _seen(kind, result.nodes, own, info)), f"a page of {kind} that is not all the viewer's"
            return result
        if (await _seen(kind, [result], own, info))[0]:
            return result
        if needed:
            raise problem("not-found", "没有这项内容。", "There is no such thing.")
        return None

    return only_seen


async def _seen(kind: str, rows: Sequence[Any], own: Territory, info: Any) -> list[bool]:
    if kind in _BY_POSITION:
        positions = [row.position if kind == "Decision" else row.decision.position for row in rows]
        context, units = context_of(info), tuple(own.listed or ())
        return [bool(await context.load(loaders.load_seen, position, units)) for position in positions]
    if kind == "Remedy":
        return [await _of_own_refs(row, own, info) for row in rows]
    whose = WHOSE[kind]
    # An item of a list that began or ended is of no unit: lists are published.
    return [own.has(*whose(row)) or (kind == "Change" and row.row.unit is None) for row in rows]


def _parent_of_new(finding: Any) -> str | None:
    """The unit above one that only a simulation knows."""
    new = None if finding.simulated is None else finding.simulated.units.get(finding.row.unit)
    return None if new is None else new.parent


async def _of_own_refs(remedy: Any, own: Territory, info: Any) -> bool:
    """Whether a way out names nothing that cannot be seen."""
    refs = {str(each["ref"]) for each in remedy.row.decisions if "ref" in each and "matter" not in each}
    of = [await context_of(info).load(loaders.load_units_of_refs, ref) for ref in sorted(refs)]
    return all(units is None or own.has(*units) for units in of)


async def _names_in_chain(_: Any, info: Any, result: list[str]) -> list[str]:
    """A chain of subjects; of what is handed on outside the territory only who receives it is told, by name."""
    context, own = context_of(info), await context_of(info).territory()
    if own.everywhere:
        return result
    shown: list[str] = []
    for subject in result:
        units = None if "#" in subject else await context.load(loaders.load_units_of_refs, subject)
        if units is None or own.has(*units):
            shown.append(subject)
            continue
        code = units[1] if len(units) > 1 else units[0]
        unit = await context.load(loaders.load_units, code, await context.moment())
        shown.append(code if unit is None else unit.name)
    return shown


async def _names_in_links(_: Any, info: Any, result: list[Any]) -> list[Any]:
    """The links of a chain of powers, their subjects as a chain's are."""
    subjects = await _names_in_chain(None, info, [link.subject for link in result])
    return [replace(link, subject=subject) for link, subject in zip(result, subjects, strict=True)]


async def _sees_who_recorded(position: int, info: Any) -> bool:
    """Whether a decision is of one of the units of which the viewer sees who recorded what."""
    context = context_of(info)
    if not allows(Rule.RECORDER, context.viewer):
        return False
    own = await context.territory(Rule.RECORDER)
    return own.everywhere or bool(await context.load(loaders.load_seen, position, tuple(own.listed or ())))


async def _who_recorded(source: Any, info: Any, result: Any) -> Any:
    """Who recorded a decision, for those who see that of one of its units."""
    return result if await _sees_who_recorded(source.position, info) else None


async def _leaf(source: Any, info: Any, result: Any) -> Any:
    """The bytes of a leaf are the decision and who recorded it, for they cannot be cut; only its hash is published."""
    if await _sees_who_recorded(source.position, info):
        return result
    raise forbidden(info)


MASKED: Final[dict[tuple[str, str], Masked]] = {
    ("Decision", "recordedBy"): _who_recorded,
    ("Finding", "path"): _names_in_chain,
    ("PowerHolding", "chain"): _names_in_chain,
    ("PowerHolding", "links"): _names_in_links,
    ("InclusionProof", "leaf"): _leaf,
}
