"""What decisions change, ways out of findings, and proposals with the checker's opinion."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import psycopg
import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from registry import impact
from registry.checker import Finding
from registry.domain.decisions import Decision
from registry.impact import opinion as opinions
from registry.impact.remedies import Remedy as RemedyRow
from registry.queries.findings import proposals
from registry.queries.history.headlines import headlines
from registry.recording.unit_of_work import Busy, read_form
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Known, Role
from registry.web.graphql.seeing import resolve_within, seen
from registry.web.graphql.simulated import brought_in, with_reinstated
from registry.web.graphql.types import ID
from registry.web.problems import line_errors, problem


@strawberry.type(description="整改办法。 A way out of a finding, tried before it is offered: it closes the finding.")
class Remedy:
    row: strawberry.Private[RemedyRow]
    moment: strawberry.Private[AsOf]
    action: str = strawberry.field(description="办法种类。 What it does: return-duty, grant-power, allot-resources …")
    decisions: list[JSON] = strawberry.field(description="可直接记录的决定。 Decisions ready to record.")

    @strawberry.field(description="说明。 A sentence for the reader, in zh or en.")
    def message(self, lang: str | None = "zh") -> str:
        return t.text_in({"zh": self.row.message.zh, "en": self.row.message.en}, lang)

    @strawberry.field(description="会新产生的问题。 What it would open.")
    def opens(self) -> list[t.Finding]:
        return shown(self.row.opens, self.moment, self.row.decisions)

    @strawberry.field(description="会一并消除的问题。 What else it closes.")
    def closes(self) -> list[t.Finding]:
        return shown(self.row.closes, self.moment, ())


@strawberry.type(description="模拟结果。 What decisions would change; nothing is recorded.")
class Simulation:
    row: strawberry.Private[impact.Simulation]
    moment: strawberry.Private[AsOf]
    given: strawberry.Private[list[Any]]  # before them, what they bring back
    size: strawberry.Private[int]  # how many are the decisions themselves
    as_of: date = strawberry.field(description="所据日期。 The day as of which it is said.")
    errors: list[JSON] = strawberry.field(description="不能记录的决定。 Bad decisions: line, code, field and message.")

    @strawberry.field(description="会新产生的问题。 Findings that would come to hold.")
    def opened(self) -> list[t.Finding]:
        return shown(self.row.opened, self.moment, self.given)

    @strawberry.field(description="会消除的问题。 Findings that would hold no longer.")
    def closed(self) -> list[t.Finding]:
        return shown(self.row.closed, self.moment, ())

    @strawberry.field(
        description="各项决定的说明。 Each of the decisions in a line, in zh or en; null where one cannot be read."
    )
    async def messages(self, info: Info, lang: str | None = "zh") -> list[str | None]:
        parsed = [read_form(given) for given in self.given[-self.size :]] if self.size else []
        texts = await headlines(context_of(info).pool, [each for each in parsed if isinstance(each, Decision)])
        lines = iter(texts)
        return [t.text_in(next(lines)._asdict(), lang) if isinstance(each, Decision) else None for each in parsed]


@strawberry.type(description="准入审核意见。 The checker's opinion: what the delegation would open, were it admitted.")
class Opinion:
    row: strawberry.Private[opinions.Opinion]
    moment: strawberry.Private[AsOf]
    entitled: bool | None = strawberry.field(
        description="答复单位是否有权。 Whether who answered was entitled to; null while nobody has."
    )
    errors: list[JSON] = strawberry.field(description="不能照此下放的原因。 Why it could not be delegated so.")

    @strawberry.field(description="会新产生的问题。 Findings that would come to hold.")
    def opened(self) -> list[t.Finding]:
        return shown(self.row.simulation.opened, self.moment, ())

    @strawberry.field(description="会消除的问题。 Findings that would hold no longer.")
    def closed(self) -> list[t.Finding]:
        return shown(self.row.simulation.closed, self.moment, ())

    @strawberry.field(description="有权审核的单位，由近及远。 Who is entitled to answer, the nearest first.")
    async def by(self, info: Info) -> list[t.Unit]:
        return [await t.need_unit(info, self.moment, code) for code in self.row.by]


@strawberry.type(description="准入申请。 A proposal to delegate, its answer, and the checker's opinion.")
class Proposal:
    row: strawberry.Private[proposals.Proposal]
    moment: strawberry.Private[AsOf]
    proposal: ID
    role: Role | None
    mode: str | None
    brings: list[str]
    due_on: date | None
    since: date = strawberry.field(description="提出日。 The day on which it was made.")
    answer: str | None = strawberry.field(description="答复。 admitted, refused, or null while it is pending.")
    answered_on: date | None
    reason: str | None
    delegations: list[ID] = strawberry.field(description="据此下放的编号。 The refs of delegations made under it.")
    position: int

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from", description="申请单位。 Who wants to hand it down.")
    async def sender(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.sender)

    @strawberry.field(name="to", description="承接单位。 On whom it is to come.")
    async def recipient(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.recipient)

    @strawberry.field
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self.row.instrument)

    @strawberry.field(description="答复单位。 Who admitted or refused it.")
    async def answered_by(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.answered_by)

    @strawberry.field(description="审核意见。 As the log stands now, for a delegation on the day that is asked about.")
    async def opinion(self, info: Info) -> Opinion:
        result = await run_in_thread(info, opinions.opinion, self.row.proposal, self.moment.valid_at)
        assert result is not None, self.row.proposal
        moment = AsOf(result.simulation.as_of, await context_of(info).newest())
        errors = cast(Any, line_errors(result.simulation.errors))
        return Opinion(row=result, moment=moment, entitled=result.entitled, errors=errors)


async def run_in_thread(info: Info[Any, Any], work: Any, *given: Any) -> Any:
    """Ask what needs a snapshot, in a thread; Busy and TooMany become errors of the request."""
    try:
        return await context_of(info).run_in_thread(work, *given)
    except (Busy, impact.TooMany) as refused:
        raise problem(refused.code, refused.zh, refused.en) from None


def shown(findings: list[Finding], moment: AsOf, decisions: Any) -> list[t.Finding]:
    """Findings of the schema; what they name and nobody has recorded is shown as these decisions register it."""
    simulated = brought_in(decisions) if findings and decisions else None
    return [t.finding_of(row, moment, simulated) for row in findings]


def remedy_of(row: RemedyRow, moment: AsOf) -> Remedy:
    """A remedy of the schema."""
    return Remedy(row=row, moment=moment, action=row.action, decisions=cast(Any, row.decisions))


def proposal_of(row: proposals.Proposal, moment: AsOf) -> Proposal:
    """A proposal of the schema."""
    return Proposal(
        row=row,
        moment=moment,
        role=None if row.role is None else Role(row.role),
        delegations=t.ids(row.delegations),
        **t.columns(
            row,
            "proposal",
            "mode",
            "brings",
            "due_on",
            "since",
            "answer",
            "answered_on",
            "reason",
            "position",
        ),
    )


def simulated(
    connection: psycopg.Connection, decisions: list[Any], as_of: date | None, kept: impact.KeptReadings
) -> impact.Simulation:
    """What the decisions would open and close."""
    return impact.simulate(connection, decisions, as_of, kept)


def simulated_each(
    connection: psycopg.Connection, alternatives: list[list[Any]], as_of: date | None, kept: impact.KeptReadings
) -> list[impact.Simulation]:
    """What each of the alternatives would open and close."""
    return impact.simulate_each(connection, alternatives, as_of, kept)


def kept_readings(info: Info[Any, Any]) -> impact.KeptReadings:
    """What trials before this one read, in the same server."""
    return context_of(info).resources.readings


async def simulation_of(info: Info[Any, Any], row: impact.Simulation, decisions: list[JSON]) -> Simulation:
    """A simulation of these decisions in the schema."""
    given = await with_reinstated(context_of(info).pool, decisions)
    errors = cast(Any, line_errors(row.errors))
    moment = AsOf(row.as_of, await context_of(info).newest())
    return Simulation(row=row, moment=moment, given=given, size=len(decisions), as_of=row.as_of, errors=errors)


@strawberry.type
class JudgingQuestions:
    @strawberry.field(
        description="模拟。 What would these decisions (journal objects) change? Nothing is recorded. "
        "As of today, or of the day on which the last of them takes effect, unless a day is given."
    )
    async def simulate(self, info: Info, decisions: list[JSON], as_of: date | None = None) -> Simulation:
        row = await run_in_thread(info, simulated, cast("list[Any]", decisions), as_of, kept_readings(info))
        return await simulation_of(info, row, decisions)

    @strawberry.field(
        description="逐个模拟几个方案。 What would each of these alternatives change, as if the others were not? "
        "At most 20, all from the same moment, in their order."
    )
    async def simulate_each(
        self, info: Info, alternatives: list[list[JSON]], as_of: date | None = None
    ) -> list[Simulation]:
        rows = await run_in_thread(
            info, simulated_each, cast("list[list[Any]]", alternatives), as_of, kept_readings(info)
        )
        pairs = zip(rows, alternatives, strict=True)
        return [await simulation_of(info, row, decisions) for row, decisions in pairs]

    @strawberry.field(description="准入申请。 A proposal by its id.")
    async def proposal(
        self, info: Info, proposal: ID, as_of: date | None = None, known: Known | None = None
    ) -> Proposal | None:
        when = await context_of(info).moment(as_of, known)
        row = await proposals.proposal(context_of(info).pool, when, proposal, await seen(info))
        return None if row is None else proposal_of(row, when)

    @strawberry.field(
        description="查找准入申请。 Proposals for units of a territory, by id; pending: only those still unanswered."
    )
    async def proposals(
        self,
        info: Info,
        within: ID,
        pending: bool | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Proposal]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, key = page_size(first), read_cursor(after)
        within, units = ID(await resolve_within(info, within, when)), await seen(info)
        rows = await proposals.within(pool, when, within, pending, key, size + 1, units)
        nodes = [proposal_of(row, when) for row in rows]
        return connection(
            nodes,
            lambda proposal: proposal.proposal,
            size,
            after,
            lambda: proposals.count(pool, when, within, pending, units),
        )
