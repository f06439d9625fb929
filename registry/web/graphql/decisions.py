"""Decisions of the log as objects of the schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from registry.domain.decisions import TYPES
from registry.queries.history import decisions
from registry.web.graphql import loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.effects import Effect, effect_of
from registry.web.graphql.relay import Connection, connection, page_size, read_position
from registry.web.graphql.types.fields import text_in


@strawberry.type(description="决定的一项内容。 A field of a decision in words.")
class StatedField:
    field: str = strawberry.field(description="原文的字段名。 Its name in the journal.")
    label: str
    value: str


@strawberry.type(description="决定。 A decision as recorded.")
class Decision:
    position: int
    type: str
    at: date
    recorded_at: datetime
    recorded_by: str | None
    data: JSON = strawberry.field(description="原文。 The journal object.")

    @strawberry.field(description="说明。 What a decision of this type says, in a sentence.")
    def message(self, lang: str = "zh") -> str:
        sentence = TYPES[self.type].SENTENCE
        return sentence.en if lang == "en" else sentence.zh

    @strawberry.field(description="概要。 What was decided, in a line with the names of what it names, in zh or en.")
    async def summary(self, info: Info, lang: str | None = "zh") -> str:
        text = await context_of(info).load(loaders.load_headlines, self.position)
        assert text is not None, self.position
        return text_in(text._asdict(), lang)

    @strawberry.field(description="逐项。 What it says, field by field, with names; of a correction what it sets.")
    async def stated(self, info: Info, lang: str | None = "zh") -> list[StatedField]:
        rows = await context_of(info).load(loaders.load_stated, self.position) or []
        return [
            StatedField(
                field=row.field, label=text_in(row.label._asdict(), lang), value=text_in(row.value._asdict(), lang)
            )
            for row in rows
        ]

    @strawberry.field(description="更正、撤销或恢复它的决定。 What corrected, annulled or reinstated it, in order.")
    async def corrected_by(self, info: Info) -> list[Decision]:
        links = await context_of(info).load(loaders.load_links, self.position)
        return await _at(info, links.corrected_by if links else [])

    @strawberry.field(description="所更正的决定。 Of a correction: what it corrects; null of any other decision.")
    async def corrects(self, info: Info) -> Decision | None:
        links = await context_of(info).load(loaders.load_links, self.position)
        of = await _at(info, [links.corrects] if links and links.corrects is not None else [])
        return of[0] if of else None

    @strawberry.field(description="效果。 What it changed in what the registry says, by days.")
    async def effects(self, info: Info) -> list[Effect]:
        rows = await context_of(info).load(loaders.load_effects, str(self.position))
        return [effect_of(row) for row in rows or []]


def decision_of(row: decisions.Decision) -> Decision:
    """A decision of the schema."""
    return Decision(
        position=row.position,
        type=row.type,
        at=date.fromisoformat(row.data["at"]),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        data=cast(JSON, row.data),
    )


async def _at(info: Info[Any, Any], positions: Sequence[int]) -> list[Decision]:
    rows = [await context_of(info).load(loaders.load_decisions, position) for position in positions]
    return [decision_of(row) for row in rows if row is not None]


async def history_page(
    info: Info[Any, Any], aggregate: str, code: str, known: int, first: int | None, after: str | None
) -> Connection[Decision]:
    """A page of the decisions that name a unit or a matter."""
    size = page_size(first)
    context = context_of(info)
    # What names a unit of one's own is one's own to see; of a matter it may be of anybody's.
    units = (await context.territory()).listed if aggregate == "matter" else None
    only = None if units is None else tuple(units)
    rows = await context.load(loaders.load_history, code, known, read_position(after), size + 1, aggregate, only) or []
    nodes = [decision_of(row) for row in rows]

    async def count() -> int:
        return await context.load(loaders.load_history_length, code, known, aggregate, only) or 0

    return connection(nodes, lambda decision: decision.position, size, after, count)
