"""Lists in the schema: one by its code, those that reach a unit, and the items on them in pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import strawberry
from strawberry.types import Info

from registry.exchange.sheets.writing.printable import kind_of
from registry.queries import sounds
from registry.queries.lists import lists
from registry.queries.lists.items import Item
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor, read_position
from registry.web.graphql.scalars import Known, Level, MatterKind
from registry.web.graphql.types import ID
from registry.web.problems import bad_value


async def load_lists(context: RequestContext, codes: Sequence[str], moment: AsOf) -> Mapping[str, lists.List]:
    """Lists by code."""
    return await lists.lists(context.pool, moment, codes)


async def load_items(
    context: RequestContext, codes: Sequence[str], moment: AsOf, after: int, limit: int
) -> Mapping[str, list[Item]]:
    """A page of each list's items."""
    return await lists.items(context.pool, moment, codes, after, limit)


async def load_counts(context: RequestContext, codes: Sequence[str], moment: AsOf) -> Mapping[str, int]:
    """How many items each list has."""
    return await lists.counts(context.pool, moment, codes)


@strawberry.type(description="清单。 A positive or negative list, for an audience (a level) within a scope.")
class List:
    row: strawberry.Private[lists.List]
    moment: strawberry.Private[AsOf]
    code: ID
    title: str
    kind: str | None = strawberry.field(
        description="清单种类。 As registry lists import calls it; null: none of these."
    )
    polarity: str
    covers: MatterKind
    audience: Level
    closed: bool = strawberry.field(description="封闭。 Positive only: what is not on it is off the list.")
    assigns: str | None
    quota: int | None = strawberry.field(description="上限。 Of burdens: the most for each unit.")
    since: date
    until: date | None
    in_force: bool = strawberry.field(description="当日有效。 If not, it has no items that day.")
    position: int = strawberry.field(description="所依决定的序号。 Of its adoption.")

    @strawberry.field(description="适用地域。 The unit whose territory it is for; null: nationwide.")
    async def scope(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.scope)

    @strawberry.field(description="依据文件。 The document it rests on.")
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self.row.instrument)

    @strawberry.field(description="清单事项。 The items in force, in order of entry.")
    async def items(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[t.ListItem]:
        size = page_size(first)
        rows = await context_of(info).load(load_items, self.code, self.moment, read_position(after), size + 1) or []
        nodes = [t.item_of(row, self.moment) for row in rows]

        async def count() -> int:
            return await context_of(info).load(load_counts, self.code, self.moment) or 0

        return connection(nodes, lambda item: item.position, size, after, count)


def list_of(row: lists.List, moment: AsOf) -> List:
    """A list of the schema."""
    names = ("code", "title", "polarity", "closed", "assigns", "quota", "since", "until", "in_force", "position")
    plain: dict[str, Any] = t.columns(row, *names)
    return List(
        row=row, moment=moment, kind=kind_of(row), covers=MatterKind(row.covers), audience=Level(row.audience), **plain
    )


@strawberry.type
class ListQuestions:
    @strawberry.field(
        name="list", description="清单。 A list by its code, in force that day or not; null when the log knows none."
    )
    async def list_(self, info: Info, code: ID, as_of: date | None = None, known: Known | None = None) -> List | None:
        when = await context_of(info).moment(as_of, known)
        row = await context_of(info).load(load_lists, code, when)
        return None if row is None else list_of(row, when)

    @strawberry.field(
        description="查找清单。 Lists in force, by code: those that reach a unit, are made for the territory of a "
        "unit (scope), or of one within it (within), cover a kind of matter, or have a text in their title or as "
        "their code."
    )
    async def lists(
        self,
        info: Info,
        unit: ID | None = None,
        covers: MatterKind | None = None,
        search: str | None = None,
        scope: ID | None = None,
        within: ID | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[List]:
        if unit is not None and within is not None:
            raise bad_value("within", "unit 和 within 只能给出一个。", "Give unit or within, not both.")
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, key = page_size(first), read_cursor(after)
        kind, of = covers and covers.value, None if scope is None else await resolve_unit(pool, scope, when)
        below = None if within is None else await resolve_unit(pool, within, when)
        heard = await sounds.heard(pool, when, "list", search)
        if unit is None:
            rows = await lists.search(pool, when, search, key, size + 1, kind, of, heard, below)
            nodes = [list_of(row, when) for row in rows]
            return connection(
                nodes,
                lambda each: each.code,
                size,
                after,
                lambda: lists.count(pool, when, search, kind, of, heard, below),
            )
        unit = ID(await resolve_unit(pool, unit, when))
        reaching = await lists.reaching_unit(pool, when, unit)
        rows = [
            row
            for row in reaching
            if kind in (None, row.covers) and of in (None, row.scope) and lists.is_named(row, search, heard)
        ]
        nodes = [list_of(row, when) for row in rows if key is None or row.code > key]
        return connection(nodes[: size + 1], lambda each: each.code, size, after, lambda: len(rows))
