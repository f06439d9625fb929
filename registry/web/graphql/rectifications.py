"""Orders to put findings right, their answers, and how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeVar

import psycopg
import strawberry
from strawberry.types import Info

from registry.checker import Finding
from registry.domain.words import RECTIFICATION_RULES
from registry.impact.followed_up import in_question, in_state, standing_findings
from registry.queries.findings import rectifications
from registry.queries.findings.counts import CountedFinding
from registry.queries.findings.findings import Checked
from registry.queries.findings.rectifications import Answer
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_day_cursor
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import narrowed, territory

ID = strawberry.ID
AnyFinding = TypeVar("AnyFinding", Finding, CountedFinding)


@strawberry.enum(description="督办的进展：待答复、逾期、已延期、纸面整改、有异议、已销号。 How an order stands.")
class RectificationState(Enum):
    OPEN = "OPEN"
    OVERDUE = "OVERDUE"
    ANSWERED = "ANSWERED"
    ON_PAPER = "ON_PAPER"
    DISPUTED = "DISPUTED"
    CLOSED = "CLOSED"


def _standing(
    connection: psycopg.Connection, checked: Checked, moment: AsOf, orders: list[rectifications.Rectification]
) -> dict[str, Finding]:
    picture = checked.judging(connection, moment, {order.unit for order in orders})
    return standing_findings(connection, moment.valid_at, moment.known_at, orders, picture)


def _in_state(
    connection: psycopg.Connection,
    checked: Checked,
    moment: AsOf,
    orders: list[rectifications.Rectification],
    state: str,
    root: str | None,
) -> list[rectifications.Rectification]:
    possible = in_question(orders, state)
    picture = checked.judging(connection, moment, {order.unit for order in possible}, root) if possible else None
    return in_state(connection, moment.valid_at, moment.known_at, possible, state, picture)


async def load_standing(
    context: RequestContext, orders: list[rectifications.Rectification], moment: AsOf
) -> dict[rectifications.Rectification, Finding]:
    """The findings of these orders that stand."""
    standing = await context.run_in_thread(_standing, context.resources.checked, moment, orders)
    return {order: standing[order.ref] for order in orders if order.ref in standing}


async def load_answers(context: RequestContext, refs: list[str], moment: AsOf) -> dict[str, list[Answer]]:
    """The answers to these orders, by ref."""
    return await rectifications.answers(context.pool, moment, refs)


async def load_orders(
    context: RequestContext, findings: Sequence[AnyFinding], moment: AsOf
) -> dict[AnyFinding, list[rectifications.Rectification]]:
    """The orders about each finding; of a finding about an order, that order."""
    about = await rectifications.by_subject(context.pool, moment, [finding.subject for finding in findings])
    refs = [finding.subject for finding in findings if finding.rule in RECTIFICATION_RULES]
    named = await rectifications.by_ref(context.pool, moment, refs) if refs else {}
    return {
        finding: [named[finding.subject]]
        if finding.rule in RECTIFICATION_RULES and finding.subject in named
        else about.get(finding.key, [])
        for finding in findings
    }


@strawberry.type(description="督办答复。 An answer to an order.")
class RectificationAnswer:
    row: strawberry.Private[Answer]
    moment: strawberry.Private[AsOf]
    at: date
    text: str
    outcome: str = strawberry.field(description="done 已整改，extended 申请延期，disputed 有异议。")
    due_on: date | None = strawberry.field(description="新的期限。 The new day, where it asks for more time.")

    @strawberry.field(description="答复单位。 Who answered, read as its successor.")
    async def by(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.by)


@strawberry.type(description="整改督办。 An order to put a finding right by a day, as of a day.")
class Rectification:
    row: strawberry.Private[rectifications.Rectification]
    moment: strawberry.Private[AsOf]
    about: strawberry.Private[Finding | None]
    ref: ID
    rule: str
    subject: ID
    text: str
    ordered: date = strawberry.field(description="签发日。 The day of the order.")
    due_on: date = strawberry.field(description="期限。 The day by which, as extended so far.")
    position: int

    @strawberry.field(description="被督办单位。 The unit that bears the finding, read as its successor.")
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field(description="督办单位。 Who ordered it, read as its successor.")
    async def by(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.by)

    @strawberry.field
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self.row.instrument)

    @strawberry.field(
        description="进展。 CLOSED: the finding does not stand; ON_PAPER: answered as done, and it stands; OVERDUE: "
        "its day has passed; DISPUTED, ANSWERED: in dispute, or given more time, by its latest answer; OPEN: none."
    )
    async def state(self, info: Info) -> RectificationState:
        return RectificationState(self.row.state(finding_open=await self._finding(info) is not None))

    @strawberry.field(description="答复。 In the order in which they count.")
    async def answers(self, info: Info) -> list[RectificationAnswer]:
        rows = await context_of(info).load(load_answers, self.row.ref, self.moment) or []
        names = ("at", "text", "outcome", "due_on")
        return [RectificationAnswer(row=row, moment=self.moment, **t.columns(row, *names)) for row in rows]

    @strawberry.field(description="问题。 The finding, if it stands on the day; null: it does not, or is waived.")
    async def finding(self, info: Info) -> t.Finding | None:
        row = await self._finding(info)
        return None if row is None else t.finding_of(row, self.moment)

    async def _finding(self, info: Info[Any, Any]) -> Finding | None:
        if self.about is not None:
            return self.about if self.about.waived_by is None else None
        return await context_of(info).load(load_standing, self.row, self.moment)


def rectification_of(row: rectifications.Rectification, moment: AsOf, about: Finding | None = None) -> Rectification:
    """An order of the schema; `about`: its finding as found as of that moment, waived or not; None: look it up."""
    plain = t.columns(row, "ref", "rule", "subject", "text", "ordered", "due_on", "position")
    return Rectification(row=row, moment=moment, about=about, **plain)


@strawberry.type
class RectificationQuestions:
    @strawberry.field(
        description="整改督办。 Orders to put findings right made by the day for units of a territory, those due first "
        "before others; in a state, due by a day."
    )
    async def rectifications(
        self,
        info: Info,
        within: ID | None = None,
        state: RectificationState | None = None,
        due_by: date | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Rectification]:
        context = context_of(info)
        moment = await context.moment(as_of, known)
        size, start = page_size(first), read_day_cursor(after)
        root = await narrowed(info, None if within is None else await resolve_unit(context.pool, within, moment))
        rows = await rectifications.rectifications(context.pool, moment, root)
        own = await territory(info)
        rows = [row for row in rows if (due_by is None or row.due_on <= due_by) and own.has(row.unit)]
        if state is not None:
            rows = await context.run_in_thread(_in_state, context.resources.checked, moment, rows, state.value, root)
        left = [row for row in rows if start is None or (row.due_on, row.position) > start]
        nodes = [rectification_of(row, moment) for row in left[: size + 1]]
        return connection(nodes, lambda order: f"{order.due_on} {order.position}", size, after, lambda: len(rows))
