"""A matter in the schema, as of a moment."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from registry.domain.words import GRANT_MODES
from registry.impact.remedies.records import fit_document
from registry.queries.matters import matters
from registry.relations.two_times import AsOf
from registry.web.graphql import loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, history_page
from registry.web.graphql.relay import Connection
from registry.web.graphql.scalars import Level, MatterKind
from registry.web.graphql.types.fields import ID, columns
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.problems import bad_value


@strawberry.type(description="法定承担者。 Units of this level and function hold the matter by law.")
class LawfulHolder:
    level: Level
    function: str


@strawberry.type(description="事项。 Anything a list can name.")
class Matter:
    row: strawberry.Private[matters.Matter]
    moment: strawberry.Private[AsOf]
    code: ID
    kind: MatterKind
    name: str
    category: str | None
    aliases: list[str]
    basis: list[str]
    lawful_holders: list[LawfulHolder]
    needs: list[str]
    power_kind: str | None
    issuer: str | None = strawberry.field(description="出具机关。 Of a certificate: who issues it.")
    alternative: str | None = strawberry.field(description="替代办法。 Of a certificate: what does instead.")
    materials: list[str] = strawberry.field(description="所需材料。 Of a certificate or service: what to bring.")
    procedure: str | None = strawberry.field(description="办理方式。 Of a certificate or service: how it is done.")
    online: str | None = strawberry.field(
        description="网上办理。 Of a certificate or service: where it is done or checked."
    )
    asks: list[str] = strawberry.field(description="填报内容。 Of a form: the fields that it asks for.")
    window: Level | None = strawberry.field(description="办理窗口。 Of a service: at which level it is handed in.")
    in_law: bool = strawberry.field(description="有效。 Begun and not retired: can be held by law.")
    retired: bool
    position: int

    @strawberry.field(description="包含事项。 The matters that a service does with one application.")
    async def includes(self, info: Info) -> list[Matter]:
        return [await need_matter(info, self.moment, code) for code in self.row.includes]

    @strawberry.field(description="所需权力。 The powers that a duty requires.")
    async def requires(self, info: Info) -> list[Matter]:
        return [await need_matter(info, self.moment, code) for code in self.row.requires]

    @strawberry.field(
        description="适格的依据文件。 Of a power: the document in force by which it may be handed down in a mode "
        "(devolved, entrusted), as ways out name it; null where none is known, and of all that is no power."
    )
    async def fit_instrument(self, info: Info, mode: str) -> Instrument | None:
        if mode not in GRANT_MODES:
            names = ", ".join(GRANT_MODES)
            zh, en = f"没有下放方式“{mode}”，可用：{names}。", f"There is no mode {mode}; use {names}."
            raise bad_value("mode", zh, en)
        if self.kind is not MatterKind.POWER or self.power_kind is None:
            return None
        work, when = context_of(info).resources.run_in_thread, self.moment
        number = await work(fit_document, self.code, self.power_kind, self.basis, mode, when)
        return await load_instrument(info, when, number)

    @strawberry.field(
        description="变更记录。 The decisions that name it, and what became of what they are about, by position."
    )
    async def history(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Decision]:
        return await history_page(info, "matter", self.code, self.moment.known_at, first, after)


def matter_of(row: matters.Matter, moment: AsOf) -> Matter:
    """A matter of the schema."""
    names = ("code", "name", "category", "aliases", "basis", "needs", "power_kind", "issuer", "alternative")
    plain = columns(row, *names, "materials", "procedure", "online", "asks", "in_law", "retired", "position")
    lawful = [LawfulHolder(level=Level(each["level"]), function=each["function"]) for each in row.lawful_holders]
    window = None if row.window is None else Level(row.window)
    return Matter(row=row, moment=moment, kind=MatterKind(row.kind), window=window, lawful_holders=lawful, **plain)


async def need_matter(info: Info[Any, Any], moment: AsOf, code: str) -> Matter:
    """A matter that a row names, so that it is there."""
    result = await context_of(info).load(loaders.load_matters, code, moment)
    assert result is not None, code
    return matter_of(result, moment)
