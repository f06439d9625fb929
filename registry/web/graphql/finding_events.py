"""The feed of findings over GraphQL: what opened and closed, and the decision that did it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Final

import strawberry
from strawberry.types import Info

from registry.domain.dates import today
from registry.impact import finding_feed
from registry.queries.findings import finding_events
from registry.queries.findings.finding_events import WantedEvents
from registry.queries.history import decisions
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.decisions import Decision, decision_of
from registry.web.graphql.relay import Connection, connection, page_size, read_position, starting_at
from registry.web.graphql.scalars import Severity
from registry.web.graphql.seeing import narrowed, seen, territory
from registry.web.graphql.types import ID, LETTERS, SEVERITIES

LITTLE: Final = 100  # decisions that are judged within a second or so
GLANCE: Final = 0.02  # seconds between two looks how far the server has judged


@strawberry.enum(description="变动。 A finding came to hold, or holds no longer.")
class FindingChange(Enum):
    OPENED = "opened"
    CLOSED = "closed"


@strawberry.enum(description="起因。 A decision; only days passed; or the program judges otherwise than before.")
class FindingCause(Enum):
    DECISION = "decision"
    DAY = "day"
    RULES = "rules"


@strawberry.type(description="问题（当时所述）。 A finding as it was told when it opened.")
class ToldFinding:
    row: strawberry.Private[finding_events.FindingEvent]
    moment: strawberry.Private[AsOf]
    rule: str
    severity: Severity
    subject: ID

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field(description="说明。 A sentence for the reader, in zh or en.")
    def message(self, lang: str | None = "zh") -> str:
        return t.text_in({"zh": self.row.zh, "en": self.row.en}, lang)


@strawberry.type(description="问题变动。 A finding opened or closed, in the order in which this happened.")
class FindingEvent:
    row: strawberry.Private[finding_events.FindingEvent]
    number: int = strawberry.field(description="编号。 Its place in the feed: 1, 2, 3 … without gaps.")
    change: FindingChange
    cause: FindingCause
    position: int | None = strawberry.field(
        description="由哪项决定引起。 The decision that did it; null where no decision did."
    )
    on: date = strawberry.field(description="所据日期。 The day as of which it is judged.")
    finding: ToldFinding

    @strawberry.field(description="引起变动的决定。 The decision that did it.")
    async def decision(self, info: Info) -> Decision | None:
        if self.position is None:
            return None
        row = await context_of(info).load(_load_decisions, self.position)
        return None if row is None else decision_of(row)


@strawberry.type(description="已判定到何处。 How far the feed of findings goes.")
class JudgedUpTo:
    position: int = strawberry.field(description="All decisions up to this one are judged.")
    on: date = strawberry.field(description="As of this day.")
    number: int = strawberry.field(description="The number of the last event.")


async def _load_decisions(context: RequestContext, positions: Sequence[int]) -> Mapping[int, decisions.Decision]:
    return await finding_events.decisions(context.pool, positions)


async def _assess_newest(context: RequestContext, codes: Sequence[str]) -> Mapping[str, bool]:
    """Judge what was recorded since, once for a request.

    A server that judges beside answering is waited for where that is little; of much more what is judged is answered.
    """
    if not context.resources.finding_worker.judges:
        await context.run_in_thread(finding_feed.assess_backlog)
    else:
        until = time.monotonic() + finding_feed.SECONDS
        while time.monotonic() < until:
            left = await finding_events.left_to_judge(context.pool, today())
            if left is None or left > LITTLE:
                break
            await asyncio.sleep(GLANCE)
    return dict.fromkeys(codes, True)


def event_of(row: finding_events.FindingEvent, moment: AsOf) -> FindingEvent:
    """An event of the schema; what it names is shown as of the moment."""
    severity = SEVERITIES[row.severity]
    finding = ToldFinding(row=row, moment=moment, rule=row.rule, severity=severity, subject=ID(row.subject))
    return FindingEvent(
        row=row,
        number=row.number,
        change=FindingChange(row.change),
        cause=FindingCause(row.cause),
        position=row.position if row.cause == "decision" else None,
        on=row.on,
        finding=finding,
    )


@strawberry.type
class FindingEventQuestions:
    @strawberry.field(
        description="问题动态。 Findings as they opened and closed, in that order, with the decision that did it. Of "
        "units that are or ever were within a territory. What was recorded just now may be judged a little later: see "
        "findingsJudged. unit, subject: of the finding."
    )
    async def finding_events(
        self,
        info: Info,
        within: ID | None = None,
        rule: str | None = None,
        severity: Severity | None = None,
        unit: ID | None = None,
        subject: ID | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[FindingEvent]:
        context, size, number = context_of(info), page_size(first), read_position(after)
        letter = severity and LETTERS[severity]
        wanted = await own_events(info, WantedEvents(within, rule, letter, unit=unit, subject=subject))
        await context.load(_assess_newest, "")
        until, moment = await finding_events.newest(context.pool), await context.moment()
        page = await finding_events.page(context.pool, wanted, number, until, size + 1)
        nodes = [event_of(row, moment) for row in page.events]
        return connection(
            nodes,
            lambda event: event.number,
            size,
            after,
            lambda: finding_events.count(context.pool, wanted, until),
        )

    @strawberry.field(description="问题动态判定到何处。 How far findingEvents goes; null before anything is recorded.")
    async def findings_judged(self, info: Info) -> JudgedUpTo | None:
        await context_of(info).load(_assess_newest, "")
        row = await finding_events.judged(context_of(info).pool)
        return None if row is None else JudgedUpTo(position=row.position, on=row.on, number=row.number)


async def own_events(info: Info, wanted: WantedEvents) -> WantedEvents:
    """What is wanted, of the viewer's territory, once each name in it is known to mean something."""
    wanted = await finding_events.resolve_wanted(context_of(info).pool, wanted)
    return replace(wanted, within=await narrowed(info, wanted.within), seen=await seen(info))


async def follow_findings(
    info: Info, after: int | None, within: str | None, rule: str | None, severity: Severity | None
) -> AsyncGenerator[FindingEvent, None]:
    """The events after a number, and each new one."""
    resources, letter = context_of(info).resources, severity and LETTERS[severity]
    wanted = replace(await own_events(info, WantedEvents(within, rule, letter)), seen=None)
    start = starting_at(after, await resources.findings.newest())
    resources.finding_worker.start()
    async for page in resources.findings.follow(start, wanted):
        for row in page.events:
            context_of(info).renew()
            if (await territory(info)).has(row.unit):
                yield event_of(row, await context_of(info).moment())
