"""A document in the schema, as of a moment: what gives a decision its basis."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from strawberry.types import Info

from registry.queries import instruments
from registry.relations.two_times import AsOf
from registry.web.graphql import loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.types.fields import ID, columns
from registry.web.graphql.types.units import Unit, load_unit


@strawberry.type(description="依据文件。 The document that gives a decision its basis.")
class Instrument:
    row: strawberry.Private[instruments.Instrument]
    moment: strawberry.Private[AsOf]
    number: ID = strawberry.field(description="文号。 Its number.")
    title: str
    kind: str
    since: date
    until: date | None
    in_force: bool
    reenacted: bool = strawberry.field(
        description="废止后由 replacedBy 重新规定：原依据它作出的决定继续有效。"
        " Once repealed it is re-enacted by replacedBy: what was decided under it stands."
    )
    position: int

    @strawberry.field
    async def issuer(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.issuer)

    @strawberry.field
    async def replaced_by(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.replaced_by)


def instrument_of(row: instruments.Instrument, moment: AsOf) -> Instrument:
    """A document of the schema."""
    plain = columns(row, "number", "title", "kind", "since", "until", "in_force", "reenacted", "position")
    return Instrument(row=row, moment=moment, **plain)


async def load_instrument(info: Info[Any, Any], moment: AsOf, number: str | None) -> Instrument | None:
    """A document by number, in force or not."""
    row = None if number is None else await context_of(info).load(loaders.load_instruments, number, moment)
    return None if row is None else instrument_of(row, moment)
