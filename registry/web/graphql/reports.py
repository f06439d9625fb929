"""Reports from below, what the checker and the delegations in force say to them, and the monitoring points' months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import strawberry
from strawberry.types import Info

from registry.checker import Finding
from registry.impact.triage import Triage, findings_about, report_references, triage_reports
from registry.impact.unit_findings import FindingChange, changes_between
from registry.queries.burdens import reports
from registry.queries.units import monitoring
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.burdens import month_argument
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_day_cursor
from registry.web.graphql.scalars import Known, MatterKind
from registry.web.graphql.seeing import narrowed, resolve_within, seen, territory
from registry.web.problems import bad_value, problem

ID = strawberry.ID
DAYS: Final = 60  # on which reports of one answer are held against the findings


async def load_triage(
    context: RequestContext, filed: Sequence[reports.Report], known: int
) -> Mapping[reports.Report, Triage]:
    """Each report held against the findings of its own day, and the delegations in force then."""
    if context.count_costly("days of reports", ((known, report.on) for report in filed)) > DAYS:
        raise problem(
            "too-costly",
            f"一次最多核对 {DAYS} 天的反映，请减小 first。",
            f"Reports of at most {DAYS} days are held against the findings at once; ask for fewer.",
        )
    likely = await reports.candidates(context.pool, known, filed)
    findings = await context.run_in_thread(findings_about, known, report_references(filed, likely))
    result = triage_reports(filed, likely, findings)
    return {report: result[report.report] for report in filed}


@strawberry.type(description="可能所指的交办。 A delegation that a report may be about: proposed, not assumed.")
class ReportCandidate:
    row: strawberry.Private[reports.Candidate]
    rows: strawberry.Private[list[Finding]]
    moment: strawberry.Private[AsOf]
    share: int = strawberry.field(description="提及程度（%）。 How much of the name the text mentions.")
    name: str = strawberry.field(description="所提及的名称。 The name, or alias, that the text mentions.")

    @strawberry.field
    async def delegation(self) -> t.Delegation:
        return t.delegation_of(self.row.delegation, self.moment)

    @strawberry.field(description="当日的问题。 What the checker finds of it on the day of the report, unless waived.")
    async def findings(self) -> list[t.Finding]:
        return [t.finding_of(row, self.moment) for row in self.rows]


@strawberry.type(description="基层反映。 A report from below, as of a day.")
class Report:
    row: strawberry.Private[reports.Report]
    moment: strawberry.Private[AsOf]
    report: ID
    text: str
    about: ID | None = strawberry.field(description="所指编号。 The ref it names, if any.")
    on: date = strawberry.field(description="反映日。 The day of the report.")
    state: str = strawberry.field(description="open 待答复，answered 已答复。")
    outcome: str | None = strawberry.field(
        description="upheld 属实，rejected 不属实，resolved 已解决；以最近答复为准。"
    )
    answer: str | None
    answered_on: date | None = strawberry.field(description="首次答复日。 The day of the first answer.")
    days: int = strawberry.field(description="天数。 From the report to its first answer, or to the day asked about.")
    kind: MatterKind | None = strawberry.field(description="所指事项种类。 certificate: a demand.")
    position: int

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field(description="所指事项。 The matter of the ref it names.")
    async def matter(self, info: Info) -> t.Matter | None:
        return None if self.row.matter is None else await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from", description="所指的布置单位。 Who handed down the ref it names.")
    async def sender(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.sender)

    @strawberry.field(name="to", description="所指的承接单位。 On whom the ref it names was laid.")
    async def recipient(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.recipient)

    @strawberry.field
    async def answered_by(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.answered_by)

    @strawberry.field(
        description="当日的问题。 What the checker finds on the day of the report of the ref it names, unless waived."
    )
    async def findings(self, info: Info) -> list[t.Finding]:
        result = await self._triage(info)
        day = AsOf(self.row.on, self.moment.known_at)
        return [t.finding_of(row, day) for row in result.findings]

    @strawberry.field(
        description="可能所指的交办。 Of a report that names no ref: duties and burdens in force on the unit that day "
        "whose names the text mentions, the likeliest first."
    )
    async def candidates(self, info: Info) -> list[ReportCandidate]:
        day = AsOf(self.row.on, self.moment.known_at)
        return [
            ReportCandidate(row=row, rows=rows, moment=day, share=round(100 * row.share), name=row.name)
            for row, rows in (await self._triage(info)).candidates
        ]

    async def _triage(self, info: Info[Any, Any]) -> Triage:
        result = await context_of(info).load(load_triage, self.row, self.moment.known_at)
        assert result is not None
        return result


@strawberry.type(description="反映统计。 Reports counted: of one unit, about what one unit handed down, or all.")
class ReportStatistics:
    row: strawberry.Private[reports.Statistics]
    moment: strawberry.Private[AsOf]
    reports: int
    open: int
    answered: int
    upheld: int
    rejected: int
    resolved: int
    days: float | None = strawberry.field(description="答复天数中位数。 The median of days to the first answer.")

    @strawberry.field(description="单位。 By sender, null: reports that name no ref.")
    async def unit(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.unit)


@strawberry.type(
    description="当月新增的负担。 Burdens of a kind from one sender that began on the points in the month."
)
class LandedFrom:
    row: strawberry.Private[monitoring.Landed]
    moment: strawberry.Private[AsOf]
    kind: MatterKind
    burdens: int
    before: int = strawberry.field(description="上月。 In the month before.")

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self.row.sender)


@strawberry.type(description="一个监测点的一个月。 One monitoring point's month.")
class MonitoringPoint:
    row: strawberry.Private[monitoring.Point]
    moment: strawberry.Private[AsOf]
    landed: int = strawberry.field(description="本月新增。 Burdens that began in the month.")
    landed_before: int
    burdens: int = strawberry.field(description="本月在身。 All burdens on it in the month.")
    reports: int
    reports_before: int
    opened: int = strawberry.field(description="本月新出现的问题。 Findings that the month opened.")
    opened_before: int

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)


@strawberry.type(description="监测点月报。 The month of the monitoring points of a territory, beside the month before.")
class Monitoring:
    changes: strawberry.Private[list[FindingChange]]
    row: strawberry.Private[monitoring.Summary]
    moment: strawberry.Private[AsOf]
    month: str
    until: date = strawberry.field(description="截至。 The last day of the month, or today while it runs.")
    points: list[MonitoringPoint]
    landed: list[LandedFrom] = strawberry.field(description="新增负担。 By kind and sender.")
    reports: int
    reports_before: int
    opened_before: int = strawberry.field(description="上月新出现的问题数。 How many the month before opened.")

    @strawberry.field(description="本月新出现的问题。 Findings that hold now and did not on the last day before.")
    async def opened(self) -> list[t.Finding]:
        return [t.finding_of(row, self.moment) for row in self.changes[1].opened]

    @strawberry.field(description="上月新出现的问题。 Findings that the month before opened, as on its last day.")
    async def opened_the_month_before(self) -> list[t.Finding]:
        moment = AsOf(self.row.month.before.last, self.moment.known_at)
        return [t.finding_of(row, moment) for row in self.changes[0].opened]

    @strawberry.field(
        description="本月在身的负担。 Burdens on the points in the month; those with `at` in it began in it."
    )
    async def burdens(self) -> list[t.Delegation]:
        return [t.delegation_of(row, self.moment) for row in self.row.burdens]

    @strawberry.field(description="上月新增的负担。 Burdens that began on the points in the month before.")
    async def begun_before(self) -> list[t.Delegation]:
        return [t.delegation_of(row, self.moment) for row in self.row.begun_before]

    @strawberry.field(description="本月消除的问题。 Findings that held on the last day before and do not now.")
    async def closed(self) -> list[t.Finding]:
        return [t.finding_of(row, self.moment) for row in self.changes[1].closed]


def report_of(row: reports.Report, moment: AsOf) -> Report:
    """A report of the schema."""
    names = ("report", "text", "about", "on", "state", "outcome", "answer", "answered_on", "days", "position")
    kind = None if row.kind is None else MatterKind(row.kind)
    return Report(row=row, moment=moment, kind=kind, **t.columns(row, *names))


async def wanted_reports(
    info: Info[Any, Any], within: str, since: date | None, until: date | None, state: str | None = None
) -> reports.Wanted:
    """What the arguments say, of the viewer's territory."""
    if state not in (None, "open", "answered"):
        raise bad_value("state", "state 须为 open 或 answered。", "state must be open or answered.")
    if since is not None and until is not None and until < since:
        zh, en = f"until 不得早于 since：{until} < {since}。", f"until must not be before since: {until} < {since}."
        raise bad_value("until", zh, en)
    return reports.Wanted(within, since, until, state, await seen(info))


