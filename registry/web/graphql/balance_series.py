"""权责平衡 over time as parallel arrays: what a chart of many days and units needs, in a tenth of the objects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Annotated

import strawberry
from strawberry.types import Info

from registry.checker import balance as counts
from registry.domain import words
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.balance import BalanceStep, balances_over_time
from registry.web.graphql.scalars import Known, Level
from registry.web.graphql.types import ID


@strawberry.enum(description="权责平衡的一个数字。 One figure, as BalanceFigures describes it.")
class BalanceFigure(Enum):
    UNITS = "units"
    DUTIES = "duties"
    LED = "led"
    WITH_POWER = "with_power"
    WITHOUT_POWER = "without_power"
    NO_POWER_NEEDED = "no_power_needed"
    POWERS = "powers"
    ASSIGNED = "assigned"
    FUNDED = "funded"
    UNFUNDED = "unfunded"
    WITHOUT_NEEDS = "without_needs"
    VIOLATIONS = "violations"
    DUTY_VIOLATIONS = "duty_violations"
    VIOLATIONS_PER_100_DUTIES = "violations_per_100_duties"


@strawberry.type(
    description="一个下级单位的数列。 A unit right below with all below it, or the territory's unit alone."
)
class BranchSeries:
    code: strawberry.Private[str]
    last: strawberry.Private[AsOf]
    figures: strawberry.Private[Sequence[counts.Figures | None]]

    @strawberry.field(description="单位，按它最后存在的那天。 As it was on the last of the days on which it was there.")
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.last, self.code)

    @strawberry.field(description="逐日的数字。 On each of the days; null where it was not there, or has no rate.")
    def values(self, figure: BalanceFigure) -> list[float | None]:
        return [None if each is None else getattr(each, figure.value) for each in self.figures]


@strawberry.type(description="一个层级的数列。 The units of a level, each alone, added up.")
class LevelSeries:
    level: Level
    figures: strawberry.Private[Sequence[counts.Figures | None]]

    @strawberry.field(description="逐日的数字。 On each of the days; null where the level had no unit, or has no rate.")
    def values(self, figure: BalanceFigure) -> list[float | None]:
        return [None if each is None else getattr(each, figure.value) for each in self.figures]


@strawberry.type(description="权责平衡数列。 The balance on several days, as arrays in their order.")
class BalanceSeries:
    rows: strawberry.Private[Sequence[counts.Balance]]
    days: list[date] = strawberry.field(description="日期。 The days, in order.")

    @strawberry.field(description="合计。 Of the whole territory on each of the days; null where there is no rate.")
    def total(self, figure: BalanceFigure) -> list[float | None]:
        return [getattr(row.total(), figure.value) for row in self.rows]

    @strawberry.field(
        description="分层级。 Each level that had a unit in the territory on any of the days, from the top."
    )
    def levels(self) -> list[LevelSeries]:
        by_day = [row.by_level() for row in self.rows]
        return [
            LevelSeries(level=Level(level), figures=[on.get(level) for on in by_day])
            for level in words.LEVELS
            if any(level in on for on in by_day)
        ]

    @strawberry.field(description="分下级。 Each unit that was right below on any of the days, and the unit alone.")
    def below(self) -> list[BranchSeries]:
        by_day = [row.by_branch() for row in self.rows]
        last = {code: AsOf(row.as_of, row.known) for row, on in zip(self.rows, by_day, strict=True) for code in on}
        return [
            BranchSeries(code=code, last=last[code], figures=[on.get(code) for on in by_day]) for code in sorted(last)
        ]


@strawberry.type
class BalanceSeriesQuestions:
    @strawberry.field(
        description="权责平衡的变化，按数列。 As balanceOverTime, as arrays: of many days and units far shorter."
    )
    async def balance_series(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        step: BalanceStep = BalanceStep.MONTH,
        known: Known | None = None,
    ) -> BalanceSeries:
        rows = await balances_over_time(info, within, from_, to, step, known)
        return BalanceSeries(rows=rows, days=[row.as_of for row in rows])
