"""Assessments from below, beside what was sent down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import strawberry
from strawberry.types import Info

from registry.domain.periods import Period, read_period
from registry.impact.assessed_work import summed_up
from registry.queries.units import assessments as from_below
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.scalars import Known, MatterKind
from registry.web.graphql.seeing import need_own, resolve_within, territory
from registry.web.problems import bad_value

ID = strawberry.ID


@strawberry.type(description="一次评议。 How one unit below assessed the unit.")
class Assessment:
    row: strawberry.Private[from_below.Assessment]
    moment: strawberry.Private[AsOf]
    assessment: ID
    score: int
    text: str | None
    on: date

    @strawberry.field(description="评议单位。 Who assessed it, read as its successor.")
    async def by(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.by)

    @strawberry.field(description="被评议的单位。 Who is assessed, read as its successor.")
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @classmethod
    def of(cls, row: from_below.Assessment, moment: AsOf) -> Assessment:
        """What is answered of an assessment."""
        return cls(row=row, moment=moment, **t.columns(row, "assessment", "score", "text", "on"))


@strawberry.type(description="交办的一项。 A duty or burden that the unit sent below in the period.")
class SentWork:
    row: strawberry.Private[from_below.SentWork]
    moment: strawberry.Private[AsOf]
    ref: ID
    kind: MatterKind
    without_power: bool = strawberry.field(description="缺权力。 A duty that lacks powers then.")
    findings: int = strawberry.field(description="问题数。 What is found of it then, unless waived.")
    overdue: int = strawberry.field(description="逾期未整改数。 Overdue orders to put such findings right.")

    @strawberry.field(name="to", description="承接单位。 To whom, read as its successor.")
    async def recipient(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.sent.recipient)

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.sent.matter)

    @classmethod
    def of(cls, row: from_below.SentWork, moment: AsOf) -> SentWork:
        """What is answered of a duty or burden that was sent."""
        about = t.columns(row.about, "without_power", "findings", "overdue")
        return cls(row=row, moment=moment, ref=ID(row.sent.ref), kind=MatterKind(row.sent.kind), **about)


@strawberry.type(description="有评议的时段。 A period for which there are assessments.")
class AssessmentPeriod:
    period: str
    assessed: int = strawberry.field(description="对这里的单位的评议数。 Of units of the territory, from below.")
    made: int = strawberry.field(description="这里的单位作出的评议数。 By units of the territory, of whomever.")


@strawberry.type(
    description="基层评议汇总。 One unit in one period: how those below assessed it, beside the duties and burdens "
    "that it sent them in that time."
)
class AssessmentSummary:
    row: strawberry.Private[from_below.Summary]
    moment: strawberry.Private[AsOf]
    period: str
    assessed_by: int = strawberry.field(description="评议的单位数。 Units below that assessed it in this very period.")
    asked_of: int = strawberry.field(
        description="应评的单位数。 Units below to which it sent a duty or burden that began in the period."
    )
    mean: float | None = strawberry.field(description="平均分。 Of the scores, the latest of each unit.")
    spread: float | None = strawberry.field(description="标准差。 The population standard deviation of the scores.")
    duties_sent: int = strawberry.field(description="交办的职责数。 Duties that it sent below in the period.")
    without_power: int = strawberry.field(
        description="缺权力的职责数。 Those of the duties that lack powers on the period's last day so far."
    )
    burdens_sent: int = strawberry.field(description="加上的负担数。 Burdens that it sent below in the period.")
    findings: int = strawberry.field(
        description="问题数。 What is found of all that on the period's last day so far, unless waived."
    )
    overdue: int = strawberry.field(
        description="逾期未整改数。 Orders to put such findings right that are overdue then."
    )

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field(description="派了活而未评议的单位。 Who was sent something and did not assess.")
    async def silent(self, info: Info) -> list[t.Unit]:
        return [await t.need_unit(info, self.moment, code) for code in self.row.silent]

    @strawberry.field(description="交办的各项。 The duties and burdens that the numbers above count, one by one.")
    async def sent(self) -> list[SentWork]:
        return [SentWork.of(row, self.moment) for row in self.row.sent]

    @strawberry.field(description="各次评议。 The latest of each unit that assessed it.")
    async def assessments(self) -> list[Assessment]:
        return [Assessment.of(row, self.moment) for row in self.row.assessments]


def _read(period: str) -> Period:
    """The period that an argument names. Raises: bad-value."""
    read = read_period(period)
    if read is None:
        raise bad_value(
            "period",
            f"period 须写成 2026、2026-H1、2026-Q3 或 2026-09：{period}。",
            f"period is written 2026, 2026-H1, 2026-Q3 or 2026-09: {period}.",
        )
    return read


@strawberry.type
class AssessmentQuestions:
    @strawberry.field(
        description="基层评议。 How those below assessed a unit in a period (2026, 2026-H1, 2026-Q3, 2026-09), or each "
        "unit of a territory that was assessed or sent something down; give one of the two."
    )
    async def assessments(
        self,
        info: Info,
        period: str,
        unit: ID | None = None,
        within: ID | None = None,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> list[AssessmentSummary]:
        read = _read(period)
        if (unit is None) == (within is None):
            raise bad_value("unit", "请给出 unit 或 within 之一。", "Give one of unit and within.")
        context = context_of(info)
        pool, moment = context.pool, await context.moment(as_of, known)
        if unit is not None:
            unit = ID(await resolve_unit(pool, unit, moment))
            await need_own(info, unit)
            gathered = await from_below.assessed(pool, moment, read, unit=unit)
        else:
            within = ID(await resolve_within(info, within or "", moment))
            gathered = await from_below.assessed(pool, moment, read, within=within)
        own = await territory(info)
        gathered = replace(gathered, units=[code for code in gathered.units if own.has(code)])
        rows = await context.run_in_thread(summed_up, moment.known_at, gathered)
        names = ("period", "assessed_by", "asked_of", "mean", "spread", "duties_sent", "without_power", "burdens_sent")
        return [
            AssessmentSummary(row=row, moment=moment, **t.columns(row, *names, "findings", "overdue")) for row in rows
        ]

    @strawberry.field(
        description="作出的评议。 The assessments that units of a territory made for a period, of whomever; of each "
        "unit that one assessed, its latest."
    )
    async def assessments_made(
        self, info: Info, period: str, within: ID, as_of: date | None = None, known: Known | None = None
    ) -> list[Assessment]:
        read = _read(period)
        context = context_of(info)
        moment = await context.moment(as_of, known)
        within = ID(await resolve_within(info, within, moment))
        own = await territory(info)
        rows = await from_below.made_within(context.pool, moment, read, within)
        return [Assessment.of(row, moment) for row in rows if own.has(row.by)]

    @strawberry.field(
        description="有评议的时段。 The periods for which units of a territory were assessed from below, or assessed "
        "others: how many times."
    )
    async def assessment_periods(
        self, info: Info, within: ID, as_of: date | None = None, known: Known | None = None
    ) -> list[AssessmentPeriod]:
        context = context_of(info)
        moment = await context.moment(as_of, known)
        within = ID(await resolve_within(info, within, moment))
        rows = await from_below.periods(context.pool, moment, within)
        return [AssessmentPeriod(**t.columns(row, "period", "assessed", "made")) for row in rows]