@strawberry.type
class ReportQuestions:
    @strawberry.field(
        description="一件基层反映。 A report by its number; null where there is none on the day. For those in whose "
        "territory it was made, or lies the sender or the recipient of what it is about."
    )
    async def report(
        self, info: Info, report: ID, as_of: date | None = None, known: Known | None = None
    ) -> Report | None:
        pool, moment = context_of(info).pool, await context_of(info).moment(as_of, known)
        recorded = await reports.made_by(pool, moment, report)
        # What there is not is looked for as what may not be seen, in no unit: else the time would tell.
        unit = await t.load_unit(info, moment, recorded or "")
        within = "" if unit is None else unit.code
        rows = await reports.reports(pool, moment, reports.Wanted(within, report=report), None, 1)
        return next((report_of(row, moment) for row in rows), None)

    @strawberry.field(
        description="基层反映。 Reports made by units of a territory, from one day up to and including another; open "
        "or answered; the latest first."
    )
    async def reports(
        self,
        info: Info,
        within: ID,
        state: str | None = None,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Report]:
        pool, moment = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, index = page_size(first), read_day_cursor(after)
        wanted = await wanted_reports(info, await resolve_within(info, within, moment), since, until, state)
        nodes = [report_of(row, moment) for row in await reports.reports(pool, moment, wanted, index, size + 1)]
        return connection(
            nodes,
            lambda report: f"{report.on} {report.position}",
            size,
            after,
            lambda: reports.count(pool, moment, wanted),
        )

    @strawberry.field(
        description="反映统计。 Reports counted: by the unit that made them, or by the sender of what they are about "
        "(by: unit, sender); without `by` all together."
    )
    async def report_statistics(
        self,
        info: Info,
        within: ID,
        by: str | None = None,
        since: date | None = None,
        until: date | None = None,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> list[ReportStatistics]:
        if by not in (None, "unit", "sender"):
            raise bad_value("by", "by 须为 unit 或 sender。", "by must be unit or sender.")
        moment = await context_of(info).moment(as_of, known)
        wanted = await wanted_reports(info, await resolve_within(info, within, moment), since, until)
        rows = await reports.statistics(context_of(info).pool, moment, wanted, by=by)
        names = ("reports", "open", "answered", "upheld", "rejected", "resolved", "days")
        return [ReportStatistics(row=row, moment=moment, **t.columns(row, *names)) for row in rows]

    @strawberry.field(
        description="监测点月报。 What landed on monitoring points in a month (YYYY-MM; this month) and what they "
        "reported, beside the month before: of one point, or of all within a territory."
    )
    async def monitoring(
        self, info: Info, within: ID | None = None, month: str | None = None, known: Known | None = None
    ) -> Monitoring:
        of_month = month_argument(month)
        pool, moment = context_of(info).pool, await context_of(info).moment(of_month.so_far, known)
        if within is not None:
            within = ID(await resolve_unit(pool, within, moment))
        root, own = await narrowed(info, within), await territory(info)
        codes = [code for code in await monitoring.points(pool, moment, root) if own.has(code)]
        result = await monitoring.summary(pool, moment, codes, of_month)
        days = (of_month.before.before.last, of_month.before.last, moment.valid_at)
        changes = await context_of(info).run_in_thread(changes_between, moment.known_at, codes, days)
        borne = [[finding.unit for finding in change.opened] for change in changes]
        names = ("landed", "landed_before", "burdens", "reports", "reports_before")
        return Monitoring(
            changes=changes,
            row=result,
            moment=moment,
            month=str(of_month),
            until=moment.valid_at,
            points=[
                MonitoringPoint(
                    row=row,
                    moment=moment,
                    opened=borne[1].count(row.unit),
                    opened_before=borne[0].count(row.unit),
                    **t.columns(row, *names),
                )
                for row in result.points
            ],
            landed=[
                LandedFrom(row=row, moment=moment, kind=MatterKind(row.kind), burdens=row.burdens, before=row.before)
                for row in result.landed
            ],
            reports=sum(row.reports for row in result.points),
            reports_before=sum(row.reports_before for row in result.points),
            opened_before=len(changes[0].opened),
        )
