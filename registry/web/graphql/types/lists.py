"""An item of a list in the schema, as of a moment."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry.types import Info

from registry.queries.lists import items as list_items
from registry.relations.two_times import AsOf
from registry.web.graphql.scalars import Level, MatterKind, Role
from registry.web.graphql.types.fields import ID, columns
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.graphql.types.matters import Matter, need_matter
from registry.web.graphql.types.units import Unit, load_unit


@strawberry.type(description="清单事项。 An item of a list in force, with what matters of its list.")
class ListItem:
    row: strawberry.Private[list_items.Item]
    moment: strawberry.Private[AsOf]
    subject: ID = strawberry.field(description="LIST#ITEM")
    list: ID
    title: str = strawberry.field(description="清单名称。 Of the list.")
    polarity: str
    covers: MatterKind
    audience: Level
    closed: bool
    assigns: str | None
    quota: int | None
    item: ID
    name: str
    category: str | None
    terms: list[str]
    roles: list[Role]
    brings: list[str]
    issuer: str | None
    alternative: str | None
    since: date
    until: date | None
    position: int

    @strawberry.field(description="适用地域。 The unit whose territory it is for; null: nationwide.")
    async def scope(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.scope)

    @strawberry.field
    async def matter(self, info: Info) -> Matter | None:
        code = self.row.matter
        return None if code is None else await need_matter(info, self.moment, code)

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.sender)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


def item_of(row: list_items.Item, moment: AsOf) -> ListItem:
    """An item of the schema."""
    names = ("list", "title", "polarity", "closed", "assigns", "quota", "item", "name", "category", "terms", "brings")
    plain = columns(row, *names, "issuer", "alternative", "since", "until", "position")
    return ListItem(
        row=row,
        moment=moment,
        subject=ID(f"{row.list}#{row.item}"),
        covers=MatterKind(row.covers),
        audience=Level(row.audience),
        roles=[Role(role) for role in row.roles],
        **plain,
    )
