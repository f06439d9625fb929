"""The schema: the questions at its root."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import date
from typing import Final

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, Undefined
from strawberry.types import Info

from registry.queries import sounds
from registry.queries.history import decisions
from registry.queries.history.decisions import Wanted
from registry.queries.holdings import holdings
from registry.queries.matters import matters
from registry.queries.units import units
from registry.queries.units.resolve import need_matter, resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.assessments import AssessmentQuestions
from registry.web.graphql.balance import BalanceQuestions
from registry.web.graphql.balance_series import BalanceSeriesQuestions
from registry.web.graphql.bounded import BoundedExecution
from registry.web.graphql.burdens import BurdenQuestions
from registry.web.graphql.cases import CaseQuestions
from registry.web.graphql.certificates import CertificateQuestions
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, decision_of
from registry.web.graphql.delegations import DelegationQuestions
from registry.web.graphql.execution import Prepared, Schema
from registry.web.graphql.finding_changes import FindingChangeQuestions
from registry.web.graphql.finding_events import FindingEvent, FindingEventQuestions, follow_findings
from registry.web.graphql.finding_facets import FindingFacetQuestions
from registry.web.graphql.findings import FindingQuestions
from registry.web.graphql.guarding import guard
from registry.web.graphql.history import HistoryQuestions
from registry.web.graphql.impact import JudgingQuestions
from registry.web.graphql.instruments import InstrumentQuestions
from registry.web.graphql.list_comparison import ComparisonQuestions
from registry.web.graphql.lists import ListQuestions
from registry.web.graphql.mutations import Mutation
from registry.web.graphql.power_holders import PowerHolderQuestions
from registry.web.graphql.proofs import Log, ProofQuestions
from registry.web.graphql.rectifications import RectificationQuestions
from registry.web.graphql.relay import (
    Connection,
    connection,
    page_size,
    read_cursor,
    read_names,
    starting_at,
    write_names,
)
from registry.web.graphql.reports import ReportQuestions
from registry.web.graphql.scalars import CONFIG, Known, Level, MatterKind, Role, Severity
from registry.web.graphql.seeing import resolve_within, seen
from registry.web.graphql.services import ServiceQuestions
from registry.web.graphql.types import ID
from registry.web.graphql.undo import UndoQuestions


@strawberry.type(description="查询。 Questions, of any day and of what the log knew then.")
class Query(
    AssessmentQuestions,
    BalanceQuestions,
    BalanceSeriesQuestions,
    BurdenQuestions,
    CaseQuestions,
    CertificateQuestions,
    ComparisonQuestions,
    DelegationQuestions,
    FindingChangeQuestions,
    FindingEventQuestions,
    FindingFacetQuestions,
    FindingQuestions,
    HistoryQuestions,
    InstrumentQuestions,
    JudgingQuestions,
    ListQuestions,
    PowerHolderQuestions,
    ProofQuestions,
    RectificationQuestions,
    ReportQuestions,
    ServiceQuestions,
    UndoQuestions,
):
    @strawberry.field(description="单位。 A unit by its code; null when it was not registered by that day.")
    async def unit(self, info: Info, code: ID, as_of: date | None = None, known: Known | None = None) -> t.Unit | None:
        return await t.load_unit(info, await context_of(info).moment(as_of, known), code)

    @strawberry.field(
        description="查找单位。 Units within a territory, of a level, by name, in order of code; but villages "
        "also by how they sound: pinyin or initials."
    )
    async def units(
        self,
        info: Info,
        within: ID | None = None,
        level: Level | None = None,
        search: str | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[t.Unit]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, key = page_size(first), read_cursor(after)
        within = await territory(info, within, when)
        what = (within, level and level.value, search)
        heard = await sounds.heard(pool, when, "unit", search)
        nodes = [t.unit_of(row, when) for row in await units.search(pool, when, *what, key, size + 1, heard)]
        return connection(nodes, lambda unit: unit.code, size, after, lambda: units.count(pool, when, *what, heard))

    @strawberry.field(description="事项。 A matter by its code.")
    async def matter(
        self, info: Info, code: ID, as_of: date | None = None, known: Known | None = None
    ) -> t.Matter | None:
        when = await context_of(info).moment(as_of, known)
        row = (await matters.matters(context_of(info).pool, when, [code])).get(code)
        return None if row is None else t.matter_of(row, when)

    @strawberry.field(
        description="查找事项。 Matters of a kind, by name or how it sounds (pinyin or initials), in order of code."
    )
    async def matters(
        self,
        info: Info,
        kind: MatterKind | None = None,
        search: str | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[t.Matter]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, key = page_size(first), read_cursor(after)
        what = (kind and kind.value, search, await sounds.heard(pool, when, "matter", search))
        nodes = [t.matter_of(row, when) for row in await matters.search(pool, when, *what, key, size + 1)]
        return connection(nodes, lambda matter: matter.code, size, after, lambda: matters.count(pool, when, *what))

    @strawberry.field(
        description="承担者。 Every holding of a matter within a unit's territory (the unit and all below it)."
    )
    async def holders(
        self,
        info: Info,
        matter: ID,
        within: ID,
        role: Role | None = None,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> list[t.Holding]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        within = ID(await resolve_within(info, within, when))
        await need_matter(pool, matter, when)
        rows = await holdings.holders(pool, when, matter, within, role and role.value, await seen(info))
        return [t.holding_of(row, when) for row in rows]

    @strawberry.field(description="承担者（分页）。 The same in pages, by unit and subject.")
    async def holders_page(
        self,
        info: Info,
        matter: ID,
        within: ID,
        role: Role | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[t.Holding]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, last = page_size(first), read_names(after, 2)
        within, units = ID(await resolve_within(info, within, when)), await seen(info)
        await need_matter(pool, matter, when)
        what = (matter, within, role and role.value)
        start = None if last is None else (last[0], last[1])
        rows = await holdings.holders_page(pool, when, *what, start, size + 1, units)
        nodes = [t.holding_of(row, when) for row in rows]
        return connection(
            nodes,
            lambda holding: write_names(holding.row.unit, holding.row.subject),
            size,
            after,
            lambda: holdings.holders_count(pool, when, *what, units),
        )

    @strawberry.field(description="某一序号的决定。 The decision at a position.")
    async def decision(self, info: Info, position: int) -> Decision | None:
        row = await decisions.decision(context_of(info).pool, position)
        return None if row is None else decision_of(row)

    @strawberry.field(description="日志。 The log of all decisions.")
    async def log(self, info: Info) -> Log:
        return Log(size=await context_of(info).newest())


@strawberry.type(description="订阅。 What is told as it happens.")
class Subscription:
    @strawberry.subscription(
        description="新决定。 Every decision after a position, then each new one as it is recorded; without `after`, "
        "those recorded from now on. Resume with the last position received: nothing is missed and nothing comes twice."
    )
    async def decisions(self, info: Info, after: int | None = None) -> AsyncGenerator[Decision, None]:
        context = context_of(info)
        feed = context.resources.feed
        start = starting_at(after, await feed.newest())
        async for page in feed.follow(start, Wanted()):
            context.renew()
            units, positions = await seen(info), [row.position for row in page.decisions]
            own = positions if units is None else await decisions.seen(context.pool, positions, units)
            for row in page.decisions:
                if row.position in own:
                    context.renew()
                    yield decision_of(row)

    @strawberry.subscription(
        description="问题动态。 Every finding that opened or closed after an event's number, then each new one; "
        "without `after`, those from now on. Resume with the last number received: nothing is missed and nothing comes "
        "twice."
    )
    async def finding_events(
        self,
        info: Info,
        after: int | None = None,
        within: ID | None = None,
        rule: str | None = None,
        severity: Severity | None = None,
    ) -> AsyncGenerator[FindingEvent, None]:
        async for event in follow_findings(info, after, within, rule, severity):
            yield event


async def territory(info: Info, within: ID | None, moment: AsOf) -> ID | None:
    """The code of the unit that a territory is named by; None for the whole registry. Raises UnknownUnit."""
    return None if within is None else ID(await resolve_unit(context_of(info).pool, within, moment))


SCHEMA: Final = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=CONFIG,
    extensions=[Prepared],
    execution_context_class=BoundedExecution,
)
CORE: Final[GraphQLSchema] = SCHEMA.core


def _without_null_defaults() -> None:
    """An optional argument has no default, as in the contract, rather than the default null."""
    for kind in CORE.type_map.values():
        for field in kind.fields.values() if isinstance(kind, GraphQLObjectType) else ():
            for argument in field.args.values():
                if argument.default_value is None:
                    argument.default_value = Undefined


_without_null_defaults()
guard(CORE)
