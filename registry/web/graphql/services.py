"""Services (“一件事”): one application for several matters, handed in once at one window."""

from __future__ import annotations

from datetime import date
from typing import Any

import strawberry
from strawberry.types import Info

from registry.queries import certificates
from registry.queries.certificates import UnknownVillage
from registry.queries.certificates.services import Service as ServiceRow
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import NEWEST, AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.scalars import Level
from registry.web.graphql.types import ID
from registry.web.problems import problem


@strawberry.type(
    description="“一件事”。 One application for several matters, handed in once at one window, with what to bring."
)
class Service:
    row: strawberry.Private[ServiceRow]
    moment: strawberry.Private[AsOf]
    window: Level | None = strawberry.field(description="在哪一级的窗口办。 At which level it is handed in.")
    materials: list[str] = strawberry.field(description="带什么。 What to bring, once.")
    procedure: str | None = strawberry.field(description="怎样办。 How it is done.")
    online: str | None = strawberry.field(description="网上在哪里办。 Where it is done online.")

    @strawberry.field(description="“一件事”本身。 The service as a matter.")
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.code)

    @strawberry.field(description="一张表办哪几样。 What the one application does.")
    async def includes(self, info: Info) -> list[t.Matter]:
        return [await t.need_matter(info, self.moment, code) for code in self.row.includes]


def service_of(row: ServiceRow, moment: AsOf) -> Service:
    """A service of the schema."""
    return Service(
        row=row,
        moment=moment,
        window=None if row.window is None else Level(row.window),
        materials=list(row.materials),
        **t.columns(row, "procedure", "online"),
    )


@strawberry.type
class ServiceQuestions:
    @strawberry.field(
        description="“一件事”有哪些：本村可办的（village）、在某单位这一级窗口办的（unit）、群众说的是哪一件（text）。 "
        "The services offered on a day: those open to a village, those handed in at a window of a unit's level, and "
        "those that a person means by a text, the likeliest first; the text is neither logged nor kept."
    )
    async def services(
        self,
        info: Info,
        village: ID | None = None,
        unit: ID | None = None,
        text: str | None = None,
        as_of: date | None = None,
    ) -> list[Service]:
        context = context_of(info)
        when = await context.moment(as_of)
        if village is not None:
            village = ID(await resolve_unit(context.pool, village, when))
        level = None if unit is None else await _level(info, unit, when)
        try:
            rows = await certificates.services_for(context.pool, when.valid_at, village=village, level=level, text=text)
        except UnknownVillage as error:
            raise problem(error.code, error.zh, error.en, field="village") from None
        return [service_of(row, AsOf(when.valid_at, NEWEST)) for row in rows]


async def _level(info: Info[Any, Any], unit: str, when: AsOf) -> str:
    code = await resolve_unit(context_of(info).pool, unit, when)
    return (await t.need_unit(info, when, code)).level.value
