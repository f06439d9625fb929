"""Questions about burdens: a year against plan and the year before, a month on one unit, forms that ask the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import strawberry
from strawberry.types import Info

from registry.queries.burdens import imposed, landing
from registry.queries.burdens.imposed import Imposed as ImposedRow
from registry.queries.burdens.imposed import Planned as PlannedRow
from registry.queries.burdens.imposed import Tally as TallyRow
from registry.queries.burdens.imposed import Year as YearRow
from registry.queries.burdens.landing import Month
from registry.queries.matters import same_fields
from registry.queries.units.resolve import resolve_unit, resolve_unit_ever
from registry.relations.two_times import LAST, AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor, read_position
from registry.web.graphql.scalars import Known, MatterKind
from registry.web.graphql.seeing import need_own, resolve_within, territory
from registry.web.problems import bad_value

ID = strawberry.ID


@strawberry.type(
    description="某一种类的负担统计。 The burdens of one kind on a unit, or on a territory, in a year up to a day. "
    "Forms, inspections, meetings, documents: begun in the year; mechanisms and workgroups: in force on the day."
)
class BurdenTally:
    kind: MatterKind
    imposed: int = strawberry.field(description="已布置。 planned + unplanned.")
    planned: int = strawberry.field(description="计划内。 Those that match an item of a positive list.")
    unplanned: int = strawberry.field(description="计划外。 Those that match none.")
    admitted: int = strawberry.field(description="经准入。 Of the unplanned, those under an admitted proposal.")
    listed: bool = strawberry.field(description="有无清单。 Whether any positive list of the kind reaches it.")
    quota: int | None = strawberry.field(description="限额。 The least that reaches the unit; null of a territory.")
    excess: int = strawberry.field(description="超出限额。 How many are beyond the quota.")
    year_before: int = strawberry.field(description="上年全年。 All of last year.")
    by_then: int = strawberry.field(description="上年同期。 Last year up to the same day.")
    change: float | None = strawberry.field(description="比上年全年增减（%）。 Against all of last year, in percent.")
    halved: bool | None = strawberry.field(description="是否减半。 At most half of last year, as the reform asked.")


@strawberry.type(description="已布置的负担。 A burden counted in the year.")
class ImposedBurden:
    delegation: t.Delegation
    planned_by: list[ID] = strawberry.field(description="符合的计划事项。 Items (LIST#ITEM) that it matches.")
    admitted: bool = strawberry.field(description="经准入。 It names an admitted proposal for this matter and unit.")
    beyond: bool = strawberry.field(description="超出限额。 It is beyond the quota of its kind.")


@strawberry.type(description="计划事项。 An item of a positive list of burdens that reaches the unit.")
class PlannedItem:
    row: strawberry.Private[PlannedRow]
    moment: strawberry.Private[AsOf]
    subject: ID = strawberry.field(description="LIST#ITEM")
    title: str = strawberry.field(description="清单名称。 Of the list.")
    kind: MatterKind
    quota: int | None
    name: str
    refs: list[ID] = strawberry.field(description="已布置的。 The burdens of the year that it covers.")

    @strawberry.field(description="依据文件。 The document of the list.")
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self.row.instrument)


@strawberry.type(
    description="一个单位的年度负担。 A unit's year up to a day: what is imposed against what was planned."
)
class BurdenYear:
    row: strawberry.Private[YearRow]
    moment: strawberry.Private[AsOf]
    year: int
    until: date = strawberry.field(description="截至。 Up to and including this day.")
    tallies: list[BurdenTally] = strawberry.field(description="分种类统计。 By kind.")

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.unit)

    @strawberry.field(description="已布置的。 Every burden counted, by kind, day and position.")
    async def imposed(
        self, kind: MatterKind | None = None, planned: bool | None = None, beyond: bool | None = None
    ) -> list[ImposedBurden]:
        t.need_burden(kind)
        rows = _chosen(self.row.imposed, kind, planned)
        return [imposed_of(each, self.moment) for each in rows if beyond in (None, each.beyond)]

    @strawberry.field(description="计划。 Every item of the lists of burdens that reach the unit, by kind and list.")
    async def planned(self, kind: MatterKind | None = None) -> list[PlannedItem]:
        t.need_burden(kind)
        return [
            PlannedItem(
                row=each,
                moment=self.moment,
                subject=ID(f"{each.list}#{each.item}"),
                kind=MatterKind(each.kind),
                refs=t.ids(each.refs),
                **t.columns(each, "title", "quota", "name"),
            )
            for each in self.row.planned
            if kind in (None, MatterKind(each.kind))
        ]


@strawberry.type(description="辖区内一个单位的统计。 The tallies of one unit of a territory.")
class UnitTallies:
    code: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    tallies: list[BurdenTally]

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.code)


@strawberry.type(description="一个地域的年度负担。 The year of a territory up to a day: its units' burdens added up.")
class BurdenTotals:
    rows: strawberry.Private[dict[str, list[TallyRow]]]
    moment: strawberry.Private[AsOf]
    year: int
    until: date
    tallies: list[BurdenTally] = strawberry.field(description="合计。 All units together, by kind.")

    @strawberry.field(description="各单位。 The units on which burdens were ever laid, by code.")
    async def units(self, first: int | None = None, after: str | None = None) -> Connection[UnitTallies]:
        size, key = page_size(first), read_cursor(after)
        codes = [code for code in self.rows if key is None or code > key][: size + 1]
        nodes = [UnitTallies(code=code, moment=self.moment, tallies=tallied(self.rows[code])) for code in codes]
        return connection(nodes, lambda unit: unit.code, size, after, lambda: len(self.rows))

    @strawberry.field(
        description="逐项列出已布置的。 Every burden counted, by position; planned: only those that match an item of a "
        "positive list, or only those that match none."
    )
    async def imposed(
        self,
        info: Info,
        kind: MatterKind | None = None,
        planned: bool | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[ImposedBurden]:
        t.need_burden(kind)
        size, position = page_size(first), read_position(after)
        every = await imposed.of_units(context_of(info).pool, self.moment, list(self.rows))
        rows = _chosen(every, kind, planned)
        rows.sort(key=lambda row: row.delegation.position)
        page = [row for row in rows if row.delegation.position > position][: size + 1]
        nodes = [imposed_of(row, self.moment) for row in page]
        return connection(nodes, lambda node: node.delegation.position, size, after, lambda: len(rows))


@strawberry.type(description="当月负担。 A duty or burden that is on the unit in the month.")
class Landed:
    delegation: t.Delegation
    due: bool = strawberry.field(description="本月到期。 It is due in the month.")
    begins: bool = strawberry.field(description="本月新增。 It begins in the month.")
    continues: bool = strawberry.field(description="此前延续。 It began before.")
    ends: bool = strawberry.field(description="本月结束。 It ends in the month.")


@strawberry.type(description="一个单位的一个月。 What lands on a unit in a month: what is due first, then what is new.")
class Landing:
    code: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    month: str
    burdens: list[Landed] = strawberry.field(
        description="负担。 Forms, inspections, meetings, documents, mechanisms, workgroups."
    )
    duties: list[Landed] = strawberry.field(description="交办职责。 Duties delegated.")

    @strawberry.field(description="单位。 As on the last day of the month.")
    async def unit(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.code)


@strawberry.type(description="表格。 A form in force, what it asks for, and by which delegations it is imposed.")
class AskedForm:
    row: strawberry.Private[same_fields.Form]
    moment: strawberry.Private[AsOf]
    asks: list[str]
    delegations: list[t.Delegation]

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter:
        return await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field(description="多头布置的单位。 Units on which several units impose this very form.")
    async def doubled(self, info: Info) -> list[t.Unit]:
        return [await t.need_unit(info, self.moment, code) for code in self.row.doubled]


@strawberry.type(description="内容相同的两张表。 Two forms that ask for the same, the one that asks for less first.")
class FormPair:
    row: strawberry.Private[same_fields.Pair]
    moment: strawberry.Private[AsOf]
    one: ID
    other: ID
    relation: str = strawberry.field(
        description="identical 相同、contained 被包含（one 的内容 other 都有）、overlapping 大部分重合。"
    )
    common: list[str] = strawberry.field(description="共有内容。 The fields that both ask for.")
    share: int = strawberry.field(description="重合度（%）。 Common fields of all that either asks for.")

    @strawberry.field(description="两张都要填的单位。 Units that must fill in both.")
    async def units(self, info: Info) -> list[t.Unit]:
        return [await t.need_unit(info, self.moment, code) for code in self.row.units]


@strawberry.type(description="可以合并的表格。 Forms that ask for the same (一表通).")
class FormGroup:
    forms: list[AskedForm]
    pairs: list[FormPair] = strawberry.field(description="两两比较。 Each two that ask for the same, most alike first.")


def _chosen(rows: Sequence[ImposedRow], kind: MatterKind | None, planned: bool | None) -> list[ImposedRow]:
    """Those of a kind, and planned or not; None: any."""
    return [
        row
        for row in rows
        if kind in (None, MatterKind(row.delegation.kind)) and planned in (None, bool(row.planned_by))
    ]


def imposed_of(row: ImposedRow, moment: AsOf) -> ImposedBurden:
    """A burden counted, of the schema."""
    return ImposedBurden(
        delegation=t.delegation_of(row.delegation, moment),
        planned_by=t.ids(row.planned_by),
        admitted=row.admitted,
        beyond=row.beyond,
    )


def tallied(rows: Sequence[TallyRow]) -> list[BurdenTally]:
    """Tallies of the schema."""
    names = ("imposed", "planned", "unplanned", "admitted", "listed", "quota", "excess", "year_before", "by_then")
    return [BurdenTally(kind=MatterKind(row.kind), **t.columns(row, *names, "change", "halved")) for row in rows]


def landed_of(row: landing.Landing, moment: AsOf) -> Landed:
    """What lands, of the schema."""
    return Landed(
        delegation=t.delegation_of(row.delegation, moment), **t.columns(row, "due", "begins", "continues", "ends")
    )


def month_argument(text: str | None) -> Month:
    """The month that an argument says."""
    month = landing.read_month(text)
    if month is None:
        raise bad_value("month", f"月份须写成 YYYY-MM：{text!r}。", f"A month is written YYYY-MM: {text!r}.")
    return month


async def year_argument(info: Info[Any, Any], year: int | None, as_of: date | None, known: Known | None) -> AsOf:
    """The moment up to which a year is counted."""
    if year is not None and not 2 <= year <= 9998:
        raise bad_value("year", f"没有这样的年份：{year}。", f"There is no such year: {year}.")
    until = imposed.last_day(year, as_of)
    if until is None or not 2 <= until.year <= 9998:
        raise bad_value("asOf", f"asOf 须在 {year} 年之内。", f"asOf must be a day of the year {year}.")
    return await context_of(info).moment(until, known)


@strawberry.type
class BurdenQuestions:
    @strawberry.field(
        description="一个单位的年度负担，与计划、限额和上年比较。 A unit's burdens of a year against plan, quota and "
        "the year before; null when it is not there on the day. Up to asOf; else to today, or all of a year gone by."
    )
    async def burden_year(
        self, info: Info, unit: ID, year: int | None = None, as_of: date | None = None, known: Known | None = None
    ) -> BurdenYear | None:
        moment = await year_argument(info, year, as_of, known)
        unit = ID(await resolve_unit_ever(context_of(info).pool, unit, moment))
        await need_own(info, unit)
        if await t.load_unit(info, moment, unit) is None:
            return None
        row = await imposed.year(context_of(info).pool, moment, unit)
        return BurdenYear(row=row, moment=moment, year=row.until.year, until=row.until, tallies=tallied(row.tallies))

    @strawberry.field(
        description="一个地域的年度负担合计，与上年比较。 The burdens of a territory's units in a year, added up by "
        "kind and compared with the year before."
    )
    async def burden_totals(
        self, info: Info, within: ID, year: int | None = None, as_of: date | None = None, known: Known | None = None
    ) -> BurdenTotals:
        moment, pool = await year_argument(info, year, as_of, known), context_of(info).pool
        within = ID(await resolve_within(info, within, moment))
        own = await territory(info)
        burdened = [code for code in await imposed.burdened(pool, moment, within) if own.has(code)]
        rows = await imposed.tallies(pool, moment, burdened)
        total = tallied(imposed.summed(list(rows.values())))
        return BurdenTotals(rows=rows, moment=moment, year=moment.valid_at.year, until=moment.valid_at, tallies=total)

    @strawberry.field(
        description="这个月有什么落到这个单位，谁布置的，凭什么文件。 What lands on a unit in a month (YYYY-MM; this "
        "month), from whom, by which document; null when the unit is not there on its last day."
    )
    async def landing(
        self, info: Info, unit: ID, month: str | None = None, known: Known | None = None
    ) -> Landing | None:
        of_month = month_argument(month)
        moment = AsOf(min(of_month.last, LAST), (await context_of(info).moment(None, known)).known_at)
        unit = ID(await resolve_unit_ever(context_of(info).pool, unit, moment))
        await need_own(info, unit)
        if await t.load_unit(info, moment, unit) is None:
            return None
        rows = (await landing.landing(context_of(info).pool, moment, [unit], of_month)).get(unit, [])
        duties = [landed_of(row, moment) for row in rows if row.delegation.kind == "duty"]
        burdens = [landed_of(row, moment) for row in rows if row.delegation.kind != "duty"]
        return Landing(code=unit, moment=moment, month=str(of_month), burdens=burdens, duties=duties)

    @strawberry.field(
        description="内容相同的表格。 Forms in force on a unit (below: on its territory) that ask for the same: the "
        "same fields, one's among the other's (two at least), or two in common that are half of all either asks for."
    )
    async def same_fields(
        self,
        info: Info,
        unit: ID,
        below: bool | None = False,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> list[FormGroup]:
        moment = await context_of(info).moment(as_of, known)
        unit = ID(await resolve_unit(context_of(info).pool, unit, moment))
        await need_own(info, unit)
        units = (await territory(info)).codes
        rows = await same_fields.groups(context_of(info).pool, moment, unit, below=bool(below), seen=units)
        return [group_of(row, moment) for row in rows]


def group_of(row: same_fields.Group, moment: AsOf) -> FormGroup:
    """A group of the schema."""
    forms = [
        AskedForm(
            row=form,
            moment=moment,
            asks=form.asks,
            delegations=[t.delegation_of(each, moment) for each in form.delegations],
        )
        for form in row.forms
    ]
    names = ("relation", "common", "share")
    pairs = [
        FormPair(row=pair, moment=moment, one=ID(pair.one), other=ID(pair.other), **t.columns(pair, *names))
        for pair in row.pairs
    ]
    return FormGroup(forms=forms, pairs=pairs)
