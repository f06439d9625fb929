"""Questions about the past: who led, what changed, who answers for it, what was decided."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from registry.queries.cases import precedents
from registry.queries.findings import findings
from registry.queries.history import changes, decisions
from registry.queries.holdings import accountability, custody
from registry.queries.holdings.holdings import Holding as HoldingRow
from registry.queries.matters import matters
from registry.queries.units.resolve import need_matter, resolve_unit
from registry.relations.two_times import LAST, AsOf
from registry.web.graphql import loaders
from registry.web.graphql import types as t
from registry.web.graphql.cases import Case, CaseOutcomes, case_of
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, decision_of
from registry.web.graphql.effects import ChangedField, changed
from registry.web.graphql.relay import Connection, connection, page_size, read_names, starting_at, write_names
from registry.web.graphql.scalars import Known, Role
from registry.web.graphql.seeing import need_own, resolve_within, seen, seen_as_recorder, territory
from registry.web.graphql.selecting import selected_names
from registry.web.graphql.types import ID
from registry.web.problems import bad_value

PRECEDENTS: Final = 100  # cases of one answer at most


async def load_cause(info: Info[Any, Any], known: int, cause: str | None, day: date | None) -> Decision | None:
    """The decision behind a cause of `intervals`."""
    if cause is None or day is None:
        return None
    row = await context_of(info).load(loaders.load_causes, loaders.on_day(cause, day), known)
    return None if row is None else decision_of(row)


async def load_unit(info: Info[Any, Any], moment: AsOf, code: str | None) -> t.Unit | None:
    """A unit on a day of its own, asked for together with others on theirs."""
    key = None if code is None else loaders.on_day(code, moment.valid_at)
    row = None if key is None else await context_of(info).load(loaders.load_units_on, key, moment.known_at)
    return None if row is None else t.unit_of(row, moment)


@strawberry.type(description="牵头沿革。 A stretch of days on which one unit led the duty under one subject.")
class CustodySpan:
    row: strawberry.Private[custody.Span]
    moment: strawberry.Private[AsOf]
    role: Role
    since: date
    until: date | None
    by: str = strawberry.field(description="依据种类。 law, list or delegation")
    subject: ID = strawberry.field(description="依据编号。 LAW#MATTER, LIST#ITEM, or the delegation's ref.")
    mode: str
    brings: list[str] = strawberry.field(description="随附保障。 What came with it on the first day.")

    @strawberry.field(description="牵头单位。 As it was on the first day.")
    async def holder(self, info: Info) -> t.Unit:
        result = await load_unit(info, self.moment, self.row.holder)
        assert result is not None, self.row.holder
        return result

    @strawberry.field(name="from", description="交办单位。 Read as its successor on the first day.")
    async def sender(self, info: Info) -> t.Unit | None:
        return await load_unit(info, self.moment, self.row.sender)

    @strawberry.field(description="依据文件。 The document it rests on.")
    async def instrument(self, info: Info) -> t.Instrument | None:
        key = None if self.row.instrument is None else loaders.on_day(self.row.instrument, self.row.since)
        row = (
            None if key is None else await context_of(info).load(loaders.load_instruments_on, key, self.moment.known_at)
        )
        return None if row is None else t.instrument_of(row, self.moment)

    @strawberry.field(description="由哪项决定转来。 The decision by which it came to this holder.")
    async def decision(self, info: Info) -> Decision | None:
        return await load_cause(info, self.moment.known_at, self.row.begun_by, self.row.since)

    @strawberry.field(
        description="由哪项决定转出。 The decision by which it went; a set term ends by the first decision."
    )
    async def ended_by(self, info: Info) -> Decision | None:
        return await load_cause(info, self.moment.known_at, self.row.ended_by, self.row.until)


@strawberry.type(description="变化。 A holding, or an item of a list (unit null), that began, ended or changed.")
class Change:
    row: strawberry.Private[changes.Change]
    moment: strawberry.Private[AsOf]
    on: date
    change: str = strawberry.field(description="began、ended 或 changed。")
    subject: ID

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit | None:
        return await load_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter | None:
        key = None if self.row.matter is None else loaders.on_day(self.row.matter, self.row.on)
        row = None if key is None else await context_of(info).load(loaders.load_matters_on, key, self.moment.known_at)
        return None if row is None else t.matter_of(row, self.moment)

    @strawberry.field(description="所依决定。 The decision that moved it.")
    async def decision(self, info: Info) -> Decision | None:
        return await load_cause(info, self.moment.known_at, self.row.cause, self.row.on)

    @strawberry.field(
        description="字段变化。 role, mode, from, instrument, brings and due_on that are other than the day before."
    )
    async def fields(self) -> list[ChangedField]:
        before, after = self.row.before or {}, self.row.after or {}
        names = [name for name in changes.ATTRIBUTES if (before.get(name) or None) != (after.get(name) or None)]
        return [changed(name, plain(before.get(name)), plain(after.get(name))) for name in names]


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


@strawberry.type(
    description="问责查询。 Whether a unit held a matter on a day, by which chain, with which powers and means."
)
class Accountability:
    kind: strawberry.Private[str]
    unit: strawberry.Private[str]
    matter: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    rows: strawberry.Private[list[HoldingRow]]
    powers: strawberry.Private[list[str]]
    lacking: strawberry.Private[list[str]]
    about: strawberry.Private[matters.Matter]
    held: bool
    role: Role | None = strawberry.field(description="承担方式。 The weightiest: lead, share, assist.")
    brings: list[str] = strawberry.field(description="随附保障。 All that came with its holdings of the matter.")
    needs: list[str] = strawberry.field(description="所需保障。 What the matter needs.")
    conclusion: str = strawberry.field(description="结论。 NOT_HELD, HELD_WITH_POWER, HELD_WITHOUT_POWER or ASSISTED")

    @strawberry.field(description="结论，一句话。 The conclusion in a sentence with names, in zh or en.")
    async def message(self, info: Info, lang: str | None = "zh") -> str:
        holder = await t.need_unit(info, self.moment, self.unit)
        names = [(await t.need_matter(info, self.moment, code)).name for code in self.lacking]
        text = accountability.sentence(
            holder.name, self.about.name, self.kind, self.moment.valid_at, self.conclusion, names
        )
        return t.text_in(text._asdict(), lang)

    @strawberry.field(description="全部承担。 Each of its holdings of the matter, the weightiest first.")
    async def holdings(self) -> list[t.Holding]:
        return [t.holding_of(row, self.moment) for row in self.rows]

    @strawberry.field(description="来源链。 From its weightiest holding up to who holds the matter by law.")
    async def chain(self, info: Info) -> list[t.Holding]:
        if not self.rows:
            return []
        links = await accountability.chain(context_of(info).pool, self.moment, self.kind, self.rows[0])
        return [t.holding_of(row, self.moment) for row in links]

    @strawberry.field(description="所需权力。 The powers that the duty requires.")
    async def required(self, info: Info) -> list[t.Matter]:
        return [await t.need_matter(info, self.moment, code) for code in self.powers]

    @strawberry.field(description="所缺权力。 Those that neither it nor a department of it effectively held.")
    async def missing(self, info: Info) -> list[t.Matter]:
        return [await t.need_matter(info, self.moment, code) for code in self.lacking]

    @strawberry.field(description="当时的问题。 What the checker found then of this unit and matter, unless waived.")
    async def findings(self, info: Info) -> list[t.Finding]:
        rows = await context_of(info).load(loaders.load_findings, self.unit, self.moment) or []
        return [t.finding_of(row, self.moment) for row in findings.chosen(rows, matter=self.matter)]

    @strawberry.field(
        description="上一级的承担。 What the government above it, its departments and teams held of the matter."
    )
    async def above(self, info: Info) -> list[t.Holding]:
        rows = await accountability.next_up(context_of(info).pool, self.moment, self.matter, self.kind, self.unit)
        return [t.holding_of(row, self.moment) for row in rows]

    @strawberry.field(
        description="类似案例。 Cases that resemble this one, whatever their day: of the same matter, else of its "
        f"category, else with the same finding and conclusion; the nearest first, at most {PRECEDENTS}."
    )
    async def precedents(self, info: Info) -> list[Case]:
        known = self.moment.known_at
        # A case may be of a later day than the incident: what it names is shown as on its own.
        return [
            case_of(each.case, AsOf(max(self.moment.valid_at, each.case.on), known), each.why)
            for each in (await self._precedents(info))[:PRECEDENTS]
        ]

    @strawberry.field(description="类似案例的结果。 How all cases that resemble this one were settled.")
    async def precedent_outcomes(self, info: Info) -> CaseOutcomes:
        return CaseOutcomes(**precedents.outcomes(await self._precedents(info)))

    async def _precedents(self, info: Info[Any, Any]) -> list[precedents.Precedent]:
        unit_findings = await context_of(info).load(loaders.load_findings, self.unit, self.moment) or []
        rules = {row.rule for row in findings.chosen(unit_findings, matter=self.matter)}
        about = (self.matter, self.about.category, self.about.name)
        rows = await precedents.precedents(context_of(info).pool, self.moment, *about, rules, self.conclusion)
        own = await territory(info)
        return [each for each in rows if own.has(each.case.by)]


async def load_custody(info: Info[Any, Any], matter: str, within: str, known: Known | None) -> list[CustodySpan]:
    """The spans of custody; what is asked inside each is of its first day."""
    when = await context_of(info).moment(None, known)
    within, own = await resolve_within(info, within, when, ever=True), await territory(info)
    await need_matter(context_of(info).pool, matter, when)
    names = ("since", "until", "by", "subject", "mode", "brings")
    return [
        CustodySpan(row=row, moment=AsOf(row.since, when.known_at), role=Role(row.role), **t.columns(row, *names))
        for row in await custody.custody(context_of(info).pool, when.known_at, matter, within)
        if own.has(row.holder)
    ]


async def load_changes(
    info: Info[Any, Any], within: str, after: date, until: date, known: Known | None
) -> list[Change]:
    """The changes of a territory; what is asked inside each is of its day."""
    when, pool = await context_of(info).moment(until, known), context_of(info).pool
    within, own = await resolve_within(info, within, when), await territory(info)
    if until < after:
        raise bad_value(
            "to", f"to 不得早于 from：{until} < {after}。", f"to must not be before from: {until} < {after}."
        )
    rows = await changes.changes(pool, when.known_at, within, min(after, LAST), min(until, LAST))
    return [
        Change(row=row, moment=AsOf(row.on, when.known_at), **t.columns(row, "on", "change", "subject"))
        for row in rows
        if row.unit is None or own.has(row.unit)
    ]


async def load_ahead(info: Info[Any, Any], rows: Sequence[Change]) -> None:
    """Load at once what is asked of all these changes: they are completed a few at a time, each few in statements."""
    names, context = selected_names(info.selected_fields), context_of(info)
    known = rows[0].moment.known_at if rows else 0

    async def of(question: Any, keys: set[str]) -> list[Any]:
        return await asyncio.gather(*(context.load(question, key, known) for key in sorted(keys)))

    if "unit" in names:
        await of(loaders.load_units_on, {loaders.on_day(row.row.unit, row.row.on) for row in rows if row.row.unit})
    if "matter" in names:
        keys = {loaders.on_day(row.row.matter, row.row.on) for row in rows if row.row.matter}
        await of(loaders.load_matters_on, keys)
    if "decision" in names:
        caused = {loaders.on_day(row.row.cause, row.row.on) for row in rows if row.row.cause}
        positions = {each.position for each in await of(loaders.load_causes, caused) if each is not None}
        if "summary" in names:
            await asyncio.gather(*(context.load(loaders.load_headlines, position) for position in sorted(positions)))


def change_key(change: Change) -> list[str]:
    """What a change is ordered by and known by: day, unit ('' of an item) and subject."""
    return [change.on.isoformat(), change.row.unit or "", change.subject]


async def load_accountability(
    info: Info[Any, Any], matter: str, unit: str, on: date, known: Known | None
) -> Accountability:
    """The answer for an incident."""
    when, pool = await context_of(info).moment(on, known), context_of(info).pool
    unit = await resolve_unit(pool, unit, when)
    await need_own(info, unit)
    await need_matter(pool, matter, when)
    about = (await matters.matters(pool, when, [matter]))[matter]
    rows = await accountability.held(pool, when, matter, about.kind, [unit])
    lacking = await context_of(info).run_in_thread(accountability.missing, when, unit, about.requires)
    return Accountability(
        kind=about.kind,
        unit=unit,
        matter=matter,
        moment=when,
        rows=rows,
        powers=about.requires,
        lacking=lacking,
        about=about,
        held=bool(rows),
        role=Role(rows[0].role) if rows and rows[0].role else None,
        brings=accountability.brought(rows),
        needs=about.needs,
        conclusion=accountability.conclusion(rows, lacking),
    )


@strawberry.type
class HistoryQuestions:
    @strawberry.field(
        description="牵头沿革。 Who led a duty within a territory, from when to when, and by which decision it moved."
    )
    async def custody(self, info: Info, matter: ID, within: ID, known: Known | None = None) -> list[CustodySpan]:
        return await load_custody(info, matter, within, known)

    @strawberry.field(
        description="两日之间的变化。 Holdings and list items that began, ended or changed after one day up to another."
    )
    async def changes(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        known: Known | None = None,
    ) -> list[Change]:
        rows = await load_changes(info, within, from_, to, known)
        await load_ahead(info, rows)
        return rows

    @strawberry.field(description="两日之间的变化（分页）。 The same in pages, by day, unit and subject.")
    async def changes_page(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Change]:
        size, last = page_size(first), read_names(after, 3)
        rows = await load_changes(info, within, from_, to, known)
        nodes = rows if last is None else [row for row in rows if change_key(row) > last]
        await load_ahead(info, nodes[:size])
        return connection(nodes[: size + 1], lambda row: write_names(*change_key(row)), size, after, lambda: len(rows))

    @strawberry.field(
        description="问责查询。 Did this unit hold the duty on that day, by which chain, with which powers and means?"
    )
    async def accountability(
        self, info: Info, matter: ID, unit: ID, on: date, known: Known | None = None
    ) -> Accountability:
        return await load_accountability(info, matter, unit, on, known)

    @strawberry.field(description="决定日志。 Decisions after a position, in order, that fit all that is asked.")
    async def decisions(
        self,
        info: Info,
        after: int | None = 0,
        first: int | None = 100,
        unit: ID | None = None,
        matter: ID | None = None,
        type: str | None = None,  # noqa: A002 - the contract's word
        instrument: ID | None = None,
        ref: ID | None = None,
        recorded_by: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        at_from: date | None = None,
        at_to: date | None = None,
        known: Known | None = None,
        proposal: ID | None = None,
    ) -> list[Decision]:
        pool, position = context_of(info).pool, (await context_of(info).moment(None, known)).known_at
        if since is not None and until is not None and until < since:
            raise bad_value("until", "until 不得早于 since。", "until must not be before since.")
        if at_from is not None and at_to is not None and at_to < at_from:
            raise bad_value("atTo", "atTo 不得早于 atFrom。", "atTo must not be before atFrom.")
        start = starting_at(after or 0, await context_of(info).newest())
        units = await (seen(info) if recorded_by is None else seen_as_recorder(info))
        wanted = decisions.Wanted(
            ref, instrument, matter, unit, type, recorded_by, since, until, at_from, at_to, position, units, proposal
        )
        rows = await decisions.decisions(pool, await decisions.resolve_wanted(pool, wanted), start, page_size(first))
        return [decision_of(row) for row in rows]
