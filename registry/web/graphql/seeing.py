"""What of an answer a viewer may see: territories narrowed to its own, units named that must be its own."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError
from strawberry.types import Info

from registry.access.operations import Rule
from registry.access.territory import Territory
from registry.queries.units.resolve import resolve_unit, resolve_unit_ever
from registry.relations.two_times import AsOf
from registry.web.authorization import allows, refused
from registry.web.graphql.context import context_of
from registry.web.problems import problem


def forbidden(info: Info[Any, Any]) -> GraphQLError:
    """The error for what none of the viewer's roles is for: log in, or have another role."""
    return problem(*refused(context_of(info).viewer))


async def territory(info: Info[Any, Any]) -> Territory:
    """What the viewer sees of what is not published."""
    return await context_of(info).territory()


async def seen(info: Info[Any, Any]) -> list[str] | None:
    """The units of the viewer's territory, for a statement; None: all there are."""
    return (await territory(info)).listed


async def seen_as_recorder(info: Info[Any, Any]) -> list[str] | None:
    """The units of which the viewer sees who recorded what. Raises `forbidden` where it sees that of none."""
    context = context_of(info)
    if not allows(Rule.RECORDER, context.viewer):
        raise forbidden(info)
    return (await context.territory(Rule.RECORDER)).listed


async def resolve_within(info: Info[Any, Any], name: str, moment: AsOf, *, ever: bool = False) -> str:
    """The unit whose territory is asked about; where that is above the viewer's own, the viewer's own in its place.

    Raises UnknownUnit; NotOwn where nothing of it is the viewer's.
    """
    pool = context_of(info).pool
    code = await (resolve_unit_ever if ever else resolve_unit)(pool, name, moment)
    return await narrowed(info, code) or code


async def narrowed(info: Info[Any, Any], code: str | None) -> str | None:
    """A territory as `resolve_within` has it; None: the whole registry. Raises NotOwn."""
    return (await territory(info)).narrowed(code)


async def need_own(info: Info[Any, Any], code: str) -> None:
    """Raise NotOwn for a unit that is not of the viewer's territory."""
    (await territory(info)).need(code)
