"""What shows a finding, step by step, and what takes it out of the default answer, in the schema."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry.types import Info

from registry.queries.findings import steps
from registry.relations.two_times import AsOf
from registry.web.graphql.types.fields import ID, columns
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.graphql.types.matters import Matter, need_matter
from registry.web.graphql.types.units import Unit, load_unit


@strawberry.type(
    description="问题链条的一步。 A step of the chain that shows a finding, from the top down: a delegation, a demand, "
    "an item of a list or an order, in force on the day or as it was last. Of what is between others only the subject."
)
class FindingStep:
    row: strawberry.Private[steps.Step | None]
    moment: strawberry.Private[AsOf]
    subject: ID
    source: str | None = strawberry.field(
        description="delegation 下放，demand 要求出具，item 清单事项，order 督办；空：法定，或不可见。 null: by "
        "law, or not seen."
    )
    role: str | None = None
    mode: str | None = strawberry.field(default=None, description="Also how a list assigns an item.")
    began: date | None = None
    ended: date | None = strawberry.field(
        default=None, description="失效日。 The first day on which it is no longer in force."
    )
    in_force: bool = False
    due_on: date | None = None
    brings: list[str] = strawberry.field(default_factory=list[str])
    name: str | None = strawberry.field(default=None, description="Of an item its name, of an order its text.")
    listed: str | None = strawberry.field(default=None, description="清单名称。 The title of the item's list.")
    position: int | None = None

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row and self.row.sender)

    @strawberry.field(name="to")
    async def recipient(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row and self.row.recipient)

    @strawberry.field
    async def matter(self, info: Info) -> Matter | None:
        code = self.row and self.row.matter
        return None if code is None else await need_matter(info, self.moment, code)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row and self.row.instrument)


def step_of(subject: str, row: steps.Step | None, moment: AsOf) -> FindingStep:
    """A step of the schema."""
    if row is None:
        return FindingStep(row=None, moment=moment, subject=ID(subject), source=None)
    day = moment.valid_at
    in_force = row.began <= day and (row.ended is None or row.ended > day)
    plain = columns(row, "source", "role", "mode", "began", "ended", "due_on", "brings", "name", "listed", "position")
    return FindingStep(row=row, moment=moment, subject=ID(subject), in_force=in_force, **plain)


@strawberry.type(description="豁免。 A waiver of a finding, in force on the day.")
class Waiver:
    row: strawberry.Private[steps.Waiver]
    moment: strawberry.Private[AsOf]
    reason: str
    since: date
    ended: date | None = strawberry.field(description="终止日。 The first day on which it is no longer in force.")
    position: int

    @strawberry.field(description="豁免单位。 Who waived it.")
    async def by(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.waived_by)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


def waiver_of(row: steps.Waiver, moment: AsOf) -> Waiver:
    """A waiver of the schema."""
    return Waiver(row=row, moment=moment, **columns(row, "reason", "since", "ended", "position"))
