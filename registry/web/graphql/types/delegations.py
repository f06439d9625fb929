"""A duty delegated, a power granted or a burden imposed, in the schema, as of a moment."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry.types import Info

from registry.queries.burdens import burdens
from registry.relations.two_times import AsOf
from registry.web.graphql.scalars import MatterKind, Role
from registry.web.graphql.types.fields import ID, columns
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.graphql.types.matters import Matter, need_matter
from registry.web.graphql.types.units import Unit, need_unit


@strawberry.type(description="下放、赋权、交办。 One duty delegated, power granted or burden imposed.")
class Delegation:
    row: strawberry.Private[burdens.Delegation]
    moment: strawberry.Private[AsOf]
    ref: ID
    kind: MatterKind
    role: Role | None
    mode: str | None
    at: date
    until: date | None
    due_on: date | None
    brings: list[str]
    under: ID | None
    proposal: ID | None
    position: int

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.sender)

    @strawberry.field(name="to")
    async def recipient(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.recipient)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


def delegation_of(row: burdens.Delegation, moment: AsOf) -> Delegation:
    """A delegation of the schema."""
    plain = columns(row, "ref", "mode", "at", "until", "due_on", "brings", "under", "proposal", "position")
    return Delegation(
        row=row, moment=moment, kind=MatterKind(row.kind), role=None if row.role is None else Role(row.role), **plain
    )
