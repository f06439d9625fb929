"""Who of a territory effectively holds which powers, over GraphQL."""

from __future__ import annotations

from datetime import date
from typing import Final

import strawberry
from strawberry.types import Info

from registry.queries.matters import matters
from registry.queries.units.resolve import need_matter
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import resolve_within, territory
from registry.web.graphql.types import ID
from registry.web.problems import problem

MOST: Final = 200  # powers that are asked about at once


@strawberry.type(description="有效掌握一项权力的单位。 A power, and the units of a territory that effectively hold it.")
class PowerHolders:
    units_: strawberry.Private[list[str]]
    code: strawberry.Private[str]
    moment: strawberry.Private[AsOf]

    @strawberry.field
    async def power(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.code)

    @strawberry.field(description="单位。 By code; a team that acts in its bureau's name is not among them.")
    async def units(self, info: Info) -> list[t.Unit]:
        return [await t.need_unit(info, self.moment, code) for code in self.units_]


@strawberry.type
class PowerHolderQuestions:
    @strawberry.field(
        description="有效掌握权力的单位。 Which units of a territory (the unit and all below it) effectively hold each "
        "of these powers; at most 200 powers at once."
    )
    async def power_holders(
        self, info: Info, powers: list[ID], within: ID, as_of: date | None = None, known: Known | None = None
    ) -> list[PowerHolders]:
        context = context_of(info)
        when = await context.moment(as_of, known)
        if len(powers) > MOST:
            raise problem(
                "too-large", f"一次最多查询 {MOST} 项权力。", f"At most {MOST} powers are asked about at once."
            )
        code = await resolve_within(info, within, when)
        known_then = await matters.matters(context.pool, when, powers)
        for power in powers:
            if power not in known_then:
                await need_matter(context.pool, power, when)
        own = await territory(info)
        held = await context.run_in_thread(context.resources.checked.effective_holders, when, code, powers)
        return [
            PowerHolders(units_=[unit for unit in held[power] if own.has(unit)], code=power, moment=when)
            for power in powers
        ]
