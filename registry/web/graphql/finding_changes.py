"""Findings of two days compared, over GraphQL."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from registry.queries.findings.compared import compared
from registry.queries.findings.counts import CountedFinding
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_names, write_names
from registry.web.graphql.scalars import Known, Severity
from registry.web.graphql.seeing import resolve_within, territory
from registry.web.graphql.types import ID, SEVERITIES


@strawberry.type(description="两日之间变动的问题。 A finding that opened or closed, on the day on which it stands.")
class ComparedFinding:
    row: strawberry.Private[CountedFinding]
    moment: strawberry.Private[AsOf]

    @strawberry.field
    def rule(self) -> str:
        return self.row.rule

    @strawberry.field
    def severity(self) -> Severity:
        return SEVERITIES[self.row.severity]

    @strawberry.field
    def subject(self) -> ID:
        return ID(self.row.subject)

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.matter)


@strawberry.type(
    description="两日问题对照。 What of the findings of two days, none waived, is on one of them alone. Two are the "
    "same where rule, unit and subject are."
)
class FindingsCompared:
    moments: strawberry.Private[tuple[AsOf, AsOf]]
    opened_rows: strawberry.Private[Sequence[CountedFinding]]
    closed_rows: strawberry.Private[Sequence[CountedFinding]]

    @strawberry.field(description="新增。 Those of the later day alone, by rule, unit and subject.")
    def opened(self, first: int | None = None, after: str | None = None) -> Connection[ComparedFinding]:
        return _page(self.opened_rows, self.moments[1], first, after)

    @strawberry.field(description="消除。 Those of the earlier day alone, as they stood on it.")
    def closed(self, first: int | None = None, after: str | None = None) -> Connection[ComparedFinding]:
        return _page(self.closed_rows, self.moments[0], first, after)


def _page(
    rows: Sequence[CountedFinding], moment: AsOf, first: int | None, after: str | None
) -> Connection[ComparedFinding]:
    size, key = page_size(first), read_names(after, 3)
    begin = 0 if key is None else bisect_right(rows, tuple(key), key=_key)
    nodes = [ComparedFinding(row=row, moment=moment) for row in rows[begin : begin + size + 1]]
    return connection(nodes, lambda node: write_names(*_key(node.row)), size, after, lambda: len(rows))


def _key(row: CountedFinding) -> tuple[str, str, str]:
    return row.rule, row.unit, row.subject


@strawberry.type
class FindingChangeQuestions:
    @strawberry.field(
        description="两日问题对照。 Which findings of a territory stand on the later of two days and did not on the "
        "earlier, and the other way round, both as known at one position."
    )
    async def findings_compared(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        known: Known | None = None,
    ) -> FindingsCompared:
        later = await context_of(info).moment(to, known)
        earlier, context = AsOf(from_, later.known_at), context_of(info)
        scope = await resolve_within(info, within, later, ever=True)
        own = await territory(info)
        answers = await asyncio.gather(
            *(context.run_in_thread(context.resources.checked.counted, moment, scope) for moment in (earlier, later))
        )
        opened, closed = compared(*([row for row in rows if own.has(row.unit) and not row.waived] for rows in answers))
        return FindingsCompared(moments=(earlier, later), opened_rows=opened, closed_rows=closed)
