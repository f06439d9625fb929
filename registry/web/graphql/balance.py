"""权责平衡 over GraphQL and as CSV."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from registry.checker import balance as counts
from registry.checker.duty_matrix import DutyMatrix as Duties
from registry.checker.duty_matrix import Row as DutyRow
from registry.domain import words
from registry.queries.holdings import balance as balances
from registry.relations.two_times import LAST, AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Known, Level
from registry.web.graphql.seeing import resolve_within, territory
from registry.web.graphql.types import ID
from registry.web.problems import problem


@strawberry.enum(description="步长。 Of a series: the ends of months, quarters or years.")
class BalanceStep(Enum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@strawberry.type(description="权责平衡数字。 What a unit, or several together, must do and was given to do it with.")
class BalanceFigures:
    units: int = strawberry.field(description="单位数。 Of how many units.")
    duties: int = strawberry.field(description="承担职责。 Duties held in any role, each once for a unit.")
    led: int = strawberry.field(description="牵头职责。 Of these as lead, by law, list or delegation.")
    with_power: int = strawberry.field(
        description="其中有权。 Every required power is effectively held by the unit or a department of its own."
    )
    without_power: int = strawberry.field(description="其中无权。 Some required power is not.")
    no_power_needed: int = strawberry.field(description="有权中无需权力。 Of those with power: none is required.")
    powers: int = strawberry.field(description="有效权力。 Powers effectively held.")
    assigned: int = strawberry.field(description="下达职责。 Holdings of duties by delegation or list, in any role.")
    funded: int = strawberry.field(description="保障到位。 Of these: all that the duty needs came with it.")
    unfunded: int = strawberry.field(description="保障不足。 Of these: it did not, or a village was given no funds.")
    without_needs: int = strawberry.field(description="无需保障。 Of these: the duty needs neither staff nor funds.")
    violations: int = strawberry.field(description="违规问题。 Findings of severity V that are not waived.")
    duty_violations: int = strawberry.field(description="职责违规。 Of these the ones about duties.")
    violations_per_100_duties: float | None = strawberry.field(
        description="每百项职责违规。 dutyViolations for each 100 of duties; null where there is no duty."
    )


@strawberry.type(description="一个层级的合计。 The sum over the units of a level.")
class LevelBalance:
    level: Level
    figures: BalanceFigures


@strawberry.type(description="一个单位的权责平衡。 One unit's figures.")
class UnitBalance:
    row: strawberry.Private[counts.Row]
    moment: strawberry.Private[AsOf]
    figures: BalanceFigures

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)


@strawberry.type(description="权责平衡。 A territory's duties, powers, means and violations as of a day.")
class Balance:
    row: strawberry.Private[counts.Balance]
    as_of: date = strawberry.field(description="所据日期。 The day as of which it is counted.")

    @strawberry.field(description="合计。 Of the whole territory.")
    def total(self) -> BalanceFigures:
        return figures_of(self.row.total())

    @strawberry.field(
        description="分下级。 Of each unit right below with all below it, and of the territory's unit alone; by code."
    )
    def below(self) -> list[UnitBalance]:
        moment, names = AsOf(self.row.as_of, self.row.known), dict(zip(self.row.units, self.row.names, strict=True))
        word = dict(zip(self.row.units, (words.LEVELS[int(level)] for level in self.row.level), strict=True))
        return [
            UnitBalance(
                row=counts.Row(code, names.get(code, ""), word.get(code, ""), of), moment=moment, figures=figures_of(of)
            )
            for code, of in self.row.by_branch().items()
        ]

    @strawberry.field(description="分层级。 Of each level that the territory has units of, from the top.")
    def levels(self) -> list[LevelBalance]:
        sums = self.row.by_level()
        return [LevelBalance(level=Level(level), figures=figures_of(of)) for level, of in sums.items()]

    @strawberry.field(description="分单位。 Of each unit, by code.")
    def units(
        self, level: Level | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[UnitBalance]:
        size, key = page_size(first), read_cursor(after)
        indexes = list(range(len(self.row.units)))
        if level is not None:
            names = [words.LEVELS[int(index)] for index in self.row.level]
            indexes = [index for index in indexes if names[index] == level.value]
        begin = 0 if key is None else bisect_right(indexes, key, key=self.row.units.__getitem__)
        moment = AsOf(self.row.as_of, self.row.known)
        rows = [self.row.row(index) for index in indexes[begin : begin + size + 1]]
        nodes = [UnitBalance(row=row, moment=moment, figures=figures_of(row.figures)) for row in rows]
        return connection(nodes, lambda node: node.row.unit, size, after, lambda: len(indexes))


@strawberry.enum(description="一个单位对一项职责。 What a unit is to a duty.")
class DutyCell(Enum):
    NONE = strawberry.enum_value("none", description="不承担。 It does not hold it.")
    ASSISTS = strawberry.enum_value("assists", description="配合。 It assists, or shares in it.")
    LEADS = strawberry.enum_value("leads", description="牵头有权。 It leads, with every power that the duty requires.")
    POWERLESS = strawberry.enum_value("powerless", description="牵头无权。 It leads, and lacks such a power.")


@strawberry.type(description="职责矩阵的一行。 A duty, and what each unit of the matrix is to it, in their order.")
class DutyMatrixRow:
    row: strawberry.Private[DutyRow]
    moment: strawberry.Private[AsOf]

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field
    def cells(self) -> list[DutyCell]:
        return [DutyCell(cell) for cell in self.row.cells]


@strawberry.type(description="职责矩阵。 Who of a unit and those right below it holds which duty itself.")
class DutyMatrix:
    row: strawberry.Private[Duties]
    moment: strawberry.Private[AsOf]

    @strawberry.field(description="单位。 The unit asked about, then those right below it, by code.")
    async def units(self, info: Info) -> list[t.Unit]:
        return list(await asyncio.gather(*(t.need_unit(info, self.moment, code) for code in self.row.units)))

    @strawberry.field(description="职责。 Every duty that any of them holds, by code.")
    def rows(self, first: int | None = None, after: str | None = None) -> Connection[DutyMatrixRow]:
        size, key = page_size(first), read_cursor(after)
        begin = 0 if key is None else bisect_right(self.row.rows, key, key=lambda each: each.matter)
        nodes = [DutyMatrixRow(row=row, moment=self.moment) for row in self.row.rows[begin : begin + size + 1]]
        return connection(nodes, lambda node: node.row.matter, size, after, lambda: len(self.row.rows))


def figures_of(row: counts.Figures) -> BalanceFigures:
    """The figures of the schema."""
    rate = row.violations_per_100_duties
    return BalanceFigures(violations_per_100_duties=rate, **t.columns(row, *counts.COLUMNS))


@strawberry.type
class BalanceQuestions:
    @strawberry.field(
        description="权责平衡。 What the units of a territory must do, with which powers and means, and what is wrong."
    )
    async def balance(self, info: Info, within: ID, as_of: date | None = None, known: Known | None = None) -> Balance:
        when = await context_of(info).moment(as_of, known)
        within = ID(await resolve_within(info, within, when, ever=True))
        context, day = context_of(info), when.valid_at
        (row,) = await context.run_in_thread(context.resources.checked.balanced, when.known_at, within, [day])
        return Balance(row=row.only((await territory(info)).codes), as_of=when.valid_at)

    @strawberry.field(
        description="职责矩阵。 Which duties a unit and those right below it lead, with or without power, or assist in."
    )
    async def duty_matrix(
        self, info: Info, within: ID, as_of: date | None = None, known: Known | None = None
    ) -> DutyMatrix:
        when = await context_of(info).moment(as_of, known)
        within = ID(await resolve_within(info, within, when, ever=True))
        context = context_of(info)
        row = await context.run_in_thread(context.resources.checked.duty_matrix, when, within)
        return DutyMatrix(row=row.only((await territory(info)).codes), moment=when)

    @strawberry.field(
        description="权责平衡的变化。 The balance at the end of each month, quarter or year between two days, and on "
        "the last of these."
    )
    async def balance_over_time(
        self,
        info: Info,
        within: ID,
        from_: Annotated[date, strawberry.argument(name="from")],
        to: date,
        step: BalanceStep = BalanceStep.MONTH,
        known: Known | None = None,
    ) -> list[Balance]:
        rows = await balances_over_time(info, within, from_, to, step, known)
        return [Balance(row=row, as_of=row.as_of) for row in rows]


async def balances_over_time(
    info: Info[Any, Any], within: str, since: date, until: date, step: BalanceStep, known: Known | None
) -> list[counts.Balance]:
    """The balance at the end of each step between two days, and on the last of these, of what the viewer sees."""
    when = await context_of(info).moment(until, known)
    within = await resolve_within(info, within, when, ever=True)
    try:
        wanted = balances.days(since, min(until, LAST), step.value)
    except balances.TooManyDays as refused:
        raise problem(refused.code, refused.zh, refused.en) from None
    context, units = context_of(info), (await territory(info)).codes
    rows = await context.run_in_thread(context.resources.checked.balanced, when.known_at, within, wanted)
    return [row.only(units) for row in rows]
