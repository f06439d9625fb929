"""A duty, power or burden that a unit holds, in the schema, as of a moment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.types import Info

from registry.queries.holdings import holdings, powers
from registry.relations.two_times import AsOf
from registry.web.graphql import loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.scalars import Role
from registry.web.graphql.types.fields import ID, columns, ids
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.graphql.types.matters import Matter, need_matter
from registry.web.graphql.types.units import Unit, load_unit, need_unit

if TYPE_CHECKING:
    from registry.web.graphql.lists import List
    from registry.web.graphql.types.delegations import Delegation


@strawberry.type(description="承担。 A unit holding a matter: by law, by a list that assigns, or by a delegation.")
class Holding:
    row: strawberry.Private[holdings.Holding]
    moment: strawberry.Private[AsOf]
    role: Role | None = strawberry.field(description="权力和负担事项为空。 null for powers and burdens.")
    by: str = strawberry.field(description="依据种类。 law, list or delegation")
    subject: ID = strawberry.field(description="依据编号。 LAW#MATTER, LIST#ITEM, or the delegation's ref.")
    mode: str = strawberry.field(
        description="方式。 As decided; law or vested by law, assigned by a list of duties, imposed for a burden."
    )
    since: date
    until: date | None
    brings: list[str]
    due_on: date | None
    position: int = strawberry.field(description="所依决定的序号。 Of the decision it rests on.")

    @strawberry.field
    async def unit(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from", description="交办单位。 Who handed it down, read as its successor.")
    async def sender(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.sender)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)

    @strawberry.field(
        description="所缺权力。 Of the powers that the matter requires, those that neither the unit nor a department "
        "or team of it effectively holds."
    )
    async def missing(self, info: Info) -> list[Matter]:
        # Most matters require nothing, and their holders are asked about no further.
        if not (await need_matter(info, self.moment, self.row.matter)).row.requires:
            return []
        codes = await context_of(info).load(loaders.load_missing, (self.row.unit, self.row.matter), self.moment)
        return [await need_matter(info, self.moment, code) for code in codes or ()]

    @strawberry.field(
        description="是否有效。 Of a power: whether the unit effectively holds it. Null for duties and burdens, and "
        "where the unit is not within your territory."
    )
    async def effective(self, info: Info) -> bool | None:
        context = context_of(info)
        matter = await need_matter(info, self.moment, self.row.matter)
        if matter.row.kind != "power" or not (await context.territory()).has(self.row.unit):
            return None
        return await context.load(loaders.load_effective, (self.row.unit, self.row.matter), self.moment)


def holding_of(row: holdings.Holding, moment: AsOf) -> Holding:
    """A holding of the schema."""
    plain = columns(row, "by", "subject", "mode", "since", "until", "brings", "due_on", "position")
    return Holding(row=row, moment=moment, role=None if row.role is None else Role(row.role), **plain)


@strawberry.type(description="来源链的一环。 One link of a chain of powers: the law, a list that assigns, or a grant.")
class PowerLink:
    moment: strawberry.Private[AsOf]
    row: strawberry.Private[str]
    subject: ID = strawberry.field(description="LAW#MATTER, LIST#ITEM, or the grant's ref.")

    @strawberry.field(description="所依的下放。 The grant, where it is one.")
    async def delegation(
        self, info: Info
    ) -> Annotated[Delegation, strawberry.lazy("registry.web.graphql.types.delegations")] | None:
        from registry.web.graphql.delegations import load_delegations
        from registry.web.graphql.types.delegations import delegation_of

        result = None if "#" in self.row else await context_of(info).load(load_delegations, self.row, self.moment)
        return None if result is None else delegation_of(result.delegation, self.moment)

    @strawberry.field(name="list", description="所依的清单。 The list, where it is an item of one.")
    async def of_list(self, info: Info) -> Annotated[List, strawberry.lazy("registry.web.graphql.lists")] | None:
        from registry.web.graphql.lists import list_of, load_lists

        code, _, _ = self.row.rpartition("#")
        result = None if code in ("", "LAW") else await context_of(info).load(load_lists, code, self.moment)
        return None if result is None else list_of(result, self.moment)


@strawberry.type(description="权力。 A power that a unit holds, or was handed in vain.")
class PowerHolding:
    row: strawberry.Private[powers.PowerHolding]
    moment: strawberry.Private[AsOf]
    effective: bool
    entrusted_only: bool = strawberry.field(description="仅受委托。 So that it may not grant it again.")
    chain: list[ID] = strawberry.field(description="来源链。 Subjects from the original holder down to it.")

    @strawberry.field
    async def power(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.power)

    @strawberry.field(description="来源链的各环。 The chain, each link with what it is.")
    async def links(self) -> list[PowerLink]:
        return [PowerLink(moment=self.moment, row=subject, subject=ID(subject)) for subject in self.row.chain]


def power_of(row: powers.PowerHolding, moment: AsOf) -> PowerHolding:
    """A power of the schema."""
    return PowerHolding(
        row=row, moment=moment, effective=row.effective, entrusted_only=row.entrusted_only, chain=ids(row.chain)
    )
